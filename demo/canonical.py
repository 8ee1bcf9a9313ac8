"""Canonical XML 1.0, 1.1 and exclusive, of a document or one element in it, written from the recommendations.

It is written on expat, which reports names and declarations as they stand in the file. It shares no code with the
verifier, so that one error does not hide another. It does not support documents with a document type.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

__all__ = ["canonicalise"]

_XML = "http://www.w3.org/XML/1998/namespace"
_INHERITED_11 = ("xml:lang", "xml:space")
_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"}
_VALUE = {"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"}


@dataclass(slots=True)
class _Node:
    """An element; its children are elements, texts, and what stands beside them as (kind, octets)."""

    name: str
    attributes: dict[str, str]
    parent: "_Node | None"
    children: "list[_Node | tuple[str, str]]" = field(default_factory=list)
    scope: dict[str, str] = field(default_factory=dict)


def canonicalise(
    document: bytes,
    *,
    element: int | None = None,
    exclusive: bool = False,
    comments: bool = False,
    version_1_1: bool = False,
    prefixes: tuple[str, ...] = (),
) -> bytes:
    """The canonical octets of a document, or of its element of that number in document order, the root being 0.

    `prefixes` are those an exclusive form treats as inclusive, `#default` among them.
    """
    outside, elements = _parsed(document)
    form = _Form(exclusive, comments, frozenset("" if one == "#default" else one for one in prefixes))
    if element is None:
        return "".join(form.document(outside)).encode()
    apex = elements[element]
    lent = {} if exclusive else _inherited(apex, version_1_1=version_1_1)
    return "".join(form.element(apex, {}, lent)).encode()


@dataclass(frozen=True, slots=True)
class _Form:
    exclusive: bool
    comments: bool
    listed: frozenset[str]

    def document(self, outside: "list[_Node | tuple[str, str]]") -> Iterator[str]:
        """The root, and what stands before and after it, each on a line of its own (C14N 1.0 §2.3)."""
        after = False
        for one in outside:
            if isinstance(one, _Node):
                yield from self.element(one, {}, {})
                after = True
            elif text := self.other(one):
                yield f"\n{text}" if after else f"{text}\n"

    def other(self, one: tuple[str, str]) -> str:
        """A text, an instruction or a comment."""
        kind, content = one
        if kind == "text":
            return _escaped(content, _TEXT)
        return "" if kind == "comment" and not self.comments else content

    def element(self, node: _Node, shown: dict[str, str], lent: dict[str, str]) -> Iterator[str]:
        """An element; `shown` are the namespaces an element around it in the output declares."""
        attributes = {**lent, **{name: value for name, value in node.attributes.items() if not _declares(name)}}
        declared = self._declared(node, attributes, shown)
        yield f"<{node.name}"
        for prefix, uri in sorted(declared.items()):
            yield f' xmlns{":" if prefix else ""}{prefix}="{_escaped(uri, _VALUE)}"'
        for name in sorted(attributes, key=lambda one: _key(one, node.scope)):
            yield f' {name}="{_escaped(attributes[name], _VALUE)}"'
        yield ">"
        for one in node.children:
            if isinstance(one, _Node):
                yield from self.element(one, {**shown, **declared}, {})
            else:
                yield self.other(one)
        yield f"</{node.name}>"

    def _declared(self, node: _Node, attributes: dict[str, str], shown: dict[str, str]) -> dict[str, str]:
        wanted = set(node.scope)
        if self.exclusive:
            used = {_prefix(node.name)} | {_prefix(name) for name in attributes if ":" in name}
            wanted = (used | self.listed) & {*node.scope, ""}
        wanted -= {"xml"}
        return {one: node.scope.get(one, "") for one in wanted if node.scope.get(one, "") != shown.get(one, "")}


def _parsed(document: bytes) -> "tuple[list[_Node | tuple[str, str]], list[_Node]]":
    outside: list[_Node | tuple[str, str]] = []
    elements: list[_Node] = []
    around: list[_Node] = []

    def here() -> "list[_Node | tuple[str, str]]":
        return around[-1].children if around else outside

    def start(name: str, listed: list[str]) -> None:
        attributes = dict(zip(listed[::2], listed[1::2], strict=True))
        parent = around[-1] if around else None
        own = {name.partition(":")[2]: value for name, value in attributes.items() if _declares(name)}
        node = _Node(name, attributes, parent, scope={**(parent.scope if parent else {}), **own})
        here().append(node)
        elements.append(node)
        around.append(node)

    def end(_: str) -> None:
        around.pop()

    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = lambda text: here().append(("text", text))
    parser.CommentHandler = lambda text: here().append(("comment", f"<!--{text}-->"))
    parser.ProcessingInstructionHandler = lambda name, text: here().append(
        ("instruction", f"<?{name} {text}?>" if text else f"<?{name}?>")
    )
    parser.Parse(document, True)
    return outside, elements


def _inherited(apex: _Node, *, version_1_1: bool) -> dict[str, str]:
    """The `xml:` attributes of the elements left out above (C14N 1.0 §2.4, 1.1 §2.4)."""
    found: dict[str, str] = {}
    bases: list[str] = []
    node: _Node | None = apex
    while node is not None:
        for name, value in node.attributes.items():
            if name == "xml:base" and version_1_1:
                bases.append(value)
            elif node is not apex and name.startswith("xml:") and (not version_1_1 or name in _INHERITED_11):
                found.setdefault(name, value)
        node = node.parent
    if len(bases) > ("xml:base" in apex.attributes):
        raise ValueError("xml:base above the element: joining is not done here")
    return {name: value for name, value in found.items() if name not in apex.attributes}


def _declares(name: str) -> bool:
    return name == "xmlns" or name.startswith("xmlns:")


def _prefix(name: str) -> str:
    return name.partition(":")[0] if ":" in name else ""


def _key(name: str, scope: dict[str, str]) -> tuple[str, str]:
    prefix, colon, local = name.partition(":")
    return ({**scope, "xml": _XML}[prefix], local) if colon else ("", name)


def _escaped(text: str, characters: Mapping[str, str]) -> str:
    return "".join(characters.get(one, one) for one in text)
