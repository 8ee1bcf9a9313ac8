"""Who forgot the password asks for a link: username, a code that somebody is there, and one answer for everybody.

Nothing about the person is looked up here. What the page answers, and how long it takes, is the same for a username
that exists, one that does not, and one that is shut: the request writes a row, a job does the rest.
"""

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from workflows import clock
from workflows.database import transaction
from workflows.password_reset import audio, limits, picture
from workflows.password_reset.codes import BadToken, OpenedCode
from workflows.password_reset.limits import Limits
from workflows.password_reset.service import ask
from workflows.web.http.errors import Problem
from workflows.web.http.forms import PostedForm
from workflows.web.http.limits import LONGEST_ADDRESS, too_long
from workflows.web.http.rates import count_or_refuse
from workflows.web.pages.passwords.contexts import ResetPage, ResetSentPage
from workflows.web.pages.passwords.presence import check_presence, network_of, presence_for, visit_of
from workflows.web.site import language_of, site_of, words_of

__all__ = ["STEP", "STEP_KNOWN", "routes"]

STEP = "reset-step"
"""The cookie that says how far somebody is: "sent" or "done"."""
STEP_KNOWN = 600
"""Seconds for which it does."""

routes = APIRouter(include_in_schema=False)

_SOUNDS = 120  # in ten minutes from one network: a whole school sits behind one address, and few of it listen


@routes.get("/reset")
def form(request: Request) -> Response:
    """Ask for the username and the code."""
    return _page(request)


@routes.post("/reset")
def send(request: Request, form: PostedForm) -> Response:
    """Take the request, or say what is missing. The answer to a complete one is the same for everybody."""
    site, words, at = site_of(request), words_of(request), clock.now()
    username = form.get("username")
    if form.get("again"):
        return _page(request, username=username)
    if not username:
        missing = Problem("username", words("Enter the username, or your work e-mail"))
        return _page(request, missing, token=form.get("token"))
    if problems := too_long(words, form, username=LONGEST_ADDRESS):
        return _page(request, problems[0], username=username, token=form.get("token"))
    with transaction(site.sessions) as session:
        network = network_of(request)
        numbers = limits.limits_for(session, network, at=at)
        problem, token = check_presence(request, session, form, network=network, numbers=numbers)
        if problem is None:
            ask(session, typed=username, network=network, language=language_of(request).value, at=at)
    if problem is not None:
        return _page(request, problem, username=username, token=token)
    response = RedirectResponse("/reset/sent", status_code=303)
    site.cookies.set(response, STEP, "sent", max_age=STEP_KNOWN)
    return response


@routes.get("/reset/sent")
def sent(request: Request) -> Response:
    """Say the one thing that is true for everybody, to whoever has asked."""
    site = site_of(request)
    if site.cookies.get(request, STEP) != "sent":
        return RedirectResponse("/reset", status_code=303)
    with transaction(site.sessions) as session:
        numbers = limits.limits_on(session, clock.now())
    return site.page(request, ResetSentPage(minutes=_minutes(numbers), count=numbers.mails_an_hour))


@routes.get("/reset/code/{token}.png")
def code_picture(request: Request, token: str) -> Response:
    """Draw the code."""
    return Response(picture.draw(_code(request, token)), media_type="image/png")


@routes.get("/reset/code/{token}.wav")
def code_sound(request: Request, token: str) -> Response:
    """Speak the code. Expensive, and a stranger may ask for it with nothing in hand: counted."""
    code = _code(request, token)
    with transaction(site_of(request).sessions) as session:
        count_or_refuse(session, request, "sound", most=_SOUNDS, at=clock.now())
    return Response(audio.speak(code, language_of(request)), media_type="audio/wav")


@routes.get("/reset/work")
def work(request: Request) -> Response:
    """Set the browser to work instead of its person."""
    site, at = site_of(request), clock.now()
    with transaction(site.sessions) as session:
        numbers = limits.limits_for(session, network_of(request), at=at)
    until = at + numbers.code_lives
    return JSONResponse(site.work.challenge(visit_of(request), until=until, heavy=numbers.pressed))


def _code(request: Request, token: str) -> OpenedCode:
    try:
        code = site_of(request).seals.open(token, visit_of(request))
    except BadToken:
        raise HTTPException(404) from None
    if code.until <= clock.now():
        raise HTTPException(404)
    return code


def _page(request: Request, *problems: Problem, username: str = "", token: str = "") -> Response:
    site, at = site_of(request), clock.now()
    with transaction(site.sessions) as session:
        numbers = limits.limits_for(session, network_of(request), at=at)
    return site.page(
        request,
        ResetPage(
            values={"username": username[:254], "code": ""},
            presence=presence_for(request, numbers, token=token, at=at),
        ),
        problems=problems,
        here="/reset",
        status=429 if problems and numbers.pressed else 200,
    )


def _minutes(numbers: Limits) -> int:
    return int(numbers.link_lives.total_seconds() // 60)
