"""When jobs start: at the commit, when their lock falls, and whatever a mail server does."""

import time
from collections.abc import Callable
from subprocess import Popen

from sqlalchemy.orm import Session, sessionmaker

from tests.workflows.jobs.invented_jobs import done, states
from workflows.jobs import defer, defer_all

Wait = Callable[[Callable[[], bool]], None]
StartWorker = Callable[..., Popen[bytes]]


def test_a_job_starts_at_once_when_its_transaction_commits(
    sessions: sessionmaker[Session], start_worker: StartWorker, eventually: Wait
) -> None:
    start_worker()
    with sessions.begin() as session:
        defer(session, "test.note", what="warm")
    eventually(lambda: done(sessions, "warm") == 1)

    begun = time.monotonic()
    with sessions.begin() as session:
        defer(session, "test.note", what="hot")
    eventually(lambda: done(sessions, "hot") == 1)

    assert time.monotonic() - begun < 1


def test_what_waits_for_a_lock_starts_when_it_falls_and_not_when_a_worker_looks_next(
    sessions: sessionmaker[Session], start_worker: StartWorker, eventually: Wait
) -> None:
    """The worker looks by itself once a minute; each wait ends after half of one."""
    start_worker(worker_poll_seconds=60)
    with sessions.begin() as session:
        defer(session, "test.note", what="warm")
    eventually(lambda: done(sessions, "warm") == 1)

    with sessions.begin() as session:
        defer_all(session, "test.note", [(f"lane {number % 2}", {"what": "in its turn"}) for number in range(40)])
        defer(session, "test.hopeless", lock="case")
        defer(session, "test.note", lock="case", what="after a failure")
    eventually(lambda: done(sessions, "in its turn") == 40)
    eventually(lambda: done(sessions, "after a failure") == 1)
    eventually(lambda: "doing" not in states(sessions))
    assert sorted(states(sessions)) == ["failed"] + ["succeeded"] * 42


def test_nothing_else_waits_for_a_mail_server_that_does_not_answer(
    sessions: sessionmaker[Session], start_worker: StartWorker, eventually: Wait
) -> None:
    worker = start_worker()
    with sessions.begin() as session:
        for _ in range(12):
            defer(session, "test.mail", priority=50)
    eventually(lambda: done(sessions, "mail began") > 0)
    with sessions.begin() as session:
        defer_all(session, "test.note", [(f"account {number}", {"what": "end"}) for number in range(4)])
    eventually(lambda: done(sessions, "end") == 4)
    worker.kill()

    assert states(sessions)[-4:] == ["succeeded"] * 4
    assert "succeeded" not in states(sessions)[:12]
