"""A person's rights: where, since when and on what; and ending one."""

from datetime import date, timedelta

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from iam import readable
from iam.errors import NothingToEnd
from iam.grants import service as grants
from iam.grants.models import Account, EndCause
from iam.grants.rules import HeldGrant
from iam.ids import GrantId
from iam.people import service as people
from iam.people.rules import mask
from iam.periods import riga_day
from workflows import clock
from workflows.application import repository
from workflows.database import snapshot, transaction
from workflows.i18n import Words
from workflows.principal import Principal
from workflows.rights import ending
from workflows.rights.ending import Ending
from workflows.rights.projection import trouble_of
from workflows.staff import Role
from workflows.web.http.errors import Problem
from workflows.web.http.forms import PostedForm
from workflows.web.http.limits import LONGEST_REASON, LONGEST_SEARCH, too_long
from workflows.web.identity import kept_forms
from workflows.web.identity.access import SignedIn
from workflows.web.pages.reviewers.contexts import EndRightPage, PeoplePage, PersonPage
from workflows.web.pages.reviewers.right_rows import RightRows
from workflows.web.site import site_of, words_of
from workflows.web.words.dates import read_day
from workflows.web.words.pending import TroubleWords, blocked_in_words, trouble_in_words
from workflows.web.words.vocabulary import CAUSES, STATES

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)

# What a reviewer may say; the others are said by reorganisations and by new rights.
_CAUSES = (EndCause.EMPLOYMENT_ENDED, EndCause.APPLICATION, EndCause.IZM, EndCause.ERROR)


@routes.get("/people")
def ask_people(request: Request, principal: SignedIn) -> Response:
    """Ask whom to look for, and show whose account waits for somebody to act."""
    site, words = site_of(request), words_of(request)
    with snapshot(site.sessions) as session:
        blocked = [
            {
                "name": account.person.full_name,
                "username": account.username,
                "why": blocked_in_words(words, account),
            }
            for account in readable.blocked(session, sees=principal.sees, on=riga_day(clock.now()))
        ]
    return site.page(request, PeoplePage(values={"q": ""}, found=[], blocked=blocked))


@routes.post("/people")
def find_people(request: Request, form: PostedForm, principal: SignedIn) -> Response:
    """Find a person by words of a name or by the whole personal code.

    By POST, though nothing changes: a personal code must not stand in an address, which browsers and proxies keep.
    """
    site, q = site_of(request), form.get("q")
    if problems := too_long(words_of(request), form, q=LONGEST_SEARCH):
        return site.page(request, PeoplePage(values={"q": q}, found=[]), problems=problems)
    with snapshot(site.sessions) as session:
        found = [
            {
                "name": person.full_name,
                "codes": [mask(code) for code in people.codes_of(session, person.id)],
                "account": grants.account_of(session, person),
            }
            for person in (readable.people(session, q, sees=principal.sees, on=riga_day(clock.now())) if q else ())
        ]
    return site.page(request, PeoplePage(values={"q": q}, found=found))


@routes.get("/people/{username}")
def person(request: Request, username: str, principal: SignedIn) -> Response:
    """Show everything an account holds, held and will hold."""
    site, words, at = site_of(request), words_of(request), clock.now()
    with snapshot(site.sessions) as session:
        account = _account(session, username, principal)
        shown = RightRows(session, words)
        rows = [
            shown.row(one, at)
            for one in readable.history(session, account.id, sees=principal.sees, on=riga_day(clock.now()))
        ]
        return site.page(
            request,
            PersonPage(
                account=account,
                name=account.person.full_name,
                codes=[mask(code) for code in people.codes_of(session, account.person_id)],
                rows=sorted(rows, key=lambda row: (not row["now"], str(row["where"]))),
                pending=account.projection_pending,
                trouble=_trouble(session, words, account),
                cases=_cases(session, words, account, principal),
                acts=Role.REVIEWER in principal.roles,
            ),
        )


@routes.get("/people/{username}/end/{grant}")
def ask_end(request: Request, username: str, grant: int, principal: SignedIn) -> Response:
    """Ask when, why and on what a right ends."""
    site = site_of(request)
    with snapshot(site.sessions) as session:
        page = request.url.path
        typed = kept_forms.find(session, site.csrf, request, page=page, owner=principal.username, at=clock.now())
    return _end_page(request, username, grant, principal, values=typed, kept=bool(typed))


