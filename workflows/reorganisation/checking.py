"""From a file of orders to a plan: read it, find its places, check it beside the register, plan it. Writes nothing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from iam import letters
from iam.ids import MunicipalityId
from iam.locks import one_at_a_time
from iam.orders import service as orders
from iam.orders.rules import OrderProblem
from iam.orders.said import OrderSaid, PartySaid
from workflows.reorganisation.faults import BadOrderFile, Fault, fault, faults_of
from workflows.reorganisation.order_files import OrderFile, UnreadableOrders, read_orders
from workflows.reorganisation.plan import Plan, plan
from workflows.reorganisation.reading import facts_for
from workflows.reorganisation.reform_mapping import ATR, MappingOrder
from workflows.reorganisation.resolving import known_names, names_on, resolved

__all__ = ["Checked", "checked", "planned", "read_and_checked"]


@dataclass(frozen=True, slots=True)
class Checked:
    """Orders that nothing is wrong with, and what everything they name is called, by key."""

    orders: tuple[OrderSaid, ...]
    names: dict[str, str]


def checked(session: Session, file: OrderFile, *, to_record: bool = False) -> Checked:
    """Check orders of a file beside the register and the orders that wait. Raises BadOrderFile, naming every line.

    Whoever is `to_record` them keeps others from recording until the transaction ends: what is right now stays so.
    """
    if to_record:
        one_at_a_time(session, "orders")
    said, names = resolved(session, file.orders)
    known = {**file.names, **names}
    wrong = orders.problems_beside_waiting(session, said)
    # What a line at fault founds is not unknown to the others.
    wrong = tuple(one for one in wrong if one.code != "party.unknown" or dict(one.params)["party"] not in file.lost)
    faults = faults_of(wrong, file.lines, known_names(session, _named(wrong)) | known) if wrong else []
    faults += _called_otherwise(session, file, said)
    if faults:
        raise BadOrderFile(faults)
    return Checked(said, known)


def read_and_checked(
    session: Session, content: bytes, *, mapping: MappingOrder = ATR, to_record: bool = False
) -> Checked:
    """Read and check a file of orders. Raises BadOrderFile: what cannot be read, and what is wrong with the rest."""
    try:
        file = read_orders(content, mapping=mapping)
    except UnreadableOrders as bad:
        try:
            checked(session, bad.readable)
        except BadOrderFile as beside:
            raise BadOrderFile((*bad.faults, *beside.faults)) from None
        raise
    return checked(session, file, to_record=to_record)


def planned(session: Session, orders_: Checked, *, today: date | None = None) -> Plan:
    """Plan checked orders from what is recorded now, as of `today` (`Facts`)."""
    return plan(orders_.orders, facts_for(session, orders_.orders, orders_.names, today=today))


def _named(problems: Iterable[OrderProblem]) -> list[PartySaid]:
    """List the places of problems that a register may have names for: some stand in recorded orders alone."""
    named = {said for one in problems for name, said in one.params if name in {"party", "around"}}
    keys = {key for said in named for key in said.split(" → ")}
    institutions = [PartySaid(reg_no=key[2:]) for key in keys if key.startswith("i-")]
    return [*institutions, *(PartySaid(municipality=MunicipalityId(int(key[2:]))) for key in keys if key[:2] == "m-")]


def _called_otherwise(session: Session, file: OrderFile, said: Sequence[OrderSaid]) -> Iterator[Fault]:
    """Find codes that lines give to a municipality of another name than has them on the eve."""
    whose = {
        (order.reference, named.atvk): place.municipality
        for order, found in zip(file.orders, said, strict=True)
        for change, resolved_change in zip(order.changes, found.changes, strict=True)
        for named, place in zip(change.sources, resolved_change.sources, strict=True)
    }
    eves = {order.reference: order.effective - timedelta(days=1) for order in file.orders}
    for reference, eve in eves.items():
        lines = [one for one in file.called if one.reference == reference]
        places = {one: id_ for one in lines if (id_ := whose.get((reference, one.atvk))) is not None}
        names = names_on(session, places.values(), eve) if places else {}
        for one, id_ in places.items():
            name = names.get(id_)
            if name is not None and letters.fold(name) != letters.fold(one.name):
                yield fault(one.line, "mapping.called_otherwise", code=one.atvk, party=name, name=one.name)
