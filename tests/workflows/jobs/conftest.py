"""Workers for the stories about jobs: in this process through `drain`, or real ones that can be killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.workflows.jobs.invented_jobs import prepare
from workflows import database
from workflows.settings import Settings

_HERE = Path(__file__).parent


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Settings with short patience, so that a dead worker is noticed within the test."""
    return Settings.model_validate(
        {
            "database_url": database_url,
            "worker_heartbeat_seconds": 0.2,
            "worker_stalled_seconds": 1.5,
            "worker_poll_seconds": 0.2,
        }
    )


@pytest.fixture
def sessions(database_url: str) -> Iterator[sessionmaker[Session]]:
    """Sessions on the test's own database."""
    engine = database.engine(database_url)
    yield database.session_factory(engine)
    engine.dispose()


@pytest.fixture(autouse=True)
def traces(sessions: sessionmaker[Session]) -> None:
    """Make the table of effects in the test's database."""
    with sessions.begin() as session:
        prepare(session)


@pytest.fixture
def start_worker(settings: Settings) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start real worker processes that know the jobs of `invented_jobs.py`; those that still run end with the test.

    A worker may be given other settings than its neighbours.
    """
    started: list[subprocess.Popen[bytes]] = []

    def start(**others: object) -> subprocess.Popen[bytes]:
        worker = subprocess.Popen(
            [sys.executable, str(_HERE / "invented_jobs.py")],
            env={**os.environ, **_environment(settings.model_copy(update=others))},
        )
        started.append(worker)
        return worker

    yield start
    for worker in started:
        if worker.poll() is None:
            worker.send_signal(signal.SIGKILL)
        worker.wait()


def _environment(settings: Settings) -> dict[str, str]:
    names = ("database_url", "worker_heartbeat_seconds", "worker_stalled_seconds", "worker_poll_seconds")
    return {f"VIIS_{name.upper()}": str(getattr(settings, name)) for name in names}


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Wait until something is so; fail after half a minute."""

    def wait(is_so: Callable[[], bool], within: float = 30) -> None:
        deadline = time.monotonic() + within
        while not is_so():
            assert time.monotonic() < deadline, "did not come about in time"
            time.sleep(0.05)

    return wait
