"""Write down what came of judging an upload, and tell the owner when that is news.

One transaction, in which the owner's row is held, so that two files judged at once cannot both miss that they complete
each other. A file that stays undetermined is judged again and again: an attempt that finds the same as the one before
moves the clock and writes nothing else.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeAlias, assert_never

from iam.people.rules import CodeKind, PersonalCode
from iam.people.service import find_by_code
from signing.model import Message
from workflows.signed_forms.owners import UploadJudged, owner_of
from workflows.signed_forms.proof import Attached, Decided, NeedsPerson, Objected, Pending, Proven
from workflows.signed_forms.states import Found, Standing, UploadState, Way
from workflows.signed_forms.uploads import judge_later

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from iam.ids import PersonId
    from signing.model import SignatureReport
    from workflows.signed_forms.models import RequiredDocument, SigningRequest, Upload
    from workflows.signed_forms.proof import Finding

__all__ = ["Outcome", "apply", "for_a_person", "prove", "result_changed", "settled"]

Outcome: TypeAlias = Decided | Objected | Pending | NeedsPerson | Attached

_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=1)
_ATTEMPTS_AT_A_BROKEN_FILE = 3


def settled(upload: Upload, outcome: Outcome) -> Outcome:
    """Leave to a person the file on which judging itself broke again and again; anything else stays what it is."""
    if _broke(outcome) and upload.attempts + 1 >= _ATTEMPTS_AT_A_BROKEN_FILE:
        return NeedsPerson((Message.of("application.read-by-person"),))
    return outcome


def result_changed(upload: Upload, outcome: Outcome) -> bool:
    """Say whether the result differs from the one before: an answer always does, a file still waiting seldom."""
    return not _waiting(outcome) or _said(_findings(outcome)) != _said(upload.findings)


def apply(
    session: Session,
    upload: Upload,
    outcome: Outcome,
    *,
    verification_id: int | None,
    base_url: str,
    at: datetime,
) -> None:
    """Write down what came of judging the upload, and tell the owner.

    `outcome` is what proof.decide found; Objected for bytes that are nothing that can be judged; Pending when
    judging itself failed. `verification_id` is kept when the result is news. The caller holds the owner's row.
    """
    outcome = _as_allowed(upload.request, settled(upload, outcome))
    news = result_changed(upload, outcome)
    upload.attempts += 1
    upload.judged_at = at
    if _waiting(outcome):
        pause = min(_FIRST_WAIT * 2 ** min(upload.attempts - 1, 10), _LONGEST_WAIT)
        upload.next_attempt_at = at + pause
        judge_later(session, upload, schedule_at=upload.next_attempt_at)
    else:
        upload.state = UploadState.UNREADABLE if isinstance(outcome, Objected) else UploadState.JUDGED
        upload.next_attempt_at = None
    if not news:
        session.flush()
        return
    upload.verification_id = verification_id
    upload.findings = _findings(outcome)
    request = upload.request
    with session.no_autoflush:  # one statement a row, however many questions are asked in between
        proven = _update_standings(session, request, upload, outcome)
    session.flush()
    judged = UploadJudged(
        upload=upload,
        proven=proven,
        usable=upload.state is UploadState.JUDGED and any(one["standing"] != Found.OBJECTED for one in upload.findings),
        retried=upload.attempts > 1,
    )
    owner_of(request).judged(session, judged, base_url=base_url, at=at)
    session.flush()


def _as_allowed(request: SigningRequest, outcome: Outcome) -> Outcome:
    """Leave to a person what a signature would prove, where the document may not be proven by that alone."""
    if not isinstance(outcome, Decided):
        return outcome
    parts = {
        part: NeedsPerson(finding.notes, finding.signature)
        if isinstance(finding, Proven) and Way.SIGNATURE not in request.document(part).ways
        else finding
        for part, finding in outcome.parts.items()
    }
    return Decided(parts, outcome.document)


def _waiting(outcome: Outcome) -> bool:
    if isinstance(outcome, Decided):
        findings = [*outcome.parts.values(), *([] if outcome.document is None else [outcome.document])]
        return any(isinstance(finding, Pending) for finding in findings)
    return isinstance(outcome, Pending)


def _broke(outcome: Outcome) -> bool:
    """Say whether judging broke on the file itself, which waiting alone will not mend."""
    return isinstance(outcome, Pending) and all(
        reason.code == "application.could-not-be-judged" and reason.params.get("reason") != "no-trust"
        for reason in outcome.reasons
    )


def _said(findings: list[dict[str, Any]]) -> list[tuple[object, ...]]:
    """Reduce findings to what makes a result another one: parameters (a time, an address) change every attempt."""
    return [(one["part"], str(one["standing"]), tuple(reason["code"] for reason in one["reasons"])) for one in findings]


def _update_standings(
    session: Session, request: SigningRequest, upload: Upload, outcome: Outcome
) -> tuple[RequiredDocument, ...]:
    """Move the documents the file speaks of; return those it has proven."""
    if isinstance(outcome, Attached):
        return ()
    if isinstance(outcome, Decided):
        found = [(request.document(part), finding) for part, finding in outcome.parts.items()]
        whole = outcome.document
    else:
        found, whole = [], outcome
    if whole is not None:
        # The file does not say which document it is; whose link it came through does, except for who signs none.
        signs = any(one.signer == upload.party for one in request.documents)
        meant = request.signed_by(upload.party) if signs or isinstance(whole, NeedsPerson) else []
        if isinstance(whole, Objected) and (not isinstance(outcome, Decided) or len(meant) != 1):
            _await_again(meant, upload)  # nothing was judged for any one of them
        else:
            found += [(document, whole) for document in meant]
    return tuple(document for document, finding in found if _set(session, document, upload, finding))


def _await_again(documents: list[RequiredDocument], upload: Upload) -> None:
    """Let documents be awaited again that were undetermined for this file's sake alone."""
    for document in documents:
        others = [one for one in document.request.uploads if one is not upload and one.state is UploadState.WAITING]
        if document.standing is Standing.UNDETERMINED and not others:
            document.standing = Standing.AWAITED


