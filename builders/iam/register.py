"""Invented registers and people for the tests of iam."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from builders.iam.codes import invented_code
from iam.audit import Actor, ActorKind, Door, Origin
from iam.institutions.register import ImportReport, import_institutions
from iam.institutions.register_file import COLUMNS
from iam.people import service as people
from iam.people.models import Person

AT = datetime(2026, 9, 1, 8, tzinfo=UTC)
REVIEWER = Actor(ActorKind.STAFF, "inese.kalna")
BY_REVIEWER = Origin(REVIEWER, Door.REVIEW)

# Two towns the reform joined into one novads, and one it left alone; none of them exists.
OLD_ALDA = {"old_atvk": "0990200", "old_municipality": "Aldas novads", "atr_changed": "yes"}
OLD_BIRZA = {"old_atvk": "0990400", "old_municipality": "Birzas novads", "atr_changed": "yes"}
NEW_ALDA = {"new_atvk": "0099000", "new_municipality": "Aldas novads"}
CIRULI = {
    "old_atvk": "0990600",
    "old_municipality": "Cīruļu novads",
    "new_atvk": "0099100",
    "new_municipality": "Cīruļu novads",
    "atr_changed": "no",
}
ROWS: tuple[Mapping[str, str], ...] = (
    {"reg_no": "4113900001", "name": "Aldas vidusskola", **OLD_ALDA, **NEW_ALDA},
    {"reg_no": "4101900002", "name": 'Birzas PII "Zīlīte"', **OLD_BIRZA, **NEW_ALDA},
    {"reg_no": "4213900003", "name": "Cīruļu pamatskola", **CIRULI},
    {"reg_no": "4260800004", "name": "Mācību centrs bez adreses"},
)


def register_line(row: Mapping[str, str]) -> str:
    """Write one line of a register; what is not said gets a value that fits."""
    number = row.get("reg_no", "")
    whole = {
        "reg_territory": number[:2],
        "reg_type": number[2:4],
        "reg_founder_digit": number[4:5],
        "legal_status": "Pastarpinātās pārvaldes iestāde",
        "veids": "Vispārējās izglītības iestāde",
        "tips": "Vispārizglītojošā vidusskola",
        "founder": "Aldas novada dome",
        "branches": "0",
        "units": "0",
        **row,
    }
    quoted = ('"' + whole.get(column, "").replace('"', '""') + '"' for column in COLUMNS)
    return ",".join(quoted)


def register_file(folder: Path, *rows: Mapping[str, str], header: str = ",".join(COLUMNS)) -> Path:
    """Write a register file."""
    path = folder / "register.csv"
    path.write_text("\n".join([header, *map(register_line, rows)]) + "\n", encoding="utf-8")
    return path


def imported(session: Session, folder: Path, *rows: Mapping[str, str], at: datetime = AT) -> ImportReport:
    """Import a register of these rows (of ROWS when none are given)."""
    return import_institutions(session, register_file(folder, *(rows or ROWS)), origin=BY_REVIEWER, at=at)


def person(session: Session, name: str = "Anna Bērziņa") -> Person:
    """Register an invented person of that name."""
    given_name, surname = name.split()
    return people.register(
        session, code=invented_code(name), given_name=given_name, surname=surname, origin=BY_REVIEWER, at=AT
    )
