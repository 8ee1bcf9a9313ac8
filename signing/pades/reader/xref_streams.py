"""Cross-reference streams (ISO 32000-2 §7.5.8), read with two corrections to pyHanko's parser.

pyHanko trusts /Index: an empty stream may announce two thousand million objects, each of which it creates. It ignores
an entry of an unknown type; by the standard that object is null from then on, and a conforming viewer shows another
page.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pyhanko.pdf_utils import generic, xref

from signing.errors import TooLarge
from signing.pades.reader.faults import Malformed, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["entries_of", "replace_xref_stream_parser", "tables_agree"]

_MOST_OBJECTS = 1_000_000
_parse = xref.parse_xref_stream


def _entries(xref_stream: Any, strict: bool = True) -> Iterator[xref.XRefEntry]:  # noqa: ANN401, FBT001, FBT002 - pyHanko's
    index = xref_stream.get("/Index", [0, xref_stream.get("/Size")])
    if not isinstance(index, list):
        raise Malformed("an index that is no array")
    numbers = [whole(one) for one in index]
    sections = list(pairwise(numbers))[::2]
    announced = sum(max(count, 0) for _, count in sections)
    if announced > _MOST_OBJECTS:
        raise TooLarge("document.too-much-work")
    found = list(_parse(xref_stream, strict=strict))
    yield from found
    if len(found) == announced:
        return
    known = {one.idnum for one in found}
    for start, count in sections:
        for number in range(start, start + count):
            if number not in known:
                yield xref.XRefEntry(xref.XRefType.FREE, location=None, idnum=number, generation=1)


def entries_of(reader: Any, place: int) -> xref.XRefSectionData:  # noqa: ANN401 - pyHanko has no types
    """Read the entries of the cross-reference stream at an offset."""
    reader.stream.seek(place)
    number, generation = xref.read_object_header(reader.stream, strict=False)  # type: ignore[no-untyped-call] # likewise
    ref = generic.Reference(number, generation, pdf=reader)
    found = xref.XRefSectionData()
    found.process_entries(
        _entries(generic.StreamObject.read_from_stream(reader.stream, ref), strict=False), strict=False
    )
    return found


def tables_agree(table: xref.XRefSectionData, stream: xref.XRefSectionData, *, own: int) -> bool:
    """Whether a reader of the table alone finds what the stream of a hybrid file lists (ISO 32000-2 §7.5.8.4).

    `own` is the number of the stream itself, which the table need not list.
    """
    return (
        not stream.xrefs_in_objstm
        and all(table.standard_xrefs.get(one) == place for one, place in stream.standard_xrefs.items() if one != own)
        and set(stream.freed) - {own} <= set(table.freed)
    )


def replace_xref_stream_parser() -> None:
    """Put the corrected parser in the place of pyHanko's, for which there is no public hook."""
    xref.parse_xref_stream = _entries
