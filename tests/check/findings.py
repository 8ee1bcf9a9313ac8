"""What a check finds, and how it says that it could not be made."""

from collections.abc import Callable, Iterator
from pathlib import Path

__all__ = ["ROOT", "Check", "NotRunError"]

ROOT = Path(__file__).resolve().parents[2]

# Yields sentences: what is wrong, where, and what to do. Raises NotRunError where it cannot be made.
Check = Callable[[], Iterator[str]]


class NotRunError(Exception):
    """The check could not be made here, and why."""
