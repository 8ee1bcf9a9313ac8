"""How are the numbers read and changed?

Reading costs one statement in `FRESH_FOR` for each process. A change holds at once in the transaction that made it,
after its commit in that process, and within `FRESH_FOR` in every other.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock

from sqlalchemy import URL, event, select
from sqlalchemy.orm import Session

from iam.audit import AuditTag, Origin, record
from iam.periods import riga_day
from workflows.policy.models import PolicyNumber
from workflows.policy.numbers import PolicyNumbers, numbers, read_policy

__all__ = ["FRESH_FOR", "PolicyTag", "UnknownNumber", "UnusableValue", "change", "history", "on"]

FRESH_FOR = 2.0
"""Seconds a process goes on with what it read last."""

_CHANGED = "policy changed"
_DAYS_KEPT = 16

_ROWS = select(PolicyNumber.name, PolicyNumber.since, PolicyNumber.value).order_by(PolicyNumber.since, PolicyNumber.id)


class PolicyTag(AuditTag):
    """What happens to numbers."""

    CHANGED = "policy:changed"


class UnknownNumber(LookupError):
    """No number has that name."""


class UnusableValue(ValueError):
    """The value lies outside the number's bounds."""


@dataclass(slots=True)
class _Read:
    """What one process read last from one database, and the policies of days made from it."""

    rows: tuple[tuple[str, date, int], ...]
    until: float
    days: dict[date, PolicyNumbers]


_lock = Lock()
_read: dict[URL, _Read] = {}


def on(session: Session, at: date) -> PolicyNumbers:
    """Return the numbers that hold on a day, at most `FRESH_FOR` seconds old; of a moment, on its day in Riga."""
    day = riga_day(at) if isinstance(at, datetime) else at
    if _CHANGED in session.info:
        return _of_day(_rows(session), day)
    database = session.get_bind().engine.url
    known = _read.get(database)
    if known is None or known.until <= time.monotonic():
        known = _Read(_rows(session), time.monotonic() + FRESH_FOR, {})
        with _lock:
            _read[database] = known
    found = known.days.get(day)
    if found is None:
        found = _of_day(known.rows, day)
        if len(known.days) < _DAYS_KEPT:
            known.days[day] = found
    return found


def change(
    session: Session, name: str, value: int, *, since: date, source: str, origin: Origin, at: datetime
) -> PolicyNumber:
    """Let a number hold from a day on: a new row, and an audit entry that says who and why.

    `value` counts the number's unit. Raises UnknownNumber and UnusableValue.
    """
    number = numbers().get(name)
    if number is None:
        raise UnknownNumber(name)
    if not number.usable(value):
        raise UnusableValue(f"{name} takes {number.least} to {number.most} {number.unit}, not {value}")
    row = PolicyNumber(
        name=name, value=value, unit=number.unit, since=since, source=source, set_by=str(origin.actor), set_at=at
    )
    session.add(row)
    session.flush()
    session.info[_CHANGED] = True
    record(
        session,
        PolicyTag.CHANGED,
        origin=origin,
        subject=f"policy:{name}",
        at=at,
        details={"value": value, "unit": number.unit.value, "since": since.isoformat(), "source": source},
    )
    return row


def history(session: Session) -> tuple[PolicyNumber, ...]:
    """Return every row of every number, by name, in the order they were added."""
    return tuple(session.scalars(select(PolicyNumber).order_by(PolicyNumber.name, PolicyNumber.id)))


def _rows(session: Session) -> tuple[tuple[str, date, int], ...]:
    return tuple((row.name, row.since, row.value) for row in session.execute(_ROWS))


def _of_day(rows: Iterable[tuple[str, date, int]], day: date) -> PolicyNumbers:
    # Ordered by day and number: the last one that has begun holds.
    return read_policy({name: value for name, since, value in rows if since <= day})


@event.listens_for(Session, "after_commit")
@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    """Read anew after a transaction that changed a number, whichever way it ended."""
    if session.info.pop(_CHANGED, None) is not None:
        with _lock:
            _read.pop(session.get_bind().engine.url, None)
