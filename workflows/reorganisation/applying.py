"""Carrying approved orders out, from their day on, in steps of one transaction each.

    (1) orders whose day has come are being carried out; one that the register contradicts is held back, others go on
    (2) approved rights end, a chunk a step: who is still without, or was not told, gets one mail, each account one
        projection
    (3) entitlements to sign end
    (4) open applications that name a place which ended are moved to the successor, or withdrawn
    (5) the register says what the orders say, an order a step
    (6) orders are carried out when nothing that they end is left; what was given or recorded since the approval is left

Which step comes next is read from the database each time: a worker that dies, or a database that is restarted, leaves
steps done or not begun, and whoever goes on comes to the same end. What was not among what two people approved is never
ended: it keeps the order from being finished until it is proposed as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from iam.audit import Origin
from iam.bulk import any_of
from iam.grants.evidence import ByOrder
from iam.grants.models import Account, EndCause, Grant, GrantPeriod
from iam.ids import EvidenceId, GrantId, OrderId
from iam.institutions.entitlements import shorten_signatory, withdraw_signatory
from iam.locks import one_at_a_time
from iam.orders import service as orders
from iam.orders.models import Order
from iam.orders.places import change_places, point_parties
from iam.orders.states import OrderState
from iam.periods import riga_day
from workflows.mail import mailbox_of
from workflows.proposals.models import Proposal
from workflows.reorganisation import applications, on_the_day
from workflows.reorganisation.approving import APPLY, orders_in
from workflows.reorganisation.carrier import ended_by
from workflows.reorganisation.chunks import chunks
from workflows.reorganisation.closing import closing_places
from workflows.reorganisation.decided import decided_about
from workflows.reorganisation.entitled import Entitled, entitled
from workflows.reorganisation.facts import Facts, Right
from workflows.reorganisation.hindrances import held_back
from workflows.reorganisation.pausing import is_paused
from workflows.reorganisation.reading import rights_in
from workflows.reorganisation.succession import Ending, Succession
from workflows.rights import ending
from workflows.rights.askers import askers_of
from workflows.rights.ending import RightEnding

__all__ = ["Approved", "approved_for", "given_since", "recorded_since", "step"]

_CHUNK = 100
_DAY = timedelta(days=1)
_DUE = frozenset({OrderState.APPROVED, OrderState.APPLYING})


@dataclass(frozen=True, slots=True)
class Approved:
    """What two people approved for some orders: rights to end, by which order and why; entitlements to sign."""

    ends: Mapping[GrantId, tuple[OrderId, EndCause]]
    signatories: Mapping[int, OrderId]


def approved_for(session: Session, subject: str) -> Approved:
    """Read everything that was approved for these orders: a later approval adds what was given since the first."""
    ends: dict[GrantId, tuple[OrderId, EndCause]] = {}
    signatories: dict[int, OrderId] = {}
    of = set(orders_in(subject))
    for proposal in decided_about(session, *of):
        if proposal.kind != APPLY:
            continue
        payload = proposal.payload
        ends |= {GrantId(grant): (order, EndCause(cause)) for grant, order, cause in payload["ends"] if order in of}
        signatories |= {int(id_): order for id_, order in payload["signatories"] if order in of}
    return Approved(ends, signatories)


def step(session: Session, proposal_id: int, *, base_url: str, origin: Origin, at: datetime) -> bool:
    """Do what comes next; False when nothing is to be done now: done, paused, held back, not yet the day, or left."""
    one_at_a_time(session, "orders")
    subject = session.get_one(Proposal, proposal_id).subject
    due = _due(session, subject, riga_day(at))
    if not due or is_paused(session, orders_in(subject)):
        return False
    for row in due:
        point_parties(session, row)
    held = held_back(session, due)
    due = [row for row in due if row.id not in held]
    if not due:
        return False
    if waiting := [row for row in due if row.state is OrderState.APPROVED]:  # (1)
        for row in waiting:
            orders.move(session, row, OrderState.APPLYING, origin=origin, at=at)
        return True
    approved = approved_for(session, subject)
    by_id = {OrderId(row.id): row for row in due}
    return (
        _end_rights(session, approved, by_id, base_url=base_url, origin=origin, at=at)  # (2)
        or _end_signing(session, approved, by_id, origin=origin, at=at)  # (3)
        or applications.settle(session, due, base_url=base_url, origin=origin, at=at)  # (4)
        or _change_places(session, due, origin=origin, at=at)  # (5)
        or _finish(session, due, approved, origin=origin, at=at)  # (6)
    )


def given_since(session: Session, rows: Sequence[Order], approved: Approved) -> list[tuple[Right, Ending]]:
    """List rights that the orders end and nobody approved, with what ends them: they were given since."""
    told = Succession.of([orders.said(row) for row in rows], Facts())
    if not told.endings:
        return []
    there = rights_in(session, told.endings, since=min(one.day for one in told.endings.values()))
    ended = [(right, told.ended(right)) for right in there if right.grant not in approved.ends]
    return [(right, by) for right, by in ended if by is not None]


def recorded_since(session: Session, rows: Sequence[Order], approved: Approved) -> list[Entitled]:
    """List entitlements to sign that the orders end and nobody approved: they were recorded, or widened, since."""
    return [one for one in entitled(session, rows, approved.signatories) if not one.approved]


def _due(session: Session, subject: str, today: date) -> list[Order]:
    wanted = (Order.id.in_(orders_in(subject)), Order.effective <= today, Order.state.in_(sorted(_DUE)))
    held = select(Order).where(*wanted).order_by(Order.effective, Order.id).with_for_update(of=Order)
    return list(session.scalars(held.execution_options(populate_existing=True)))


def _end_rights(
    session: Session,
    approved: Approved,
    due: Mapping[OrderId, Order],
    *,
    base_url: str,
    origin: Origin,
    at: datetime,
) -> bool:
    left = _left(session, approved, due)
    if not left:
        return False
    mailboxes = {grant: boxes for grant, (_, boxes) in left.items()}
    chunk = chunks(mailboxes, most=_CHUNK)[0]
    endings = []
    for grant in chunk:
        row = due[approved.ends[grant][0]]
        because = ByOrder(OrderId(row.id), row.digest)
        reason = f"{row.reference}, {row.legal_basis}"
        endings.append(RightEnding(grant, row.effective - _DAY, approved.ends[grant][1], because, reason))
    told = on_the_day.told_beforehand(session, chunk, due)
    ending.end(
        session,
        endings,
        cause=EndCause.REORGANISATION,
        reason="",  # each right has that of its order
        origin=origin,
        base_url=base_url,
        at=at,
        known=on_the_day.already_known(told),
        closing=closing_places(session),
        going_on=on_the_day.ways_on(session, told, base_url=base_url, at=at),
    )
    return True


def _left(
    session: Session, approved: Approved, due: Mapping[OrderId, Order]
) -> dict[GrantId, tuple[OrderId, list[str]]]:
    """Find approved rights that would be held on the day of their order or later, with the mailboxes they concern."""
    grants = [grant for grant, (order, _) in approved.ends.items() if order in due]
    rows = (
        select(GrantPeriod.grant_id, Account.email, Grant.evidence_id, func.upper(GrantPeriod.valid))
        .join(Grant, Grant.id == GrantPeriod.grant_id)
        .join(Account, Account.id == GrantPeriod.account_id)
        .where(
            GrantPeriod.grant_id == any_of(grants),
            func.upper_inf(GrantPeriod.recorded),
            ~func.isempty(GrantPeriod.valid),
            or_(
                func.upper_inf(GrantPeriod.valid),
                func.upper(GrantPeriod.valid) > min(row.effective for row in due.values()),
            ),
        )
        .order_by(GrantPeriod.grant_id)
    )
    found = [(GrantId(grant), email, evidence, after) for grant, email, evidence, after in session.execute(rows)]
    askers = askers_of(session, {EvidenceId(evidence) for _, _, evidence, _ in found})
    left: dict[GrantId, tuple[OrderId, list[str]]] = {}
    for grant, email, evidence, after in found:
        order = approved.ends[grant][0]
        if after is None or after > due[order].effective:
            asker = askers.get(EvidenceId(evidence))
            left[grant] = (order, [mailbox_of(one) for one in (email, asker and asker.email) if one])
    return left


def _end_signing(
    session: Session, approved: Approved, due: Mapping[OrderId, Order], *, origin: Origin, at: datetime
) -> bool:
    known = [one for one in entitled(session, list(due.values()), approved.signatories) if one.approved]
    for one in known:
        last_day = one.order.effective - _DAY
        if one.signatory.since is not None and one.signatory.since > last_day:
            withdraw_signatory(session, one.signatory, origin=origin, at=at)
        else:
            source = ended_by(one.order)
            shorten_signatory(session, one.signatory, last_day=last_day, source=source, origin=origin, at=at)
    return bool(known)


def _change_places(session: Session, due: Sequence[Order], *, origin: Origin, at: datetime) -> bool:
    for row in due:
        if any(change.before is None for change in row.changes):
            change_places(session, row, origin=origin, at=at)
            return True
    return False


def _finish(session: Session, due: Sequence[Order], approved: Approved, *, origin: Origin, at: datetime) -> bool:
    held_up = {by.order for _, by in given_since(session, due, approved)}
    held_up |= {one.order.reference for one in recorded_since(session, due, approved)}
    done = [row for row in due if row.reference not in held_up]
    for row in done:
        orders.move(session, row, OrderState.APPLIED, origin=origin, at=at)
    return bool(done)
