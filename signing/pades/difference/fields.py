"""The fields of a form, the widgets they are shown by, and the pages these lie on (ISO 32000-2 §12.7.4, §12.5.6.19)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pyhanko.pdf_utils import generic

from signing.errors import TooLarge
from signing.pades.difference.graph import items, number_of, resolved
from signing.pades.reader.faults import Malformed, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "Box",
    "Field",
    "annotations_of",
    "area",
    "common",
    "fields_in",
    "fields_of",
    "pages_of",
    "place_of",
    "signed_since",
]

Box: TypeAlias = tuple[float, ...]

_A4: Final[Box] = (0.0, 0.0, 595.0, 842.0)
_MOST_NODES: Final = 100_000
_DEEPEST: Final = 16


@dataclass(frozen=True, slots=True)
class Field:
    """A node of the field tree, by the number of its object; `number` is None where it stands in no object.

    `name` is the full one, `kind` its own or its parents' /FT. `value` is its own or its parents' /V, or None.
    `is_widget` says that it is only the picture of the field above it, in whose /Kids it is named.
    """

    number: int | None
    name: str
    kind: str
    value: Any
    node: Any
    is_widget: bool = False

    @property
    def signed(self) -> bool:
        """Whether a signature stands in it, which then is one of the report."""
        return self.kind == "/Sig" and isinstance(self.value, generic.DictionaryObject)

    @property
    def is_empty_signature(self) -> bool:
        """Whether it is for a signature, and holds none."""
        return self.kind == "/Sig" and not self.signed

    @property
    def is_stamp(self) -> bool:
        """Whether it holds a document time stamp (§12.8.5)."""
        return self.signed and value_of(self.value, "/Type") == "/DocTimeStamp"

    @property
    def shows(self) -> bool:
        """Whether it takes any room on a page."""
        return "/Rect" in self.node and area(place_of(self.node["/Rect"])) > 0


def fields_in(view: Any) -> tuple[Field, ...]:  # noqa: ANN401 - pyHanko has no types
    """Give the fields of one revision, walked once."""
    if "fields" not in view.remembered:
        view.remembered["fields"] = tuple(fields_of(view.root))
    found: tuple[Field, ...] = view.remembered["fields"]
    return found


def fields_of(root: Any) -> Iterator[Field]:  # noqa: ANN401 - pyHanko has no types
    """Walk the field tree of a catalog from its top; a name with a period in it is taken as it is."""
    form = value_of(root, "/AcroForm")
    if not isinstance(form, generic.DictionaryObject) or "/Fields" not in form:
        return
    pending = [(one, "", "", None, 0) for one in reversed(items(form.raw_get("/Fields")))]
    met: set[int] = set()
    for _ in range(_MOST_NODES):
        if not pending:
            return
        raw, above, kind, value, depth = pending.pop()
        node, number = resolved(raw), number_of(raw)
        if not isinstance(node, generic.DictionaryObject) or number in met or depth > _DEEPEST:
            continue
        met |= {number} if number is not None else set()
        own = str(value_of(node, "/T") or "")
        name = f"{above}.{own}" if above and own else above or own
        kind = str(value_of(node, "/FT") or kind)
        value = value_of(node, "/V", value)
        yield Field(number, name, kind, value, node, is_widget=depth > 0 and not own)
        if "/Kids" in node:
            pending += [(kid, name, kind, value, depth + 1) for kid in reversed(items(node.raw_get("/Kids")))]
    raise TooLarge("document.too-much-work")


def signed_since(before: Iterable[Field], after: Iterable[Field]) -> tuple[Field, ...]:
    """Give the fields that were signed or stamped since; by the numbers of their objects."""
    signed = {field.number for field in before if field.signed}
    return tuple(field for field in after if field.signed and not field.is_widget and field.number not in signed)


def pages_of(root: Any) -> Iterator[tuple[Box, Any, int | None]]:  # noqa: ANN401 - as above
    """Walk the page tree; each page comes with the box it is seen in (§7.7.3.4) and its number."""
    if not isinstance(root, generic.DictionaryObject):
        raise Malformed("a catalog that is no dictionary")
    pending: list[tuple[Any, Box, Box | None]] = [(root.raw_get("/Pages"), _A4, None)]
    for _ in range(_MOST_NODES):
        if not pending:
            return
        raw, media, crop = pending.pop()
        node = resolved(raw)
        if not isinstance(node, generic.DictionaryObject):
            raise Malformed("a page that is no dictionary")
        media = place_of(node["/MediaBox"]) if "/MediaBox" in node else media
        crop = place_of(node["/CropBox"]) if "/CropBox" in node else crop
        if "/Kids" in node:
            pending += [(kid, media, crop) for kid in reversed(items(node.raw_get("/Kids")))]
        else:
            yield media if crop is None else common(crop, media), node, number_of(raw)
    raise TooLarge("document.too-much-work")


def place_of(box: Any) -> Box:  # noqa: ANN401 - as above
    """Give a rectangle from its lower left to its upper right corner; any two opposite ones may be written.

    Raises `Malformed` for what is no array of four numbers.
    """
    try:
        one, two, three, four = (float(number) for number in box)
    except (TypeError, ValueError, OverflowError):
        raise Malformed("no rectangle") from None
    return min(one, three), min(two, four), max(one, three), max(two, four)


def common(one: Box, other: Box) -> Box:
    """Give what two boxes share; a box without room where they share nothing."""
    left, bottom, right, top = (*map(max, one[:2], other[:2]), *map(min, one[2:], other[2:]))
    return left, bottom, max(left, right), max(bottom, top)


def area(box: Box) -> float:
    """Give the room a box takes."""
    left, bottom, right, top = box
    return (right - left) * (top - bottom)


def annotations_of(page: Any) -> list[Any]:  # noqa: ANN401 - as above
    """Give what a page lists as its annotations."""
    return items(page.raw_get("/Annots")) if "/Annots" in page else []
