"""A document in the data model of XPath 1.0 §5: numbered elements, and the nodes attached to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from signing.xml.tree import local_name, namespace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

__all__ = ["AttachedNode", "Node", "Nodes", "UnknownExpression"]

_ROOT = -1
_MOST_STEPS = 400_000


class UnknownExpression(ValueError):
    """An expression that is not evaluated here, or takes too much work."""


class AttachedNode(NamedTuple):
    """A node attached to an element or the root: attribute, namespace, text, comment or instruction."""

    kind: str
    parent: int
    local: str = ""
    space: str = ""
    value: str = ""


Node: TypeAlias = int | AttachedNode


class Nodes:
    """The elements, numbered in document order; the root node is -1. `spend` bounds the work of all expressions."""

    def __init__(self, root: _Element) -> None:
        self.root: int = _ROOT
        self.elements = list(root.iter("*"))
        self.number = {element: at for at, element in enumerate(self.elements)}
        self.parent: list[int] = []
        for element in self.elements:
            above = element.getparent()
            self.parent.append(_ROOT if above is None else self.number[above])
        self.end = [at + 1 for at in range(len(self.elements))]  # one past the last descendant of each
        self.children: dict[int, list[int]] = {}
        for at, number in enumerate(self.parent):
            self.children.setdefault(number, []).append(at)
        for at in reversed(range(1, len(self.elements))):
            self.end[self.parent[at]] = max(self.end[self.parent[at]], self.end[at])
        self._steps = 0

    def spend(self, steps: int) -> None:
        """Count steps; raises `UnknownExpression` above the bound."""
        self._steps += steps
        if self._steps > _MOST_STEPS:
            raise UnknownExpression("work")

    def under(self, node: Node) -> range:
        """Number all elements under a node, itself included."""
        if node == _ROOT:
            return range(len(self.elements))
        return range(node, self.end[node]) if isinstance(node, int) else range(0)

    @staticmethod
    def kind(node: Node) -> str:
        """Name the kind of a node."""
        if isinstance(node, AttachedNode):
            return node.kind
        return "root" if node == _ROOT else "element"

    def local(self, node: Node) -> str:
        """Return the local part of a node's name; of a namespace node its prefix (§5.4)."""
        if isinstance(node, AttachedNode):
            return node.local
        return local_name(self.elements[node]) if node != _ROOT else ""

    def space(self, node: Node) -> str:
        """Return the namespace of a node's name."""
        if isinstance(node, AttachedNode):
            return node.space
        return namespace(self.elements[node]) if node != _ROOT else ""

    @staticmethod
    def value(node: Node) -> str:
        """Return the text of an attribute."""
        return node.value if isinstance(node, AttachedNode) else ""

    def named(self, node: Node | None, function: str) -> str:
        """Answer name(), local-name() or namespace-uri() (§4.1)."""
        if function == "name" and isinstance(node, AttachedNode) and node.space:
            raise UnknownExpression("the prefix of an attribute")  # lxml does not keep it
        if node is None:
            return ""
        if function == "namespace-uri":
            return self.space(node)
        if function == "name" and isinstance(node, int) and node != _ROOT and self.elements[node].prefix:
            return f"{self.elements[node].prefix}:{self.local(node)}"
        return self.local(node)

    def in_order(self, found: list[Node]) -> list[Node]:
        """Return each node once, in document order as far as elements go."""
        self.spend(len(found))
        once = dict.fromkeys(found)
        return sorted(once, key=lambda one: (one.parent, 1) if isinstance(one, AttachedNode) else (one, 0))

    def along(self, axis: str, node: Node) -> list[Node]:
        """Return the nodes of an axis in its direction (§2.2); of attached nodes only attributes."""
        found = list(self._along(axis, node))
        self.spend(1 + len(found))
        return found

    def _along(self, axis: str, node: Node) -> Iterator[Node]:
        match axis:
            case "self":
                yield node
            case "parent":
                yield from self._above(node)[:1]
            case "ancestor":
                yield from self._above(node)
            case "ancestor-or-self":
                yield node
                yield from self._above(node)
            case "child":
                yield from self.children.get(node, ()) if isinstance(node, int) else ()
            case "descendant":
                yield from (one for one in self.under(node) if one != node)
            case "descendant-or-self":
                yield node
                yield from (one for one in self.under(node) if one != node)
            case "attribute":
                yield from self.attributes(node) if isinstance(node, int) and node != _ROOT else ()
            case _:
                raise UnknownExpression(axis)

    def _above(self, node: Node) -> list[Node]:
        found: list[Node] = []
        if isinstance(node, AttachedNode):
            found.append(node.parent)
            node = node.parent
        while node != _ROOT:
            node = self.parent[node]
            found.append(node)
        return found

    def attributes(self, number: int) -> list[AttachedNode]:
        """Return the attributes of an element."""
        found = []
        for key, value in self.elements[number].attrib.items():
            space, _, local = str(key).rpartition("}")
            found.append(AttachedNode("attribute", number, local, space.removeprefix("{"), str(value)))
        return found

    def namespaces(self, number: int) -> list[AttachedNode]:
        """Return the namespace nodes of an element: all in scope."""
        prefixes = [prefix or "" for prefix, address in self.elements[number].nsmap.items() if address]
        return [AttachedNode("namespace", number, prefix) for prefix in dict.fromkeys((*prefixes, "xml"))]
