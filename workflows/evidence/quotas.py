"""How much may come in, and is there space for it? Numbers of the dated policy, counted for all processes together.

    (1) space   what is held at once, of evidence and of what is only looked at: past it 507 or 503 at the door
    (2) hour    bytes from one network and from all, by the hours of the clock; what one network hands in, by days
    (3) case    bytes that one application holds

Who only looks takes no space from who applies: each use is counted for itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from iam.periods import midnight_in_riga, riga_day
from workflows import policy
from workflows.evidence.documents import EvidenceError
from workflows.evidence.models import Document, Held, UploadBytes

__all__ = [
    "NoRoom",
    "NoRoomForLooks",
    "Quota",
    "QuotaReached",
    "Use",
    "check_application",
    "count",
    "forget_old",
    "held_bytes",
]

_HOUR: Final = timedelta(hours=1)


class Use(StrEnum):
    """What a file comes in for."""

    LOOK = "look"
    MACHINE = "machine"
    APPLICATION = "application"


class Quota(StrEnum):
    """Which of the limits was reached."""

    NETWORK = "network"
    EVERYBODY = "everybody"
    APPLICATION = "application"


class QuotaReached(EvidenceError):
    """More bytes than one may send; `most` in bytes, `free_at` when there is some of it again, None where nobody knows.

    Nothing of the file was kept, and it was not counted.
    """

    def __init__(self, quota: Quota, *, most: int, free_at: datetime | None) -> None:
        super().__init__(quota, most, free_at)
        self.quota = quota
        self.most = most
        self.free_at = free_at


class NoRoom(EvidenceError):
    """All that may be kept is kept; only an operator makes space."""


class NoRoomForLooks(NoRoom):
    """So much waits to be looked at that no more is taken in; it is less again in a minute."""


@dataclass(frozen=True, slots=True)
class _Limits:
    held: Held
    space: int
    per_network: int
    overall: int | None
    by_day: bool = False


def count(session: Session, use: Use, network: str, size: int, *, at: datetime) -> None:
    """Count a file of `size` bytes before it is kept. Raises NoRoom and QuotaReached.

    Called last in its transaction: the row counted for everybody is locked until the commit.
    """
    limits = _limits(policy.on(session, at), use)
    if held_bytes(session, limits.held) + size > limits.space:  # (1)
        raise NoRoom if limits.held is Held.KEPT else NoRoomForLooks
    # The row of all last, in every transaction: nobody waits for one another in a circle.
    own = _day(at) if limits.by_day else _hour(at)
    _add(session, Quota.NETWORK, f"{use} {network}", size, most=limits.per_network, window=own)  # (2)
    if limits.overall is not None:
        _add(session, Quota.EVERYBODY, f"{use} all", size, most=limits.overall, window=_hour(at))


def check_application(
    session: Session, held: int, size: int, *, free_at: Callable[[], datetime | None], at: datetime
) -> None:
    """Refuse a file of `size` bytes for an application that holds `held` already (3). Raises QuotaReached."""
    most = policy.on(session, at).per_application
    if held + size > most:
        raise QuotaReached(Quota.APPLICATION, most=most, free_at=free_at())


def held_bytes(session: Session, held: Held) -> int:
    """Add up the documents whose bytes lie there. What is coming in just now is not in it."""
    return int(session.scalar(select(func.coalesce(func.sum(Document.size), 0)).where(Document.held == held)) or 0)


def forget_old(session: Session, *, at: datetime) -> None:
    """Delete counts of hours and days that are over."""
    before = min(_hour(at)[0] - _HOUR, _day(at)[0])
    session.execute(delete(UploadBytes).where(UploadBytes.hour < before))


def _limits(numbers: policy.PolicyNumbers, use: Use) -> _Limits:
    match use:
        case Use.APPLICATION:
            return _Limits(
                Held.KEPT, numbers.evidence_most, numbers.uploads_per_network, numbers.uploads_overall, by_day=True
            )
        case Use.LOOK:
            return _Limits(
                Held.LOOKED_AT, numbers.waiting_for_verdict, numbers.looks_per_network, numbers.looks_overall
            )
        case Use.MACHINE:
            # Who they are is known, and their documents go with the answer: the cap on what waits bounds them.
            return _Limits(Held.LOOKED_AT, numbers.waiting_for_verdict, numbers.machine_per_network, None)


def _add(
    session: Session, quota: Quota, bucket: str, size: int, *, most: int, window: tuple[datetime, datetime]
) -> None:
    """Add in one statement, unless it would be too much: two at once cannot both take the last of it."""
    begins, ends = window
    row = insert(UploadBytes).values(bucket=bucket, hour=begins, bytes=size)
    more = row.on_conflict_do_update(
        index_elements=["bucket", "hour"],
        set_={"bytes": UploadBytes.bytes + size},
        where=UploadBytes.bytes + size <= most,
    )
    if size > most or session.scalar(more.returning(UploadBytes.bytes)) is None:
        raise QuotaReached(quota, most=most, free_at=ends)


def _hour(at: datetime) -> tuple[datetime, datetime]:
    begins = at.replace(minute=0, second=0, microsecond=0)
    return begins, begins + _HOUR


def _day(at: datetime) -> tuple[datetime, datetime]:
    day = riga_day(at)
    return midnight_in_riga(day), midnight_in_riga(day + timedelta(days=1))
