"""Ending rights of a person, one or several at once: asked, confirmed, recorded, told in one mail.

(1) ask      which rights; when, why and on what they end
(2) check    every objection at its field; a last day lies on the first day or after it
(3) confirm  the same once more in words, with one button: nothing has ended yet
(4) end      all or none; the page of the person says who ended them, when and on what
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from iam import readable
from iam.errors import NothingToEnd
from iam.grants import service as grants
from iam.grants.models import Account, EndCause
from iam.grants.rules import HeldGrant
from iam.periods import riga_day
from workflows import clock
from workflows.database import snapshot, transaction
from workflows.i18n import Words, later
from workflows.principal import Principal
from workflows.rights import ending
from workflows.rights.ending import RightEnding
from workflows.web.http.errors import Problem
from workflows.web.http.forms import Posted, PostedForm
from workflows.web.http.limits import LONGEST_REASON, text_problems
from workflows.web.identity import kept_forms
from workflows.web.identity.access import SignedIn
from workflows.web.pages.kept import kept_of
from workflows.web.pages.reviewers.contexts import EndRightPage, EndRightSurePage
from workflows.web.pages.reviewers.right_rows import RightRows
from workflows.web.site import site_of, words_of
from workflows.web.words.vocabulary import CAUSES
from workflows.written_days import FURTHEST_LAST_DAY, NO_SUCH_DAY, BadDay, read_day

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)

# What a reviewer may say; the others are said by reorganisations and by new rights.
_CAUSES = (EndCause.EMPLOYMENT_ENDED, EndCause.APPLICATION, EndCause.IZM, EndCause.ERROR)
_SEVERAL = re.compile(r"[0-9]{1,18}(?:,[0-9]{1,18}){0,199}")
# A decision is made anew each time; what was written for it is not typed twice.
_RESTORED = frozenset({"reason"})
_CALLED = {"reason": later("What this rests on")}


@routes.get("/people/{username}/end")
def choose(username: str, principal: SignedIn, right: Annotated[list[str] | None, Query()] = None) -> Response:
    """Lead from the rights ticked on a person's page to the page that ends them."""
    del principal
    ticked = ",".join(right or ())
    page = f"/people/{username}"
    return RedirectResponse(f"{page}/end/{ticked}" if _SEVERAL.fullmatch(ticked) else page, status_code=303)


@routes.get("/people/{username}/end/{grant}")
def ask(request: Request, username: str, grant: str, principal: SignedIn) -> Response:
    """Ask when, why and on what the rights end (1)."""
    typed = kept_of(request, principal.username)
    values = {name: value for name, value in typed.items() if name in _RESTORED}
    return _form(request, username, grant, principal, values=values, kept=bool(typed))


@routes.post("/people/{username}/end/{grant}")
def end(request: Request, username: str, grant: str, form: PostedForm, principal: SignedIn) -> Response:
    """Confirm the end of the rights, or end them; Keycloak follows by itself."""
    site, words = site_of(request), words_of(request)
    with snapshot(site.sessions) as session:
        held = _held(session, _account(session, username, principal), grant, principal)
    cause, last_day, problems = _said(words, form, held)  # (2)
    if problems or cause is None:
        return _form(request, username, grant, principal, problems=problems, values=form.flat())
    if _ended_so_already(request, held, cause, last_day, principal):
        return RedirectResponse(f"/people/{username}", status_code=303)
    if any(_over_by(one, last_day) for one in held):
        sentence = words("The right ends on that day or before anyway")
        problem = Problem("last_day" if last_day else "when", sentence)
        return _form(request, username, grant, principal, problems=(problem,), values=form.flat())
    if form.get("confirmed") != "yes":
        return _sure(request, username, grant, principal, form.flat(), last_day)  # (3)
    try:
        with transaction(site.sessions) as session:
            held = _held(session, _account(session, username, principal), grant, principal)
            ending.end(
                session,
                [RightEnding(one.id, last_day) for one in held],
                cause=cause,
                reason=form.get("reason"),
                origin=principal.origin,
                base_url=site.settings.base_url,
                at=clock.now(),
            )  # (4)
            kept_forms.drop(session, site.csrf, request, owner=principal.username)
    except NothingToEnd:
        sentence = words("The right ends on that day or before anyway")
        return _form(request, username, grant, principal, problems=(Problem("when", sentence),), values=form.flat())
    return RedirectResponse(f"/people/{username}", status_code=303)


