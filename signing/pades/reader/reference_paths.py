"""The paths from the trailer to an object of a revision: all places where another object in its stead would show.

pyHanko computes that for the whole document at once, which is most of the work of a signed PDF. Only a few objects are
asked about, as a rule new ones, to which nothing referred before. Where all objects are in strict syntax
(`signing.pades.syntax.objects`), their references are read here, and followed upwards to the trailer in a few steps.

The answers equal pyHanko's (a test compares them), and so do the rules by which it descends from the trailer:

    (1) along every reference, in dictionaries and arrays, except /Parent;
    (2) through a page, or a node of the page tree, only on the path of the page tree itself;
    (3) through structure elements only from the root's /K downwards, and not along /P;
    (4) without cycles: no path visits an object twice.

pyHanko is asked where objects are not in strict syntax or in object streams, and where there are too many paths. All
work here is bounded by the size of the file and by the numbers below.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from pyhanko.pdf_utils import generic

from signing.pades.reader.faults import is_of_the_file, whole
from signing.pades.syntax.objects import AmbiguousSyntax, ParsedObject, Ref, Value, read_object, skip_white_space

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Path", "ReferencePaths"]

Path: TypeAlias = tuple[str | int, ...]

_TRAILER = 0  # no object has this number
_STRUCTURE: Path = ("/Root", "/StructTreeRoot")
_MOST_STEPS = 50_000  # over all questions
_MOST_NODES = 50_000
_LONGEST_WAY = 100  # in objects
_LONGEST_PATH = 300


class _LeftToPyhanko(AmbiguousSyntax):
    """The document is beyond what is answered here."""


@dataclass(frozen=True, slots=True)
class _References:
    """The references of a revision in strict syntax.

    `users` gives, for each object number, the objects that refer to it and the path inside them; `pages`, for each node
    of the page tree, its parent (the catalog for the topmost) and its place there. `elements` are structure elements.
    """

    users: dict[int, list[tuple[int, Path]]]
    pages: dict[int, tuple[int, Path]]
    elements: frozenset[int]


class ReferencePaths:
    """The paths to the objects of one revision; `view` is pyHanko's view of it."""

    def __init__(self, view: Any) -> None:  # noqa: ANN401 - pyHanko has no types
        self._view = view
        self._answers: dict[int, set[Path]] = {}
        self._gave_up = False

    def of(self, ref: generic.Reference) -> set[Path] | None:
        """Return the paths from the trailer to the object, as pyHanko finds them; None means: ask pyHanko."""
        if self._finder is None or self._gave_up or ref.generation:
            return None
        number = ref.idnum
        if number not in self._answers:
            try:
                self._answers[number] = {path for path, _ in self._finder.to(number, frozenset({number}))}
            except AmbiguousSyntax:
                self._gave_up = True  # pyHanko then reads everything once, and answers the next question from that
                return None
        return self._answers[number]

    @cached_property
    def _finder(self) -> _PathFinder | None:
        try:
            return _PathFinder(self._read())
        except AmbiguousSyntax:
            return None
        except Exception as error:
            if not is_of_the_file(error):
                raise
            return None

    def _read(self) -> _References:
        values = dict(self._objects())
        trailer = dict(_trailer(self._view.trailer_view))
        users: dict[int, list[tuple[int, Path]]] = defaultdict(list)
        for number, value in {_TRAILER: trailer, **values}.items():
            for path, named in _references(value, ()):  # (1)
                users[named].append((number, path))
        root = trailer.get(b"/Root")
        pages = dict(_pages(values, root))
        elements = _elements(values, _dictionary(values, root).get(b"/StructTreeRoot"))
        return _References(users, pages, elements)

    def _objects(self) -> Iterator[tuple[int, Value]]:
        """Read each object at its offset; overlapping ones are refused, or a small file is read a thousand times."""
        end = 0
        for place, number in sorted((place, number) for number, place in self._places().items()):
            if place < end:
                raise _LeftToPyhanko(f"object {number} lies in another one")
            found = self._object(number, place)
            end = found.end
            yield number, found.value

    def _places(self) -> dict[int, int]:
        """Return the offset of each object of the revision."""
        xrefs = self._view.reader.xrefs
        places: dict[int, int] = {}
        for number in range(self._view.revision + 1):
            section = xrefs.get_xref_data(number)
            if section.hybrid is not None or section.xrefs_in_objstm or set(section.freed) - {0}:
                raise _LeftToPyhanko("objects that are packed or freed")
            if any(generation for generation, _ in section.standard_xrefs.values()):
                raise _LeftToPyhanko("generations")
            places |= {one: place for one, (_, place) in section.standard_xrefs.items()}
        return places

    def _object(self, number: int, place: int) -> ParsedObject:
        data = self._view.reader.stream.getvalue()
        found = read_object(data, skip_white_space(data, place), self._length)
        if found is None or found.number != number or found.generation:
            raise _LeftToPyhanko(f"object {number} does not stand where it is listed")
        if isinstance(found.value, Ref):
            raise _LeftToPyhanko(f"object {number} is another one")
        return found

    def _length(self, ref: Ref) -> int:
        return whole(self._view.get_object(generic.Reference(ref.number, ref.generation, self._view)))


