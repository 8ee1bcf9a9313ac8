"""A worker dies over a document, and the next one finishes it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, sessionmaker

from demo.pki import Server, person
from demo.signer import sign_edoc
from tests.processes import children, lives
from tests.workflows.evidence.conftest import Lists
from workflows.evidence.models import Verification
from workflows.validation import service as validation

_HERE = Path(__file__).parent

Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(database_url: str, lists: Lists) -> Iterator[Start]:
    """Start real workers with short patience; each judges slowly enough to be caught at it."""
    started: list[subprocess.Popen[bytes]] = []

    def start_one() -> "subprocess.Popen[bytes]":
        environment = {
            **os.environ,
            "VIIS_DATABASE_URL": database_url,
            "VIIS_LOTL_URL": lists.url,
            "VIIS_WORKER_HEARTBEAT_SECONDS": "0.2",
            "VIIS_WORKER_STALLED_SECONDS": "1.5",
            "VIIS_WORKER_CONCURRENCY": "1",
            "VIIS_LOG_LEVEL": "ERROR",
        }
        started.append(
            subprocess.Popen([sys.executable, "-m", "tests.workflows.evidence.slow_worker"], env=environment)
        )
        return started[-1]

    yield start_one
    for worker in started:
        if worker.poll() is None:
            worker.kill()
        worker.wait()


def until(so: Callable[[], bool], *, within: float = 60) -> None:
    deadline = time.monotonic() + within
    while not so():
        assert time.monotonic() < deadline, "did not come about in time"
        time.sleep(0.05)


def test_a_worker_killed_while_judging_costs_nobody_a_verdict(
    sessions: sessionmaker[Session], pki_server: Server, lists: Lists, start: Start
) -> None:
    lists.refresh()
    document = sign_edoc([("a.txt", b"x")], person=person("user"), pki=pki_server.built, at=lists.at)
    with sessions.begin() as session:
        token = validation.begin(session, BytesIO(document), name="a.edoc", limit=10**6, at=lists.at)

    def asked(question: str) -> int:
        with sessions() as session:
            return int(session.execute(text(question)).scalar_one())

    doing = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'web.check' AND status = 'doing'"
    victim = start()
    until(lambda: asked(doing) == 1)
    guards = children(victim.pid)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    until(lambda: not any(lives(guard) for guard in guards))

    start()
    until(lambda: asked("SELECT count(*) FROM verifications") == 1)
    until(lambda: asked(doing) == 0)

    with sessions() as session:
        found = validation.find(session, token)
        assert found is not None
        assert found[1] is not None
        assert found[1].report is not None
        assert session.scalar(select(func.count()).select_from(Verification)) == 1
