"""What two people decided about orders, and what waits for a second person."""

from collections.abc import Collection

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from iam.ids import OrderId
from workflows.proposals.models import Proposal
from workflows.proposals.states import State
from workflows.reorganisation.approving import APPLY, orders_in

__all__ = ["UNDO", "decided_about", "decided_together", "waiting_about"]

UNDO = "reorganisation.undo"
"""The kind of proposal that undoes what one of the kind `APPLY` had carried out."""


def decided_about(session: Session, *orders: OrderId) -> list[Proposal]:
    """List what two people decided about any of the orders, the latest last."""
    return _about(session, orders, State.CARRIED_OUT)


def waiting_about(session: Session, *orders: OrderId) -> list[Proposal]:
    """List what is proposed about any of the orders and waits for a second person."""
    return _about(session, orders, State.PROPOSED)


def decided_together(session: Session, order: OrderId) -> tuple[OrderId, ...]:
    """Name the orders that were decided on together with this one the last time; this one alone where none was."""
    decided = decided_about(session, order)
    return orders_in(decided[-1].subject) if decided else (order,)


def _about(session: Session, orders: Collection[OrderId], state: State) -> list[Proposal]:
    named = or_(*(Proposal.payload["orders"].contains([one]) for one in orders))
    wanted = (Proposal.kind.in_((APPLY, UNDO)), Proposal.state == state, named)
    return list(session.scalars(select(Proposal).where(*wanted).order_by(Proposal.id)))
