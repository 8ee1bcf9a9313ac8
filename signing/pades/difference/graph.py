"""Are two object graphs equal by value? Numbers of objects and spellings of a value mean nothing (ISO 32000-2 §7.3).

Both graphs are walked side by side. What a reference leads to is compared instead of the reference; each pair of
objects once. Equal in meaning are an entry whose value is null and no entry (§7.3.7), and a string written in
parentheses or in hexadecimal digits; 1 and 1.0 are not, since some readers take only one of them in some places.
Streams are equal when their encoded bytes and their dictionaries are. Pages, annotations, fields, layers and elements
of the structure are what they are by their numbers, not by their values: a copy of a layer is on where the layer is
off, and a copy of a page is in no page tree.
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
_KEPT: Final = frozenset({"/Annot", "/Catalog", "/OCG", "/OCMD", "/Page", "/Pages", "/StructElem", "/StructTreeRoot"})
_STRINGS = (generic.TextStringObject, generic.ByteStringObject)


class Differs(Exception):
    """The graphs are not equal; `message` says where."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.code)
        self.message = message


class Walk:
    """Pairs still to be compared, and those of references that already were.

    `special` holds dictionaries of the older graph by the number of their object, which have a rule of their own: it
    is handed both dictionaries, the number of the newer one (None where it stands in no object), and the message. It
    holds on the ways named by codes of messages; on others the dictionary means something else, and is compared whole.
    `kept` are numbers of objects that readers tell from others of equal value: pages, annotations, fields, elements of
    the structure, layers. What refers to one has to go on referring to that very one. A walk inside another shares
    its budget, and these numbers.
    """

    def __init__(self, above: Walk | None = None) -> None:
        self._budget: list[int] = above._budget if above is not None else [_MOST_PAIRS]  # noqa: SLF001 - its own kind
        self.special: dict[int, tuple[Rule, frozenset[str]]] = {}
        self.kept: set[int] = above.kept if above is not None else set()
        self._pending: list[tuple[Any, Any, Message]] = []
        self._met: set[tuple[int, int, int, int, bool]] = set()
        self._met_numbers: set[int] = set()

    def has_met(self, number: int) -> bool:
        """Whether the walk came by that object of the older graph."""
        return number in self._met_numbers

    def later(self, old: Any, new: Any, where: Message) -> None:  # noqa: ANN401 - pyHanko has no types
        """Have two values compared; `where` is the message when they differ."""
        self._budget[0] -= 1
        if self._budget[0] < 0:
            raise TooLarge("document.too-much-work")
        self._pending.append((old, new, where))

    def finish(self) -> None:
        """Compare all that is left; raises `Differs`."""
        while self._pending:
            self._compare(*self._pending.pop())

    def entries(self, old: Any, new: Any, where: Message, *, without: frozenset[str] = frozenset()) -> None:  # noqa: ANN401 - as above
        """Have the entries of two dictionaries compared, but for some."""
        before, after = names(old) - without, names(new) - without
        if before != after:
            raise Differs(where)
        for name in before:
            self.later(old.raw_get(name), new.raw_get(name), where)

    def lists(self, old: list[Any], new: list[Any], where: Message) -> None:
        """Have two lists compared, one by one."""
        if len(old) != len(new):
            raise Differs(where)
        for one, other in zip(old, new, strict=True):
            self.later(one, other, where)

    def _rule(self, number: int | None, where: Message) -> Rule | None:
        rule, ways = self.special.get(number, (None, frozenset())) if number is not None else (None, frozenset())
        return rule if where.code in ways else None

    def _is_kept(self, value: Any) -> bool:  # noqa: ANN401 - as above
        """Whether a reference leads to an object that readers tell from others of equal value."""
        if not isinstance(value, generic.IndirectObject):
            return False
        if value.idnum in self.kept:
            return True
        found = resolved(value)
        kept = isinstance(found, generic.DictionaryObject) and str(value_of(found, "/Type")) in _KEPT
        self.kept |= {value.idnum} if kept else set()
        return kept

    def _is_first(self, old: Any, new: Any, rule: Rule | None) -> bool:  # noqa: ANN401 - as above
        """Whether these two were not compared before; from now on they were."""
        pair = old.idnum, old.generation, new.idnum, new.generation, rule is not None
        first = pair not in self._met
        self._met.add(pair)
        return first

    def _compare(self, old: Any, new: Any, where: Message) -> None:  # noqa: ANN401 - as above
        rule, number = None, number_of(new)
        if isinstance(old, generic.IndirectObject):
            rule = self._rule(number_of(old), where)
            self._met_numbers.add(old.idnum)
            if isinstance(new, generic.IndirectObject) and not self._is_first(old, new, rule):
                return
        if (self._is_kept(old) or self._is_kept(new)) and _identity(old) != _identity(new):
            raise Differs(where)
        old, new = resolved(old), resolved(new)
        if isinstance(old, generic.StreamObject) or isinstance(new, generic.StreamObject):
            both = isinstance(old, generic.StreamObject) and isinstance(new, generic.StreamObject)
            if not both or old.encoded_data != new.encoded_data:
                raise Differs(where)
            self.entries(old, new, where)
        elif isinstance(old, generic.DictionaryObject) and isinstance(new, generic.DictionaryObject):
            if rule is not None:
                rule(old, new, number, where)
            else:
                self.entries(old, new, where)
        elif isinstance(old, generic.ArrayObject) and isinstance(new, generic.ArrayObject):
            self.lists(items(old), items(new), where)
        elif not _same(old, new):
            raise Differs(where)


def _identity(value: Any) -> tuple[int, int] | None:  # noqa: ANN401 - as above
    return (value.idnum, value.generation) if isinstance(value, generic.IndirectObject) else None


def _same(old: Any, new: Any) -> bool:  # noqa: ANN401 - as above
    """Compare two values that hold no others."""
    if isinstance(old, _STRINGS) and isinstance(new, _STRINGS):
        return bool(old.original_bytes == new.original_bytes)
    return type(old) is type(new) and bool(old == new)


def resolved(value: Any) -> Any:  # noqa: ANN401 - as above
    """Follow a reference to what it leads to; null where that is not there."""
    return value.get_object() if isinstance(value, generic.IndirectObject) else value  # type: ignore[no-untyped-call] # pyHanko has no types


def refers(value: Any, depth: int = 0) -> bool:  # noqa: ANN401 - pyHanko has no types
    """Whether a value leads to any object; what is nested too deep is taken for one that does."""
    if isinstance(value, generic.IndirectObject) or depth > _DEEPEST_DIRECT:
        return True
    if isinstance(value, generic.DictionaryObject):
        return any(refers(value.raw_get(name), depth + 1) for name in value)
    return isinstance(value, generic.ArrayObject) and any(refers(one, depth + 1) for one in items(value))


def items(value: Any) -> list[Any]:  # noqa: ANN401 - as above
    """Give the members of an array, references as they are; none of anything else."""
    value = resolved(value)
    return [value.raw_get(number) for number in range(len(value))] if isinstance(value, generic.ArrayObject) else []


def names(dictionary: Any) -> set[str]:  # noqa: ANN401 - as above
    """Give the names of the entries that are not null; raises `Malformed` for what is no dictionary."""
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
    """Give the number of the object a reference leads to; None for anything else."""
    return value.idnum if isinstance(value, generic.IndirectObject) and not value.generation else None
