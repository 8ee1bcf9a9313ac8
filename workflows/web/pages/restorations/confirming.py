"""The link from the mail that a request is confirmed by.

(1) GET /restore/confirm?key=…   puts the secret into a cookie of this browser; the address goes on without it
(2) GET /restore/confirm         how the link stands, and a box to tick; nothing is spent, for mail scanners open links
(3) POST /restore/confirm        hands the request to the reviewers, once
"""

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from workflows import clock
from workflows.database import transaction
from workflows.password_reset import limits
from workflows.restoration.asking import Confirmable, Dead, DeadReason, LinkStatus, confirm, look
from workflows.web.http.errors import Problem
from workflows.web.http.forms import PostedForm
from workflows.web.pages.passwords.link import LINK_KNOWN
from workflows.web.pages.passwords.presence import network_of, too_many
from workflows.web.pages.restorations.asking import STEP, STEP_KNOWN
from workflows.web.pages.restorations.contexts import RestoreConfirmedPage, RestoreConfirmPage, RestoreDeadPage
from workflows.web.site import site_of, words_of

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)

_COOKIE = "restore"
_LONGEST_KEY = 100


@routes.get("/restore/confirm")
def ask_to_confirm(request: Request, key: str = "") -> Response:
    """Keep the secret (1), or show the box to tick (2)."""
    site = site_of(request)
    if key:
        with transaction(site.sessions) as session:
            stands = _looked(request, session, key)
        if stands == Dead(DeadReason.UNKNOWN):
            return _dead(request, DeadReason.UNKNOWN)  # it replaces none in the cookie that opens something
        response: Response = RedirectResponse("/restore/confirm", status_code=303)
        site.remember_language(request, response)  # a mail's link opens in the mail's language
        site.cookies.set(response, _COOKIE, key[:_LONGEST_KEY].encode("ascii", "ignore").decode(), max_age=_seconds())
        return response
    held = site.cookies.get(request, _COOKIE)
    if not held:
        return RedirectResponse("/restore", status_code=303)
    with transaction(site.sessions) as session:
        stands = _looked(request, session, held)
    match stands:
        case Confirmable():
            return _page(request, stands)
        case Dead(why):
            return _dead(request, why)


@routes.post("/restore/confirm")
def confirmed_now(request: Request, form: PostedForm) -> Response:
    """Confirm the request (3)."""
    site, words = site_of(request), words_of(request)
    held = site.cookies.get(request, _COOKIE)
    if not held:
        return RedirectResponse("/restore", status_code=303)
    with transaction(site.sessions) as session:
        stands = _looked(request, session, held)
        ticked = form.get("mine") == "yes"
        if isinstance(stands, Confirmable) and ticked:
            stands = confirm(session, held, at=clock.now())
    match stands:
        case Dead(why):
            return _dead(request, why)
        case Confirmable() if not ticked:
            return _page(request, stands, Problem("mine", words("Tick the box if you ask for it yourself")))
        case Confirmable():
            response = RedirectResponse("/restore/confirmed", status_code=303)
            site.cookies.drop(response, _COOKIE)
            site.cookies.set(response, STEP, "confirmed", max_age=STEP_KNOWN)
            return response


@routes.get("/restore/confirmed")
def confirmed(request: Request) -> Response:
    """Say what happens next, to whoever has confirmed."""
    site = site_of(request)
    if site.cookies.get(request, STEP) != "confirmed":
        return RedirectResponse("/restore", status_code=303)
    return site.page(request, RestoreConfirmedPage())


def _looked(request: Request, session: Session, secret: str) -> LinkStatus:
    """Look at a link, counting one nobody made against the network, never against a request."""
    at, network = clock.now(), network_of(request)
    stands = look(session, secret, at=at)
    if stands == Dead(DeadReason.UNKNOWN):
        if limits.limits_for(session, network, at=at).wrong:
            raise too_many()
        limits.count_wrong(session, network, at=at)
    return stands


def _page(request: Request, stands: Confirmable, *problems: Problem) -> Response:
    until = words_of(request).moment(stands.until)
    page = RestoreConfirmPage(until=until, values={"mine": ""})
    return site_of(request).page(request, page, problems=problems, here="/restore/confirm")


def _dead(request: Request, why: DeadReason) -> Response:
    """Say why a link confirms nothing."""
    site = site_of(request)
    with transaction(site.sessions) as session:
        minutes = int(limits.limits_on(session, clock.now()).link_lives.total_seconds() // 60)
    status = 404 if why is DeadReason.UNKNOWN else 410
    page = RestoreDeadPage(why=why.value, minutes=minutes)
    return site.page(request, page, status=status, here="/restore/confirm")


def _seconds() -> int:
    return int(LINK_KNOWN.total_seconds())
