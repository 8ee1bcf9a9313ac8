"""What a reviewer sees of an application: all that its parties see, and what sources say against each other.

Codes are masked here too; `reveal` gives one in full and writes down who saw it, and `note_shown` does so for files.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from iam import readable
from iam.audit import Door, Origin
from iam.grants import service as grants
from iam.institutions.signatories import entitlement_of, known_signatories
from iam.people.rules import NameMatch, compare_names
from iam.people.service import codes_of
from iam.periods import riga_day
from signing.model import Message
from workflows.application import events, places_ended, repository
from workflows.application.decisions import is_party
from workflows.application.errors import NoSuchApplication, OwnApplication
from workflows.application.facts import Difference
from workflows.application.kinds.registry import abouts, facts_of, kind_of, required_of
from workflows.application.other_names import named_otherwise
from workflows.application.parties import all_known, entitled_to_sign, known, representing, signer_may_sign
from workflows.application.queue import Signed, signed
from workflows.application.states import OPEN, State
from workflows.application.tags import ApplicationTag
from workflows.application.views import (
    DecisionView,
    Event,
    PartView,
    UploadView,
    decisions_of,
    events_of,
    given_on,
    part_views,
    upload_view,
)
from workflows.evidence import service as evidence
from workflows.rights.today import RightsToday, rights_today

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from iam.grants.models import Account
    from iam.ids import ApplicationId
    from iam.institutions.models import Capacity, Signatory, SourceKind
    from iam.people.models import Person
    from iam.visibility import Visibility
    from signing.model import Report, SignatureReport
    from workflows.application.decisions import Reviewer
    from workflows.application.facts import StatedFacts
    from workflows.application.models import Application
    from workflows.proposals.content import FactText
    from workflows.signed_forms.models import Upload

__all__ = ["CaseView", "OtherCase", "SignatoryView", "case_view", "note_shown", "reveal", "unrecorded_signing"]


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
class OtherCase:
    """Another open application about the same person; `kind` is what is applied with, a sentence of the catalogue."""

    reference: str
    kind: str
    applicant_name: str
    state: State


@dataclass(frozen=True, slots=True)
class CaseView:
    """An application on a reviewer's page. `version` is what an act must say was seen."""

    id: ApplicationId
    version: int
    reference: str
    state: State
    stated: StatedFacts
    signed: Signed
    parts: tuple[PartView, ...]
    proofs: dict[str, tuple[Report, SignatureReport]]  # what each proven part rests on
    uploads: tuple[UploadView, ...]
    differences: tuple[Difference, ...]
    signatories: tuple[SignatoryView, ...]
    signatory_open: bool  # approving asks for the signatory to be recorded
    history: tuple[Event, ...]
    decisions: tuple[DecisionView, ...]
    submitted_at: datetime
    in_review_at: datetime | None
    expires_at: datetime | None
    claimed_by: str | None
    claimed_at: datetime | None
    own: bool  # the reviewer is a party: nothing can be decided
    account: Account | None
    others: tuple[OtherCase, ...]  # open ones about the same person, as far as they may be seen
    given: RightsToday  # on this application
    rights: RightsToday  # all of the person's that may be seen
    otherwise: tuple[str, ...]  # who is stated by a wholly other name than the code's
    account_pending: bool
    order_said: FactText  # what an order about institutions means for it


def case_view(session: Session, reference: str, *, sees: Visibility, own: bool, at: datetime) -> CaseView:
    """Show a case to somebody who may see it. Raises NoSuchApplication.

    The user's other rights are told as far as they may be seen. `own` comes from `decisions.is_party`; what somebody
    may do is asked act by act.
    """
    today = riga_day(at)
    application = repository.case_by_reference(session, reference, sees=sees, on=today)
    if application is None or application.stated is None or application.submitted_at is None:
        raise NoSuchApplication
    stated, history = facts_of(application), events.history(session, application)
    people = all_known(session, stated)
    signatories = () if application.scope_id is None else known_signatories(session, application.scope_id)
    judged = {upload.verification_id for upload in application.uploads}
    reports = evidence.reports(session, judged | {form.verification_id for form in application.documents})
    uploads = tuple(upload_view(upload, reports.get(upload.verification_id)) for upload in application.uploads)
    proofs = _proofs(application, reports)
    user = people.get(kind_of(application).about)
    account = None if user is None else grants.account_of(session, user)
    last_end = None if account is None else grants.last_ended(grants.history(session, account.id), by=at)
    known = [] if account is None else readable.history(session, account.id, sees=sees, on=today)
    return CaseView(
        id=application.id,
        version=application.version,
        reference=application.reference,
        state=application.state,
        stated=stated.masked(),
        signed=signed(application),
        parts=tuple(_beside_last_end(part, last_end) for part in part_views(application)),
        proofs=proofs,
        uploads=uploads,
        differences=_differences(application, stated, people, proofs, account),
        signatories=_signatories(application, signatories, at),
        signatory_open=_signatory_open(application, people, signatories),
        history=events_of(session, application, history),
        decisions=decisions_of(application),
        submitted_at=application.submitted_at,
        in_review_at=application.in_review_at,
        expires_at=application.expires_at,
        claimed_by=application.claimed_by,
        claimed_at=application.claimed_at,
        own=own and application.state in OPEN,
        account=account,
        others=_others(session, application, user, among=repository.visible(sees, on=today)),
        given=rights_today(given_on(session, application, account), on=today),
        rights=rights_today(known, on=today),
        otherwise=tuple(stated.people[role].name for role in named_otherwise(stated, people)),
        account_pending=account is not None and account.projection_pending,
        order_said=places_ended.said_of(session, application, history),
    )


