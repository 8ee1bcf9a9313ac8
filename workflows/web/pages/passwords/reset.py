"""Who forgot the password asks for a link: username, a code that somebody is there, and one answer for everybody.

Nothing about the person is looked up here. What the page answers, and how long it takes, is the same for a username
that exists, one that does not, and one that is shut: the request writes a row, a job does the rest.
"""

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from workflows import clock
from workflows.database import transaction
from workflows.i18n import Words
from workflows.password_reset import audio, limits, picture
from workflows.password_reset.codes import Answered, BadToken, OpenedCode, answer
from workflows.password_reset.limits import Limits
from workflows.password_reset.service import ask
from workflows.web.http.errors import Problem
from workflows.web.http.forms import Posted, PostedForm
from workflows.web.http.limits import LONGEST_ADDRESS, too_long
from workflows.web.http.rates import count_or_refuse, range_of
from workflows.web.pages.passwords.contexts import ResetPage, ResetSentPage
from workflows.web.site import Site, language_of, site_of, words_of

__all__ = ["STEP", "STEP_KNOWN", "network_of", "routes", "too_many"]

STEP = "reset-step"
"""The cookie that says how far somebody is: "sent" or "done"."""
STEP_KNOWN = 600
"""Seconds for which it does."""

routes = APIRouter(include_in_schema=False)

_RETRY_AFTER = "1800"
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
        problem, token = _check_code(request, session, form, network=network, numbers=numbers)
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
    return JSONResponse(site.work.challenge(_visit(request), until=until, heavy=numbers.pressed))


def network_of(request: Request) -> str:
    """Name the network a request is counted under; a proxy is believed only where the settings name it."""
    return range_of(request.client.host if request.client else "unknown")


def too_many() -> HTTPException:
    """Make the answer for a network that has had enough for now."""
    return HTTPException(429, headers={"Retry-After": _RETRY_AFTER})


def _check_code(
    request: Request, session: Session, form: Posted, *, network: str, numbers: Limits
) -> tuple[Problem | None, str]:
    """Check the code, or the proof of work; with a problem comes the code to show again, "" for a new one."""
    site, words, at, visit = site_of(request), words_of(request), clock.now(), _visit(request)
    if solution := form.get("work"):
        done = site.work.accept(session, solution, visit, at=at, heavy=numbers.pressed)
        if not done:
            limits.count_wrong(session, network, at=at)
        sentence = words("The calculation was not accepted. Do it again, or type the code from the picture")
        return None if done else Problem("code", sentence), ""
    token, typed = form.get("token"), form.get("code")
    if numbers.pressed:
        # Nobody is shut out by others' requests, and a flood of solved codes gets no further.
        return Problem("code", _pressed(words)), token
    if not typed:
        return Problem("code", words("Type the code from the picture")), token
    judged = _judged(site, session, token, typed, visit=visit, numbers=numbers)
    if judged is Answered.RIGHT:
        return None, ""
    limits.count_wrong(session, network, at=at)
    if judged is Answered.OVER:
        return Problem("code", words("That code can no longer be used. Here is a new one")), ""
    wrong = words("The code does not match. Type the letters and digits as in the picture")
    return Problem("code", wrong), token


def _judged(site: Site, session: Session, token: str, typed: str, *, visit: str, numbers: Limits) -> Answered:
    try:
        code = site.seals.open(token, visit)
    except BadToken:
        return Answered.OVER
    return answer(session, code, typed, tries=numbers.code_tries, at=clock.now())


def _code(request: Request, token: str) -> OpenedCode:
    try:
        code = site_of(request).seals.open(token, _visit(request))
    except BadToken:
        raise HTTPException(404) from None
    if code.until <= clock.now():
        raise HTTPException(404)
    return code


def _pressed(words: Words) -> str:
    return words(
        "So many requests are coming in just now that a code is not enough. Open “Can neither see nor hear the code?” "
        "below and let your device calculate instead, or try again in an hour"
    )


def _page(request: Request, *problems: Problem, username: str = "", token: str = "") -> Response:
    site, at, visit = site_of(request), clock.now(), _visit(request)
    with transaction(site.sessions) as session:
        numbers = limits.limits_for(session, network_of(request), at=at)
    try:
        good = bool(token) and site.seals.open(token, visit).until > at
    except BadToken:
        good = False
    return site.page(
        request,
        ResetPage(
            values={"username": username[:254], "code": ""},
            token=token if good else site.seals.new(visit, length=numbers.code_length, until=at + numbers.code_lives),
            length=numbers.code_length,
            width=picture.WIDTH,
            height=picture.HEIGHT,
            pressed=numbers.pressed,
        ),
        problems=problems,
        here="/reset",
        status=429 if problems and numbers.pressed else 200,
    )


def _minutes(numbers: Limits) -> int:
    return int(numbers.link_lives.total_seconds() // 60)


def _visit(request: Request) -> str:
    return site_of(request).csrf.visit_of(request).value
