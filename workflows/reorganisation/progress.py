"""How far is an approved plan, and is it paused?"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from iam.bulk import any_of
from iam.grants.models import Evidence, Grant, GrantPeriod
from iam.ids import OrderId
from iam.orders import service as orders
from iam.orders.models import Order
from iam.orders.states import OrderState
from workflows.proposals.models import Proposal
from workflows.reorganisation.applying import approved_for, given_since, recorded_since
from workflows.reorganisation.approving import orders_in, subject_of
from workflows.reorganisation.fates import Fate
from workflows.reorganisation.pausing import is_paused
from workflows.reorganisation.plan import Plan
from workflows.reorganisation.undo_approving import UNDO
from workflows.reorganisation.unmailed import Unmailed, unmailed

__all__ = ["Progress", "more_to_approve", "progress_of"]

_TO_END = frozenset({OrderState.APPROVED, OrderState.APPLYING})


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the approved ends, or of the rights to come again, are done; `left` were given since the approval.

    `signing` are people whose entitlement to sign was recorded, or widened, since: it does not end either.
    `unmailed` are people whom no mail about it has reached.
    """

    done: int
    of: int
    paused: bool
    left: int
    signing: tuple[str, ...] = ()
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
    to_end = [row for row in rows if row.state in _TO_END]
    return Progress(
        done=session.scalar(again if undone else ended) or 0,
        of=proposal.count if undone else len(approved.ends),
        paused=is_paused(session, ids),
        left=len(given_since(session, to_end, approved)) if to_end else 0,
        signing=tuple(sorted({one.signatory.person.full_name for one in recorded_since(session, to_end, approved)})),
        unmailed=unmailed(session, proposal, approved),
    )


def more_to_approve(session: Session, rows: Sequence[Order], made: Plan) -> bool:
    """Say whether the plan of orders to come ends what two people have not approved yet."""
    approved = approved_for(session, subject_of([OrderId(row.id) for row in rows]))
    if any(one.grant not in approved.ends for one in made.of(Fate.ENDS)):
        return True
    return bool(made.of(Fate.SIGNATORY_ENDS)) and bool(recorded_since(session, rows, approved))
