"""Who holds which right, where, since when and on what: by person, by institution, on any day; and ending one."""

from datetime import date, datetime, timedelta

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from iam.errors import NothingToEnd, Unknown
from iam.grants import service as grants
from iam.grants.models import Account, EndCause
from iam.grants.rules import HeldGrant
from iam.ids import GrantId
from iam.institutions import service as institutions
from iam.people import service as people
from iam.people.rules import mask
from iam.periods import riga_day
from workflows import clock
from workflows.application import repository, service
from workflows.application.projection import trouble_of
from workflows.database import snapshot, transaction
from workflows.i18n import Words
from workflows.staff import Role
from workflows.web.http.errors import Problem
from workflows.web.http.forms import PostedForm
from workflows.web.http.limits import LONGEST_REASON, LONGEST_SEARCH, too_long
from workflows.web.identity import kept_forms
from workflows.web.identity.access import Member
from workflows.web.pages.reviewers.queue import Reader, Reviewer
from workflows.web.site import site_of, words_of
from workflows.web.words.dates import read_day
from workflows.web.words.pending import trouble_in_words
from workflows.web.words.sections import catalogue_names
from workflows.web.words.vocabulary import CAUSES, EVIDENCE, RIGHTS, STATES

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)

_MOST = 20
# What a reviewer may say; the others are said by reorganisations and by new rights.
_CAUSES = (EndCause.EMPLOYMENT_ENDED, EndCause.APPLICATION, EndCause.IZM, EndCause.ERROR)


@routes.get("/people")
def ask_people(request: Request, member: Reader) -> Response:
    """Ask whom to look for."""
    del member
    return site_of(request).page(request, "people.html", values={"q": ""}, found=[])


@routes.post("/people")
def find_people(request: Request, form: PostedForm, member: Reader) -> Response:
    """Find a person by words of a name or by the whole personal code.

    By POST, though nothing changes: a personal code must not stand in an address, which browsers and proxies keep.
    """
    del member
    site, q = site_of(request), form.get("q")
    if problems := too_long(words_of(request), form, q=LONGEST_SEARCH):
        return site.page(request, "people.html", problems=problems, values={"q": q}, found=[])
    with snapshot(site.sessions) as session:
        found = [
            {
                "name": person.full_name,
                "codes": [mask(code) for code in people.codes_of(session, person.id)],
                "account": grants.account_of(session, person),
            }
            for person in (people.search(session, q) if q else ())
        ]
    return site.page(request, "people.html", values={"q": q}, found=found)


@routes.get("/people/{username}")
def person(request: Request, username: str, member: Reader) -> Response:
    """Show everything an account holds, held and will hold."""
    site, words, at = site_of(request), words_of(request), clock.now()
    with snapshot(site.sessions) as session:
        account = _account(session, username)
        shown = _Rows(session, words)
        rows = [shown.row(one, at) for one in grants.history(session, account.id)]
        return site.page(
            request,
            "person.html",
            account=account,
            name=account.person.full_name,
            codes=[mask(code) for code in people.codes_of(session, account.person_id)],
            rows=sorted(rows, key=lambda row: (not row["now"], str(row["where"]))),
            pending=account.projection_pending,
            trouble=_trouble(session, words, account),
            cases=_cases(session, words, account),
            acts=Role.REVIEWER in member.roles,
        )


@routes.get("/people/{username}/end/{grant}")
def ask_end(request: Request, username: str, grant: int, member: Reviewer) -> Response:
    """Ask when, why and on what a right ends."""
    site = site_of(request)
    with snapshot(site.sessions) as session:
        page = request.url.path
        typed = kept_forms.find(session, site.csrf, request, page=page, owner=member.username, at=clock.now())
    return _end_page(request, username, grant, values=typed, kept=bool(typed))


@routes.post("/people/{username}/end/{grant}")
def end(request: Request, username: str, grant: int, form: PostedForm, member: Reviewer) -> Response:
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
        return _end_page(request, username, grant, tuple(problems), form.flat())
    try:
        with transaction(site.sessions) as session:
            _held(session, _account(session, username), grant)
            service.end_right(
                session,
                GrantId(grant),
                last_day=last_day,
                cause=cause,
                reason=form.get("reason"),
                by=member.reviewer,
                base_url=site.settings.base_url,
                at=clock.now(),
            )
            kept_forms.drop(session, site.csrf, request, owner=member.username)
    except NothingToEnd:
        if _ended_so_already(request, username, grant, cause, last_day, member):
            return RedirectResponse(f"/people/{username}", status_code=303)
        sentence = words("The right ends on that day or before anyway")
        return _end_page(request, username, grant, (Problem("when", sentence),), form.flat())
    return RedirectResponse(f"/people/{username}", status_code=303)


