"""An application as the owner of its signing request: who must sign, and where a judged file takes the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iam import letters
from iam.audit import Actor, ActorKind, Door, Origin
from iam.grants import service as grants
from iam.institutions.signatories import entitlement_of, known_signatories
from iam.people.rules import parse_personal_code
from iam.people.service import codes_of
from signing.model import Identity
from workflows.application import events, notices, repository
from workflows.application.errors import NotNow, ReasonNeeded
from workflows.application.kinds.registry import facts_of, kind_of, required_of
from workflows.application.origins import of_applicant
from workflows.application.parties import known
from workflows.application.states import OWNER, SIGNATORY_NOTES, ApplicationEvent, State, after
from workflows.application.tags import ApplicationTag
from workflows.signed_forms import owners, uploads
from workflows.signed_forms.errors import NotAwaited
from workflows.signed_forms.owners import Asked
from workflows.signed_forms.signers import Entitled, KnownPerson, Named, Recorded, Signer
from workflows.signed_forms.states import Standing, UploadState

if TYPE_CHECKING:
    from datetime import datetime
    from typing import BinaryIO

    from sqlalchemy.orm import Session

    from iam.people.models import Person
    from iam.people.rules import PersonalCode
    from workflows.application.facts import StatedPerson
    from workflows.application.models import Application
    from workflows.signed_forms.models import SigningRequest, Upload
    from workflows.signed_forms.owners import UploadJudged
    from workflows.signed_forms.uploads import Received

__all__ = ["LONGEST_ANSWER", "answer", "upload"]

LONGEST_ANSWER = 4000
"""Letters of an answer in words."""

_ACCEPTING = frozenset({State.AWAITING_SIGNATURES, State.MORE_REQUESTED})
_JUDGE = Origin(Actor(ActorKind.SYSTEM, "judge"), Door.JOB)


def upload(
    session: Session,
    application: Application,
    content: bytes | BinaryIO,
    *,
    name: str,
    party: str,
    door: Door,
    at: datetime,
) -> Received:
    """Keep a file and queue its judging. Raises NotNow unless files are awaited or this very file is here already.

    Raises quotas.QuotaReached when the application would hold too much.
    """
    try:
        origin = of_applicant(application, door, party)
        return uploads.upload(session, application.signing, content, name=name, party=party, origin=origin, at=at)
    except NotAwaited as refused:
        raise NotNow(str(refused)) from None


def answer(
    session: Session, application: Application, words: str, *, party: str, door: Door, base_url: str, at: datetime
) -> None:
    """Answer in words what was asked for. Raises NotNow unless something was, ReasonNeeded without a word."""
    repository.locked_of(session, application.signing.id)
    state = after(application.state, ApplicationEvent.ANSWERED)
    words = words.replace("\r\n", "\n")  # browsers count a line's end as one letter
    if not letters.seen(words) or len(words) > LONGEST_ANSWER:
        raise ReasonNeeded("an answer says something, and not without end")
    _answered(session, application, state, origin=of_applicant(application, door, party), at=at, how=words.strip())
    notices.tell(session, application, "in_review", base_url=base_url, at=at, answered=True)


def _answered(
    session: Session, application: Application, state: State, *, origin: Origin, at: datetime, how: str
) -> None:
    application.state = state
    application.changed_at = at
    application.expires_at = None
    session.flush()
    standings = {document.part: document.standing.value for document in application.documents}
    details = {"standings": standings, "how": how, "version": application.version}
    events.record(session, application, ApplicationTag.ANSWERED, origin=origin, at=at, details=details)


class _Applications:
    """What signed forms ask of applications (`signed_forms.owners.Owner`)."""

    def hold(self, session: Session, request: SigningRequest) -> None:
        repository.locked_of(session, request.id)

    def accepts(self, session: Session, request: SigningRequest) -> bool:
        return repository.application_of(session, request.id).state in _ACCEPTING

    def asked(self, session: Session, request: SigningRequest, *, at: datetime) -> Asked:
        application = repository.application_of(session, request.id)
        facts, recorded = facts_of(application), _recorded(session, application)
        signers: dict[str, Signer] = {}
        for one in required_of(application):
            person = _known(session, facts.people[one.person], known(session, facts, one.person))
            named = Named(person, one.objection)
            signers[one.part] = Entitled(recorded, named) if one.represents else named
        about = known(session, facts, kind_of(application).about)
        return Asked(signers=signers, last_end=_last_end(session, about, at), made_at=application.submitted_at)

    def received(self, session: Session, upload: Upload, *, again: bool, origin: Origin, at: datetime) -> None:
        application = repository.application_of(session, upload.request_id)
        # A new version: whoever is just deciding without this file has not seen the case as it is.
        application.changed_at = at
        session.flush()
        if not again:
            events.record(
                session,
                application,
                ApplicationTag.UPLOADED,
                origin=origin,
                at=at,
                evidence=upload.sha256,
                details={"upload": upload.id, "size": upload.document.size, "version": application.version},
            )

    def judged(self, session: Session, judged: UploadJudged, *, base_url: str, at: datetime) -> None:
        application = repository.application_of(session, judged.upload.request_id)
        application.changed_at = at
        application.signatory_open = any(
            note["code"] in SIGNATORY_NOTES for one in application.documents for note in one.notes
        )
        session.flush()
        _record(session, application, judged, at)
        _move(session, application, judged, base_url=base_url, at=at)

    def dropped(self, session: Session, upload: Upload, *, at: datetime) -> None:
        events.record(
            session,
            repository.application_of(session, upload.request_id),
            ApplicationTag.FILE_DROPPED,
            origin=Origin(Actor(ActorKind.SYSTEM, "clock"), Door.JOB),
            at=at,
            evidence=upload.sha256,
            details={"upload": upload.id, "size": upload.document.size},
        )

    def pictures_wanted(self, session: Session, request: SigningRequest) -> bool:
        return repository.application_of(session, request.id).state is State.IN_REVIEW

    def codes_stated(self, session: Session, request: SigningRequest) -> tuple[str, ...]:
        people = facts_of(repository.application_of(session, request.id)).people.values()
        return tuple(dict.fromkeys(person.personal_code for person in people))


owners.register(OWNER, _Applications())


def _record(session: Session, application: Application, judged: UploadJudged, at: datetime) -> None:
    upload = judged.upload
    codes = sorted({reason["code"] for finding in upload.findings for reason in finding["reasons"]})
    events.record(
        session,
        application,
        ApplicationTag.JUDGED,
        origin=_JUDGE,
        at=at,
        evidence=upload.sha256,
        details={"upload": upload.id, "state": upload.state.value, "codes": codes, "attempt": upload.attempts},
    )
    for document in judged.proven:
        events.record(
            session,
            application,
            ApplicationTag.PART_PROVEN,
            origin=_JUDGE,
            at=at,
            evidence=upload.sha256,
            details={"part": document.part, "verification": upload.verification_id},
        )


def _move(session: Session, application: Application, judged: UploadJudged, *, base_url: str, at: datetime) -> None:
    upload = judged.upload
    if upload.state is UploadState.WAITING:
        return
    standings = {document.standing for document in application.documents}
    complete = standings <= {Standing.PROVEN, Standing.NEEDS_PERSON}
    match application.state:
        case State.AWAITING_SIGNATURES if complete:
            event = ApplicationEvent.PROVEN if standings == {Standing.PROVEN} else ApplicationEvent.SENT_TO_A_PERSON
            tag = ApplicationTag.SENT_TO_REVIEW
        case State.MORE_REQUESTED if judged.usable:
            # Asked-for documents need not be our forms, nor signed; a refused file answers nothing.
            event, tag = ApplicationEvent.ANSWERED, ApplicationTag.ANSWERED
        case _:
            if judged.retried and application.state in _ACCEPTING:
                # The page said "undetermined" when the sender left; now there is something for them to do.
                notices.tell(session, application, "to_do", base_url=base_url, at=at)
            return
    application.state = after(application.state, event)
    application.in_review_at = application.in_review_at or at
    application.expires_at = None
    events.record(
        session,
        application,
        tag,
        origin=_JUDGE,
        at=at,
        details={"standings": {document.part: document.standing.value for document in application.documents}},
    )
    answered = event is ApplicationEvent.ANSWERED
    notices.tell(session, application, "in_review", base_url=base_url, at=at, answered=answered)


def _known(session: Session, stated: StatedPerson, person: Person | None) -> KnownPerson:
    code = parse_personal_code(stated.personal_code)
    codes = (code,) if person is None else tuple({code, *codes_of(session, person.id)})
    return KnownPerson(stated.name, tuple(_identity(one) for one in codes))


def _recorded(session: Session, application: Application) -> tuple[Recorded, ...]:
    if application.scope_id is None:
        return ()
    return tuple(
        Recorded(
            name=row.person.full_name,
            identities=tuple(_identity(code) for code in codes_of(session, row.person_id)),
            entitlement=entitlement_of(row),
        )
        for row in known_signatories(session, application.scope_id)
    )


def _last_end(session: Session, user: Person | None, at: datetime) -> datetime | None:
    account = None if user is None else grants.account_of(session, user)
    return None if account is None else grants.last_ended(grants.history(session, account.id), by=at)


def _identity(code: PersonalCode) -> Identity:
    return Identity(code.kind.value, code.country, code.digits)
