"""Where does a place come from, and what came of it? Read from the orders, backwards and forwards in time.

Only changes that lead from or to the place are followed: a sibling that shares a successor is named, its own line is
another question. Orders that were repealed never held and are left out; those that were undone did, until that day.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, selectinload

from iam.ids import MunicipalityId, OrderId
from iam.institutions.models import Institution, InstitutionName, Municipality, MunicipalityCode, MunicipalityName
from iam.orders.models import ChangeKind, Order, OrderChange, OrderParty, Side
from iam.orders.states import OrderState
from iam.periods import first_day, last_day, riga_day

__all__ = ["Descent", "DescentStep", "Kin", "descent_of"]

# What is being undone holds until it is undone; what was undone held until that day.
_HAPPENS = (OrderState.APPROVED, OrderState.APPLYING, OrderState.APPLIED, OrderState.UNDOING, OrderState.UNDONE)
_MOST = 400  # places: the largest municipality of 2021 has a line of nine


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """A place in the line by the name it was last called; `since` and `until` are its days, where known.

    `number` is the register number of an institution, or the latest ATVK code of a municipality.
    """

    key: str
    name: str
    number: str
    since: date | None
    until: date | None
    recorded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DescentStep:
    """A change of the line. `applied` is False while its day, or its applying, lies ahead.

    `undone` is the day on which it was undone; None for what holds.
    """

    order: OrderId
    reference: str
    legal_basis: str
    effective: date
    kind: ChangeKind
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    new_name: str | None
    new_code: str | None
    applied: bool
    undone: date | None = None


@dataclass(frozen=True, slots=True)
class Descent:
    """A line of descent: its places by key, its steps by day. `whole` is False where it was cut for its length."""

    places: Mapping[str, Kin]
    steps: tuple[DescentStep, ...]
    whole: bool


def descent_of(session: Session, key: str) -> Descent:
    """Read the line of the place with that key (`i-` and register number, or `m-` and our id)."""
    found: dict[int, OrderChange] = {}
    reached = {key}
    for near, far in ((Side.TARGET, Side.SOURCE), (Side.SOURCE, Side.TARGET)):
        ahead = {key}
        while ahead and len(reached) < _MOST:
            changes = _changes_of(session, ahead, side=near)
            found |= {change.id: change for change in changes}
            ahead = {_key(row) for change in changes for row in change.parties if row.side is far} - reached
            reached |= ahead
    steps = sorted((_step(change) for change in found.values()), key=lambda one: (one.effective, one.order))
    parties = [row for change in found.values() for row in change.parties]
    return Descent(_kin(session, key, parties), tuple(steps), len(reached) < _MOST)


def _changes_of(session: Session, keys: Collection[str], *, side: Side) -> list[OrderChange]:
    wanted = (
        select(OrderChange)
        .join(Order)
        .join(OrderParty)
        .where(Order.state.in_(_HAPPENS), OrderParty.side == side, or_(*_named(keys)))
        .options(selectinload(OrderChange.parties), selectinload(OrderChange.order).selectinload(Order.steps))
        .distinct()
    )
    return list(session.scalars(wanted))


def _named(keys: Iterable[str]) -> list[ColumnElement[bool]]:
    kinds: dict[str, list[str]] = {}
    for key in keys:
        kind, _, number = key.partition("-")
        kinds.setdefault(kind, []).append(number)
    columns = {
        "i": OrderParty.reg_no.in_(kinds.get("i", ())),
        "m": OrderParty.municipality_id.in_([int(number) for number in kinds.get("m", ())]),
        "atvk": OrderParty.atvk.in_(kinds.get("atvk", ())) & OrderParty.municipality_id.is_(None),
    }
    return [columns[kind] for kind in kinds]


def _key(row: OrderParty) -> str:
    if row.reg_no is not None:
        return f"i-{row.reg_no}"
    return f"atvk-{row.atvk}" if row.municipality_id is None else f"m-{row.municipality_id}"


def _step(change: OrderChange) -> DescentStep:
    order = change.order
    return DescentStep(
        order=order.id,
        reference=order.reference,
        legal_basis=order.legal_basis,
        effective=order.effective,
        kind=change.kind,
        sources=tuple(_key(row) for row in change.parties if row.side is Side.SOURCE),
        targets=tuple(_key(row) for row in change.parties if row.side is Side.TARGET),
        new_name=change.new_name,
        new_code=change.new_atvk,
        applied=order.state not in {OrderState.APPROVED, OrderState.APPLYING},
        undone=next((riga_day(step.at) for step in order.steps if step.state is OrderState.UNDONE), None),
    )


def _kin(session: Session, key: str, parties: Iterable[OrderParty]) -> dict[str, Kin]:
    founded = {key: ""}
    for row in parties:  # one order founds a place, a later one ends it and has no name for it
        founded[_key(row)] = row.founded_as or founded.get(_key(row), "")
    kin = {
        **_institutions(session, [one.removeprefix("i-") for one in founded if one.startswith("i-")]),
        **_municipalities(session, [MunicipalityId(int(one[2:])) for one in founded if one.startswith("m-")]),
    }
    for one, name in founded.items():
        number = one.partition("-")[2]
        kin.setdefault(one, Kin(key=one, name=name or number, number=number, since=None, until=None, recorded=False))
    return kin


def _institutions(session: Session, numbers: list[str]) -> dict[str, Kin]:
    rows = session.execute(
        select(Institution.reg_no, InstitutionName.name, Institution.period)
        .join(InstitutionName)
        .where(Institution.reg_no.in_(numbers))
        .order_by(InstitutionName.period)
    )
    # The last name in the order of their days stays.
    return {
        f"i-{number}": Kin(
            key=f"i-{number}",
            name=name,
            number=number,
            since=first_day(period),
            until=last_day(period),
            recorded=True,
        )
        for number, name, period in rows
    }


def _municipalities(session: Session, ids: list[MunicipalityId]) -> dict[str, Kin]:
    by_code = select(MunicipalityCode.municipality_id, MunicipalityCode.atvk).where(
        MunicipalityCode.municipality_id.in_(ids)
    )
    codes = dict(session.execute(by_code.order_by(MunicipalityCode.period)).all())
    rows = session.execute(
        select(Municipality.id, MunicipalityName.name, Municipality.period)
        .join(MunicipalityName)
        .where(Municipality.id.in_(ids))
        .order_by(MunicipalityName.period)
    )
    return {
        f"m-{id_}": Kin(
            key=f"m-{id_}",
            name=name,
            number=codes.get(id_, ""),
            since=first_day(period),
            until=last_day(period),
            recorded=True,
        )
        for id_, name, period in rows
    }