@routes.get("/grants")
def by_institution(request: Request, member: Reader, q: str = "", scope: str = "", at: str = "") -> Response:
    """Show who holds what in an institution or municipality on a day."""
    del member
    site, words = site_of(request), words_of(request)
    today = riga_day(clock.now())
    problems: tuple[Problem, ...] = ()
    sought = q
    try:
        day = read_day(at) or today
    except ValueError:
        day, problems = today, (Problem("at", words("Enter a real date, like 01.12.2026.")),)
    if too_much := too_long(words, {"q": q}, q=LONGEST_SEARCH):
        problems, sought = (*problems, *too_much), ""
    with snapshot(site.sessions) as session:
        places = [
            (f"i-{hit.reg_no}", hit.name, hit.municipality) for hit in institutions.search(session, sought, limit=_MOST)
        ]
        if not scope and len(places) == 1:
            scope = places[0][0]
        name, rows = _in_scope(session, words, scope, day)
    return site.page(
        request,
        "grants.html",
        problems=problems,
        values={"q": q, "at": at or words.date(today)},
        places=[] if scope else places,
        name=name,
        rows=rows,
        day=day,
        q=sought,
    )


def _in_scope(session: Session, words: Words, scope: str, day: date) -> tuple[str, list[dict[str, object]]]:
    if not scope:
        return "", []
    try:
        found = institutions.scope_by_code(session, scope)
    except Unknown:
        raise HTTPException(404) from None
    shown = _Rows(session, words)
    rows = [
        {"person": account.person.full_name, "username": account.username, **shown.row(held, None)}
        for account, held in grants.grants_in_scope(session, found.id, on=day)
    ]
    return institutions.scope_name(session, found, on=day), rows


def _end_page(
    request: Request,
    username: str,
    grant: int,
    problems: tuple[Problem, ...] = (),
    values: dict[str, str] | None = None,
    *,
    kept: bool = False,
) -> Response:
    site, words = site_of(request), words_of(request)
    with snapshot(site.sessions) as session:
        account = _account(session, username)
        held = _held(session, account, grant)
        return site.page(
            request,
            "end_right.html",
            problems=problems,
            values=values or {},
            kept=kept,
            account=account,
            name=account.person.full_name,
            row=_Rows(session, words).row(held, clock.now()),
            grant=grant,
            causes=[{"value": one.value, "text": _capital(words(CAUSES[one]))} for one in _CAUSES],
            example=words.date(riga_day(clock.now())),
        )


def _trouble(session: Session, words: Words, account: Account) -> dict[str, str]:
    if not account.projection_pending:
        return {}
    return trouble_in_words(words, account, trouble_of(session, account.id))


def _cases(session: Session, words: Words, account: Account) -> list[dict[str, str]]:
    codes = [code.written for code in people.codes_of(session, account.person_id)]
    return [
        {
            "reference": one.reference,
            "applicant": one.applicant_name,
            "state": words(STATES[one.state][0]),
            "tone": STATES[one.state][1],
            "submitted": words.date(one.submitted_at) if one.submitted_at else "",
        }
        for one in repository.about_person(session, account.person_id, codes)
    ]


def _ended_so_already(
    request: Request, username: str, grant: int, cause: EndCause, last_day: date | None, member: Member
) -> bool:
    """Say whether the right was ended just so by this very person: the same form sent twice ends it once."""
    with snapshot(site_of(request).sessions) as session:
        held = _held(session, _account(session, username), grant)
        recorded = next((one for one in grants.ends_of(session, held.id) if one.period_id == held.period_id), None)
    if recorded is None:
        return False  # it was given until a day before: nobody ended it
    day = last_day or riga_day(recorded.at) - timedelta(days=1)
    same = (recorded.cause, recorded.by) == (cause, str(member.reviewer.actor))
    return same and (held.until or day) == day


def _account(session: Session, username: str) -> Account:
    account = grants.account_called(session, username)
    if account is None:
        raise HTTPException(404)
    return account


def _held(session: Session, account: Account, grant: int) -> HeldGrant:
    for one in grants.history(session, account.id):
        if one.id == grant:
            return one
    raise HTTPException(404)


class _Rows:
    """Rights as a page's rows; the catalogue and each place are read once, however many rows name them."""

    def __init__(self, session: Session, words: Words) -> None:
        self._session = session
        self._words = words
        self._sections = catalogue_names(session, words, on=riga_day(clock.now()))
        self._places: dict[str, str] = {}

    def row(self, held: HeldGrant, at: datetime | None) -> dict[str, object]:
        """Say one right, as it stands at the moment."""
        words = self._words
        today = riga_day(at) if at else None
        return {
            "id": held.id,
            "where": self._place(held.scope),
            "scope": held.scope,
            "section": self._sections.get(held.section, held.section),
            "level": words(RIGHTS[held.level]),
            "since": words.date(held.since) if held.since else "",
            "until": words.date(held.until) if held.until else "",
            "evidence": words(EVIDENCE[held.evidence]),
            "cause": words(CAUSES[held.end_cause]) if held.end_cause else "",
            "taken_back": held.since is None,
            "now": today is not None and held.holds_on(today),
            "open": held.since is not None and (held.until is None or (today is not None and held.until >= today)),
        }

    def _place(self, code: str) -> str:
        if code not in self._places:
            scope = institutions.scope_by_code(self._session, code)
            self._places[code] = institutions.scope_name(self._session, scope) or self._words("The whole state")
        return self._places[code]


def _capital(text: str) -> str:
    """Begin a choice as choices begin; in a sentence the same word is small."""
    return text[:1].upper() + text[1:]
