"""Does a later revision still show what an earlier one showed: a document of ours, and nothing on it but signatures?

Reachable objects are compared (`signing.pades.difference.comparison`), not written ones: how, and in how many updates,
a change was made does not matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from signing.errors import SigningError
from signing.model import Message
from signing.pades.difference.appearances import Picture, hidden_page, seen_since
from signing.pades.difference.comparison import added_between
from signing.pades.difference.fields import fields_in
from signing.pades.difference.graph import Differs
from signing.pades.incremental_updates import why_ambiguous
from signing.pades.reader.faults import guarded

if TYPE_CHECKING:
    from collections.abc import Collection

    from signing.pades.reader.pdf import Pdf

__all__ = ["what_differs"]


def what_differs(
    pdf: Pdf, earlier: int, later: int, *, end: int, signed: Collection[tuple[int, ...]]
) -> Message | None:
    """Say what the later revision shows that the earlier one did not, or that it cannot be read in one way; or None.

    `end` is where the bytes of the earlier one end, `signed` the ByteRanges of signatures whose fields may show a
    picture.
    """
    if reason := why_ambiguous(pdf, end, earlier + 1, later):
        return Message.of("pdf.differs-unclear", reason=reason)
    told = Message.of("pdf.differs-unclear")
    for reader in pdf.ways_to_read():
        try:
            return _difference(reader, earlier, later, signed)
        except SigningError as error:
            told = Message.of("pdf.differs-unclear", reason=error)
    return told


@guarded
def _difference(pdf: Pdf, earlier: int, later: int, signed: Collection[tuple[int, ...]]) -> Message | None:
    old, new = pdf.reader.get_historical_resolver(earlier), pdf.reader.get_historical_resolver(later)
    if any(pdf.is_hybrid(number) for number in range(earlier + 1, later + 1)):
        return Message.of("pdf.differs-unclear", reason="hybrid cross-reference tables")
    try:
        added = added_between(old, new)
    except Differs as difference:
        return difference.message
    if (page := hidden_page(old, new)) is not None:
        return Message.of("pdf.differs-covered", page=page)
    if added.filled:
        return Message.of("pdf.differs-field", field=added.filled[0])
    if added.empty and added.visible and (left := _left_empty(old, new)):
        return Message.of("pdf.differs-empty-field", field=left)
    pictures = (*map(Picture, added.pictures), *seen_since(old, new).pictures)
    unsigned = next((one for one in pictures if one.signed not in signed), None)
    return Message.of("pdf.differs-unsigned-picture", field=unsigned.field) if unsigned is not None else None


def _left_empty(old: Any, new: Any) -> str:  # noqa: ANN401 - pyHanko has no types
    """Name a new field that has an appearance for a signature and holds none; "" where there is none."""
    before = {field.number for field in fields_in(old)}
    added = (field for field in fields_in(new) if field.number is None or field.number not in before)
    return next((field.name for field in added if field.is_empty_signature and field.shows and "/AP" in field.node), "")
