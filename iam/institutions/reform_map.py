"""Find or make the municipalities a register file speaks of, under our own lasting ids."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session, selectinload

from iam import letters
from iam.errors import BadFile, LineProblem
from iam.ids import MunicipalityId
from iam.institutions.models import Municipality, MunicipalityCode, MunicipalityName
from iam.institutions.register_file import MunicipalityInFile, RegisterRow
from iam.periods import days, holds_on

__all__ = ["ReformMap", "Renamed"]


@dataclass(frozen=True, slots=True)
class Renamed:
    """A municipality the file calls by another name than we did."""

    municipality: MunicipalityId
    before: str
    after: str


class ReformMap:
    """The municipalities before and after `reform`, the first day of the new map.

    One the reform left alone is one municipality with two codes; one it changed ends the day before, and what the file
    calls it after is another municipality, even under the same name: rights of the old one do not reach into the new.
    """

    def __init__(self, session: Session, *, reform: date) -> None:
        self._session = session
        self._reform = reform
        self._eve = reform - timedelta(days=1)
        self._by_code: dict[tuple[date, str], Municipality] = {}
        known = session.scalars(
            select(Municipality).options(selectinload(Municipality.codes), selectinload(Municipality.names))
        )
        for municipality in known:
            for code in municipality.codes:
                for day in (self._eve, reform):
                    if holds_on(code.period, day):
                        self._by_code[day, code.atvk] = municipality
        self.added = 0
        self.renamed: list[Renamed] = []

    def record(self, rows: Iterable[RegisterRow]) -> None:
        """Find or make every municipality of the rows. Raises BadFile where the file contradicts what is recorded."""
        problems: list[LineProblem] = []
        seen: set[tuple[MunicipalityInFile, MunicipalityInFile, bool]] = set()
        for row in rows:
            if row.before is None or row.after is None:
                continue
            pair = (row.before, row.after, row.municipality_changed)
            if pair not in seen:
                seen.add(pair)
                problems += self._pair(row.line, row.before, row.after, changed=row.municipality_changed)
        if problems:
            raise BadFile(tuple(problems))
        self._session.flush()

    def before(self, named: MunicipalityInFile) -> MunicipalityId:
        """Return the id of the municipality that had the code on the eve of the reform."""
        return self._by_code[self._eve, named.atvk].id

    def after(self, named: MunicipalityInFile) -> MunicipalityId:
        """Return the id of the municipality that has the code since the reform."""
        return self._by_code[self._reform, named.atvk].id

    def _pair(
        self, line: int, before: MunicipalityInFile, after: MunicipalityInFile, *, changed: bool
    ) -> Iterator[LineProblem]:
        old = self._by_code.get((self._eve, before.atvk))
        new = self._by_code.get((self._reform, after.atvk))
        if changed and old is not None and old is new:
            yield LineProblem(
                line, "municipality.was_unchanged", f"{before.name} is recorded as left alone by the reform"
            )
        elif not changed and old is not new:
            yield LineProblem(line, "municipality.was_changed", f"{before.name} is recorded as changed by the reform")
        elif changed:
            self._one(old, {self._eve: before})
            self._one(new, {self._reform: after})
        else:
            self._one(old, {self._eve: before, self._reform: after})

    def _one(self, known: Municipality | None, said: dict[date, MunicipalityInFile]) -> None:
        """Record one municipality, known or not, that is called `said` on either or both sides of the reform."""
        if known is not None:
            for day, named in said.items():
                self._rename(known, named, day)
            return
        made = Municipality(period=self._side(*said))
        names = {named.name for named in said.values()}
        codes = {named.atvk for named in said.values()}
        for name in sorted(names):
            period = self._side(*(day for day, named in said.items() if named.name == name))
            made.names.append(_named(name, MunicipalityName(period=period)))
        for atvk in sorted(codes):
            period = self._side(*(day for day, named in said.items() if named.atvk == atvk))
            made.codes.append(MunicipalityCode(atvk=atvk, period=period))
        self._session.add(made)
        for day, named in said.items():
            self._by_code[day, named.atvk] = made
        self.added += 1

    def _side(self, *sides: date) -> Range[date]:
        return days(None if self._eve in sides else self._reform, None if self._reform in sides else self._eve)

    def _rename(self, known: Municipality, named: MunicipalityInFile, day: date) -> None:
        for row in known.names:
            if holds_on(row.period, day) and row.name != named.name:
                self.renamed.append(Renamed(known.id, row.name, named.name))
                _named(named.name, row)


def _named(name: str, row: MunicipalityName) -> MunicipalityName:
    row.name, row.search_key, row.sort_key = name, letters.fold(name), letters.sort_key(name)
    return row
