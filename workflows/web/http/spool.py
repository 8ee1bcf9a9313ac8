"""How much may lie in temporary files while it comes in? All requests of one process share one allowance.

A connection is cheap to open and an unfinished body stays until it is given up: without a bound a thousand of them
would fill the disk before anybody's quota is asked.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from starlette.exceptions import HTTPException

__all__ = ["MOST", "Spooled", "spooling"]

MOST: Final = 2 * 1024**3

_lying = 0  # changed on the event loop alone


class Spooled:
    """What one request has in temporary files."""

    def __init__(self) -> None:
        self._bytes = 0

    def more(self, count: int) -> None:
        """Count what is about to be written. Raises `HTTPException` 503 past the allowance."""
        global _lying  # noqa: PLW0603 - one allowance a process
        if _lying + count > MOST:
            raise HTTPException(503, headers={"Retry-After": "60"})
        _lying += count
        self._bytes += count

    def gone(self) -> None:
        """Give back what was counted."""
        global _lying  # noqa: PLW0603 - one allowance a process
        _lying -= self._bytes
        self._bytes = 0


@contextmanager
def spooling() -> Iterator[Spooled]:
    """Count the temporary files of one request; they go when the block ends."""
    spooled = Spooled()
    try:
        yield spooled
    finally:
        spooled.gone()
