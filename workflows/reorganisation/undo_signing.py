"""Which entitlements to sign come again when an order is undone, and which stay as they were recorded since. Reads."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from iam.bulk import any_of
from iam.institutions.models import Signatory
from iam.orders.models import Order
from workflows.proposals.models import Proposal
from workflows.proposals.states import State
from workflows.reorganisation.approving import APPLY
from workflows.reorganisation.carrier import CARRIES_OUT, ended_by

__all__ = ["SigningAgain", "signing_again"]


@dataclass(frozen=True, slots=True)
class SigningAgain:
    """An entitlement that carrying the order out ended, and what was recorded in its place: None where nothing was.

    It is not `free` where a newer word about the same person and place holds on one of its days: that word stays.
    """

    ended: Signatory
    shorter: Signatory | None
    free: bool


def signing_again(session: Session, row: Order) -> list[SigningAgain]:
    """List the entitlements that the order ended and that nobody has corrected since."""
    ended = session.scalars(select(Signatory).where(Signatory.id == any_of(_approved(session, row)))).all()
    found = []
    for one in sorted(ended, key=lambda signatory: signatory.id):
        if one.recorded.upper is None or one.withdrawn_by != str(CARRIES_OUT.actor):
            continue
        known = _known(session, one)
        shorter = next((other for other in known if other.source == ended_by(row)), None)
        free = not any(other.period.overlaps(one.period) for other in known if other is not shorter)
        found.append(SigningAgain(one, shorter, free))
    return found


def _known(session: Session, one: Signatory) -> Sequence[Signatory]:
    same = Signatory.scope_id == one.scope_id, Signatory.person_id == one.person_id
    return session.scalars(select(Signatory).where(*same, func.upper_inf(Signatory.recorded))).all()


def _approved(session: Session, row: Order) -> list[int]:
    """Name the entitlements that were approved to end by the order."""
    decided = select(Proposal.payload).where(
        Proposal.kind == APPLY,
        Proposal.state == State.CARRIED_OUT,
        Proposal.payload["orders"].contains([row.id]),
    )
    return [id_ for payload in session.scalars(decided) for id_, order in payload["signatories"] if order == row.id]
