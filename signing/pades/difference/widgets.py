"""Properties of widgets and other annotations that decide whether an update may add or change them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pyhanko.pdf_utils import generic

from signing.errors import TooLarge
from signing.pades.difference.appearances import draws
from signing.pades.difference.graph import number_of, resolved
from signing.pades.reader.faults import value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signing.pades.difference.fields import Field

__all__ = [
    "appearance_objects",
    "field_type_of",
    "has_action",
    "is_unsigned_picture",
    "lacks_appearance",
    "needs_generated_appearance",
]

_SUBTYPES_WITHOUT_APPEARANCE: Final = frozenset({"/Link", "/Popup", "/Widget"})
_MOST_APPEARANCES: Final = 1000
_DEEPEST: Final = 16


def appearance_objects(widget: Any) -> Iterator[int]:  # noqa: ANN401 - pyHanko has no types
    """Yield the numbers of the objects in /AP: one that is used elsewhere too is not the widget's alone to replace."""
    pending = [widget.raw_get("/AP")] if "/AP" in widget else []
    for _ in range(_MOST_APPEARANCES):
        if not pending:
            return
        raw = pending.pop()
        number, value = number_of(raw), resolved(raw)
        if number is not None:
            yield number
        if isinstance(value, generic.DictionaryObject) and not isinstance(value, generic.StreamObject):
            pending += [value.raw_get(name) for name in value]
    raise TooLarge("document.too-much-work")


def has_action(node: Any) -> bool:  # noqa: ANN401 - as above
    """Whether a widget or field has an action, its own or one inherited from a parent (§12.6.3)."""
    for _ in range(_DEEPEST):
        if "/A" in node or "/AA" in node:
            return True
        node = value_of(node, "/Parent")
        if not isinstance(node, generic.DictionaryObject):
            return False
    return True


def field_type_of(node: Any) -> str:  # noqa: ANN401 - as above
    """Return the /FT of a widget, its own or inherited; "" where there is none."""
    for _ in range(_DEEPEST):
        if "/FT" in node:
            return str(node["/FT"])
        node = value_of(node, "/Parent")
        if not isinstance(node, generic.DictionaryObject):
            break
    return ""


def is_unsigned_picture(field: Field | None, widget: Any) -> bool:  # noqa: ANN401 - as above
    """Whether a widget with room on a page draws something for which no signature in its field answers.

    A document time stamp counts as nobody's: its widget may be clicked like a signature's.
    """
    if field is not None and field.is_stamp:
        return True
    return draws(widget) and (field is None or not field.signed)


def lacks_appearance(annotation: Any) -> bool:  # noqa: ANN401 - as above
    """Whether viewers draw an annotation themselves, with the fonts of the form."""
    return (
        isinstance(annotation, generic.DictionaryObject)
        and str(value_of(annotation, "/Subtype")) not in _SUBTYPES_WITHOUT_APPEARANCE
        and "/AP" not in annotation
    )


def needs_generated_appearance(field: Field) -> bool:
    """Whether viewers draw a field themselves, with the fonts of the form."""
    return field.kind not in {"", "/Sig"} and "/Kids" not in field.node and "/AP" not in field.node
