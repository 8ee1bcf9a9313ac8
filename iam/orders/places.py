"""Carry out what orders say about places, in the register, and take it back. Each act is one audit entry of the order.

(1) When an order is approved its targets are founded, so that rights may be approved there beforehand.
(2) On its day places end, get names and codes, and what lies in a municipality moves. What stood before is kept. Codes
    are freed before any is given, whatever the order of the lines: a new municipality may have that of one that ends.
(3) Undone, all of that is as before, but where something newer was recorded since: that counts. What was founded and
    nobody uses goes; what is in use stays (`iam.orders.staying`), and ends on its first day or goes on.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from iam import audit
from iam.audit import Origin
from iam.errors import Unknown
from iam.ids import InstitutionId, MunicipalityId
from iam.institutions import changing
from iam.institutions.changing import Before
from iam.institutions.models import (
    Institution,
    InstitutionMunicipality,
    InstitutionName,
    Municipality,
    MunicipalityCode,
    MunicipalityName,
    Scope,
)
from iam.orders.memberships import WITHOUT_NEW_ONE
from iam.orders.models import ChangeKind, Order, OrderChange, OrderParty, Side
from iam.orders.rules import ENDING
from iam.orders.staying import Staying, place_of, scope_of, staying
from iam.orders.tags import OrderTag
from iam.orders.unfounded import unfounded
from iam.periods import riga_day

__all__ = ["change_places", "found_targets", "point_parties", "put_places_back"]

_DAY = timedelta(days=1)


def found_targets(session: Session, order: Order, *, origin: Origin, at: datetime) -> None:
    """Record the targets that come into being with the order (1); what is there already is not made again.

    A place that an earlier order founded which does not hold is the same place, and begins with this order.
    """
    founded, never_came = [], unfounded(session, besides=order.id)
    for change in order.changes:
        for party in [party for party in change.parties if party.founded_as is not None]:
            again = _never_came(session, party, never_came)
            if again is not None or (party.institution_id is None and party.municipality_id is None):
                founded.append(_found(session, change, party, order.effective, at, again=again))
    point_parties(session, order)
    if founded:
        _record(session, OrderTag.TARGETS_FOUNDED, order, origin, at, founded=founded)


def point_parties(session: Session, order: Order) -> None:
    """Have the parties of an order point at the places that are recorded by now, as another order founds them."""
    for change in order.changes:
        for party in change.parties:
            _point(session, party, order.effective)
    session.flush()


def change_places(session: Session, order: Order, *, origin: Origin, at: datetime) -> None:
    """Carry out every change of the order in the register (2). Once: a change that keeps what stood before is done."""
    found_targets(session, order, origin=origin, at=at)
    todo = [change for change in order.changes if change.before is None]
    freed = [_freed(session, change, order.effective) for change in todo]
    for change, before in zip(todo, freed, strict=True):
        _add(before, _given(session, change, order.effective))
        change.before = dict(before)
        session.flush()
    if todo:
        _record(session, OrderTag.PLACES_CHANGED, order, origin, at, changes=len(todo))


def put_places_back(session: Session, order: Order, *, origin: Origin, at: datetime) -> tuple[str, ...]:
    """Take every change back (3), and name the founded places that are in use and stay."""
    befores = [change.before for change in reversed(order.changes) if change.before is not None]
    stay = staying(session, [order], today=riga_day(at))
    for before in befores:
        changing.take_away(session, before)  # type: ignore[arg-type] # written by `change_places`
    _unfound(session, order, stay)
    for before in befores:
        changing.put_back(session, before)  # type: ignore[arg-type] # written by `change_places`
    for change in order.changes:
        change.before = None
    session.flush()
    kept = [one.party.reg_no or one.party.atvk or "" for one in stay]
    _record(session, OrderTag.PLACES_PUT_BACK, order, origin, at, changes=len(order.changes), stay=kept)
    return tuple(kept)


def _found(
    session: Session,
    change: OrderChange,
    party: OrderParty,
    day: date,
    at: datetime,
    *,
    again: Institution | Municipality | None,
) -> str:
    name = party.founded_as or ""
    if party.reg_no is not None:
        like = next((_institution(session, one) for one in change.parties if one.side is Side.SOURCE), None)
        if isinstance(again, Institution):
            changing.found_again(session, again, name, like=like, first=day)
        made = again or changing.found_institution(session, party.reg_no, name, like=like, first=day, at=at)
        party.institution_id = InstitutionId(made.id)
        return f"i-{party.reg_no}"
    if isinstance(again, Municipality):
        changing.found_again(session, again, name, atvk=party.atvk, first=day)
    party.municipality_id = MunicipalityId(
        (again or changing.found_municipality(session, party.atvk or "", name, first=day)).id
    )
    return f"m-{party.municipality_id}"


def _never_came(session: Session, party: OrderParty, known: Mapping[str, int]) -> Institution | Municipality | None:
    if party.reg_no is not None:
        return session.get(Institution, known.get(f"i-{party.reg_no}", 0))
    return session.get(Municipality, known.get(f"atvk-{party.atvk}", 0))


def _point(session: Session, party: OrderParty, day: date) -> None:
    """Have a party point at the row that another change or another order founded."""
    if party.reg_no is not None and party.institution_id is None:
        party.institution_id = session.scalar(select(Institution.id).where(Institution.reg_no == party.reg_no))
    if party.atvk is not None and party.municipality_id is None:
        when = day if party.side is Side.TARGET else day - _DAY
        party.municipality_id = _founded_with(session, party.atvk, when) or session.scalar(
            select(MunicipalityCode.municipality_id).where(
                MunicipalityCode.atvk == party.atvk, MunicipalityCode.period.contains(when)
            )
        )


def _founded_with(session: Session, atvk: str, when: date) -> MunicipalityId | None:
    """Find the municipality that orders founded last under the code; it may have another by then, or none yet."""
    founded = (
        select(OrderParty.municipality_id)
        .join(OrderChange, OrderChange.id == OrderParty.change_id)
        .join(Order, Order.id == OrderChange.order_id)
        .where(
            OrderParty.atvk == atvk,
            OrderParty.founded_as.is_not(None),
            OrderParty.municipality_id.is_not(None),
            Order.effective <= when,
        )
        .order_by(Order.effective.desc(), Order.id.desc())
    )
    return session.scalar(founded.limit(1))


def _freed(session: Session, change: OrderChange, day: date) -> Before:
    """Let the sources end that do, and codes that are to change."""
    sources = [_place(session, party) for party in change.parties if party.side is Side.SOURCE]
    targets = [_place(session, party) for party in change.parties if party.side is Side.TARGET]
    before: Before = {}
    for place in sources:
        if change.kind is ChangeKind.RECODED and isinstance(place, Municipality):
            _add(before, changing.free_code(session, place, day=day, but=change.new_atvk or ""))
        elif change.kind in ENDING:
            _add(before, _ended(session, place, targets, day, without=change.kind in WITHOUT_NEW_ONE))
    return before


def _given(session: Session, change: OrderChange, day: date) -> Before:
    """Give what goes on its new name or code, and what was founded the code that it could not have until now."""
    before: Before = {}
    for party in change.parties:
        place = _place(session, party)
        if party.side is Side.TARGET:
            if party.founded_as is not None and party.atvk is not None and isinstance(place, Municipality):
                _add(before, changing.recode(session, place, party.atvk, day=day))
        elif change.kind is ChangeKind.RENAMED:
            _add(before, changing.rename(session, place, change.new_name or "", day=day))
        elif change.kind is ChangeKind.RECODED and isinstance(place, Municipality):
            _add(before, changing.recode(session, place, change.new_atvk or "", day=day))
    return before


def _ended(
    session: Session,
    place: Institution | Municipality,
    targets: Sequence[Institution | Municipality],
    day: date,
    *,
    without: bool,
) -> Before:
    before: Before = {}
    if isinstance(place, Municipality):
        one = targets[0] if len(targets) == 1 and not without else None
        to = MunicipalityId(one.id) if one is not None else None
        _add(before, changing.move_members(session, MunicipalityId(place.id), to=to, day=day))
    _add(before, changing.end_place(session, place, day=day))
    return before


def _add(before: Before, more: Before) -> None:
    for table, rows in more.items():
        before.setdefault(table, []).extend(rows)


def _unfound(session: Session, order: Order, stay: Sequence[Staying]) -> None:
    """Take the founded places away, but those that are in use: one on which nothing holds ends on its first day."""
    kept = {one.party.id for one in stay}
    for one in stay:
        place = place_of(session, one.party)
        if place is not None and not one.goes_on:
            changing.end_on_first_day(session, place, order.effective)
    for party in [party for change in order.changes for party in change.parties if party.founded_as is not None]:
        place = place_of(session, party)
        if place is not None and party.id not in kept:
            _forget(session, place, party.atvk)
    session.expire_all()


def _forget(session: Session, place: Institution | Municipality, atvk: str | None) -> None:
    """Delete a place that nothing leads to but what its founding wrote, and parties of orders that are over."""
    session.refresh(place, with_for_update=True)  # who refers to it from now on waits, and finds it gone
    scope = scope_of(session, place)
    pointing = OrderParty.institution_id if isinstance(place, Institution) else OrderParty.municipality_id
    for one in session.scalars(select(OrderParty).where(pointing == place.id)):
        if one.reg_no is None and one.atvk is None:
            one.atvk = atvk  # it was named by the id that goes
        one.institution_id = one.municipality_id = None
    session.flush()
    if scope is not None:
        session.execute(delete(Scope).where(Scope.id == scope))
    if isinstance(place, Institution):
        session.execute(delete(InstitutionName).where(InstitutionName.institution_id == place.id))
        session.execute(delete(InstitutionMunicipality).where(InstitutionMunicipality.institution_id == place.id))
    else:
        session.execute(delete(MunicipalityName).where(MunicipalityName.municipality_id == place.id))
        session.execute(delete(MunicipalityCode).where(MunicipalityCode.municipality_id == place.id))
    session.execute(delete(type(place)).where(type(place).id == place.id))


def _place(session: Session, party: OrderParty) -> Institution | Municipality:
    found = place_of(session, party)
    if found is None:
        raise Unknown(f"{party.reg_no or party.atvk} of order {party.change.order.reference} is not recorded")
    return found


def _institution(session: Session, party: OrderParty) -> Institution | None:
    return None if party.institution_id is None else session.get(Institution, party.institution_id)


def _record(session: Session, tag: OrderTag, order: Order, origin: Origin, at: datetime, **details: object) -> None:
    audit.record(
        session,
        tag,
        origin=origin,
        subject=f"order:{order.id}",
        at=at,
        evidence=order.digest,
        details={"reference": order.reference} | details,
    )
