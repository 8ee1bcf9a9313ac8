"""The link from the mail, or the code that stands below it, and the new password.

(1) GET /reset/new     a form; a script moves the secret from the fragment into it and sends it, else one types the code
(2) POST /reset/new    how the link stands; nothing is spent, for mail scanners open links and send forms they find
(3) GET …/password     the form for the password; the secret lies in a cookie of this browser, in no address or page
(4) POST …/password    spends the link and sets the password
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from iam.errors import KeycloakTrouble
from workflows import clock, policy
from workflows.database import transaction
from workflows.password_reset import limits
from workflows.password_reset.errors import KeycloakAway, LinkBusy, PasswordRefused
from workflows.password_reset.redeeming import Done, redeem
from workflows.password_reset.rules import Rule, tightened
from workflows.password_reset.service import Busy, Dead, DeadReason, Good, LinkStatus, ask_again, check_link
from workflows.web.http.errors import Problem
from workflows.web.http.forms import PostedForm
from workflows.web.http.upstream import UpstreamUnavailableError
from workflows.web.pages.passwords.contexts import ResetDeadPage, ResetDonePage, ResetLinkPage, ResetPasswordPage
from workflows.web.pages.passwords.presence import network_of, too_many
from workflows.web.pages.passwords.reset import STEP, STEP_KNOWN
from workflows.web.site import Site, language_of, site_of, words_of
from workflows.web.words.passwords import objection_in_words, rules_in_words

__all__ = ["LINK_KNOWN", "routes"]

routes = APIRouter(include_in_schema=False)

LINK_KNOWN = timedelta(hours=1)
"""For how long the browser holds a link or code that was opened."""

_COOKIE = "reset"


@dataclass(frozen=True, slots=True)
class _Refused:
    """Nothing was changed, and the link lives on: what to correct, or to wait for."""

    problems: tuple[Problem, ...]
    status: int


@routes.get("/reset/new")
def form(request: Request) -> Response:
    """Receive the secret from the address's fragment (by script), or ask for the code (1)."""
    return site_of(request).page(request, ResetLinkPage(values={"code": ""}))


@routes.post("/reset/new")
def opened(request: Request, form: PostedForm) -> Response:
    """Say how the link stands; spend nothing (2)."""
    site, words = site_of(request), words_of(request)
    typed = form.get("secret") or form.get("code")
    if not typed:
        problem = Problem("code", words("Enter the code from the e-mail"))
        return site.page(request, ResetLinkPage(values={"code": ""}), problems=(problem,))
    stands = _look(request, typed)
    match stands:
        case Good():
            response = RedirectResponse("/reset/new/password", status_code=303)
            _keep(request, response, typed)
            return response
        case Busy():
            return site.page(
                request, ResetLinkPage(values={"code": ""}), problems=(Problem("code", _busy(request)),), status=409
            )
        case Dead(why):
            return _dead(request, why, typed)


@routes.post("/reset/again")
def again(request: Request, form: PostedForm) -> Response:
    """Send a new link to the mailbox of the dead one this browser has opened; one answer for everybody."""
    del form
    site = site_of(request)
    key = site.cookies.get(request, _COOKIE)
    if not key:
        return RedirectResponse("/reset", status_code=303)
    with transaction(site.sessions) as session:
        ask_again(session, key, network=network_of(request), language=language_of(request).value, at=clock.now())
    response = RedirectResponse("/reset/sent", status_code=303)
    site.cookies.drop(response, _COOKIE)
    site.cookies.set(response, STEP, "sent", max_age=STEP_KNOWN)
    return response


@routes.get("/reset/new/password")
def ask_password(request: Request) -> Response:
    """Ask for the password, its rules first (3)."""
    site = site_of(request)
    key = site.cookies.get(request, _COOKIE)
    if not key:
        return RedirectResponse("/reset/new", status_code=303)
    stands = _look(request, key)
    match stands:
        case Good():
            return _password_page(request, stands)
        case Busy():
            return _password_page(request, stands, Problem("password", _busy(request)), status=409)
        case Dead(why):
            return _dead(request, why, key)


