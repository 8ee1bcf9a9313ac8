"""How far is an approved plan, and is it paused? Pausing and resuming take effect between two steps."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from iam import audit
from iam.audit import Origin
from iam.bulk import any_of
from iam.grants.models import Account, Evidence, Grant, GrantPeriod
from iam.ids import EvidenceId, OrderId
from iam.institutions.models import Signatory
from iam.orders import service as orders
from iam.orders.states import OrderState
from workflows.jobs import defer
from workflows.mail import Mail, MailState, as_kept
from workflows.proposals.models import Proposal
from workflows.proposals.states import State
from workflows.reorganisation.applying import Approved, approved_for, given_since, is_paused
from workflows.reorganisation.approving import APPLY, APPLY_JOB, TELL_JOB, orders_in
from workflows.reorganisation.errors import NothingPlanned
from workflows.reorganisation.models import PlanPause
from workflows.reorganisation.tags import PlanTag
from workflows.reorganisation.undo_approving import UNDO, UNDO_JOB
from workflows.rights.askers import askers_of

__all__ = ["Progress", "decided_about", "pause", "progress_of", "resume", "waiting_about"]

_BEGUN = (OrderState.APPLYING, OrderState.UNDOING)
_MAILS = ("order_ahead", "rights_ended", "rights_ended_asker", "rights_again", "rights_again_asker", "order_taken_back")


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the approved ends, or of the rights to come again, are done; `left` were given since the approval.

    `unmailed` are people whose mail about it could not leave: by username, others by address.
    """

    done: int
    of: int
    paused: bool
    left: int
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
        paused=is_paused(session, proposal.id),
        left=len(given_since(session, applying, approved)) if applying else 0,
        unmailed=_unmailed(session, proposal, approved),
    )


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
    signing = session.scalars(select(Signatory.email).where(Signatory.id == any_of(approved.signatories)))
    others = {as_kept(email): email for email in (*signing, *(one.email for one in askers.values())) if email}
    return tuple(sorted((others | known)[one] for one in addresses & {*others, *known}))


def decided_about(session: Session, order: OrderId) -> list[Proposal]:
    """List what two people decided about an order, the latest last."""
    return _about(session, order, State.CARRIED_OUT)


def waiting_about(session: Session, order: OrderId) -> list[Proposal]:
    """List what is proposed about an order and waits for a second person."""
    return _about(session, order, State.PROPOSED)


def _about(session: Session, order: OrderId, state: State) -> list[Proposal]:
    wanted = (Proposal.kind.in_((APPLY, UNDO)), Proposal.state == state)
    found = select(Proposal).where(*wanted, Proposal.payload["orders"].contains([order]))
    return list(session.scalars(found.order_by(Proposal.id)))


def pause(session: Session, proposal: Proposal, *, origin: Origin, at: datetime) -> None:
    """Have no further step done until somebody resumes it. Raises NothingPlanned where nothing is being done."""
    rows = [orders.order_with(session, one) for one in orders_in(proposal.subject)]
    if is_paused(session, proposal.id) or not any(row.state in (*_BEGUN, OrderState.APPROVED) for row in rows):
        raise NothingPlanned("nothing of it is to be done, or it is paused already")
    session.add(PlanPause(proposal_id=proposal.id, paused_by=str(origin.actor), paused_at=at))
    session.flush()
    _record(session, PlanTag.PAUSED, proposal, origin, at)


def resume(session: Session, proposal: Proposal, *, origin: Origin, at: datetime) -> None:
    """Go on. Raises NothingPlanned where it is not paused."""
    if not is_paused(session, proposal.id):
        raise NothingPlanned("it is not paused")
    session.execute(delete(PlanPause).where(PlanPause.proposal_id == proposal.id))
    name = UNDO_JOB if proposal.kind == UNDO else APPLY_JOB
    if proposal.kind == APPLY:
        defer(session, TELL_JOB, lock="orders", key=f"tell:{proposal.id}", proposal_id=proposal.id)
    defer(session, name, lock="orders", key=f"orders:{proposal.id}", proposal_id=proposal.id)
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
