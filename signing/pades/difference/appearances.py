"""Appearances of signature fields: which are new, whose signature answers for them, and whether they hide a page.

A widget draws its appearance stream (ISO 32000-2 §12.5.5). Some viewers draw its characteristics and border instead
where there is none (§12.5.6.19, §12.5.4). The signature in the field answers for all of it. A document time stamp
proves a time and no person: room in its field counts as a picture nobody answers for.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pyhanko.pdf_utils import generic

from signing.pades.difference.fields import annotations_of, area, common, fields_in, pages_in, place_of
from signing.pades.difference.graph import items, names, number_of, resolved
from signing.pades.reader.faults import value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signing.pades.difference.fields import Box, Field

__all__ = ["Picture", "Seen", "draws", "hidden_page", "seen_since"]

# A signature's appearance takes a corner of a page; one that hides the page shows another document.
_LARGEST_APPEARANCE: Final = 0.4
_NOTHING_DRAWN: Final = re.compile(rb"(?:[\0\t\n\f\r ]|%[^\r\n]*+(?:[\r\n]|\Z)|[qQ](?=[\0\t\n\f\r %]|\Z))*+")
_DRAWING: Final = ("/BG", "/BC", "/CA", "/RC", "/AC", "/I", "/RI", "/IX")
_MOST_STATES: Final = 1000


@dataclass(frozen=True, slots=True)
class Picture:
    """A new or changed drawing in a signature field.

    `signed` is the ByteRange of the signature in that field. It is empty where the field holds none, holds a document
    time stamp, or shares its signature with other fields. `empty` says that the field claims no signature at all.
    """

    field: str
    signed: tuple[int, ...] = ()
    empty: bool = True

    @property
    def has_no_signer(self) -> bool:
        """Whether its field claims a signature but has none of its own."""
        return not self.empty and not self.signed


@dataclass(frozen=True, slots=True)
class Seen:
    """New drawings in signature fields, and names of new fields that only have room on a page."""

    pictures: tuple[Picture, ...] = ()
    visible_fields: tuple[str, ...] = ()


def seen_since(old: Any, new: Any) -> Seen:  # noqa: ANN401 - pyHanko has no types
    """Find what signature fields show in `new` but not in `old`; a line without area may be as wide as the page."""
    fields = {one.number: one for one in fields_in(new) if one.number is not None}
    others = {number for number, one in fields.items() if one.kind not in {"", "/Sig"}}
    shared = Counter(_signed(one) for one in fields.values() if one.signed and not one.is_widget)
    before = set(_looks_in(old))
    pictures: list[Picture] = []
    visible_fields: list[str] = []
    for looks in _looks_in(new):
        left, bottom, right, top = looks.place
        if (looks.number is not None and looks in before) or looks.number in others or (left, bottom) == (right, top):
            continue
        holder = fields.get(looks.number) if looks.number is not None else None
        if draws(looks.node) or (holder is not None and holder.is_stamp):
            pictures.append(_picture_in(holder, shared))
        elif area(looks.place) > 0:
            visible_fields.append(holder.name if holder is not None else "")
    return Seen(tuple(pictures), tuple(visible_fields))


def _picture_in(holder: Field | None, shared: Counter[tuple[int, ...]]) -> Picture:
    if holder is None or not holder.signed or holder.is_stamp:
        return Picture(holder.name if holder is not None else "")
    signed = _signed(holder)
    return Picture(holder.name, signed if shared[signed] == 1 else (), empty=False)


def _signed(holder: Field) -> tuple[int, ...]:
    """Return the ByteRange of a field's signature, which is unique to it."""
    found = [resolved(one) for one in items(holder.value.raw_get("/ByteRange"))] if "/ByteRange" in holder.value else []
    return tuple(int(one) for one in found if isinstance(one, generic.NumberObject))


def draws(widget: Any) -> bool:  # noqa: ANN401 - as above
    """Whether any viewer may draw something for a widget with room on a page."""
    return _has_content(widget) or _has_characteristics(widget) or _has_border(widget)


