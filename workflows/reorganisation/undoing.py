"""Undoing orders that were carried out, in steps of one transaction each; the gap stays in history.

    (1) rights that an order ended hold again from today on, a chunk a step: who was told is told again, in one mail
    (2) what was given ahead on its applications ends where the founded place goes
    (3) entitlements to sign are recorded again
    (4) a job tells whoever else was told of the order, and has drafts be for their former place again
    (5) the register says what it said before, the latest order first; what was founded and is in use stays
    (6) the orders are undone

Which step comes next is read from the database each time, as in `applying`.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from iam.audit import Origin
from iam.bulk import any_of
from iam.grants.evidence import OrderUndone
from iam.grants.models import Account, EndCause, GrantPeriod
from iam.ids import AccountId, EvidenceId, OrderId
from iam.institutions.entitlements import record_signatory, withdraw_signatory
from iam.locks import one_at_a_time
from iam.orders import service as orders
from iam.orders.models import Order
from iam.orders.places import put_places_back
from iam.orders.states import OrderState
from iam.periods import riga_day
from workflows.i18n import later
from workflows.mail import mailbox_of
from workflows.proposals.content import FactText, say
from workflows.proposals.models import Proposal
from workflows.reorganisation.approving import orders_in
from workflows.reorganisation.chunks import chunks
from workflows.reorganisation.given_ahead import GivenAhead
from workflows.reorganisation.pausing import is_paused
from workflows.reorganisation.queueing import take_back_later
from workflows.reorganisation.resting import resting_within
from workflows.reorganisation.taking_back import forget
from workflows.reorganisation.undo_plan import UndoPlan, undo_plan
from workflows.reorganisation.undo_signing import signing_again
from workflows.rights import ending, reinstating
from workflows.rights.askers import askers_of
from workflows.rights.ending import RightEnding
from workflows.rights.notices import GoingOn

__all__ = ["PLACE_GOES", "step"]

_CHUNK = 100
PLACE_GOES = later("The order %(order)s was undone, so what it had founded does not exist any more.")


def step(session: Session, proposal_id: int, *, base_url: str, origin: Origin, at: datetime) -> bool:
    """Do what comes next; False when nothing is to be done now: all undone, or paused."""
    one_at_a_time(session, "orders")
    subject = session.get_one(Proposal, proposal_id).subject
    rows = _undoing(session, subject)
    if not rows or is_paused(session, orders_in(subject)):
        return False
    made = undo_plan(session, [OrderId(row.id) for row in rows], today=riga_day(at))
    if made.back:  # (1)
        _reinstate(session, rows, made, base_url=base_url, origin=origin, at=at)
        return True
    if made.ends:  # (2)
        _end_ahead(session, rows, made.ends, base_url=base_url, origin=origin, at=at)
        return True
    for row in rows:
        _record_signing_again(session, row, origin=origin, at=at)  # (3)
    within = resting_within(session, [OrderId(row.id) for row in rows])
    last = next((row for row in reversed(rows) if not within[OrderId(row.id)]), rows[-1])
    take_back_later(session, OrderId(last.id))  # (4)
    put_places_back(session, last, origin=origin, at=at)  # (5)
    orders.move(session, last, OrderState.UNDONE, origin=origin, at=at)  # (6)
    return True


def _undoing(session: Session, subject: str) -> list[Order]:
    wanted = (Order.id.in_(orders_in(subject)), Order.state == OrderState.UNDOING)
    held = select(Order).where(*wanted).order_by(Order.effective, Order.id).with_for_update(of=Order)
    return list(session.scalars(held.execution_options(populate_existing=True)))


def _reinstate(
    session: Session, rows: Sequence[Order], made: UndoPlan, *, base_url: str, origin: Origin, at: datetime
) -> None:
    back = made.back
    evidence: defaultdict[AccountId, set[EvidenceId]] = defaultdict(set)
    for account, id_ in [(one.account, one.evidence) for some in (back, made.ends) for one in some]:
        evidence[account].add(id_)
    askers = askers_of(session, set().union(*evidence.values()))
    mailboxes = {
        one: [mailbox_of(one.email), *(mailbox_of(askers[id_].email) for id_ in evidence[one.account] if id_ in askers)]
        for one in back
    }
    chunk = chunks(mailboxes, most=_CHUNK)[0]
    periods = {
        period.id: period
        for period in session.scalars(
            select(GrantPeriod)
            .where(GrantPeriod.id == any_of([one.period for one in chunk]))
            .options(joinedload(GrantPeriod.grant))
        )
    }
    reached = {mailbox for one in chunk for mailbox in mailboxes[one]}
    signing = forget(session, rows, reached, at=at)
    undone = {OrderId(row.id): OrderUndone(OrderId(row.id), row.digest) for row in rows}
    reinstating.reinstate(
        session,
        [(periods[one.period], undone[one.order]) for one in chunk],
        origin=origin,
        base_url=base_url,
        at=at,
        ends={one.grant: _why(rows, one) for one in made.ends if one.account in {right.account for right in chunk}},
        signing=signing,
    )


def _end_ahead(
    session: Session,
    rows: Sequence[Order],
    ends: Sequence[GivenAhead],
    *,
    base_url: str,
    origin: Origin,
    at: datetime,
) -> None:
    """End what was given ahead in places that go, of people for whom nothing else changes: they are told by itself.

    Whatever concerns one mailbox ends in one step, so that it is told in one mail.
    """
    accounts = select(Account.id, Account.email).where(Account.id == any_of({one.account for one in ends}))
    emails = dict(session.execute(accounts).all())
    askers = askers_of(session, {one.evidence for one in ends})
    mailboxes = {
        one: [
            mailbox_of(emails[one.account]),
            *(mailbox_of(askers[id_].email) for id_ in [one.evidence] if id_ in askers),
        ]
        for one in ends
    }
    chunk = chunks(mailboxes, most=_CHUNK)[0]
    said = {one.account: say(PLACE_GOES, order=_why(rows, one)) for one in chunk}
    ending.end(
        session,
        [RightEnding(one.grant, reason=_why(rows, one)) for one in chunk],
        cause=EndCause.REORGANISATION,
        reason="",  # each right has that of its order
        origin=origin,
        base_url=base_url,
        at=at,
        going_on={account: [GoingOn(why, FactText(), "")] for account, why in said.items()},
    )


def _why(rows: Sequence[Order], one: GivenAhead) -> str:
    row = next(row for row in rows if row.id == one.order)
    return f"{row.reference}, {row.legal_basis}"


def _record_signing_again(session: Session, row: Order, *, origin: Origin, at: datetime) -> None:
    """Record again, with the days of before, what carrying the order out had ended; a newer word stays."""
    for again in signing_again(session, row):
        if not again.free:
            continue
        one, shorter = again.ended, again.shorter
        begins = at if shorter is None else withdraw_signatory(session, shorter, origin=origin, at=at)
        record_signatory(
            session,
            scope_id=one.scope_id,
            person_id=one.person_id,
            capacity=one.capacity,
            since=one.since,
            until=one.until,
            source=one.source,
            source_kind=one.source_kind,
            email=one.email,
            origin=origin,
            at=begins,
        )
