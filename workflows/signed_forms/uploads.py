"""A file arrives, is judged by a job, and moves the application.

    waiting ──judged, final──▶ judged                (objected to and handed in again: waiting again)
       │  ▲────undetermined────┘ │        (again by itself: 1, 2, 4 … minutes, at most an hour apart)
       ├──nothing that can be judged──▶ unreadable
       └──judging fails for good──────▶ judged      (a person reads it)

Receiving: store and queue in one transaction. Applying a judgement: one transaction too, in which the application's
row is held, so that two files judged at once cannot both miss that they complete each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeAlias, assert_never

from iam import audit
from iam.audit import Actor, ActorKind, Door, Origin
from iam.people.rules import CodeKind, PersonalCode
from iam.people.service import find_by_code
from signing.model import ExpectedContent, Message
from workflows.application import notices, repository
from workflows.application.errors import NotNow
from workflows.application.models import Upload
from workflows.application.states import Act, Part, Party, State, after
from workflows.application.tags import ApplicationTag
from workflows.evidence import quotas
from workflows.evidence.models import Held
from workflows.evidence.names import clean_name
from workflows.evidence.service import receive
from workflows.jobs import defer
from workflows.signed_forms import retention
from workflows.signed_forms.proof import Decided, NeedsPerson, Objected, Proven, Undetermined
from workflows.signed_forms.states import Standing, UploadState

if TYPE_CHECKING:
    from datetime import datetime
    from typing import BinaryIO

    from sqlalchemy.orm import Session

    from iam.ids import PersonId
    from signing.model import SignatureReport
    from workflows.application.models import Application, ApplicationForm
    from workflows.signed_forms.proof import Finding

__all__ = ["JUDGE", "Outcome", "Received", "apply", "expected_of", "for_a_person", "prove", "upload"]

JUDGE = "application.judge"
"""The job that judges one upload."""

Outcome: TypeAlias = Decided | Objected | Undetermined | NeedsPerson

_ACCEPTING = frozenset({State.AWAITING_SIGNATURES, State.MORE_REQUESTED})
_ONE_WISH = timedelta(minutes=1)
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=1)
_ATTEMPTS_AT_A_BROKEN_FILE = 3


@dataclass(frozen=True, slots=True)
class Received:
    """An upload; `again` says that these very bytes were here before, and nothing new happened."""

    upload: Upload
    again: bool


def upload(
    session: Session, application: Application, content: bytes | BinaryIO, *, name: str, party: Party, at: datetime
) -> Received:
    """Keep the file and queue its judging. Raises NotNow unless files are awaited or this very file is here already.

    Raises quotas.QuotaReached when the application would hold too much.
    One that was objected to is judged again: who may sign may have been recorded since.
    """
    application = repository.locked(session, application.id)
    name = clean_name(name)
    document = receive(session, content, declared_name=name, at=at)
    known = repository.upload_of(session, application.id, document.sha256)
    if known is not None:
        if application.state in _ACCEPTING and _objected_a_while_ago(known, at):
            known.state, application.changed_at = UploadState.WAITING, at
            defer(session, JUDGE, lock=f"application:{application.id}", priority=10, upload_id=known.id)
        return Received(known, again=True)
    if application.state not in _ACCEPTING:
        raise NotNow("no file is awaited")  # what was just received goes with the transaction
    _check_quota(session, application, document.size, at)
    new = Upload(
        application=application,
        sha256=document.sha256,
        name=name,
        party=party,
        received_at=at,
        state=UploadState.WAITING,
        attempts=0,
        findings=[],
    )
    session.add(new)
    # A new version: whoever is just deciding without this file has not seen the case as it is.
    application.changed_at = at
    session.flush()
    audit.record(
        session,
        ApplicationTag.UPLOADED,
        origin=Origin(Actor(ActorKind.APPLICANT, f"{application.reference}/{party}"), Door.WEB),
        subject=application.subject,
        at=at,
        evidence=document.sha256,
        details={"upload": new.id, "size": document.size, "version": application.version},
    )
    defer(session, JUDGE, lock=f"application:{application.id}", priority=10, upload_id=new.id)
    return Received(new, again=False)


def _check_quota(session: Session, application: Application, size: int, at: datetime) -> None:
    held = sum(one.document.size for one in application.uploads if one.document.held is Held.KEPT)
    quotas.check_application(
        session, held, size, free_at=lambda: retention.next_to_go(session, application, at=at), at=at
    )


def _objected_a_while_ago(upload: Upload, at: datetime) -> bool:
    if upload.state is not UploadState.JUDGED or upload.judged_at is None or upload.judged_at > at - _ONE_WISH:
        return False  # a button pressed twice is one wish
    return any(finding["standing"] == Standing.OBJECTED for finding in upload.findings)


def expected_of(application: Application) -> tuple[ExpectedContent, ...]:
    """List the forms a signed file should turn out to hold."""
    return tuple(ExpectedContent(form.sha256, form.size) for form in application.forms)


def apply(
    session: Session,
    upload: Upload,
    outcome: Outcome,
    *,
    verification_id: int | None,
    base_url: str,
    at: datetime,
) -> None:
    """Write down what came of judging the upload, and move the application when that completes it.

    `outcome` is what proof.decide found; Objected for bytes that are nothing that can be judged; Undetermined when
    judging itself failed. The caller holds the application's row.
    """
    application = upload.application
    upload.attempts += 1
    upload.judged_at = at
    upload.verification_id = verification_id
    upload.findings = _findings(outcome)
    if _waiting(outcome):
        if upload.attempts < _ATTEMPTS_AT_A_BROKEN_FILE or not _broke(outcome):
            _wait(session, upload, at)
        else:
            outcome = NeedsPerson((Message.of("application.read-by-person"),))
            upload.findings = _findings(outcome)
    if upload.state is UploadState.WAITING and not _waiting(outcome):
        upload.state = UploadState.UNREADABLE if isinstance(outcome, Objected) else UploadState.JUDGED
        upload.next_attempt_at = None
    application.changed_at = at
    with session.no_autoflush:  # one statement a row, however many questions are asked in between
        _stand(session, application, upload, outcome)
    session.flush()
    _record(session, application, upload, at)
    _move(session, application, upload, base_url=base_url, at=at)
    session.flush()


def _waiting(outcome: Outcome) -> bool:
    if isinstance(outcome, Decided):
        findings = [*outcome.parts.values(), *([] if outcome.document is None else [outcome.document])]
        return any(isinstance(finding, Undetermined) for finding in findings)
    return isinstance(outcome, Undetermined)


def _broke(outcome: Outcome) -> bool:
    """Say whether judging broke on the file itself, which waiting alone will not mend."""
    return isinstance(outcome, Undetermined) and all(
        reason.code == "application.could-not-be-judged" and reason.params.get("reason") != "no-trust"
        for reason in outcome.reasons
    )


def _wait(session: Session, upload: Upload, at: datetime) -> None:
    pause = min(_FIRST_WAIT * 2 ** min(upload.attempts - 1, 10), _LONGEST_WAIT)
    upload.state = UploadState.WAITING
    upload.next_attempt_at = at + pause
    defer(
        session,
        JUDGE,
        lock=f"application:{upload.application_id}",
        schedule_at=upload.next_attempt_at,
        upload_id=upload.id,
    )


def _stand(session: Session, application: Application, upload: Upload, outcome: Outcome) -> None:
    if isinstance(outcome, Decided):
        for part, finding in outcome.parts.items():
            _set(session, application, application.form(part), upload, finding)
        whole = outcome.document
    else:
        whole = outcome
    if whole is not None:
        # The file does not say which part it is; whose link it came through does, except for whoever filled in.
        for form in _meant(application, upload.party):
            if isinstance(whole, NeedsPerson) or upload.party is not Party.APPLICANT:
                _set(session, application, form, upload, whole)
    letters = [form for form in application.forms if form.part is Part.APPLICATION]
    application.signatory_open = any(
        note["code"] == "application.signatory-unconfirmed" for form in letters for note in form.notes
    )


def _meant(application: Application, party: Party) -> list[ApplicationForm]:
    match party:
        case Party.HEAD if not application.head_is_user:
            wanted = {Part.APPLICATION}
        case Party.USER:
            wanted = {Part.LETTER}
        case _:
            wanted = set(Part)
    return [form for form in application.forms if form.part in wanted]


def _set(session: Session, application: Application, form: ApplicationForm, upload: Upload, finding: Finding) -> None:
    if form.standing is Standing.PROVEN:
        return  # what is proven stays proven, whatever arrives later
    match finding:
        case Proven():
            prove(session, form, upload, finding.signature, finding.signed_at)
            form.notes = _messages(finding.notes)
        case Objected() | Undetermined() if any(for_a_person(one, form.part) for one in application.uploads):
            return  # a person still has another file to read for it
        case Objected():
            form.standing, form.notes = Standing.OBJECTED, []
        case Undetermined():
            form.standing, form.notes = Standing.UNDETERMINED, []
        case NeedsPerson():
            form.standing, form.notes = Standing.NEEDS_PERSON, _messages(finding.reasons)
        case _:
            assert_never(finding)


def prove(
    session: Session, form: ApplicationForm, upload: Upload, signature: SignatureReport | None, signed_at: datetime
) -> None:
    """Let the upload, as it has just been judged, prove the part; without a signature where nobody knows which."""
    form.standing, form.upload, form.proven_by = Standing.PROVEN, upload, upload.id
    form.verification_id, form.signed_at = upload.verification_id, signed_at
    if signature is not None:
        form.signature_id = signature.id
        form.signer_name = signature.signer.common_name if signature.signer else ""
        form.signer_person_id = _holder(session, signature)


def for_a_person(upload: Upload, part: Part) -> dict[str, Any] | None:
    """Give what was found about the upload that a person has to settle before it proves the part."""
    return next(
        (
            finding
            for finding in upload.findings
            if finding["standing"] == Standing.NEEDS_PERSON and finding["part"] in {part.value, None}
        ),
        None,
    )


def _holder(session: Session, signature: SignatureReport) -> PersonId | None:
    """Find the person whose code the certificate carries, where we know them."""
    identity = signature.signer.identity if signature.signer else None
    if identity is None or not identity.country or identity.kind not in set(CodeKind):
        return None
    person = find_by_code(session, PersonalCode(identity.country, CodeKind(identity.kind), identity.digits))
    return None if person is None else person.id


def _move(session: Session, application: Application, upload: Upload, *, base_url: str, at: datetime) -> None:
    if upload.state is UploadState.WAITING:
        return
    standings = {form.standing for form in application.forms}
    complete = standings <= {Standing.PROVEN, Standing.NEEDS_PERSON}
    match application.state:
        case State.AWAITING_SIGNATURES if complete:
            act = Act.PROVEN if standings == {Standing.PROVEN} else Act.SENT_TO_A_PERSON
            tag = ApplicationTag.SENT_TO_REVIEW
        case State.MORE_REQUESTED if upload.state is UploadState.JUDGED or _legible(upload):
            # Asked-for documents need not be our forms, nor signed: whatever can be read is for the reviewer to read.
            act, tag = Act.ANSWERED, ApplicationTag.ANSWERED
        case _:
            if upload.attempts > 1 and application.state in _ACCEPTING:
                # The page said "undetermined" when the sender left; now there is something for them to do.
                notices.tell(session, application, "to_do", base_url=base_url, at=at)
            return
    application.state = after(application.state, act)
    application.in_review_at = application.in_review_at or at
    application.expires_at = None
    audit.record(
        session,
        tag,
        origin=Origin(Actor(ActorKind.SYSTEM, "judge"), Door.JOB),
        subject=application.subject,
        at=at,
        details={"standings": {form.part.value: form.standing.value for form in application.forms}},
    )
    notices.tell(session, application, "in_review", base_url=base_url, at=at)


def _legible(upload: Upload) -> bool:
    """Say whether it is a PDF that lacks nothing but a signature."""
    return [reason["code"] for finding in upload.findings for reason in finding["reasons"]] == ["pdf.unsigned"]


def _record(session: Session, application: Application, upload: Upload, at: datetime) -> None:
    codes = sorted({reason["code"] for finding in upload.findings for reason in finding["reasons"]})
    audit.record(
        session,
        ApplicationTag.JUDGED,
        origin=Origin(Actor(ActorKind.SYSTEM, "judge"), Door.JOB),
        subject=application.subject,
        at=at,
        evidence=upload.sha256,
        details={"upload": upload.id, "state": upload.state.value, "codes": codes, "attempt": upload.attempts},
    )
    for form in application.forms:
        if form.proven_by == upload.id and form.verification_id == upload.verification_id:
            audit.record(
                session,
                ApplicationTag.PART_PROVEN,
                origin=Origin(Actor(ActorKind.SYSTEM, "judge"), Door.JOB),
                subject=application.subject,
                at=at,
                evidence=upload.sha256,
                details={"part": form.part.value, "verification": upload.verification_id},
            )


def _findings(outcome: Outcome) -> list[dict[str, object]]:
    if isinstance(outcome, Decided):
        found = [_finding(part.value, finding) for part, finding in outcome.parts.items()]
        return found if outcome.document is None else [*found, _finding(None, outcome.document)]
    return [_finding(None, outcome)]


def _finding(part: str | None, finding: Finding) -> dict[str, object]:
    match finding:
        case Proven():
            standing, reasons = Standing.PROVEN, finding.notes
        case Objected():
            standing, reasons = Standing.OBJECTED, finding.reasons
        case Undetermined():
            standing, reasons = Standing.UNDETERMINED, finding.reasons
        case NeedsPerson():
            standing, reasons = Standing.NEEDS_PERSON, finding.reasons
        case _:
            assert_never(finding)
    found: dict[str, object] = {"part": part, "standing": standing.value, "reasons": _messages(reasons)}
    if isinstance(finding, NeedsPerson) and finding.signature is not None:
        found["signature"] = finding.signature.id
    if isinstance(finding, NeedsPerson) and finding.comparison:
        found["comparison"] = finding.comparison
    return found


def _messages(messages: tuple[Message, ...]) -> list[dict[str, object]]:
    return [{"code": message.code, "params": dict(message.params)} for message in messages]
