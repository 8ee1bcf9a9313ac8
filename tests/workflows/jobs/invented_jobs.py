"""A few jobs for the stories, and, run as a script, a worker process that does them."""

import os
import signal
import time
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from workflows.jobs import GiveUp, Retry, Run, job, run_worker
from workflows.settings import Settings

__all__ = ["done", "prepare", "states"]

_NO_ANSWER = 20.0  # seconds


def prepare(session: Session) -> None:
    """Make the table these jobs write their effects into."""
    session.execute(text("CREATE TABLE traces (id bigserial PRIMARY KEY, what text NOT NULL, worker int NOT NULL)"))


def done(sessions: sessionmaker[Session], what: str) -> int:
    """Count the traces of `what`."""
    with sessions() as session:
        counted = text("SELECT count(*) FROM traces WHERE what = :what")
        return int(session.execute(counted, {"what": what}).scalar_one())


def states(sessions: sessionmaker[Session]) -> list[str]:
    """Say how each job stands, upkeep's left out, in the order they were queued."""
    with sessions() as session:
        asked = text("SELECT status::text FROM procrastinate_jobs WHERE queue_name <> 'upkeep' ORDER BY id")
        return list(session.scalars(asked))


def trace(session: Session, run: Run, what: str) -> None:
    """Leave a trace."""
    session.execute(
        text("INSERT INTO traces (what, worker) VALUES (:what, :worker)"), {"what": what, "worker": run.worker_id}
    )


@job("test.note", queue="test")
def note(run: Run, *, what: str) -> None:
    """Leave one trace."""
    with run.transaction() as session:
        trace(session, run, what)


@job("test.note_once", queue="test", retry=Retry(times=3, first=timedelta()))
def note_once(run: Run, *, what: str) -> None:
    """Leave one trace however often it runs, and fail after it took effect the first time."""
    with run.transaction() as session:
        first = run.once(session, "note")
        if first:
            trace(session, run, what)
    if first:
        raise RuntimeError("died between the effect and the end; 010190-12345")


@job("test.slow", queue="test")
def slow(run: Run, *, what: str, seconds: float) -> None:
    """Say that it began, work for a while, leave a trace."""
    with run.transaction() as session:
        trace(session, run, f"{what} began")
    time.sleep(seconds)
    with run.transaction() as session:
        trace(session, run, what)


@job("test.mail", queue="mail")
def mail(run: Run) -> None:
    """Say that it began, and wait for a mail server that does not answer."""
    with run.transaction() as session:
        trace(session, run, "mail began")
    time.sleep(_NO_ANSWER)


@job("test.hopeless", queue="test", retry=Retry(times=50))
def hopeless(run: Run) -> None:
    """Know that there is no use."""
    raise GiveUp(f"attempt {run.attempt} showed that it is of no use")


@job("test.stubborn", queue="test", retry=Retry(times=2, first=timedelta()))
def stubborn(run: Run) -> None:
    """Fail every time and leave a trace of the last time."""
    if run.last:
        with run.transaction() as session:
            trace(session, run, f"gave up after {run.attempt}")
    raise RuntimeError("as always")


@job("test.handed_over", queue="test", retry=Retry(times=2, first=timedelta()), after_failure="test.told")
def handed_over(run: Run, *, what: str) -> None:
    """Fail every time; what becomes of the case is another job's."""
    raise RuntimeError(f"attempt {run.attempt} at {what} failed, as always")


@job("test.deadly", queue="test", retry=Retry(times=20, deaths=2), after_failure="test.told")
def deadly(run: Run, *, what: str) -> None:
    """Kill the process that does it."""
    with run.transaction() as session:
        trace(session, run, f"{what} began")
    os.kill(os.getpid(), signal.SIGKILL)


@job("test.told", queue="test")
def told(run: Run, *, what: str) -> None:
    """Tell a person about the case."""
    with run.transaction() as session:
        trace(session, run, f"told of {what}")


if __name__ == "__main__":
    run_worker(Settings.load())
