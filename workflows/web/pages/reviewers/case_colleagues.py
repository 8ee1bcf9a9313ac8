"""What colleagues do together on a case: one hands it over, and each writes notes that applicants do not read."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from workflows import clock
from workflows.application import service
from workflows.application.errors import NoSuchColleague, ReasonNeeded
from workflows.database import transaction
from workflows.web.http.errors import Problem
from workflows.web.http.forms import PostedForm
from workflows.web.http.limits import LONGEST_REASON, text_problems
from workflows.web.identity.access import SignedIn
from workflows.web.pages.reviewers.case_actions import again, case_called, changing
from workflows.web.pages.reviewers.reviewer import as_reviewer
from workflows.web.site import site_of, words_of

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)


@routes.post("/review/{reference}/hand-over")
def hand_over(request: Request, reference: str, form: PostedForm, principal: SignedIn) -> Response:
    """Give the case to a colleague."""
    words = words_of(request)
    try:
        with changing(request, reference, form, principal) as (session, application, seen):
            service.hand_over(
                session,
                application.id,
                seen=seen,
                to=form.get("colleague"),
                by=as_reviewer(principal),
                at=clock.now(),
            )
    except NoSuchColleague:
        sentence = words("Choose a colleague who reviews and is not named in the application")
        return again(request, reference, principal, form, Problem("colleague", sentence))
    return RedirectResponse(f"/review/{reference}", status_code=303)


@routes.post("/review/{reference}/note")
def note(request: Request, reference: str, form: PostedForm, principal: SignedIn) -> Response:
    """Keep a note for colleagues."""
    words = words_of(request)
    problems = text_problems(words, form, note=LONGEST_REASON)
    if not problems:
        try:
            with transaction(site_of(request).sessions) as session:
                application = case_called(session, reference, principal)
                service.write_note(session, application.id, form.get("note"), by=as_reviewer(principal), at=clock.now())
        except ReasonNeeded:
            problems = (Problem("note", words("Write the note")),)
    if problems:
        return again(request, reference, principal, form, *problems, tab="notes")
    return RedirectResponse(f"/review/{reference}?tab=notes", status_code=303)
