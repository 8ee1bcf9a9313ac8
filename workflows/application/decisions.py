"""What reviewers do with an application. A person decides, on what they saw, and never on their own.

Every act says which `version` was seen; a newer one raises ChangedMeanwhile and nothing happens. The row is held while
an act is carried out, so of two people deciding in the same second one decides and the other is told.

Approving, in one transaction:

    (1) the application is the one that was seen, in review, not somebody else's, not the reviewer's own;
    (2) every document is proven, by a signature or confirmed by a person;
    (3) whoever signed for the institution may do so on the day of the stamp: recorded before, or
        recorded now with a source;
    (4) what was applied for is done, by the rules of the application's kind (`kinds`);
    (5) a second person confirms it where the policy of the day asks for two (`second_person`, `approvals`);
    (6) decision, audit entry, mails and the job that brings it to Keycloak.

A crash leaves all of it or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iam import letters
from iam.audit import Actor, ActorKind, Door, Origin
from iam.grants import service as grants
from iam.institutions.entitlements import refuse_beyond_its_place
from iam.institutions.signatories import Entitlement, may_sign, record_signatory
from iam.people import service as people
from iam.people.rules import NameMatch, compare_names
from iam.periods import riga_day
from workflows import policy
from workflows.application import events, notices, repository
from workflows.application.errors import (
    ChangedMeanwhile,
    NotNow,
    NotYours,
    OwnApplication,
    ReasonNeeded,
    SecondPersonNeeded,
    SignatoryNeeded,
)
from workflows.application.kinds.kind import Approval
from workflows.application.kinds.registry import facts_of, kind_of
from workflows.application.models import Decision
from workflows.application.other_names import keep_why
from workflows.application.parties import registered, representing, signer_may_sign, signer_of
from workflows.application.second_person import CaseFacts, needs_second_person
from workflows.application.states import ApplicationEvent, DecisionKind, after
from workflows.application.tags import ApplicationTag
from workflows.proposals import service as proposals
from workflows.rights.projection import follow
from workflows.signed_forms import requests
from workflows.signed_forms.confirming import confirm
from workflows.signed_forms.errors import NotAwaited, Unexplained
from workflows.signed_forms.states import Standing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from iam.grants.models import Account
    from iam.ids import ApplicationId, EvidenceId, PersonId
    from iam.institutions.models import Capacity, SourceKind
    from iam.people.models import Person
    from workflows.application.models import Application

__all__ = [
    "NewSignatory",
    "Reviewer",
    "approve",
    "ask_more",
    "claim",
    "confirm_part",
    "is_party",
    "locked_as_seen",
    "note",
    "refuse",
    "release",
]


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A person of staff who decides: login name, and the name people know them by.

    No `Principal`: a proposal is carried out in the name of its proposer, who may have left.
    """

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
    application = locked_as_seen(session, application_id, seen, by)
    after(application.state, ApplicationEvent.REFUSED)  # what can be decided on can be worked on
    application.claimed_by, application.claimed_at = by.username, at
    note(session, application, ApplicationTag.CLAIMED, by, at)
    return application


def release(session: Session, application_id: ApplicationId, *, seen: int, by: Reviewer, at: datetime) -> Application:
    """Give it back to the queue."""
    application = locked_as_seen(session, application_id, seen, by, anybodys=True)
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
    application = locked_as_seen(session, application_id, seen, by)
    _decide(session, application, ApplicationEvent.MORE_REQUESTED, reason, seen, by, at)
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
    application = locked_as_seen(session, application_id, seen, by)
    _decide(session, application, ApplicationEvent.REFUSED, reason, seen, by, at)
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
    application = locked_as_seen(session, application_id, seen, by)
    after(application.state, ApplicationEvent.APPROVED)
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
    other_name: str = "",
    presented: str | None = None,
    approver: Reviewer | None = None,
) -> Account | None:
    """Approve (the procedure above) and return the account it concerned, None where it concerned none.

    `keep_address` says why an account there was keeps its e-mail though another one was signed; "" takes that over.
    `other_name` says why somebody stated by a wholly other name is whoever we know by the code; it is kept.
    `presented` is the digest of what the reviewer has read of what ends (`kinds.kind.Approval`).
    `approver` is the second person who confirmed what `by` decided: then the acts are theirs, and both are named.

    Raises ChangedMeanwhile, NameUnexplained, NotNow, NotYours, OwnApplication, SignatoryNeeded, and what iam refuses.
    Raises SecondPersonNeeded when nothing but the second person is missing; nothing of it is to be committed then.
    """
    application = locked_as_seen(session, application_id, seen, by, anybodys=approver is not None)  # (1)
    if approver is not None and is_party(session, application, approver):
        raise OwnApplication("nobody confirms an approval in which they are the user or the signatory")
    acting = approver or by
    after(application.state, ApplicationEvent.APPROVED)
    if any(one.standing is not Standing.PROVEN for one in application.documents) or not application.documents:  # (2)
        raise NotNow("a document still waits for its signature, or for a person to confirm it")
    kind, facts = kind_of(application), facts_of(application)
    keep_why(session, application, facts, other_name, origin=acting.origin, at=at)
    named = registered(session, facts, origin=acting.origin, at=at)
    recorded = _entitled(session, application, named, signatory, acting, at)  # (3)
    approval = Approval(
        people=named, origin=acting.origin, base_url=base_url, at=at, keep_address=keep_address, presented=presented
    )
    approved = kind.approve(session, application, facts, approval)  # (4)
    application.user_person_id = named[kind.about].id
    application.signatory_open = False
    why = needs_second_person(CaseFacts(kind.is_wide(facts), recorded), policy.on(session, at))  # (5)
    if why and approver is None:
        raise SecondPersonNeeded(why)
    event = ApplicationEvent.APPROVED
    decision = _decide(session, application, event, reason, seen, by, at, approved.evidence_id)  # (6)
    decision.confirmed_by = None if approver is None else approver.username
    account = approved.account
    concerned = {} if account is None else {"account": account.id}
    details: dict[str, object] = {"reviewer": by.username, **concerned}
    note(session, application, ApplicationTag.APPROVED, acting, at, evidence=approved.fingerprint, **details)
    if account is not None:
        follow(session, account.id, welcome={account.id} if approved.welcome else ())
    notices.tell_approved(session, application, approved, base_url=base_url, at=at)
    return account


