"""The queue and the case: what waits, what is known of it, and what a reviewer decides.

Every act carries the version of the case that was on the screen: whoever decides on an outdated page is shown what
happened meanwhile, and nothing is done.
"""

from dataclasses import dataclass, fields, replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from workflows import clock
from workflows.application import service
from workflows.application.queue import QueueOrder, QueueRow, Signed
from workflows.application.states import OPEN, State
from workflows.database import snapshot, transaction
from workflows.i18n import Words
from workflows.i18n import later as _
from workflows.principal import Principal
from workflows.staff import Role
from workflows.web.http.forms import PostedForm
from workflows.web.http.limits import LONGEST_SEARCH, too_long
from workflows.web.http.spreadsheets import Sheet, download
from workflows.web.identity.access import SignedIn
from workflows.web.pages.reviewers.contexts import ReviewQueuePage
from workflows.web.pages.reviewers.reviewer import as_reviewer
from workflows.web.site import site_of, words_of
from workflows.web.words.vocabulary import SIGNED, SIGNED_CLOSED, STATES

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)

_PAGE = 50
_EXPORT = 10_000
_DEFAULT = State.IN_REVIEW.value
_FILTERED = (State.IN_REVIEW, State.MORE_REQUESTED, State.AWAITING_SIGNATURES, State.APPROVED, State.REFUSED)
_HEADS = {
    QueueOrder.NUMBER: _("Number"),
    QueueOrder.INSTITUTION: _("Institution"),
    QueueOrder.USER: _("User"),
    QueueOrder.STATUS: _("Status"),
    QueueOrder.SINCE: _("Waits since"),
    QueueOrder.SIGNATURES: _("Signatures"),
    QueueOrder.TAKEN: _("Taken on by"),
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address of the queue says; the list on the screen and its export read the same."""

    q: str = ""
    state: str = _DEFAULT
    municipality: str = ""
    signed: str = ""
    who: str = ""
    overdue: str = ""
    sort: str = QueueOrder.SINCE.value
    down: str = ""

    def filters(self, principal: Principal, *, limit: int, offset: int = 0) -> service.Filters:
        """Return what is asked for; a search too long for any name is left out."""
        return service.Filters(
            text=self.q if len(self.q) <= LONGEST_SEARCH else "",
            states=tuple(one for one in State if one.value == self.state),
            municipality=self.municipality,
            signed=next((one for one in Signed if one.value == self.signed), None),
            assignee={"mine": principal.username, "nobody": "-"}.get(self.who, ""),
            overdue=self.overdue == "yes",
            order=next((one for one in QueueOrder if one.value == self.sort), QueueOrder.SINCE),
            descending=self.down == "yes",
            limit=limit,
            offset=offset,
        )

    def address(self, path: str = "/review", **changed: object) -> str:
        """Return the address that asks the same, but for what is changed; what is empty is said too: it means all."""
        return f"{path}?{urlencode({**self.said(), **changed})}"

    def said(self) -> dict[str, str]:
        """Return each parameter with what it says."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


_AskedFor = Annotated[_Asked, Depends()]


@routes.get("/review")
def queue(request: Request, *, principal: SignedIn, asked: _AskedFor, page: int = 1, none: str = "") -> Response:
    """Show what waits, the oldest first, filtered and sorted by the address; `none`: no next one was found."""
    site, words = site_of(request), words_of(request)
    page = max(page, 1)
    filters = asked.filters(principal, limit=_PAGE, offset=(page - 1) * _PAGE)
    with snapshot(site.sessions) as session:
        view = service.queue(session, filters, by=principal, at=clock.now())
    return site.page(
        request,
        ReviewQueuePage(
            view=view,
            rows=[(row, *_signed(words, row), words(STATES[row.state][0]), STATES[row.state][1]) for row in view.rows],
            heads=[_head(words, asked, filters, order, said) for order, said in _HEADS.items()],
            values=asked.said(),
            filtered=replace(asked, sort="", down="") != _Asked(sort="", down=""),
            state_choices=_choices(words, words("All"), {one.value: STATES[one][0] for one in _FILTERED}),
            signed_choices=_choices(words, words("All"), {one.value: said for one, (said, _tone) in SIGNED.items()}),
            municipality_choices=[{"value": "", "text": words("All municipalities")}]
            + [{"value": name, "text": name} for name in view.municipalities],
            late=view.overdue_after,
            acts=Role.REVIEWER in principal.roles,
            me=principal.username,
            none_left=none == "yes",
            earlier=asked.address(page=page - 1) if page > 1 else None,
            later=asked.address(page=page + 1) if page * _PAGE < view.total else None,
            downloads=[(sheet.upper(), asked.address(f"/review.{sheet}")) for sheet in Sheet],
        ),
        problems=too_long(words, asked.said(), q=LONGEST_SEARCH),
    )


@routes.get("/review.csv")
def export(request: Request, *, principal: SignedIn, asked: _AskedFor) -> Response:
    """Hand out the filtered list for a spreadsheet."""
    return _exported(request, principal, asked, Sheet.CSV)


@routes.get("/review.xlsx")
def export_xlsx(request: Request, *, principal: SignedIn, asked: _AskedFor) -> Response:
    """Hand out the same as a workbook."""
    return _exported(request, principal, asked, Sheet.XLSX)


def _exported(request: Request, principal: Principal, asked: _Asked, sheet: Sheet) -> Response:
    words, at = words_of(request), clock.now()
    with snapshot(site_of(request).sessions) as session:
        view = service.queue(session, asked.filters(principal, limit=_EXPORT), by=principal, at=at)
    heads = (
        words("Number"),
        words("Application"),
        words("Status"),
        words("Institution"),
        words("Municipality"),
        words("User"),
        words("Waits since"),
        words("Working days"),
        words("Signatures"),
        words("Taken on by"),
    )
    rows = [
        (
            row.reference,
            words(row.kind),
            words(STATES[row.state][0]),
            row.applicant_name,
            row.municipality,
            row.user_name,
            words.date(row.since) if row.since else "",
            row.age if row.since else "",
            _signed(words, row)[0],
            row.claimed_by,
        )
        for row in view.rows
    ]
    return download("iesniegumi", sheet, heads, rows, at=at)


@routes.post("/review/next")
def take_next(request: Request, form: PostedForm, principal: SignedIn) -> Response:
    """Take on the one that has waited longest; two who ask at once get two different ones."""
    del form
    with transaction(site_of(request).sessions) as session:
        application = service.next_one(session, by=principal, at=clock.now())
        if application is None:
            return RedirectResponse("/review?none=yes", status_code=303)
        service.claim(session, application.id, seen=application.version, by=as_reviewer(principal), at=clock.now())
        return RedirectResponse(f"/review/{application.reference}", status_code=303)


def _head(words: Words, asked: _Asked, filters: service.Filters, order: QueueOrder, said: str) -> dict[str, str]:
    """Return a column's head: its word, how it is sorted now, and the address that sorts by it, or the other way."""
    current = filters.order is order
    turned = current and not filters.descending
    return {
        "text": words(said),
        "sorted": ("descending" if filters.descending else "ascending") if current else "none",
        "address": asked.address(sort=order.value, down="yes" if turned else ""),
        "does": words("sort the other way round") if current else words("sort by this"),
    }


def _signed(words: Words, row: QueueRow) -> tuple[str, str]:
    said, tone = (SIGNED if row.state in OPEN else SIGNED_CLOSED)[row.signed]
    return words(said), tone


def _choices(words: Words, everything: str, known: dict[str, str]) -> list[dict[str, str]]:
    return [{"value": "", "text": everything}] + [
        {"value": value, "text": words(said)} for value, said in known.items()
    ]
