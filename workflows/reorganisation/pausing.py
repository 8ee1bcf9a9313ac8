"""Pausing orders: no further step of carrying them out, undoing them or telling of them is done until they go on.

A pause is kept at what was decided last, and holds everything about each of its orders, whatever else two people
decided about one of them before or since. What is paused or goes on does so between two steps.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from iam import audit
from iam.audit import Origin
from iam.bulk import any_of
from iam.ids import OrderId
from iam.locks import one_at_a_time
from iam.orders.models import Order
from iam.orders.states import OrderState
from workflows.proposals.models import Proposal
from workflows.reorganisation.approving import APPLY, orders_in
from workflows.reorganisation.decided import decided_about
from workflows.reorganisation.errors import NothingPlanned
from workflows.reorganisation.models import PlanPause
from workflows.reorganisation.queueing import carry_out_later, tell_later, undo_later
from workflows.reorganisation.tags import PlanTag

__all__ = ["is_paused", "pause", "pauses_of", "resume"]

_TO_BE_DONE = (OrderState.APPROVED, OrderState.APPLYING, OrderState.UNDOING)


def pauses_of(session: Session, orders: Collection[OrderId]) -> list[PlanPause]:
    """List the pauses that hold one of the orders, the latest last."""
    found = select(PlanPause, Proposal.subject).join(Proposal, Proposal.id == PlanPause.proposal_id)
    rows = session.execute(found.order_by(PlanPause.paused_at, PlanPause.proposal_id))
    return [paused for paused, subject in rows if set(orders_in(subject)) & set(orders)]


def is_paused(session: Session, orders: Collection[OrderId]) -> bool:
    """Say whether somebody paused one of the orders."""
    return bool(pauses_of(session, orders))


def pause(session: Session, orders: Sequence[OrderId], *, origin: Origin, at: datetime) -> None:
    """Have no further step done about the orders until somebody resumes them.

    Raises NothingPlanned where nothing is to be done, or they are paused.
    """
    one_at_a_time(session, "orders")
    going_on = select(Order.id).where(Order.id == any_of(orders), Order.state.in_(_TO_BE_DONE))
    last = {one: decided_about(session, one)[-1:] for one in session.scalars(going_on)}
    decided = {proposal.id: proposal for found in last.values() for proposal in found}
    if not decided or is_paused(session, orders):
        raise NothingPlanned("nothing of it is to be done, or it is paused already")
    for proposal in decided.values():
        session.add(PlanPause(proposal_id=proposal.id, paused_by=str(origin.actor), paused_at=at))
        session.flush()
        _record(session, PlanTag.PAUSED, proposal, origin, at)


def resume(session: Session, orders: Sequence[OrderId], *, origin: Origin, at: datetime) -> None:
    """Go on with everything about the orders. Raises NothingPlanned where they are not paused."""
    one_at_a_time(session, "orders")
    paused = [one.proposal_id for one in pauses_of(session, orders)]
    if not paused:
        raise NothingPlanned("it is not paused")
    session.execute(delete(PlanPause).where(PlanPause.proposal_id.in_(paused)))
    held = {order for one in paused for order in orders_in(session.get_one(Proposal, one).subject)}
    for proposal in decided_about(session, *sorted({*held, *orders})):
        if proposal.kind == APPLY:
            tell_later(session, proposal.id)
            carry_out_later(session, proposal.id)
        else:
            undo_later(session, proposal.id)
        if proposal.id in paused:
            _record(session, PlanTag.RESUMED, proposal, origin, at)


def _record(session: Session, tag: PlanTag, proposal: Proposal, origin: Origin, at: datetime) -> None:
    audit.record(
        session,
        tag,
        origin=origin,
        subject=proposal.audit_subject,
        at=at,
        evidence=proposal.seen_digest,
        details={"about": proposal.subject},
    )
