"""Number trees (ISO 32000-2 §7.9.7): their values, and whether every way of searching finds them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, TypeAlias

from pyhanko.pdf_utils import generic

from signing.errors import BrokenDocument, TooLarge
from signing.pades.difference.graph import items, resolved
from signing.pades.reader.faults import Malformed, whole

__all__ = ["NumberTree", "number_tree"]

# Of a node: its limits, its keys, its kids.
Shape: TypeAlias = "tuple[tuple[int, ...], tuple[int, ...], tuple[Shape, ...]]"

_DEEPEST: Final = 32
_MOST_NODES: Final = 100_000


@dataclass(frozen=True, slots=True)
class NumberTree:
    """Values by key, and the shape of the tree: some readers search by /Limits, others from the first node."""

    values: dict[int, Any]
    shape: Shape

    @property
    def is_in_order(self) -> bool:
        """Whether the keys ascend, and all limits fit what is below them."""
        found = _ascending(self.shape, top=True)
        return found is not None and all(one < other for one, other in pairwise(found))


def number_tree(root: Any) -> NumberTree:  # noqa: ANN401 - pyHanko has no types
    """Read a tree; raises `BrokenDocument` for a key given twice, `Malformed` for one without a value, `TooLarge`."""
    values: dict[int, Any] = {}
    return NumberTree(values, _read(root, values, [_MOST_NODES], 0))


def _read(raw: Any, values: dict[int, Any], left: list[int], depth: int) -> Shape:  # noqa: ANN401 - as above
    node = resolved(raw)
    left[0] -= 1
    if left[0] < 0 or depth > _DEEPEST:
        raise TooLarge("document.too-much-work")
    if not isinstance(node, generic.DictionaryObject):
        return (), (), ()
    pairs = items(node.raw_get("/Nums")) if "/Nums" in node else []
    numbers = tuple(whole(resolved(one)) for one in pairs[::2])
    if len(pairs) % 2:
        raise Malformed("a number without a value in a tree")
    for number, value in zip(numbers, pairs[1::2], strict=True):
        if number in values:
            raise BrokenDocument("pdf.damaged", {"error": "a number twice in a tree"})
        values[number] = value
    limits = tuple(whole(resolved(one)) for one in items(node.raw_get("/Limits"))) if "/Limits" in node else ()
    kids = items(node.raw_get("/Kids")) if "/Kids" in node else []
    return limits, numbers, tuple(_read(one, values, left, depth + 1) for one in kids)


def _ascending(shape: Shape, *, top: bool = False) -> tuple[int, ...] | None:
    """Return the keys below a node in order; None for wrong or missing limits, or both keys and kids in one node."""
    limits, numbers, kids = shape
    for kid in kids:
        below = _ascending(kid)
        if below is None or shape[1]:
            return None
        numbers += below
    if not limits and (top or not numbers):
        return numbers
    fits = len(limits) == 2 and bool(numbers) and (limits[0], limits[1]) == (numbers[0], numbers[-1])  # noqa: PLR2004 - least and greatest
    return numbers if fits else None