def _set(session: Session, document: RequiredDocument, upload: Upload, finding: Finding) -> bool:
    """Move one document; say whether it is proven now and was not before."""
    if document.standing is Standing.PROVEN:
        return False  # what is proven stays proven, whatever arrives later
    match finding:
        case Proven():
            prove(session, document, upload, finding.signature, finding.signed_at, how=Way.SIGNATURE)
            document.notes = _messages(finding.notes)
            return True
        case Objected() | Pending() if any(for_a_person(one, document.part) for one in document.request.uploads):
            return False  # a person still has another file to read for it
        case Objected():
            document.standing, document.notes = Standing.OBJECTED, []
        case Pending():
            document.standing, document.notes = Standing.UNDETERMINED, []
        case NeedsPerson():
            document.standing, document.notes = Standing.NEEDS_PERSON, _messages(finding.reasons)
        case _:
            assert_never(finding)
    return False


def prove(
    session: Session,
    document: RequiredDocument,
    upload: Upload,
    signature: SignatureReport | None,
    signed_at: datetime,
    *,
    how: Way,
) -> None:
    """Let the upload, as it has just been judged, prove the document; no signature where nobody knows which."""
    document.standing, document.proven_how = Standing.PROVEN, how
    document.upload, document.proven_by = upload, upload.id
    document.verification_id, document.signed_at = upload.verification_id, signed_at
    if signature is not None:
        document.signature_id = signature.id
        document.signer_name = signature.signer.common_name if signature.signer else ""
        document.signer_person_id = _holder(session, signature)


def for_a_person(upload: Upload, part: str) -> dict[str, Any] | None:
    """Give what was found about the upload that a person has to settle before it proves the document."""
    return next(
        (
            finding
            for finding in upload.findings
            if finding["standing"] == Found.NEEDS_PERSON and finding["part"] in {part, None}
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


def _findings(outcome: Outcome) -> list[dict[str, Any]]:
    if isinstance(outcome, Decided):
        found = [_finding(part, finding) for part, finding in outcome.parts.items()]
        return found if outcome.document is None else [*found, _finding(None, outcome.document)]
    return [_finding(None, outcome)]


def _finding(part: str | None, finding: Finding | Attached) -> dict[str, Any]:
    match finding:
        case Proven():
            standing, reasons = Found.PROVEN, finding.notes
        case Objected():
            standing, reasons = Found.OBJECTED, finding.reasons
        case Pending():
            standing, reasons = Found.UNDETERMINED, finding.reasons
        case NeedsPerson():
            standing, reasons = Found.NEEDS_PERSON, finding.reasons
        case Attached():
            standing, reasons = Found.ATTACHED, finding.reasons
        case _:
            assert_never(finding)
    found: dict[str, Any] = {
        "part": None if part is None else str(part),
        "standing": standing.value,
        "reasons": _messages(reasons),
    }
    if isinstance(finding, NeedsPerson) and finding.signature is not None:
        found["signature"] = finding.signature.id
    if isinstance(finding, NeedsPerson) and finding.comparison:
        found["comparison"] = finding.comparison
    return found


def _messages(messages: tuple[Message, ...]) -> list[dict[str, Any]]:
    return [{"code": message.code, "params": dict(message.params)} for message in messages]
