"""The subset of XPath 1.0 with which references exclude signatures; anything else raises `UnknownExpression`.

It has paths over elements and attributes with predicates, union, comparison, `not`, `and`, `or`, `count`, `here`, and
the name functions. It has no text of elements and no arithmetic, so each expression has the same value in every
implementation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from signing.xades.xpath_nodes import Node, Nodes, UnknownExpression

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Context", "Expression", "UnknownExpression"]

_MOST_CHARACTERS: Final = 1000
_DEEPEST: Final = 24
_TOKEN = re.compile(
    r"""\s*(?:(?P<literal>"[^"]*"|'[^']*')|(?P<number>\d+(?:\.\d*)?|\.\d+)|(?P<mark>::|//|\.\.|!=|<=|>=|[()\[\].@,|=<>/*])
    |(?P<name>[^\W\d][\w.-]*(?::(?!:)(?:[^\W\d][\w.-]*|\*))?))""",
    re.VERBOSE,
)
_AXES: Final = frozenset(
    {"self", "parent", "child", "ancestor", "ancestor-or-self", "descendant", "descendant-or-self", "attribute"}
)
_DOWN: Final = frozenset({"child", "descendant", "descendant-or-self"})
_NAMES: Final = frozenset({"name", "local-name", "namespace-uri"})
_COMPARED: Final = ("<", ">", "<=", ">=")
_STEPS_ON: Final = ("/", "//")

Value: TypeAlias = bool | float | str | list[Node]
_Evaluated: TypeAlias = "Callable[[Context], Value]"


@dataclass(frozen=True, slots=True)
class Context:
    """The evaluation context (XPath 1.0 §1), and the element that holds the expression (`here`)."""

    nodes: Nodes
    node: Node
    here: Node
    position: int = 1
    size: int = 1

    def at(self, node: Node, position: int = 1, size: int = 1) -> Context:
        """Return the context of another node, counted as one step."""
        self.nodes.spend(1)
        return Context(self.nodes, node, self.here, position, size)


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression. `asks_names` tells whether it asks for a node's name in a function."""

    evaluate: _Evaluated
    asks_names: bool

    @classmethod
    def parse(cls, text: str, namespaces: Mapping[str | None, str]) -> Expression:
        """Parse an expression of the subset; raises `UnknownExpression`."""
        if len(text) > _MOST_CHARACTERS:
            raise UnknownExpression("length")
        parser = _Parser(_tokens(text), namespaces)
        evaluate = parser.either()
        if parser.peek().kind != "end":
            raise UnknownExpression(parser.peek().text)
        return cls(evaluate, parser.asks_names)

    def holds(self, context: Context) -> bool:
        """Evaluate as a boolean."""
        return _truth(self.evaluate(context))

    def selected(self, context: Context) -> list[Node]:
        """Evaluate as a set of nodes; raises `UnknownExpression` when it is none."""
        return _nodes(self.evaluate(context))


class _Token(NamedTuple):
    kind: str
    text: str


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise UnknownExpression(text[at : at + 10])
        found.append(_Token(match.lastgroup or "", match[match.lastgroup or 0]))
        at = match.end()
    return [*found, _Token("end", "")]


