"""The job that judges an upload.

    (1) read what is asked: the forms expected, the file's name;
    (2) judge the file in a guard; the look-ups it needs are made by us, outside any lock. Where it holds no form of
        ours, its PDFs are compared with the forms, in a guard too: a program may have saved one anew. Where something
        more was asked for, an unsigned file that can be drawn is an attachment;
    (3) with the owner's row held: gather what is known beside the file, decide, write it down, move on.

Killed in (2) or between, the job runs again from (1): nothing was written. Killed after (3), it finds the upload no
longer waiting and does nothing. When it fails for good, or its workers die over the file, `escalate_to_reviewer`
takes the file to a reviewer instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from signing.model import Message, Report
from workflows.evidence import service as evidence
from workflows.evidence.judging import Compared, CouldNotBeJudged, PageImages, Unreadable, open_judge
from workflows.evidence.lookups import fetcher
from workflows.evidence.models import Held
from workflows.jobs import Retry, Run, defer, job
from workflows.signed_forms import outcomes, repository, uploads
from workflows.signed_forms.found_references import pdfs_in, real_references, references_in
from workflows.signed_forms.models import SigningRequest, Upload
from workflows.signed_forms.owners import owner_of
from workflows.signed_forms.proof import (
    Attached,
    Decided,
    NeedsPerson,
    Objected,
    OurForm,
    Pending,
    Question,
    decide,
)
from workflows.signed_forms.reading import to_be_read
from workflows.signed_forms.states import UploadState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from workflows.evidence.guard.comparison import Comparison
    from workflows.evidence.judging import Judge

__all__ = ["ComparisonResult", "conclude", "draw", "escalate_to_reviewer", "judge_upload", "question"]

DRAW = "signed_forms.draw"
"""The job that draws the pages reviewers look at."""
HAND_OVER = "signed_forms.hand_to_a_person"
"""The job that comes when judging has failed for good."""
# A file over which workers die takes everybody's work with it: three times is no accident.
_PATIENCE = Retry(times=20, first=timedelta(seconds=2), longest=timedelta(minutes=5), deaths=3)


@job(uploads.JUDGE, queue="judging", retry=_PATIENCE, after_failure=HAND_OVER)
def judge_upload(run: Run, *, upload_id: int) -> None:
    """Judge one upload (the procedure above)."""
    with run.sessions() as session:  # (1)
        upload = repository.upload_with_request(session, upload_id)
        if not _awaited(upload):
            return
        expected = uploads.expected_of(upload.request)
        case = evidence.open_case(session, upload.sha256, name=upload.name, at=run.at, expected=expected)
        asked_for = upload.request.anything_from is not None and upload.request.anything_from <= upload.received_at
    judge = run.tools.use(open_judge)
    decided = evidence.judge_case(judge, case, fetch=fetcher(run.settings, at=run.at))  # (2)
    beside = _beside_the_forms(run, judge, upload_id, decided)
    attached = asked_for and _attachment(judge, decided)
    with run.transaction() as session:  # (3)
        upload = _held(session, upload_id)
        if _awaited(upload):
            outcome = Attached() if attached else _outcome(session, upload, decided, beside, run.at)
            conclude(session, upload, decided, outcome, base_url=run.settings.base_url, at=run.at)


@job(HAND_OVER, queue="default", retry=Retry(times=None))
def escalate_to_reviewer(run: Run, *, upload_id: int) -> None:
    """Leave to a person the file that judging failed over for good."""
    with run.transaction() as session:
        upload = _held(session, upload_id)
        if not _awaited(upload):
            return
        expected = uploads.expected_of(upload.request)
        none = evidence.not_judged(session, upload.sha256, name=upload.name, at=run.at, expected=expected)
        person = NeedsPerson((Message.of("form.read-by-person"),))
        conclude(session, upload, none, person, base_url=run.settings.base_url, at=run.at)


@job(DRAW, queue="drawing", retry=Retry(times=3, deaths=3))
def draw(run: Run, *, request_id: int) -> None:
    """Draw the pages of a request's forms, and of the files that a person has to read."""
    with run.transaction() as session:
        request = session.get_one(SigningRequest, request_id)
        forms = [document.sha256 for document in request.documents if document.made is not None]
        codes = owner_of(request).codes_stated(session, request)
        files = [
            upload.sha256
            for upload in request.uploads
            if to_be_read(upload) and upload.state is not UploadState.WAITING and upload.document.held is Held.KEPT
        ]
    for sha256 in dict.fromkeys((*forms, *files)):
        with run.transaction() as session:
            judge, ours = run.tools.use(open_judge), sha256 in forms
            # The forms in a container are drawn by themselves, with their codes covered.
            evidence.draw_pages(session, judge, sha256, cover=codes if ours else None, without=() if ours else forms)


def _held(session: Session, upload_id: int) -> Upload:
    """Hold the owner's row and read the upload as it is now: whoever held the row before may have judged it."""
    request = session.get_one(Upload, upload_id).request
    owner_of(request).hold(session, request)
    return repository.upload_with_request(session, upload_id)


