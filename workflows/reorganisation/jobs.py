"""Importing this module declares every job of reorganisations, and the kinds of proposals that two people decide."""

from datetime import timedelta

from sqlalchemy import select

from iam.ids import OrderId
from iam.orders.models import Order
from iam.orders.states import OrderState
from iam.periods import riga_day
from workflows.jobs import Retry, Run, job
from workflows.proposals.models import Proposal
from workflows.proposals.states import State
from workflows.reorganisation import announcing, applying, taking_back, undoing
from workflows.reorganisation.approving import APPLY, orders_in
from workflows.reorganisation.carrier import CARRIES_OUT
from workflows.reorganisation.queueing import (
    APPLY_JOB,
    TAKE_BACK_JOB,
    TELL_JOB,
    TELL_LATE_JOB,
    UNDO_JOB,
    carry_out_later,
    take_back_later,
    undo_later,
)
from workflows.reorganisation.undo_approving import UNDO
from workflows.rights.projection import many_on_their_way

__all__ = ["apply", "go_on", "take_back", "tell", "tell_late", "undo"]

# However long the database is away and however many workers die: half of a reform is worse than a late one.
_PATIENCE = Retry(times=None, first=timedelta(seconds=2), longest=timedelta(minutes=10))
# Some three quarters of an hour: no telling that fails holds up an end for longer.
_FIRST_PATIENCE = Retry(times=12, first=timedelta(seconds=2), longest=timedelta(minutes=10))
_BEHIND_RIGHTS = timedelta(seconds=1)


@job(TELL_JOB, queue="default", retry=_FIRST_PATIENCE, after_failure=TELL_LATE_JOB)
def tell(run: Run, *, proposal_id: int) -> None:
    """Tell whom an approved plan concerns, a chunk of people a transaction, before it is carried out."""
    _tell(run, proposal_id)


@job(TELL_LATE_JOB, queue="default", retry=_PATIENCE)
def tell_late(run: Run, *, proposal_id: int) -> None:
    """Go on telling where it failed again and again, while the plan is carried out."""
    _tell(run, proposal_id)


def _tell(run: Run, proposal_id: int) -> None:
    more = True
    while more:
        with run.transaction() as session:
            more = announcing.step(session, proposal_id, base_url=run.settings.base_url, origin=CARRIES_OUT, at=run.at)


@job(APPLY_JOB, queue="default", retry=_PATIENCE)
def apply(run: Run, *, proposal_id: int) -> None:
    """Carry out an approved plan, a step a transaction, as far as its days have come."""
    more = True
    while more:
        with run.transaction() as session:
            more = applying.step(session, proposal_id, base_url=run.settings.base_url, origin=CARRIES_OUT, at=run.at)


@job(UNDO_JOB, queue="default", retry=_PATIENCE)
def undo(run: Run, *, proposal_id: int) -> None:
    """Undo an applied plan, a step a transaction."""
    more = True
    while more:
        with run.transaction() as session:
            more = undoing.step(session, proposal_id, base_url=run.settings.base_url, origin=CARRIES_OUT, at=run.at)


@job(TAKE_BACK_JOB, queue="default", retry=_PATIENCE)
def take_back(run: Run, *, order_id: int) -> None:
    """Tell whoever was told of an order that it does not hold, a chunk of people a transaction.

    Their mails come after the rights of those for whom something changed: both would take the same processor.
    """
    more = True
    while more:
        with run.transaction() as session:
            if many_on_their_way(session):
                take_back_later(session, OrderId(order_id), after=run.at + _BEHIND_RIGHTS)
                return
            more = taking_back.step(session, order_id, base_url=run.settings.base_url, origin=CARRIES_OUT, at=run.at)


@job("reorganisation.go_on", queue="default", every="*/5 * * * *")
def go_on(run: Run) -> None:
    """Queue what is approved and whose day has come, and what was begun and is not finished."""
    with run.transaction() as session:
        today = riga_day(run.at)
        open_ones = (OrderState.APPROVED, OrderState.APPLYING, OrderState.UNDOING)
        waiting = select(Order.id).where(Order.state.in_(open_ones), Order.effective <= today)
        ids = set(session.scalars(waiting))
        if not ids:
            return
        decided = select(Proposal.id, Proposal.kind, Proposal.subject).where(
            Proposal.kind.in_((APPLY, UNDO)), Proposal.state == State.CARRIED_OUT
        )
        for number, kind, subject in session.execute(decided.order_by(Proposal.id)):
            if ids & set(orders_in(subject)):
                (carry_out_later if kind == APPLY else undo_later)(session, number)
