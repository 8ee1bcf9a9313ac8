"""What goes wrong with a job that is still to be done?"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

__all__ = ["Trouble", "trouble"]

_LATEST = text(
    """
    SELECT error.attempt, error.at, error.error, entry.scheduled_at
      FROM procrastinate_jobs AS entry JOIN job_errors AS error ON error.job_id = entry.id
     WHERE entry.task_name = :name AND entry.lock = :lock AND entry.status IN ('todo', 'doing')
     ORDER BY error.at DESC, error.id DESC LIMIT 1
    """
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """The latest failed attempt of a job that waits to be tried again; `next_at` is None while it is being tried."""

    attempts: int
    at: datetime
    error: str
    next_at: datetime | None


def trouble(session: Session, name: str, *, lock: str) -> Trouble | None:
    """Say what went wrong last with the unfinished job `name` of that lock; None when nothing has."""
    row = session.execute(_LATEST, {"name": name, "lock": lock}).one_or_none()
    return None if row is None else Trouble(row.attempt, row.at, row.error, row.scheduled_at)
