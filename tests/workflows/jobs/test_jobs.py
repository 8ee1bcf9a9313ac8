"""What becomes of jobs when things go wrong."""

import asyncio
import signal
from collections.abc import Callable
from datetime import timedelta
from subprocess import Popen

import pytest
from procrastinate import App, PsycopgConnector
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session, sessionmaker

from demo.servers.postgres import Postgres
from tests.workflows.jobs.invented_jobs import done, states
from workflows.clock import now
from workflows.database import libpq_url
from workflows.jobs import (
    JobError,
    JobStep,
    Retry,
    Run,
    Superseded,
    Tools,
    UnknownJob,
    defer,
    defer_all,
    drain,
    waiting,
)
from workflows.jobs._procrastinate import forget_old
from workflows.settings import Settings

Wait = Callable[[Callable[[], bool]], None]
StartWorker = Callable[..., Popen[bytes]]


def test_a_job_queued_in_a_transaction_that_is_rolled_back_never_runs(
    settings: Settings, sessions: sessionmaker[Session]
) -> None:
    with sessions() as session:
        defer(session, "test.note", what="never decided")
        session.rollback()
    with sessions.begin() as session:
        defer(session, "test.note", what="decided")

    assert drain(settings).succeeded == 1
    assert (done(sessions, "never decided"), done(sessions, "decided")) == (0, 1)


