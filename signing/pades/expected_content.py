"""Does a later revision still show the expected document, and nothing on it but signatures?

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
    """Return what the later revision shows and the earlier one does not, or that readers may differ; or None.

    `end` is the offset behind the earlier revision. `signed` are the ByteRanges of the signatures whose fields may draw
    something.
    """
    if reason := why_ambiguous(pdf, end, earlier + 1, later):
        return Message.of("pdf.differs-unclear", reason=reason)
    told = Message.of("pdf.differs-unclear")
    for reader in pdf.readings():
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
    """Return the name of a new visible signature field with an appearance and no signature; or ""."""
    before = {field.number for field in fields_in(old)}
    added = (field for field in fields_in(new) if field.number is None or field.number not in before)
    return next((field.name for field in added if field.is_empty_signature and field.shows and "/AP" in field.node), "")
