"""Why did the latest attempt at an unfinished job fail?"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

__all__ = ["LastFailure", "last_failure", "last_failure_about"]

_LATEST = """
    SELECT error.attempt, error.at, error.error, CASE entry.status WHEN 'todo' THEN entry.scheduled_at END
      FROM procrastinate_jobs AS entry JOIN job_errors AS error ON error.job_id = entry.id
     WHERE entry.task_name = ANY(:names) AND entry.status IN ('todo', 'doing') AND {which}
     ORDER BY error.at DESC, error.id DESC LIMIT 1
"""
_OF_LOCK = text(_LATEST.format(which="entry.lock = :lock"))
_ABOUT = text(_LATEST.format(which="entry.args @> CAST(:arguments AS jsonb)"))


@dataclass(frozen=True, slots=True)
class LastFailure:
    """The latest failed attempt of a job that waits to be tried again; `next_at` is None while it is being tried."""

    attempts: int
    at: datetime
    error: str
    next_at: datetime | None


def last_failure(session: Session, name: str, *, lock: str) -> LastFailure | None:
    """Return the latest failure of the unfinished job `name` of that lock; None when no attempt failed."""
    row = session.execute(_OF_LOCK, {"names": [name], "lock": lock}).one_or_none()
    return None if row is None else LastFailure(*row)


def last_failure_about(session: Session, names: Collection[str], **arguments: int | str) -> LastFailure | None:
    """Return the latest failure of an unfinished job of one of these names that was given these arguments."""
    asked = {"names": list(names), "arguments": json.dumps(arguments)}
    row = session.execute(_ABOUT, asked).one_or_none()
    return None if row is None else LastFailure(*row)
