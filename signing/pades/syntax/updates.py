"""One incremental update, read from its first octet to its last (ISO 32000-2 §7.5.6), or refused.

It consists of objects, a cross-reference table or stream or both, a trailer, and the end. Only white space and comments
may stand between these. An object must not contain what a reader that rebuilds the table would take for another object.
An object that readers parse differently, but whose end they agree on, is opaque: it may stand there as long as nothing
refers to it (`signing.pades.incremental_updates`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signing.pades.syntax.objects import (
    MAX_OBJECT_NUMBER,
    AmbiguousSyntax,
    ParsedObject,
    Ref,
    Value,
    read_dictionary,
    read_object,
    read_value,
    skip_white_space,
    whole_number,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CATALOG", "OBJECT_STREAM", "Update", "UpdateSummary", "listed_numbers", "objects_in_stream", "read_update"]

CATALOG, OBJECT_STREAM, _XREF = b"/Catalog", b"/ObjStm", b"/XRef"
_BLANK = rb"[\0\t\n\f\r ]"
_COMMENT = re.compile(rb"%([^\r\n]*+)[\r\n]")
_SYNTAX_WORDS = re.compile(rb"obj|xref|trailer|stream")
_SUBSECTION = re.compile(rb"(\d{1,10})[\t ]{1,8}(\d{1,10})" + _BLANK + rb"{1,64}")
_LINE = re.compile(rb"(\d{10}) (\d{5}) ([nf])(?: \r| \n|\r\n)")
_FINISH = re.compile(
    rb"startxref" + _BLANK + rb"{1,64}(\d{1,10})" + _BLANK + rb"{1,64}%%EOF[\0\t\f ]*(?:\r\n|\r|\n|\Z)"
)
_HEADER_BEFORE = re.compile(rb"\d" + _BLANK + rb"+\d+" + _BLANK + rb"*\Z")
_TRAILER_INSIDE = re.compile(rb"trailer" + _BLANK + rb"*<<")
_INDEX = re.compile(rb"[\0\t\n\f\r 0-9]*")
_DIGITS = re.compile(rb"\d+")
_HEADER = re.compile(rb"(\d{1,10})" + _BLANK + rb"+(\d{1,5})" + _BLANK + rb"+obj(?=" + _BLANK + rb"|[\[</])")
# An opaque object has no string or comment, which could hide its end, and names no table, object or catalog.
_OPAQUE = re.compile(rb"(?:<<|>>|<[0-9A-Fa-f]*>|[^()<>{}%])*+")
_NOT_OPAQUE = re.compile(rb"obj|xref|trailer|stream|EOF|Catalog|ObjStm|XRef|Sig", re.IGNORECASE)
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_ROWS = (b"1", *(b"%d" % one for one in range(10, 16)))
_ROW_DEFAULTS: Final = {b"/Predictor": b"1", b"/Colors": b"1", b"/BitsPerComponent": b"8"}
_MOST_LINES: Final = 200_000
_LONGEST_HEADER = 40
_LONGEST_NUMBER = 10
_DEAD = b"65535"


@dataclass(frozen=True, slots=True)
class Update:
    """One incremental update: its objects by number, the offset of its cross-reference section, and its trailer.

    `lines` are the entries of a classic table by object number, None where there is only a stream. `stream` is the
    cross-reference stream, alone or beside the table. `opaque` are the numbers of opaque objects.
    """

    objects: dict[int, ParsedObject]
    table_at: int
    trailer: dict[bytes, Value]
    lines: dict[int, bool] | None  # by number: in use, or free
    stream: ParsedObject | None
    startxref: int
    end: int
    opaque: frozenset[int]


@dataclass(frozen=True, slots=True)
class UpdateSummary:
    """What is kept of an update that was read: the offset of its end, its /Size, and its object numbers.

    `written` are the objects every reader finds, `ambiguous` those that only some readers find. `reused` are free
    numbers with the generation of their next use, which every reader finds when all references state it.
    """

    end: int
    size: int
    written: frozenset[int]
    ambiguous: frozenset[int]
    reused: frozenset[tuple[int, int]] = frozenset()


def read_update(data: bytes, position: int, length_of: Callable[[Ref], int]) -> Update:
    """Read one update from its first octet; `length_of` resolves an indirect /Length. Raises `AmbiguousSyntax`."""
    objects: dict[int, ParsedObject] = {}
    stream: ParsedObject | None = None
    table: tuple[int, dict[bytes, Value]] | None = None
    lines: dict[int, bool] | None = None
    opaque: set[int] = set()
    while True:
        position = _skip_between_objects(data, position)
        found = _object_at(data, position, length_of, opaque)
        if found is not None:
            if found.number in objects or lines is not None:
                raise AmbiguousSyntax(f"object {found.number} a second time, or behind the table")
            _check_nothing_nested(data, found)
            objects[found.number] = found
            position = found.end
            kind = found.value.get(b"/Type") if isinstance(found.value, dict) else None
            if isinstance(found.value, dict) and kind in {_XREF, OBJECT_STREAM}:
                _check_encoding(found)
                if kind == _XREF:
                    if stream is not None:
                        raise AmbiguousSyntax("two tables of one kind")
                    stream, table = found, (found.start, found.value)
        elif lines is None and data.startswith(b"xref", position):
            # Also behind a cross-reference stream: some software writes both, and startxref points to the table.
            lines, after = _table(data, position + 4)
            trailer, after = read_dictionary(data, after)
            table = position, trailer
            position = after
        elif table is not None and (finish := _FINISH.match(data, position)):
            return Update(objects, *table, lines, stream, int(finish[1]), finish.end(), frozenset(opaque))
        else:
            raise AmbiguousSyntax(f"neither an object nor a table at {position}")


def _object_at(data: bytes, position: int, length_of: Callable[[Ref], int], opaque: set[int]) -> ParsedObject | None:
    """Read the object that begins here, or treat it as opaque; None when none begins."""
    try:
        return read_object(data, position, length_of)
    except AmbiguousSyntax:
        found = _opaque_object(data, position)
        if found is None:
            raise
        opaque.add(found.number)
        return found


def _skip_between_objects(data: bytes, position: int) -> int:
    """Skip white space and comments between objects; refuse a comment that a reader could take for syntax."""
    while True:
        position = skip_white_space(data, position)
        comment = _COMMENT.match(data, position)
        if comment is None:
            return position
        if _SYNTAX_WORDS.search(comment[1]):
            raise AmbiguousSyntax(f"a comment that looks like more at {position}")
        position = comment.end()


def _opaque_object(data: bytes, position: int) -> ParsedObject | None:
    """Find the end of an opaque object; None where readers may see different ends."""
    header = _HEADER.match(data, position)
    end = data.find(b"endobj", position)
    if header is None or end < 0:
        return None
    content = data[header.end() : end]
    said = _ESCAPE.sub(lambda match: bytes((int(match[1], 16),)), content)
    if (
        int(header[1]) > MAX_OBJECT_NUMBER
        or _OPAQUE.fullmatch(content) is None
        or _NOT_OPAQUE.search(content)
        or _NOT_OPAQUE.search(said)
    ):
        return None
    return ParsedObject(int(header[1]), int(header[2]), position, end + len(b"endobj"), b"null")


def _check_nothing_nested(data: bytes, found: ParsedObject) -> None:
    """Demand that a reader which rebuilds the table finds this object here, and none inside it."""
    last = found.end - len(b"endobj")
    position = data.find(b"obj", found.start)  # its own header's
    while (position := data.find(b"obj", position + 3, last)) >= 0:
        before = data[max(found.start, position - _LONGEST_HEADER) : position]
        if before.endswith(b"end") or _HEADER_BEFORE.search(before):
            raise AmbiguousSyntax(f"an object inside object {found.number}")
    if found.content is not None and data.find(b"endstream", *found.content) >= 0:
        raise AmbiguousSyntax(f"object {found.number} ends twice")
    position = data.find(b"trailer", found.start, last)
    while position >= 0:
        if _TRAILER_INSIDE.match(data, position):
            raise AmbiguousSyntax(f"a trailer inside object {found.number}")
        position = data.find(b"trailer", position + 1, last)


def _check_encoding(found: ParsedObject) -> None:
    """Demand that all readers decode object and cross-reference streams alike: Flate at most, with PNG predictors."""
    stream = found.value
    if not isinstance(stream, dict) or found.content is None or found.generation:
        raise AmbiguousSyntax("a table or objects that are not packed")
    filters, how = stream.get(b"/Filter", []), stream.get(b"/DecodeParms", b"null")
    if (filters if isinstance(filters, list) else [filters]) not in ([], [b"/FlateDecode"]) or b"/F" in stream:
        raise AmbiguousSyntax("a table or objects packed in a rare way")
    if isinstance(how, list) and len(how) == 1:
        how = how[0]
    if how == b"null":
        return
    if not isinstance(how, dict) or not set(how) <= {*_ROW_DEFAULTS, b"/Columns"}:
        raise AmbiguousSyntax("a table or objects packed in a rare way")
    said = {key: how.get(key, default) for key, default in _ROW_DEFAULTS.items()}
    if said[b"/Predictor"] not in _ROWS or said | {b"/Predictor": b"1"} != _ROW_DEFAULTS:
        raise AmbiguousSyntax("a table or objects packed in a rare way")


def _table(data: bytes, position: int) -> tuple[dict[int, bool], int]:
    """Read a table up to its trailer dictionary (§7.5.4): each entry has twenty octets, each number one entry."""
    lines: dict[int, bool] = {}
    if skip_white_space(data, position) == position:
        raise AmbiguousSyntax(f"no table at {position}")
    while not data.startswith(b"trailer", position := skip_white_space(data, position)):
        section = _SUBSECTION.match(data, position)
        if section is None:
            raise AmbiguousSyntax(f"no table at {position}")
        position = section.end()
        first, count = int(section[1]), int(section[2])
        if first + count > MAX_OBJECT_NUMBER + 1:
            raise AmbiguousSyntax(f"more objects than readers know at {position}")
        for number_ in range(first, first + count):
            line = _LINE.match(data, position)
            if line is None or number_ in lines or len(lines) > _MOST_LINES:
                raise AmbiguousSyntax(f"no line of a table, or a second one for {number_}, at {position}")
            if number_ == first == 1 and line[3] == b"f" and line[2] == _DEAD:
                raise AmbiguousSyntax("a table that some count from nought")
            lines[number_] = line[3] == b"n"
            position = line.end()
    return lines, skip_white_space(data, position + len(b"trailer"))


def listed_numbers(update: Update) -> set[int]:
    """Return all object numbers for which the cross-reference section has an entry, whatever the entry says."""
    return set(update.lines) if update.lines is not None else _indexed(update.trailer)


def _indexed(stream: dict[bytes, Value]) -> set[int]:
    """Return the object numbers in a cross-reference stream's /Index (§7.5.8.2)."""
    index = stream.get(b"/Index", [b"0", stream.get(b"/Size", b"")])
    numbers = [whole_number(one) for one in index] if isinstance(index, list) else []
    found: set[int] = set()
    for start, count in zip(numbers[::2], numbers[1::2], strict=False):
        if count > _MOST_LINES or start + count > MAX_OBJECT_NUMBER + 1:
            raise AmbiguousSyntax("too many lines in a table")
        found.update(range(start, start + count))
    if not isinstance(index, list) or len(numbers) % 2 or len(found) != sum(numbers[1::2]):
        raise AmbiguousSyntax("a table whose lines overlap")
    return found


def objects_in_stream(data: bytes, first: int, count: int) -> list[tuple[int, Value]]:
    """Return the objects of an object stream with their numbers; they must not overlap (§7.5.7)."""
    head = data[:first]
    numbers = _DIGITS.findall(head)
    glued = head[-1:].isdigit() and data[first : first + 1] not in {b"<", b"(", b"[", b"/"}
    if (
        _INDEX.fullmatch(head) is None
        or len(numbers) != 2 * count
        or glued
        or max(map(len, numbers), default=0) > _LONGEST_NUMBER
    ):
        raise AmbiguousSyntax("an object stream with another index")
    position = first
    found: list[tuple[int, Value]] = []
    for number_, place in zip(map(int, numbers[::2]), map(int, numbers[1::2]), strict=True):
        if number_ > MAX_OBJECT_NUMBER:
            raise AmbiguousSyntax("more objects than readers know")
        if first + place < position:
            raise AmbiguousSyntax("objects that lie over one another")
        one, position = read_value(data, skip_white_space(data, first + place))
        if isinstance(one, Ref):
            raise AmbiguousSyntax(f"object {number_} is another one")
        found.append((number_, one))
    return found
