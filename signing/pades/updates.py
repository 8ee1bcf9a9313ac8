"""What was appended to a PDF, read so that there is one way to read it (ISO 32000-2 §7.5.6), or not at all.

pyHanko reads a file as its cross-reference tables say and forgives much; viewers forgive other things, and when a
table displeases them they look for objects themselves and take the last of each number. Whoever appends a revision can
write one that shows ours here and anything else there. So what was appended has to be, from its first byte to its last:

    (1) objects, each plainly written (`signing.pades._grammar`) and no number twice; a table or stream that lists them;
        a trailer; the end of the revision; comments nowhere but between these;
    (2) as pyHanko read it: the same objects at the same places in the same number of revisions, one after the other;
    (3) listed where they stand: every object that is there, and none that is not; in object streams likewise;
    (4) complete in what viewers do not inherit: the catalog, and a size that covers all numbers there ever were;
    (5) without freeing what pyHanko still finds, and without generations, about which hardly two readers agree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pyhanko.pdf_utils import generic

from signing.errors import SigningError
from signing.pades._grammar import NotPlain, Ref, Value, Written, blanks, dictionary, value, written_object
from signing.pades._pdf import guarded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signing.pades._pdf import Pdf

__all__ = ["why_ambiguous"]

_BLANK = rb"[\0\t\n\f\r ]"
_COMMENT = re.compile(rb"%([^\r\n]*+)[\r\n]")
_TELLING = re.compile(rb"obj|xref|trailer|stream")
_SUBSECTION = re.compile(rb"(\d{1,10}) (\d{1,10})" + _BLANK + rb"{1,3}")
_LINE = re.compile(rb"(\d{10}) (\d{5}) ([nf])(?: \r| \n|\r\n)")
_FINISH = re.compile(rb"startxref" + _BLANK + rb"{1,4}(\d{1,10})" + _BLANK + rb"{1,4}%%EOF(?:\r\n|\r|\n|\Z)")
_XREF, _OBJECT_STREAM = b"/XRef", b"/ObjStm"
_ROWS = (b"1", *(b"%d" % one for one in range(10, 16)))
_MOST_LINES: Final = 200_000
_LONGEST_TAIL: Final = 512  # viewers look for the end in the last 1024 bytes


@dataclass(frozen=True, slots=True)
class _Update:
    """One revision as it stands: its objects by number, where its table is, and what the table says where it is one."""

    objects: dict[int, Written]
    table_at: int
    trailer: dict[bytes, Value]
    lines: dict[int, bool] | None  # by number: in use, or free
    end: int


def why_ambiguous(pdf: Pdf, end: int, first: int, last: int) -> str:
    """Say what in the revisions `first` to `last`, which begin at the byte `end`, could be read in two ways; or ""."""
    try:
        return _objection(pdf, end, first, last) if first <= last else ""
    except SigningError as error:
        return str(error)


@guarded
def _objection(pdf: Pdf, end: int, first: int, last: int) -> str:
    try:
        highest = _size_before(pdf, first)
        for number in range(first, last + 1):
            if (end, number) not in pdf.plain:
                update = _read(pdf, end, number)
                pdf.plain[end, number] = update.end, _compare(pdf, update, number)
            end, size = pdf.plain[end, number]
            highest = max(highest, size)
        if size < highest:
            return "a size that leaves objects out"
        if last == pdf.revisions - 1 and not blanks(pdf.data, end) == len(pdf.data) <= end + _LONGEST_TAIL:
            return "more behind the last revision"
    except NotPlain as objection:
        return str(objection)
    return ""


def _size_before(pdf: Pdf, first: int) -> int:
    xrefs = pdf.reader.xrefs
    return max((xrefs.get_xref_container_info(number).size for number in range(first)), default=0)


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


def _read(pdf: Pdf, position: int, number: int) -> _Update:
    """Read one revision from its first byte (1)."""
    data = pdf.data
    view = pdf.reader.get_historical_resolver(number)

    def length_of(ref: Ref) -> int:
        return int(view.get_object(generic.Reference(ref.number, ref.generation, pdf.reader)))

    objects: dict[int, Written] = {}
    table: tuple[int, dict[bytes, Value]] | None = None
    lines: dict[int, bool] | None = None
    while True:
        position = _between(data, position)
        found = written_object(data, position, length_of)
        if found is not None:
            if found.number in objects or found.generation or (table is not None and lines is not None):
                raise NotPlain(f"object {found.number} a second time, or of another generation")
            objects[found.number] = found
            position = found.end
            kind = found.value.get(b"/Type") if isinstance(found.value, dict) else None
            if isinstance(found.value, dict) and kind in {_XREF, _OBJECT_STREAM}:
                _check_packing(found.value)
                table = (found.start, found.value) if kind == _XREF else table
        elif lines is None and data.startswith(b"xref", position):
            # Behind a cross-reference stream too: some software writes both, and the end points to this one.
            lines, after = _table(data, position + 4)
            trailer, after = dictionary(data, after)
            table = position, trailer
            position = after
        elif table is not None and (finish := _FINISH.match(data, position)):
            if int(finish[1]) != table[0]:
                raise NotPlain("an end that points elsewhere")
            return _Update(objects, *table, lines, finish.end())
        else:
            raise NotPlain(f"neither an object nor a table at {position}")


def _check_packing(stream: dict[bytes, Value]) -> None:
    """Demand that everybody unpacks objects and tables alike: they are deflated at most, in rows as PNG has them."""
    filters, how = stream.get(b"/Filter", []), stream.get(b"/DecodeParms", b"null")
    if (filters if isinstance(filters, list) else [filters]) not in ([], [b"/FlateDecode"]) or b"/F" in stream:
        raise NotPlain("a table or objects packed in a rare way")
    if isinstance(how, list) and len(how) == 1:
        how = how[0]
    if how == b"null":
        return
    if not isinstance(how, dict) or not set(how) <= {b"/Predictor", b"/Columns"} or how.get(b"/Predictor") not in _ROWS:
        raise NotPlain("a table or objects packed in a rare way")


def _table(data: bytes, position: int) -> tuple[dict[int, bool], int]:
    lines: dict[int, bool] = {}
    position = blanks(data, position)
    while not data.startswith(b"trailer", position):
        section = _SUBSECTION.match(data, position)
        if section is None:
            raise NotPlain(f"no table at {position}")
        position = section.end()
        for number in range(int(section[1]), int(section[1]) + int(section[2])):
            line = _LINE.match(data, position)
            if line is None or number in lines or len(lines) > _MOST_LINES:
                raise NotPlain(f"no line of a table, or a second one for {number}, at {position}")
            lines[number] = line[3] == b"n"
            position = line.end()
    return lines, blanks(data, position + len(b"trailer"))


def _compare(pdf: Pdf, update: _Update, number: int) -> int:
    """Compare a revision with what pyHanko made of it (2) to (5); return its size."""
    xrefs = pdf.reader.xrefs
    section, info = xrefs.get_xref_data(number), xrefs.get_xref_container_info(number)
    previous = xrefs.get_xref_container_info(number - 1).declared_startxref
    if section.hybrid is not None or b"/XRefStm" in update.trailer:
        raise NotPlain("two tables in one revision")
    if blanks(pdf.data, info.declared_startxref) != update.table_at or _number(update.trailer, b"/Prev") != previous:
        raise NotPlain("tables found elsewhere")
    packed = set(_packed(pdf, update, number, section))
    used = {
        one: blanks(pdf.data, place) for one, (generation, place) in section.standard_xrefs.items() if not generation
    }
    own = {one.number for one in update.objects.values() if one.start == update.table_at}
    there = {one.number: one.start for one in update.objects.values()}
    if len(used) != len(section.standard_xrefs) or {one: there[one] for one in there if one in used} != used:
        raise NotPlain("objects listed where they do not stand")
    if set(there) - set(used) - own or len({*there, *packed, *section.freed}) != len(there) + len(packed) + len(
        section.freed
    ):
        raise NotPlain("objects that are not listed, or listed twice")
    known = {*used, *packed, *section.freed}
    if known - {0} != _listed(update) - {0}:
        raise NotPlain("a table that says more than is read in it")
    for one in section.freed:
        if xrefs.get_historical_ref(generic.Reference(one, 0, pdf.reader), number) is not None:
            raise NotPlain(f"object {one} both freed and found")
    size = _number(update.trailer, b"/Size")
    if size <= max(known, default=0):
        raise NotPlain("a size that leaves objects out")
    if not isinstance(update.trailer.get(b"/Root"), Ref) or update.trailer.get(b"/Encrypt") != pdf.encryption:
        raise NotPlain("a trailer without a catalog, or of another encryption")
    return size


def _number(trailer: dict[bytes, Value], key: bytes) -> int:
    found = trailer.get(key)
    if not isinstance(found, bytes) or not found.isdigit():
        raise NotPlain(f"a trailer without {key.decode('ascii')}")
    return int(found)


def _listed(update: _Update) -> set[int]:
    """Give all numbers a table or cross-reference stream has a line for, whatever the line says."""
    if update.lines is not None:
        return set(update.lines)
    numbers = update.trailer.get(b"/Index", [b"0", update.trailer.get(b"/Size", b"")])
    found: set[int] = set()
    plain = (
        [int(one) for one in numbers if isinstance(one, bytes) and one.isdigit()] if isinstance(numbers, list) else []
    )
    for start, count in zip(plain[::2], plain[1::2], strict=False):
        if count > _MOST_LINES:
            raise NotPlain("too many lines in a table")
        found.update(range(start, start + count))
    if not isinstance(numbers, list) or len(plain) != len(numbers) or len(found) != sum(plain[1::2]):
        raise NotPlain("a table whose lines overlap")
    return found


def _packed(pdf: Pdf, update: _Update, number: int, section: Any) -> Iterator[int]:  # noqa: ANN401 - pyHanko has no types
    """Yield the objects in object streams (3): what the streams hold is what the table says, one by one."""
    listed = {(place.obj_stream_id, place.ix_in_stream): one for one, place in section.xrefs_in_objstm.items()}
    if len(listed) != len(section.xrefs_in_objstm):
        raise NotPlain("two objects in one place of a stream")
    view = pdf.reader.get_historical_resolver(number)
    for one in update.objects.values():
        if not isinstance(one.value, dict) or one.value.get(b"/Type") != _OBJECT_STREAM:
            continue
        stream = view.get_object(generic.Reference(one.number, 0, pdf.reader))
        for index, packed in enumerate(_numbers(bytes(stream.data), int(stream["/First"]), int(stream["/N"]))):
            if listed.pop((one.number, index), None) != packed:
                raise NotPlain(f"object {packed} packed and not listed")
            yield packed
    if listed:
        raise NotPlain("objects listed in streams that do not hold them")


def _numbers(data: bytes, first: int, count: int) -> list[int]:
    """Give the numbers of the objects in a stream, which stand one after the other and are plainly written."""
    head = data[:first].split()
    if len(head) != 2 * count or not all(one.isdigit() for one in head):
        raise NotPlain("an object stream with another index")
    position = first
    for place in map(int, head[1::2]):
        if first + place < position:
            raise NotPlain("objects that lie over one another")
        _, position = value(data, blanks(data, first + place))
    return [int(one) for one in head[::2]]
