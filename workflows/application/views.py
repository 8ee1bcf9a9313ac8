"""What pages show of an application: facts ready to be rendered, personal codes masked.

A page never sees a model. Reasons are `Message`s: `messages.say(reason, language)` puts them into words.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from iam import audit
from iam.audit import Door
from iam.grants import service as grants
from iam.institutions.signatories import known_signatories
from iam.people.rules import NameMatch, compare_names, mask, parse_personal_code
from iam.people.service import find_by_code
from iam.periods import riga_day
from signing.model import Message
from workflows.application import repository
from workflows.application.errors import NoSuchApplication
from workflows.application.queue import Signed, signed
from workflows.application.stated import Stated, StatedPerson
from workflows.application.states import OPEN, Part, Party, Standing, State
from workflows.application.tags import ApplicationTag
from workflows.evidence.models import Document, Verification

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from iam._base import ApplicationId
    from iam.grants.models import Account
    from iam.grants.rules import HeldGrant
    from iam.institutions.models import Capacity, SourceKind
    from signing.model import Report, SignatureReport
    from workflows.application.decisions import Reviewer
    from workflows.application.kinds import DecisionKind, UploadState
    from workflows.application.models import Application, ApplicationForm, Upload

__all__ = [
    "CaseView",
    "DecisionView",
    "Difference",
    "Event",
    "FindingView",
    "PartView",
    "SignatoryView",
    "TrackingView",
    "UploadView",
    "case_view",
    "reveal",
    "tracking_view",
]

_TOLD_TO_APPLICANTS = frozenset(
    {
        ApplicationTag.SUBMITTED,
        ApplicationTag.UPLOADED,
        ApplicationTag.PART_PROVEN,
        ApplicationTag.SENT_TO_REVIEW,
        ApplicationTag.MORE_REQUESTED,
        ApplicationTag.ANSWERED,
        ApplicationTag.APPROVED,
        ApplicationTag.REFUSED,
        ApplicationTag.WITHDRAWN,
        ApplicationTag.EXPIRED,
        ApplicationTag.ACCOUNT_READY,
    }
)


@dataclass(frozen=True, slots=True)
class PartView:
    """One of the two documents: who signs it, how far it is, by what."""

    part: Part
    signer: Party
    signer_stated: str
    standing: Standing
    signer_name: str | None
    signed_at: datetime | None
    notes: tuple[Message, ...]
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class FindingView:
    """What was found about an upload; `part` None speaks of the file as a whole."""

    part: Part | None
    standing: Standing
    reasons: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class UploadView:
    """One uploaded file and what came of it. `report` only on a reviewer's page."""

    id: int
    name: str
    size: int
    media_type: str
    party: Party
    received_at: datetime
    state: UploadState
    next_attempt_at: datetime | None
    judged_at: datetime | None
    findings: tuple[FindingView, ...]
    sha256: str
    verification_id: int | None
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history."""

    at: datetime
    tag: ApplicationTag
    actor: str
    details: dict[str, object]


@dataclass(frozen=True, slots=True)
class DecisionView:
    """What was decided, why and when; `decided_by` is for reviewers' pages only."""

    kind: DecisionKind
    reason: str
    decided_at: datetime
    decided_by: str


@dataclass(frozen=True, slots=True)
class TrackingView:
    """An application in one party's eyes. `stated` has its codes masked."""

    id: ApplicationId
    reference: str
    state: State
    party: Party
    language: str
    stated: Stated
    parts: tuple[PartView, ...]
    mine: tuple[Part, ...]
    uploads: tuple[UploadView, ...]
    timeline: tuple[Event, ...]
    decisions: tuple[DecisionView, ...]
    submitted_at: datetime
    expires_at: datetime | None
    accepts_files: bool
    account_pending: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """Two sources that disagree: `what` is a stable word ("user.name", "user.email", "signatory")."""

    what: str
    stated: str
    found: str
    source: str  # "certificate", "register", "account"


@dataclass(frozen=True, slots=True)
class SignatoryView:
    """Who is recorded as entitled to sign for the institution."""

    name: str
    capacity: Capacity
    since: date | None
    until: date | None
    source: str
    source_kind: SourceKind
    on_the_day: bool  # of the application's stamp