class _PathFinder:
    """All paths from the trailer, found upwards from the object. Raises `_LeftToPyhanko` for too many or long ones."""

    def __init__(self, references: _References) -> None:
        self._references = references
        self._steps = 0

    def to(self, number: int, below: frozenset[int]) -> Iterator[tuple[Path, bool]]:
        """Yield each path to a reference to the object, and whether it is one in the structure tree.

        `below` are the objects already on the path, this one included.
        """
        for holder, inside in self._references.users.get(number, ()):
            self._step(len(below) > _LONGEST_WAY)
            if holder == _TRAILER:
                yield inside, False
            elif holder in self._references.elements and "/P" in inside:
                continue  # (3), decided before the paths of all its children are followed
            elif holder not in below:  # (4)
                for path, structural in self._through(holder, below | {holder}):
                    self._step(len(path) > _LONGEST_PATH)
                    in_tree = structural or (path == _STRUCTURE and inside[0] == "/K")
                    if not (in_tree and "/P" in inside):  # (3)
                        yield (*path, *inside), in_tree

    def _through(self, number: int, below: frozenset[int]) -> Iterator[tuple[Path, bool]]:
        """Yield the paths on which the object is entered."""
        if number in self._references.pages:  # (2)
            path, objects = self._down_the_tree(number)
            if objects & below == {number} and not objects & self._references.elements:
                yield path, False
            return
        for path, structural in self.to(number, below):
            if structural or number not in self._references.elements:  # (3)
                yield path, structural

    def _down_the_tree(self, number: int) -> tuple[Path, set[int]]:
        path: Path = ()
        objects = {number}
        while number in self._references.pages:
            number, place = self._references.pages[number]
            path = (*place, *path)
            objects.add(number)
        return ("/Root", *path), objects

    def _step(self, too_long: bool) -> None:  # noqa: FBT001 - the one question
        self._steps += 1
        if too_long or self._steps > _MOST_STEPS:
            raise _LeftToPyhanko("many ways, or long ones")


def _trailer(trailer: generic.DictionaryObject) -> Iterator[tuple[bytes, Value]]:
    for key, value in trailer.items():
        if isinstance(value, generic.IndirectObject):
            yield _octets(key), Ref(value.idnum, value.generation)
        elif isinstance(value, generic.DictionaryObject) or (
            isinstance(value, generic.ArrayObject)
            and not all(isinstance(one, generic.ByteStringObject | generic.TextStringObject) for one in value)
        ):
            raise _LeftToPyhanko("a trailer in which other objects stand")


def _octets(name: Any) -> bytes:  # noqa: ANN401 - pyHanko has no types
    """Return the octets of a name; pyHanko may have decoded one with illegal octets as UTF-8."""
    try:
        return str(name).encode("latin-1")
    except UnicodeEncodeError:
        raise _LeftToPyhanko("a name with octets that none may have") from None


def _references(value: Value, path: Path) -> Iterator[tuple[Path, int]]:
    if isinstance(value, Ref):
        if value.generation:
            raise _LeftToPyhanko("generations")
        yield path, value.number
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key != b"/Parent":
                yield from _references(inner, (*path, key.decode("latin-1")))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _references(inner, (*path, index))


def _dictionary(values: dict[int, Value], ref: Value | None) -> dict[bytes, Value]:
    found = values.get(ref.number) if isinstance(ref, Ref) else None
    if not isinstance(found, dict):
        raise _LeftToPyhanko("something else than a dictionary in a tree")
    return found


def _type(node: dict[bytes, Value], otherwise: bytes = b"") -> bytes:
    """Return the /Type of a dictionary; one written with escapes is read by some readers only."""
    found = node.get(b"/Type", otherwise)
    if not isinstance(found, bytes) or not found.startswith(b"/" if b"/Type" in node else b"") or b"#" in found:
        raise _LeftToPyhanko("a type that is not said plainly")
    return found


def _pages(values: dict[int, Value], root: Value | None) -> Iterator[tuple[int, tuple[int, Path]]]:
    """Walk the page tree: all its nodes, in any order, each once."""
    catalog = _dictionary(values, root)
    above = root.number if isinstance(root, Ref) else _TRAILER
    pending: list[tuple[Value | None, int, Path, int]] = [(catalog.get(b"/Pages"), above, ("/Pages",), 1)]
    seen = {above}
    while pending:
        ref, above, place, depth = pending.pop()
        node = _dictionary(values, ref)
        if not isinstance(ref, Ref) or ref.number in seen or depth > _LONGEST_WAY:
            raise _LeftToPyhanko("a page tree that is none")
        seen.add(ref.number)
        yield ref.number, (above, place)
        kind = _type(node)
        if depth == 1 or kind == b"/Pages":
            kids = node.get(b"/Kids")
            if not isinstance(kids, list) or len(seen) + len(pending) + len(kids) > _MOST_NODES:
                raise _LeftToPyhanko("kids somewhere else, or many")
            pending += [(kid, ref.number, ("/Kids", index), depth + 1) for index, kid in enumerate(kids)]


def _elements(values: dict[int, Value], root: Value | None) -> frozenset[int]:
    """Walk the structure tree as pyHanko does; a reference in /K outside an array is no element to it."""
    if root is None:
        return frozenset()
    found: set[int] = set()
    pending = [_dictionary(values, root)]
    looked_at = 0
    while pending:
        kids = pending.pop().get(b"/K")
        kids = values.get(kids.number) if isinstance(kids, Ref) else kids
        kids = kids if isinstance(kids, list) else [b"null" if kids is None else kids]
        looked_at += len(kids)
        if looked_at > _MOST_NODES:
            raise _LeftToPyhanko("a structure tree that is large, or none")
        for kid in kids:
            child = values.get(kid.number) if isinstance(kid, Ref) else kid
            if not isinstance(child, dict) or _type(child, b"/StructElem") != b"/StructElem":
                continue
            if isinstance(kid, Ref):
                if kid.number in found:
                    raise _LeftToPyhanko("a structure tree that is none")
                found.add(kid.number)
            pending.append(child)
    return frozenset(found)
