"""`viis verify`: what `signing.cli` does, in the words of this service. Imports nothing of the database or the web."""

from collections.abc import Sequence

from signing.cli import main as judge_files
from signing.sentences.wording import using_wording
from workflows.wording import VIIS

__all__ = ["main"]


@using_wording(VIIS)
def main(arguments: Sequence[str] | None = None) -> int:
    """Judge the files named on the command line; returns the exit status."""
    return judge_files(arguments, program="viis verify")