@dataclass(frozen=True, slots=True)
class CaseView:
    """An application on a reviewer's page. `version` is what an act must say was seen."""

    id: ApplicationId
    version: int
    reference: str
    state: State
    stated: Stated
    signed: Signed
    parts: tuple[PartView, ...]
    signatures: dict[Part, SignatureReport]
    uploads: tuple[UploadView, ...]
    differences: tuple[Difference, ...]
    signatories: tuple[SignatoryView, ...]
    signatory_open: bool
    history: tuple[Event, ...]
    decisions: tuple[DecisionView, ...]
    submitted_at: datetime
    in_review_at: datetime | None
    claimed_by: str | None
    claimed_at: datetime | None
    own: bool  # the reviewer is a party: nothing can be decided
    account: Account | None
    held: tuple[HeldGrant, ...]
    account_pending: bool


def tracking_view(session: Session, application: Application, party: Party) -> TrackingView:
    """Show a submitted application to one party. Raises NoSuchApplication for a draft."""
    if application.stated is None or application.submitted_at is None:
        raise NoSuchApplication
    stated = Stated.from_json(application.stated)
    account = _account(session, stated)
    return TrackingView(
        id=application.id,
        reference=application.reference,
        state=application.state,
        party=party,
        language=application.language,
        stated=masked(stated),
        parts=tuple(_part(form, stated) for form in application.forms),
        mine=_mine(application, party),
        uploads=tuple(_upload(session, upload, with_report=False) for upload in application.uploads),
        timeline=tuple(event for event in _history(session, application) if event.tag in _TOLD_TO_APPLICANTS),
        decisions=_decisions(application),
        submitted_at=application.submitted_at,
        expires_at=application.expires_at,
        accepts_files=application.state in {State.AWAITING_SIGNATURES, State.MORE_REQUESTED},
        account_pending=application.state is State.APPROVED and account is not None and account.projection_pending,
    )


def case_view(session: Session, reference: str, *, by: Reviewer, own: bool, at: datetime) -> CaseView:
    """Show a case to a reviewer. `own` comes from `decisions.concerns`. Raises NoSuchApplication."""
    application = repository.application_by_reference(session, reference)
    if application is None or application.stated is None or application.submitted_at is None:
        raise NoSuchApplication
    stated = Stated.from_json(application.stated)
    uploads = tuple(_upload(session, upload, with_report=True) for upload in application.uploads)
    signatures = _signatures(application, uploads)
    account = _account(session, stated)
    del by  # every reviewer sees the same; what they may do is asked act by act
    return CaseView(
        id=application.id,
        version=application.version,
        reference=application.reference,
        state=application.state,
        stated=masked(stated),
        signed=signed(application),
        parts=tuple(_part(form, stated) for form in application.forms),
        signatures=signatures,
        uploads=uploads,
        differences=_differences(session, stated, signatures, account),
        signatories=_signatories(session, application, at),
        signatory_open=application.signatory_open,
        history=_history(session, application),
        decisions=_decisions(application),
        submitted_at=application.submitted_at,
        in_review_at=application.in_review_at,
        claimed_by=application.claimed_by,
        claimed_at=application.claimed_at,
        own=own and application.state in OPEN,
        account=account,
        held=() if account is None else tuple(grants.current_grants(session, account.id, on=riga_day(at))),
        account_pending=account is not None and account.projection_pending,
    )


def reveal(session: Session, application: Application, party: Party, *, by: Reviewer, at: datetime) -> str:
    """Give a personal code in full to a reviewer, and write down that they saw it."""
    if application.stated is None:
        raise NoSuchApplication
    stated = Stated.from_json(application.stated)
    audit.record(
        session,
        ApplicationTag.CODE_REVEALED,
        actor=by.actor,
        subject=application.subject,
        door=Door.REVIEW,
        at=at,
        details={"whose": party.value},
    )
    return (stated.head if party is Party.HEAD else stated.user).personal_code


def masked(stated: Stated) -> Stated:
    """Hide the codes."""
    return replace(stated, head=_masked(stated.head), user=_masked(stated.user))


def _masked(person: StatedPerson) -> StatedPerson:
    return replace(person, personal_code=mask(person.personal_code))


