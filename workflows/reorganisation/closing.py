"""Which places end by orders that two people approved, and on which last day? What remains there is said with it."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from iam.orders import service as orders
from iam.orders.states import OrderState
from workflows.reorganisation.facts import Facts
from workflows.reorganisation.succession import Succession

__all__ = ["closing_places"]


def closing_places(session: Session) -> Mapping[str, date]:
    """Return the last days of these places, by key."""
    rows = orders.in_force(session, states=(OrderState.APPROVED, OrderState.APPLYING))
    endings = Succession.of([orders.said(row) for row in rows], Facts()).endings
    return {place: ending.eve for place, ending in endings.items()}
