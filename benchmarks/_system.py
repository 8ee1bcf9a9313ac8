"""A whole system for one benchmark: every real server on free ports, in a temporary folder."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from demo.local_system import LocalSystem
from demo.ports import Ports
from demo.run import interruptible
from demo.servers import free_port
from signing import TrustState
from workflows import clock
from workflows.database import engine, session_factory
from workflows.evidence.trust import current_trust

__all__ = ["await_idle", "eventually", "sessions", "system"]

_PATIENCE = 120.0
_LOOK_EVERY = 0.02

_DUE = text(
    "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'"
    " OR status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now() + interval '1 second')"
)


@contextmanager
def system() -> Iterator[LocalSystem]:
    """Start a new system, wait until its worker has the trusted lists, and stop it with the block."""
    with interruptible(), TemporaryDirectory(prefix="viis-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "ports.json").write_text(json.dumps({part: free_port() for part in asdict(Ports())}))
        with LocalSystem(folder, at=clock.now()) as stack, sessions(stack) as database:
            eventually(lambda: _trusted(database), "the trusted lists")
            await_idle(database)
            yield stack


@contextmanager
def sessions(stack: LocalSystem) -> Iterator[sessionmaker[Session]]:
    """Sessions on the running system's database, to prepare data and to check results."""
    made = engine(stack.database_url, application="viis-bench")
    yield session_factory(made)
    made.dispose()


def await_idle(database: sessionmaker[Session]) -> None:
    """Return when the worker has nothing more to do."""

    def idle() -> bool:
        with database() as session:
            return not session.scalars(_DUE).one()

    eventually(idle, "an idle worker")


def eventually(true: Callable[[], bool], what: str, *, within: float = _PATIENCE) -> None:
    """Return when the condition holds; raises `TimeoutError` when it does not in time."""
    until = time.monotonic() + within
    while not true():
        if time.monotonic() > until:
            raise TimeoutError(f"{what} did not come within {within:.0f} s")
        time.sleep(_LOOK_EVERY)


def _trusted(database: sessionmaker[Session]) -> bool:
    with database() as session:
        return current_trust(session).state(clock.now()) is TrustState.FRESH
