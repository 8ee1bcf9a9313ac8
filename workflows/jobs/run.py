"""What does a running job see, and how is it kept from acting after it lost its turn?"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from types import TracebackType
from typing import Self, TypeVar, cast

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, sessionmaker

from workflows.jobs.errors import Superseded
from workflows.jobs.models import JobStep
from workflows.settings import Settings

__all__ = ["Run", "Tools"]

T = TypeVar("T")

_STILL_OURS = text(
    """
    SELECT 1 FROM procrastinate_jobs
     WHERE id = :job AND status = 'doing' AND worker_id = :worker AND attempts = :attempts
       FOR SHARE
    """
)


class Tools:
    """What the jobs of one worker share and what is dear to start: the judge, a door to Keycloak.

    Each tool is made on first use by a function `make(settings)` that returns a context manager, and ended with the
    worker. A test may put its own in place beforehand.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._made: dict[object, object] = {}
        self._ends = ExitStack()
        # One lock for each tool: making one may take seconds, and jobs that need another do not wait for it.
        self._making: defaultdict[object, Lock] = defaultdict(Lock)
        self._guard = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ends.close()
        self._made.clear()

    def use(self, make: Callable[[Settings], AbstractContextManager[T]]) -> T:
        """Return the worker's one tool that `make` makes."""
        with self._guard:
            making = self._making[make]
        with making:
            if make not in self._made:
                tool = make(self._settings)
                self._made[make] = self._ends.enter_context(tool)
            return cast("T", self._made[make])

    def put(self, make: Callable[[Settings], AbstractContextManager[T]], tool: T) -> None:
        """Have `tool` used wherever `make` would make one; it is not ended with the worker."""
        self._made[make] = tool


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One attempt at one job.

    `attempt` counts from 1; `last` says that no other follows when this one fails, so that a job can leave its case in
    a state a person sees. `at` is the moment the attempt began.
    """

    job_id: int
    job: str
    attempt: int
    last: bool
    at: datetime
    settings: Settings
    tools: Tools
    sessions: sessionmaker[Session]
    worker_id: int | None

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a transaction that commits only while this worker still has the job.

        Raises Superseded otherwise, and nothing of the block takes effect. The check locks the job's row until the
        commit, so whoever takes the job over either waits for our effect or made us fail. It comes last: a lock held
        through the block would let a stopped process keep the rescue of its own job waiting.
        """
        with self.sessions.begin() as session:
            yield session
            session.flush()
            self._refuse_when_superseded(session)

    def once(self, session: Session, step: str) -> bool:
        """Whether `step` of this job is done for the first time; marks it as done in the session's transaction."""
        marked = session.execute(
            insert(JobStep)
            .values(job_id=self.job_id, step=step, at=self.at)
            .on_conflict_do_nothing()
            .returning(JobStep.step)
        )
        return marked.first() is not None

    def _refuse_when_superseded(self, session: Session) -> None:
        ours = session.execute(
            _STILL_OURS,
            {"job": self.job_id, "worker": self.worker_id, "attempts": self.attempt - 1},
        )
        if ours.first() is None:
            raise Superseded(f"job {self.job_id} ({self.job}) is no longer this worker's")
