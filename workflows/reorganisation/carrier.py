"""Who carries plans out, in the audit, and how what that ended is known again."""

from iam.audit import Actor, ActorKind, Door, Origin
from iam.orders.models import Order

__all__ = ["CARRIES_OUT", "ended_by"]

CARRIES_OUT = Origin(Actor(ActorKind.SYSTEM, "reorganisation"), Door.JOB)
"""Who carries plans out: the acts are the job's, the decision is that of two people."""


def ended_by(row: Order) -> str:
    """Return the source of an entitlement to sign that the order shortened."""
    return f"order:{row.id}"
