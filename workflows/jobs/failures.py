"""Why did the latest attempt at an unfinished job fail?"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

__all__ = ["LastFailure", "last_failure"]

_LATEST = text(
    """
    SELECT error.attempt, error.at, error.error, entry.scheduled_at
      FROM procrastinate_jobs AS entry JOIN job_errors AS error ON error.job_id = entry.id
     WHERE entry.task_name = :name AND entry.lock = :lock AND entry.status IN ('todo', 'doing')
     ORDER BY error.at DESC, error.id DESC LIMIT 1
    """
)


@dataclass(frozen=True, slots=True)
class LastFailure:
    """The latest failed attempt of a job that waits to be tried again; `next_at` is None while it is being tried."""

    attempts: int
    at: datetime
    error: str
    next_at: datetime | None


def last_failure(session: Session, name: str, *, lock: str) -> LastFailure | None:
    """Return the latest failure of the unfinished job `name` of that lock; None when no attempt failed."""
    row = session.execute(_LATEST, {"name": name, "lock": lock}).one_or_none()
    return None if row is None else LastFailure(row.attempt, row.at, row.error, row.scheduled_at)
