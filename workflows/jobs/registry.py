"""Which jobs are there, on which queue, and which retry policy has each?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Concatenate, ParamSpec

from workflows.jobs.errors import JobsError, UnknownJob
from workflows.jobs.run import Run

__all__ = ["JobDefinition", "Retry", "defined", "definitions", "job"]

P = ParamSpec("P")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How often and how soon a failed job is tried again.

    `times` None: until it succeeds. `deaths` is the number of worker crashes before the job is abandoned;
    None: as many as it has attempts.

    >>> patience = Retry(times=5, first=timedelta(seconds=10), factor=3, longest=timedelta(minutes=1))
    >>> [int(patience.wait(attempt).total_seconds()) for attempt in (1, 2, 3)]
    [10, 30, 60]
    """

    times: int | None = 10
    deaths: int | None = None
    first: timedelta = timedelta(seconds=2)
    factor: float = 2.0
    longest: timedelta = timedelta(minutes=15)

    def wait(self, attempt: int) -> timedelta:
        """Return how long to wait after the failure of attempt number `attempt` (from 1)."""
        # In seconds, the exponent bounded: 2.0 ** 2000, or two seconds 2 ** 45 times, would be an error of its own.
        seconds = self.first.total_seconds() * self.factor ** min(attempt - 1, 64)
        return timedelta(seconds=min(seconds, self.longest.total_seconds()))

    def exhausted(self, attempt: int) -> bool:
        """Whether attempt number `attempt` was the last one."""
        return self.times is not None and attempt > self.times

    def hopeless(self, attempt: int, *, deaths: int) -> bool:
        """Whether attempt number `attempt`, over which a worker died, the `deaths`-th to do so, was the last one."""
        return self.exhausted(attempt) or (self.deaths is not None and deaths >= self.deaths)


@dataclass(frozen=True, slots=True)
class JobDefinition:
    """A job as it was declared."""

    name: str
    queue: str
    retry: Retry
    every: str | None
    after_failure: str | None
    function: Callable[..., None]


_DEFINITIONS: dict[str, JobDefinition] = {}


def job(
    name: str,
    *,
    queue: str = "default",
    retry: Retry | None = None,
    every: str | None = None,
    after_failure: str | None = None,
) -> Callable[[Callable[Concatenate[Run, P], None]], Callable[Concatenate[Run, P], None]]:
    """Declare the decorated function a job.

    `name` is what stands in the queue: never rename one that may be waiting there. `every` is a cron line in UTC
    ("*/30 * * * *", a sixth field counts seconds): the job is then also queued by the clock, once whatever the number
    of workers, and takes no arguments. `after_failure` names the job that is queued with the same arguments when this
    one has failed for good, whether it raised or its workers died: it ends the case, or brings it before a person.
    """

    def declare(function: Callable[Concatenate[Run, P], None]) -> Callable[Concatenate[Run, P], None]:
        known = _DEFINITIONS.get(name)
        if known is not None and _place(known.function) != _place(function):
            raise JobsError(f"two jobs are called {name!r}: {_place(known.function)} and {_place(function)}")
        _DEFINITIONS[name] = JobDefinition(name, queue, retry or Retry(), every, after_failure, function)
        return function

    return declare


def defined(name: str) -> JobDefinition:
    """Return the job called `name`; raises UnknownJob."""
    try:
        return _DEFINITIONS[name]
    except KeyError:
        raise UnknownJob(f"no job is called {name!r}; known: {', '.join(sorted(_DEFINITIONS))}") from None


def definitions() -> Mapping[str, JobDefinition]:
    """Return every job whose module has been imported."""
    return MappingProxyType(_DEFINITIONS)


def _place(function: Callable[..., object]) -> str:
    return f"{function.__module__}.{function.__qualname__}"
