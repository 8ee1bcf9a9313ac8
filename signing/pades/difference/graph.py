"""Are two object graphs equal by value? Object numbers and spellings of a value do not count (ISO 32000-2 §7.3).

Both graphs are walked side by side. References are followed before the comparison, and each pair of objects is compared
once. A null entry equals a missing one (§7.3.7), a literal string equals a hexadecimal one. 1 does not equal 1.0: some
readers accept only one of them in some places. Streams are equal when their encoded bytes and their dictionaries are.
Pages, annotations, fields, layers and structure elements are compared by object number, not by value: a copy of a layer
is on where the layer is off, and a copy of a page is in no page tree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pyhanko.pdf_utils import generic

from signing.errors import TooLarge
from signing.pades.reader.faults import Malformed, value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from signing.model import Message

__all__ = ["Differs", "Rule", "Walk", "items", "names", "number_of", "refers", "resolved"]

Rule: TypeAlias = "Callable[[Any, Any, int | None, Message], None]"

_MOST_PAIRS: Final = 400_000
_DEEPEST_DIRECT: Final = 32
_TYPES_BY_IDENTITY: Final = frozenset(
    {"/Annot", "/Catalog", "/OCG", "/OCMD", "/Page", "/Pages", "/StructElem", "/StructTreeRoot"}
)
_STRINGS = (generic.TextStringObject, generic.ByteStringObject)


class Differs(Exception):
    """The graphs are not equal; `message` names the place."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.code)
        self.message = message


class Walk:
    """A queue of pairs to compare, and the pairs of references that were compared already.

    `rules` are special rules for dictionaries of the older graph, by object number. A rule receives both dictionaries,
    the object number of the newer one (None for a direct object) and the message. It applies on the paths whose message
    codes it names; reached on another path, the dictionary means something else and is compared in full.
    `by_identity` are numbers of objects that readers tell from others of equal value: pages, annotations, fields,
    structure elements, layers. A reference to one must stay a reference to that one. A nested walk shares the budget of
    the walk `above` it, and these numbers.
    """

    def __init__(self, above: Walk | None = None) -> None:
        self._budget: list[int] = above._budget if above is not None else [_MOST_PAIRS]  # noqa: SLF001 - its own kind
        self.rules: dict[int, tuple[Rule, frozenset[str]]] = {}
        self.by_identity: set[int] = above.by_identity if above is not None else set()
        self._pending: list[tuple[Any, Any, Message]] = []
        self._visited: set[tuple[int, int, int, int, bool]] = set()
        self._visited_numbers: set[int] = set()

    def has_visited(self, number: int) -> bool:
        """Whether the walk visited that object of the older graph."""
        return number in self._visited_numbers

    def enqueue(self, old: Any, new: Any, where: Message) -> None:  # noqa: ANN401 - pyHanko has no types
        """Queue two values for comparison; `where` is the message when they differ."""
        self._budget[0] -= 1
        if self._budget[0] < 0:
            raise TooLarge("document.too-much-work")
        self._pending.append((old, new, where))

    def finish(self) -> None:
        """Compare everything in the queue; raises `Differs`."""
        while self._pending:
            self._compare(*self._pending.pop())

    def compare_entries(self, old: Any, new: Any, where: Message, *, without: frozenset[str] = frozenset()) -> None:  # noqa: ANN401 - as above
        """Queue the entries of two dictionaries, except those named; raises `Differs` when their names differ."""
        before, after = names(old) - without, names(new) - without
        if before != after:
            raise Differs(where)
        for name in sorted(before):  # the same file gives the same message in every process
            self.enqueue(old.raw_get(name), new.raw_get(name), where)

    def compare_lists(self, old: list[Any], new: list[Any], where: Message) -> None:
        """Queue the members of two lists pairwise; raises `Differs` when their lengths differ."""
        if len(old) != len(new):
            raise Differs(where)
        for one, other in zip(old, new, strict=True):
            self.enqueue(one, other, where)

    def _rule(self, number: int | None, where: Message) -> Rule | None:
        rule, ways = self.rules.get(number, (None, frozenset())) if number is not None else (None, frozenset())
        return rule if where.code in ways else None

    def _is_by_identity(self, value: Any) -> bool:  # noqa: ANN401 - as above
        """Whether a reference leads to an object that is compared by its number."""
        if not isinstance(value, generic.IndirectObject):
            return False
        if value.idnum in self.by_identity:
            return True
        found = resolved(value)
        kept = isinstance(found, generic.DictionaryObject) and str(value_of(found, "/Type")) in _TYPES_BY_IDENTITY
        self.by_identity |= {value.idnum} if kept else set()
        return kept

    def _is_first(self, old: Any, new: Any, rule: Rule | None) -> bool:  # noqa: ANN401 - as above
        """Record that these two are compared; return whether they were not before."""
        pair = old.idnum, old.generation, new.idnum, new.generation, rule is not None
        first = pair not in self._visited
        self._visited.add(pair)
        return first

    def _compare(self, old: Any, new: Any, where: Message) -> None:  # noqa: ANN401 - as above
        rule, number = None, number_of(new)
        if isinstance(old, generic.IndirectObject):
            rule = self._rule(number_of(old), where)
            self._visited_numbers.add(old.idnum)
            if isinstance(new, generic.IndirectObject) and not self._is_first(old, new, rule):
                return
        if (self._is_by_identity(old) or self._is_by_identity(new)) and _identity(old) != _identity(new):
            raise Differs(where)
        old, new = resolved(old), resolved(new)
        if isinstance(old, generic.StreamObject) or isinstance(new, generic.StreamObject):
            both = isinstance(old, generic.StreamObject) and isinstance(new, generic.StreamObject)
            if not both or old.encoded_data != new.encoded_data:
                raise Differs(where)
            self.compare_entries(old, new, where)
        elif isinstance(old, generic.DictionaryObject) and isinstance(new, generic.DictionaryObject):
            if rule is not None:
                rule(old, new, number, where)
            else:
                self.compare_entries(old, new, where)
        elif isinstance(old, generic.ArrayObject) and isinstance(new, generic.ArrayObject):
            self.compare_lists(items(old), items(new), where)
        elif not _same(old, new):
            raise Differs(where)


