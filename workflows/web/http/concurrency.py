"""A bounded queue before what only a few requests may do at a time.

Whoever waits here waits in the event loop: threads are what is scarce, and pages need them.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import anyio

__all__ = ["ConcurrencyLimit", "OverCapacityError"]


class OverCapacityError(Exception):
    """Too many wait already, or no slot became free in time."""


class ConcurrencyLimit:
    """`running` requests at a time; `queued` more wait for `patience` seconds, first come, first served."""

    def __init__(self, *, running: int, queued: int, patience: float) -> None:
        self._free = anyio.Semaphore(running, fast_acquire=True)
        self._queued = 0
        self._most_queued = queued
        self._patience = patience

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Hold a slot for the block. Raises OverCapacityError."""
        await self._take()
        try:
            yield
        finally:
            self._free.release()

    async def _take(self) -> None:
        with suppress(anyio.WouldBlock):
            self._free.acquire_nowait()
            return
        if self._queued >= self._most_queued:
            raise OverCapacityError("too many wait")
        self._queued += 1
        try:
            with anyio.fail_after(self._patience):
                await self._free.acquire()
        except TimeoutError:
            raise OverCapacityError("none became free") from None
        finally:
            self._queued -= 1