@dataclass(slots=True)
class _Parser:
    """Parses by recursive descent, the weakest operator first (XPath 1.0 §3)."""

    tokens: list[_Token]
    namespaces: Mapping[str | None, str]
    at: int = 0
    depth: int = 0
    asks_names: bool = field(default=False)

    def peek(self, ahead: int = 0) -> _Token:
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def took(self, *texts: str, kind: str = "mark") -> str:
        token = self.peek()
        if token.kind == kind and token.text in texts:
            self.at += 1
            return token.text
        return ""

    def need(self, text: str) -> None:
        if not self.took(text):
            raise UnknownExpression(self.peek().text)

    def either(self) -> _Evaluated:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise UnknownExpression("depth")
        parts = [self.both()]
        while self.took("or", kind="name"):
            parts.append(self.both())
        self.depth -= 1
        return parts[0] if len(parts) == 1 else lambda context: any(_truth(one(context)) for one in parts)

    def both(self) -> _Evaluated:
        parts = [self.equal()]
        while self.took("and", kind="name"):
            parts.append(self.equal())
        return parts[0] if len(parts) == 1 else lambda context: all(_truth(one(context)) for one in parts)

    def equal(self) -> _Evaluated:
        left = self.compared()
        while operator := self.took("=", "!="):
            left = _equality(left, self.compared(), wanted=operator == "=")
        return left

    def compared(self) -> _Evaluated:
        left = self.union()
        while operator := self.took(*_COMPARED):
            left = _order(left, self.union(), operator)
        return left

    def union(self) -> _Evaluated:
        parts = [self.path()]
        while self.took("|"):
            parts.append(self.path())
        if len(parts) == 1:
            return parts[0]
        return lambda context: context.nodes.in_order([node for one in parts for node in _nodes(one(context))])

    def path(self) -> _Evaluated:
        start = self.primary()
        if start is None:
            return self.location()
        steps = []
        if self.peek().text == "[":
            steps.append(_Step("self", None, "", any_node=True, predicates=self.predicates(), over_all=True))
        if self.peek().text in _STEPS_ON and self.peek().kind == "mark":
            steps += self.steps(first=False)
        return _walked(start, steps) if steps else start

    def primary(self) -> _Evaluated | None:
        token, following = self.peek(), self.peek(1)
        if token.kind == "mark" and token.text == "(":
            self.at += 1
            inner = self.either()
            self.need(")")
            return inner
        if token.kind == "literal":
            self.at += 1
            return lambda _, text=token.text[1:-1]: text  # type: ignore[misc] # mypy knows no types of defaults
        if token.kind == "number":
            self.at += 1
            return lambda _, number=float(token.text): number  # type: ignore[misc]
        if token.kind == "name" and following.text == "(" and token.text not in {"node", "text", "comment"}:
            self.at += 2
            return self.function(token.text)
        return None

    def function(self, name: str) -> _Evaluated:
        arguments: list[_Evaluated] = []
        while not self.took(")"):
            if arguments:
                self.need(",")
            arguments.append(self.either())
        self.asks_names |= name in _NAMES
        made = _FUNCTIONS.get((name, len(arguments)))
        if made is None:
            raise UnknownExpression(f"{name}()")
        return made(*arguments)

    def location(self) -> _Evaluated:
        absolute = self.peek().kind == "mark" and self.peek().text in _STEPS_ON
        if absolute and self.peek().text == "/" and not self._begins_step(self.peek(1)):
            self.at += 1
            return lambda context: [context.nodes.root]
        steps = self.steps(first=not absolute)
        if absolute:
            return _walked(lambda context: [context.nodes.root], steps)
        return _walked(lambda context: [context.node], steps)

    @staticmethod
    def _begins_step(token: _Token) -> bool:
        return token.kind == "name" or (token.kind == "mark" and token.text in {"*", "@", ".", ".."})

    def steps(self, *, first: bool) -> list[_Step]:
        found = [self.step()] if first else []
        while separator := self.took(*_STEPS_ON):
            if separator == "//":
                found.append(_Step("descendant-or-self", None, "", any_node=True))
            found.append(self.step())
        for one, following in zip(found, [*found[1:], None], strict=True):
            # Text nodes are not modelled: node() may only be a step on the way to elements or attributes.
            if (
                one.any_node
                and one.axis in _DOWN
                and (
                    one.predicates
                    or following is None
                    or following.any_node
                    or following.axis not in {*_DOWN, "attribute"}
                )
            ):
                raise UnknownExpression("node()")
        return found

    def step(self) -> _Step:
        if self.took("."):
            return _Step("self", None, "", any_node=True)
        if self.took(".."):
            return _Step("parent", None, "", any_node=True)
        axis = "attribute" if self.took("@") else "child"
        if self.peek().kind == "name" and self.peek(1).text == "::":
            axis = self.peek().text
            self.at += 2
        if axis not in _AXES:
            raise UnknownExpression(f"{axis}::")
        return self.tested(axis)

    def tested(self, axis: str) -> _Step:
        if self.took("*"):
            return _Step(axis, None, "*", predicates=self.predicates())
        token = self.peek()
        if token.kind != "name":
            raise UnknownExpression(token.text)
        self.at += 1
        if token.text == "node" and self.took("("):
            self.need(")")
            return _Step(axis, None, "", any_node=True, predicates=self.predicates())
        if self.peek().text == "(":
            raise UnknownExpression(f"{token.text}()")
        prefix, colon, local = token.text.rpartition(":")
        if colon and prefix not in self.namespaces:
            raise UnknownExpression(prefix)
        # An unprefixed name is in no namespace; the default namespace does not apply (XPath 1.0 §2.3).
        return _Step(axis, self.namespaces[prefix] if colon else "", local, predicates=self.predicates())

    def predicates(self) -> tuple[_Evaluated, ...]:
        found = []
        while self.took("["):
            found.append(self.either())
            self.need("]")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class _Step:
    """One location step. `space` None is any namespace; `over_all`: predicates filter the whole set (§3.3)."""

    axis: str
    space: str | None
    local: str
    any_node: bool = False
    predicates: tuple[_Evaluated, ...] = ()
    over_all: bool = False

    def walked(self, context: Context, start: list[Node]) -> list[Node]:
        nodes = context.nodes
        if self.over_all:
            return self._kept(context, start)
        found: list[Node] = []
        for node in start:
            reached = [one for one in nodes.along(self.axis, node) if self._fits(nodes, one)]
            found += self._kept(context, reached)
        return nodes.in_order(found)

    def _fits(self, nodes: Nodes, node: Node) -> bool:
        if self.any_node:
            return True
        principal = "attribute" if self.axis == "attribute" else "element"
        if nodes.kind(node) != principal:
            return False
        named = nodes.local(node), nodes.space(node)
        return self.local in {"*", named[0]} and self.space in {None, named[1]}

    def _kept(self, context: Context, reached: list[Node]) -> list[Node]:
        for predicate in self.predicates:
            kept = []
            for position, node in enumerate(reached, 1):
                value = predicate(context.at(node, position, len(reached)))
                if value == position if isinstance(value, float) else _truth(value):
                    kept.append(node)
            reached = kept
        return reached


