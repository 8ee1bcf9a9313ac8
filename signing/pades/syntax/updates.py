"""One revision appended to a PDF, read from its first octet to its last (ISO 32000-2 §7.5.6), or refused.

Objects, then a table or a stream that lists them, or both; a trailer; the end. Between these stand white space and
comments, and nothing else. Inside an object nothing is hidden that a program would take for another object when it
looks for objects itself. Where an object cannot be read in one way, but everybody sees where it ends, it is set aside:
it may stand there as long as nothing leads to it (`signing.pades.incremental_updates`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signing.pades.syntax.objects import (
    MOST_OBJECTS,
    NotPlain,
    Ref,
    Value,
    Written,
    blanks,
    dictionary,
    number,
    value,
    written_object,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CATALOG", "OBJECT_STREAM", "PlainUpdate", "Update", "listed", "packed_in", "read_update"]

CATALOG, OBJECT_STREAM, _XREF = b"/Catalog", b"/ObjStm", b"/XRef"
_BLANK = rb"[\0\t\n\f\r ]"
_COMMENT = re.compile(rb"%([^\r\n]*+)[\r\n]")
_TELLING = re.compile(rb"obj|xref|trailer|stream")
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
# What is set aside: no string that could go on for ever, no comment, no table, no objects, no catalog.
_SET_ASIDE = re.compile(rb"(?:<<|>>|<[0-9A-Fa-f]*>|[^()<>{}%])*+")
_NOT_SET_ASIDE = re.compile(rb"obj|xref|trailer|stream|EOF|Catalog|ObjStm|XRef|Sig", re.IGNORECASE)
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_ROWS = (b"1", *(b"%d" % one for one in range(10, 16)))
_ROW_DEFAULTS: Final = {b"/Predictor": b"1", b"/Colors": b"1", b"/BitsPerComponent": b"8"}
_MOST_LINES: Final = 200_000
_LONGEST_HEADER = 40
_LONGEST_NUMBER = 10
_DEAD = b"65535"


@dataclass(frozen=True, slots=True)
class Update:
    """One revision as it stands: its objects by number, where its table is, and what the table says where it is one.

    `stream` is the cross-reference stream: the table itself, or one that stands beside the table. `aside` are objects
    that cannot be read in one way.
    """

    objects: dict[int, Written]
    table_at: int
    trailer: dict[bytes, Value]
    lines: dict[int, bool] | None  # by number: in use, or free
    stream: Written | None
    startxref: int
    end: int
    aside: frozenset[int]


@dataclass(frozen=True, slots=True)
class PlainUpdate:
    """What is remembered of a revision that was read: where it ends, its size, and the numbers it speaks of.

    `written` are those everybody finds as they stand in it, `doubtful` those that only some readers find; `renewed` are
    free numbers first used with the generation they had, which everybody finds where all references say it.
    """

    end: int
    size: int
    written: frozenset[int]
    doubtful: frozenset[int]
    renewed: frozenset[tuple[int, int]] = frozenset()


def read_update(data: bytes, position: int, length_of: Callable[[Ref], int]) -> Update:
    """Read one revision from its first octet; `length_of` follows the length of a stream. Raises `NotPlain`."""
    objects: dict[int, Written] = {}
    stream: Written | None = None
    table: tuple[int, dict[bytes, Value]] | None = None
    lines: dict[int, bool] | None = None
    aside: set[int] = set()
    while True:
        position = _between(data, position)
        found = _object_at(data, position, length_of, aside)
        if found is not None:
            if found.number in objects or lines is not None:
                raise NotPlain(f"object {found.number} a second time, or behind the table")
            _check_inside(data, found)
            objects[found.number] = found
            position = found.end
            kind = found.value.get(b"/Type") if isinstance(found.value, dict) else None
            if isinstance(found.value, dict) and kind in {_XREF, OBJECT_STREAM}:
                _check_packing(found)
                if kind == _XREF:
                    if stream is not None:
                        raise NotPlain("two tables of one kind")
                    stream, table = found, (found.start, found.value)
        elif lines is None and data.startswith(b"xref", position):
            # Behind a cross-reference stream too: some software writes both, and the end points to this one.
            lines, after = _table(data, position + 4)
            trailer, after = dictionary(data, after)
            table = position, trailer
            position = after
        elif table is not None and (finish := _FINISH.match(data, position)):
            return Update(objects, *table, lines, stream, int(finish[1]), finish.end(), frozenset(aside))
        else:
            raise NotPlain(f"neither an object nor a table at {position}")


def _object_at(data: bytes, position: int, length_of: Callable[[Ref], int], aside: set[int]) -> Written | None:
    """Read the object that begins here, or set it aside; None when none does."""
    try:
        return written_object(data, position, length_of)
    except NotPlain:
        found = _set_aside(data, position)
        if found is None:
            raise
        aside.add(found.number)
        return found


def _between(data: bytes, position: int) -> int:
    """Pass over what may stand between objects: white space, and comments that are nothing but that to anybody."""
    while True:
        position = blanks(data, position)
        comment = _COMMENT.match(data, position)
        if comment is None:
            return position
        if _TELLING.search(comment[1]):
            raise NotPlain(f"a comment that looks like more at {position}")
        position = comment.end()


def _set_aside(data: bytes, position: int) -> Written | None:
    """Find the end of an object that cannot be read in one way; None where programs may see several ends."""
    header = _HEADER.match(data, position)
    end = data.find(b"endobj", position)
    if header is None or end < 0:
        return None
    content = data[header.end() : end]
    said = _ESCAPE.sub(lambda match: bytes((int(match[1], 16),)), content)
    if (
        int(header[1]) > MOST_OBJECTS
        or _SET_ASIDE.fullmatch(content) is None
        or _NOT_SET_ASIDE.search(content)
        or _NOT_SET_ASIDE.search(said)
    ):
        return None
    return Written(int(header[1]), int(header[2]), position, end + len(b"endobj"), b"null")


def _check_inside(data: bytes, found: Written) -> None:
    """Demand that a program which looks for objects itself finds this one here, and none inside it."""
    last = found.end - len(b"endobj")
    position = data.find(b"obj", found.start)  # its own header's
    while (position := data.find(b"obj", position + 3, last)) >= 0:
        before = data[max(found.start, position - _LONGEST_HEADER) : position]
        if before.endswith(b"end") or _HEADER_BEFORE.search(before):
            raise NotPlain(f"an object inside object {found.number}")
    if found.content is not None and data.find(b"endstream", *found.content) >= 0:
        raise NotPlain(f"object {found.number} ends twice")
    position = data.find(b"trailer", found.start, last)
    while position >= 0:
        if _TRAILER_INSIDE.match(data, position):
            raise NotPlain(f"a trailer inside object {found.number}")
        position = data.find(b"trailer", position + 1, last)


def _check_packing(found: Written) -> None:
    """Demand that everybody unpacks objects and tables alike: they are deflated at most, in rows as PNG has them."""
    stream = found.value
    if not isinstance(stream, dict) or found.content is None or found.generation:
        raise NotPlain("a table or objects that are not packed")
    filters, how = stream.get(b"/Filter", []), stream.get(b"/DecodeParms", b"null")
    if (filters if isinstance(filters, list) else [filters]) not in ([], [b"/FlateDecode"]) or b"/F" in stream:
        raise NotPlain("a table or objects packed in a rare way")
    if isinstance(how, list) and len(how) == 1:
        how = how[0]
    if how == b"null":
        return
    if not isinstance(how, dict) or not set(how) <= {*_ROW_DEFAULTS, b"/Columns"}:
        raise NotPlain("a table or objects packed in a rare way")
    said = {key: how.get(key, default) for key, default in _ROW_DEFAULTS.items()}
    if said[b"/Predictor"] not in _ROWS or said | {b"/Predictor": b"1"} != _ROW_DEFAULTS:
        raise NotPlain("a table or objects packed in a rare way")


def _table(data: bytes, position: int) -> tuple[dict[int, bool], int]:
    """Read a table up to the dictionary of its trailer (§7.5.4): each line has twenty octets, each number one line."""
    lines: dict[int, bool] = {}
    if blanks(data, position) == position:
        raise NotPlain(f"no table at {position}")
    while not data.startswith(b"trailer", position := blanks(data, position)):
        section = _SUBSECTION.match(data, position)
        if section is None:
            raise NotPlain(f"no table at {position}")
        position = section.end()
        first, count = int(section[1]), int(section[2])
        if first + count > MOST_OBJECTS + 1:
            raise NotPlain(f"more objects than readers know at {position}")
        for number_ in range(first, first + count):
            line = _LINE.match(data, position)
            if line is None or number_ in lines or len(lines) > _MOST_LINES:
                raise NotPlain(f"no line of a table, or a second one for {number_}, at {position}")
            if number_ == first == 1 and line[3] == b"f" and line[2] == _DEAD:
                raise NotPlain("a table that some count from nought")
            lines[number_] = line[3] == b"n"
            position = line.end()
    return lines, blanks(data, position + len(b"trailer"))


def listed(update: Update) -> set[int]:
    """Give all numbers the table or cross-reference stream has a line for, whatever the line says."""
    return set(update.lines) if update.lines is not None else _indexed(update.trailer)


def _indexed(stream: dict[bytes, Value]) -> set[int]:
    """Give the numbers that a cross-reference stream's /Index names (§7.5.8.2)."""
    index = stream.get(b"/Index", [b"0", stream.get(b"/Size", b"")])
    numbers = [number(one) for one in index] if isinstance(index, list) else []
    found: set[int] = set()
    for start, count in zip(numbers[::2], numbers[1::2], strict=False):
        if count > _MOST_LINES or start + count > MOST_OBJECTS + 1:
            raise NotPlain("too many lines in a table")
        found.update(range(start, start + count))
    if not isinstance(index, list) or len(numbers) % 2 or len(found) != sum(numbers[1::2]):
        raise NotPlain("a table whose lines overlap")
    return found


def packed_in(data: bytes, first: int, count: int) -> list[tuple[int, Value]]:
    """Give the objects in a stream with their numbers, which lie one after the other (§7.5.7)."""
    head = data[:first]
    numbers = _DIGITS.findall(head)
    glued = head[-1:].isdigit() and data[first : first + 1] not in {b"<", b"(", b"[", b"/"}
    if (
        _INDEX.fullmatch(head) is None
        or len(numbers) != 2 * count
        or glued
        or max(map(len, numbers), default=0) > _LONGEST_NUMBER
    ):
        raise NotPlain("an object stream with another index")
    position = first
    found: list[tuple[int, Value]] = []
    for number_, place in zip(map(int, numbers[::2]), map(int, numbers[1::2]), strict=True):
        if number_ > MOST_OBJECTS:
            raise NotPlain("more objects than readers know")
        if first + place < position:
            raise NotPlain("objects that lie over one another")
        one, position = value(data, blanks(data, first + place))
        if isinstance(one, Ref):
            raise NotPlain(f"object {number_} is another one")
        found.append((number_, one))
    return found
