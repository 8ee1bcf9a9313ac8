"""Data of the project that stands beside the repository and is not part of it: a register, a corpus, handed-in files.

Who needs it is marked `shared`; where it is missing, those tests are reported as not run.
"""

from pathlib import Path

__all__ = ["SHARED"]

SHARED = Path(__file__).parents[2] / "shared"
