"""Form fields, their widgets and the pages of a document (ISO 32000-2 §12.7.4, §12.5.6.19, §7.7.3)."""

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
    "pages_in",
    "place_of",
    "signed_since",
]

Box: TypeAlias = tuple[float, ...]

_A4: Final[Box] = (0.0, 0.0, 595.0, 842.0)
_MOST_NODES: Final = 100_000
_DEEPEST: Final = 16


@dataclass(frozen=True, slots=True)
class Field:
    """A node of the field tree. `number` is its object number, None for a direct object.

    `name` is the fully qualified name, `kind` its own or inherited /FT, `value` its own or inherited /V, or None.
    `is_widget` tells a mere widget annotation, a kid without a name, from a field.
    """

    number: int | None
    name: str
    kind: str
    value: Any
    node: Any
    is_widget: bool = False

    @property
    def signed(self) -> bool:
        """Whether it holds a signature, which is then one of the report."""
        return self.kind == "/Sig" and isinstance(self.value, generic.DictionaryObject)

    @property
    def is_empty_signature(self) -> bool:
        """Whether it is a signature field without a signature."""
        return self.kind == "/Sig" and not self.signed

    @property
    def is_stamp(self) -> bool:
        """Whether it holds a document time stamp (§12.8.5)."""
        return self.signed and value_of(self.value, "/Type") == "/DocTimeStamp"

    @property
    def shows(self) -> bool:
        """Whether its rectangle has an area."""
        return "/Rect" in self.node and area(place_of(self.node["/Rect"])) > 0


def fields_in(view: Any) -> tuple[Field, ...]:  # noqa: ANN401 - pyHanko has no types
    """Return the fields of one revision; the tree is walked once for each view."""
    if "fields" not in view.remembered:
        view.remembered["fields"] = tuple(_walk_fields(view.root))
    found: tuple[Field, ...] = view.remembered["fields"]
    return found


def _walk_fields(root: Any) -> Iterator[Field]:  # noqa: ANN401 - pyHanko has no types
    """Walk the field tree of a catalog in order; a partial name with a period in it is kept as it is."""
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
    """Return the fields signed or stamped between the two lists, compared by object number."""
    signed = {field.number for field in before if field.signed}
    return tuple(field for field in after if field.signed and not field.is_widget and field.number not in signed)


def pages_in(view: Any) -> tuple[tuple[Box, Any, int | None], ...]:  # noqa: ANN401 - as above
    """Return each page of one revision: its visible box, its dictionary and its object number; walked once a view."""
    if "pages" not in view.remembered:
        view.remembered["pages"] = tuple(_walk_pages(view.root))
    found: tuple[tuple[Box, Any, int | None], ...] = view.remembered["pages"]
    return found


def _walk_pages(root: Any) -> Iterator[tuple[Box, Any, int | None]]:  # noqa: ANN401 - as above
    """Walk the page tree; yield each page's visible box (§7.7.3.4), its dictionary and its object number."""
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
    """Return a rectangle as left, bottom, right, top; in the file any two opposite corners may stand (§7.9.5).

    Raises `Malformed` for anything but an array of four numbers.
    """
    try:
        one, two, three, four = (float(number) for number in box)
    except (TypeError, ValueError, OverflowError):
        raise Malformed("no rectangle") from None
    return min(one, three), min(two, four), max(one, three), max(two, four)


def common(one: Box, other: Box) -> Box:
    """Return the intersection of two boxes; one without area where they do not meet."""
    left, bottom, right, top = (*map(max, one[:2], other[:2]), *map(min, one[2:], other[2:]))
    return left, bottom, max(left, right), max(bottom, top)


def area(box: Box) -> float:
    """Return the area of a box."""
    left, bottom, right, top = box
    return (right - left) * (top - bottom)


def annotations_of(page: Any) -> list[Any]:  # noqa: ANN401 - as above
    """Return the members of a page's /Annots."""
    return items(page.raw_get("/Annots")) if "/Annots" in page else []