@routes.post("/people/{username}/end/{grant}")
def end(request: Request, username: str, grant: int, form: PostedForm, principal: SignedIn) -> Response:
    """End a right; Keycloak follows by itself."""
    site, words = site_of(request), words_of(request)
    problems = []
    cause = next((one for one in _CAUSES if one.value == form.get("cause")), None)
    if cause is None:
        problems.append(Problem("cause", words("Choose why the right ends")))
    if not form.get("reason"):
        problems.append(Problem("reason", words("Write on what this rests")))
    last_day = None
    if form.get("when") == "day":
        try:
            last_day = read_day(form.get("last_day"))
        except ValueError:
            last_day = None
        if last_day is None:
            problems.append(Problem("last_day", words("Enter a real date, like 01.12.2026.")))
    elif form.get("when") != "now":
        problems.append(Problem("when", words("Choose when the right ends")))
    problems += too_long(words, form, reason=LONGEST_REASON)
    if problems or cause is None:
        return _end_page(request, username, grant, principal, tuple(problems), form.flat())
    try:
        with transaction(site.sessions) as session:
            _held(session, _account(session, username, principal), grant, principal)
            ending.end(
                session,
                [Ending(GrantId(grant), last_day)],
                cause=cause,
                reason=form.get("reason"),
                origin=principal.origin,
                base_url=site.settings.base_url,
                at=clock.now(),
            )
            kept_forms.drop(session, site.csrf, request, owner=principal.username)
    except NothingToEnd:
        if _ended_so_already(request, username, grant, cause, last_day, principal):
            return RedirectResponse(f"/people/{username}", status_code=303)
        sentence = words("The right ends on that day or before anyway")
        return _end_page(request, username, grant, principal, (Problem("when", sentence),), form.flat())
    return RedirectResponse(f"/people/{username}", status_code=303)


def _end_page(
    request: Request,
    username: str,
    grant: int,
    principal: Principal,
    problems: tuple[Problem, ...] = (),
    values: dict[str, str] | None = None,
    *,
    kept: bool = False,
) -> Response:
    site, words = site_of(request), words_of(request)
    with snapshot(site.sessions) as session:
        account = _account(session, username, principal)
        held = _held(session, account, grant, principal)
        return site.page(
            request,
            EndRightPage(
                values=values or {},
                kept=kept,
                account=account,
                name=account.person.full_name,
                row=RightRows(session, words).row(held, clock.now()),
                causes=[{"value": one.value, "text": _capital(words(CAUSES[one]))} for one in _CAUSES],
                example=words.date(riga_day(clock.now())),
            ),
            problems=problems,
        )


def _trouble(session: Session, words: Words, account: Account) -> TroubleWords:
    if not account.projection_pending:
        return TroubleWords()
    return trouble_in_words(words, account, trouble_of(session, account.id))


def _cases(session: Session, words: Words, account: Account, principal: Principal) -> list[dict[str, str]]:
    codes = [code.written for code in people.codes_of(session, account.person_id)]
    return [
        {
            "reference": one.reference,
            "applicant": one.applicant_name,
            "state": words(STATES[one.state][0]),
            "tone": STATES[one.state][1],
            "submitted": words.date(one.submitted_at) if one.submitted_at else "",
        }
        for one in repository.about_person(
            session, account.person_id, codes, sees=principal.sees, on=riga_day(clock.now())
        )
    ]


def _ended_so_already(
    request: Request, username: str, grant: int, cause: EndCause, last_day: date | None, principal: Principal
) -> bool:
    """Say whether the right was ended just so by this very person: the same form sent twice ends it once."""
    with snapshot(site_of(request).sessions) as session:
        held = _held(session, _account(session, username, principal), grant, principal)
        recorded = next((one for one in grants.ends_of(session, held.id) if one.period_id == held.period_id), None)
    if recorded is None:
        return False  # it was given until a day before: nobody ended it
    day = last_day or riga_day(recorded.at) - timedelta(days=1)
    same = (recorded.cause, recorded.by) == (cause, str(principal.actor))
    return same and (held.until or day) == day


def _account(session: Session, username: str, principal: Principal) -> Account:
    account = readable.account_called(session, username, sees=principal.sees, on=riga_day(clock.now()))
    if account is None:
        raise HTTPException(404)
    return account


def _held(session: Session, account: Account, grant: int, principal: Principal) -> HeldGrant:
    for one in readable.history(session, account.id, sees=principal.sees, on=riga_day(clock.now())):
        if one.id == grant:
            return one
    raise HTTPException(404)


def _capital(text: str) -> str:
    """Begin a choice as choices begin; in a sentence the same word is small."""
    return text[:1].upper() + text[1:]
