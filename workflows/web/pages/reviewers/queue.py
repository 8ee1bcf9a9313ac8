"""The queue and the case: what waits, what is known of it, and what a reviewer decides.

Every act carries the version of the case that was on the screen: whoever decides on an outdated page is shown what
happened meanwhile, and nothing is done.
"""

import csv
import io
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from workflows import clock
from workflows.application import service
from workflows.application.queue import Signed
from workflows.application.states import State
from workflows.database import snapshot, transaction
from workflows.i18n import Words
from workflows.principal import Principal
from workflows.staff import Role
from workflows.web.http.attachments import attachment
from workflows.web.http.forms import PostedForm
from workflows.web.http.limits import LONGEST_SEARCH, too_long
from workflows.web.identity.access import SignedIn
from workflows.web.pages.reviewers.contexts import ReviewQueuePage
from workflows.web.pages.reviewers.reviewer import as_reviewer
from workflows.web.site import site_of, words_of
from workflows.web.words.vocabulary import SIGNED, STATES

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)

_PAGE = 50
_EXPORT = 10_000
_DEFAULT = State.IN_REVIEW.value
_FILTERED = (State.IN_REVIEW, State.MORE_REQUESTED, State.AWAITING_SIGNATURES, State.APPROVED, State.REFUSED)


@routes.get("/review")
def queue(  # noqa: PLR0913 - one argument a filter of the address
    request: Request,
    *,
    principal: SignedIn,
    q: str = "",
    state: str = _DEFAULT,
    municipality: str = "",
    signed: str = "",
    who: str = "",
    overdue: str = "",
    page: int = 1,
) -> Response:
    """Show what waits, the oldest first, filtered by the address."""
    site, words = site_of(request), words_of(request)
    chosen = {"q": q, "state": state, "municipality": municipality, "signed": signed, "who": who, "overdue": overdue}
    page = max(page, 1)
    problems = too_long(words, chosen, q=LONGEST_SEARCH)
    filters = _filters(
        principal, **{**chosen, **({"q": ""} if problems else {})}, limit=_PAGE, offset=(page - 1) * _PAGE
    )
    with snapshot(site.sessions) as session:
        view = service.queue(session, filters, by=principal, at=clock.now())
    return site.page(
        request,
        ReviewQueuePage(
            view=view,
            rows=[(row, *_signed(words, row.signed), words(STATES[row.state][0])) for row in view.rows],
            values=chosen,
            state_choices=_choices(words, words("All"), {one.value: STATES[one][0] for one in _FILTERED}),
            signed_choices=_choices(words, words("All"), {one.value: said for one, (said, _tone) in SIGNED.items()}),
            municipality_choices=[{"value": "", "text": words("All municipalities")}]
            + [{"value": name, "text": name} for name in view.municipalities],
            late=view.overdue_after,
            acts=Role.REVIEWER in principal.roles,
            me=principal.username,
            earlier=_address(chosen, page - 1) if page > 1 else None,
            later=_address(chosen, page + 1) if page * _PAGE < view.total else None,
            download=f"/review.csv?{urlencode({name: value for name, value in chosen.items() if value})}",
        ),
        problems=problems,
    )


@routes.get("/review.csv")
def export(
    request: Request,
    *,
    principal: SignedIn,
    q: str = "",
    state: str = _DEFAULT,
    municipality: str = "",
    signed: str = "",
    who: str = "",
    overdue: str = "",
) -> Response:
    """Hand out the filtered list for a spreadsheet."""
    words = words_of(request)
    filters = _filters(
        principal, q=q, state=state, municipality=municipality, signed=signed, who=who, overdue=overdue, limit=_EXPORT
    )
    with snapshot(site_of(request).sessions) as session:
        view = service.queue(session, filters, by=principal, at=clock.now())
    text = io.StringIO()
    lines = csv.writer(text, delimiter=";")
    heads = (
        words("Number"),
        words("Status"),
        words("Institution"),
        words("Municipality"),
        words("User"),
        words("Waits since"),
        words("Working days"),
        words("Signatures"),
        words("Taken on by"),
    )
    lines.writerow(heads)
    for row in view.rows:
        cells = (
            row.reference,
            words(STATES[row.state][0]),
            row.applicant_name,
            row.municipality,
            row.user_name,
            words.date(row.since),
            row.age,
            _signed(words, row.signed)[0],
            row.claimed_by or "",
        )
        lines.writerow([_harmless(str(cell)) for cell in cells])
    # The mark at the beginning tells a spreadsheet that this is UTF-8.
    return Response(
        "\ufeff" + text.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers=attachment("iesniegumi.csv"),
    )


@routes.post("/review/next")
def take_next(request: Request, form: PostedForm, principal: SignedIn) -> Response:
    """Take on the one that has waited longest; two who ask at once get two different ones."""
    del form
    with transaction(site_of(request).sessions) as session:
        application = service.next_one(session, by=principal, at=clock.now())
        if application is None:
            return RedirectResponse("/review", status_code=303)
        service.claim(session, application.id, seen=application.version, by=as_reviewer(principal), at=clock.now())
        return RedirectResponse(f"/review/{application.reference}", status_code=303)


def _filters(  # noqa: PLR0913 - one argument a filter of the address
    principal: Principal,
    *,
    q: str,
    state: str,
    municipality: str,
    signed: str,
    who: str,
    overdue: str,
    limit: int,
    offset: int = 0,
) -> service.Filters:
    return service.Filters(
        text=q,
        states=tuple(one for one in State if one.value == state),
        municipality=municipality,
        signed=next((one for one in Signed if one.value == signed), None),
        assignee={"mine": principal.username, "nobody": "-"}.get(who, ""),
        overdue=overdue == "yes",
        limit=limit,
        offset=offset,
    )


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from taking what somebody typed as a formula."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell


def _signed(words: Words, signed: Signed) -> tuple[str, str]:
    said, tone = SIGNED[signed]
    return words(said), tone


def _choices(words: Words, everything: str, known: dict[str, str]) -> list[dict[str, str]]:
    return [{"value": "", "text": everything}] + [
        {"value": value, "text": words(said)} for value, said in known.items()
    ]


def _address(chosen: dict[str, str], page: int) -> str:
    return f"/review?{urlencode({**chosen, 'page': page})}"
