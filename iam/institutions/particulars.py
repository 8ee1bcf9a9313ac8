"""What is recorded of one place over time: what it was called, where it belonged, by which code it was known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import InstrumentedAttribute, Session

from iam.ids import ScopeId
from iam.institutions.models import (
    InstitutionMunicipality,
    InstitutionName,
    MunicipalityCode,
    MunicipalityName,
    Scope,
)
from iam.institutions.service import ScopePlace
from iam.periods import first_day, last_day

__all__ = ["Held", "PlaceParticulars", "particulars_of"]

Held: TypeAlias = tuple[str, date | None, date | None]
"""Something that held from a first to a last day; None where there is no such bound."""


@dataclass(frozen=True, slots=True)
class PlaceParticulars:
    """Each in the order of its days. `scope_id` is None while no right was ever given in the place."""

    names: Sequence[Held]
    codes: Sequence[Held]  # of a municipality
    municipalities: Sequence[Held]  # of an institution: their names at the end of that time
    scope_id: ScopeId | None


def particulars_of(session: Session, place: ScopePlace) -> PlaceParticulars:
    """Read the particulars of an institution or a municipality; of the whole state there are none."""
    if place.institution_id is not None:
        membership = InstitutionMunicipality
        # Both periods are half-open: the last name that held while the institution belonged there.
        towns = session.execute(
            select(MunicipalityName.name, membership.period)
            .join(MunicipalityName, MunicipalityName.municipality_id == membership.municipality_id)
            .where(
                membership.institution_id == place.institution_id, MunicipalityName.period.op("&&")(membership.period)
            )
            .order_by(membership.period, MunicipalityName.period)
        )
        belonged = {(first_day(period), last_day(period)): name for name, period in towns}
        return PlaceParticulars(
            _held(
                session,
                InstitutionName.name,
                InstitutionName.period,
                InstitutionName.institution_id,
                place.institution_id,
            ),
            (),
            [(name, since, until) for (since, until), name in belonged.items()],
            _scope_id(session, Scope.institution_id, place.institution_id),
        )
    if place.municipality_id is not None:
        names, codes, own = MunicipalityName, MunicipalityCode, place.municipality_id
        return PlaceParticulars(
            _held(session, names.name, names.period, names.municipality_id, own),
            _held(session, codes.atvk, codes.period, codes.municipality_id, own),
            (),
            _scope_id(session, Scope.municipality_id, own),
        )
    return PlaceParticulars((), (), (), None)


def _held(
    session: Session,
    what: InstrumentedAttribute[str],
    period: InstrumentedAttribute[Range[date]],
    of: InstrumentedAttribute[int],
    own: int,
) -> list[Held]:
    rows = session.execute(select(what, period).where(of == own).order_by(period))
    return [(said, first_day(held), last_day(held)) for said, held in rows]


def _scope_id(session: Session, column: InstrumentedAttribute[int | None], own: int) -> ScopeId | None:
    found = session.scalar(select(Scope.id).where(column == own))
    return None if found is None else ScopeId(found)
