"""Show that the mailbox is theirs for whom an application was filled in: a code is mailed there and typed here."""

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from workflows import clock
from workflows.application import mailbox_codes, prefilled
from workflows.application.errors import CodeSentOften, NotNow
from workflows.application.kinds.registry import kind_of
from workflows.application.states import State
from workflows.database import snapshot, transaction
from workflows.web.http.errors import Problem
from workflows.web.http.forms import PostedForm
from workflows.web.http.rates import count_or_refuse
from workflows.web.pages.applicants.contexts import ApplyMailboxPage
from workflows.web.site import site_of, words_of

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)

_MOST = 60  # in ten minutes from one network
# Typed for one draft from one network: the code's holder elsewhere is not shut out by them (dictionary attack).
_TRIES = 10


@routes.get("/apply/{token}/mailbox")
def ask(request: Request, token: str) -> Response:
    """Show what is known of the personal code, and where a code can be sent."""
    with snapshot(site_of(request).sessions) as session:
        return _page(request, session, token)


@routes.post("/apply/{token}/mailbox")
def answer(request: Request, token: str, form: PostedForm) -> Response:
    """Send a code, or take the one that was typed: the draft then has another address."""
    site, at, words = site_of(request), clock.now(), words_of(request)
    with transaction(site.sessions) as session:
        count_or_refuse(session, request, "mailbox code", most=_MOST, at=at)
    problems: tuple[Problem, ...] = ()
    try:
        with transaction(site.sessions) as session:
            application, _ = prefilled.behind(session, token)
            if form.get("act") != "send":
                count_or_refuse(session, request, f"mailbox code {application.reference}", most=_TRIES, at=at)
            if form.get("act") == "send":
                mailbox_codes.send_code(session, application, base_url=site.settings.base_url, at=at)
            elif secret := mailbox_codes.show_mailbox(session, application, form.get("code"), at=at):
                return RedirectResponse(f"/apply/{secret}/{kind_of(application).about}", status_code=303)
            else:
                problems = (
                    Problem("code", words("This code is wrong or its time is over. Check it, or ask for another")),
                )
    except CodeSentOften:
        problems = (
            Problem("code", words("Three codes were sent in the last hour. Each works for an hour: type any of them")),
        )
    except NotNow:
        return RedirectResponse(f"/apply/{token}", status_code=303)
    with snapshot(site.sessions) as session:
        return _page(request, session, token, *problems)


def _page(request: Request, session: Session, token: str, *problems: Problem) -> Response:
    application, opens = prefilled.behind(session, token)
    known = prefilled.known_of(session, application, at=clock.now())
    if known is None:
        raise HTTPException(404)
    if (known.shown and opens) or application.state is not State.DRAFT:
        return RedirectResponse(f"/apply/{token}", status_code=303)
    step = kind_of(application).about
    page = ApplyMailboxPage(known=known, opens=opens, draft=f"/apply/{token}", step=step, values={"code": ""})
    return site_of(request).page(request, page, problems=problems, here=f"/apply/{token}/mailbox")
