"""Incremental updates (ISO 32000-2 §7.5.6) that all readers read alike; others are refused.

pyHanko follows the cross-reference tables and tolerates much. Viewers tolerate other errors; when a table fails, they
rebuild it by searching for objects, and take the last of each number. So an attacker can append a revision that shows
one document to pyHanko and another to a viewer. Every update must therefore be, from its first byte to its last:

    (1) objects in strict syntax (`signing.pades.syntax.objects`), no number twice; a table or stream that lists them; a
        trailer; the end of the revision (`signing.pades.syntax.updates`);
    (2) as pyHanko read it: the same objects at the same offsets, in the same number of consecutive revisions;
    (3) listed at its offset: every object in it, and an older object only at its old offset; in object streams
        likewise; where there are two tables, they agree (`signing.pades.reader.xref_streams`);
    (4) complete in what viewers do not inherit: the catalog, and a /Size above every number there ever was;
    (5) without an object that only some readers find, unless nothing reachable from any revision's trailer refers to
        it: one that was in use and is freed, a new one of a generation above 0, a cross-reference stream that does not
        list itself, an opaque object. Freeing a number that was never in use has no effect. Nor has the generation of
        a free number, when the number is first used with it and every reference states it.
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
from signing.pades.syntax.objects import MAX_OBJECT_NUMBER, AmbiguousSyntax, Ref, Value, skip_white_space, whole_number
from signing.pades.syntax.updates import (
    CATALOG,
    OBJECT_STREAM,
    Update,
    UpdateSummary,
    listed_numbers,
    objects_in_stream,
    read_update,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signing.pades.reader.pdf import Pdf

__all__ = ["why_ambiguous"]

_LONGEST_TAIL: Final = 512  # viewers search for the end in the last 1024 bytes


def why_ambiguous(pdf: Pdf, end: int, first: int, last: int) -> str:
    """Return why readers may differ about the revisions `first` to `last`, which begin at the offset `end`; or ""."""
    try:
        return _objection(pdf, end, first, last) if first <= last else ""
    except SigningError as error:
        # The strict reader refuses much that the standard allows; the tolerant one is compared with the same octets.
        return why_ambiguous(pdf.tolerant, end, first, last) if pdf.strict else str(error)


@guarded
def _objection(pdf: Pdf, end: int, first: int, last: int) -> str:
    try:
        highest = _size_before(pdf, first)
        for revision in range(first, last + 1):
            if (end, revision) not in pdf.updates:
                update = read_update(pdf.data, end, functools.partial(_length, pdf, revision))
                pdf.updates[end, revision] = _compare(pdf, update, revision)
            found = pdf.updates[end, revision]
            _check_reach(pdf, found, revision)
            end, size = found.end, found.size
            highest = max(highest, size)
        if size < highest:
            return "a size that leaves objects out"
        if last == pdf.revisions - 1 and not skip_white_space(pdf.data, end) == len(pdf.data) <= end + _LONGEST_TAIL:
            return "more behind the last revision"
    except AmbiguousSyntax as objection:
        return str(objection)
    return ""


def _length(pdf: Pdf, revision: int, ref: Ref) -> int:
    view = pdf.reader.get_historical_resolver(revision)
    return whole(view.get_object(generic.Reference(ref.number, ref.generation, pdf.reader)))


def _size_before(pdf: Pdf, first: int) -> int:
    xrefs = pdf.reader.xrefs
    return max((xrefs.get_xref_container_info(one).size for one in range(first)), default=0)


def _check_reach(pdf: Pdf, update: UpdateSummary, revision: int) -> None:
    """Demand that nothing reachable refers to an ambiguous object (5), before the revision and from then on."""
    ambiguous = (pdf.ambiguous.get(revision - 1, frozenset()) - update.written) | update.ambiguous
    pdf.ambiguous[revision] = ambiguous
    reached: frozenset[int] = pdf.reaches(revision - 1) & update.ambiguous if update.ambiguous else frozenset()
    reached |= pdf.reaches(revision) & ambiguous if ambiguous else frozenset()
    reused = pdf.reused.get(revision - 1, frozenset())
    reached |= update.written & {one for one, _ in reused}
    pdf.reused[revision] = reused = reused | update.reused
    if reused:
        said = pdf.references(revision - 1) | pdf.references(revision)
        numbers = {one for one, _ in reused}
        reached |= {one for one, generation in said if one in numbers and (one, generation) not in reused}
    if reached:
        raise AmbiguousSyntax(f"object {min(reached)} is found by some readers only")


def _compare(pdf: Pdf, update: Update, revision: int) -> UpdateSummary:
    """Compare an update with what pyHanko read (2) to (5)."""
    xrefs = pdf.reader.xrefs
    section, info = xrefs.get_xref_data(revision), xrefs.get_xref_container_info(revision)
    previous = xrefs.get_xref_container_info(revision - 1).declared_startxref
    pointers = skip_white_space(pdf.data, info.declared_startxref), skip_white_space(pdf.data, update.startxref)
    if set(pointers) != {update.table_at}:
        raise AmbiguousSyntax("an end that points elsewhere")
    if skip_white_space(pdf.data, _number(update.trailer, b"/Prev")) != skip_white_space(pdf.data, previous):
        raise AmbiguousSyntax("tables found elsewhere")
    _check_second_table(pdf, update, section)
    packed = dict(_packed(pdf, update, revision, section))
    used = {
        one: (generation, skip_white_space(pdf.data, place))
        for one, (generation, place) in section.standard_xrefs.items()
    }
    there = {one.number: (one.generation, one.start) for one in update.objects.values()}
    own = update.stream.number if update.stream is not None else 0
    unlisted = {own} & (set(there) - set(used))
    if any(
        place != there[one] if one in there else not _stood(pdf, one, place, revision) for one, place in used.items()
    ):
        raise AmbiguousSyntax("objects listed where they do not stand")
    if set(there) - set(used) - unlisted or set(used) & (set(packed) | set(section.freed)):
        raise AmbiguousSyntax("objects that are not listed, or listed twice")
    if set(packed) & (set(there) | set(section.freed)) or (set(there) - unlisted) & set(section.freed):
        raise AmbiguousSyntax("objects that are not listed, or listed twice")
    known = {*used, *packed, *section.freed}
    if known - {0} != listed_numbers(update) - {0}:
        raise AmbiguousSyntax("a table that says more than is read in it")
    size = _number(update.trailer, b"/Size")
    if size > MAX_OBJECT_NUMBER + 1:
        raise AmbiguousSyntax("more objects than readers know")
    if size <= max(known, default=0):
        raise AmbiguousSyntax("a size that leaves objects out")
    _check_catalogs(pdf, update, packed)
    ambiguous = unlisted | update.opaque | {one for one in section.freed if _was_there(pdf, one, revision)}
    others = {
        (one, generation)
        for one, (generation, _) in there.items()
        if generation and not _stands(pdf, one, generation, revision)
    }
    reused = {(one, generation) for one, generation in others if _was_never_used(pdf, one, generation, revision)}
    ambiguous |= {one for one, _ in others - reused}
    written = {*there, *packed} - ambiguous - {one for one, _ in reused}
    return UpdateSummary(update.end, size, frozenset(written), frozenset(ambiguous), frozenset(reused))


def _check_second_table(pdf: Pdf, update: Update, section: Any) -> None:  # noqa: ANN401 - pyHanko has no types
    """Demand that readers of the table and of the stream beside it find the same objects (§7.5.8.4)."""
    stream = update.stream if update.lines is not None else None
    beside = update.trailer.get(b"/XRefStm")
    if beside is not None and (stream is None or skip_white_space(pdf.data, whole_number(beside)) != stream.start):
        raise AmbiguousSyntax("a second table elsewhere")
    if (beside is None) != (section.hybrid is None):
        raise AmbiguousSyntax("a second table that only some read")
    if stream is None or not isinstance(stream.value, dict):
        return
    for key in (b"/Root", b"/Prev"):
        if stream.value.get(key, update.trailer.get(key)) != update.trailer.get(key):
            raise AmbiguousSyntax("two tables that lead elsewhere")
    if not tables_agree(section, entries_of(pdf.reader, stream.start), own=stream.number):
        raise AmbiguousSyntax("two tables in one revision that say different things")


def _check_catalogs(pdf: Pdf, update: Update, packed: dict[int, Value]) -> None:
    """Demand one catalog (4), since a reader that searches may take any, and the same /Encrypt as before."""
    root = update.trailer.get(b"/Root")
    if not isinstance(root, Ref) or update.trailer.get(b"/Encrypt") != pdf.encryption:
        raise AmbiguousSyntax("a trailer without a catalog, or of another encryption")
    values = {**{one.number: one.value for one in update.objects.values()}, **packed}
    for one, found in values.items():
        if isinstance(found, dict) and found.get(b"/Type") == CATALOG and one != root.number:
            raise AmbiguousSyntax("a catalog beside the catalog")


def _stood(pdf: Pdf, one: int, listed_at: tuple[int, int], revision: int) -> bool:
    """Whether an object that is listed again has its old offset."""
    generation, place = listed_at
    before = pdf.reader.xrefs.get_historical_ref(generic.Reference(one, generation, pdf.reader), revision - 1)
    return isinstance(before, int) and skip_white_space(pdf.data, before) == place


def _stands(pdf: Pdf, one: int, generation: int, revision: int) -> bool:
    """Whether an object of that number and generation was in use before the revision."""
    return isinstance(
        pdf.reader.xrefs.get_historical_ref(generic.Reference(one, generation, pdf.reader), revision - 1), int
    )


def _was_never_used(pdf: Pdf, one: int, generation: int, revision: int) -> bool:
    """Whether a number was free for use with that generation, and no object of another one is in the file."""
    if _was_there(pdf, one, revision) or pdf.reader.next_generation(one, revision) != generation:
        return False
    header = re.compile(rb"(?<!\d)0*%d[\0\t\n\f\r ]+(\d{1,10})[\0\t\n\f\r ]+obj" % one)
    return {int(found[1]) for found in header.finditer(pdf.data)} == {generation}


def _was_there(pdf: Pdf, one: int, revision: int) -> bool:
    """Whether an object of that number, of any generation, existed before the revision."""
    return bool(pdf.reader.existed_before(one, revision))


def _number(trailer: dict[bytes, Value], key: bytes) -> int:
    try:
        return whole_number(trailer.get(key))
    except AmbiguousSyntax:
        raise AmbiguousSyntax(f"a trailer without {key.decode('ascii')}") from None


def _packed(
    pdf: Pdf,
    update: Update,
    revision: int,
    section: Any,  # noqa: ANN401 - pyHanko has no types
) -> Iterator[tuple[int, Value]]:
    """Yield the objects in object streams (3); the streams must hold exactly what the table lists."""
    places = {(place.obj_stream_id, place.ix_in_stream): one for one, place in section.xrefs_in_objstm.items()}
    if len(places) != len(section.xrefs_in_objstm):
        raise AmbiguousSyntax("two objects in one place of a stream")
    xrefs, view = pdf.reader.xrefs, pdf.reader.get_historical_resolver(revision)
    for one in update.objects.values():
        if not isinstance(one.value, dict) or one.value.get(b"/Type") != OBJECT_STREAM:
            continue
        stream = view.get_object(generic.Reference(one.number, 0, pdf.reader))
        if not isinstance(stream, generic.StreamObject):
            raise Malformed("an object stream that is no stream")
        inside = objects_in_stream(
            bytes(stream.data), whole_number(one.value.get(b"/First")), whole_number(one.value.get(b"/N"))
        )
        for index, (packed, found) in enumerate(inside):
            if places.pop((one.number, index), None) != packed:
                raise AmbiguousSyntax(f"object {packed} packed and not listed")
            yield packed, found
    for (holder, index), one in places.items():
        before = xrefs.get_historical_ref(generic.Reference(one, 0, pdf.reader), revision - 1)
        if holder in update.objects or before != ObjStreamRef(holder, index):
            raise AmbiguousSyntax("objects listed in streams that do not hold them")
        yield one, b"null"  # listed again at its old place
