"""Take over the register of institutions from a file: all of it or nothing, again and again, saying what changed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from iam import audit, letters
from iam.audit import Origin
from iam.bulk import insert_all
from iam.ids import InstitutionId, MunicipalityId
from iam.institutions.models import Institution, InstitutionMunicipality, InstitutionName
from iam.institutions.reform_map import ReformMap, Renamed
from iam.institutions.register_file import RegisterRow, read_register
from iam.institutions.tags import RegisterTag
from iam.locks import one_at_a_time
from iam.periods import days, holds_on, riga_day

__all__ = ["REFORM", "ChangedEntry", "ImportReport", "Unplaced", "import_institutions"]

# The first day of the new municipalities (Administratīvo teritoriju un apdzīvoto vietu likums, 2020). The file's old_
# columns hold before it, its new_ columns from it on.
REFORM = date(2021, 7, 1)

_DETAILS = ("legal_status", "stage", "type", "founder", "parish", "branches", "units")
_EVERY = 100


@dataclass(frozen=True, slots=True)
class ChangedEntry:
    """A difference: of which institution (register number) or municipality (`m-…`), what, before and after."""

    of: str
    what: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.of} {self.what}: {self.before or '—'} → {self.after or '—'}"


@dataclass(frozen=True, slots=True)
class Unplaced:
    """An institution the file gives no municipality for. It is kept, and listed for a person to place."""

    line: int
    reg_no: str
    name: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reg_no} {self.name}"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. `sha256` names the file it was done from."""

    sha256: str
    rows: int
    added: tuple[str, ...]
    changed: tuple[ChangedEntry, ...]
    unchanged: int
    municipalities_added: int
    without_municipality: tuple[Unplaced, ...]
    # Recorded, and missing in the file. Nothing is closed for that: closing ends rights, which a person decides.
    not_in_file: tuple[str, ...]


@dataclass(slots=True)
class _Known:
    """What is recorded of one institution."""

    id: InstitutionId
    details: tuple[object, ...]
    name_id: int
    name: str
    name_period: Range[date]
    memberships: list[tuple[int, MunicipalityId, Range[date]]]


def import_institutions(
    session: Session,
    csv_path: Path,
    *,
    origin: Origin,
    at: datetime,
    progress: Callable[[int, int], None] | None = None,
    reform: date = REFORM,
) -> ImportReport:
    """Bring the register to what the file says, in the caller's transaction.

    A name that differs from the present one holds from the day of `at` on, the one before stays in history. Where an
    institution lay is compared on the two days around `reform` only: what was recorded for later days stays.
    `progress` is called with (rows done, rows in all). The audit names the file by its SHA-256, and what changed.

    Raises BadFile, naming every line at fault, before anything is written; OSError when the file cannot be read.
    """
    content = csv_path.read_bytes()
    rows = read_register(content)
    one_at_a_time(session, "register of institutions")
    reform_map = ReformMap(session, reform=reform)
    reform_map.record(rows)
    known = _known(session)
    writer = _Writer(session, reform_map, at=at, reform=reform)
    for done, row in enumerate(rows, start=1):
        writer.take(row, known.get(row.reg_no))
        if progress is not None and (done % _EVERY == 0 or done == len(rows)):
            progress(done, len(rows))
    writer.write()
    in_file = {row.reg_no for row in rows}
    touched = {change.of for change in writer.changed}
    report = ImportReport(
        sha256=sha256(content).hexdigest(),
        rows=len(rows),
        added=tuple(row.reg_no for row in writer.added),
        changed=(*map(_renamed, reform_map.renamed), *writer.changed),
        unchanged=len(rows) - len(writer.added) - len(touched),
        municipalities_added=reform_map.added,
        without_municipality=tuple(Unplaced(row.line, row.reg_no, row.name) for row in rows if row.after is None),
        not_in_file=tuple(sorted(set(known) - in_file)),
    )
    audit.record(
        session,
        RegisterTag.INSTITUTIONS_IMPORTED,
        origin=origin,
        subject=f"file:{report.sha256}",
        at=at,
        evidence=report.sha256,
        details={
            "rows": report.rows,
            "added": len(report.added),
            "changed": len(report.changed),
            "unchanged": report.unchanged,
            "municipalities_added": report.municipalities_added,
        },
    )
    return report


def _renamed(municipality: Renamed) -> ChangedEntry:
    return ChangedEntry(f"m-{municipality.municipality}", "name", municipality.before, municipality.after)


def _known(session: Session) -> dict[str, _Known]:
    details = [getattr(Institution, column) for column in _DETAILS]
    found = {
        id_: (reg_no, tuple(rest))
        for id_, reg_no, *rest in session.execute(select(Institution.id, Institution.reg_no, *details))
    }
    memberships: dict[InstitutionId, list[tuple[int, MunicipalityId, Range[date]]]] = {}
    for id_, institution_id, municipality_id, period in session.execute(
        select(
            InstitutionMunicipality.id,
            InstitutionMunicipality.institution_id,
            InstitutionMunicipality.municipality_id,
            InstitutionMunicipality.period,
        )
    ):
        memberships.setdefault(institution_id, []).append((id_, municipality_id, period))
    latest = select(
        InstitutionName.institution_id, InstitutionName.id, InstitutionName.name, InstitutionName.period
    ).order_by(func.upper(InstitutionName.period).asc().nulls_last())
    return {
        found[institution_id][0]: _Known(
            institution_id,
            found[institution_id][1],
            name_id,
            name,
            period,
            memberships.get(institution_id, []),
        )
        for institution_id, name_id, name, period in session.execute(latest)
    }


