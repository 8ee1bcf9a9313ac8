"""What reviewers do with an application. A person decides, on what they saw, and never on their own.

Every act says which `version` was seen; a newer one raises ChangedMeanwhile and nothing happens. The row is held while
an act is carried out, so of two people deciding in the same second one decides and the other is told.

Approving, in one transaction:

    (1) the application is the one that was seen, in review, not somebody else's, not the reviewer's own;
    (2) both parts are proven, by a signature or confirmed by a person;
    (3) whoever signed the application may sign for the institution on the day of the stamp: recorded before, or
        recorded now with a source;
    (4) person and account exist; an account there was takes over the signed e-mail, unless a reason speaks against it;
    (5) the rights are given, on the signed pair as evidence; a different level held before is ended as replaced;
    (6) a second person confirms it where the policy of the day asks for two (`second_person`, `approvals`);
    (7) decision, audit entry, mails and the job that brings it to Keycloak.

A crash leaves all of it or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iam import letters
from iam.audit import Actor, ActorKind, Door, Origin
from iam.grants import accounts
from iam.grants import service as grants
from iam.grants.evidence import fingerprint
from iam.institutions.signatories import Entitlement, may_sign, record_signatory
from iam.people import service as people
from iam.people.rules import NameMatch, compare_names
from iam.periods import riga_day
from workflows import policy, staff
from workflows.application import events, granting, notices, repository
from workflows.application.errors import (
    ChangedMeanwhile,
    NotNow,
    NotYours,
    OwnApplication,
    ReasonNeeded,
    SecondPersonNeeded,
    SignatoryNeeded,
)
from workflows.application.models import Decision
from workflows.application.second_person import facts_of, needs_second_person
from workflows.application.stated import Stated
from workflows.application.states import Act, DecisionKind, Part, after
from workflows.application.tags import ApplicationTag
from workflows.proposals import service as proposals
from workflows.rights.notices import address_changed
from workflows.rights.projection import follow
from workflows.signed_forms import requests
from workflows.signed_forms.confirming import confirm
from workflows.signed_forms.errors import NotAwaited, Unexplained
from workflows.signed_forms.states import Standing

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from iam.grants.models import Account
    from iam.ids import ApplicationId, EvidenceId, PersonId
    from iam.institutions.models import Capacity, SourceKind
    from iam.people.models import Person
    from workflows.application.models import Application
    from workflows.signed_forms.models import RequiredDocument

__all__ = [
    "NewSignatory",
    "Reviewer",
    "approve",
    "ask_more",
    "claim",
    "concerns",
    "confirm_part",
    "note",
    "refuse",
    "release",
]


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A person of staff who decides: login name, and the name people know them by."""

    username: str
    name: str

    @property
    def actor(self) -> Actor:
        """How the audit names them."""
        return Actor(ActorKind.STAFF, self.username)

    @property
    def origin(self) -> Origin:
        """Where their acts come from: the pages of staff."""
        return Origin(self.actor, Door.REVIEW)


@dataclass(frozen=True, slots=True)
class NewSignatory:
    """Who turned out to be entitled to sign, as what, on which days (both included), and where that is known from."""

    capacity: Capacity
    since: date | None
    until: date | None
    source: str
    source_kind: SourceKind

    def entitlement(self, person: PersonId) -> Entitlement:
        """Give the facts, for the one rule of who may sign."""
        return Entitlement(person, self.capacity, self.since, self.until)


def claim(session: Session, application_id: ApplicationId, *, seen: int, by: Reviewer, at: datetime) -> Application:
    """Take an application on, so that nobody else works on it meanwhile. Raises NotYours when somebody has."""
    application = _held(session, application_id, seen, by)
    after(application.state, Act.MORE_REQUESTED)  # only what is in review can be worked on
    application.claimed_by, application.claimed_at = by.username, at
    note(session, application, ApplicationTag.CLAIMED, by, at)
    return application


def release(session: Session, application_id: ApplicationId, *, seen: int, by: Reviewer, at: datetime) -> Application:
    """Give it back to the queue."""
    application = _held(session, application_id, seen, by, anybodys=True)
    application.claimed_by = application.claimed_at = None
    note(session, application, ApplicationTag.RELEASED, by, at)
    return application


def ask_more(
    session: Session,
    application_id: ApplicationId,
    *,
    seen: int,
    reason: str,
    by: Reviewer,
    base_url: str,
    at: datetime,
) -> Application:
    """Ask the applicants for something, in plain words they will read. Raises ReasonNeeded."""
    application = _held(session, application_id, seen, by)
    _decide(session, application, Act.MORE_REQUESTED, reason, seen, by, at)
    application.expires_at = at + policy.on(session, at).asked_documents_kept
    note(session, application, ApplicationTag.MORE_REQUESTED, by, at)
    notices.tell(session, application, "more_requested", base_url=base_url, at=at)
    return application


