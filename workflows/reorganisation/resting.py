"""Which orders rest on others, so that those cannot be taken back before them? One rule for repealing and undoing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, aliased

from iam.bulk import any_of
from iam.ids import OrderId
from iam.orders.models import ChangeKind, Order, OrderChange, OrderParty, Side
from iam.orders.rules import ENDING
from iam.orders.states import OrderState
from workflows.reorganisation.errors import RestsOnIt

__all__ = ["Resting", "refuse_if_rested_on", "resting_orders", "resting_within"]

_OVER = (OrderState.REPEALED, OrderState.UNDONE)
_BEGUN = (OrderState.APPLYING, OrderState.APPLIED, OrderState.UNDOING)
_ALTERS = sorted({*ENDING, ChangeKind.RENAMED, ChangeKind.RECODED})


@dataclass(frozen=True, slots=True)
class Resting:
    """An order in force that rests on another."""

    id: OrderId
    reference: str
    effective: date
    state: OrderState


def refuse_if_rested_on(session: Session, rows: Sequence[Order]) -> None:
    """Raise RestsOnIt with every order in force, beside these, that rests on one of them or on one of those."""
    found: dict[OrderId, Resting] = {}
    ids = [OrderId(row.id) for row in rows]
    while more := [one for one in resting_orders(session, ids) if one.id not in found]:
        found |= {one.id: one for one in more}
        ids = [*ids, *found]
    if found:
        begun = {state in _BEGUN for state in (*(row.state for row in rows), *(one.state for one in found.values()))}
        together = sorted({*(OrderId(row.id) for row in rows), *found}) if len(begun) == 1 else []
        told = sorted(found.values(), key=lambda one: (one.effective, one.id), reverse=True)
        raise RestsOnIt([(one.reference, one.effective) for one in told], together)


def resting_orders(session: Session, ids: Sequence[OrderId]) -> list[Resting]:
    """List the orders in force, beside these, that rest on one of them, the latest first."""
    pairs = _pairs(session, ids)
    found = {one.id: one for own, one in pairs if one.id not in ids}
    return sorted(found.values(), key=lambda one: (one.effective, one.id), reverse=True)


def resting_within(session: Session, ids: Sequence[OrderId]) -> Mapping[OrderId, frozenset[OrderId]]:
    """Say of each of these orders which others among them rest on it."""
    pairs = _pairs(session, ids)
    return {own: frozenset(one.id for of, one in pairs if of == own and one.id in ids) for own in ids}


def _pairs(session: Session, ids: Sequence[OrderId]) -> list[tuple[OrderId, Resting]]:
    """Pair each of these orders with those in force that rest on it.

    An order rests on an earlier one that founds, ends, renames or recodes a place it names; of one day the one recorded
    first is the earlier, but for what it founds. Once both are begun, it rests on every one before it, by day or by
    number, that is about a place of its own: the register was changed by one after the other.
    """
    own, other = aliased(OrderParty), aliased(OrderParty)
    own_change, other_change = aliased(OrderChange), aliased(OrderChange)
    of, later = aliased(Order), aliased(Order)
    same = or_(own.reg_no == other.reg_no, own.municipality_id == other.municipality_id, own.atvk == other.atvk)
    founded = and_(own.founded_as.is_not(None), later.effective >= of.effective)
    next_one = or_(later.effective > of.effective, and_(later.effective == of.effective, later.id > of.id))
    altered = and_(own.side == Side.SOURCE, own_change.kind.in_(_ALTERS), next_one)
    both_begun = and_(of.state.in_(_BEGUN), later.state.in_(_BEGUN))
    after = or_(later.effective > of.effective, later.id > of.id)
    query = (
        select(of.id, later.id, later.reference, later.effective, later.state)
        .distinct()
        .join(own_change, own_change.order_id == of.id)
        .join(own, own.change_id == own_change.id)
        .join(other, same)
        .join(other_change, other_change.id == other.change_id)
        .join(later, later.id == other_change.order_id)
        .where(
            of.id == any_of(ids),
            later.id != of.id,
            later.state.not_in(_OVER),
            or_(founded, altered, and_(both_begun, after)),
        )
    )
    return [
        (OrderId(one), Resting(OrderId(id_), reference, day, state))
        for one, id_, reference, day, state in session.execute(query)
    ]
