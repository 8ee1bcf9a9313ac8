"""Read orders from CSV: one line a change; lines with the same reference are one order. Pure."""

import csv
from collections.abc import Iterator
from io import StringIO

from iam.orders.said import Change, PartySaid
from workflows.reorganisation.faults import Fault, fault
from workflows.reorganisation.reading_lines import ATVK, Entry, Read, day_in, kind_in, party_in

__all__ = ["COLUMNS", "looks_like_csv", "read_csv", "rows_of"]

COLUMNS = ("reference", "legal_basis", "effective", "change", "sources", "targets", "new_name", "new_code")
_OPTIONAL = frozenset({"targets", "new_name", "new_code"})
_BETWEEN = "|"


def looks_like_csv(text: str) -> bool:
    """Say whether the first line is a header with at least two of our columns."""
    return len(set(_header(text)) & set(COLUMNS)) > 1


def read_csv(text: str) -> Read:
    """Read the lines; columns may stand in any order, apart from `,` or `;`, and parties of one line from `|`."""
    read = Read()
    for line, said in rows_of(text, COLUMNS, _OPTIONAL, read.faults):
        before = len(read.faults)
        parties = [_parties(line, said[column], read.faults) for column in ("sources", "targets")]
        entry = _entry(line, said, (parties[0], parties[1]), read.faults)
        if entry is not None and len(read.faults) == before:
            read.entries.append(entry)
        else:
            read.lose(parties[1])
    return read


def rows_of(
    text: str, columns: tuple[str, ...], optional: frozenset[str], faults: list[Fault]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the line and the values of each row, by column; a fault for each row that is none. Blank rows are none."""
    reader = csv.reader(StringIO(text, newline=""), strict=True, delimiter=_delimiter(text))
    line = 1
    try:
        header = [name.strip() for name in next(reader, [])]
        wrong = list(_wrong_header(header, columns, optional))
        if wrong:
            faults += wrong
            return
        line = reader.line_num + 1
        for row in reader:
            if not any(value.strip() for value in row):
                pass
            elif len(row) == len(header):
                values = dict(zip(header, (value.strip() for value in row), strict=True))
                yield line, {column: values.get(column, "") for column in columns}
            else:
                faults.append(fault(line, "columns", n=str(len(row)), wanted=str(len(header))))
            line = reader.line_num + 1
    except csv.Error:
        faults.append(fault(line, "csv"))


def _entry(
    line: int, said: dict[str, str], parties: tuple[tuple[PartySaid, ...], tuple[PartySaid, ...]], faults: list[Fault]
) -> Entry | None:
    faults += [fault(line, f"{column}.empty") for column in ("reference", "legal_basis") if not said[column]]
    effective = day_in(line, said["effective"], faults)
    kind = kind_in(line, said["change"], faults)
    code = said["new_code"] or None
    if code is not None and not ATVK.fullmatch(code):
        faults.append(fault(line, "code.shape", text=code))
    if effective is None or kind is None:
        return None
    change = Change(
        kind=kind,
        sources=parties[0],
        targets=parties[1],
        new_name=" ".join(said["new_name"].split()) or None,
        new_atvk=code,
    )
    return Entry(line, said["reference"], said["legal_basis"], effective, change)


def _parties(line: int, cell: str, faults: list[Fault]) -> tuple[PartySaid, ...]:
    named = [party_in(line, one, faults) for one in cell.split(_BETWEEN) if cell]
    return tuple(party for party in named if party is not None)


def _wrong_header(header: list[str], columns: tuple[str, ...], optional: frozenset[str]) -> Iterator[Fault]:
    if missing := [column for column in columns if column not in header and column not in optional]:
        yield fault(1, "header.missing", columns=", ".join(missing))
    if unknown := [column for column in header if column not in columns]:
        yield fault(1, "header.unknown", columns=", ".join(unknown))
    if twice := sorted({column for column in header if header.count(column) > 1}):
        yield fault(1, "header.twice", columns=", ".join(twice))


def _delimiter(text: str) -> str:
    return ";" if ";" in text.partition("\n")[0] else ","


def _header(text: str) -> list[str]:
    return [name.strip().strip('"') for name in text.partition("\n")[0].split(_delimiter(text))]
