"""What the real servers have in common: entering starts one and waits for its answer, leaving stops it."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

__all__ = ["Started"]


class Started(ABC):
    """A server as a context manager."""

    def __enter__(self) -> Self:
        self.start()
        try:
            self.await_ready()
        except BaseException:  # Ctrl-C while starting
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @abstractmethod
    def start(self) -> None:
        """Start the server and return at once."""

    @abstractmethod
    def await_ready(self) -> None:
        """Wait until it answers. Raises ServerFailed."""

    @abstractmethod
    def stop(self) -> None:
        """Stop it, if it runs."""
