"""Orders about institutions: which are recorded, and recording more from a file or from typed lines."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from iam.audit import Actor, ActorKind, Door, Origin
from iam.ids import OrderId
from iam.orders import service as orders
from iam.orders.models import Order
from iam.orders.states import OrderState
from iam.periods import riga_day
from workflows import clock
from workflows.database import snapshot, transaction
from workflows.i18n import Words
from workflows.reorganisation import approving
from workflows.reorganisation.checking import read_and_checked
from workflows.reorganisation.faults import BadOrderFile
from workflows.reorganisation.order_text import text_to_mend
from workflows.reorganisation.words import ORDER_STATES
from workflows.staff import Role
from workflows.web.http.errors import Problem
from workflows.web.http.forms import Posted, PostedFile
from workflows.web.http.limits import text_problems
from workflows.web.identity.access import SignedIn
from workflows.web.pages.reviewers.contexts import ReorganisePage
from workflows.web.site import site_of, words_of
from workflows.web.words.vocabulary import Tone

__all__ = ["order_state", "routes"]

routes = APIRouter(include_in_schema=False)

_MOST_MB = 4  # the mapping of 2021 has 12 kB
_MOST_BYTES = _MOST_MB * 1024 * 1024
_LONGEST_LINES = 60_000  # characters; longer orders come as a file
_MOST_FAULTS = 200
_TONES = {
    OrderState.APPLIED: Tone.OK,
    OrderState.APPROVED: Tone.WAIT,
    OrderState.APPLYING: Tone.WAIT,
    OrderState.UNDOING: Tone.WAIT,
}


def order_state(words: Words, state: OrderState) -> tuple[str, str]:
    """Return the word for a state, and its tone."""
    return words(ORDER_STATES[state]), _TONES.get(state, Tone.PLAIN)


@routes.get("/reorganise")
def recorded(request: Request, principal: SignedIn) -> Response:
    """List the orders, and ask for more."""
    return _page(request, principal)


@routes.post("/reorganise")
def record(request: Request, form: PostedFile, principal: SignedIn) -> Response:
    """Record the orders of a file, or of typed lines: all of them, or none and everything that is wrong."""
    site, words, at = site_of(request), words_of(request), clock.now()
    file = form.file("file")
    if problems := text_problems(words, form, lines=_LONGEST_LINES):
        return _page(request, principal, *problems, typed=form)
    typed = form.get("lines")
    if file is None or not file.filename:
        content = typed.encode()
    elif (file.size or 0) > _MOST_BYTES:
        return _page(request, principal, Problem("file", words("A file of orders has at most 4 MB")), typed=form)
    else:
        content = file.file.read()
        typed = text_to_mend(content) if len(content) < _MOST_BYTES // 16 else typed
    if not content.strip():
        return _page(
            request, principal, Problem("file", words("Choose a file of orders, or type its lines")), typed=form
        )
    try:
        with transaction(site.sessions) as session:
            said = read_and_checked(session, content, to_record=True).orders
            origin = Origin(Actor(ActorKind.STAFF, principal.username), Door.WEB)
            rows = orders.draft(session, said, origin=origin, at=at)
            about = approving.subject_of([OrderId(row.id) for row in rows])
    except BadOrderFile as bad:
        faults = [one.in_words(words) for one in bad.faults]
        problem = Problem("lines", words.plural("%(n)s fault in the orders", "%(n)s faults in the orders", len(faults)))
        return _page(request, principal, problem, typed=form, lines=typed, faults=faults)
    with snapshot(site.sessions) as session:  # the page comes next, and finds the plan
        approving.foreseen_for(session, approving.rows_of(session, about), today=riga_day(at))
    return RedirectResponse(f"/reorganise/{about.partition(':')[2]}", status_code=303)


def _page(
    request: Request,
    principal: SignedIn,
    *problems: Problem,
    typed: Posted | None = None,
    lines: str = "",
    faults: list[str] | None = None,
) -> Response:
    site, words = site_of(request), words_of(request)
    with snapshot(site.sessions) as session:
        rows = [_row(words, one) for one in reversed(orders.in_force(session, states=OrderState))]
    values = {} if typed is None else typed.flat() | {"lines": lines or typed.get("lines")}
    page = ReorganisePage(
        values=values,
        rows=rows,
        acts=Role.REVIEWER in principal.roles,
        faults=(faults or [])[:_MOST_FAULTS],
        limit=_MOST_MB,
        more_faults=max(0, len(faults or []) - _MOST_FAULTS),
    )
    return site.page(request, page, problems=problems)


def _row(words: Words, order: Order) -> dict[str, object]:
    state, tone = order_state(words, order.state)
    return {
        "id": order.id,
        "reference": order.reference,
        "legal_basis": order.legal_basis,
        "effective": order.effective,
        "changes": len(order.changes),
        "state": state,
        "tone": tone,
    }
