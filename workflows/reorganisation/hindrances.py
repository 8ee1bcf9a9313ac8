"""What keeps recorded orders from being carried out, as the register and the other orders stand now? Reads.

Asked when a plan is proposed, when it is confirmed, and on the day before its first right ends.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from iam.ids import OrderId
from iam.institutions import repository
from iam.institutions.models import Institution
from iam.orders import service as orders
from iam.orders.models import Order, OrderParty, Side
from iam.orders.said import OrderSaid, PartySaid
from iam.orders.states import OrderState
from iam.periods import riga_day
from workflows.i18n import later
from workflows.proposals.content import FactText, say
from workflows.reorganisation.errors import Hindered
from workflows.reorganisation.faults import sentence_of, unknown_place
from workflows.reorganisation.resolving import known_names

__all__ = ["Hindrance", "held_back", "held_back_on", "hindrances", "refuse_if_hindered"]

_DAY = timedelta(days=1)
_TO_COME = frozenset({OrderState.DRAFTED, OrderState.APPROVED, OrderState.APPLYING})
_BEGINS = (OrderState.APPROVED, OrderState.APPLYING)
_OF_CHANGE = later("Order %(order)s, change %(number)s: %(fault)s")
_OF_ORDER = later("Order %(order)s: %(fault)s")


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Something that keeps an order, named by its reference, from being carried out."""

    reference: str
    said: FactText


def refuse_if_hindered(session: Session, rows: Sequence[Order]) -> None:
    """Raise Hindered with everything that keeps the orders from being carried out, or another one that waits."""
    if found := hindrances(session, rows):
        raise Hindered([one.said for one in found])


def hindrances(session: Session, rows: Sequence[Order]) -> list[Hindrance]:
    """List what contradicts the register, or the other orders that wait: of these orders, and of those by these."""
    to_come = _to_come(rows)
    if not to_come:
        return []
    said = [_as_it_stands(session, row) for row in to_come]
    wrong = [one for one in orders.problems_beside_waiting(session, said) if not one.code.startswith("reference.")]
    names = known_names(session, [party for one in said for change in one.changes for party in change.parties])
    found = []
    for one in wrong:
        fault, order = sentence_of(one, names), one.reference
        whole = say(_OF_ORDER, order=order, fault=fault)
        placed = say(_OF_CHANGE, order=order, number=str(one.position), fault=fault) if one.position else whole
        found.append(Hindrance(order, placed))
    return list({repr(one): one for one in found}.values())


def held_back(session: Session, due: Sequence[Order]) -> dict[OrderId, list[FactText]]:
    """Say which orders whose day has come cannot change the register, and why: a place is missing, or has ended."""
    found = hindrances(session, due)
    missing = {
        row.reference: [say(_OF_ORDER, order=row.reference, fault=one) for one in _missing(session, row)] for row in due
    }
    told = {
        OrderId(row.id): [*missing[row.reference], *(one.said for one in found if one.reference == row.reference)]
        for row in due
    }
    return {id_: said for id_, said in told.items() if said}


def held_back_on(session: Session, *, at: datetime) -> list[str]:
    """Name the approved orders that are held back at a moment, by their references."""
    wanted = (Order.state.in_(_BEGINS), Order.effective <= riga_day(at))
    due = list(session.scalars(select(Order).where(*wanted).order_by(Order.effective, Order.id)))
    held = held_back(session, due)
    return [row.reference for row in due if row.id in held]


def _to_come(rows: Sequence[Order]) -> list[Order]:
    """Leave out what was carried out in the register already."""
    return [row for row in rows if row.state in _TO_COME and any(change.before is None for change in row.changes)]


def _as_it_stands(session: Session, row: Order) -> OrderSaid:
    """Say what an order says, with the places that are recorded by now; what it has founded is founded."""
    said = orders.said(row)
    changes = tuple(
        replace(
            change,
            sources=tuple(_party(session, one, row.effective) for one in recorded.parties if one.side is Side.SOURCE),
            targets=tuple(_party(session, one, row.effective) for one in recorded.parties if one.side is Side.TARGET),
        )
        for change, recorded in zip(said.changes, row.changes, strict=True)
    )
    return replace(said, changes=changes)


def _party(session: Session, party: OrderParty, day: date) -> PartySaid:
    if party.reg_no is not None:
        return PartySaid(reg_no=party.reg_no, founded_as=None if party.institution_id else party.founded_as)
    if party.municipality_id is not None:
        return PartySaid(municipality=party.municipality_id)
    if party.founded_as is not None:  # its code may be that of one which ends
        return PartySaid(atvk=party.atvk, founded_as=party.founded_as)
    on = day if party.side is Side.TARGET else day - _DAY
    known = repository.municipality_with_code(session, party.atvk or "", day=on)
    return PartySaid(municipality=known, atvk=None if known else party.atvk)


def _missing(session: Session, row: Order) -> Iterator[FactText]:
    """Name places that no order has founded by now."""
    for party in (party for change in row.changes for party in change.parties if party.founded_as is None):
        if party.reg_no is None:
            known = _party(session, party, row.effective).municipality is not None
        else:
            known = session.scalar(select(Institution.id).where(Institution.reg_no == party.reg_no)) is not None
        if not known:
            yield unknown_place(f"i-{party.reg_no}" if party.reg_no else f"atvk-{party.atvk}")
