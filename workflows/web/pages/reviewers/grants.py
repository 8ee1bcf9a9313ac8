"""Who holds what in an institution or municipality on a day?"""

from datetime import date

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import Response

from iam import readable
from iam.errors import Unknown
from iam.institutions import service as institutions
from iam.periods import riga_day
from workflows import clock
from workflows.database import snapshot
from workflows.i18n import Words
from workflows.principal import Principal
from workflows.web.http.errors import Problem
from workflows.web.http.limits import LONGEST_SEARCH, too_long
from workflows.web.identity.access import SignedIn
from workflows.web.pages.reviewers.contexts import GrantsPage
from workflows.web.pages.reviewers.found_places import found_places
from workflows.web.pages.reviewers.right_rows import RightRows
from workflows.web.site import site_of, words_of
from workflows.written_days import BadDay, read_day

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)


@routes.get("/grants")
def by_institution(request: Request, principal: SignedIn, q: str = "", scope: str = "", at: str = "") -> Response:
    """Show who holds what in an institution or municipality on a day."""
    site, words = site_of(request), words_of(request)
    today = riga_day(clock.now())
    problems: tuple[Problem, ...] = ()
    sought = q
    try:
        day = read_day(at) or today
    except BadDay as bad:
        day, problems = today, (Problem("at", words(bad.sentence)),)
    if too_much := too_long(words, {"q": q}, q=LONGEST_SEARCH):
        problems, sought = (*problems, *too_much), ""
    with snapshot(site.sessions) as session:
        places = found_places(session, words, sought, principal, day)
        if not scope and len(places) == 1:
            scope = places[0][0]
        name, rows = _in_scope(session, words, scope, principal, day)
    return site.page(
        request,
        GrantsPage(
            values={"q": q, "at": at or words.date(today)},
            places=[] if scope else places,
            name=name,
            rows=rows,
            day=day,
            q=sought,
        ),
        problems=problems,
    )


def _in_scope(
    session: Session, words: Words, scope: str, principal: Principal, day: date
) -> tuple[str, list[dict[str, object]]]:
    if not scope:
        return "", []
    try:
        place = institutions.place_by_code(session, scope)
    except Unknown:
        raise HTTPException(404) from None
    if not readable.place_is_seen(session, place, sees=principal.sees, on=day):
        raise HTTPException(404)
    over = readable.grants_over(session, place, sees=principal.sees, on=day)
    shown = RightRows(session, words, (held for _, held in over))
    rows = [
        {
            "person": account.person.full_name,
            "username": account.username,
            "above": held.scope != place.code,
            **shown.row(held, None),
        }
        for account, held in over
    ]
    return institutions.place_name(session, place, on=day) or words("The whole state"), rows
