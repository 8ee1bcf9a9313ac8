"""Read the rows of a table as spreadsheet programs save them, by the columns its header names. Pure.

The header is the first line that is not blank, perhaps behind Excel's `sep=;`. What stands between values is told by
the header: the one of `;`, `,` and the tab that finds most of our columns.
"""

import csv
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from workflows.reorganisation.faults import Fault, fault

__all__ = ["Table", "rows_of", "table_in"]

_SEPARATORS = (";", ",", "\t")  # the first of them where none finds more
_SAID = re.compile(r'"?sep=(?P<separator>[^\s"]|\t)"?[;,\t]*', re.IGNORECASE)
_BLANK = re.compile(r'[\s;,"]*')
_APART = re.compile(r"[\s_-]+")
_MOST_BROKEN = 100  # each is followed by reading anew from the next line on


@dataclass(frozen=True, slots=True)
class Table:
    """A header and the lines under it; `line` is the header's, counted from 1."""

    line: int
    header: tuple[str, ...]
    separator: str
    under: Sequence[str]


def table_in(text: str, columns: Collection[str], aliases: Mapping[str, str]) -> Table:
    """Find the header; its names are those of `columns`, however they are spelt, where they are meant."""
    lines = text.split("\n")
    known = {_plain(name): name for name in columns} | {_plain(name): column for name, column in aliases.items()}
    separators: tuple[str, ...] = _SEPARATORS
    at = 0
    while at < len(lines) - 1 and (said := _skipped(lines[at])) is not None:
        separators = (said,) if said else separators
        at += 1
    headers = [(one, _header(lines[at], one, known)) for one in separators]
    separator, header = max(headers, key=lambda one: (len({*one[1]} & {*columns}), len(one[1])))
    return Table(at + 1, header, separator, lines[at + 1 :])


def rows_of(
    table: Table, columns: Collection[str], optional: Collection[str], faults: list[Fault]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the line and the values of each row, by column; a fault for each row that is none. Blank rows are none."""
    if wrong := list(_wrong_header(table, columns, optional)):
        faults += wrong
        return
    wanted = len(table.header)
    for line, row in _rows(table, faults):
        said, over = [value.strip() for value in row[:wanted]], row[wanted:]
        if not any(value.strip() for value in row):
            continue
        if len(said) < wanted or any(value.strip() for value in over):
            faults.append(fault(line, "columns", n=str(len(row)), wanted=str(wanted)))
            continue
        values = dict(zip(table.header, said, strict=True))
        yield line, {column: values.get(column, "") for column in columns}


def _rows(table: Table, faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    """Yield rows with their lines; behind one that is broken, the next line begins a row again."""
    at = 0
    for _ in range(_MOST_BROKEN):
        rest = table.under[at:]
        reader = csv.reader((f"{line}\n" for line in rest), strict=True, delimiter=table.separator)
        begun = at
        try:
            for row in reader:
                yield table.line + 1 + begun, row
                begun = at + reader.line_num
        except csv.Error as error:
            long = "limit" in str(error)
            faults.append(fault(table.line + 1 + begun, "value.long" if long else "csv"))
            at = begun + 1
        else:
            return


def _skipped(line: str) -> str | None:
    """Return what a line before the header says about separators: "" for a blank one, None for the header itself."""
    if _BLANK.fullmatch(line):
        return ""
    said = _SAID.fullmatch(line.rstrip(" "))
    return None if said is None else said["separator"]


def _header(line: str, separator: str, known: Mapping[str, str]) -> tuple[str, ...]:
    try:
        names = [name.strip() for name in next(csv.reader([line], delimiter=separator), [])]
    except csv.Error:
        return (line,)
    while names and not names[-1]:  # spreadsheets keep empty columns at the end
        names.pop()
    return tuple(known.get(_plain(name), name) for name in names)


def _plain(name: str) -> str:
    """Spell a column's name without capitals, marks over letters, and what stands between words."""
    letters = unicodedata.normalize("NFD", name.strip().casefold())
    return _APART.sub("_", "".join(one for one in letters if not unicodedata.combining(one)))


def _wrong_header(table: Table, columns: Collection[str], optional: Collection[str]) -> Iterator[Fault]:
    header = table.header
    if missing := [column for column in columns if column not in header and column not in optional]:
        yield fault(table.line, "header.missing", columns=", ".join(missing))
    if unknown := [column or "“”" for column in header if column not in columns]:
        yield fault(table.line, "header.unknown", columns=", ".join(unknown))
    if twice := sorted({column for column in header if column and header.count(column) > 1}):
        yield fault(table.line, "header.twice", columns=", ".join(twice))
