"""What orders mean for applications nobody has decided on: said when they are approved, done on their day, undone.

Until the day the place exists, and what is asked for there may be approved. On the day a draft with one successor goes
on for it, and every other application is withdrawn: what was signed names a place that is no more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from iam.audit import Origin
from iam.orders import service as orders
from iam.orders.models import Order
from iam.orders.said import OrderSaid
from iam.orders.unfounded import unfounded
from workflows.application import places_ended, places_named, prefilled
from workflows.application.models import Application
from workflows.application.places_ended import PlaceEnds
from workflows.reorganisation.facts import Facts, OpenApplication
from workflows.reorganisation.plan import goes_on_for
from workflows.reorganisation.resolving import known_names
from workflows.reorganisation.succession import Succession

__all__ = ["put_back", "say_beforehand", "settle", "settle_gone"]

_CHUNK = 20
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Concerned:
    application: Application
    ends: PlaceEnds


def say_beforehand(session: Session, rows: Sequence[Order], *, base_url: str, origin: Origin, at: datetime) -> bool:
    """Tell the people of some applications that a place in them ends; False when everybody was told."""
    told = places_ended.told_of(session, [row.id for row in rows])
    left = [one for one in _concerned(session, rows) if (one.application.id, one.ends.order_id) not in told]
    for one in left[:_CHUNK]:
        places_ended.say_that_it_ends(session, one.application, one.ends, base_url=base_url, origin=origin, at=at)
    return bool(left)


def settle(session: Session, due: Sequence[Order], *, base_url: str, origin: Origin, at: datetime) -> bool:
    """Move some drafts to their successor and withdraw some applications; False when none is left."""
    left = _concerned(session, due)[:_CHUNK]
    for one in left:
        moved = one.ends.successor and places_ended.readdress(session, one.application, one.ends, origin=origin, at=at)
        if not moved:
            places_ended.withdraw(session, one.application, one.ends, base_url=base_url, origin=origin, at=at)
    return bool(left)


def put_back(session: Session, row: Order, *, base_url: str, origin: Origin, at: datetime) -> bool:
    """Move drafts back that an order had moved, and tell some people that it does not hold; False when all know."""
    for id_, ends in places_ended.moved_by(session, row.id):
        application = session.get_one(Application, id_)
        places_ended.move_back(session, application, ends, origin=origin, at=at)
    left = places_ended.told_by(session, row.id)
    for id_, ends in left[:_CHUNK]:
        application = session.get_one(Application, id_)
        places_ended.take_back(session, application, ends, base_url=base_url, origin=origin, at=at)
    return bool(left)


def settle_gone(session: Session, row: Order, *, base_url: str, origin: Origin, at: datetime) -> bool:
    """Withdraw some applications for places that an order was to found, and tell the people of others of its own.

    Those are about a place that is there, whether the order holds or not. False when none is left.
    """
    gone = _gone(session, row)
    naming = places_named.open_naming(session, list(gone)) if gone else []
    known = select(Application).where(Application.reference.in_([one.reference for one in naming[:_CHUNK]]))
    for application in session.scalars(known.order_by(Application.id)) if naming else ():
        named = next(one for one in naming if one.reference == application.reference)
        place = min(named.places & gone.keys())
        ends = _of_place(row, place, gone[place])
        places_ended.withdraw_gone(session, application, ends, base_url=base_url, origin=origin, at=at)
    if naming:
        return True
    told = places_ended.told_still_wanted(session, row.id)
    left = [one for one in prefilled.submitted_for(session, row.id) if one.application_id not in told]
    names = known_names(session, [party for change in orders.said(row).changes for party in change.parties])
    for one in left[:_CHUNK]:
        ends = _of_place(row, one.place, names.get(one.place, one.place))
        places_ended.say_still_wanted(session, one.application, ends, base_url=base_url, origin=origin, at=at)
    return bool(left)


def _gone(session: Session, row: Order) -> dict[str, str]:
    """Name the places that an order was to found and that do not exist, by key."""
    founded = [party for change in row.changes for party in change.parties if party.founded_as is not None]
    recorded = known_names(session, [party for change in orders.said(row).changes for party in change.targets])
    there = recorded.keys() - unfounded(session).keys()
    keys = [(f"m-{party.municipality_id}" if party.reg_no is None else f"i-{party.reg_no}", party) for party in founded]
    return {key: party.founded_as or "" for key, party in keys if key not in there}


def _of_place(row: Order, place: str, name: str) -> PlaceEnds:
    return PlaceEnds(
        order_id=row.id,
        order=row.reference,
        law=row.legal_basis,
        last_day=(row.effective - _DAY).isoformat(),
        place=place,
        place_name=name,
    )


def _concerned(session: Session, rows: Sequence[Order]) -> list[_Concerned]:
    """List open applications that name a place which ends, with the first one that does."""
    said = [orders.said(row) for row in rows]
    by_reference = {row.reference: row for row in rows}
    names = _names(session, said)
    told = Succession.of(said, Facts(names=names))
    naming = places_named.open_naming(session, list(told.endings)) if told.endings else []
    if not naming:
        return []
    known = select(Application).where(Application.reference.in_([one.reference for one in naming]))
    applications = {one.reference: one for one in session.scalars(known)}
    found = []
    for one in naming:
        first = min((told.endings[place] for place in one.places & told.endings.keys()), key=lambda e: (e.day, e.place))
        row = by_reference[first.order]
        application = OpenApplication(one.reference, one.places, one.submitted, one.follows_place)
        successor = goes_on_for(application, first) or ""
        ends = PlaceEnds(
            order_id=row.id,
            order=row.reference,
            law=row.legal_basis,
            last_day=first.eve.isoformat(),
            place=first.place,
            place_name=names.get(first.place, first.place),
            successor="" if successor.startswith("atvk-") else successor,
            successor_name=told.names.get(successor, ""),
        )
        found.append(_Concerned(applications[one.reference], ends))
    return found


def _names(session: Session, said: Sequence[OrderSaid]) -> dict[str, str]:
    return known_names(session, [party for order in said for change in order.changes for party in change.parties])
