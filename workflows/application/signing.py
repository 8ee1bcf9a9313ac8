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
from workflows.application.parties import known, of_applicant
from workflows.application.states import OWNER, SIGNATORY_NOTES, ApplicationEvent, DecisionKind, State, after
from workflows.application.tags import ApplicationTag
from workflows.signed_forms import owners, uploads
from workflows.signed_forms.errors import NotAwaited
from workflows.signed_forms.owners import Asked
from workflows.signed_forms.signers import Entitled, KnownPerson, Named, Recorded, Signer
from workflows.signed_forms.states import Found, Standing, UploadState

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

__all__ = ["LONGEST_ANSWER", "answer", "answering", "keep_answer", "upload"]

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
    more: bool = False,
) -> Received:
    """Keep a file and queue its judging. Raises NotNow unless files are awaited or this very file is here already.

    Where something was asked for, the file is all of the answer unless `more` is to come.
    Raises quotas.QuotaReached when the application would hold too much.
    """
    try:
        origin = of_applicant(application, door, party)
        received = uploads.upload(session, application.signing, content, name=name, party=party, origin=origin, at=at)
    except NotAwaited as refused:
        raise NotNow(str(refused)) from None
    if application.state is State.MORE_REQUESTED and not more:
        application.answer_sent_at = at
    return received


def keep_answer(session: Session, application: Application, words: str, *, at: datetime) -> None:
    """Keep what is written so far, for whoever goes on with it. Raises NotNow unless something was asked for."""
    repository.locked_of(session, application.signing.id)
    after(application.state, ApplicationEvent.ANSWERED)
    _write(application, words)
    application.answer_sent_at, application.changed_at = None, at


def answer(
    session: Session, application: Application, words: str, *, party: str, door: Door, base_url: str, at: datetime
) -> None:
    """Say that the answer is all: words, the files that came since something was asked for, or both.

    It is handed over once its files are judged; a file refused meanwhile leaves it with the applicants.
    Raises NotNow unless something was asked for, ReasonNeeded where there is neither a word nor a file.
    """
    repository.locked_of(session, application.signing.id)
    after(application.state, ApplicationEvent.ANSWERED)
    _write(application, words)
    if not application.answer_draft and not any(not _refused(one) for one in answering(application)):
        raise ReasonNeeded("an answer says something, or brings something")
    application.answer_sent_at, application.changed_at = at, at
    session.flush()
    _hand_over(session, application, origin=of_applicant(application, door, party), base_url=base_url, at=at)


def answering(application: Application) -> list[Upload]:
    """List the files that came since something was asked for last."""
    asked = [one.decided_at for one in application.decisions if one.kind is DecisionKind.MORE_REQUESTED]
    return [one for one in application.uploads if asked and one.received_at >= max(asked)]


def _write(application: Application, words: str) -> None:
    words = words.replace("\r\n", "\n")  # browsers count a line's end as one letter
    if len(words) > LONGEST_ANSWER:
        raise ReasonNeeded("an answer is not without end")
    application.answer_draft = words.strip() if letters.seen(words) else ""


def _refused(upload: Upload) -> bool:
    return upload.state is not UploadState.WAITING and all(
        finding["standing"] == Found.OBJECTED for finding in upload.findings
    )


def _hand_over(session: Session, application: Application, *, origin: Origin, base_url: str, at: datetime) -> bool:
    """Hand a sent answer over to be decided, if nothing of it is still being judged; say whether it was.

    What was refused after it was sent nobody has seen yet: the answer waits for its senders then.
    """
    sent = application.answer_sent_at
    files = answering(application)
    if sent is None or any(one.state is UploadState.WAITING and not one.findings for one in files):
        return False
    if any(_refused(one) and one.judged_at is not None and one.judged_at >= sent for one in files):
        application.answer_sent_at = None
        return False
    words = application.answer_draft
    if not words and not any(one.state is UploadState.JUDGED and not _refused(one) for one in files):
        return False  # what is undetermined may yet be refused
    application.state = after(application.state, ApplicationEvent.ANSWERED)
    application.changed_at, application.expires_at = at, None
    application.answer_draft, application.answer_sent_at = "", None
    session.flush()
    standings = {document.part: document.standing.value for document in application.documents}
    details = {"standings": standings, "how": words, "version": application.version}
    events.record(session, application, ApplicationTag.ANSWERED, origin=origin, at=at, details=details)
    notices.tell(session, application, "in_review", base_url=base_url, at=at, answered=True)
    return True


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
        return repository.application_of(session, request.id).state in {State.IN_REVIEW, State.MORE_REQUESTED}

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
    if application.state is State.MORE_REQUESTED:
        # Asked-for documents need not be our forms, nor signed.
        handed_over = _hand_over(session, application, origin=_JUDGE, base_url=base_url, at=at)
        if not handed_over and judged.retried and upload.state is not UploadState.WAITING:
            notices.tell(session, application, "to_do", base_url=base_url, at=at)
        return
    if upload.state is UploadState.WAITING:
        return
    standings = {document.standing for document in application.documents}
    complete = standings <= {Standing.PROVEN, Standing.NEEDS_PERSON}
    if application.state is not State.AWAITING_SIGNATURES or not complete:
        if judged.retried and application.state in _ACCEPTING:
            # The page said "undetermined" when the sender left; now there is something for them to do.
            notices.tell(session, application, "to_do", base_url=base_url, at=at)
        return
    event = ApplicationEvent.PROVEN if standings == {Standing.PROVEN} else ApplicationEvent.SENT_TO_A_PERSON
    application.state = after(application.state, event)
    application.in_review_at = application.in_review_at or at
    application.expires_at = None
    events.record(
        session,
        application,
        ApplicationTag.SENT_TO_REVIEW,
        origin=_JUDGE,
        at=at,
        details={"standings": {document.part: document.standing.value for document in application.documents}},
    )
    notices.tell(session, application, "in_review", base_url=base_url, at=at, answered=False)


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
