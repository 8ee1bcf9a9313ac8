"""How many threads of this process may wait for Keycloak, and how long? Few, and not long; the others are told at once.

Pages have a dozen threads. A Keycloak that takes connections and says nothing would hold each that calls it for as long
as its client is patient, and strangers can have us call it. So:

    (1) `MOST_CALLS` run at a time, in threads of their own; a call without a slot fails within a moment
    (2) nobody waits longer than `PATIENCE`, however slowly an answer drips in
    (3) after a call that timed out one runs at a time, and none waits for a slot, until an answer comes
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from contextlib import contextmanager
from typing import Final, TypeVar

__all__ = ["MOST_CALLS", "PATIENCE", "Upstream", "UpstreamUnavailableError"]

MOST_CALLS: Final = 3
PATIENCE = 4.0  # seconds
_FOR_A_SLOT: Final = 0.25  # seconds

T = TypeVar("T")


class UpstreamUnavailableError(Exception):
    """It did not answer in time, or others wait for it already."""


class Upstream:
    """One server of others; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(MOST_CALLS)
        self._silent = False
        self._running = 0
        self._pool = ThreadPoolExecutor(max_workers=MOST_CALLS, thread_name_prefix="viis-upstream")

    def call(self, request: Callable[[], T]) -> T:
        """Run `request` and return its result, or raise what it raises. Raises UpstreamUnavailableError."""
        self._enter()
        try:
            running = self._pool.submit(request)
        except RuntimeError as ended:
            self._leave()
            raise UpstreamUnavailableError("the process ends") from ended
        # A thread that is still in it keeps its slot, though nobody waits for its answer any more.
        running.add_done_callback(self._done)
        try:
            answer = running.result(PATIENCE)
        except TooLate as late:
            if not running.done():
                self._silent = True
                raise UpstreamUnavailableError("it does not answer") from late
            raise
        self._silent = False
        return answer

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold a slot for what must not be abandoned halfway. Raises UpstreamUnavailableError."""
        self._enter()
        try:
            yield
        finally:
            self._leave()

    def close(self) -> None:
        """Cancel the calls that wait, and start no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _enter(self) -> None:
        with self._lock:
            if self._silent and self._running:
                raise UpstreamUnavailableError("another call finds out whether it answers again")
            wait = 0.0 if self._silent else _FOR_A_SLOT
            self._running += 1
        if not self._slots.acquire(timeout=wait):
            with self._lock:
                self._running -= 1
            raise UpstreamUnavailableError("others wait for it")

    def _done(self, call: Future[T]) -> None:
        del call
        self._leave()

    def _leave(self) -> None:
        with self._lock:
            self._running -= 1
        self._slots.release()