class _Writer:
    """Collects what differs, then writes it in a few statements."""

    def __init__(self, session: Session, reform_map: ReformMap, *, at: datetime, reform: date) -> None:
        self._session = session
        self._map = reform_map
        self._at = at
        self._reform = reform
        self._eve = reform - timedelta(days=1)
        self._names: list[dict[str, object]] = []
        self._memberships: list[dict[str, object]] = []
        self.added: list[RegisterRow] = []
        self.changed: list[ChangedEntry] = []

    def take(self, row: RegisterRow, known: _Known | None) -> None:
        """Compare one row with what is recorded."""
        if known is None:
            self.added.append(row)
            return
        self._compare_details(row, known)
        self._compare_name(row, known)
        self._compare_place(row, known)

    def write(self) -> None:
        """Write what is new: institutions, then what hangs on them."""
        if self.added:
            new = [
                {
                    "reg_no": row.reg_no,
                    "period": days(None, None),
                    "recorded_at": self._at,
                    **{column: getattr(row, column) for column in _DETAILS},
                }
                for row in self.added
            ]
            made = insert_all(self._session, Institution, new, returning=("id", "reg_no"))
            ids = {row.reg_no: row.id for row in made}
            for row in self.added:
                self._name(ids[row.reg_no], row.name, days(None, None))
                self._place(ids[row.reg_no], row, None, None)
        if self._names:
            insert_all(self._session, InstitutionName, self._names)
        if self._memberships:
            insert_all(self._session, InstitutionMunicipality, self._memberships)

    def _compare_details(self, row: RegisterRow, known: _Known) -> None:
        said = tuple(getattr(row, column) for column in _DETAILS)
        if said == known.details:
            return
        self._session.execute(
            update(Institution).where(Institution.id == known.id).values(dict(zip(_DETAILS, said, strict=True)))
        )
        for column, before, after in zip(_DETAILS, known.details, said, strict=True):
            if before != after:
                self.changed.append(ChangedEntry(row.reg_no, column, str(before), str(after)))

    def _compare_name(self, row: RegisterRow, known: _Known) -> None:
        if row.name == known.name:
            return
        today = riga_day(self._at)
        begun = known.name_period.lower
        if begun is not None and begun >= today:
            # Renamed twice on one day: the later name counts.
            self._session.execute(
                update(InstitutionName).where(InstitutionName.id == known.name_id).values(_keys(row.name))
            )
        else:
            before = Range(begun, today, bounds="[)")
            self._session.execute(
                update(InstitutionName).where(InstitutionName.id == known.name_id).values(period=before)
            )
            self._name(known.id, row.name, days(today, None))
        self.changed.append(ChangedEntry(row.reg_no, "name", known.name, row.name))

    def _compare_place(self, row: RegisterRow, known: _Known) -> None:
        if row.before is None or row.after is None:
            return  # the file does not know; what we know stays
        covering = {
            day: next((kept for kept in known.memberships if holds_on(kept[2], day)), None)
            for day in (self._eve, self._reform)
        }
        wanted = {self._eve: self._map.before(row.before), self._reform: self._map.after(row.after)}
        if all(kept is not None and kept[1] == wanted[day] for day, kept in covering.items()):
            return
        kept_before, kept_after = covering[self._eve], covering[self._reform]
        gone = [kept[0] for kept in (kept_before, kept_after) if kept is not None]
        self._session.execute(delete(InstitutionMunicipality).where(InstitutionMunicipality.id.in_(gone)))
        self._place(
            known.id,
            row,
            kept_before[2].lower if kept_before else None,
            kept_after[2].upper if kept_after else None,
        )
        told = " / ".join(f"m-{kept[1]}" if kept else "—" for kept in covering.values())
        now = " / ".join(f"m-{id_}" for id_ in wanted.values())
        self.changed.append(ChangedEntry(row.reg_no, "municipality", told, now))

    def _name(self, institution: InstitutionId, name: str, period: Range[date]) -> None:
        self._names.append({"institution_id": institution, "period": period, **_keys(name)})

    def _place(self, institution: InstitutionId, row: RegisterRow, lower: date | None, upper: date | None) -> None:
        if row.before is None or row.after is None:
            return
        before, after = self._map.before(row.before), self._map.after(row.after)
        if before == after:
            spans = [(before, Range(lower, upper, bounds="[)"))]
        else:
            spans = [
                (before, Range(lower, self._reform, bounds="[)")),
                (after, Range(self._reform, upper, bounds="[)")),
            ]
        self._memberships += [
            {"institution_id": institution, "municipality_id": municipality, "period": span}
            for municipality, span in spans
        ]


def _keys(name: str) -> dict[str, str]:
    return {"name": name, "search_key": letters.fold(name), "sort_key": letters.sort_key(name)}
