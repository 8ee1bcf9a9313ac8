"""Which entitlements to sign come again when an order is undone, and which stay as they were recorded since. Reads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from iam.bulk import any_of
from iam.ids import OrderId
from iam.institutions.models import Signatory
from iam.orders.models import Order
from iam.orders.states import OrderState
from workflows.reorganisation.approving import APPLY
from workflows.reorganisation.carrier import CARRIES_OUT, ended_by
from workflows.reorganisation.decided import decided_about

__all__ = ["SigningAgain", "signing_again"]


@dataclass(frozen=True, slots=True)
class SigningAgain:
    """An entitlement that carrying the order out ended, and what was recorded in its place: None where nothing was.

    It is not `free` where a newer word about the same person and place holds on one of its days, or took back what
    the order had left of it: that word stays.
    """

    ended: Signatory
    shorter: Signatory | None
    free: bool


def signing_again(session: Session, row: Order) -> list[SigningAgain]:
    """List the entitlements that carrying the order out ended; of several entries about the same days the latest."""
    found: list[SigningAgain] = []
    for one, others in _ended(session, row):
        if any(_same(one, later.ended) and one.period.overlaps(later.ended.period) for later in found):
            continue
        left = [other for other in others if other.source == ended_by(row) and one.period.contains(other.period)]
        shorter = next((other for other in left if other.recorded.upper is None), None)
        corrected = bool(left) and left[0].withdrawn_by not in {None, str(CARRIES_OUT.actor)}
        known = [other for other in others if other.recorded.upper is None and other is not shorter]
        free = not corrected and not any(other.period.overlaps(one.period) for other in known)
        found.append(SigningAgain(one, shorter, free))
    return found


def _ended(session: Session, row: Order) -> Iterator[tuple[Signatory, Sequence[Signatory]]]:
    """Find what the order ended, the latest entry first, each with every other entry about the person there.

    An entry that was corrected after the approval is none of those that two people saw, and ended with them.
    """
    begun = min((step.at for step in row.steps if step.state is OrderState.APPLYING), default=None)
    approved = select(Signatory).where(Signatory.id == any_of(_approved(session, row)))
    people = {(one.person_id, one.scope_id) for one in session.scalars(approved)}
    if begun is None or not people:
        return
    entries = select(Signatory).where(Signatory.scope_id == any_of({scope for _, scope in people}))
    latest = entries.order_by(func.lower(Signatory.recorded).desc(), Signatory.id.desc())
    there = [one for one in session.scalars(latest) if (one.person_id, one.scope_id) in people]
    for one in there:
        ended = one.recorded.upper is not None and one.recorded.upper >= begun
        if ended and one.withdrawn_by == str(CARRIES_OUT.actor) and one.source != ended_by(row):
            yield one, [other for other in there if other is not one and _same(one, other)]


def _same(one: Signatory, other: Signatory) -> bool:
    return (one.person_id, one.scope_id) == (other.person_id, other.scope_id)


def _approved(session: Session, row: Order) -> list[int]:
    """Name the entitlements that were approved to end by the order."""
    decided = [one.payload for one in decided_about(session, OrderId(row.id)) if one.kind == APPLY]
    return [id_ for payload in decided for id_, order in payload["signatories"] if order == row.id]
