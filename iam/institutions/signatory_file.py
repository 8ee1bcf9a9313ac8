"""Take over who may sign from a file: all of it or nothing, again and again, saying what changed.

Checked by hand, not by a schema library: each fault is one sentence for the operator, with its line and a stable code.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy.orm import Session

from iam import audit
from iam.audit import Origin
from iam.errors import BadFile, BadPersonalCode, LineProblem, SignatoryOutlasts, SignatoryOverlaps, Unknown
from iam.ids import ScopeId
from iam.institutions.entitlements import (
    hold_signatories,
    known_signatories,
    record_signatory,
    refuse_beyond_its_place,
    withdraw_signatory,
)
from iam.institutions.models import Capacity, Signatory, SourceKind
from iam.institutions.service import scope_by_code
from iam.institutions.tags import RegisterTag
from iam.people.rules import PersonalCode, parse_personal_code
from iam.people.service import register
from iam.periods import days

__all__ = ["COLUMNS", "SignatoryImport", "SignatoryRow", "import_signatories", "read_signatories"]

COLUMNS = ("scope", "person_code", "name", "capacity", "from", "until", "email", "source")
_OPTIONAL = frozenset({"from", "until", "email"})


@dataclass(frozen=True, slots=True)
class SignatoryRow:
    """One line: who may sign where, as what, on which days (both included), and where that is known from."""

    line: int
    scope: str
    code: PersonalCode
    given_name: str
    surname: str
    capacity: Capacity
    since: date | None
    until: date | None
    email: str | None
    source: str


@dataclass(frozen=True, slots=True)
class SignatoryImport:
    """What an import of signatories did; `changed` had other days, another capacity or another source before."""

    recorded: int
    changed: int
    unchanged: int


def import_signatories(session: Session, content: bytes, *, origin: Origin, at: datetime) -> SignatoryImport:
    """Record who may sign, in the caller's transaction, from a `;`-separated file with its header (UTF-8).

    The audit says which file it was, by SHA-256; so does the entry of each person recorded from it.
    A line with the same scope, person and first day as one recorded takes its place. Somebody recorded and missing in
    the file stays. Raises BadFile naming every line at fault before anything is recorded; a line that overlaps what
    is recorded is named too, and lines for places that have ended by then, and the caller rolls back.
    """
    digest = sha256(content).hexdigest()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        line = content.count(b"\n", 0, broken.start) + 1
        raise BadFile((LineProblem(line, "encoding", "the file is not UTF-8"),)) from None
    rows = read_signatories(io.StringIO(text, newline=""))
    scopes = _scopes(session, rows)
    outlasting: list[LineProblem] = []
    counts = {"recorded": 0, "changed": 0, "unchanged": 0}
    for row in rows:
        person = register(session, code=row.code, given_name=row.given_name, surname=row.surname, origin=origin, at=at)
        hold_signatories(session, scopes[row.scope])
        known = next(
            (
                signatory
                for signatory in known_signatories(session, scopes[row.scope])
                if signatory.person_id == person.id and signatory.since == row.since
            ),
            None,
        )
        if known is not None and _same(known, row):
            counts["unchanged"] += 1
            continue
        try:
            refuse_beyond_its_place(session, scopes[row.scope], until=row.until)
        except SignatoryOutlasts as ended:
            told = (
                f"{row.scope} has ended: write until {ended.last_day} or an earlier day, or leave the line out;"
                " whoever signs for what came after it is recorded there"
            )
            outlasting.append(LineProblem(row.line, "scope.ended", told))
            continue
        begins = at if known is None else withdraw_signatory(session, known, origin=origin, at=at)
        try:
            record_signatory(
                session,
                scope_id=scopes[row.scope],
                person_id=person.id,
                capacity=row.capacity,
                since=row.since,
                until=row.until,
                source=row.source,
                source_kind=SourceKind.IMPORT,
                email=row.email,
                evidence=digest,
                origin=origin,
                at=begins,
            )
        except SignatoryOverlaps:
            told = "this person may sign there on some of these days already"
            raise BadFile((LineProblem(row.line, "period.overlaps", told),)) from None
        counts["recorded" if known is None else "changed"] += 1
    if outlasting:
        raise BadFile(tuple(outlasting))
    audit.record(
        session,
        RegisterTag.SIGNATORIES_IMPORTED,
        origin=origin,
        subject=f"file:{digest}",
        at=at,
        evidence=digest,
        details=counts,
    )
    return SignatoryImport(**counts)


def read_signatories(lines: Iterable[str]) -> tuple[SignatoryRow, ...]:
    """Read and check the lines. Pure. Raises BadFile naming every line at fault; codes are not repeated in it."""
    problems: list[LineProblem] = []
    rows: list[SignatoryRow] = []
    reader = csv.reader(lines, delimiter=";", strict=True)
    try:
        header = [name.strip().removeprefix("\ufeff") for name in next(reader, [])]
        if tuple(header) != COLUMNS:
            raise BadFile((LineProblem(1, "header", f"the header must be {';'.join(COLUMNS)}"),))
        for values in reader:
            line = reader.line_num
            if len(values) != len(COLUMNS):
                if values:
                    problems.append(LineProblem(line, "columns", f"{len(values)} columns instead of {len(COLUMNS)}"))
                continue
            said = dict(zip(COLUMNS, (value.strip() for value in values), strict=True))
            row = _row(line, said, problems)
            if row is not None:
                rows.append(row)
    except csv.Error as broken:
        problems.append(LineProblem(reader.line_num, "csv", f"the quotes do not close properly ({broken})"))
    if problems:
        raise BadFile(tuple(problems))
    return tuple(rows)


def _row(line: int, said: dict[str, str], problems: list[LineProblem]) -> SignatoryRow | None:
    found = list(_problems_of(line, said))
    problems += found
    if found:
        return None
    *given, surname = said["name"].split()
    return SignatoryRow(
        line=line,
        scope=said["scope"],
        code=parse_personal_code(said["person_code"]),
        given_name=" ".join(given),
        surname=surname,
        capacity=Capacity(said["capacity"]),
        since=_day(said["from"]),
        until=_day(said["until"]),
        email=said["email"] or None,
        source=said["source"],
    )


def _problems_of(line: int, said: dict[str, str]) -> Iterator[LineProblem]:
    for column in COLUMNS:
        if not said[column] and column not in _OPTIONAL:
            yield LineProblem(line, f"{column}.empty", f"{column} is empty")
    if said["person_code"]:
        try:
            parse_personal_code(said["person_code"])
        except BadPersonalCode as bad:
            yield LineProblem(line, f"person_code.{bad.reason}", f"the personal code is not one ({bad.reason})")
    if said["name"] and len(said["name"].split()) == 1:
        yield LineProblem(line, "name.one_word", f"{said['name']!r} is not a given name and a surname")
    if said["capacity"] and said["capacity"] not in set(Capacity):
        known = ", ".join(Capacity)
        yield LineProblem(line, "capacity.unknown", f"capacity {said['capacity']!r} is none of {known}")
    if said["email"] and "@" not in said["email"]:
        yield LineProblem(line, "email.shape", f"{said['email']!r} is no e-mail address")
    yield from _problems_of_days(line, said)


def _problems_of_days(line: int, said: dict[str, str]) -> Iterator[LineProblem]:
    try:
        since, until = _day(said["from"]), _day(said["until"])
    except ValueError:
        yield LineProblem(line, "day.shape", "from and until are days like 2026-09-01, or empty")
        return
    try:
        days(since, until)
    except ValueError as backwards:
        yield LineProblem(line, "day.order", str(backwards))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _scopes(session: Session, rows: tuple[SignatoryRow, ...]) -> dict[str, ScopeId]:
    found: dict[str, ScopeId] = {}
    problems = []
    for row in rows:
        try:
            if row.scope not in found:
                found[row.scope] = scope_by_code(session, row.scope).id
        except Unknown as unknown:
            problems.append(LineProblem(row.line, "scope.unknown", str(unknown)))
    if problems:
        raise BadFile(tuple(problems))
    return found


def _same(known: Signatory, row: SignatoryRow) -> bool:
    return (known.capacity, known.period, known.email, known.source) == (
        row.capacity,
        days(row.since, row.until),
        row.email,
        row.source,
    )
