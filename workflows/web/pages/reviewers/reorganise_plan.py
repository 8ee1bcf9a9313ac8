"""What orders do to rights, change by change, and what may be done about it: propose, pause, undo, repeal."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from iam.audit import Actor, ActorKind, Door, Origin
from iam.errors import Refused, Unknown
from iam.ids import OrderId
from iam.orders import service as orders
from iam.orders.models import Order
from iam.orders.states import OrderState
from workflows import clock
from workflows.database import snapshot, transaction
from workflows.i18n import Words
from workflows.principal import Principal
from workflows.proposals.errors import ProposalError
from workflows.reorganisation import approving, undo_approving
from workflows.reorganisation.errors import NothingPlanned, OverCap, RestsOnIt
from workflows.reorganisation.fates import FATES, Fate
from workflows.reorganisation.plan import Planned
from workflows.reorganisation.progress import decided_about, pause, progress_of, resume
from workflows.reorganisation.resolving import known_names
from workflows.reorganisation.taking_back import repeal
from workflows.reorganisation.words import place_text
from workflows.staff import Role
from workflows.web.http.errors import Problem
from workflows.web.http.forms import Posted, PostedForm
from workflows.web.http.limits import LONGEST_REASON, text_problems
from workflows.web.http.spreadsheets import Sheet, download
from workflows.web.identity.access import SignedIn
from workflows.web.pages.reviewers.contexts import PlanPage
from workflows.web.pages.reviewers.order_said import said_changes
from workflows.web.pages.reviewers.plan_figures import ends_chart, gaps_of
from workflows.web.pages.reviewers.reorganise import order_state
from workflows.web.site import site_of, words_of
from workflows.web.words.sections import catalogue_names
from workflows.web.words.vocabulary import RIGHTS

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)

_IDS = re.compile(r"[1-9][0-9]{0,17}(-[1-9][0-9]{0,17}){0,199}")
_PAGE = 50
_TO_COME = frozenset({OrderState.DRAFTED, OrderState.APPROVED, OrderState.APPLYING})
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
        shown = _Shown(session, words, _rows(session, ids))
        rows = [shown.row(one) for one in shown.of(fate)]
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
    return _page(request, ids, principal, fate=fate, number=page)


@routes.post("/reorganise/{ids}/{act}")
def act(request: Request, ids: str, act: str, form: PostedForm, principal: SignedIn) -> Response:
    """Propose to carry the orders out or to undo them, pause, resume, or repeal what was not begun."""
    words = words_of(request)
    done = _ACTS.get(act)
    if done is None:
        raise HTTPException(404)
    if problems := text_problems(words, form, reason=LONGEST_REASON):
        return _page(request, ids, principal, *problems, typed=form)
    if act in _WITH_REASON and not form.get("reason"):
        return _page(request, ids, principal, Problem("reason", words("Write the reason")), typed=form)
    try:
        with transaction(site_of(request).sessions) as session:
            address = done(session, _rows(session, ids), form, principal)
    except OverCap as over:
        sentence = words(
            "Rights of %(accounts)s people would end; %(most)s are allowed at once. "
            "An administrator may allow this plan by its digest: viis reorganise raise-cap %(digest)s",
            accounts=over.accounts,
            most=over.most,
            digest=over.digest,
        )
    except RestsOnIt as rests:
        sentence = words(
            "The order %(reference)s came later and rests on it: undo that one first", reference=rests.reference
        )
    except NothingPlanned:
        sentence = words("Nothing was done: the orders are no longer where this was possible")
    except Refused:
        sentence = words("Nothing was done: the order has been begun or ended meanwhile")
    except ProposalError:
        sentence = words("It cannot be proposed: what you saw has changed, or it is proposed already. Read it again")
    else:
        return RedirectResponse(address or f"/reorganise/{ids}", status_code=303)
    return _page(request, ids, principal, Problem("reason", sentence), typed=form)


def _propose(session: Session, rows: Sequence[Order], form: Posted, principal: Principal) -> str:
    made = approving.propose(
        session,
        [OrderId(row.id) for row in rows],
        by=principal.username,
        origin=_origin(principal),
        at=clock.now(),
        reason=form.get("reason"),
        seen=form.get("seen"),
    )
    return f"/proposals/{made.id}"


def _undo(session: Session, rows: Sequence[Order], form: Posted, principal: Principal) -> str:
    made = undo_approving.propose(
        session,
        [OrderId(row.id) for row in rows],
        by=principal.username,
        origin=_origin(principal),
        at=clock.now(),
        reason=form.get("reason"),
    )
    return f"/proposals/{made.id}"


def _repeal(session: Session, rows: Sequence[Order], form: Posted, principal: Principal) -> None:
    repeal(session, rows, origin=_origin(principal), at=clock.now(), reason=form.get("reason"))


def _pause(session: Session, rows: Sequence[Order], _form: Posted, principal: Principal) -> None:
    decided = decided_about(session, OrderId(rows[0].id))
    if not decided:
        raise NothingPlanned
    pause(session, decided[-1], origin=_origin(principal), at=clock.now())


def _resume(session: Session, rows: Sequence[Order], _form: Posted, principal: Principal) -> None:
    decided = decided_about(session, OrderId(rows[0].id))
    if not decided:
        raise NothingPlanned
    resume(session, decided[-1], origin=_origin(principal), at=clock.now())


_ACTS: dict[str, Callable[[Session, Sequence[Order], Posted, Principal], str | None]] = {
    "propose": _propose,
    "undo": _undo,
    "repeal": _repeal,
    "pause": _pause,
    "resume": _resume,
}
_WITH_REASON = frozenset({"propose", "undo", "repeal"})


def _origin(principal: Principal) -> Origin:
    return Origin(Actor(ActorKind.STAFF, principal.username), Door.WEB)


def _rows(session: Session, ids: str) -> list[Order]:
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
        made = approving.foreseen_for(session, to_come)
        self.plan, self.names, self.digest = made.plan, made.facts.names, made.digest
        parties = [party for row in rows for change in orders.said(row).changes for party in change.parties]
        self.places = self.names if set(rows) <= set(to_come) else known_names(session, parties)
        self._words = words
        self._sections = catalogue_names(session, words, on=min(row.effective for row in rows))

    def of(self, fate: str) -> Sequence[Planned]:
        """Return the changes of one kind, or all."""
        return self.plan.of(Fate(fate)) if fate in set(Fate) else self.plan.changes

    def row(self, one: Planned) -> dict[str, object]:
        """Say one change: what was, what will be, and why."""
        words = self._words
        right = ""
        if one.section is not None and one.level is not None:
            section = self._sections.get(one.section, one.section)
            right = words("%(section)s: %(level)s", section=section, level=words(RIGHTS[one.level]))
        will = words(FATES[one.fate])
        if one.last_day is not None and one.fate is Fate.GAP:
            will = words("%(what)s from %(day)s on", what=will, day=words.date(one.last_day + timedelta(days=1)))
        elif one.last_day is not None and one.fate is Fate.RESTORABLE:
            will = words("%(what)s, was held until %(day)s", what=will, day=words.date(one.last_day))
        elif one.last_day is not None:
            will = words("%(what)s, last day %(day)s", what=will, day=words.date(one.last_day))
        return {
            "fate": words(FATES[one.fate]),
            "order": one.order,
            "account": one.account,
            "where": place_text(one.scope, self.names).in_words(words) if one.scope else "",
            "was": right,
            "will": will,
            "why": one.reason.in_words(words),
            "reference": one.reference,
        }


def _page(
    request: Request,
    ids: str,
    principal: Principal,
    *problems: Problem,
    fate: str = "",
    number: int = 1,
    typed: Posted | None = None,
) -> Response:
    site, words = site_of(request), words_of(request)
    with snapshot(site.sessions) as session:
        rows = _rows(session, ids)
        shown = _Shown(session, words, rows)
        changes = shown.of(fate)
        number = max(1, min(number, (len(changes) + _PAGE - 1) // _PAGE or 1))
        counts = Counter(one.fate for one in shown.plan.changes)
        states = {row.state for row in rows}
        decided = decided_about(session, OrderId(rows[0].id))
        chosen = words(FATES[Fate(fate)]) if fate in set(Fate) else ""
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
            rows=[shown.row(one) for one in changes[(number - 1) * _PAGE : number * _PAGE]],
            total=len(changes),
            earlier=_address(ids, fate, number - 1) if number > 1 else None,
            later=_address(ids, fate, number + 1) if number * _PAGE < len(changes) else None,
            downloads=[
                (sheet.upper(), f"/reorganise/{ids}.{sheet}" + (f"?{urlencode({'fate': fate})}" if chosen else ""))
                for sheet in Sheet
            ],
            said=said_changes(words, [orders.said(row) for row in rows], shown.places),
            chart=ends_chart(words, shown.plan, shown.names),
            gaps=gaps_of(words, shown.plan, shown.names),
            seen=shown.digest,
            progress=progress_of(session, decided[-1]) if decided else None,
            live=bool(states & {OrderState.APPLYING, OrderState.UNDOING}),
            running=bool(states & {OrderState.APPROVED, OrderState.APPLYING, OrderState.UNDOING}),
            may_propose=Role.REVIEWER in principal.roles and states <= _TO_COME and not decided,
            may_undo=Role.REVIEWER in principal.roles and states <= _DONE,
            may_repeal=Role.REVIEWER in principal.roles and states <= {OrderState.DRAFTED, OrderState.APPROVED},
            may_pause=Role.REVIEWER in principal.roles and bool(decided),
        )
    return site.page(request, page, problems=problems, here=f"/reorganise/{ids}")


def _who(words: Words, actor: str) -> str:
    """Name a member of staff by their username, and what the service does by itself as such."""
    kind, _, name = actor.partition(":")
    return name if kind == ActorKind.STAFF else words("the service itself")


def _address(ids: str, fate: str, number: int) -> str:
    return f"/reorganise/{ids}?{urlencode({'fate': fate, 'page': number})}"
