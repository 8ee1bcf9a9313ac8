"""What orders do to rights, change by change, on a page and for spreadsheets."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import Response

from iam.audit import ActorKind
from iam.errors import Unknown
from iam.ids import OrderId
from iam.orders import service as orders
from iam.orders.models import Order
from iam.orders.said import PartySaid
from iam.orders.states import OrderState
from iam.periods import riga_day
from workflows import clock
from workflows.database import snapshot
from workflows.i18n import Words, later
from workflows.principal import Principal
from workflows.reorganisation import approving
from workflows.reorganisation.decided import decided_about, waiting_about
from workflows.reorganisation.fates import FATES, Fate
from workflows.reorganisation.hindrances import held_back, hindrances
from workflows.reorganisation.pausing import pauses_of
from workflows.reorganisation.plan import Planned
from workflows.reorganisation.progress import more_to_approve, progress_of
from workflows.reorganisation.resolving import known_names
from workflows.reorganisation.trouble import failing_of
from workflows.reorganisation.words import place_text
from workflows.staff import Role
from workflows.web.http.errors import Problem
from workflows.web.http.forms import Posted
from workflows.web.http.spreadsheets import Sheet, download
from workflows.web.identity.access import SignedIn
from workflows.web.pages.reviewers.contexts import PlanPage
from workflows.web.pages.reviewers.given_ahead_lines import ahead_of
from workflows.web.pages.reviewers.order_said import said_changes
from workflows.web.pages.reviewers.plan_figures import ends_chart, gaps_of
from workflows.web.pages.reviewers.reorganise import order_state
from workflows.web.site import site_of, words_of
from workflows.web.words.sections import catalogue_names
from workflows.web.words.vocabulary import RIGHTS

__all__ = ["plan_page", "rests_text", "routes", "rows_of_page"]

routes = APIRouter(include_in_schema=False)

_IDS = re.compile(r"[1-9][0-9]{0,17}(-[1-9][0-9]{0,17}){0,199}")
_PAGE = 50
_BEGINS = frozenset({OrderState.APPROVED, OrderState.APPLYING})
_TO_COME = frozenset({OrderState.DRAFTED, OrderState.APPROVED, OrderState.APPLYING})
_NOT_CARRIED_OUT = frozenset({OrderState.APPROVED, OrderState.REPEALED})
_REACHES = {
    "never_begins": later("Right never begins"),
    "ends_now": later("Right ends at once"),
    "over_already": later("Right is over already"),
}
_DONE = frozenset({OrderState.APPLYING, OrderState.APPLIED})


@routes.get("/reorganise/{ids}.csv")
def export(request: Request, ids: str, principal: SignedIn, fate: str = "") -> Response:
    """Hand out the changes for a spreadsheet, as they are filtered on the page."""
    del principal
    return _exported(request, ids, fate, Sheet.CSV)


@routes.get("/reorganise/{ids}.xlsx")
def export_xlsx(request: Request, ids: str, principal: SignedIn, fate: str = "") -> Response:
    """Hand out the same as a workbook."""
    del principal
    return _exported(request, ids, fate, Sheet.XLSX)


def _exported(request: Request, ids: str, fate: str, sheet: Sheet) -> Response:
    words = words_of(request)
    with snapshot(site_of(request).sessions) as session:
        shown = _Shown(session, words, rows_of_page(session, ids))
        rows = shown.rows(session, shown.of(fate))
    heads = (
        words("What"),
        words("Order"),
        words("User"),
        words("Where"),
        words("Was"),
        words("Will be"),
        words("Why"),
        words("Application"),
    )
    keys = ("fate", "order", "account", "where", "was", "will", "why", "reference")
    cells = [[row[key] or "" for key in keys] for row in rows]
    return download("izmainas", sheet, heads, cells, at=clock.now())


@routes.get("/reorganise/{ids}")
def show(request: Request, ids: str, principal: SignedIn, fate: str = "", page: int = 1) -> Response:
    """Show the plan of orders; several are planned together, their numbers joined by hyphens."""
    return plan_page(request, ids, principal, fate=fate, number=page)


def rows_of_page(session: Session, ids: str) -> list[Order]:
    """Find the orders. Raises HTTPException 404 for a number that is none."""
    if not _IDS.fullmatch(ids):
        raise HTTPException(404)
    try:
        rows = [orders.order_with(session, OrderId(int(one))) for one in dict.fromkeys(ids.split("-"))]
    except Unknown:
        raise HTTPException(404) from None
    return sorted(rows, key=lambda row: (row.effective, row.id))


class _Shown:
    """A plan with the names its rows need, each read once."""

    def __init__(self, session: Session, words: Words, rows: Sequence[Order]) -> None:
        to_come = [row for row in rows if row.state in _TO_COME]
        made = approving.foreseen_for(session, to_come, today=riga_day(clock.now()))
        self.made = made
        self.plan, self.names, self.digest = made.plan, made.facts.names, made.digest
        parties = [party for row in rows for change in orders.said(row).changes for party in change.parties]
        self.places = self.names if set(rows) <= set(to_come) else known_names(session, parties)
        self._words = words
        self._sections = catalogue_names(session, words, on=min(row.effective for row in rows))

    def of(self, fate: str) -> Sequence[Planned]:
        """Return the changes of one kind, or all."""
        return self.plan.of(Fate(fate)) if fate in set(Fate) else self.plan.changes

    def rows(self, session: Session, changes: Sequence[Planned]) -> list[dict[str, object]]:
        """Say each change: what was, what will be, and why; schools inside a municipality are named too."""
        inside = {one.scope for one in changes if one.scope and one.scope.startswith("i-")} - self.names.keys()
        parties = (PartySaid(reg_no=scope.removeprefix("i-")) for scope in sorted(inside))
        names = {**self.names, **known_names(session, parties)} if inside else self.names
        return [self._row(one, names) for one in changes]

    def _row(self, one: Planned, names: Mapping[str, str]) -> dict[str, object]:
        words = self._words
        right = ""
        if one.section is not None and one.level is not None:
            section = self._sections.get(one.section, one.section)
            right = words("%(section)s: %(level)s", section=section, level=words(RIGHTS[one.level]))
        will = words(FATES[one.fate])
        reach = one.why.partition(".")[2]
        if one.fate is Fate.ENDS and reach in _REACHES:
            will = words(_REACHES[reach])
        elif one.last_day is None and one.fate is Fate.GAP:
            will = words("%(what)s at once", what=will)
        elif one.last_day is not None and one.fate is Fate.GAP:
            will = words("%(what)s from %(day)s on", what=will, day=words.date(one.last_day + timedelta(days=1)))
        elif one.last_day is not None and one.fate is Fate.RESTORABLE:
            will = words("%(what)s, was held until %(day)s", what=will, day=words.date(one.last_day))
        elif one.last_day is not None:
            will = words("%(what)s, last day %(day)s", what=will, day=words.date(one.last_day))
        return {
            "fate": words(FATES[one.fate]),
            "order": one.order,
            "account": one.account,
            "where": place_text(one.scope, names).in_words(words) if one.scope else "",
            "was": right,
            "will": will,
            "why": one.reason.in_words(words),
            "reference": one.reference,
        }


def plan_page(
    request: Request,
    ids: str,
    principal: Principal,
    *problems: Problem,
    fate: str = "",
    number: int = 1,
    typed: Posted | None = None,
) -> Response:
    """Show the plan of the orders, with what was typed into its forms and what is wrong with that."""
    site, words = site_of(request), words_of(request)
    with snapshot(site.sessions) as session:
        rows = rows_of_page(session, ids)
        shown = _Shown(session, words, rows)
        changes = shown.of(fate)
        number = max(1, min(number, (len(changes) + _PAGE - 1) // _PAGE or 1))
        counts = Counter(one.fate for one in shown.plan.changes)
        states = {row.state for row in rows}
        numbers = [OrderId(row.id) for row in rows]
        decided, waiting = decided_about(session, *numbers), waiting_about(session, *numbers)
        may_propose = Role.REVIEWER in principal.roles and states <= _TO_COME and not waiting
        added = may_propose and bool(decided) and more_to_approve(session, rows, shown.plan)
        may_propose = may_propose and (added or not decided)
        chosen = words(FATES[Fate(fate)]) if fate in set(Fate) else ""
        come = [row for row in rows if row.state in _BEGINS and row.effective <= riga_day(clock.now())]
        held = held_back(session, come)
        told = [*(said for one in held.values() for said in one), *(one.said for one in hindrances(session, rows))]
        page = PlanPage(
            values={} if typed is None else typed.flat(),
            ids=ids,
            orders=[
                {
                    "reference": row.reference,
                    "legal_basis": row.legal_basis,
                    "effective": row.effective,
                    "state": order_state(words, row.state),
                    "steps": [
                        (
                            words.moment(step.at),
                            order_state(words, step.state)[0],
                            _who(words, step.by),
                            step.reason,
                        )
                        for step in row.steps
                    ],
                }
                for row in rows
            ],
            counts=[
                (words(FATES[one]), counts[one], f"/reorganise/{ids}?{urlencode({'fate': one.value})}")
                for one in Fate
                if counts[one]
            ],
            chosen=chosen,
            rows=shown.rows(session, changes[(number - 1) * _PAGE : number * _PAGE]),
            total=len(changes),
            earlier=_address(ids, fate, number - 1) if number > 1 else None,
            later=_address(ids, fate, number + 1) if number * _PAGE < len(changes) else None,
            downloads=[
                (sheet.upper(), f"/reorganise/{ids}.{sheet}" + (f"?{urlencode({'fate': fate})}" if chosen else ""))
                for sheet in Sheet
            ],
            said=said_changes(words, [orders.said(row) for row in rows], shown.places),
            chart=None if chosen else ends_chart(words, shown.plan, shown.names),
            gaps=None if chosen else gaps_of(words, shown.plan, shown.names),
            seen=shown.digest,
            rests=rests_text(approving.resting_on(rows, shown.made)) if may_propose else "",
            progress=progress_of(session, decided[-1]) if decided else None,
            paused=[
                (one.paused_by.partition(":")[2], words.moment(one.paused_at)) for one in pauses_of(session, numbers)
            ],
            waiting=[one.id for one in waiting],
            hindered=list(dict.fromkeys(one.in_words(words) for one in told)),
            held=bool(held),
            failing=failing_of(session, words, rows, at=clock.now()),
            live=any(_being_done(row) for row in rows),
            running=bool(states & {OrderState.APPROVED, OrderState.APPLYING, OrderState.UNDOING}),
            may_propose=may_propose,
            added=added,
            may_undo=Role.REVIEWER in principal.roles and states <= _DONE and not waiting,
            may_repeal=Role.REVIEWER in principal.roles and states <= {OrderState.DRAFTED, OrderState.APPROVED},
            may_pause=Role.REVIEWER in principal.roles and bool(decided),
            ahead=ahead_of(session, words, numbers, at=clock.now()) if states <= _NOT_CARRIED_OUT else [],
        )
    return site.page(request, page, problems=problems, here=f"/reorganise/{ids}")


def _being_done(row: Order) -> bool:
    """Whether the worker does something about it now, or is about to."""
    come = row.effective <= riga_day(clock.now())
    return row.state in {OrderState.APPLYING, OrderState.UNDOING} or (row.state is OrderState.APPROVED and come)


def _who(words: Words, actor: str) -> str:
    """Name a member of staff by their username, and what the service does by itself as such."""
    kind, _, name = actor.partition(":")
    return name if kind == ActorKind.STAFF else words("the service itself")


def rests_text(digests: Mapping[str, str]) -> str:
    """Write down what a plan rests on: enough of each digest to see that it has changed."""
    return " ".join(f"{name}:{digest[:16]}" for name, digest in digests.items())


def _address(ids: str, fate: str, number: int) -> str:
    return f"/reorganise/{ids}?{urlencode({'fate': fate, 'page': number})}"