@routes.post("/reset/new/password")
def set_password(request: Request, form: PostedForm) -> Response:
    """Spend the link and set the password (4)."""
    site, words = site_of(request), words_of(request)
    key = site.cookies.get(request, _COOKIE)
    if not key:
        return RedirectResponse("/reset/new", status_code=303)
    # As it was typed: a space at an end belongs to the password.
    password, again = (next(iter(form.values.get(name, ())), "") for name in ("password", "again"))
    stands = _look(request, key)
    if isinstance(stands, Good) and "again" in form.values and password != again:
        return _password_page(request, stands, Problem("again", words("The two passwords differ")))
    result = _redeemed(request, key, password)
    match result:
        case Done():
            response: Response = RedirectResponse("/reset/done", status_code=303)
            site.cookies.drop(response, _COOKIE)
            site.cookies.set(response, STEP, "done", max_age=STEP_KNOWN)
        case Dead(why):
            response = _dead(request, why, key)
        case _Refused(problems, status):
            response = _password_page(request, stands, *problems, status=status)
    return response


@routes.get("/reset/done")
def done(request: Request) -> Response:
    """Say that it is done, to whoever has done it; nobody is logged in by it."""
    site = site_of(request)
    if site.cookies.get(request, STEP) != "done":
        return RedirectResponse("/reset", status_code=303)
    return site.page(request, ResetDonePage(system=site.settings.login_url))


def _redeemed(request: Request, key: str, password: str) -> Done | Dead | _Refused:
    site, words, at = site_of(request), words_of(request), clock.now()
    try:
        rules = _rules(site, at)
        with site.upstream.slot():
            return redeem(
                site.sessions,
                site.keycloak,
                key,
                password,
                rules=rules,
                base_url=site.settings.base_url,
                incident_contact=site.settings.incident_contact,
                at=at,
            )
    except PasswordRefused as refused:
        return _Refused(tuple(Problem("password", objection_in_words(words, one)) for one in refused.objections), 422)
    except LinkBusy:
        return _Refused((Problem("password", _busy(request)),), 409)
    except (KeycloakAway, KeycloakTrouble, UpstreamUnavailableError):
        return _Refused((Problem("password", _away(request)),), 503)


def _rules(site: Site, at: datetime) -> tuple[Rule, ...]:
    """Return Keycloak's rules, no weaker than the dated policy. Raises KeycloakTrouble."""
    with transaction(site.sessions) as session:
        numbers = policy.on(session, at)
    return tightened(site.password_rules.at(at), length=numbers.password_length, classes=numbers.password_classes)


def _look(request: Request, typed: str) -> LinkStatus:
    """Look at a link, counting what nobody made against the network, never against a link.

    Whoever holds a good link is let through, however often others of the network were wrong.
    """
    site, at, network = site_of(request), clock.now(), network_of(request)
    with transaction(site.sessions) as session:
        stands = check_link(session, typed, at=at)
        if stands == Dead(DeadReason.UNKNOWN):
            if limits.limits_for(session, network, at=at).wrong:
                raise too_many()
            limits.count_wrong(session, network, at=at)
        return stands


def _password_page(request: Request, stands: LinkStatus, *problems: Problem, status: int = 200) -> Response:
    site, words = site_of(request), words_of(request)
    try:
        rules = rules_in_words(words, _rules(site, clock.now()))
    except KeycloakTrouble:
        rules = ()
        problems = problems or (Problem("password", _away(request)),)
        status = 503
    return site.page(
        request,
        ResetPasswordPage(rules=rules, until=stands.until if isinstance(stands, Good) else None),
        problems=problems,
        status=status,
        here="/reset/new/password",
    )


def _keep(request: Request, response: Response, typed: str) -> None:
    """Keep a link or code in a cookie of this browser."""
    kept = typed[:100].encode("ascii", "ignore").decode()
    site_of(request).cookies.set(response, _COOKIE, kept, max_age=int(LINK_KNOWN.total_seconds()))


def _dead(request: Request, why: DeadReason, typed: str) -> Response:
    """Say why a link opens nothing; it stays in this browser, to ask by it for a new one with one press."""
    site = site_of(request)
    with transaction(site.sessions) as session:
        minutes = int(limits.limits_on(session, clock.now()).link_lives.total_seconds() // 60)
    status = 404 if why is DeadReason.UNKNOWN else 410
    response = site.page(request, ResetDeadPage(why=why.value, minutes=minutes), status=status, here="/reset/new")
    if why is DeadReason.UNKNOWN:
        site.cookies.drop(response, _COOKIE)
    else:
        _keep(request, response, typed)
    return response


def _busy(request: Request) -> str:
    words = words_of(request)
    return words(
        "This link is being used at this very moment. Try again in a minute. If it says so for long, ask for a new link"
    )


def _away(request: Request) -> str:
    words = words_of(request)
    return words(
        "The password cannot be set just now because a part of the system does not answer."
        " Your link remains good: try again in a few minutes"
    )
