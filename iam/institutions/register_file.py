"""Read the register of institutions as the ministry's public export writes it. Pure: bytes in, rows or problems out.

Checked by hand, not by a schema library: each fault is one sentence for the operator, with its line and a stable code.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from iam.errors import BadFile, LineProblem

__all__ = ["COLUMNS", "MunicipalityInFile", "RegisterRow", "read_register"]

COLUMNS = (
    "reg_no",
    "reg_territory",
    "reg_type",
    "reg_founder_digit",
    "name",
    "legal_status",
    "veids",
    "tips",
    "founder",
    "branches",
    "units",
    "pagasts",
    "old_atvk",
    "old_municipality",
    "new_atvk",
    "new_municipality",
    "atr_changed",
)

_REG_NO = re.compile(r"[0-9]{10}")
_ATVK = re.compile(r"[0-9]{7}")
_COUNT = re.compile(r"[0-9]{1,4}")


@dataclass(frozen=True, slots=True)
class MunicipalityInFile:
    """A municipality as the file says it on one side of the reform: ATVK (text, leading zeros) and name."""

    atvk: str
    name: str


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One institution of the file. Before and after are None together, where the address was broken."""

    line: int
    reg_no: str
    name: str
    legal_status: str
    stage: str
    type: str
    founder: str
    parish: str
    branches: int
    units: int
    before: MunicipalityInFile | None
    after: MunicipalityInFile | None
    municipality_changed: bool


def read_register(content: bytes) -> tuple[RegisterRow, ...]:
    """Read and check a whole file: UTF-8, comma-separated, the header first.

    Raises BadFile naming every line at fault; the lines of a quoted name over two lines count as the first.
    """
    # (1) every byte is a letter
    _check_encoding(content)
    # (2) every line is a row of the expected columns
    problems: list[LineProblem] = []
    fields = list(_fields(content.decode("utf-8-sig"), problems))
    # (3) every row says an institution
    rows: list[RegisterRow] = []
    for line, said in fields:
        found = list(_problems_of(line, said))
        problems += found
        if not found:
            rows.append(_row(line, said))
    # (4) the rows do not contradict each other
    problems += _contradictions(rows)
    if not rows and not problems:
        problems.append(LineProblem(1, "file.empty", "there is no institution in the file"))
    if problems:
        raise BadFile(tuple(sorted(problems, key=lambda problem: problem.line)))
    return tuple(rows)


def _check_encoding(content: bytes) -> None:
    problems = []
    for line, part in enumerate(content.split(b"\n"), start=1):
        try:
            part.decode("utf-8")
        except UnicodeDecodeError as broken:
            position = broken.start + 1
            problems.append(LineProblem(line, "encoding", f"byte {position} is not UTF-8; save the file as UTF-8"))
    if problems:
        raise BadFile(tuple(problems))


def _fields(text: str, problems: list[LineProblem]) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    line = 1
    try:
        header = next(reader, [])
        if tuple(header) != COLUMNS:
            missing = [column for column in COLUMNS if column not in header]
            told = f"without {', '.join(missing)}" if missing else "in this order"
            raise BadFile((LineProblem(1, "header", f"the header must be {','.join(COLUMNS)}; it is {told}"),))
        line = reader.line_num + 1
        for row in reader:
            if len(row) == len(COLUMNS):
                yield line, dict(zip(COLUMNS, (value.strip() for value in row), strict=True))
            elif row:
                wrong = f"{len(row)} columns instead of {len(COLUMNS)}"
                problems.append(LineProblem(line, "columns", wrong))
            line = reader.line_num + 1
    except csv.Error as broken:
        problems.append(LineProblem(line, "csv", f"the quotes do not close properly ({broken})"))


def _problems_of(line: int, said: dict[str, str]) -> Iterator[LineProblem]:
    number = said["reg_no"]
    if not _REG_NO.fullmatch(number):
        yield LineProblem(line, "reg_no.shape", f"the number {number!r} is not ten digits")
    elif (number[:2], number[2:4], number[4]) != (said["reg_territory"], said["reg_type"], said["reg_founder_digit"]):
        parts = f"{said['reg_territory']}-{said['reg_type']}-{said['reg_founder_digit']}"
        yield LineProblem(line, "reg_no.parts", f"the number {number} does not begin with its parts {parts}")
    if not said["name"]:
        yield LineProblem(line, "name.empty", f"the institution {number} has no name")
    for column in ("branches", "units"):
        if not _COUNT.fullmatch(said[column]):
            yield LineProblem(line, f"{column}.number", f"{column} {said[column]!r} is not a number")
    yield from _problems_of_place(line, said)


def _problems_of_place(line: int, said: dict[str, str]) -> Iterator[LineProblem]:
    places = [said[column] for column in COLUMNS[12:]]
    if not any(places):
        return
    if not all(places):
        yield LineProblem(line, "municipality.half", "municipality columns must be filled all or none")
        return
    for column in ("old_atvk", "new_atvk"):
        if not _ATVK.fullmatch(said[column]):
            yield LineProblem(line, "atvk.shape", f"{column} {said[column]!r} is not seven digits")
    if said["atr_changed"] not in ("yes", "no"):
        yield LineProblem(line, "atr_changed", f"atr_changed {said['atr_changed']!r} is neither yes nor no")


def _row(line: int, said: dict[str, str]) -> RegisterRow:
    placed = bool(said["new_atvk"])
    return RegisterRow(
        line=line,
        reg_no=said["reg_no"],
        name=" ".join(said["name"].split()),
        legal_status=said["legal_status"],
        stage=said["veids"],
        type=said["tips"],
        founder=said["founder"],
        parish=said["pagasts"],
        branches=int(said["branches"]),
        units=int(said["units"]),
        before=MunicipalityInFile(said["old_atvk"], said["old_municipality"]) if placed else None,
        after=MunicipalityInFile(said["new_atvk"], said["new_municipality"]) if placed else None,
        municipality_changed=said["atr_changed"] == "yes",
    )


def _contradictions(rows: list[RegisterRow]) -> Iterator[LineProblem]:
    numbers: dict[str, int] = {}
    names: dict[tuple[str, str], MunicipalityInFile] = {}
    unchanged: dict[MunicipalityInFile, MunicipalityInFile | None] = {}
    for row in rows:
        first = numbers.setdefault(row.reg_no, row.line)
        if first != row.line:
            yield LineProblem(row.line, "reg_no.twice", f"the number {row.reg_no} stands in line {first} already")
        if row.before is None or row.after is None:
            continue
        for side, town in (("old", row.before), ("new", row.after)):
            known = names.setdefault((side, town.atvk), town)
            if known != town:
                told = f"{side}_atvk {town.atvk} is {known.name!r} above and {town.name!r} here"
                yield LineProblem(row.line, "atvk.two_names", told)
        stays = None if row.municipality_changed else row.after
        if unchanged.setdefault(row.before, stays) != stays:
            told = f"{row.before.name} is changed by the reform in one line and unchanged in another"
            yield LineProblem(row.line, "atr_changed.contradicts", told)
