"""The questions asked of applications' tables; nothing else in the package selects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload

from iam import letters
from iam.institutions.models import Institution
from workflows.application.models import Application, Decision
from workflows.application.states import Signed, State
from workflows.signed_forms.models import RequiredDocument, SigningRequest
from workflows.signed_forms.states import Standing

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from iam.ids import ApplicationId, EvidenceId, InstitutionId, PersonId

__all__ = [
    "Wanted",
    "about_person",
    "application_behind",
    "application_by_reference",
    "application_of",
    "expired",
    "locked",
    "locked_of",
    "municipalities_waiting",
    "oldest_unclaimed",
    "queued",
    "reg_nos",
    "waiting",
]


_WITH_REQUEST = joinedload(Application.signing, innerjoin=True)


def application_by_reference(session: Session, reference: str) -> Application | None:
    """Find a submitted application by its reference as stored."""
    query = select(Application).where(Application.reference == reference, Application.submitted_at.is_not(None))
    return session.scalar(query.options(_WITH_REQUEST))


def application_of(session: Session, request_id: int) -> Application:
    """Find the application a signing request belongs to. Raises NoResultFound."""
    query = select(Application).where(Application.request_id == request_id)
    return session.scalars(query.options(_WITH_REQUEST)).one()


def application_behind(session: Session, evidence_id: EvidenceId) -> Application | None:
    """Find the application that was approved on this evidence, None where a right rests on something else."""
    query = select(Application).join(Application.decisions).where(Decision.evidence_id == evidence_id)
    return session.scalars(query.order_by(Application.id).limit(1)).one_or_none()


def about_person(session: Session, person_id: PersonId, codes: Collection[str]) -> tuple[Application, ...]:
    """List the submitted applications for this user, newest first: by person once decided, else by stated code."""
    stated = Application.stated["user"]["personal_code"].astext.in_(codes)
    query = select(Application).where(
        or_(Application.user_person_id == person_id, and_(Application.user_person_id.is_(None), stated))
    )
    return tuple(session.scalars(query.order_by(Application.submitted_at.desc(), Application.id.desc()).limit(50)))


def locked(session: Session, application_id: ApplicationId) -> Application:
    """Read the application as it is now and hold its row until the transaction ends; raises NoResultFound.

    By select, not by get: that one would call it stale when somebody changed it since this transaction read it first.
    """
    return _locked(session, Application.id == application_id)


def locked_of(session: Session, request_id: int) -> Application:
    """Hold the row of the application a signing request belongs to, as `locked` does."""
    return _locked(session, Application.request_id == request_id)


def _locked(session: Session, which: ColumnElement[bool]) -> Application:
    query = select(Application).where(which).options(_WITH_REQUEST).with_for_update(of=Application)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def reg_nos(session: Session, ids: Collection[InstitutionId]) -> frozenset[str]:
    """Give the register numbers of these institutions."""
    return frozenset(session.scalars(select(Institution.reg_no).where(Institution.id.in_(ids))))


def expired(session: Session, at: datetime, *, limit: int = 200) -> tuple[ApplicationId, ...]:
    """List what has waited too long: drafts, unsigned applications, asked-for documents that never came."""
    waiting = (State.DRAFT, State.AWAITING_SIGNATURES, State.MORE_REQUESTED)
    query = (
        select(Application.id)
        .where(Application.expires_at <= at, Application.state.in_(waiting))
        .order_by(Application.id)
        .limit(limit)
    )
    return tuple(session.scalars(query))


_SINCE = func.coalesce(Application.in_review_at, Application.submitted_at)


def waiting(session: Session) -> list[tuple[str | None, datetime]]:
    """List who claimed what waits for a decision, and since when it waits."""
    query = select(Application.claimed_by, _SINCE).where(Application.state == State.IN_REVIEW)
    return [(claimed_by, since) for claimed_by, since in session.execute(query)]


def municipalities_waiting(session: Session) -> tuple[str, ...]:
    """Name the municipalities that something of waits, for the filter."""
    query = select(Application.municipality).where(Application.state == State.IN_REVIEW, Application.municipality != "")
    return tuple(sorted(set(session.scalars(query)), key=letters.sort_key))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the queue is filtered by; empty means all. `before`: waiting since then or longer."""

    words: Collection[str]
    states: Collection[State]
    municipality: str
    assignee: str
    signed: Signed | None
    before: datetime | None


def queued(session: Session, wanted: Wanted, *, limit: int, offset: int) -> tuple[list[Application], int]:
    """List submitted applications that pass every filter, the oldest first, with their forms, and count them."""
    conditions: list[ColumnElement[bool]] = [
        Application.submitted_at.is_not(None),
        *(Application.search_key.contains(word, autoescape=True) for word in wanted.words),
    ]
    if wanted.states:
        conditions.append(Application.state.in_(wanted.states))
    if wanted.municipality:
        conditions.append(Application.municipality == wanted.municipality)
    if wanted.assignee:
        nobodys = wanted.assignee == "-"
        conditions.append(Application.claimed_by.is_(None) if nobodys else Application.claimed_by == wanted.assignee)
    if wanted.signed is not None:
        conditions.append(_signed(wanted.signed))
    if wanted.before is not None:
        conditions.append(wanted.before >= _SINCE)
    query = select(Application).where(*conditions).order_by(_SINCE, Application.id).limit(limit).offset(offset)
    total = session.scalar(select(func.count()).select_from(Application).where(*conditions))
    return list(session.scalars(query.options(_WITH_REQUEST.selectinload(SigningRequest.documents)))), total or 0


def _signed(how: Signed) -> ColumnElement[bool]:
    """Say in SQL what `queue.signed` says of one application."""
    mine = select(RequiredDocument.id).where(RequiredDocument.request_id == Application.request_id)
    unproven = mine.where(RequiredDocument.standing != Standing.PROVEN).exists()
    noted = mine.where(func.jsonb_array_length(RequiredDocument.notes) > 0).exists()
    match how:
        case Signed.PERSON:
            return unproven
        case Signed.SIGNATORY:
            return ~unproven & Application.signatory_open
        case Signed.NOTED:
            return ~unproven & ~Application.signatory_open & noted
        case Signed.CLEAN:
            return ~unproven & ~Application.signatory_open & ~noted


def oldest_unclaimed(session: Session) -> Application | None:
    """Hold the application that has waited longest and that nobody holds."""
    return session.scalar(
        select(Application)
        .where(Application.state == State.IN_REVIEW, Application.claimed_by.is_(None))
        .order_by(_SINCE, Application.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
