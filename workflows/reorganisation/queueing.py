"""How the jobs of reorganisations are queued: those of one plan one after the other, other plans beside them.

Each step holds the orders in the database (`iam.locks`), so the steps of two plans never meet. Of one plan people are
told what will end before anything ends. A plan whose job fails again and again keeps no other plan waiting.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from iam.ids import OrderId
from workflows.jobs import defer

__all__ = [
    "APPLY_JOB",
    "TAKE_BACK_JOB",
    "TELL_JOB",
    "TELL_LATE_JOB",
    "UNDO_JOB",
    "carry_out_later",
    "take_back_later",
    "tell_later",
    "undo_later",
]

TELL_JOB = "reorganisation.tell"
TELL_LATE_JOB = "reorganisation.tell_late"
APPLY_JOB = "reorganisation.apply"
UNDO_JOB = "reorganisation.undo"
TAKE_BACK_JOB = "reorganisation.take_back"


def tell_later(session: Session, proposal_id: int) -> None:
    """Queue the telling of whom an approved plan concerns."""
    defer(session, TELL_JOB, lock=_lock(proposal_id), key=f"tell:{proposal_id}", proposal_id=proposal_id)


def carry_out_later(session: Session, proposal_id: int) -> None:
    """Queue the carrying out of an approved plan, after the telling that was queued before."""
    defer(session, APPLY_JOB, lock=_lock(proposal_id), key=f"orders:{proposal_id}", proposal_id=proposal_id)


def undo_later(session: Session, proposal_id: int) -> None:
    """Queue the undoing that was approved."""
    defer(session, UNDO_JOB, lock=_lock(proposal_id), key=f"orders:{proposal_id}", proposal_id=proposal_id)


def take_back_later(session: Session, order_id: OrderId, *, after: datetime | None = None) -> None:
    """Queue the telling of whoever was told of an order that does not hold; not before `after`."""
    key = f"take_back:{order_id}"
    defer(session, TAKE_BACK_JOB, lock=key, key=key, schedule_at=after, order_id=order_id)


def _lock(proposal_id: int) -> str:
    return f"orders:{proposal_id}"