def reveal(session: Session, application: Application, party: str, *, by: Reviewer, at: datetime) -> str:
    """Give a personal code in full to a reviewer, and note that they saw it. Raises OwnApplication for a party."""
    if application.stated is None:
        raise NoSuchApplication
    if is_party(session, application, by):
        raise OwnApplication("a party of an application is shown nobody's code in it")
    stated = facts_of(application).people
    if party not in stated:
        raise NoSuchApplication
    events.record(
        session,
        application,
        ApplicationTag.CODE_REVEALED,
        origin=Origin(by.actor, Door.REVIEW),
        at=at,
        details={"whose": str(party)},
    )
    return stated[party].personal_code


def note_shown(
    session: Session, application: Application, upload: Upload, *, page: int | None, by: Reviewer, at: datetime
) -> None:
    """Note that a file as it came is shown to somebody who decides, a page or all: it may show codes in full.

    Raises OwnApplication for a party.
    """
    if is_party(session, application, by):
        raise OwnApplication("a party of an application is shown nobody's code in it")
    events.record(
        session,
        application,
        ApplicationTag.CODE_REVEALED,
        origin=Origin(by.actor, Door.REVIEW),
        at=at,
        evidence=upload.sha256,
        details={"upload": upload.id, **({} if page is None else {"page": page})},
    )


def _proofs(
    application: Application, reports: Mapping[int | None, Report]
) -> dict[str, tuple[Report, SignatureReport]]:
    return {
        form.part: (report, signature)
        for form in application.documents
        if (report := reports.get(form.verification_id)) is not None
        for signature in report.signatures
        if signature.id == form.signature_id
    }


def _beside_last_end(part: PartView, last_end: datetime | None) -> PartView:
    """Note an end of rights that came after the signature, and maybe after it was judged: the reviewer decides now."""
    code = "form.older-than-last-end"
    if last_end is None or part.signed_at is None or part.signed_at > last_end:
        return part
    if any(note.code == code for note in part.notes):
        return part
    return replace(part, notes=(*part.notes, Message.of(code, day=riga_day(last_end).isoformat())))


def unrecorded_signing(session: Session, application: Application) -> date | None:
    """Give the day on which somebody signed for the applicant whose right to is not recorded; None where it is.

    What is recorded now decides, not what was when the file was judged: approving will ask the same.
    """
    found = representing(application)
    signed_at = None if found is None else found[0].signed_at
    if found is None or signed_at is None:
        return None
    person = known(session, facts_of(application), found[1])
    may = signer_may_sign(session, application, None if person is None else person.id)
    return None if may else riga_day(signed_at)


def _signatory_open(application: Application, people: Mapping[str, Person], recorded: Sequence[Signatory]) -> bool:
    found = representing(application)
    if found is None or application.state not in OPEN:
        return False
    if found[0].signed_at is None:
        return application.signatory_open
    person = people.get(found[1])
    entitled = [entitlement_of(row) for row in recorded]
    return not entitled_to_sign(application, None if person is None else person.id, entitled)


def _signatories(application: Application, recorded: Sequence[Signatory], at: datetime) -> tuple[SignatoryView, ...]:
    found = representing(application)
    if found is None:
        return ()
    day = riga_day(found[0].signed_at or at)
    return tuple(
        SignatoryView(
            name=row.person.full_name,
            capacity=row.capacity,
            since=row.since,
            until=row.until,
            source=row.source,
            source_kind=row.source_kind,
            on_the_day=entitlement_of(row).holds_on(day),
        )
        for row in recorded
    )


def _others(
    session: Session, application: Application, person: Person | None, *, among: ColumnElement[bool]
) -> tuple[OtherCase, ...]:
    if application.state not in OPEN:
        return ()
    codes = {facts_of(application).people[kind_of(application).about].personal_code}
    if person is not None:
        codes |= {code.written for code in codes_of(session, person.id)}
    return tuple(
        OtherCase(one.reference, kind_of(one).texts.name, one.applicant_name, one.state)
        for one in repository.undecided_about(session, codes, about=abouts(), among=among)
        if one.id != application.id
    )


def _differences(
    application: Application,
    stated: StatedFacts,
    people: Mapping[str, Person],
    proofs: dict[str, tuple[Report, SignatureReport]],
    account: Account | None,
) -> tuple[Difference, ...]:
    found = []
    signs = {one.part: one.person for one in required_of(application)}
    for part, (_, signature) in proofs.items():
        role, name = signs[part], signature.signer.common_name if signature.signer else ""
        if compare_names(stated.people[role].name, name) is not NameMatch.SAME:
            found.append(Difference(f"{role}.name", stated.people[role].name, name, "certificate"))
    for role, person in stated.people.items():
        registered = people.get(role)
        if registered is not None and compare_names(person.name, registered.full_name) is not NameMatch.SAME:
            found.append(Difference(f"{role}.name", person.name, registered.full_name, "register"))
    kind = kind_of(application)
    email = stated.people[kind.about].email
    if account is not None and email and account.email.casefold() != email.casefold():
        found.append(Difference(f"{kind.about}.email", email, account.email, "account"))
    return (*found, *kind.differences(stated, account))
