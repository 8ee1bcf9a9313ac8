"""The structure tree (ISO 32000-2 §14.7): equal except for elements that only tag a signature's widget.

PDF/UA requires such an element (ISO 14289-1 §7.18.4), and programs that sign tagged documents write it: of type /Form,
with one kid, an object reference to the widget, and without text of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pyhanko.pdf_utils import generic

from signing.errors import TooLarge
from signing.pades.difference.graph import Differs, items, names, number_of, resolved
from signing.pades.difference.number_tree import number_tree
from signing.pades.reader.faults import value_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from signing.model import Message
    from signing.pades.difference.graph import Walk

__all__ = ["compare_structure"]

_IN_ELEMENT: Final = frozenset({"/Type", "/S", "/P", "/Pg", "/K"})
_IN_OBJECT_REFERENCE: Final = frozenset({"/Type", "/Obj", "/Pg"})
_IN_ROOT: Final = frozenset({"/K", "/ParentTree", "/ParentTreeNextKey"})
_MOST_NODES: Final = 100_000


def compare_structure(
    walk: Walk,
    old: Any,  # noqa: ANN401 - pyHanko has no types
    new: Any,  # noqa: ANN401 - likewise
    is_signature_widget: Callable[[int | None], bool],
    pages: set[int],
    where: Message,
) -> None:
    """Queue two structure trees for comparison; `pages` are the object numbers of the pages. Raises `Differs`."""
    _Structure(walk, is_signature_widget, pages).compare(old, new, where)


class _Structure:
    def __init__(self, walk: Walk, is_signature_widget: Callable[[int | None], bool], pages: set[int]) -> None:
        self._walk = walk
        self._is_signature_widget = is_signature_widget
        self._pages = pages
        self._elements: set[int] = set()

    def compare(self, old_raw: Any, new_raw: Any, where: Message) -> None:  # noqa: ANN401 - pyHanko has no types
        """Compare the roots: kids as those of any element, the parent tree by its keys (§14.7.5.4)."""
        old, new = resolved(old_raw), resolved(new_raw)
        if not isinstance(old, generic.DictionaryObject) or not isinstance(new, generic.DictionaryObject):
            raise Differs(where)
        self._find(old, where)
        number = number_of(old_raw)
        if number is not None:
            self._walk.rules[number] = self._root, frozenset({where.code})
        self._root(old, new, number_of(new_raw), where)

    def _find(self, root: Any, where: Message) -> None:  # noqa: ANN401 - as above
        """Register a rule for every element of the older tree."""
        pending = _kids_of(root)
        for _ in range(_MOST_NODES):
            if not pending:
                return
            raw = pending.pop()
            number, node = number_of(raw), resolved(raw)
            if not isinstance(node, generic.DictionaryObject) or number in self._elements or not _is_element(node):
                continue
            if number is not None:
                self._elements.add(number)
                self._walk.by_identity.add(number)
                self._walk.rules.setdefault(number, (self._element, frozenset({where.code})))
            pending += _kids_of(node)
        raise TooLarge("document.too-much-work")

    def _root(self, old: Any, new: Any, number: int | None, where: Message) -> None:  # noqa: ANN401 - as above
        self._walk.compare_entries(old, new, where, without=_IN_ROOT)
        self._kids(old, new, number, where)
        trees = [number_tree(value_of(one, "/ParentTree")) for one in (old, new)]
        if trees[0].shape != trees[1].shape and not trees[1].is_in_order:
            raise Differs(where)  # a search as in §7.9.7 would find other parents
        before, after = (tree.values for tree in trees)
        for key, value in after.items():
            if key in before:
                self._walk.enqueue(before[key], value, where)
            elif not self._is_new_form_element(value, None):
                raise Differs(where)
        if before.keys() - after.keys():
            raise Differs(where)

    def _element(self, old: Any, new: Any, number: int | None, where: Message) -> None:  # noqa: ANN401 - as above
        self._walk.compare_entries(old, new, where, without=frozenset({"/K"}))
        self._kids(old, new, number, where)

    def _kids(self, old: Any, new: Any, number: int | None, where: Message) -> None:  # noqa: ANN401 - as above
        before, after = _kids_of(old), _kids_of(new)
        were = {number_of(one) for one in before}
        stayed = [one for one in after if number_of(one) in were or not self._is_new_form_element(one, number)]
        self._walk.compare_lists(before, stayed, where)

    def _is_new_form_element(self, raw: Any, above: int | None) -> bool:  # noqa: ANN401 - as above
        """Whether it is a new element that only tags a signature's widget."""
        number, element = number_of(raw), resolved(raw)
        if number is None or number in self._elements or not isinstance(element, generic.DictionaryObject):
            return False
        kids = _kids_of(element)
        page = number_of(element.raw_get("/Pg")) if "/Pg" in element else None
        return (
            names(element) <= _IN_ELEMENT
            and _is_element(element)
            and element["/S"] == "/Form"
            and (above is None or ("/P" in element and number_of(element.raw_get("/P")) == above))
            and (page is None or page in self._pages)
            and len(kids) == 1
            and self._is_object_reference(resolved(kids[0]))
        )

    def _is_object_reference(self, kid: Any) -> bool:  # noqa: ANN401 - as above
        """Whether it is an object reference to a signature's widget (§14.7.5.3)."""
        return (
            isinstance(kid, generic.DictionaryObject)
            and names(kid) <= _IN_OBJECT_REFERENCE
            and value_of(kid, "/Type") == "/OBJR"
            and "/Obj" in kid
            and self._is_signature_widget(number_of(kid.raw_get("/Obj")))
        )


def _is_element(node: Any) -> bool:  # noqa: ANN401 - as above
    return value_of(node, "/Type", "/StructElem") == "/StructElem" and "/S" in node


def _kids_of(element: Any) -> list[Any]:  # noqa: ANN401 - as above
    """Return the kids of an element; a single kid need not stand in an array (§14.7.2)."""
    if "/K" not in element:
        return []
    raw = element.raw_get("/K")
    if isinstance(resolved(raw), generic.NullObject):
        return []
    return items(raw) if isinstance(resolved(raw), generic.ArrayObject) else [raw]