def _awaited(upload: Upload) -> bool:
    return upload.state is UploadState.WAITING and upload.request.closed_at is None


def _attachment(judge: Judge, decided: evidence.Judged) -> bool:
    """Say whether nobody signed the file and it can be drawn; a form of ours is to be signed, not attached."""
    match decided.judgement:
        case Report() as report if report.signatures:
            return False
        case CouldNotBeJudged():
            return False
        case _:
            ours = decided.case.sha256 in {one.sha256 for one in decided.case.expected}
            return not ours and isinstance(judge.page_images(decided.case.document), PageImages)


@dataclass(frozen=True, slots=True)
class ComparisonResult:
    """What a file that holds no form of ours shows beside the forms (proof.Question says what of)."""

    comparisons: tuple[Comparison, ...] = ()
    references: frozenset[str] = frozenset()
    encloses_signed: str = ""


def _beside_the_forms(run: Run, judge: Judge, upload_id: int, decided: evidence.Judged) -> ComparisonResult:
    """Compare the PDFs of a file that holds no form of ours with the forms; what cannot be compared is left out."""
    report = decided.judgement
    if not isinstance(report, Report) or not report.signatures:
        return ComparisonResult()
    with run.sessions() as session:
        made = [one.made.sha256 for one in session.get_one(Upload, upload_id).request.documents if one.made]
        if set(made) & {content.sha256 for content in report.contents}:
            return ComparisonResult()
        forms = [evidence.read(session, sha256) for sha256 in made]
    comparisons: list[Comparison] = []
    references: set[str] = set()
    for name, pdf in pdfs_in(decided.case.document, report):
        if _encloses_signed(decided.case.document, pdf, forms):
            return ComparisonResult(encloses_signed=name)
        match judge.compare(pdf, forms):
            case Compared(found, mentioned):
                comparisons += found
                references |= real_references(mentioned)
            case CouldNotBeJudged():
                continue
    return ComparisonResult(tuple(comparisons), frozenset(references))


def _encloses_signed(document: bytes, pdf: bytes, forms: Sequence[bytes]) -> bool:
    """Whether a file of a container is one of our forms with a PDF signature behind it (ISO 32000-2 §12.8.1)."""
    form = next((form for form in forms if pdf.startswith(form)), None)
    return form is not None and pdf is not document and b"/ByteRange" in pdf[len(form) :]


def question(
    session: Session,
    upload: Upload,
    report: Report,
    document: bytes,
    *,
    at: datetime,
    beside: ComparisonResult | None = None,
) -> Question:
    """Gather what is known beside the document (proof.Question); `beside` is what comparing it found."""
    request = upload.request
    forms = tuple(OurForm(one.part, one.made.sha256, one.made.size) for one in request.documents if one.made)
    held = {content.sha256 for content in report.contents}
    # What else the file may be is asked only where it holds no form of ours.
    holds_no_form = not any(form.sha256 in held for form in forms)
    beside = beside or ComparisonResult()
    mentioned = references_in(document, report) | beside.references if holds_no_form else frozenset()
    asked = owner_of(request).asked(session, request, at=at)
    return Question(
        forms=forms,
        signers=asked.signers,
        other_forms=repository.forms_of_others(session, request.id, held) if holds_no_form else frozenset(),
        used_before=repository.uploaded_before(session, upload),
        contains_our_reference=request.reference in mentioned,
        mentions_another=bool(mentioned - {request.reference}),
        last_end=asked.last_end,
        made_at=asked.made_at,
        comparisons=beside.comparisons,
        encloses_signed=beside.encloses_signed,
    )


def conclude(
    session: Session,
    upload: Upload,
    decided: evidence.Judged,
    outcome: outcomes.Outcome,
    *,
    base_url: str,
    at: datetime,
) -> None:
    """Keep a result that is news and what follows from it; the owner's row is held."""
    news = outcomes.result_changed(upload, outcomes.settled(upload, outcome))
    verification_id = evidence.record(session, decided).id if news else upload.verification_id
    outcomes.apply(session, upload, outcome, verification_id=verification_id, base_url=base_url, at=at)
    request = upload.request
    if owner_of(request).pictures_wanted(session, request):
        # Nothing is drawn of what nobody will look at.
        defer(session, DRAW, key=f"draw:{request.id}", priority=-10, request_id=request.id)


def _outcome(
    session: Session, upload: Upload, decided: evidence.Judged, beside: ComparisonResult, at: datetime
) -> Decided | Objected | Pending:
    match decided.judgement:
        case Report() as report:
            for one in beside.comparisons:
                if one.file == upload.sha256:  # what stands in a container is no document of its own here
                    evidence.keep_comparison(session, one, at=at)
            return decide(report, question(session, upload, report, decided.case.document, at=at, beside=beside))
        case Unreadable(code, params):
            return Objected((Message(code, params),))
        case CouldNotBeJudged(reason):
            return Pending((Message.of("form.could-not-be-judged", reason=reason),))
        case _:
            assert_never(decided.judgement)
    return None
