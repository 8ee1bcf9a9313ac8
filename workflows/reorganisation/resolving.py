"""Find the places that orders name: municipalities by code, on the day that counts; what exists is not founded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import Text, func, select
from sqlalchemy.orm import Session

from iam.bulk import any_of
from iam.ids import MunicipalityId
from iam.institutions.models import Institution, InstitutionName, MunicipalityName
from iam.orders import service
from iam.orders.said import OrderSaid, PartySaid
from iam.orders.unfounded import unfounded

__all__ = ["known_names", "names_on", "resolved"]


def resolved(session: Session, orders: Sequence[OrderSaid]) -> tuple[tuple[OrderSaid, ...], dict[str, str]]:
    """Name municipalities by our id where there is one, and say what everything named is called.

    A source is asked for on the eve of the order, a target on its day, else on the eve, each by what orders in force
    and these ones do to codes. A target said to be founded that exists under that very name is the one meant. What an
    order founded that does not hold may be founded again.
    """
    with_ids = service.named_beside_waiting(session, orders)
    names = known_names(session, _parties(with_ids))
    never_came = unfounded(session)
    there = {key: name for key, name in names.items() if key not in never_came}
    found = tuple(
        replace(
            order,
            changes=tuple(
                replace(change, targets=tuple(_not_founded(one, there) for one in change.targets))
                for change in order.changes
            ),
        )
        for order in with_ids
    )
    return found, names


def known_names(session: Session, parties: Iterable[PartySaid]) -> dict[str, str]:
    """Return the latest names of institutions and municipalities, by key."""
    said = list(parties)
    numbers = [party.reg_no for party in said if party.reg_no is not None]
    ids = [party.municipality for party in said if party.municipality is not None]
    names: dict[str, str] = {}
    of_institutions = (
        select(Institution.reg_no, InstitutionName.name)
        .join(InstitutionName, InstitutionName.institution_id == Institution.id)
        .where(Institution.reg_no == any_of(numbers, Text()))
        .order_by(func.upper(InstitutionName.period).asc().nulls_last())
    )
    if numbers:
        names |= {f"i-{number}": name for number, name in session.execute(of_institutions)}
    of_municipalities = (
        select(MunicipalityName.municipality_id, MunicipalityName.name)
        .where(MunicipalityName.municipality_id == any_of(ids))
        .order_by(func.upper(MunicipalityName.period).asc().nulls_last())
    )
    return names | ({f"m-{id_}": name for id_, name in session.execute(of_municipalities)} if ids else {})


def names_on(session: Session, municipalities: Iterable[MunicipalityId], day: date) -> dict[MunicipalityId, str]:
    """Return what municipalities are called on the day."""
    rows = select(MunicipalityName.municipality_id, MunicipalityName.name).where(
        MunicipalityName.municipality_id == any_of(set(municipalities)), MunicipalityName.period.contains(day)
    )
    return dict(session.execute(rows).all())


def _not_founded(party: PartySaid, names: Mapping[str, str]) -> PartySaid:
    if party.founded_as is None:
        return party
    if names.get(party.key) == party.founded_as:
        return replace(party, founded_as=None, atvk=None if party.municipality is not None else party.atvk)
    # Another has its code: it is named by that, and the check says whose it is.
    return replace(party, municipality=None) if party.atvk is not None else party


def _parties(orders: Iterable[OrderSaid]) -> list[PartySaid]:
    return [party for order in orders for change in order.changes for party in change.parties]
