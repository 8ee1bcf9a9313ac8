"""How does a job get into the queue? With the transaction that wants it, or not at all."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.sync_psycopg_connector import SyncPsycopgConnector
from sqlalchemy import text
from sqlalchemy.orm import Session

from workflows.jobs.registry import defined

if TYPE_CHECKING:
    from procrastinate.types import JSONDict

__all__ = ["Waiting", "defer", "defer_all", "retry_now", "unfinished", "waiting"]

# Never opened: every query is given the session's own connection.
_MANAGER = JobManager(SyncPsycopgConnector())

Argument = str | int | float | bool | None | Sequence["Argument"] | dict[str, "Argument"]


def defer(
    session: Session,
    name: str,
    *,
    lock: str | None = None,
    key: str | None = None,
    schedule_at: datetime | None = None,
    priority: int = 0,
    **arguments: Argument,
) -> int | None:
    """Queue the job `name` in the session's transaction and return its number; workers hear of it at the commit.

    Of jobs with the same `lock` one runs at a time, in the order they were queued. Of jobs with the same `key` one
    waits at a time: a second one is not queued and None is returned. Higher `priority` goes first.
    Raises UnknownJob.
    """
    definition = defined(name)
    entry = Job(
        queue=definition.queue,
        lock=lock,
        queueing_lock=key,
        task_name=name,
        task_kwargs=cast("JSONDict", arguments),
        scheduled_at=schedule_at,
        priority=priority,
    )
    if key is None:
        return _insert(session, entry)
    # The savepoint keeps the caller's transaction alive when the key is taken.
    try:
        with session.begin_nested():
            return _insert(session, entry)
    except AlreadyEnqueued:
        return None


def defer_all(
    session: Session, name: str, wanted: Sequence[tuple[str, Mapping[str, Argument]]], *, priority: int = 0
) -> None:
    """Queue the job `name` once for each lock, with arguments of its own, as `defer` does. Raises UnknownJob."""
    definition = defined(name)
    if not wanted:
        return
    session.flush()
    entries = [
        Job(
            queue=definition.queue,
            lock=lock,
            queueing_lock=None,
            task_name=name,
            task_kwargs=cast("JSONDict", dict(arguments)),
            priority=priority,
        )
        for lock, arguments in wanted
    ]
    _MANAGER.batch_defer_jobs(entries, session.connection().connection.driver_connection)


def _insert(session: Session, entry: Job) -> int | None:
    # The savepoint would flush what the caller has not flushed: rows go before the job about them.
    session.flush()
    connection = session.connection().connection.driver_connection
    return _MANAGER.defer_job(entry, connection).id


def retry_now(session: Session, name: str, *, locks: Collection[str]) -> None:
    """Make the jobs `name` of these locks due now, if they wait for their next attempt.

    A job queued behind it waits for it, however far off that attempt is.
    """
    session.execute(
        text(
            "UPDATE procrastinate_jobs SET scheduled_at = NULL"
            " WHERE task_name = :name AND lock = ANY(:locks) AND status = 'todo' AND scheduled_at > now()"
        ),
        {"name": name, "locks": list(locks)},
    )


def unfinished(session: Session, name: str) -> bool:
    """Return whether a job `name` waits or is being done."""
    asked = text(
        "SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE task_name = :name AND status IN ('todo', 'doing'))"
    )
    return bool(session.execute(asked, {"name": name}).scalar_one())


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits in one queue, and since when the eldest could have been done."""

    queue: str
    count: int
    oldest: datetime | None


def waiting(session: Session) -> tuple[Waiting, ...]:
    """Say what is due and not yet done, queue by queue."""
    rows = session.execute(
        text(
            """
            SELECT queue_name, count(*), min(coalesce(scheduled_at, (
                SELECT min(at) FROM procrastinate_events AS event WHERE event.job_id = entry.id)))
              FROM procrastinate_jobs AS entry
             WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())
             GROUP BY queue_name ORDER BY queue_name
            """
        )
    )
    return tuple(Waiting(queue, count, oldest) for queue, count, oldest in rows)
