"""Whoever lost rights by the reform asks for them: name, username, what happened, and one answer for everybody.

Nothing about the person is looked up here. What the page answers, and how long it takes, is the same for a username
that exists, one that does not, and one whose rights do not come back: the request writes a row, a job does the rest.
"""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from iam.periods import riga_day
from workflows import clock
from workflows.database import snapshot, transaction
from workflows.i18n import Words
from workflows.password_reset import limits
from workflows.restoration.asking import ask
from workflows.restoration.reading import unchanged
from workflows.restoration.words import ANEW
from workflows.web.http.errors import Problem
from workflows.web.http.forms import Posted, PostedForm
from workflows.web.http.limits import LONGEST_ADDRESS, LONGEST_REASON, text_problems, too_long
from workflows.web.pages.passwords.presence import check_presence, network_of, presence_for
from workflows.web.pages.restorations.contexts import RestorePage, RestoreSentPage
from workflows.web.site import language_of, site_of, words_of

__all__ = ["STEP", "STEP_KNOWN", "routes"]

STEP = "restore-step"
"""The cookie that says how far somebody is: "sent" or "confirmed"."""
STEP_KNOWN = 600
"""Seconds for which it does."""

routes = APIRouter(include_in_schema=False)

_LONGEST_NAME = 200
_FIELDS = ("given_name", "surname", "username", "description")


@routes.get("/restore")
def form(request: Request) -> Response:
    """Ask for name, username, what happened, and the code."""
    return _page(request, {})


@routes.post("/restore")
def send(request: Request, form: PostedForm) -> Response:
    """Take the request, or say what is missing. The answer to a complete one is the same for everybody."""
    site, words, at = site_of(request), words_of(request), clock.now()
    typed = {name: form.get(name) for name in _FIELDS}
    if form.get("again"):
        return _page(request, typed)
    if problems := _problems(words, form):
        return _page(request, typed, *problems, token=form.get("token"))
    with transaction(site.sessions) as session:
        network = network_of(request)
        numbers = limits.limits_for(session, network, at=at)
        problem, token = check_presence(request, session, form, network=network, numbers=numbers)
        if problem is None:
            ask(session, **typed, network=network, language=language_of(request).value, at=at)
    if problem is not None:
        return _page(request, typed, problem, token=token)
    response = RedirectResponse("/restore/sent", status_code=303)
    site.cookies.set(response, STEP, "sent", max_age=STEP_KNOWN)
    return response


@routes.get("/restore/sent")
def sent(request: Request) -> Response:
    """Say the one thing that is true for everybody, to whoever has asked."""
    site = site_of(request)
    if site.cookies.get(request, STEP) != "sent":
        return RedirectResponse("/restore", status_code=303)
    with transaction(site.sessions) as session:
        numbers = limits.limits_on(session, clock.now())
    minutes = int(numbers.link_lives.total_seconds() // 60)
    return site.page(request, RestoreSentPage(minutes=minutes, count=numbers.mails_an_hour))


def _problems(words: Words, form: Posted) -> tuple[Problem, ...]:
    missing = {
        "given_name": words("Enter the given name"),
        "surname": words("Enter the surname"),
        "username": words("Enter the username"),
        "description": words("Write what happened to the rights"),
    }
    return (
        *(Problem(name, sentence) for name, sentence in missing.items() if not form.get(name)),
        *too_long(words, form, given_name=_LONGEST_NAME, surname=_LONGEST_NAME, username=LONGEST_ADDRESS),
        *text_problems(words, form, description=LONGEST_REASON),
    )


def _page(request: Request, typed: Mapping[str, str], *problems: Problem, token: str = "") -> Response:
    site, at = site_of(request), clock.now()
    with transaction(site.sessions) as session:
        numbers = limits.limits_for(session, network_of(request), at=at)
    with snapshot(site.sessions) as session:
        towns = [town.name for town in unchanged(session, on=riga_day(at))]
    return site.page(
        request,
        RestorePage(
            values={**dict.fromkeys((*_FIELDS, "code"), ""), **typed},
            presence=presence_for(request, numbers, token=token, at=at),
            towns=towns,
            anew=words_of(request)(ANEW),
        ),
        problems=problems,
        here="/restore",
        status=429 if problems and numbers.pressed else 200,
    )
