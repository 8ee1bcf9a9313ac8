"""What undoing orders brings back and what stays, change by change, on a page and for spreadsheets."""

from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from iam.ids import OrderId
from iam.orders.models import Order
from iam.orders.states import OrderState
from iam.periods import riga_day
from workflows import clock
from workflows.database import snapshot
from workflows.i18n import Words
from workflows.principal import Principal
from workflows.reorganisation.decided import waiting_about
from workflows.reorganisation.undo_approving import UNDO, resting_on
from workflows.reorganisation.undo_changes import UNDO_FATES, UndoChange, UndoFate, UndoForeseen
from workflows.reorganisation.undo_foreseen import foresee_undo
from workflows.reorganisation.words import place_text
from workflows.staff import Role
from workflows.web.http.errors import Problem
from workflows.web.http.forms import Posted
from workflows.web.http.spreadsheets import Sheet, download
from workflows.web.identity.access import SignedIn
from workflows.web.pages.reviewers.order_contexts import UndoPage
from workflows.web.pages.reviewers.order_said import place_address
from workflows.web.pages.reviewers.reorganise import order_state
from workflows.web.pages.reviewers.reorganise_plan import rests_text, rows_of_page
from workflows.web.site import site_of, words_of
from workflows.web.words.dates import period_in_words
from workflows.web.words.sections import catalogue_names
from workflows.web.words.vocabulary import RIGHTS

__all__ = ["routes", "undo_page"]

routes = APIRouter(include_in_schema=False)

_PAGE = 50
_DONE = frozenset({OrderState.APPLYING, OrderState.APPLIED})
_BEGUN = frozenset({*_DONE, OrderState.UNDOING})


@routes.get("/reorganise/{ids}/undo.csv")
def export(request: Request, ids: str, principal: SignedIn, fate: str = "") -> Response:
    """Hand out the list for a spreadsheet, as it is filtered on the page."""
    del principal
    return _exported(request, ids, fate, Sheet.CSV)


@routes.get("/reorganise/{ids}/undo.xlsx")
def export_xlsx(request: Request, ids: str, principal: SignedIn, fate: str = "") -> Response:
    """Hand out the same as a workbook."""
    del principal
    return _exported(request, ids, fate, Sheet.XLSX)


def _exported(request: Request, ids: str, fate: str, sheet: Sheet) -> Response:
    words = words_of(request)
    with snapshot(site_of(request).sessions) as session:
        shown = _Shown(session, words, rows_of_page(session, ids))
        rows = [shown.row(one) for one in shown.listed(fate)]
    columns = {
        "will": words("Will be"),
        "order": words("Order"),
        "who": words("User or signatory"),
        "where": words("Where"),
        "was": words("Was"),
        "days": words("Was to hold"),
        "why": words("Why"),
    }
    cells = [[str(row[key]) for key in columns] for row in rows]
    return download("atcelsana", sheet, tuple(columns.values()), cells, at=clock.now())


@routes.get("/reorganise/{ids}/undo")
def show(request: Request, ids: str, principal: SignedIn, fate: str = "", page: int = 1) -> Response:
    """Show what undoing orders changes, before anybody proposes it and to the second person."""
    return undo_page(request, ids, principal, fate=fate, number=page)


class _Shown:
    """What undoing changes, with the names its rows need, each read once."""

    def __init__(self, session: Session, words: Words, rows: Sequence[Order]) -> None:
        begun = [row for row in rows if row.state in _BEGUN]
        none = UndoForeseen((), {})
        self.made = foresee_undo(session, begun, today=riga_day(clock.now())) if begun else none
        self._words = words
        self._sections = catalogue_names(session, words, on=min(row.effective for row in rows))

    def of(self, fate: str) -> Sequence[UndoChange]:
        """Return the changes of one kind, or all."""
        return self.made.of(UndoFate(fate)) if fate in set(UndoFate) else self.made.changes

    def listed(self, fate: str) -> Sequence[UndoChange]:
        """Return what page and downloads list: all of one kind, or everything but what was so without the orders."""
        changes = self.of(fate)
        return changes if fate in set(UndoFate) else [one for one in changes if one.why != "known"]

    def row(self, one: UndoChange) -> dict[str, str | None]:
        """Say one change: whose, where, what was, what will be, and why."""
        words, right = self._words, ""
        if one.section is not None and one.level is not None:
            section = self._sections.get(one.section, one.section)
            right = words("%(section)s: %(level)s", section=section, level=words(RIGHTS[one.level]))
        return {
            "order": one.order,
            "account": one.account or "",
            "who": one.account or one.name or "",
            "where": place_text(one.scope, self.made.names).in_words(words),
            "place": place_address(one.scope, self.made.names),
            "was": right,
            "days": period_in_words(words, one.since, one.until),
            "will": words(UNDO_FATES[one.fate]),
            "why": one.reason.in_words(words),
        }


def undo_page(
    request: Request,
    ids: str,
    principal: Principal,
    *problems: Problem,
    fate: str = "",
    number: int = 1,
    typed: Posted | None = None,
) -> Response:
    """Show the list, with what was typed into its form and what is wrong with that."""
    site, words = site_of(request), words_of(request)
    with snapshot(site.sessions) as session:
        rows = rows_of_page(session, ids)
        shown = _Shown(session, words, rows)
        changes = shown.listed(fate)
        number = max(1, min(number, (len(changes) + _PAGE - 1) // _PAGE or 1))
        counts = Counter(one.fate for one in shown.made.changes)
        states = {row.state for row in rows}
        waiting = waiting_about(session, *(OrderId(row.id) for row in rows))
        proposed = [one for one in waiting if one.kind == UNDO]
        may_propose = Role.REVIEWER in principal.roles and states <= _DONE and not waiting
        page = UndoPage(
            values={} if typed is None else typed.flat(),
            ids=ids,
            orders=[
                {
                    "reference": row.reference,
                    "legal_basis": row.legal_basis,
                    "effective": row.effective,
                    "state": order_state(words, row.state),
                }
                for row in rows
            ],
            begun=states <= _BEGUN,
            counts=[
                (words(UNDO_FATES[one]), counts[one], f"/reorganise/{ids}/undo?{urlencode({'fate': one.value})}")
                for one in UndoFate
                if counts[one]
            ],
            chosen=words(UNDO_FATES[UndoFate(fate)]) if fate in set(UndoFate) else "",
            rows=[shown.row(one) for one in changes[(number - 1) * _PAGE : number * _PAGE]],
            total=len(changes),
            untouched=0 if fate in set(UndoFate) else len(shown.made.changes) - len(changes),
            untouched_at=f"/reorganise/{ids}/undo?{urlencode({'fate': UndoFate.PLACE_STAYS.value})}",
            earlier=_address(ids, fate, number - 1) if number > 1 else None,
            later=_address(ids, fate, number + 1) if number * _PAGE < len(changes) else None,
            downloads=[
                (sheet.upper(), f"/reorganise/{ids}/undo.{sheet}" + (f"?{urlencode({'fate': fate})}" if fate else ""))
                for sheet in Sheet
            ],
            seen=shown.made.digest,
            rests=rests_text(resting_on(session, rows, shown.made)) if may_propose else "",
            proposed=[(one.id, one.payload.get("plan") == shown.made.digest) for one in proposed],
            may_propose=may_propose,
        )
    return site.page(request, page, problems=problems, here=f"/reorganise/{ids}/undo")


def _address(ids: str, fate: str, number: int) -> str:
    return f"/reorganise/{ids}/undo?{urlencode({'fate': fate, 'page': number})}"
