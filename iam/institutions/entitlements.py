"""Who may sign for an institution, a municipality or the state, at a moment; and how that is recorded and corrected.

Each act writes its own audit entry.
"""

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from iam import audit
from iam.audit import Origin
from iam.errors import NothingToEnd, SignatoryOutlasts, SignatoryOverlaps
from iam.ids import PersonId, ScopeId
from iam.institutions.models import Capacity, Scope, Signatory, SourceKind
from iam.institutions.rules import Entitlement, entitlement_of
from iam.institutions.service import last_day_of, scope_code
from iam.institutions.tags import SignatoryTag
from iam.locks import one_at_a_time
from iam.periods import days, known_from, known_until

__all__ = [
    "entitlements_for",
    "hold_signatories",
    "known_signatories",
    "record_signatory",
    "refuse_beyond_its_place",
    "shorten_signatory",
    "withdraw_signatory",
]


def hold_signatories(session: Session, scope_id: ScopeId) -> None:
    """Wait until nobody else records or corrects who may sign for the scope; held until the transaction ends."""
    one_at_a_time(session, f"signatories:{scope_id}")


def known_signatories(
    session: Session, scope_id: ScopeId, *, known_at: datetime | None = None
) -> tuple[Signatory, ...]:
    """List everybody recorded for the scope now (or at a past moment), past and future ones too, the latest first."""
    known = func.upper_inf(Signatory.recorded) if known_at is None else Signatory.recorded.contains(known_at)
    return tuple(
        session.scalars(
            select(Signatory)
            .where(Signatory.scope_id == scope_id, known)
            .order_by(func.lower(Signatory.period).desc().nulls_last(), Signatory.id)
        )
    )


def entitlements_for(session: Session, scope_id: ScopeId) -> tuple[Entitlement, ...]:
    """Return what is recorded now for the scope, as facts for `iam.institutions.rules.may_sign`."""
    return tuple(entitlement_of(row) for row in known_signatories(session, scope_id))


def record_signatory(  # noqa: PLR0913 - each is a fact of the record, all but one named
    session: Session,
    *,
    scope_id: ScopeId,
    person_id: PersonId,
    capacity: Capacity,
    since: date | None,
    until: date | None,
    source: str,
    origin: Origin,
    at: datetime,
    source_kind: SourceKind = SourceKind.OTHER,
    email: str | None = None,
    evidence: str | None = None,
) -> Signatory:
    """Record that the person may sign there from `since` to `until`, both days included, and where that is known from.

    The kind of source is OTHER unless said: an entitlement without a register source needs a second pair of eyes.
    `evidence` is the SHA-256 (hex) of the file or document it is known from, where there is one; the audit keeps it.
    Raises SignatoryOverlaps when the person already may on one of these days; ValueError when the last day lies
    before the first or no source is given.
    """
    signatory = _added(
        session,
        Signatory(
            scope_id=scope_id,
            person_id=person_id,
            capacity=capacity,
            email=email,
            period=days(since, until),
            source=source.strip(),
            source_kind=source_kind,
            recorded=known_from(at),
            recorded_by=str(origin.actor),
        ),
    )
    _record(session, SignatoryTag.RECORDED, signatory, origin, at, evidence=evidence)
    return signatory


def refuse_beyond_its_place(session: Session, scope_id: ScopeId, *, until: date | None) -> None:
    """Raise SignatoryOutlasts where somebody would sign longer than the place is recorded to exist.

    Asked where people say who may sign; what an undone order had ended is recorded again before its place is.
    """
    last = last_day_of(session.get_one(Scope, scope_id))
    if last is not None and (until is None or until > last):
        raise SignatoryOutlasts(last)


def shorten_signatory(
    session: Session, signatory: Signatory, *, last_day: date, source: str, origin: Origin, at: datetime
) -> Signatory:
    """Record that the entitlement ends with `last_day`; what was known before stays readable by `known_at`.

    Raises NothingToEnd when it ends on that day or before anyway, or was corrected before.
    """
    hold_signatories(session, signatory.scope_id)
    session.refresh(signatory)
    since, until = signatory.since, signatory.until
    if until is not None and until <= last_day:
        raise NothingToEnd(f"the entitlement ends on {until} anyway")
    begins = _closed(session, signatory, origin=origin, at=at)
    shorter = _added(
        session,
        Signatory(
            scope_id=signatory.scope_id,
            person_id=signatory.person_id,
            capacity=signatory.capacity,
            email=signatory.email,
            period=days(since, last_day),
            source=source.strip(),
            source_kind=signatory.source_kind,
            recorded=known_from(begins),
            recorded_by=str(origin.actor),
        ),
    )
    _record(session, SignatoryTag.SHORTENED, shorter, origin, at, replaces=signatory.id)
    return shorter


def withdraw_signatory(session: Session, signatory: Signatory, *, origin: Origin, at: datetime) -> datetime:
    """Take back what was recorded. The row stays; from the moment returned on, something else may be recorded.

    Raises NothingToEnd when it was corrected before, by somebody at the same time too.
    """
    hold_signatories(session, signatory.scope_id)
    session.refresh(signatory)
    closed = _closed(session, signatory, origin=origin, at=at)
    _record(session, SignatoryTag.WITHDRAWN, signatory, origin, at)
    return closed


def _added(session: Session, signatory: Signatory) -> Signatory:
    if not signatory.source:
        raise ValueError("an entitlement to sign needs its source")
    person_id, scope_id = signatory.person_id, signatory.scope_id
    hold_signatories(session, scope_id)
    for known in known_signatories(session, scope_id):
        if known.person_id == person_id and known.period.overlaps(signatory.period):
            raise SignatoryOverlaps(f"person {person_id} may sign for scope {scope_id} on some of these days already")
    session.add(signatory)
    session.flush()
    return signatory


def _closed(session: Session, signatory: Signatory, *, origin: Origin, at: datetime) -> datetime:
    if signatory.recorded.upper is not None:
        raise NothingToEnd("this entitlement was corrected before")
    signatory.recorded = known_until(signatory.recorded, at)
    signatory.withdrawn_by = str(origin.actor)
    session.flush()
    return signatory.recorded.upper or at


def _record(
    session: Session,
    tag: SignatoryTag,
    signatory: Signatory,
    origin: Origin,
    at: datetime,
    *,
    evidence: str | None = None,
    **details: object,
) -> None:
    since, until = signatory.since, signatory.until
    what = {
        "scope": scope_code(signatory.scope),
        "person": signatory.person_id,
        "capacity": signatory.capacity,
        "since": None if since is None else since.isoformat(),
        "until": None if until is None else until.isoformat(),
        "source_kind": signatory.source_kind,
    }
    audit.record(
        session,
        tag,
        origin=origin,
        subject=f"signatory:{signatory.id}",
        at=at,
        evidence=evidence,
        details=what | details,
    )