def _identity(value: Any) -> tuple[int, int] | None:  # noqa: ANN401 - as above
    return (value.idnum, value.generation) if isinstance(value, generic.IndirectObject) else None


def _same(old: Any, new: Any) -> bool:  # noqa: ANN401 - as above
    """Compare two scalar values."""
    if isinstance(old, _STRINGS) and isinstance(new, _STRINGS):
        return bool(old.original_bytes == new.original_bytes)
    return type(old) is type(new) and bool(old == new)


def resolved(value: Any) -> Any:  # noqa: ANN401 - as above
    """Follow a reference; null where its object does not exist."""
    return value.get_object() if isinstance(value, generic.IndirectObject) else value  # type: ignore[no-untyped-call] # pyHanko has no types


def refers(value: Any, depth: int = 0) -> bool:  # noqa: ANN401 - pyHanko has no types
    """Whether a value contains a reference; one nested too deep counts as containing one."""
    if isinstance(value, generic.IndirectObject) or depth > _DEEPEST_DIRECT:
        return True
    if isinstance(value, generic.DictionaryObject):
        return any(refers(value.raw_get(name), depth + 1) for name in value)
    return isinstance(value, generic.ArrayObject) and any(refers(one, depth + 1) for one in items(value))


def items(value: Any) -> list[Any]:  # noqa: ANN401 - as above
    """Return the members of an array, references not followed; [] for anything else."""
    value = resolved(value)
    return [value.raw_get(number) for number in range(len(value))] if isinstance(value, generic.ArrayObject) else []


def names(dictionary: Any) -> set[str]:  # noqa: ANN401 - as above
    """Return the names of the entries that are not null; raises `Malformed` for anything but a dictionary."""
    if not isinstance(dictionary, generic.DictionaryObject):
        raise Malformed("entries of something that is no dictionary")
    return set(_names(dictionary))


def _names(dictionary: Any) -> Iterator[str]:  # noqa: ANN401 - as above
    for name in dictionary:
        value = dictionary.raw_get(name)
        if not isinstance(value, generic.NullObject) and not (
            isinstance(value, generic.IndirectObject) and isinstance(resolved(value), generic.NullObject)
        ):
            yield name


def number_of(value: Any) -> int | None:  # noqa: ANN401 - as above
    """Return the object number of a reference; None for anything else, and for generations above nought."""
    return value.idnum if isinstance(value, generic.IndirectObject) and not value.generation else None
