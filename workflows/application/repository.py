"""The questions asked of applications' tables; nothing else in the package selects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, cast, false, func, or_, select, true, update
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.orm import aliased, joinedload, selectinload

from iam import letters
from iam.institutions.models import Institution
from iam.visibility import sees_scope
from workflows.application.models import Application, ApplicationForm, Decision, PartyLink, Upload
from workflows.application.states import OPEN, DecisionKind, Signed, State
from workflows.evidence.models import Document, Held
from workflows.signed_forms.states import Standing, UploadState

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from iam.ids import ApplicationId, EvidenceId, InstitutionId, PersonId
    from iam.visibility import Visibility
    from workflows.application.states import Party

__all__ = [
    "Wanted",
    "about_person",
    "application_by_reference",
    "applications_behind",
    "case_by_reference",
    "end_links",
    "expired",
    "forms_of_others",
    "junk",
    "link_by_digest",
    "linked_after",
    "locked",
    "locked_behind",
    "municipalities_waiting",
    "oldest_unclaimed",
    "queued",
    "reg_nos",
    "upload_of",
    "uploaded_before",
    "uploads_of",
    "visible",
    "waiting",
]


def visible(sees: Visibility, *, on: date) -> ColumnElement[bool]:
    """Return the condition that an application may be seen: its institution's, or one for the very person."""
    own = false() if sees.person is None else Application.user_person_id == sees.person
    return true() if sees.everything else or_(own, sees_scope(sees, Application.scope_id, on=on))


def case_by_reference(session: Session, reference: str, *, sees: Visibility, on: date) -> Application | None:
    """Find a submitted application by its reference, among those that may be seen."""
    query = select(Application).where(Application.reference == reference, Application.submitted_at.is_not(None))
    return session.scalar(query.where(visible(sees, on=on)))


def application_by_reference(session: Session, reference: str) -> Application | None:
    """Find a submitted application by its reference as stored."""
    query = select(Application).where(Application.reference == reference, Application.submitted_at.is_not(None))
    return session.scalar(query)


def applications_behind(session: Session, evidence: Collection[EvidenceId]) -> dict[EvidenceId, Application]:
    """Find the applications approved on each evidence; what rests on something else is left out."""
    query = select(Decision.evidence_id, Application).join(Application.decisions)
    found = session.execute(query.where(Decision.evidence_id.in_(evidence)).order_by(Application.id.desc()))
    return {evidence_id: application for evidence_id, application in found if evidence_id is not None}


def about_person(
    session: Session, person_id: PersonId, codes: Collection[str], *, sees: Visibility, on: date
) -> tuple[Application, ...]:
    """List the submitted applications for this user, newest first: by person once decided, else by stated code."""
    stated = Application.stated["user"]["personal_code"].astext.in_(codes)
    query = select(Application).where(
        or_(Application.user_person_id == person_id, and_(Application.user_person_id.is_(None), stated)),
        visible(sees, on=on),
    )
    return tuple(session.scalars(query.order_by(Application.submitted_at.desc(), Application.id.desc()).limit(50)))


