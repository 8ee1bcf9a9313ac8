"""How far is an approved plan, and is it paused?"""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from iam.bulk import any_of
from iam.grants.models import Evidence, Grant, GrantPeriod
from iam.orders import service as orders
from iam.orders.states import OrderState
from workflows.proposals.models import Proposal
from workflows.reorganisation.applying import approved_for, given_since
from workflows.reorganisation.approving import orders_in
from workflows.reorganisation.pausing import is_paused
from workflows.reorganisation.undo_approving import UNDO
from workflows.reorganisation.unmailed import Unmailed, unmailed

__all__ = ["Progress", "progress_of"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the approved ends, or of the rights to come again, are done; `left` were given since the approval.

    `unmailed` are people whom no mail about it has reached.
    """

    done: int
    of: int
    paused: bool
    left: int
    unmailed: tuple[Unmailed, ...] = ()


def progress_of(session: Session, proposal: Proposal) -> Progress:
    """Count what is done of a plan that two people approved."""
    ids = orders_in(proposal.subject)
    approved = approved_for(session, proposal.subject)
    ended = (
        select(func.count())
        .select_from(GrantPeriod)
        .join(Evidence, Evidence.id == GrantPeriod.end_evidence_id)
        .where(Evidence.order_id == any_of(ids), func.upper_inf(GrantPeriod.recorded))
    )
    again = (
        select(func.count())
        .select_from(Grant)
        .join(Evidence, Evidence.id == Grant.evidence_id)
        .where(Evidence.order_id == any_of(ids), Grant.reinstates_period_id.is_not(None))
    )
    undone = proposal.kind == UNDO
    rows = [orders.order_with(session, one) for one in ids]
    applying = [row for row in rows if row.state is OrderState.APPLYING]
    return Progress(
        done=session.scalar(again if undone else ended) or 0,
        of=proposal.count if undone else len(approved.ends),
        paused=is_paused(session, ids),
        left=len(given_since(session, applying, approved)) if applying else 0,
        unmailed=unmailed(session, proposal, approved),
    )
