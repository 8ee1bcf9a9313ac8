"""Which founded places stay in the register when their orders are taken back, and what lies on them. Reads.

Every foreign key of the database that leads to the place or its scope is asked, whoever's table it is in. What the
founding itself wrote does not count, nor what the order moved there, nor what orders say that are over.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Date, Text, and_, cast, column, func, or_, select, table, text
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

__all__ = ["Staying", "goes_on", "place_of", "scope_of", "staying"]

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
    founding = [
        (order, party)
        for order in orders
        for party in (party for change in order.changes for party in change.parties if party.founded_as is not None)
    ]
    uses = _uses(session, founding, together=orders)
    going: dict[tuple[int, object], bool] = {}
    for order, party in founding:
        place = (order.id, _place_key(party))
        if party.id in uses and place not in going:  # lines that found a place together ask once
            going[place] = goes_on(session, party, order, together=orders, today=today, ending=ending)
    return [
        Staying(party, order, uses[party.id], going[order.id, _place_key(party)])
        for order, party in founding
        if party.id in uses
    ]


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


def _place_key(party: OrderParty) -> tuple[int | None, int | None]:
    return party.institution_id, party.municipality_id


def _uses(
    session: Session, founding: Sequence[tuple[Order, OrderParty]], *, together: Sequence[Order]
) -> dict[int, dict[str, int]]:
    """Count what leads to founded places beside what their founding wrote, by party and table, where there is any.

    One statement a foreign key. Parties of the orders `together` do not count, nor where these had institutions lie.
    """
    placed = [(order, party) for order, party in founding if _place_key(party) != (None, None)]
    if not placed:
        return {}
    given = _given(placed)
    own = _own(given, together)
    uses: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for target, of in ((Institution, given.c.institution), (Municipality, given.c.municipality), (Scope, Scope.id)):
        for name, key in session.execute(_POINTING, {"target": target.__tablename__}):
            if name == Scope.__tablename__:
                continue  # what leads to the scope is asked for by itself
            asked = Base.metadata.tables.get(name, table(name, column(key)))
            rows = select(given.c.party, func.count()).group_by(given.c.party)
            if target is Scope:
                rows = rows.join(Scope, or_(*_lies_at(given))).join(asked, asked.c[key] == of)
            else:
                rows = rows.join(asked, asked.c[key] == of)
            besides = own.get(name)
            for party, count in session.execute(rows if besides is None else rows.where(~besides)):
                uses[party][name] += count
    return {party: dict(sorted(counts.items())) for party, counts in uses.items()}


def _given(placed: Sequence[tuple[Order, OrderParty]]) -> Any:  # noqa: ANN401 - rows made of arrays
    """Make rows of founding parties: which place each founded, as what, and on which day."""
    columns: dict[str, tuple[Any, list[Any]]] = {
        "party": (BigInteger(), [party.id for _, party in placed]),
        "institution": (BigInteger(), [party.institution_id for _, party in placed]),
        "municipality": (BigInteger(), [party.municipality_id for _, party in placed]),
        "called": (Text(), [party.founded_as for _, party in placed]),
        "atvk": (Text(), [party.atvk for _, party in placed]),
        "day": (Date(), [order.effective for order, _ in placed]),
    }
    arrays = [cast(values, ARRAY(kind)) for kind, values in columns.values()]
    named = [column(name, kind) for name, (kind, _) in columns.items()]
    return func.unnest(*arrays).table_valued(*named, name="given").render_derived()


def _lies_at(given: Any) -> tuple[Any, Any]:  # noqa: ANN401 - as above
    return Scope.institution_id == given.c.institution, Scope.municipality_id == given.c.municipality


def _own(given: Any, together: Sequence[Order]) -> Mapping[str, Any]:  # noqa: ANN401 - as above
    """Match the rows that do not count, by table."""
    over = (
        select(OrderChange.id)
        .join(Order, Order.id == OrderChange.order_id)
        .where(or_(Order.id == any_of([one.id for one in together]), Order.state.in_(_OVER)))
    )
    return {
        model.__tablename__: and_(said == as_founded, func.lower(model.period) == given.c.day)
        for model, said, as_founded in (
            (InstitutionName, InstitutionName.name, given.c.called),
            (MunicipalityName, MunicipalityName.name, given.c.called),
            (MunicipalityCode, MunicipalityCode.atvk, func.coalesce(given.c.atvk, "")),
        )
    } | {
        InstitutionMunicipality.__tablename__: or_(
            and_(
                InstitutionMunicipality.institution_id == func.coalesce(given.c.institution, 0),
                func.lower(InstitutionMunicipality.period) == given.c.day,
            ),
            InstitutionMunicipality.id == any_of(_moved(together)),
        ),
        OrderParty.__tablename__: OrderParty.change_id.in_(over),
    }


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