def _said(
    words: Words, form: Posted, held: Sequence[HeldGrant]
) -> tuple[EndCause | None, date | None, tuple[Problem, ...]]:
    """Read cause and last day (None: now), and list everything that is wrong with the form."""
    problems = []
    cause = next((one for one in _CAUSES if one.value == form.get("cause")), None)
    last_day = None
    if form.get("when") == "day":
        try:
            last_day, wrong = read_day(form.get("last_day")), NO_SUCH_DAY
        except BadDay as bad:
            wrong = bad.sentence
        begins = max((one.since for one in held if one.since is not None), default=None)
        if last_day is None:
            problems.append(Problem("last_day", words(wrong)))
        elif last_day > (furthest := riga_day(clock.now()) + FURTHEST_LAST_DAY):
            sentence = words("The last day can be %(day)s at the latest: check the year", day=words.date(furthest))
            problems.append(Problem("last_day", sentence))
        elif begins is not None and last_day < begins:
            sentence = words(
                "The right begins on %(day)s only: choose that day or a later one, or end it now",
                day=words.date(begins),
            )
            problems.append(Problem("last_day", sentence))
    elif form.get("when") != "now":
        problems.append(Problem("when", words("Choose when the right ends")))
    if cause is None:
        problems.append(Problem("cause", words("Choose why the right ends")))
    if not form.get("reason"):
        problems.append(Problem("reason", words("Enter what this rests on")))
    return cause, last_day, (*problems, *text_problems(words, form, called=_CALLED, reason=LONGEST_REASON))


def _form(
    request: Request,
    username: str,
    grant: str,
    principal: Principal,
    *,
    problems: tuple[Problem, ...] = (),
    values: Mapping[str, str] | None = None,
    kept: bool = False,
) -> Response:
    site, words = site_of(request), words_of(request)
    with snapshot(site.sessions) as session:
        account = _account(session, username, principal)
        return site.page(
            request,
            EndRightPage(
                values=values or {},
                kept=kept,
                account=account,
                name=account.person.full_name,
                rows=_rows(session, words, _held(session, account, grant, principal)),
                causes=[{"value": one.value, "text": _capital(words(CAUSES[one]))} for one in _CAUSES],
                example=words.date(riga_day(clock.now())),
            ),
            problems=problems,
        )


def _sure(
    request: Request, username: str, grant: str, principal: Principal, values: dict[str, str], last_day: date | None
) -> Response:
    """Show what is about to end; nothing is written yet."""
    site, words = site_of(request), words_of(request)
    with snapshot(site.sessions) as session:
        account = _account(session, username, principal)
        return site.page(
            request,
            EndRightSurePage(
                values=values,
                account=account,
                name=account.person.full_name,
                rows=_rows(session, words, _held(session, account, grant, principal)),
                last_day=None if last_day is None else words.date(last_day),
                cause=words(CAUSES[EndCause(values["cause"])]),
            ),
        )


def _rows(session: Session, words: Words, held: Sequence[HeldGrant]) -> list[dict[str, object]]:
    shown = RightRows(session, words, held)
    return [shown.row(one, clock.now()) for one in held]


def _over_by(held: HeldGrant, last_day: date | None) -> bool:
    """Say whether there is nothing to end: taken back, or over by the day anyway."""
    day = last_day or riga_day(clock.now()) - timedelta(days=1)
    return held.since is None or (held.until is not None and held.until <= day)


def _ended_so_already(
    request: Request, held: Sequence[HeldGrant], cause: EndCause, last_day: date | None, principal: Principal
) -> bool:
    """Say whether all were ended just so by this very person: the same form sent twice ends them once."""
    with snapshot(site_of(request).sessions) as session:
        ends = grants.ends_of(session, held)
        for one in held:
            recorded = ends.get(one.period_id)
            if recorded is None:
                return False  # it was given until a day before: nobody ended it
            day = last_day or riga_day(recorded.at) - timedelta(days=1)
            if (recorded.cause, recorded.by) != (cause, str(principal.actor)) or (one.until or day) != day:
                return False
    return True


def _account(session: Session, username: str, principal: Principal) -> Account:
    account = readable.account_called(session, username, sees=principal.sees, on=riga_day(clock.now()))
    if account is None:
        raise HTTPException(404)
    return account


def _held(session: Session, account: Account, grant: str, principal: Principal) -> list[HeldGrant]:
    """Return the rights that the address names, "12" or "12,15"; each is one of this account, or there is no page."""
    if not _SEVERAL.fullmatch(grant):
        raise HTTPException(404)
    named = {int(one) for one in grant.split(",")}
    seen = readable.history(session, account.id, sees=principal.sees, on=riga_day(clock.now()))
    found = {one.id: one for one in seen if one.id in named}
    if set(found) != named:
        raise HTTPException(404)
    return list(found.values())


def _capital(text: str) -> str:
    """Begin a choice as choices begin; in a sentence the same word is small."""
    return text[:1].upper() + text[1:]
