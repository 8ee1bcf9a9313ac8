"""The XPath and XPath Filter 2.0 transforms: which signatures they exclude from what a reference signs.

An expression is judged by what it selects in this document, not by its text. It may exclude its own signature or every
signature, entirely, so nothing else remains unsigned. Any other selection is refused.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from lxml import etree

from signing.xades.xpath import Context, Expression
from signing.xades.xpath_nodes import AttachedNode, Nodes, UnknownExpression
from signing.xml.tree import DS, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from signing.xades.xpath_nodes import Node

__all__ = ["FILTER2", "XPATH", "Excluded", "UnknownExpression", "excluded_by"]

XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
FILTER2 = "http://www.w3.org/2002/06/xmldsig-filter2"
_SIGNATURE = f"{{{DS}}}Signature"
_MOST_FILTERS = 16


class Excluded(StrEnum):
    """Signatures excluded from what is signed."""

    NONE = ""
    OWN = "own"
    EVERY = "every"


def excluded_by(
    transform: _Element, nodes: Nodes, signature: _Element, target: _Element | None, so_far: Excluded
) -> Excluded:
    """Return what is excluded after a transform, given what is excluded `so_far`; a `target` of None is the document.

    Raises `UnknownExpression` when the transform selects anything else, or cannot be evaluated here.
    """
    nodes.spend(len(nodes.elements))
    selecting = _TransformEvaluation(nodes, signature, target, so_far)
    if transform.get("Algorithm") == FILTER2:
        return selecting.by_filters(_expressions(transform, f"{{{FILTER2}}}XPath"))
    expressions = _expressions(transform, f"{{{DS}}}XPath")
    if len(expressions) != 1:
        raise UnknownExpression("several expressions")
    return selecting.by_condition(expressions[0])


def _expressions(transform: _Element, tag: str) -> list[_Element]:
    found = list(transform.iterchildren("*"))
    if not found or len(found) > _MOST_FILTERS or any(one.tag != tag for one in found):
        raise UnknownExpression("no expression")
    return found


class _TransformEvaluation:
    """One transform, evaluated over elements by their numbers."""

    def __init__(self, nodes: Nodes, signature: _Element, target: _Element | None, so_far: Excluded) -> None:
        self._nodes = nodes
        self._target = nodes.root if target is None else nodes.number[target]
        own = set(nodes.under(nodes.number[signature]))
        every = {
            part
            for at, element in enumerate(nodes.elements)
            if element.tag == _SIGNATURE
            for part in nodes.under(at)
        }  # fmt: skip
        input_ = set(nodes.under(self._target))
        gone = {Excluded.NONE: set[int](), Excluded.OWN: own, Excluded.EVERY: every}[so_far]
        self._input = input_ - gone
        self._choices = {Excluded.NONE: set[int](), Excluded.OWN: own & input_, Excluded.EVERY: every & input_}
        self._so_far = so_far
        self._gone = gone & input_

    def _named(self, kept: set[int]) -> Excluded:
        """Return what is excluded when these elements are kept; the first match excludes the least."""
        missing = self._gone | (self._input - kept)
        for choice, parts in self._choices.items():
            if missing == parts:
                return choice
        raise UnknownExpression("selects something else")

    def by_condition(self, element: _Element) -> Excluded:
        """Apply XPath filtering (XML Signature §6.6.3): the expression is evaluated for every node."""
        expression = self._parsed(element)
        here = self._nodes.number[element]

        def stays(node: Node) -> bool:
            return expression.holds(Context(self._nodes, node, here).at(node))

        kept = {number for number in self._input if stays(number)}
        for number in sorted(self._input):
            # An element is kept or excluded together with its attributes, namespaces and text.
            if any(stays(node) is not (number in kept) for node in self._attached_nodes(number, expression)):
                raise UnknownExpression("selects parts of elements")
        if self._target == self._nodes.root and not all(map(stays, self._beside_the_root())):
            raise UnknownExpression("leaves out what stands beside the root")
        return self._named(kept)

    def by_filters(self, elements: list[_Element]) -> Excluded:
        """Apply XPath Filter 2.0 (§3): selected subtrees are intersected, subtracted or added in turn."""
        everything = {self._nodes.root, *range(len(self._nodes.elements))}
        kept = set(everything)
        for element in elements:
            at = Context(self._nodes, self._nodes.root, self._nodes.number[element])
            selected: set[int] = set()
            for node in self._parsed(element).selected(at):
                if isinstance(node, AttachedNode):
                    raise UnknownExpression("selects parts of elements")
                selected |= {node, *self._nodes.under(node)}
                self._nodes.spend(len(self._nodes.under(node)))
            match element.get("Filter"):
                case "intersect":
                    kept &= selected
                case "subtract":
                    kept -= selected
                case "union":
                    kept |= selected
                case _:
                    raise UnknownExpression("no filter")
        if self._target == self._nodes.root and self._nodes.root not in kept and any(self._beside_the_root()):
            raise UnknownExpression("leaves out what stands beside the root")
        return self._named(kept & self._input)

    def _parsed(self, element: _Element) -> Expression:
        if next(element.iterchildren("*"), None) is not None:
            raise UnknownExpression("an element in the expression")
        return Expression.parse(text_of(element), element.nsmap)

    def _attached_nodes(self, number: int, expression: Expression) -> Iterator[AttachedNode]:
        """Yield the nodes of an element: attributes, namespaces, and one each of its texts, comments and instructions.

        Namespace nodes differ in their names alone: one stands for all where no name is asked for.
        """
        nodes, element = self._nodes, self._nodes.elements[number]
        yield from nodes.attributes(number)
        yield from nodes.namespaces(number) if expression.asks_names else (AttachedNode("namespace", number, "xml"),)
        if text_of(element) or len(element):
            yield AttachedNode("text", number)
        for child in element:
            if isinstance(child, etree._Comment):  # noqa: SLF001 - lxml names the types so
                yield AttachedNode("comment", number)
            elif isinstance(child, etree._ProcessingInstruction):  # noqa: SLF001
                yield AttachedNode("instruction", number, str(child.target))

    def _beside_the_root(self) -> Iterator[AttachedNode]:
        top = self._nodes.elements[0]
        for one in (*top.itersiblings(preceding=True), *top.itersiblings()):
            if isinstance(one, etree._ProcessingInstruction):  # noqa: SLF001
                yield AttachedNode("instruction", self._nodes.root, str(one.target))
            else:
                yield AttachedNode("comment", self._nodes.root)
