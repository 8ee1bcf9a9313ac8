"""Six invented municipalities with a code each, orders about them, and everything the register says, to compare."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from builders.iam.register import AT, BY_REVIEWER, imported
from iam.ids import MunicipalityId
from iam.institutions.models import (
    Institution,
    InstitutionMunicipality,
    InstitutionName,
    Municipality,
    MunicipalityCode,
    MunicipalityName,
)
from iam.orders import places, service
from iam.orders.models import ChangeKind, Order
from iam.orders.said import Change, OrderSaid, PartySaid
from iam.orders.states import OrderState

__all__ = [
    "CODES",
    "DAY",
    "FRESH",
    "SCHOOLS",
    "TABLES",
    "carry_out",
    "change",
    "dump",
    "made_towns",
    "new",
    "order",
    "recoded",
    "school",
    "since",
    "take_back",
    "town",
]

DAY = date(2026, 9, 1)
TABLES: tuple[Any, ...] = (
    Institution,
    InstitutionName,
    InstitutionMunicipality,
    Municipality,
    MunicipalityName,
    MunicipalityCode,
)
CODES = [f"009{number}000" for number in range(6)]
FRESH = ["0097000", "0098000"]
SCHOOLS = ("4113900001", "4101900002", "4213900003")


def made_towns(session: Session, folder: Path) -> list[MunicipalityId]:
    """Record six municipalities and three schools in them; the last code begins on the day itself."""
    imported(session, folder)
    for model in (InstitutionMunicipality, MunicipalityName, MunicipalityCode, Municipality):
        session.execute(delete(model))
    made = []
    for number, code in enumerate(CODES):
        town = Municipality(period=since(None))
        town.names.append(MunicipalityName(name=f"{number}. novads", search_key="", sort_key="", period=since(None)))
        first = DAY if code == CODES[-1] else None
        if first is not None:
            before = MunicipalityCode(atvk="0096999", period=Range(None, first, bounds="[)"))
            town.codes.append(before)
        town.codes.append(MunicipalityCode(atvk=code, period=since(first)))
        session.add(town)
        session.flush()
        made.append(MunicipalityId(town.id))
    for school, town_id in zip(SCHOOLS, made, strict=False):
        found = session.scalars(select(Institution).where(Institution.reg_no == school)).one()
        session.add(InstitutionMunicipality(institution_id=found.id, municipality_id=town_id, period=since(None)))
    session.flush()
    return made


def since(first: date | None) -> Range[date]:
    """Make a period from that day on."""
    return Range(first, None, bounds="[)")


def dump(session: Session) -> set[tuple[object, ...]]:
    """Everything the register says, row by row."""
    session.expire_all()
    return {
        (model.__tablename__, *(str(getattr(row, column.key)) for column in model.__table__.columns))
        for model in TABLES
        for row in session.scalars(select(model))
    }


def town(id_: int) -> PartySaid:
    """Name a municipality."""
    return PartySaid(municipality=MunicipalityId(id_))


def new(code: str, name: str = "Jaunais novads") -> PartySaid:
    """Name one that is founded."""
    return PartySaid(atvk=code, founded_as=name)


def school(number: str, name: str | None = None) -> PartySaid:
    """Name an institution, with `name` one that is founded."""
    return PartySaid(reg_no=number, founded_as=name)


def change(kind: ChangeKind, *sources: PartySaid, into: tuple[PartySaid, ...] = (), **how: str) -> Change:
    """Say a change."""
    return Change(kind=kind, sources=sources, targets=into, **how)


def recoded(id_: int, code: str) -> Change:
    """Say that a municipality gets another code."""
    return change(ChangeKind.RECODED, town(id_), new_atvk=code)


def order(*changes: Change, reference: str = "1", effective: date = DAY) -> OrderSaid:
    """Say an order."""
    return OrderSaid(reference=reference, legal_basis="Domes lēmums", effective=effective, changes=changes)


def carry_out(session: Session, rows: Sequence[Order]) -> None:
    """Approve all of them, then change the register by each on its day."""
    for row in rows:
        service.move(session, row, OrderState.APPROVED, origin=BY_REVIEWER, at=AT)
        places.found_targets(session, row, origin=BY_REVIEWER, at=AT)
    for row in sorted(rows, key=lambda one: (one.effective, one.id)):
        places.change_places(session, row, origin=BY_REVIEWER, at=AT)


def take_back(session: Session, rows: Sequence[Order]) -> None:
    """Put back what they did, the last one first."""
    for row in sorted(rows, key=lambda one: (one.effective, one.id), reverse=True):
        service.move(session, row, OrderState.APPLYING, origin=BY_REVIEWER, at=AT)
        service.move(session, row, OrderState.UNDOING, origin=BY_REVIEWER, at=AT)
        places.put_places_back(session, row, origin=BY_REVIEWER, at=AT)
