"""A bounded queue before what only a few can do at a time.

Whoever waits here waits in the event loop: threads are what is scarce, and pages need them.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import anyio

__all__ = ["NoPlaceError", "Places"]


class NoPlaceError(Exception):
    """Too many wait already, or none became free in time."""


class Places:
    """`at_a_time` may be inside; `waiting` more wait for `patience` seconds, first come, first served."""

    def __init__(self, *, at_a_time: int, waiting: int, patience: float) -> None:
        self._free = anyio.Semaphore(at_a_time, fast_acquire=True)
        self._waiting = 0
        self._most_waiting = waiting
        self._patience = patience

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Hold a place for the block. Raises NoPlaceError."""
        await self._take()
        try:
            yield
        finally:
            self._free.release()

    async def _take(self) -> None:
        with suppress(anyio.WouldBlock):
            self._free.acquire_nowait()
            return
        if self._waiting >= self._most_waiting:
            raise NoPlaceError("too many wait")
        self._waiting += 1
        try:
            with anyio.fail_after(self._patience):
                await self._free.acquire()
        except TimeoutError:
            raise NoPlaceError("none became free") from None
        finally:
            self._waiting -= 1
