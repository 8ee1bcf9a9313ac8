"""How much may come in, and is there room for it? Numbers of the dated policy, counted for all processes together.

    (1) room    what is held at once, of evidence and of what is only looked at: past it 507 or 503 at the door
    (2) hour    bytes from one network and from all, by the hours of the clock
    (3) case    bytes that one application holds

Who only looks takes no room from who applies: each use is counted for itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from iam.periods import riga_day
from workflows.evidence.documents import EvidenceError
from workflows.evidence.models import Document, Held, UploadBytes, UploadPolicy

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
    "policy_on",
]

_MIB: Final = 2**20
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
    """All that may be kept is kept; only an operator makes room."""


class NoRoomForLooks(NoRoom):
    """So much waits to be looked at that no more is taken in; it is less again in a minute."""


@dataclass(frozen=True, slots=True)
class _Limits:
    held: Held
    room: int
    per_network: int
    overall: int | None


def policy_on(session: Session, at: datetime) -> UploadPolicy:
    """Read the policy in force."""
    newest = select(UploadPolicy).where(UploadPolicy.since <= riga_day(at)).order_by(UploadPolicy.since.desc())
    return session.scalars(newest.limit(1)).one()


def count(session: Session, use: Use, network: str, size: int, *, at: datetime) -> None:
    """Count a file of `size` bytes before it is kept. Raises NoRoom and QuotaReached.

    Called last in its transaction: the row counted for everybody is locked until the commit.
    """
    limits = _limits(policy_on(session, at), use)
    if held_bytes(session, limits.held) + size > limits.room:  # (1)
        raise NoRoom if limits.held is Held.KEPT else NoRoomForLooks
    # The row of all last, in every transaction: nobody waits for one another in a circle.
    _add(session, Quota.NETWORK, f"{use} {network}", size, most=limits.per_network, at=at)  # (2)
    if limits.overall is not None:
        _add(session, Quota.EVERYBODY, f"{use} all", size, most=limits.overall, at=at)


def check_application(
    session: Session, held: int, size: int, *, free_at: Callable[[], datetime | None], at: datetime
) -> None:
    """Refuse a file of `size` bytes for an application that holds `held` already (3). Raises QuotaReached."""
    most = policy_on(session, at).per_application * _MIB
    if held + size > most:
        raise QuotaReached(Quota.APPLICATION, most=most, free_at=free_at())


def held_bytes(session: Session, held: Held) -> int:
    """Add up the documents whose bytes lie there. What is coming in just now is not in it."""
    return int(session.scalar(select(func.coalesce(func.sum(Document.size), 0)).where(Document.held == held)) or 0)


def forget_old(session: Session, *, at: datetime) -> None:
    """Delete counts of hours that are over."""
    session.execute(delete(UploadBytes).where(UploadBytes.hour < _hour(at) - _HOUR))


def _limits(policy: UploadPolicy, use: Use) -> _Limits:
    match use:
        case Use.APPLICATION:
            held, room = Held.KEPT, policy.kept
            per_network, overall = policy.uploads_per_network, policy.uploads_overall
        case Use.LOOK:
            held, room = Held.LOOKED_AT, policy.looked_at
            per_network, overall = policy.looks_per_network, policy.looks_overall
        case Use.MACHINE:
            # Who they are is known, and their documents go with the answer: together the room bounds them.
            return _Limits(Held.LOOKED_AT, policy.looked_at * _MIB, policy.machine_per_network * _MIB, None)
    return _Limits(held, room * _MIB, per_network * _MIB, overall * _MIB)


def _add(session: Session, quota: Quota, bucket: str, size: int, *, most: int, at: datetime) -> None:
    """Add in one statement, unless it would be too much: two at once cannot both take the last of it."""
    hour = _hour(at)
    row = insert(UploadBytes).values(bucket=bucket, hour=hour, bytes=size)
    more = row.on_conflict_do_update(
        index_elements=["bucket", "hour"],
        set_={"bytes": UploadBytes.bytes + size},
        where=UploadBytes.bytes + size <= most,
    )
    if size > most or session.scalar(more.returning(UploadBytes.bytes)) is None:
        raise QuotaReached(quota, most=most, free_at=hour + _HOUR)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
