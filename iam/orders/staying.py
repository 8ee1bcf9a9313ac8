"""Which founded places stay in the register when their orders are taken back, and what lies on them. Reads.

Every foreign key of the database that leads to the place or its scope is asked, whoever's table it is in. What the
founding itself wrote does not count, nor what the order moved there, nor what orders say that are over.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, column, func, or_, select, table, text
from sqlalchemy.orm import Session

from iam.base import Base
from iam.bulk import any_of
from iam.institutions.models import (
    Institution,
    InstitutionMunicipality,
    InstitutionName,
    Municipality,
    MunicipalityCode,
    MunicipalityName,
    Scope,
    Signatory,
)
from iam.orders.models import Order, OrderChange, OrderParty
from iam.orders.states import OrderState

__all__ = ["Staying", "goes_on", "place_of", "scope_of", "staying", "uses_of"]

_DAY = timedelta(days=1)
_OVER = (OrderState.REPEALED, OrderState.UNDONE)
_POINTING = text(
    """
    SELECT child.relname, attribute.attname
      FROM pg_constraint AS key
      JOIN pg_class AS child ON child.oid = key.conrelid
      JOIN pg_attribute AS attribute ON attribute.attrelid = key.conrelid AND attribute.attnum = key.conkey[1]
     WHERE key.contype = 'f' AND key.confrelid = to_regclass(:target) AND cardinality(key.conkey) = 1
     ORDER BY child.relname, attribute.attname
    """
)
# Rights are another package's, above this one: they are asked for by their table.
_RIGHTS_LATER = text(
    """
    SELECT EXISTS (SELECT FROM grant_periods
                    WHERE scope_id = :scope AND upper_inf(recorded) AND NOT isempty(valid)
                      AND (upper_inf(valid) OR upper(valid) > :after) AND NOT grant_id = ANY(:ending))
    """
)


@dataclass(frozen=True, slots=True)
class Staying:
    """A founded place that is in use: `uses` counts what leads to it, by table.

    It `goes_on` where a right, an entitlement to sign or an institution there holds today or later, beyond its first
    day, until an order ends it. Else it ends on its first day.
    """

    party: OrderParty
    order: Order
    uses: Mapping[str, int]
    goes_on: bool


def staying(session: Session, orders: Sequence[Order], *, today: date, ending: Collection[int] = ()) -> list[Staying]:
    """Say which founded places stay when these orders are taken back together, and what lies on each.

    The grants that are `ending` in the same act keep no place going.
    """
    moved = _moved(orders)
    found = []
    for order in orders:
        for party in (party for change in order.changes for party in change.parties if party.founded_as is not None):
            uses = uses_of(session, party, order.effective, together=[one.id for one in orders], moved=moved)
            if uses:
                going = goes_on(session, party, order, together=orders, today=today, ending=ending)
                found.append(Staying(party, order, uses, going))
    return found


def goes_on(
    session: Session,
    party: OrderParty,
    order: Order,
    *,
    together: Sequence[Order],
    today: date,
    ending: Collection[int] = (),
) -> bool:
    """Return whether something holds at a founded place that keeps it when the orders `together` are taken back.

    At a place of an order that was never carried out nobody signs yet: only an institution keeps it, or a right.
    """
    place = place_of(session, party)
    if place is None:
        return False
    after, scope = max(order.effective + _DAY, today), scope_of(session, place)
    asked = {"scope": scope, "after": after, "ending": list(ending)}
    if scope is not None and session.scalar(_RIGHTS_LATER, asked):
        return True
    signing = and_(Signatory.scope_id == (scope or 0), func.upper_inf(Signatory.recorded), _reaches(Signatory, after))
    begun = order.state not in {OrderState.APPROVED, OrderState.REPEALED}
    if begun and session.scalar(select(func.count()).select_from(Signatory).where(signing)):
        return True
    if isinstance(place, Institution):
        return False
    inside = and_(
        InstitutionMunicipality.municipality_id == place.id,
        ~(InstitutionMunicipality.id == any_of(_moved(together))),
        _reaches(InstitutionMunicipality, after),
    )
    return bool(session.scalar(select(func.count()).select_from(InstitutionMunicipality).where(inside)))


def place_of(session: Session, party: OrderParty) -> Institution | Municipality | None:
    """Return the place a party points at."""
    if party.institution_id is not None:
        return session.get(Institution, party.institution_id)
    return None if party.municipality_id is None else session.get(Municipality, party.municipality_id)


def scope_of(session: Session, place: Institution | Municipality) -> int | None:
    """Return the id of the scope of a place; where nothing was ever given or recorded there is none."""
    of = Scope.institution_id if isinstance(place, Institution) else Scope.municipality_id
    return session.scalar(select(Scope.id).where(of == place.id))


def uses_of(
    session: Session, party: OrderParty, day: date, *, together: Collection[int], moved: Collection[int] = ()
) -> dict[str, int]:
    """Count what leads to a founded place beside what its founding on `day` wrote, by table.

    Parties of the orders `together` do not count, nor the rows `moved` of where institutions lie.
    """
    place = place_of(session, party)
    if place is None:
        return {}
    own = _own(party, day, together=together, moved=moved)
    targets = [(place.__tablename__, int(place.id)), (Scope.__tablename__, scope_of(session, place) or 0)]
    uses: Counter[str] = Counter()
    for target, id_ in targets:
        for name, count in _rows(session, target, id_, own):
            uses[name] += count
    return {name: count for name, count in sorted(uses.items()) if count}


def _rows(session: Session, target: str, id_: int, own: Mapping[str, Any]) -> Iterable[tuple[str, int]]:
    for name, key in session.execute(_POINTING, {"target": target}):
        if name == Scope.__tablename__:
            continue  # what leads to the scope is asked for by itself
        asked = Base.metadata.tables.get(name, table(name, column(key)))
        rows = select(func.count()).select_from(asked).where(asked.c[key] == id_)
        besides = own.get(name)
        yield name, session.scalar(rows if besides is None else rows.where(~besides)) or 0


def _own(party: OrderParty, day: date, *, together: Collection[int], moved: Collection[int]) -> Mapping[str, Any]:
    """Match the rows that do not count, by table."""
    over = (
        select(OrderChange.id)
        .join(Order, Order.id == OrderChange.order_id)
        .where(or_(Order.id == any_of(together), Order.state.in_(_OVER)))
    )
    return {
        InstitutionName.__tablename__: _founded_with(InstitutionName, InstitutionName.name == party.founded_as, day),
        MunicipalityName.__tablename__: _founded_with(MunicipalityName, MunicipalityName.name == party.founded_as, day),
        MunicipalityCode.__tablename__: _founded_with(MunicipalityCode, MunicipalityCode.atvk == party.atvk, day),
        InstitutionMunicipality.__tablename__: or_(
            and_(
                InstitutionMunicipality.institution_id == (party.institution_id or 0),
                func.lower(InstitutionMunicipality.period) == day,
            ),
            InstitutionMunicipality.id == any_of(moved),
        ),
        OrderParty.__tablename__: OrderParty.change_id.in_(over),
    }


def _founded_with(model: Any, said: Any, day: date) -> Any:  # noqa: ANN401 - any of the dated tables
    return and_(said, func.lower(model.period) == day)


def _moved(orders: Sequence[Order]) -> set[int]:
    """Return the ids of where institutions lie that these orders wrote, or wrote otherwise."""
    return {
        int(id_)
        for order in orders
        for change in order.changes
        for name, id_ in _made(change)
        if name == InstitutionMunicipality.__tablename__
    }


def _reaches(model: Any, after: date) -> Any:  # noqa: ANN401 - any of the dated tables
    return or_(func.upper_inf(model.period), func.upper(model.period) > after)


def _made(change: OrderChange) -> Iterable[tuple[str, int]]:
    before: Any = change.before or {}
    rows = (*before.get("made", ()), *before.get("said", ()))
    return [(str(name), int(id_)) for name, id_, *_ in rows]
