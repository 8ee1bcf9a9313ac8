"""Record orders and bring them from state to state. Each act writes its own audit entry, with the order's digest.

What an order does to institutions, municipalities and rights is planned and applied by a process; here it is data.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from iam import audit
from iam.audit import Origin
from iam.errors import BadOrders, Unknown
from iam.ids import OrderId
from iam.institutions.models import Institution, Municipality
from iam.locks import one_at_a_time
from iam.orders.models import Order, OrderChange, OrderParty, OrderStep, Side
from iam.orders.rules import Life, OrderProblem, Register, problems
from iam.orders.said import Change, OrderSaid, PartySaid, digest_of
from iam.orders.states import OrderState, after
from iam.orders.tags import OrderTag
from iam.orders.unfounded import unfounded
from iam.periods import first_day, last_day

__all__ = ["draft", "in_force", "move", "order_with", "problems_beside_waiting", "register_for", "said"]

_IN_FORCE = tuple(state for state in OrderState if state not in {OrderState.REPEALED, OrderState.UNDONE})
_BEGUN = frozenset({OrderState.APPLYING, OrderState.APPLIED, OrderState.UNDOING})
_TAGS = {
    OrderState.DRAFTED: OrderTag.REOPENED,
    OrderState.APPROVED: OrderTag.APPROVED,
    OrderState.APPLYING: OrderTag.APPLICATION_BEGUN,
    OrderState.APPLIED: OrderTag.APPLIED,
    OrderState.UNDOING: OrderTag.UNDOING_BEGUN,
    OrderState.UNDONE: OrderTag.UNDONE,
    OrderState.REPEALED: OrderTag.REPEALED,
}


def draft(session: Session, orders: Iterable[OrderSaid], *, origin: Origin, at: datetime) -> list[Order]:
    """Record orders, all of them or none. Raises BadOrders naming everything that is wrong with them.

    They are checked together with the orders already in force and not yet applied, so that a later file cannot
    contradict an earlier one.
    """
    one_at_a_time(session, "orders")
    new = tuple(
        replace(order, reference=order.reference.strip(), legal_basis=order.legal_basis.strip()) for order in orders
    )
    wrong = problems_beside_waiting(session, new)
    if wrong:
        raise BadOrders(tuple(map(str, wrong)))
    made = [_made(session, order, origin=origin, at=at) for order in new]
    for row in made:
        _record(session, OrderTag.DRAFTED, row, origin, at, changes=len(row.changes))
    return made


def problems_beside_waiting(session: Session, orders: Iterable[OrderSaid]) -> tuple[OrderProblem, ...]:
    """Return everything that is wrong with new orders, taken together with those in force and not yet applied."""
    new = tuple(orders)
    own = {order.reference for order in new}
    waiting = tuple(
        said(order)
        for order in in_force(session, states=(OrderState.DRAFTED, OrderState.APPROVED))
        if order.reference not in own
    )
    register = register_for(session, (*waiting, *new))
    before = set(problems(waiting, register))
    return tuple(problem for problem in problems((*waiting, *new), register) if problem not in before)


def move(session: Session, order: Order, to: OrderState, *, origin: Origin, at: datetime, reason: str = "") -> None:
    """Bring an order to another state. Raises Refused where no arrow of the drawing leads there."""
    found = session.get(Order, order.id, with_for_update=True, populate_existing=True)
    if found is None:
        raise Unknown(f"no order has the id {order.id}")
    found.state = after(found.state, to)
    found.steps.append(OrderStep(state=to, by=str(origin.actor), at=at, reason=reason.strip()))
    session.flush()
    _record(session, _TAGS[to], found, origin, at, reason=reason.strip())


def order_with(session: Session, order_id: OrderId) -> Order:
    """Return the order with this id. Raises Unknown."""
    order = session.get(Order, order_id)
    if order is None:
        raise Unknown(f"no order has the id {order_id}")
    return order


def in_force(session: Session, *, states: Iterable[OrderState] = _IN_FORCE) -> list[Order]:
    """List orders in these states, by their days."""
    wanted = select(Order).where(Order.state.in_(tuple(states))).order_by(Order.effective, Order.id)
    return list(session.scalars(wanted))


def said(order: Order) -> OrderSaid:
    """Return what a recorded order says."""
    return OrderSaid(
        reference=order.reference,
        legal_basis=order.legal_basis,
        effective=order.effective,
        changes=tuple(
            Change(
                kind=change.kind,
                sources=_parties(change, Side.SOURCE),
                targets=_parties(change, Side.TARGET),
                new_name=change.new_name,
                new_atvk=change.new_atvk,
            )
            for change in order.changes
        ),
    )


def register_for(session: Session, orders: Iterable[OrderSaid]) -> Register:
    """Return what is recorded of the institutions and municipalities these orders name; what never came is not."""
    named = [party for order in orders for change in order.changes for party in change.parties]
    numbers = {party.reg_no for party in named if party.reg_no is not None}
    ids = {party.municipality for party in named if party.municipality is not None}
    lives: dict[str, Life] = {}
    for reg_no, period in session.execute(
        select(Institution.reg_no, Institution.period).where(Institution.reg_no.in_(numbers))
    ):
        lives[f"i-{reg_no}"] = Life(first_day(period), last_day(period))
    of_municipalities = select(Municipality.id, Municipality.period).where(Municipality.id.in_(ids))
    for id_, period in session.execute(of_municipalities) if ids else ():
        lives[f"m-{id_}"] = Life(first_day(period), last_day(period))
    for key in unfounded(session):
        lives.pop(key, None)
    states = dict(session.execute(select(Order.reference, Order.state).where(Order.state.in_(_IN_FORCE))).all())
    applied = frozenset(reference for reference, state in states.items() if state in _BEGUN)
    return Register(lives, frozenset(states), applied)


def _made(session: Session, order: OrderSaid, *, origin: Origin, at: datetime) -> Order:
    row = Order(
        reference=order.reference,
        legal_basis=order.legal_basis,
        effective=order.effective,
        state=OrderState.DRAFTED,
        digest=digest_of(order),
        recorded_by=str(origin.actor),
        recorded_at=at,
        changes=[
            OrderChange(
                position=position,
                kind=change.kind,
                new_name=change.new_name,
                new_atvk=change.new_atvk,
                parties=[
                    *(_party(session, party, Side.SOURCE) for party in change.sources),
                    *(_party(session, party, Side.TARGET) for party in change.targets),
                ],
            )
            for position, change in enumerate(order.changes, start=1)
        ],
        steps=[OrderStep(state=OrderState.DRAFTED, by=str(origin.actor), at=at, reason="")],
    )
    session.add(row)
    session.flush()
    return row


def _party(session: Session, party: PartySaid, side: Side) -> OrderParty:
    institution = None
    if party.reg_no is not None:
        institution = session.scalar(select(Institution.id).where(Institution.reg_no == party.reg_no))
    return OrderParty(
        side=side,
        reg_no=party.reg_no,
        institution_id=institution,
        municipality_id=party.municipality,
        atvk=party.atvk,
        founded_as=party.founded_as,
    )


def _parties(change: OrderChange, side: Side) -> tuple[PartySaid, ...]:
    return tuple(
        PartySaid(reg_no=row.reg_no, municipality=row.municipality_id, atvk=row.atvk, founded_as=row.founded_as)
        for row in change.parties
        if row.side is side
    )


def _record(session: Session, tag: OrderTag, order: Order, origin: Origin, at: datetime, **details: object) -> None:
    what = {"reference": order.reference, "effective": order.effective.isoformat()}
    audit.record(
        session,
        tag,
        origin=origin,
        subject=f"order:{order.id}",
        at=at,
        evidence=order.digest,
        details=what | details,
    )