def locked_as_seen(
    session: Session, application_id: ApplicationId, seen: int, by: Reviewer, *, anybodys: bool = False
) -> Application:
    """Hold the row, and refuse whoever saw another version, works on somebody else's, or is a party."""
    application = repository.locked(session, application_id)
    if application.version != seen:
        raise ChangedMeanwhile(seen=seen, now=application.version)
    if not anybodys and application.claimed_by not in {None, by.username}:
        raise NotYours(f"claimed by {application.claimed_by}")
    if is_party(session, application, by):
        raise OwnApplication("nobody decides an application in which they are the user or the signatory")
    return application


def is_party(session: Session, application: Application, by: Reviewer) -> bool:
    """Say whether the reviewer is the user, the head or a signer of it: by account, and to be safe by name.

    A namesake is kept out too: a colleague decides.
    """
    if application.stated is None:
        return False
    stated = facts_of(application).people.values()
    names = {one.name for one in stated} | {one.signer_name for one in application.documents if one.signer_name}
    if any(compare_names(by.name, name) is not NameMatch.DIFFERENT for name in names):
        return True
    account = grants.account_called(session, by.username)
    if account is None:
        return False
    if any(one.signer_person_id == account.person_id for one in application.documents):
        return True
    own = {code.written for code in people.codes_of(session, account.person_id)}
    return bool(own & {one.personal_code for one in stated})


def _decide(
    session: Session,
    application: Application,
    event: ApplicationEvent,
    reason: str,
    seen: int,
    by: Reviewer,
    at: datetime,
    evidence_id: EvidenceId | None = None,
) -> Decision:
    kinds = {
        ApplicationEvent.APPROVED: DecisionKind.APPROVED,
        ApplicationEvent.REFUSED: DecisionKind.REFUSED,
        ApplicationEvent.MORE_REQUESTED: DecisionKind.MORE_REQUESTED,
    }
    application.state = after(application.state, event)
    application.changed_at = at
    application.answer_draft, application.answer_sent_at = "", None
    if event is not ApplicationEvent.APPROVED and not letters.seen(reason):
        raise ReasonNeeded("a refusal or a request says why")
    if event is ApplicationEvent.MORE_REQUESTED:
        application.signing.anything_from = application.signing.anything_from or at
    else:
        application.decided_at = at
        requests.close(application.signing, at=at, kept=True)
    # Open proposals become outdated.
    proposals.outdate(session, application.subject, by=by.username, origin=by.origin, at=at)
    decision = Decision(
        application=application,
        kind=kinds[event],
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
    named: Mapping[str, Person],
    signatory: NewSignatory | None,
    by: Reviewer,
    at: datetime,
) -> SourceKind | None:
    """See that whoever signed for the applicant may, or record that they may; None where nothing is recorded now.

    Otherwise the kind of source of what was recorded.
    """
    found = representing(application)
    if found is None:
        return None
    document, role = found
    if application.scope_id is None or document.signed_at is None:
        raise NotNow("nothing is signed")
    if signer_may_sign(session, application, named[role].id):
        return None
    signer = signer_of(document, named[role].id)
    day = riga_day(document.signed_at)
    if signatory is None or not may_sign(signer, (signatory.entitlement(signer),), on=day):
        raise SignatoryNeeded(f"nobody is recorded who could sign on {day}")
    refuse_beyond_its_place(session, application.scope_id, until=signatory.until)
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
    events.note(session, application, tag, origin=by.origin, at=at, evidence=evidence, details=details)