def refuse(
    session: Session,
    application_id: ApplicationId,
    *,
    seen: int,
    reason: str,
    by: Reviewer,
    base_url: str,
    at: datetime,
) -> Application:
    """Refuse, in plain words the applicants will read. Raises ReasonNeeded."""
    application = _held(session, application_id, seen, by)
    _decide(session, application, Act.REFUSED, reason, seen, by, at)
    note(session, application, ApplicationTag.REFUSED, by, at)
    notices.tell(session, application, "refused", base_url=base_url, at=at)
    return application


def confirm_part(  # noqa: PLR0913 - all but the first three by name, each a thing to keep
    session: Session,
    application_id: ApplicationId,
    part: str,
    *,
    upload_id: int,
    seen: int,
    how: str,
    by: Reviewer,
    at: datetime,
    compared: str = "",
) -> Application:
    """Confirm by a person what a machine could not decide: that this upload proves the part, and how that is known.

    Only for a part that waits for a person, and only with a file that does: what was objected to stays so. Who signed
    and when is what the signature says, where it is known which. A PDF that a program saved anew is confirmed on its
    comparison with our form: `compared` is the digest of the one that was seen; both stand in the audit.
    Raises ReasonNeeded without a `how`, NotNow otherwise.
    """
    application = _held(session, application_id, seen, by)
    after(application.state, Act.APPROVED)
    document = application.document(part)
    try:
        upload, said = confirm(session, document, upload_id=upload_id, how=how, compared=compared)
    except NotAwaited as refused:
        raise NotNow(str(refused)) from None
    except Unexplained as refused:
        raise ReasonNeeded(str(refused)) from None
    note(session, application, ApplicationTag.PART_CONFIRMED, by, at, evidence=upload.sha256, **said)
    return application


def approve(  # noqa: PLR0913 - what a reviewer decides is said by name
    session: Session,
    application_id: ApplicationId,
    *,
    seen: int,
    by: Reviewer,
    base_url: str,
    at: datetime,
    signatory: NewSignatory | None = None,
    reason: str = "",
    keep_address: str = "",
    approver: Reviewer | None = None,
) -> Account:
    """Approve (the procedure above) and return the account the rights were given to.

    `keep_address` says why an account there was keeps its e-mail though another one was signed; "" takes that over.
    `approver` is the second person who confirmed what `by` decided: then the acts are theirs, and both are named.

    Raises ChangedMeanwhile, NotNow, NotYours, OwnApplication, SignatoryNeeded, and iam's AccountShut, DocumentUsed.
    Raises SecondPersonNeeded when nothing but the second person is missing; nothing of it is to be committed then.
    """
    application = _held(session, application_id, seen, by, anybodys=approver is not None)  # (1)
    if approver is not None and concerns(session, application, approver):
        raise OwnApplication("nobody confirms an approval in which they are the user or the signatory")
    acting = approver or by
    after(application.state, Act.APPROVED)
    letter, signed = application.document(Part.LETTER), application.document(Part.APPLICATION)
    if {letter.standing, signed.standing} != {Standing.PROVEN}:  # (2)
        raise NotNow("a part still waits for its signature, or for a person to confirm it")
    stated = Stated.from_json(application.stated or {})
    head, user = granting.people_of(session, stated, origin=acting.origin, at=at)
    recorded = _entitled(session, application, signed, head, signatory, acting, at)  # (3)
    pair = granting.pair_of(application)
    account = grants.open_account(  # (4)
        session,
        person=user,
        email=stated.user.email,
        phone=stated.user.phone,
        language=application.language,
        because=pair,
        origin=acting.origin,
        at=at,
        # Whoever signs in under a name of the staff is staff, so no account gets such a name. That holds when Keycloak
        # has no such user yet, or no longer.
        reserved={member.username for member in staff.everybody(session)},
    )
    _address(session, application, account, stated, keep_address, acting, base_url, at)
    evidence_id = granting.give(session, stated, to=account, because=pair, origin=acting.origin, at=at)  # (5)
    application.user_person_id, application.signatory_open = user.id, False
    why = needs_second_person(facts_of(stated, new_signatory=recorded), policy.on(session, at))  # (6)
    if why and approver is None:
        raise SecondPersonNeeded(why)
    decision = _decide(session, application, Act.APPROVED, reason, seen, by, at, evidence_id)  # (7)
    decision.confirmed_by = None if approver is None else approver.username
    note(
        session,
        application,
        ApplicationTag.APPROVED,
        acting,
        at,
        evidence=fingerprint(pair),
        account=account.id,
        reviewer=by.username,
    )
    notices.tell(session, application, "approved", base_url=base_url, at=at)
    follow(session, welcome={account.id})
    return account


def _held(
    session: Session, application_id: ApplicationId, seen: int, by: Reviewer, *, anybodys: bool = False
) -> Application:
    """Hold the row, and refuse whoever saw another version, works on somebody else's, or is a party."""
    application = repository.locked(session, application_id)
    if application.version != seen:
        raise ChangedMeanwhile(seen=seen, now=application.version)
    if not anybodys and application.claimed_by not in {None, by.username}:
        raise NotYours(f"claimed by {application.claimed_by}")
    if concerns(session, application, by):
        raise OwnApplication("nobody decides an application in which they are the user or the signatory")
    return application


