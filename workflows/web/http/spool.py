"""How much may be in temporary files while bodies come in? All requests of one process share one allowance.

A connection is cheap to open, and an unfinished body stays until it times out: without a bound a thousand of them would
fill the disk before any quota is asked.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from starlette.exceptions import HTTPException

__all__ = ["MOST", "Spooled", "spooling"]

MOST: Final = 2 * 1024**3

_spooled = 0  # changed on the event loop alone


class Spooled:
    """What one request has in temporary files."""

    def __init__(self) -> None:
        self._bytes = 0

    def add(self, count: int) -> None:
        """Count bytes before they are written. Raises `HTTPException` 503 past the allowance."""
        global _spooled  # noqa: PLW0603 - one allowance a process
        if _spooled + count > MOST:
            raise HTTPException(503, headers={"Retry-After": "60"})
        _spooled += count
        self._bytes += count

    def release(self) -> None:
        """Take back what was counted."""
        global _spooled  # noqa: PLW0603 - one allowance a process
        _spooled -= self._bytes
        self._bytes = 0


@contextmanager
def spooling() -> Iterator[Spooled]:
    """Count the temporary files of one request; they go when the block ends."""
    spooled = Spooled()
    try:
        yield spooled
    finally:
        spooled.release()
