"""How far is an approved plan, and is it paused?"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from iam.bulk import any_of
from iam.grants.models import Account, Evidence, Grant, GrantPeriod
from iam.ids import EvidenceId, OrderId
from iam.institutions.models import Signatory
from iam.orders import service as orders
from iam.orders.models import Order
from iam.orders.states import OrderState
from workflows.mail import Mail, MailState, as_kept
from workflows.proposals.models import Proposal
from workflows.reorganisation.applying import Approved, approved_for, given_since, recorded_since
from workflows.reorganisation.approving import orders_in, subject_of
from workflows.reorganisation.fates import Fate
from workflows.reorganisation.models import OrderNotice
from workflows.reorganisation.pausing import is_paused
from workflows.reorganisation.plan import Plan
from workflows.reorganisation.undo_approving import UNDO
from workflows.rights.askers import askers_of

__all__ = ["Progress", "more_to_approve", "progress_of"]

_MAILS = ("order_ahead", "rights_ended", "rights_ended_asker", "rights_again", "rights_again_asker", "order_taken_back")


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the approved ends, or of the rights to come again, are done; `left` were given since the approval.

    `signing` are people whose entitlement to sign was recorded, or widened, since: it does not end either.
    `unmailed` are people whose mail about it could not leave: by username, others by address.
    """

    done: int
    of: int
    paused: bool
    left: int
    signing: tuple[str, ...] = ()
    unmailed: tuple[str, ...] = ()


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
        signing=tuple(sorted({one.signatory.person.full_name for one in recorded_since(session, applying, approved)})),
        unmailed=_unmailed(session, proposal, approved),
    )


def more_to_approve(session: Session, rows: Sequence[Order], made: Plan) -> bool:
    """Say whether the plan of orders to come ends what two people have not approved yet."""
    approved = approved_for(session, subject_of([OrderId(row.id) for row in rows]))
    if any(one.grant not in approved.ends for one in made.of(Fate.ENDS)):
        return True
    return bool(made.of(Fate.SIGNATORY_ENDS)) and bool(recorded_since(session, rows, approved))


def _unmailed(session: Session, proposal: Proposal, approved: Approved) -> tuple[str, ...]:
    """List whom no mail about the plan has reached, since two people decided on it."""
    failed = select(Mail.to_address).where(
        Mail.state == MailState.FAILED, Mail.queued_at >= proposal.ended_at, Mail.template.in_(_MAILS)
    )
    addresses = set(session.scalars(failed))
    if not addresses:
        return ()
    holders = (
        select(Account.username, Account.email, Grant.evidence_id)
        .join(Grant, Grant.account_id == Account.id)
        .where(Grant.id == any_of(approved.ends))
    )
    rows = session.execute(holders).all()
    known = {as_kept(email): username for username, email, _ in rows}
    askers = askers_of(session, {EvidenceId(evidence) for _, _, evidence in rows})
    told = select(OrderNotice.signatory_id).where(OrderNotice.order_id == any_of(orders_in(proposal.subject)))
    concerned = or_(Signatory.id == any_of(approved.signatories), Signatory.id.in_(told))
    signing = session.scalars(select(Signatory.email).where(concerned))
    others = {as_kept(email): email for email in (*signing, *(one.email for one in askers.values())) if email}
    return tuple(sorted((others | known)[one] for one in addresses & {*others, *known}))
