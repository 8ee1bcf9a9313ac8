"""Staff start a password reset for a user and see what became of it. They never see a link and never set a password."""

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from iam import readable
from iam.grants.models import Account
from iam.periods import riga_day
from workflows import clock
from workflows.database import snapshot, transaction
from workflows.i18n import later as _
from workflows.password_reset.errors import NotForThem
from workflows.password_reset.service import history, start_for
from workflows.password_reset.states import RequestOutcome
from workflows.principal import Principal
from workflows.web.http.errors import Problem
from workflows.web.http.forms import PostedForm
from workflows.web.identity.access import SignedIn
from workflows.web.pages.passwords.contexts import ResetStaffPage
from workflows.web.site import site_of, words_of
from workflows.web.words.trouble import mail_trouble

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)

_OUTCOMES = {
    None: (_("being answered"), "wait"),
    RequestOutcome.LINK_SENT: (_("link sent"), "ok"),
    RequestOutcome.USERNAME_SENT: (_("username sent"), "ok"),
    RequestOutcome.UNKNOWN: (_("no such user"), "plain"),
    RequestOutcome.SHUT: (_("account disabled"), "bad"),
    RequestOutcome.NOT_READY: (_("account not ready"), "wait"),
    RequestOutcome.NO_ADDRESS: (_("no usable address"), "bad"),
    RequestOutcome.LIMITED: (_("hourly limit of e-mails reached"), "plain"),
    RequestOutcome.NOT_TAKEN: (_("not accepted by the mail server"), "bad"),
}
_MAILS = {"queued": _("queued"), "sent": _("sent"), "failed": _("failed")}


@routes.get("/people/{username}/password")
def overview(request: Request, username: str, principal: SignedIn, sent: int = 0) -> Response:
    """Show what was asked and sent for an account, and offer to send a link."""
    return _page(request, username, principal, sent=bool(sent))


@routes.post("/people/{username}/password")
def start(request: Request, username: str, form: PostedForm, principal: SignedIn) -> Response:
    """Have a link sent to the user's own address."""
    del form
    site, words = site_of(request), words_of(request)
    try:
        with transaction(site.sessions) as session:
            start_for(session, _account(session, username, principal), by=principal.actor, at=clock.now())
    except NotForThem:
        sentence = words("The account is disabled or not ready yet: no link can be sent.")
        return _page(request, username, principal, Problem("start", sentence))
    return RedirectResponse(f"/people/{username}/password?sent=1", status_code=303)


def _account(session: Session, username: str, principal: Principal) -> Account:
    account = readable.account_called(session, username, sees=principal.sees, on=riga_day(clock.now()))
    if account is None:
        raise HTTPException(404)
    return account


def _page(request: Request, username: str, principal: Principal, *problems: Problem, sent: bool = False) -> Response:
    site, words = site_of(request), words_of(request)
    with snapshot(site.sessions) as session:
        account = _account(session, username, principal)
        rows = [
            {
                "at": words.moment(one.at),
                "by": one.started_by.partition(":")[2] if one.started_by else words("the user"),
                "outcome": words(_OUTCOMES[one.outcome][0]),
                "tone": _OUTCOMES[one.outcome][1],
                "mail": "" if one.mail is None else words(_MAILS[one.mail.state]),
                "reason": "" if one.mail is None else mail_trouble(words, one.mail.reason),
            }
            for one in history(session, account)
        ]
    return site.page(request, ResetStaffPage(account=account, rows=rows, sent=sent), problems=problems)
