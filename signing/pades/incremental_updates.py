"""What was appended to a PDF, read so that there is one way to read it (ISO 32000-2 §7.5.6), or not at all.

pyHanko reads a file as its cross-reference tables say and forgives much; viewers forgive other things, and when a
table displeases them they look for objects themselves and take the last of each number. Whoever appends a revision can
write one that shows ours here and anything else there. So what was appended has to be, from its first byte to its last:

    (1) objects in strict syntax (`signing.pades.syntax.objects`), no number twice; a table or stream that lists them; a
        trailer; the end of the revision (`signing.pades.syntax.updates`);
    (2) as pyHanko read it: the same objects at the same places in the same number of revisions, one after the other;
    (3) listed where they stand: every object that is there, and an older one only where it always stood; in object
        streams likewise; where there are two tables, both say the same (`signing.pades.reader.xref_streams`);
    (4) complete in what viewers do not inherit: the catalog, and a size that covers all numbers there ever were;
    (5) without a number that some readers find and others do not, unless nothing leads to it from the trailer of any
        revision: one that was in use and is freed, a new one of a generation above nought, a table that does not list
        itself, an object that can be read in several ways. To free a number that never was in use says nothing, nor
        does its generation where the number is free with it, and first used so by everything that refers to it.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.xref import ObjStreamRef

from signing.errors import SigningError
from signing.pades.reader.faults import Malformed, guarded, whole
from signing.pades.reader.xref_streams import entries_of, tables_agree
from signing.pades.syntax.objects import MOST_OBJECTS, NotPlain, Ref, Value, blanks, number
from signing.pades.syntax.updates import CATALOG, OBJECT_STREAM, PlainUpdate, Update, listed, packed_in, read_update

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signing.pades.reader.pdf import Pdf

__all__ = ["why_ambiguous"]

_LONGEST_TAIL: Final = 512  # viewers look for the end in the last 1024 bytes


def why_ambiguous(pdf: Pdf, end: int, first: int, last: int) -> str:
    """Say what in the revisions `first` to `last`, which begin at the byte `end`, could be read in two ways; or ""."""
    try:
        return _objection(pdf, end, first, last) if first <= last else ""
    except SigningError as error:
        # The strict reader objects to much that the standard allows; the forgiving one is held against the same octets.
        return why_ambiguous(pdf.forgiving, end, first, last) if pdf.strict else str(error)


@guarded
def _objection(pdf: Pdf, end: int, first: int, last: int) -> str:
    try:
        highest = _size_before(pdf, first)
        for revision in range(first, last + 1):
            if (end, revision) not in pdf.plain:
                update = read_update(pdf.data, end, functools.partial(_length, pdf, revision))
                pdf.plain[end, revision] = _compare(pdf, update, revision)
            found = pdf.plain[end, revision]
            _check_reach(pdf, found, revision)
            end, size = found.end, found.size
            highest = max(highest, size)
        if size < highest:
            return "a size that leaves objects out"
        if last == pdf.revisions - 1 and not blanks(pdf.data, end) == len(pdf.data) <= end + _LONGEST_TAIL:
            return "more behind the last revision"
    except NotPlain as objection:
        return str(objection)
    return ""


def _length(pdf: Pdf, revision: int, ref: Ref) -> int:
    view = pdf.reader.get_historical_resolver(revision)
    return whole(view.get_object(generic.Reference(ref.number, ref.generation, pdf.reader)))


def _size_before(pdf: Pdf, first: int) -> int:
    xrefs = pdf.reader.xrefs
    return max((xrefs.get_xref_container_info(one).size for one in range(first)), default=0)


def _check_reach(pdf: Pdf, update: PlainUpdate, revision: int) -> None:
    """Demand that nothing leads to a number that only some readers find (5), before the revision and from then on."""
    doubtful = (pdf.doubtful.get(revision - 1, frozenset()) - update.written) | update.doubtful
    pdf.doubtful[revision] = doubtful
    reached: frozenset[int] = pdf.reaches(revision - 1) & update.doubtful if update.doubtful else frozenset()
    reached |= pdf.reaches(revision) & doubtful if doubtful else frozenset()
    renewed = pdf.renewed.get(revision - 1, frozenset())
    reached |= update.written & {one for one, _ in renewed}
    pdf.renewed[revision] = renewed = renewed | update.renewed
    if renewed:
        said = pdf.references(revision - 1) | pdf.references(revision)
        numbers = {one for one, _ in renewed}
        reached |= {one for one, generation in said if one in numbers and (one, generation) not in renewed}
    if reached:
        raise NotPlain(f"object {min(reached)} is found by some readers only")


def _compare(pdf: Pdf, update: Update, revision: int) -> PlainUpdate:
    """Compare a revision with what pyHanko made of it (2) to (5)."""
    xrefs = pdf.reader.xrefs
    section, info = xrefs.get_xref_data(revision), xrefs.get_xref_container_info(revision)
    previous = xrefs.get_xref_container_info(revision - 1).declared_startxref
    pointers = blanks(pdf.data, info.declared_startxref), blanks(pdf.data, update.startxref)
    if set(pointers) != {update.table_at}:
        raise NotPlain("an end that points elsewhere")
    if blanks(pdf.data, _number(update.trailer, b"/Prev")) != blanks(pdf.data, previous):
        raise NotPlain("tables found elsewhere")
    _check_second_table(pdf, update, section)
    packed = dict(_packed(pdf, update, revision, section))
    used = {one: (generation, blanks(pdf.data, place)) for one, (generation, place) in section.standard_xrefs.items()}
    there = {one.number: (one.generation, one.start) for one in update.objects.values()}
    own = update.stream.number if update.stream is not None else 0
    unlisted = {own} & (set(there) - set(used))
    if any(
        place != there[one] if one in there else not _stood(pdf, one, place, revision) for one, place in used.items()
    ):
        raise NotPlain("objects listed where they do not stand")
    if set(there) - set(used) - unlisted or set(used) & (set(packed) | set(section.freed)):
        raise NotPlain("objects that are not listed, or listed twice")
    if set(packed) & (set(there) | set(section.freed)) or (set(there) - unlisted) & set(section.freed):
        raise NotPlain("objects that are not listed, or listed twice")
    known = {*used, *packed, *section.freed}
    if known - {0} != listed(update) - {0}:
        raise NotPlain("a table that says more than is read in it")
    size = _number(update.trailer, b"/Size")
    if size > MOST_OBJECTS + 1:
        raise NotPlain("more objects than readers know")
    if size <= max(known, default=0):
        raise NotPlain("a size that leaves objects out")
    _check_catalogs(pdf, update, packed)
    doubtful = unlisted | update.aside | {one for one in section.freed if _was_there(pdf, one, revision)}
    others = {
        (one, generation)
        for one, (generation, _) in there.items()
        if generation and not _stands(pdf, one, generation, revision)
    }
    renewed = {(one, generation) for one, generation in others if _was_never_used(pdf, one, generation, revision)}
    doubtful |= {one for one, _ in others - renewed}
    written = {*there, *packed} - doubtful - {one for one, _ in renewed}
    return PlainUpdate(update.end, size, frozenset(written), frozenset(doubtful), frozenset(renewed))


def _check_second_table(pdf: Pdf, update: Update, section: Any) -> None:  # noqa: ANN401 - pyHanko has no types
    """Demand of a cross-reference stream beside a table (§7.5.8.4) that readers of either find the same objects."""
    stream = update.stream if update.lines is not None else None
    beside = update.trailer.get(b"/XRefStm")
    if beside is not None and (stream is None or blanks(pdf.data, number(beside)) != stream.start):
        raise NotPlain("a second table elsewhere")
    if (beside is None) != (section.hybrid is None):
        raise NotPlain("a second table that only some read")
    if stream is None or not isinstance(stream.value, dict):
        return
    for key in (b"/Root", b"/Prev"):
        if stream.value.get(key, update.trailer.get(key)) != update.trailer.get(key):
            raise NotPlain("two tables that lead elsewhere")
    if not tables_agree(section, entries_of(pdf.reader, stream.start), own=stream.number):
        raise NotPlain("two tables in one revision that say different things")


def _check_catalogs(pdf: Pdf, update: Update, packed: dict[int, Value]) -> None:
    """Demand one catalog (4): who looks for one himself may take any; and the encryption there was."""
    root = update.trailer.get(b"/Root")
    if not isinstance(root, Ref) or update.trailer.get(b"/Encrypt") != pdf.encryption:
        raise NotPlain("a trailer without a catalog, or of another encryption")
    values = {**{one.number: one.value for one in update.objects.values()}, **packed}
    for one, found in values.items():
        if isinstance(found, dict) and found.get(b"/Type") == CATALOG and one != root.number:
            raise NotPlain("a catalog beside the catalog")


def _stood(pdf: Pdf, one: int, listed_at: tuple[int, int], revision: int) -> bool:
    """Whether an object that is listed again stands where it stood before."""
    generation, place = listed_at
    before = pdf.reader.xrefs.get_historical_ref(generic.Reference(one, generation, pdf.reader), revision - 1)
    return isinstance(before, int) and blanks(pdf.data, before) == place


def _stands(pdf: Pdf, one: int, generation: int, revision: int) -> bool:
    """Whether an object of that generation was in use before the revision."""
    return isinstance(
        pdf.reader.xrefs.get_historical_ref(generic.Reference(one, generation, pdf.reader), revision - 1), int
    )


def _was_never_used(pdf: Pdf, one: int, generation: int, revision: int) -> bool:
    """Whether a number was free for use with that generation, and no object of it stands anywhere with another."""
    if _was_there(pdf, one, revision) or pdf.reader.next_generation(one, revision) != generation:
        return False
    header = re.compile(rb"(?<!\d)0*%d[\0\t\n\f\r ]+(\d{1,10})[\0\t\n\f\r ]+obj" % one)
    return {int(found[1]) for found in header.finditer(pdf.data)} == {generation}


def _was_there(pdf: Pdf, one: int, revision: int) -> bool:
    """Whether an object of that number stands anywhere before the revision, of whatever generation."""
    return bool(pdf.reader.existed_before(one, revision))


def _number(trailer: dict[bytes, Value], key: bytes) -> int:
    try:
        return number(trailer.get(key))
    except NotPlain:
        raise NotPlain(f"a trailer without {key.decode('ascii')}") from None


def _packed(
    pdf: Pdf,
    update: Update,
    revision: int,
    section: Any,  # noqa: ANN401 - pyHanko has no types
) -> Iterator[tuple[int, Value]]:
    """Yield the objects in object streams (3): what the streams hold is what the table says, one by one."""
    places = {(place.obj_stream_id, place.ix_in_stream): one for one, place in section.xrefs_in_objstm.items()}
    if len(places) != len(section.xrefs_in_objstm):
        raise NotPlain("two objects in one place of a stream")
    xrefs, view = pdf.reader.xrefs, pdf.reader.get_historical_resolver(revision)
    for one in update.objects.values():
        if not isinstance(one.value, dict) or one.value.get(b"/Type") != OBJECT_STREAM:
            continue
        stream = view.get_object(generic.Reference(one.number, 0, pdf.reader))
        if not isinstance(stream, generic.StreamObject):
            raise Malformed("an object stream that is no stream")
        inside = packed_in(bytes(stream.data), number(one.value.get(b"/First")), number(one.value.get(b"/N")))
        for index, (packed, found) in enumerate(inside):
            if places.pop((one.number, index), None) != packed:
                raise NotPlain(f"object {packed} packed and not listed")
            yield packed, found
    for (holder, index), one in places.items():
        before = xrefs.get_historical_ref(generic.Reference(one, 0, pdf.reader), revision - 1)
        if holder in update.objects or before != ObjStreamRef(holder, index):
            raise NotPlain("objects listed in streams that do not hold them")
        yield one, b"null"  # listed again where it always stood