def _walked(start: _Evaluated, steps: list[_Step]) -> _Evaluated:
    def walk(context: Context) -> Value:
        found = _nodes(start(context))
        for step in steps:
            found = step.walked(context, found)
        return found

    return walk


def _name(function: str) -> Callable[..., _Evaluated]:
    def of_set(one: _Evaluated) -> _Evaluated:
        return lambda context: context.nodes.named(next(iter(_nodes(one(context))), None), function)

    def made(*arguments: _Evaluated) -> _Evaluated:
        return of_set(arguments[0]) if arguments else lambda context: context.nodes.named(context.node, function)

    return made


def _truth(value: Value) -> bool:
    return value == value and bool(value)  # noqa: PLR0124 - not a number is false


def _nodes(value: Value) -> list[Node]:
    if not isinstance(value, list):
        raise UnknownExpression("no set of nodes")
    return value


def _equality(left: _Evaluated, right: _Evaluated, *, wanted: bool) -> _Evaluated:
    """Compare (XPath 1.0 §3.4); of a node-set only attributes have a string-value here."""

    def compare(context: Context) -> bool:
        one, other = left(context), right(context)
        if isinstance(one, bool) or isinstance(other, bool):
            return (_truth(one) is _truth(other)) is wanted
        for first in _plain(one, context):
            for second in _plain(other, context):
                if isinstance(first, str) is not isinstance(second, str):
                    raise UnknownExpression("a text and a number")
                if (first == second) is wanted:
                    return True
        return False

    return compare


def _plain(value: Value, context: Context) -> list[str | float]:
    if isinstance(value, list):
        if any(context.nodes.kind(node) != "attribute" for node in value):
            raise UnknownExpression("the text of an element")
        return [context.nodes.value(node) for node in value]
    return [value]


def _order(left: _Evaluated, right: _Evaluated, operator: str) -> _Evaluated:
    def compare(context: Context) -> bool:
        one, other = left(context), right(context)
        if not (isinstance(one, float) and isinstance(other, float)):
            raise UnknownExpression(operator)
        return {"<": one < other, ">": one > other, "<=": one <= other, ">=": one >= other}[operator]

    return compare


_FUNCTIONS: Final[dict[tuple[str, int], Callable[..., _Evaluated]]] = {
    ("not", 1): lambda one: lambda context: not _truth(one(context)),
    ("boolean", 1): lambda one: lambda context: _truth(one(context)),
    ("true", 0): lambda: lambda _: True,
    ("false", 0): lambda: lambda _: False,
    ("count", 1): lambda one: lambda context: float(len(_nodes(one(context)))),
    ("position", 0): lambda: lambda context: float(context.position),
    ("last", 0): lambda: lambda context: float(context.size),
    ("here", 0): lambda: lambda context: [context.here],
    **{(name, arity): _name(name) for name in _NAMES for arity in (0, 1)},
}