def locked(session: Session, application_id: ApplicationId) -> Application:
    """Read the application as it is now and hold its row until the transaction ends; raises NoResultFound.

    By select, not by get: that one would call it stale when somebody changed it since this transaction read it first.
    """
    query = select(Application).where(Application.id == application_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def locked_behind(session: Session, upload_id: int) -> tuple[Application, Upload]:
    """Hold the row of the application an upload belongs to; both as they are now. Raises NoResultFound."""
    query = select(Application).join(Application.uploads).where(Upload.id == upload_id).with_for_update(of=Application)
    application = session.scalars(query.execution_options(populate_existing=True)).one()
    # Read after the row is held: whoever held it before may have judged it.
    return application, session.get_one(Upload, upload_id, populate_existing=True)


def link_by_digest(session: Session, digest: str) -> PartyLink | None:
    """Find a link by the digest of its secret, with its application."""
    query = select(PartyLink).where(PartyLink.token_digest == digest)
    return session.scalar(query.options(joinedload(PartyLink.application, innerjoin=True)))


def linked_after(session: Session, application_id: ApplicationId, party: Party, moment: datetime) -> bool:
    """Say whether the party was given a link after that moment."""
    query = select(PartyLink.id).where(
        PartyLink.application_id == application_id, PartyLink.party == party, PartyLink.created_at > moment
    )
    return session.scalar(query.limit(1)) is not None


def end_links(session: Session, *, of_ended_before: datetime, at: datetime) -> int:
    """End the links of applications that ended before that moment; say how many."""
    ended = select(Application.id).where(Application.state.not_in(OPEN), Application.changed_at < of_ended_before)
    done = session.execute(
        update(PartyLink)
        .where(PartyLink.ended_at.is_(None), PartyLink.application_id.in_(ended))
        .values(ended_at=at)
        .returning(PartyLink.id)
    )
    return len(done.all())


def upload_of(session: Session, application_id: ApplicationId, sha256: str) -> Upload | None:
    """Find the upload of these very bytes to this application."""
    return session.scalar(select(Upload).where(Upload.application_id == application_id, Upload.sha256 == sha256))


def uploaded_before(session: Session, upload: Upload) -> bool:
    """Say whether the same bytes were handed in with another application before this upload."""
    earlier = select(Upload.id).where(
        Upload.sha256 == upload.sha256, Upload.application_id != upload.application_id, Upload.id < upload.id
    )
    return session.scalar(earlier.limit(1)) is not None


def uploads_of(session: Session, sha256: str) -> Sequence[Upload]:
    """List the uploads of these very bytes, to whatever application."""
    return session.scalars(select(Upload).where(Upload.sha256 == sha256).order_by(Upload.id)).all()


def junk(
    session: Session,
    *,
    judged_before: datetime,
    only: str | None = None,
    among: Collection[str] | None = None,
    limit: int = 200,
) -> Sequence[str]:
    """List kept documents that are nothing but junk judged before that moment (`workflows.signed_forms.retention`)."""
    other = aliased(Upload)
    needed = select(other.id).where(other.sha256 == Document.sha256, ~_is_junk(other, judged_before))
    query = select(Document.sha256).where(
        Document.held == Held.KEPT,
        select(Upload.id).where(Upload.sha256 == Document.sha256).exists(),
        ~needed.exists(),
        ~select(ApplicationForm.id).where(ApplicationForm.sha256 == Document.sha256).exists(),
    )
    if only is not None:
        query = query.where(Document.sha256 == only)
    if among is not None:
        query = query.where(Document.sha256.in_(among))
    return session.scalars(query.order_by(Document.sha256).limit(limit)).all()


_DECIDED = (State.APPROVED, State.REFUSED)


def _is_junk(upload: type[Upload], judged_before: datetime) -> ColumnElement[bool]:
    """Say in SQL that the upload proved nothing and nobody needs to read it; never NULL."""
    found = upload.findings
    legible = func.jsonb_path_exists(found, cast('$[*].reasons[*] ? (@.code == "pdf.unsigned")', JSONPATH))
    asked_for = select(Decision.id).where(
        Decision.application_id == upload.application_id,
        Decision.kind == DecisionKind.MORE_REQUESTED,
        Decision.decided_at <= upload.received_at,
    )
    proves = select(ApplicationForm.id).where(ApplicationForm.proven_by == upload.id)
    decided = select(Application.id).where(Application.id == upload.application_id, Application.state.in_(_DECIDED))
    return and_(
        func.coalesce(upload.judged_at < judged_before, False),
        upload.state.in_((UploadState.JUDGED, UploadState.UNREADABLE)),
        func.jsonb_array_length(found) > 0,
        ~func.jsonb_path_exists(found, cast('$[*] ? (@.standing != "objected")', JSONPATH)),
        ~proves.exists(),
        ~decided.exists(),
        or_(~asked_for.exists(), and_(upload.state == UploadState.UNREADABLE, ~legible)),
    )


def forms_of_others(session: Session, application_id: ApplicationId, digests: Collection[str]) -> frozenset[str]:
    """Say which of the contents are forms made for other applications."""
    query = select(ApplicationForm.sha256).where(
        ApplicationForm.sha256.in_(digests), ApplicationForm.application_id != application_id
    )
    return frozenset(session.scalars(query))


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


def waiting(session: Session, *, sees: Visibility, on: date) -> list[tuple[str | None, datetime]]:
    """List who claimed what waits for a decision, and since when it waits."""
    waits = (Application.state == State.IN_REVIEW, visible(sees, on=on))
    query = select(Application.claimed_by, _SINCE).where(*waits)
    return [(claimed_by, since) for claimed_by, since in session.execute(query)]


def municipalities_waiting(session: Session, *, sees: Visibility, on: date) -> tuple[str, ...]:
    """Name the municipalities that something of waits, for the filter."""
    waits = (Application.state == State.IN_REVIEW, Application.municipality != "", visible(sees, on=on))
    query = select(Application.municipality).where(*waits)
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


def queued(
    session: Session, wanted: Wanted, *, sees: Visibility, on: date, limit: int, offset: int
) -> tuple[list[Application], int]:
    """List submitted applications that pass every filter, the oldest first, with their forms, and count them."""
    conditions: list[ColumnElement[bool]] = [
        Application.submitted_at.is_not(None),
        visible(sees, on=on),
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
    return list(session.scalars(query.options(selectinload(Application.forms)))), total or 0


def _signed(how: Signed) -> ColumnElement[bool]:
    """Say in SQL what `queue.signed` says of one application."""
    unproven = Application.forms.any(ApplicationForm.standing != Standing.PROVEN)
    noted = Application.forms.any(func.jsonb_array_length(ApplicationForm.notes) > 0)
    match how:
        case Signed.PERSON:
            return unproven
        case Signed.SIGNATORY:
            return ~unproven & Application.signatory_open
        case Signed.NOTED:
            return ~unproven & ~Application.signatory_open & noted
        case Signed.CLEAN:
            return ~unproven & ~Application.signatory_open & ~noted


def oldest_unclaimed(session: Session, *, sees: Visibility, on: date) -> Application | None:
    """Lock the application that has waited longest and that nobody has claimed."""
    return session.scalar(
        select(Application)
        .where(Application.state == State.IN_REVIEW, Application.claimed_by.is_(None), visible(sees, on=on))
        .order_by(_SINCE, Application.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
