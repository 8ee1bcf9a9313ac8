"""Record orders and bring them from state to state. Each act writes its own audit entry, with the order's digest.

What an order does to institutions, municipalities and rights is planned and applied by a process; here it is data.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from iam import audit
from iam.audit import Origin
from iam.errors import BadOrders, Unknown
from iam.ids import OrderId
from iam.institutions.models import Institution
from iam.locks import one_at_a_time
from iam.orders.models import Order, OrderChange, OrderParty, OrderStep, Side
from iam.orders.naming import named
from iam.orders.recorded import codes_recorded, recorded
from iam.orders.rules import OrderProblem, Register, problems
from iam.orders.said import Change, OrderSaid, PartySaid, digest_of
from iam.orders.states import OrderState, after
from iam.orders.tags import OrderTag

__all__ = [
    "draft",
    "in_force",
    "move",
    "named_beside_waiting",
    "order_with",
    "problems_beside_waiting",
    "register_for",
    "said",
]

_IN_FORCE = tuple(state for state in OrderState if state not in {OrderState.REPEALED, OrderState.UNDONE})
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

    They are checked together with what orders in force will do yet, so that a later file cannot contradict an earlier
    one.
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
    """Return everything that is wrong with new orders, taken together with what orders in force will do yet.

    While an order is being undone they are looked at twice: beside the register as it is, and as it will be then.
    """
    new = tuple(orders)
    waiting = _waiting(session, {order.reference for order in new})
    undone = in_force(session, states=(OrderState.UNDOING,))
    found: dict[OrderProblem, None] = {}
    for these in ((), undone) if undone else ((),):
        register = register_for(session, (*waiting, *new), undone=these)
        together = named((*waiting, *new), register.codes)
        before = set(problems(together[: len(waiting)], register))
        found |= {one: None for one in problems(together, register) if one not in before}
    return tuple(found)


def named_beside_waiting(session: Session, orders: Iterable[OrderSaid]) -> tuple[OrderSaid, ...]:
    """Name municipalities by our id where there is one (`iam.orders.naming`), by what orders in force will do yet too.

    One said to be founded whose code another has keeps the code beside the id of that one.
    """
    new = tuple(orders)
    waiting = _waiting(session, {order.reference for order in new})
    return named((*waiting, *new), codes_recorded(session), whose_founded=True)[len(waiting) :]


def _waiting(session: Session, besides: Collection[str]) -> tuple[OrderSaid, ...]:
    """Say what orders will do yet: those that wait, and those being carried out that have not changed the register."""
    rows = in_force(session, states=(OrderState.DRAFTED, OrderState.APPROVED, OrderState.APPLYING))
    return tuple(
        said(row)
        for row in rows
        if row.reference not in besides
        and (row.state is not OrderState.APPLYING or any(change.before is None for change in row.changes))
    )


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


def register_for(session: Session, orders: Iterable[OrderSaid], *, undone: Collection[Order] = ()) -> Register:
    """Return what is recorded of the places these orders name, as it will be once the orders `undone` are."""
    parties = [party for order in orders for change in order.changes for party in change.parties]
    codes = codes_recorded(session, undone=undone)
    by_code = [party for order in named(tuple(orders), codes) for change in order.changes for party in change.parties]
    known = recorded(session, (*parties, *by_code), undone=undone)
    states = dict(session.execute(select(Order.reference, Order.state).where(Order.state.in_(_IN_FORCE))).all())
    return Register(known.lives, states, known.names, known.codes, known.leaving, known.inside)


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
    if party.reg_no is not None and party.founded_as is None:  # what is founded is not there, or never came
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
