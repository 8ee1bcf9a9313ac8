"""How much of this process may wait for Keycloak? Few threads, for a bounded time; the others are told at once.

Pages have a dozen threads. A Keycloak that takes connections and says nothing would keep each that asks it for as long
as its client is patient, and strangers can have us ask. So:

    (1) `MOST` ask at a time, in threads of their own; whoever finds no place within a moment is told that it is away
    (2) nobody waits longer than `PATIENCE`, however slowly an answer drips in
    (3) once it has not answered, one asks at a time and nobody waits for a place, until it answers again
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from contextlib import contextmanager
from typing import Final, TypeVar

__all__ = ["MOST", "PATIENCE", "NotAskedError", "Outside"]

MOST: Final = 3
PATIENCE = 4.0
_FOR_A_PLACE: Final = 0.25

T = TypeVar("T")


class NotAskedError(Exception):
    """It did not answer in time, or others wait for it already."""


class Outside:
    """One server of others; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(MOST)
        self._silent = False
        self._inside = 0
        self._pool = ThreadPoolExecutor(max_workers=MOST, thread_name_prefix="viis-outside")

    def ask(self, question: Callable[[], T]) -> T:
        """Ask and return the answer, or what asking raises. Raises NotAskedError."""
        self._enter()
        try:
            asked = self._pool.submit(question)
        except RuntimeError as ended:
            self._leave()
            raise NotAskedError("the process ends") from ended
        # A thread that is still in it keeps its place, though nobody waits for its answer any more.
        asked.add_done_callback(self._left)
        try:
            answer = asked.result(PATIENCE)
        except TooLate as late:
            if not asked.done():
                self._silent = True
                raise NotAskedError("it does not answer") from late
            raise
        self._silent = False
        return answer

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place for what must not be given up on halfway. Raises NotAskedError."""
        self._enter()
        try:
            yield
        finally:
            self._leave()

    def close(self) -> None:
        """Stop asking."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _enter(self) -> None:
        with self._lock:
            if self._silent and self._inside:
                raise NotAskedError("another asks whether it answers again")
            wait = 0.0 if self._silent else _FOR_A_PLACE
            self._inside += 1
        if not self._places.acquire(timeout=wait):
            with self._lock:
                self._inside -= 1
            raise NotAskedError("others wait for it")

    def _left(self, asked: Future[T]) -> None:
        del asked
        self._leave()

    def _leave(self) -> None:
        with self._lock:
            self._inside -= 1
        self._places.release()
