"""A PDF that a program saved anew, page by page beside our form, with what the guard found: for a person to confirm.

What is confirmed is bound to the comparison that was on the screen, by its digest.
"""

from dataclasses import dataclass, replace

from fastapi import APIRouter, Request
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from signing.model import Message
from workflows import clock
from workflows.application import service
from workflows.application.errors import ReasonNeeded
from workflows.application.models import Application
from workflows.application.views import upload_view
from workflows.database import snapshot, transaction
from workflows.evidence import service as evidence
from workflows.evidence.guard.comparison import Comparison
from workflows.evidence.models import DocumentPage
from workflows.evidence.names import short_name
from workflows.i18n import later
from workflows.principal import Principal
from workflows.signed_forms.messages import Reader as MessageReader
from workflows.signed_forms.models import Upload
from workflows.signed_forms.states import Standing
from workflows.staff import Role
from workflows.web.http.errors import Problem
from workflows.web.http.forms import PostedForm
from workflows.web.http.limits import LONGEST_HOW, text_problems
from workflows.web.identity import kept_forms
from workflows.web.identity.access import SignedIn
from workflows.web.identity.access_table import sees_files
from workflows.web.pages.reviewers.case_actions import case_called, changing
from workflows.web.pages.reviewers.case_page import DECIDABLE
from workflows.web.pages.reviewers.contexts import ReviewComparePage
from workflows.web.pages.reviewers.reviewer import as_reviewer
from workflows.web.site import site_of, words_of
from workflows.web.words.kinds import names_of
from workflows.web.words.verdicts import reasons_in_words

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)

_CALLED = {"how": later("What you compared and what you saw")}
_SAID_HERE = frozenset({"form.saved-anew", "form.shows-differently-elsewhere"})


@dataclass(frozen=True, slots=True)
class _Compared:
    """An upload, the part it may prove, and what comparing it with that part's form found."""

    upload: Upload
    part: str
    comparison: Comparison
    reasons: tuple[Message, ...]  # what else there is to look at


@routes.get("/review/{reference}/compare/{number}")
def compare(request: Request, reference: str, number: int, principal: SignedIn) -> Response:
    """Show both documents side by side."""
    site = site_of(request)
    with snapshot(site.sessions) as session:
        application = case_called(session, reference, principal)
        page = f"/review/{application.reference}/compare/{number}"
        kept = kept_forms.find(session, site.csrf, request, page=page, owner=principal.username, at=clock.now())
        return _show(request, session, application, number, principal, how=kept.get("how", ""), kept=bool(kept))


@routes.post("/review/{reference}/compare/{number}/confirm")
def confirm(request: Request, reference: str, number: int, form: PostedForm, principal: SignedIn) -> Response:
    """Confirm that both say the same, and note what was compared."""
    words = words_of(request)
    problems = text_problems(words, form, called=_CALLED, how=LONGEST_HOW)
    if not problems:
        try:
            with changing(request, reference, form, principal) as (session, application, seen):
                compared = _compared(session, application, number)
                service.confirm_part(
                    session,
                    application.id,
                    compared.part,
                    upload_id=number,
                    seen=seen,
                    how=form.get("how"),
                    by=as_reviewer(principal),
                    at=clock.now(),
                    compared=form.get("comparison"),
                )
        except ReasonNeeded:
            problems = (Problem("how", words("Write what you compared and what you saw")),)
    if problems:
        site = site_of(request)
        with transaction(site.sessions) as session:
            kept_forms.drop(session, site.csrf, request, owner=principal.username)
            application = case_called(session, reference, principal)
            return _show(request, session, application, number, principal, problems=problems, how=form.get("how"))
    return RedirectResponse(f"/review/{reference}?tab=signatures", status_code=303)


def _compared(session: Session, application: Application, number: int) -> _Compared:
    """Find what is compared; raises 404 for a file that nothing was compared with."""
    upload = next((one for one in application.uploads if one.id == number), None)
    if upload is None:
        raise HTTPException(404)
    for finding in upload_view(upload).findings:
        kept = evidence.comparison(session, upload.sha256, finding.comparison) if finding.comparison else None
        if kept is not None and finding.part is not None:
            reasons = tuple(reason for reason in finding.reasons if reason.code not in _SAID_HERE)
            return _Compared(upload, finding.part, kept, reasons)
    raise HTTPException(404)


def _show(
    request: Request,
    session: Session,
    application: Application,
    number: int,
    principal: Principal,
    *,
    problems: tuple[Problem, ...] = (),
    how: str = "",
    kept: bool = False,
) -> Response:
    site, words = site_of(request), words_of(request)
    found_ = _compared(session, application, number)
    form = application.document(found_.part)
    ours, theirs = _drawn(session, form.sha256), _drawn(session, found_.upload.sha256)
    own = service.is_party(session, application, as_reviewer(principal))
    mine = application.claimed_by in {None, principal.username}
    return site.page(
        request,
        ReviewComparePage(
            values={"how": how},
            kept=kept,
            reference=application.reference,
            version=application.version,
            upload_id=number,
            part=found_.part,
            title=names_of(words, application).parts[found_.part],
            file=short_name(found_.upload.name),
            comparison=found_.comparison.digest,
            # What the applicant is told to do about a changed form is said to nobody here.
            told=[
                replace(one, next_step="") if one.technical.startswith("pdf.") else one
                for one in reasons_in_words(words, found_.comparison.told, to=MessageReader.REVIEWER)
            ],
            reasons=reasons_in_words(words, found_.reasons, to=MessageReader.REVIEWER),
            pages=[
                {"number": page, "ours": page in ours, "theirs": page in theirs}
                for page in range(1, max((*ours, *theirs), default=0) + 1)
            ],
            form_sha256=form.sha256,
            file_sha256=found_.upload.sha256,
            sees_file=sees_files(principal) and not own,
            acts=Role.REVIEWER in principal.roles
            and mine
            and not own
            and application.state in DECIDABLE
            and form.standing is Standing.NEEDS_PERSON,
        ),
        problems=problems,
        here=f"/review/{application.reference}/compare/{number}",
    )


def _drawn(session: Session, sha256: str) -> tuple[int, ...]:
    return tuple(session.scalars(select(DocumentPage.number).where(DocumentPage.sha256 == sha256)))