def concerns(session: Session, application: Application, by: Reviewer) -> bool:
    """Say whether the reviewer is the user, the head or a signer of it: by account, and to be safe by name.

    A namesake is kept out too: a colleague decides.
    """
    if application.stated is None:
        return False
    stated = Stated.from_json(application.stated)
    names = {
        stated.user.name,
        stated.head.name,
        *(form.signer_name for form in application.documents if form.signer_name),
    }
    if any(compare_names(by.name, name) is not NameMatch.DIFFERENT for name in names):
        return True
    account = grants.account_called(session, by.username)
    if account is None:
        return False
    if any(form.signer_person_id == account.person_id for form in application.documents):
        return True
    own = {code.written for code in people.codes_of(session, account.person_id)}
    return bool(own & {stated.user.personal_code, stated.head.personal_code})


def _decide(
    session: Session,
    application: Application,
    act: Act,
    reason: str,
    seen: int,
    by: Reviewer,
    at: datetime,
    evidence_id: EvidenceId | None = None,
) -> Decision:
    kinds = {
        Act.APPROVED: DecisionKind.APPROVED,
        Act.REFUSED: DecisionKind.REFUSED,
        Act.MORE_REQUESTED: DecisionKind.MORE_REQUESTED,
    }
    application.state = after(application.state, act)
    application.changed_at = at
    if act is not Act.APPROVED and not letters.seen(reason):
        raise ReasonNeeded("a refusal or a request says why")
    if act is Act.MORE_REQUESTED:
        application.signing.anything_from = application.signing.anything_from or at
    else:
        application.decided_at = at
        requests.close(application.signing, at=at, kept=True)
    # What waits for a second person is settled by this: nobody shall find it confirmable.
    proposals.outdate(session, application.subject, by=by.username, origin=by.origin, at=at)
    decision = Decision(
        application=application,
        kind=kinds[act],
        reason=reason.strip(),
        decided_by=by.username,
        decided_at=at,
        seen_version=seen,
        evidence_id=evidence_id,
    )
    session.add(decision)
    session.flush()
    return decision


def _entitled(
    session: Session,
    application: Application,
    signed: RequiredDocument,
    head: Person,
    signatory: NewSignatory | None,
    by: Reviewer,
    at: datetime,
) -> SourceKind | None:
    """See that the signer may sign, or record that they may; return the kind of source of what was recorded now."""
    if application.scope_id is None or signed.signed_at is None:
        raise NotNow("nothing is signed")
    if granting.signer_may_sign(session, application, head.id):
        return None
    signer = signed.signer_person_id or head.id
    day = riga_day(signed.signed_at)
    if signatory is None or not may_sign(signer, (signatory.entitlement(signer),), on=day):
        raise SignatoryNeeded(f"nobody is recorded who could sign on {day}")
    record_signatory(
        session,
        scope_id=application.scope_id,
        person_id=signer,
        capacity=signatory.capacity,
        since=signatory.since,
        until=signatory.until,
        source=signatory.source,
        source_kind=signatory.source_kind,
        origin=by.origin,
        at=at,
    )
    note(
        session,
        application,
        ApplicationTag.SIGNATORY_RECORDED,
        by,
        at,
        person=signer,
        source_kind=signatory.source_kind,
    )
    return signatory.source_kind


def _address(
    session: Session,
    application: Application,
    account: Account,
    stated: Stated,
    keep: str,
    by: Reviewer,
    base_url: str,
    at: datetime,
) -> None:
    """Let the account be reached where the user signed to be reached.

    Links for a password go to the account's address: whoever runs the mail of an earlier workplace must not get them,
    and live ones end with the address they were sent to (`password_reset.service.standing`).
    """
    before, signed = account.email, stated.user.email.strip()
    if before.casefold() == signed.casefold():
        return
    if letters.seen(keep):
        note(session, application, ApplicationTag.ADDRESS_KEPT, by, at, account=account.id, reason=keep.strip())
        return
    accounts.change_contact(
        session,
        account,
        email=signed,
        phone=stated.user.phone,
        language=account.language,
        because=granting.pair_of(application),
        origin=by.origin,
        at=at,
    )
    address_changed(session, account, before=before, base_url=base_url, at=at)


def note(
    session: Session,
    application: Application,
    tag: ApplicationTag,
    by: Reviewer,
    at: datetime,
    *,
    evidence: str | None = None,
    **details: object,
) -> None:
    """Note an act of staff in the audit, with the version it led to."""
    application.changed_at = at
    session.flush()
    events.record(
        session,
        application,
        tag,
        origin=by.origin,
        at=at,
        evidence=evidence,
        details={"reference": application.reference, "version": application.version, **details},
    )