def test_jobs_queued_together_are_queued_with_the_transaction_one_for_each_lock(
    settings: Settings, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        defer_all(session, "test.note", [(f"lock {what}", {"what": what}) for what in ("one", "other")])
        defer_all(session, "test.note", [])
    with sessions() as session:
        locks = session.scalars(text("SELECT lock FROM procrastinate_jobs WHERE task_name = 'test.note' ORDER BY id"))
        assert locks.all() == ["lock one", "lock other"]
    assert drain(settings).succeeded == 2
    assert (done(sessions, "one"), done(sessions, "other")) == (1, 1)


def test_a_taken_key_leaves_the_callers_transaction_alive(settings: Settings, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        assert defer(session, "test.note", key="one", what="first") is not None
        assert defer(session, "test.note", key="one", what="second") is None
        defer(session, "test.note", what="third")

    assert drain(settings).succeeded == 2
    assert done(sessions, "second") == 0


def test_a_job_that_runs_twice_does_its_work_once(settings: Settings, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        defer(session, "test.note_once", what="decision")

    ended = drain(settings)

    assert (ended.failed, ended.succeeded) == (1, 1)
    assert done(sessions, "decision") == 1


def test_what_went_wrong_is_kept_with_personal_codes_masked(
    settings: Settings, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        defer(session, "test.note_once", what="decision")
    drain(settings)

    with sessions() as session:
        kept = session.scalars(select(JobError)).one()
    assert (kept.job, kept.attempt) == ("test.note_once", 1)
    assert kept.error == "RuntimeError: died between the effect and the end; ******-*****"
    assert "note_once" in kept.traceback


def test_a_job_that_gives_up_is_not_tried_again(settings: Settings, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        defer(session, "test.hopeless")

    assert drain(settings).failed == 1
    assert states(sessions) == ["failed"]


def test_the_last_attempt_knows_that_it_is_the_last(settings: Settings, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        defer(session, "test.stubborn")

    assert drain(settings).failed == 3
    assert done(sessions, "gave up after 3") == 1
    assert states(sessions) == ["failed"]


def test_the_case_of_a_job_that_failed_for_good_is_handed_over_once(
    settings: Settings, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        defer(session, "test.handed_over", what="the case")

    assert drain(settings).failed == 3
    assert done(sessions, "told of the case") == 1
    assert states(sessions) == ["failed", "succeeded"]


def test_what_waits_for_others_to_come_back_is_tried_as_often_as_it_takes() -> None:
    keycloak_away = Retry(times=None, first=timedelta(seconds=2), longest=timedelta(minutes=10))
    assert not keycloak_away.exhausted(10**9)
    assert {keycloak_away.wait(attempt) for attempt in (45, 50, 10**9)} == {timedelta(minutes=10)}


def test_a_retry_gives_way_to_a_twin_queued_meanwhile(settings: Settings, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        number = defer(session, "test.stubborn", key="errand")
        # The first one is taken by a worker that dies; its twin is queued while nobody knows.
        session.execute(text("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = :id"), {"id": number})
        defer(session, "test.note", key="errand", what="twin")
        session.execute(
            text("UPDATE procrastinate_jobs SET status = 'todo', queueing_lock = NULL WHERE id = :id"), {"id": number}
        )
        session.execute(
            text(
                "UPDATE procrastinate_jobs SET queueing_lock = 'errand', scheduled_at = now() + '1 h' WHERE id <> :id"
            ),
            {"id": number},
        )
    with sessions.begin() as session:
        session.execute(
            text(
                "CREATE FUNCTION take_key() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                " IF NEW.status = 'doing' AND NEW.task_name = 'test.stubborn' THEN"
                " NEW.queueing_lock = 'errand'; END IF; RETURN NEW; END $$"
            )
        )
        session.execute(
            text("CREATE TRIGGER take_key BEFORE UPDATE ON procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION take_key()")
        )

    assert drain(settings).failed == 1
    assert states(sessions) == ["aborted", "todo"]


def test_what_went_wrong_long_ago_is_forgotten_but_not_what_still_waits_to_be_mended(
    settings: Settings, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        done_since, waits = (
            defer(session, "test.note_once", what=what, schedule_at=schedule_at)
            for what, schedule_at in (("done since", None), ("waits", now() + timedelta(days=1)))
        )
    drain(settings)
    long_ago, lately = now() - timedelta(days=91), now() - timedelta(days=89)
    with sessions.begin() as session:
        session.execute(delete(JobError))
        for job_id, attempt, at in (
            (done_since, 1, long_ago),
            (done_since, 2, lately),
            (waits, 1, long_ago),
            (waits, 2, long_ago),  # the latest: what staff read of it
        ):
            wrong = {"job": "test.note_once", "error": "E", "traceback": "T"}
            session.add(JobError(job_id=job_id, attempt=attempt, at=at, **wrong))
        session.add(JobStep(job_id=waits, step="welcome", at=long_ago))
        session.add(JobStep(job_id=10**6, step="welcome", at=long_ago))  # its job was deleted
        later = text("UPDATE procrastinate_events SET at = at - interval '8 days' WHERE job_id = :job")
        session.execute(later, {"job": done_since})

    forget(settings)

    with sessions() as session:
        kept = session.execute(select(JobError.job_id, JobError.attempt).order_by(JobError.id)).all()
        steps = session.scalars(select(JobStep.job_id)).all()
        jobs = session.scalars(text("SELECT id FROM procrastinate_jobs")).all()
    assert list(map(tuple, kept)) == [(done_since, 2), (waits, 2)]
    assert (steps, jobs) == ([waits], [waits])


def forget(settings: Settings) -> None:
    async def run() -> None:
        connector = PsycopgConnector(conninfo=libpq_url(settings.database_url))
        async with App(connector=connector).open_async():
            await forget_old(connector, at=now())

    asyncio.run(run())


def test_an_unknown_job_is_refused_where_it_is_queued(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session, pytest.raises(UnknownJob, match=r"test\.note_once"):
        defer(session, "test.nota")


def test_a_worker_that_lost_its_job_cannot_take_effect(settings: Settings, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        number = defer(session, "test.note", what="paused")
        worker = session.scalar(text("SELECT worker_id FROM procrastinate_register_worker_v1()"))
        session.execute(
            text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = :worker WHERE id = :id"),
            {"worker": worker, "id": number},
        )
    with Tools(settings) as tools:
        paused = Run(
            job_id=number or 0,
            job="test.note",
            attempt=1,
            last=False,
            at=now(),
            settings=settings,
            tools=tools,
            sessions=sessions,
            worker_id=worker,
        )
        with paused.transaction() as session:
            session.execute(text("INSERT INTO traces (what, worker) VALUES ('in time', 0)"))
        with sessions.begin() as session:  # a rescuer took it for dead
            session.execute(text("SELECT procrastinate_retry_job_v2(:id, now(), NULL, NULL, NULL)"), {"id": number})

        with pytest.raises(Superseded), paused.transaction() as session:
            session.execute(text("INSERT INTO traces (what, worker) VALUES ('too late', 0)"))

    assert (done(sessions, "in time"), done(sessions, "too late")) == (1, 0)


def test_what_waits_is_counted_with_the_age_of_the_oldest(sessions: sessionmaker[Session]) -> None:
    before = now()
    with sessions.begin() as session:
        defer(session, "test.note", what="a")
        defer(session, "test.note", what="b")
        defer(session, "test.note", what="later", schedule_at=now().replace(year=now().year + 1))
    with sessions() as session:
        (queue,) = waiting(session)
    assert (queue.queue, queue.count) == ("test", 2)
    assert queue.oldest is not None
    assert abs((queue.oldest - before).total_seconds()) < 5


def test_a_worker_killed_while_working_is_replaced_and_the_work_is_done_once(
    sessions: sessionmaker[Session], start_worker: StartWorker, eventually: Wait
) -> None:
    victim = start_worker()
    with sessions.begin() as session:
        defer(session, "test.slow", what="verdict", seconds=1.5)
    eventually(lambda: done(sessions, "verdict began") == 1)
    victim.send_signal(signal.SIGKILL)
    victim.wait()

    start_worker()
    eventually(lambda: done(sessions, "verdict") == 1)

    assert (done(sessions, "verdict began"), done(sessions, "verdict")) == (2, 1)
    eventually(lambda: states(sessions) == ["succeeded"])


def test_what_kills_its_worker_again_and_again_is_handed_over_and_the_deaths_are_noted(
    sessions: sessionmaker[Session], start_worker: StartWorker, eventually: Wait
) -> None:
    with sessions.begin() as session:
        defer(session, "test.deadly", what="the file")

    for _victim in range(2):
        start_worker().wait(30)
    start_worker()
    eventually(lambda: done(sessions, "told of the file") == 1)

    assert done(sessions, "the file began") == 2
    eventually(lambda: states(sessions) == ["failed", "succeeded"])
    with sessions() as session:
        kept = session.scalars(select(JobError).where(JobError.job == "test.deadly").order_by(JobError.id)).all()
    assert [(error.attempt, error.error.partition(":")[0]) for error in kept] == [(1, "WorkerDied"), (2, "WorkerDied")]


def test_a_worker_that_was_paused_and_replaced_leaves_no_second_effect(
    sessions: sessionmaker[Session], start_worker: StartWorker, eventually: Wait
) -> None:
    sleeper = start_worker()
    with sessions.begin() as session:
        defer(session, "test.slow", what="verdict", seconds=3)
    eventually(lambda: done(sessions, "verdict began") == 1)
    sleeper.send_signal(signal.SIGSTOP)
    start_worker()
    eventually(lambda: done(sessions, "verdict") == 1)

    sleeper.send_signal(signal.SIGCONT)
    sleeper.wait(60)  # it finds its registration gone and ends; its supervisor would start it again

    assert done(sessions, "verdict") == 1
    eventually(lambda: states(sessions) == ["succeeded"])


def test_a_worker_told_to_stop_finishes_what_it_has_in_hand(
    sessions: sessionmaker[Session], start_worker: StartWorker, eventually: Wait
) -> None:
    worker = start_worker()
    with sessions.begin() as session:
        defer(session, "test.slow", what="verdict", seconds=7)
    eventually(lambda: done(sessions, "verdict began") == 1)
    start_worker()  # a bystander, who must not take the job over
    worker.send_signal(signal.SIGTERM)

    assert worker.wait(20) == 0
    assert (done(sessions, "verdict began"), done(sessions, "verdict")) == (1, 1)
    assert states(sessions) == ["succeeded"]


def test_postgresql_restarts_under_a_worker_and_the_work_is_done(
    postgres: Postgres, sessions: sessionmaker[Session], start_worker: StartWorker, eventually: Wait
) -> None:
    worker = start_worker()
    with sessions.begin() as session:
        defer(session, "test.slow", what="verdict", seconds=1)
    eventually(lambda: done(sessions, "verdict began") == 1)

    postgres.stop()
    postgres.start()

    assert worker.wait(40) == 0  # its supervisor starts it again:
    start_worker()
    eventually(lambda: done(sessions, "verdict") == 1)
    eventually(lambda: states(sessions) == ["succeeded"])
