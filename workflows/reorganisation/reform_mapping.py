"""Read a mapping of municipalities, old code to new code, as the one order it stands for. Pure.

A mapping has a line for each old municipality, or for each part of one that was split. What it says becomes changes:

- lines that lead into one new municipality: merged, or joined to the one of them that goes on
- lines of one old municipality that say `part`: split, without a successor
- the same municipality under another code: re-coded; under another name: renamed
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from iam.institutions.register import REFORM
from iam.orders.models import ChangeKind
from iam.orders.said import Change, PartySaid
from workflows.reorganisation.faults import Fault, fault
from workflows.reorganisation.order_table import Table, rows_of
from workflows.reorganisation.reading_lines import ATVK, Called, Entry, Read, day_in

__all__ = ["ATR", "MAPPED", "MappingOrder", "is_mapping", "read_mapping"]

_NEEDED = ("old_atvk", "old_name", "new_atvk", "new_name")
_TOLD = ("note", "units", "source", "name_map_source")  # for people
MAPPED = ("effective", *_NEEDED, "changed", "extent", *_TOLD)


@dataclass(frozen=True, slots=True)
class MappingOrder:
    """The order a mapping stands for; `effective` holds where its lines say no day."""

    reference: str
    legal_basis: str
    effective: date


ATR = MappingOrder("ATR", "Administratīvo teritoriju un apdzīvoto vietu likums", REFORM)


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    effective: date
    old: str
    old_name: str
    new: str
    new_name: str
    goes_on: bool
    part: bool


def is_mapping(table: Table) -> bool:
    """Say whether the header is that of a mapping."""
    return bool({"old_atvk", "new_atvk"} & {*table.header})


def read_mapping(table: Table, order: MappingOrder) -> Read:
    """Read the mapping; lines of several days are several orders, named by their day."""
    read = Read()
    optional = frozenset(MAPPED) - frozenset(_NEEDED)
    rows = []
    for line, said in rows_of(table, MAPPED, optional, read.faults):
        row = _row(line, said, order.effective, read.faults)
        if row is not None:
            rows.append(row)
    read.faults += _contradictions(rows)
    wrong = {one.line for one in read.faults}
    read.lost.update(f"atvk-{row.new}" for row in rows if row.line in wrong)
    rows = [row for row in rows if row.line not in wrong]
    by_day: defaultdict[date, list[_Row]] = defaultdict(list)
    for row in rows:
        by_day[row.effective].append(row)
    for day, of_the_day in sorted(by_day.items()):
        reference = f"{order.reference} {day}"
        read.entries += [
            Entry(line, reference, order.legal_basis, day, change) for line, change in _changes(of_the_day)
        ]
        read.called += [Called(row.line, reference, row.old, row.old_name) for row in of_the_day if row.old_name]
    read.names = {f"atvk-{row.old}": row.old_name for row in rows} | {f"atvk-{row.new}": row.new_name for row in rows}
    return read


def _row(line: int, said: dict[str, str], effective: date, faults: list[Fault]) -> _Row | None:
    before = len(faults)
    day = day_in(line, said["effective"], faults) if said["effective"] else effective
    codes = (said[column] for column in ("old_atvk", "new_atvk"))
    faults += [fault(line, "code.shape", text=code) for code in codes if not ATVK.fullmatch(code)]
    if not said["new_name"]:
        faults.append(fault(line, "target.unnamed"))
    if said["changed"] not in ("", "yes", "no"):
        faults.append(fault(line, "changed", text=said["changed"]))
    if said["extent"] not in ("", "whole", "part"):
        faults.append(fault(line, "extent", text=said["extent"]))
    if day is None or len(faults) > before:
        return None
    # The seventh digit of a code counts modifications: the six before it name the municipality.
    same = said["old_atvk"][:6] == said["new_atvk"][:6]
    return _Row(
        line=line,
        effective=day,
        old=said["old_atvk"],
        old_name=" ".join(said["old_name"].split()),
        new=said["new_atvk"],
        new_name=" ".join(said["new_name"].split()),
        goes_on=said["changed"] == "no" or (not said["changed"] and same),
        part=said["extent"] == "part",
    )


def _contradictions(rows: Iterable[_Row]) -> Iterator[Fault]:
    lines: dict[tuple[date, str, str], int] = {}
    whole: dict[tuple[date, str], _Row] = {}
    going_on: dict[tuple[date, str], _Row] = {}
    names: dict[tuple[date, str, str], tuple[int, str]] = {}
    for row in rows:
        for side, code, name in (("old", row.old, row.old_name), ("new", row.new, row.new_name)):
            line, before = names.setdefault((row.effective, side, code), (row.line, name))
            if before and name and before.casefold() != name.casefold():
                yield fault(row.line, "mapping.two_names", other=str(line), code=code, name=before)
        twice = lines.setdefault((row.effective, row.old, row.new), row.line)
        if twice != row.line:
            yield fault(row.line, "line.twice", other=str(twice))
            continue
        first = whole.setdefault((row.effective, row.old), row)
        if first is not row and not (first.part and row.part):
            yield fault(row.line, "mapping.contradicts", other=str(first.line))
        if row.goes_on and row.part:
            yield fault(row.line, "mapping.goes_on_in_part")
        if row.goes_on:
            other = going_on.setdefault((row.effective, row.new), row)
            if other is not row:
                yield fault(row.line, "mapping.contradicts", other=str(other.line))


def _changes(rows: list[_Row]) -> Iterator[tuple[int, Change]]:
    into: defaultdict[str, list[_Row]] = defaultdict(list)
    parts: defaultdict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        (parts[row.old] if row.part else into[row.new]).append(row)
    for new, of in into.items():
        yield from _into_one(new, of)
    founded = set(into)
    for old, of in parts.items():
        # Whatever another line founds is there already.
        targets = tuple(PartySaid(atvk=row.new, founded_as=None if row.new in founded else row.new_name) for row in of)
        founded |= {row.new for row in of}
        kind = ChangeKind.SPLIT if len(targets) > 1 else ChangeKind.PART_SPLIT_OFF
        yield of[0].line, Change(kind=kind, sources=(PartySaid(atvk=old),), targets=targets)


def _into_one(new: str, rows: list[_Row]) -> Iterator[tuple[int, Change]]:
    sources = [row for row in rows if not row.goes_on]
    kept = next((row for row in rows if row.goes_on), None)
    if kept is not None and kept.old != kept.new:
        yield kept.line, Change(kind=ChangeKind.RECODED, sources=(PartySaid(atvk=kept.old),), new_atvk=new)
    if kept is not None and kept.old_name and kept.old_name.casefold() != kept.new_name.casefold():
        yield kept.line, Change(kind=ChangeKind.RENAMED, sources=(PartySaid(atvk=kept.old),), new_name=kept.new_name)
    if not sources:
        return
    # Another may get the code that it has until then: a target is named as it is on the day.
    target = PartySaid(atvk=new, founded_as=None if kept is not None else rows[0].new_name)
    kind = ChangeKind.MERGED if kept is None and len(sources) > 1 else ChangeKind.JOINED
    yield (
        sources[0].line,
        Change(kind=kind, sources=tuple(PartySaid(atvk=row.old) for row in sources), targets=(target,)),
    )
