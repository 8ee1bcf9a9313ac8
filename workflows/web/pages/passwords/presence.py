"""Is somebody there? The code or the work that a form asks for which strangers may send (decision 72).

Counted with the limits of lost passwords, whichever form it is. A code is sealed for the visit, and answered once.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request

from workflows import clock
from workflows.i18n import Words
from workflows.password_reset import limits, picture
from workflows.password_reset.codes import Answered, BadToken, answer
from workflows.password_reset.limits import Limits
from workflows.web.http.errors import Problem
from workflows.web.http.forms import Posted
from workflows.web.http.rates import range_of
from workflows.web.site import Site, site_of, words_of
from workflows.web.templating import Page

__all__ = ["Presence", "PresencePage", "check_presence", "network_of", "presence_for", "too_many", "visit_of"]

_RETRY_AFTER = "1800"


@dataclass(frozen=True, slots=True)
class Presence:
    """What the part of a form needs that asks whether somebody is there."""

    token: str
    length: int  # of the code
    width: int  # of its picture, in pixels
    height: int
    pressed: bool  # so many requests that a code is not enough


@dataclass(frozen=True, slots=True, kw_only=True)
class PresencePage(Page):
    """A page with such a form."""

    presence: Presence


def presence_for(request: Request, numbers: Limits, *, token: str, at: datetime) -> Presence:
    """Return the code to show: that of the token while it can be answered, else a new one."""
    site, visit = site_of(request), visit_of(request)
    try:
        good = bool(token) and site.seals.open(token, visit).until > at
    except BadToken:
        good = False
    return Presence(
        token=token if good else site.seals.new(visit, length=numbers.code_length, until=at + numbers.code_lives),
        length=numbers.code_length,
        width=picture.WIDTH,
        height=picture.HEIGHT,
        pressed=numbers.pressed,
    )


def check_presence(
    request: Request, session: Session, form: Posted, *, network: str, numbers: Limits
) -> tuple[Problem | None, str]:
    """Check the code, or the proof of work; with a problem comes the code to show again, "" for a new one."""
    site, words, at, visit = site_of(request), words_of(request), clock.now(), visit_of(request)
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


def network_of(request: Request) -> str:
    """Name the network a request is counted under; a proxy is believed only where the settings name it."""
    return range_of(request.client.host if request.client else "unknown")


def too_many() -> HTTPException:
    """Make the answer for a network that has had enough for now."""
    return HTTPException(429, headers={"Retry-After": _RETRY_AFTER})


def visit_of(request: Request) -> str:
    """Return the visit that codes and work are sealed for."""
    return site_of(request).csrf.visit_of(request).value


def _judged(site: Site, session: Session, token: str, typed: str, *, visit: str, numbers: Limits) -> Answered:
    try:
        code = site.seals.open(token, visit)
    except BadToken:
        return Answered.OVER
    return answer(session, code, typed, tries=numbers.code_tries, at=clock.now())


def _pressed(words: Words) -> str:
    return words(
        "So many requests are coming in just now that a code is not enough. Open “Can neither see nor hear the code?” "
        "below and let your device calculate instead, or try again in an hour"
    )
