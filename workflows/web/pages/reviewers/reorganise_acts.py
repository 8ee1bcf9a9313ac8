"""What may be done about orders: have a second person confirm them, undo them, pause, resume, repeal."""

from collections.abc import Callable, Mapping, Sequence

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from iam.audit import Actor, ActorKind, Door, Origin
from iam.errors import Refused
from iam.ids import OrderId
from iam.orders.models import Order
from iam.periods import riga_day
from workflows import clock
from workflows.database import snapshot, transaction
from workflows.i18n import Words, later
from workflows.principal import Principal
from workflows.proposals.errors import AlreadyProposed, IsParty, SeenOtherwise
from workflows.proposals.kinds import changed_sentence, kind_called
from workflows.reorganisation import approving, undo_approving
from workflows.reorganisation.approving import APPLY
from workflows.reorganisation.errors import Hindered, NotBegun, NothingPlanned, OverCap, RestsOnIt
from workflows.reorganisation.pausing import pause, resume
from workflows.reorganisation.taking_back import repeal
from workflows.reorganisation.undo_approving import UNDO
from workflows.reorganisation.undo_foreseen import foresee_undo
from workflows.web.http.errors import Problem
from workflows.web.http.forms import Posted, PostedForm
from workflows.web.http.limits import LONGEST_REASON, text_problems
from workflows.web.identity.access import SignedIn
from workflows.web.pages.reviewers.reorganise_plan import plan_page, rows_of_page
from workflows.web.pages.reviewers.reorganise_undo import undo_page
from workflows.web.site import site_of, words_of

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)

_SENTENCES: Mapping[type[Exception], str] = {
    IsParty: later(
        "Your own rights are among those that would change, or you raised the cap: somebody else has to propose it"
    ),
    NotBegun: later("Nothing was undone: an order has not been begun. Mark it as repealed instead"),
    NothingPlanned: later("Nothing was done: the orders are no longer where this was possible"),
    Refused: later("Nothing was done: the order has been begun or ended meanwhile"),
}
_CHANGED: Mapping[str, str] = {
    APPLY: later("The plan has changed since you opened this page. Read it again and propose it anew"),
    UNDO: later("What undoing changes is not what this page showed you. Read it again and propose it anew"),
}
_REFUSED: tuple[type[Exception], ...] = (Hindered, OverCap, RestsOnIt, SeenOtherwise, AlreadyProposed, *_SENTENCES)


@routes.post("/reorganise/{ids}/{act}")
def act(request: Request, ids: str, act: str, form: PostedForm, principal: SignedIn) -> Response:
    """Propose to carry the orders out or to undo them, pause, resume, or repeal what was not begun."""
    words = words_of(request)
    done = _ACTS.get(act)
    if done is None:
        raise HTTPException(404)
    page = undo_page if act == "undo" else plan_page
    if problems := text_problems(words, form, reason=LONGEST_REASON, repeal_reason=LONGEST_REASON):
        return page(request, ids, principal, *problems, typed=form)
    # One page may show the form that proposes and the one that repeals: each has a field of its own.
    field = "repeal_reason" if act == "repeal" else "reason"
    if act in _WITH_REASON and not form.get(field):
        return page(request, ids, principal, Problem(field, words("Write the reason")), typed=form)
    try:
        with transaction(site_of(request).sessions) as session:
            address = done(session, rows_of_page(session, ids), form, principal)
    except _REFUSED as refused:
        sentence = _sentence(request, ids, form, refused, kind=UNDO if act == "undo" else APPLY)
    else:
        return RedirectResponse(address or f"/reorganise/{ids}", status_code=303)
    return page(request, ids, principal, Problem(field, sentence), typed=form)


def _sentence(request: Request, ids: str, form: Posted, refused: Exception, *, kind: str) -> str:
    """Say why nothing was done."""
    words = words_of(request)
    match refused:
        case OverCap():
            return words(
                "Rights of %(accounts)s people would end; %(most)s are allowed at once. "
                "An administrator may allow this plan by its digest: viis reorganise raise-cap %(digest)s",
                accounts=refused.accounts,
                most=refused.most,
                digest=refused.digest,
            )
        case RestsOnIt():
            return _rests_on_it(words, refused)
        case Hindered():
            wrong = " ".join(one.in_words(words) for one in refused.said)
            return words(
                "It cannot be carried out as the register and the other orders stand now. %(wrong)s", wrong=wrong
            )
        case SeenOtherwise():
            return _changed(request, ids, form, kind=kind)
        case AlreadyProposed():
            number = refused.proposal_id
            return words("It is proposed already: proposal %(number)s waits for a second person", number=number)
        case _:
            return words(_SENTENCES[type(refused)])


def _rests_on_it(words: Words, refused: RestsOnIt) -> str:
    """Name the orders that rest on it, and where all of them are taken back together."""
    named = "; ".join(
        words("%(reference)s, from %(day)s", reference=reference, day=words.date(day))
        for reference, day in refused.orders
    )
    first = words("Other orders rest on it; repeal or undo them first: %(orders)s", orders=named)
    if not refused.together:
        return first
    page = f"/reorganise/{'-'.join(map(str, refused.together))}"
    return words("%(first)s (or all of them together, on the page %(page)s)", first=first, page=page)


def _changed(request: Request, ids: str, form: Posted, *, kind: str) -> str:
    """Say what has changed since the page was shown, as far as the form tells what it rested on."""
    words = words_of(request)
    with snapshot(site_of(request).sessions) as session:
        rows = rows_of_page(session, ids)
        if kind == UNDO:
            undone = foresee_undo(session, rows, today=riga_day(clock.now()))
            now = undo_approving.resting_on(session, rows, undone)
        else:
            now = approving.resting_on(rows, approving.foreseen_for(session, rows))
    then = dict(one.split(":", 1) for one in form.get("rests").split() if ":" in one)
    told = [
        words(changed_sentence(kind_called(kind), name))
        for name in now
        if name in then and then[name] != now[name][: len(then[name])]
    ]
    sentence = words(_CHANGED[kind])
    return f"{sentence}. {' '.join(told)}" if told else sentence


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
        seen=form.get("seen"),
    )
    return f"/proposals/{made.id}"


def _repeal(session: Session, rows: Sequence[Order], form: Posted, principal: Principal) -> None:
    repeal(session, rows, origin=_origin(principal), at=clock.now(), reason=form.get("repeal_reason"))


def _pause(session: Session, rows: Sequence[Order], _form: Posted, principal: Principal) -> None:
    pause(session, [OrderId(row.id) for row in rows], origin=_origin(principal), at=clock.now())


def _resume(session: Session, rows: Sequence[Order], _form: Posted, principal: Principal) -> None:
    resume(session, [OrderId(row.id) for row in rows], origin=_origin(principal), at=clock.now())


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