def _part(form: ApplicationForm, stated: Stated) -> PartView:
    signer = Party.HEAD if form.part is Part.APPLICATION or stated.head_is_user else Party.USER
    return PartView(
        part=form.part,
        signer=signer,
        signer_stated=(stated.head if form.part is Part.APPLICATION else stated.user).name,
        standing=form.standing,
        signer_name=form.signer_name,
        signed_at=form.signed_at,
        notes=_messages(form.notes),
        sha256=form.sha256,
        size=form.size,
    )


def _mine(application: Application, party: Party) -> tuple[Part, ...]:
    if application.head_is_user or party is Party.APPLICANT:
        return (Part.APPLICATION, Part.LETTER)
    return (Part.APPLICATION,) if party is Party.HEAD else (Part.LETTER,)


def _upload(session: Session, upload: Upload, *, with_report: bool) -> UploadView:
    document = session.get_one(Document, upload.sha256)
    verification = session.get(Verification, upload.verification_id) if with_report and upload.verification_id else None
    return UploadView(
        id=upload.id,
        name=upload.name,
        size=document.size,
        media_type=document.media_type,
        party=upload.party,
        received_at=upload.received_at,
        state=upload.state,
        next_attempt_at=upload.next_attempt_at,
        judged_at=upload.judged_at,
        findings=tuple(
            FindingView(
                part=Part(finding["part"]) if finding["part"] else None,
                standing=Standing(finding["standing"]),
                reasons=_messages(finding["reasons"]),
            )
            for finding in upload.findings
        ),
        sha256=upload.sha256,
        verification_id=upload.verification_id,
        report=None if verification is None else verification.report,
    )


def _messages(kept: list[dict[str, Any]]) -> tuple[Message, ...]:
    return tuple(Message(one["code"], one["params"]) for one in kept)


def _signatures(application: Application, uploads: tuple[UploadView, ...]) -> dict[Part, SignatureReport]:
    reports = {upload.id: upload.report for upload in uploads}
    found = {}
    for form in application.forms:
        report = reports.get(form.proven_by or 0)
        for signature in report.signatures if report else ():
            if signature.id == form.signature_id:
                found[form.part] = signature
    return found


def _history(session: Session, application: Application) -> tuple[Event, ...]:
    known = {tag.value: tag for tag in ApplicationTag}
    entries = audit.newest(session, subject=application.subject, limit=500)
    return tuple(
        Event(entry.at, known[entry.tag], f"{entry.actor_kind}:{entry.actor_id}", dict(entry.details))
        for entry in reversed(entries)
        if entry.tag in known
    )


def _decisions(application: Application) -> tuple[DecisionView, ...]:
    return tuple(DecisionView(one.kind, one.reason, one.decided_at, one.decided_by) for one in application.decisions)


def _account(session: Session, stated: Stated) -> Account | None:
    person = find_by_code(session, parse_personal_code(stated.user.personal_code))
    return None if person is None else grants.account_of(session, person)


def _signatories(session: Session, application: Application, at: datetime) -> tuple[SignatoryView, ...]:
    if application.scope_id is None:
        return ()
    day = riga_day(application.form(Part.APPLICATION).signed_at or at)
    return tuple(
        SignatoryView(
            name=row.person.full_name,
            capacity=row.capacity,
            since=row.since,
            until=row.until,
            source=row.source,
            source_kind=row.source_kind,
            on_the_day=row.period.contains(day),
        )
        for row in known_signatories(session, application.scope_id)
    )


def _differences(
    session: Session, stated: Stated, signatures: dict[Part, SignatureReport], account: Account | None
) -> tuple[Difference, ...]:
    found = []
    people = {Part.APPLICATION: ("head.name", stated.head), Part.LETTER: ("user.name", stated.user)}
    for part, signature in signatures.items():
        what, person = people[part]
        name = signature.signer.common_name if signature.signer else ""
        if compare_names(person.name, name) is not NameMatch.SAME:
            found.append(Difference(what, person.name, name, "certificate"))
    for what, person in people.values():
        known = find_by_code(session, parse_personal_code(person.personal_code))
        if known is not None and compare_names(person.name, known.full_name) is not NameMatch.SAME:
            found.append(Difference(what, person.name, known.full_name, "register"))
    if account is not None and account.email.casefold() != stated.user.email.casefold():
        found.append(Difference("user.email", stated.user.email, account.email, "account"))
    return tuple(found)
