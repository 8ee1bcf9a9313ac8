"""An institution or municipality: what it is called, who may sign for it, where it comes from and what came of it."""

from collections.abc import Mapping, Sequence
from datetime import date

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import Response

from iam import readable
from iam.errors import Unknown
from iam.grants.by_place import turns
from iam.ids import ScopeId
from iam.institutions import entitlements
from iam.institutions import service as institutions
from iam.institutions.particulars import Held, PlaceParticulars, particulars_of
from iam.institutions.service import ScopePlace
from iam.orders.descent import Descent, Kin, descent_of
from iam.periods import riga_day
from workflows import clock
from workflows.database import snapshot
from workflows.i18n import Words
from workflows.principal import Principal
from workflows.reorganisation.words import KINDS
from workflows.web.http.limits import LONGEST_SEARCH, too_long
from workflows.web.identity.access import SignedIn
from workflows.web.pages.reviewers.contexts import InstitutionPage, InstitutionsPage
from workflows.web.pages.reviewers.descent_drawing import PlaceTurn, draw
from workflows.web.pages.reviewers.found_places import found_places
from workflows.web.site import site_of, words_of
from workflows.web.words.vocabulary import CAPACITIES

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)


@routes.get("/institutions")
def find(request: Request, principal: SignedIn, q: str = "") -> Response:
    """Find institutions and municipalities by name or number, those that ended too."""
    site, words = site_of(request), words_of(request)
    problems = too_long(words, {"q": q}, q=LONGEST_SEARCH)
    today = riga_day(clock.now())
    with snapshot(site.sessions) as session:
        places = [] if problems else found_places(session, words, q, principal, today)
    return site.page(request, InstitutionsPage(values={"q": q}, q=q.strip(), places=places), problems=problems)


@routes.get("/institutions/{number}")
def show(request: Request, principal: SignedIn, number: str) -> Response:
    """Show one by its register number, or a municipality by `m-` and our id, with its line of descent."""
    site, words = site_of(request), words_of(request)
    today = riga_day(clock.now())
    with snapshot(site.sessions) as session:
        try:
            typed = f"i-{number}" if number.isascii() and number.isdecimal() else number
            place = institutions.place_by_code(session, typed)
        except Unknown:
            raise HTTPException(404) from None
        code = place.code  # case and spaces of what was typed are gone
        if code == "s" or not readable.place_is_seen(session, place, sees=principal.sees, on=today):
            raise HTTPException(404)
        descent, told = descent_of(session, code), particulars_of(session, place)
        own = descent.places[code]
        ended = own.until is not None and own.until < today
        turned = _turns(session, descent, principal, today)
        page = InstitutionPage(
            code=code,
            name=own.name,
            ended=ended,
            facts=_facts(words, place, own, told, ended=ended),
            signers=_signers(session, words, told.scope_id, today),
            drawing=draw(descent, code, turned),
            steps=_steps(words, descent),
            turns=[(one.day, descent.places[one.key].name, one.ended, one.again) for one in turned],
            whole=descent.whole,
            holders=len(
                {account.id for account, _ in readable.grants_over(session, place, sees=principal.sees, on=today)}
            ),
        )
    return site.page(request, page)


def _facts(
    words: Words, place: ScopePlace, own: Kin, told: PlaceParticulars, *, ended: bool
) -> list[tuple[str, Sequence[str]]]:
    exists = words("Existed") if ended else words("Exists")
    facts: list[tuple[str, Sequence[str]]] = [(exists, [_days(words, own.since, own.until) or words("now")])]
    if place.institution_id is not None:
        facts.insert(0, (words("Register number"), [own.number]))
        facts.append((words("Municipality"), _over_time(words, told.municipalities) or [words("none recorded")]))
    else:
        facts.append((words("ATVK code"), _over_time(words, told.codes)))
    if len(told.names) > 1:
        facts.append((words("Was called"), _over_time(words, told.names)))
    return facts


def _over_time(words: Words, held: Sequence[Held]) -> list[str]:
    told = ((said, _days(words, since, until)) for said, since, until in held)
    return [f"{said}, {days}" if days else said for said, days in told]


def _days(words: Words, since: date | None, until: date | None) -> str:
    if since is None:
        return "" if until is None else words("until %(day)s", day=words.date(until))
    if until is None:
        return words("from %(day)s", day=words.date(since))
    return words("from %(since)s to %(until)s", since=words.date(since), until=words.date(until))


def _signers(session: Session, words: Words, scope_id: ScopeId | None, day: date) -> list[tuple[str, str, str]]:
    if scope_id is None:
        return []
    return [
        (one.person.full_name, words(CAPACITIES[one.capacity]), _days(words, one.since, one.until))
        for one in entitlements.known_signatories(session, scope_id)
        if (one.since is None or one.since <= day) and (one.until is None or day <= one.until)
    ]


def _steps(words: Words, descent: Descent) -> list[Mapping[str, object]]:
    return [
        {
            "day": step.effective,
            "kind": words(KINDS[step.kind]),
            "sources": [_named(descent, key) for key in step.sources],
            "targets": [_named(descent, key) for key in step.targets],
            "became": step.new_name or step.new_code or "",
            "reference": step.reference,
            "legal_basis": step.legal_basis,
            "ahead": not step.applied,
            "undone": step.undone,
        }
        for step in descent.steps
    ]


def _named(descent: Descent, key: str) -> tuple[str, str, str | None]:
    """Name a place, its number, and the address of its page where it is recorded."""
    kin = descent.places[key]
    return kin.name, kin.number, f"/institutions/{key.removeprefix('i-')}" if kin.recorded else None


def _turns(session: Session, descent: Descent, principal: Principal, day: date) -> list[PlaceTurn]:
    """Count what orders ended and what came again, in the places of the line that the reader may see."""
    keys: dict[ScopeId, str] = {}
    for key, kin in descent.places.items():
        if not kin.recorded:
            continue
        place = institutions.place_by_code(session, key)
        scope_id = particulars_of(session, place).scope_id
        if scope_id is not None and readable.place_is_seen(session, place, sees=principal.sees, on=day):
            keys[scope_id] = key
    return [PlaceTurn(keys[turn.scope], turn.day, turn.ended, turn.again) for turn in turns(session, keys)]
