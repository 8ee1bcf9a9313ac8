"""Find the places that orders name: municipalities by code, on the day that counts; what exists is not founded."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Text, func, select
from sqlalchemy.orm import Session

from iam.bulk import any_of
from iam.ids import MunicipalityId
from iam.institutions.models import Institution, InstitutionName, MunicipalityCode, MunicipalityName
from iam.orders.said import OrderSaid, PartySaid
from iam.orders.unfounded import unfounded

__all__ = ["Codes", "known_names", "resolved"]

_DAY = timedelta(days=1)
Codes = Mapping[str, Sequence[tuple[MunicipalityId, date | None, date | None]]]
"""Whose each ATVK code was, with the first and the last day."""


def resolved(session: Session, orders: Sequence[OrderSaid]) -> tuple[tuple[OrderSaid, ...], dict[str, str]]:
    """Name municipalities by our id where there is one, and say what everything named is called.

    A source is asked for on the eve of the order, a target on its day, else on the eve. A target said to be founded
    that exists under that very name is the one meant. What an order founded that does not hold may be founded again.
    """
    never_came = unfounded(session)
    codes = {
        code: [one for one in whose if f"m-{one[0]}" not in never_came]
        for code, whose in _codes(session, _parties(orders)).items()
    }
    with_ids = [_order(order, lambda party, day: _with_id(party, codes, day)) for order in orders]
    names = known_names(session, _parties(with_ids))
    there = {key: name for key, name in names.items() if key not in never_came}
    return tuple(_order(order, lambda party, _: _not_founded(party, there)) for order in with_ids), names


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


def _codes(session: Session, parties: Iterable[PartySaid]) -> Codes:
    wanted = {party.atvk for party in parties if party.atvk is not None}
    rows = select(
        MunicipalityCode.atvk,
        MunicipalityCode.municipality_id,
        func.lower(MunicipalityCode.period),
        func.upper(MunicipalityCode.period),
    ).where(MunicipalityCode.atvk == any_of(wanted, Text()))
    found: dict[str, list[tuple[MunicipalityId, date | None, date | None]]] = {}
    if not wanted:
        return found
    for atvk, id_, first, after in session.execute(rows):
        found.setdefault(atvk, []).append((id_, first, None if after is None else after - _DAY))
    return found


def _with_id(party: PartySaid, codes: Codes, days: Sequence[date]) -> PartySaid:
    if party.atvk is None or party.municipality is not None:
        return party
    for day in days:
        for id_, first, last in codes.get(party.atvk, ()):
            if (first is None or first <= day) and (last is None or day <= last):
                return PartySaid(municipality=id_, founded_as=party.founded_as)
    return party


def _not_founded(party: PartySaid, names: Mapping[str, str]) -> PartySaid:
    known = names.get(party.key)
    return replace(party, founded_as=None) if known is not None and known == party.founded_as else party


def _order(order: OrderSaid, of: Callable[[PartySaid, Sequence[date]], PartySaid]) -> OrderSaid:
    eve = order.effective - _DAY
    changes = tuple(
        replace(
            change,
            sources=tuple(of(party, (eve,)) for party in change.sources),
            targets=tuple(of(party, (order.effective, eve)) for party in change.targets),
        )
        for change in order.changes
    )
    return replace(order, changes=changes)


def _parties(orders: Iterable[OrderSaid]) -> list[PartySaid]:
    return [party for order in orders for change in order.changes for party in change.parties]