def _has_content(widget: Any) -> bool:  # noqa: ANN401 - as above
    pending = [widget.raw_get("/AP")] if "/AP" in widget else []
    for _ in range(_MOST_STATES):
        if not pending:
            return False
        value = resolved(pending.pop())
        if isinstance(value, generic.StreamObject):
            if _NOTHING_DRAWN.fullmatch(bytes(value.data)) is None:
                return True
        elif isinstance(value, generic.DictionaryObject):
            pending += [value.raw_get(name) for name in value]
    return True


def _has_characteristics(widget: Any) -> bool:  # noqa: ANN401 - as above
    looks = value_of(widget, "/MK")
    if not isinstance(looks, generic.DictionaryObject):
        return False
    return any(name in looks and not _is_blank(looks[name]) for name in _DRAWING)


def _is_blank(value: Any) -> bool:  # noqa: ANN401 - as above
    """Whether a colour has no components, or a caption no text."""
    if isinstance(value, generic.TextStringObject | generic.ByteStringObject):
        return not value.original_bytes
    return isinstance(value, generic.NullObject) or (isinstance(value, generic.ArrayObject) and not len(value))


def _has_border(widget: Any) -> bool:  # noqa: ANN401 - as above
    """Whether a border is specified; one of width 0 is not drawn (§12.5.4)."""
    style, border = value_of(widget, "/BS"), value_of(widget, "/Border")
    if isinstance(style, generic.DictionaryObject) and names(style) - {"/Type"} and value_of(style, "/W", 1) != 0:
        return True
    return isinstance(border, generic.ArrayObject) and len(border) > 2 and border[2] != 0  # noqa: PLR2004 - width is third


def hidden_page(old: Any, new: Any) -> int | None:  # noqa: ANN401 - as above
    """Return the first page, from 1, of which new, moved or redrawn widgets together cover more than 40 %; or None.

    A page shows what its own /Annots list, whether the form names it or not. An appearance counts as redrawn in a
    signature field that was empty. Text filled into other fields covers what it was meant to cover.
    """
    before = set(_looks_in(old))
    boxes = [box for box, _, _ in pages_in(new)]
    hidden = [0.0] * len(boxes)
    for looks in _looks_in(new):
        if looks.number is None or looks not in before:
            hidden[looks.page] += area(common(looks.place, boxes[looks.page]))
    return next((page + 1 for page, box in enumerate(boxes) if hidden[page] > _LARGEST_APPEARANCE * area(box)), None)


@dataclass(frozen=True, slots=True)
class _Looks:
    """A widget's page and rectangle; for a signature field, also what it draws."""

    page: int
    number: int | None
    place: Box
    picture: Any
    node: Any = field(compare=False)


def _looks_in(view: Any) -> tuple[_Looks, ...]:  # noqa: ANN401 - as above
    if "looks" not in view.remembered:
        view.remembered["looks"] = tuple(_looks(view))
    found: tuple[_Looks, ...] = view.remembered["looks"]
    return found


def _looks(view: Any) -> Iterator[_Looks]:  # noqa: ANN401 - as above
    signatures = {one.number for one in fields_in(view) if one.kind == "/Sig"}
    for page, (_, node, _) in enumerate(pages_in(view)):
        for raw in annotations_of(node):
            annotation, number = resolved(raw), number_of(raw)
            if (
                isinstance(annotation, generic.DictionaryObject)
                and value_of(annotation, "/Subtype") == "/Widget"
                and "/Rect" in annotation
            ):
                picture = _drawing(annotation) if number in signatures else None
                yield _Looks(page, number, place_of(annotation["/Rect"]), picture, annotation)


def _drawing(widget: Any) -> Any:  # noqa: ANN401 - as above
    """Return what tells one drawing from another: the stream's bytes or the names of states, /MK, border and flags."""
    appearance, looks = value_of(widget, "/AP"), value_of(widget, "/MK")
    states = [value_of(appearance, one) for one in ("/N", "/D", "/R")] if _is_dictionary(appearance) else []
    drawn = [one.encoded_data if isinstance(one, generic.StreamObject) else repr(one) for one in states]
    besides = [repr(value_of(looks, one)) for one in _DRAWING] if _is_dictionary(looks) else []
    flags, border = value_of(widget, "/F", 0), _has_border(widget)
    return tuple(drawn), tuple(besides), border, flags if isinstance(flags, int) else None


def _is_dictionary(value: Any) -> bool:  # noqa: ANN401 - as above
    return isinstance(value, generic.DictionaryObject)
