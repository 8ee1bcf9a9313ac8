"""A parsed XML document: its identifiers, which need not be unique, and canonicalisation of its parts."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from lxml import etree

from signing.errors import TooLarge
from signing.xades.xpath_nodes import Nodes
from signing.xml.tree import DS, canonical, parse_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element, _ElementTree

__all__ = ["SIGNATURE", "XADES", "XADES_141", "XmlDocument", "child", "children", "ds", "signature_elements"]

SIGNATURE = f"{{{DS}}}Signature"
XADES = frozenset(
    {"http://uri.etsi.org/01903/v1.1.1#", "http://uri.etsi.org/01903/v1.2.2#", "http://uri.etsi.org/01903/v1.3.2#"}
)
XADES_141 = "http://uri.etsi.org/01903/v1.4.1#"
_WORK = 96 * 1024 * 1024
_A_COMMENT = 16  # the cost of skipping one, in octets of output
_ID_NAMES = ("Id", "ID", "id", "{http://www.w3.org/XML/1998/namespace}id")
_POINTER = re.compile(r"#xpointer\(\s*id\(\s*['\"]([^'\"]+)['\"]\s*\)\s*\)")


def ds(name: str) -> str:
    """Return a name of XML Signature as lxml writes it."""
    return f"{{{DS}}}{name}"


def children(element: _Element | None, *names: str) -> list[_Element]:
    """Return child elements of the signature's own namespaces with one of these local names."""
    if element is None:
        return []
    wanted = _tags(names)
    return [one for one in element if one.tag in wanted]


@functools.cache
def _tags(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(f"{{{space}}}{name}" for space in (DS, XADES_141, *XADES) for name in names)


def child(element: _Element | None, name: str) -> _Element | None:
    """Return the first such child."""
    found = children(element, name)
    return found[0] if found else None


class XmlDocument:
    """A parsed document; raises `NotXml` when it cannot be read.

    `spend` bounds the canonicalised output of all references and stamps (`TooLarge`). Otherwise many references to one
    large part, or many stamps each over all before it, would take quadratic work.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._spent = 0
        self._comments = _A_COMMENT * data.count(b"<!--")
        self.tree = parse_tree(data)
        self.root = self.tree.getroot()
        self._ids: dict[str, list[_Element]] = {}
        for element in self.root.iter("*"):
            for name in _ID_NAMES:
                value = element.get(name)
                if value is not None:
                    self._ids.setdefault(value, []).append(element)

    @functools.cached_property
    def nodes(self) -> Nodes:
        """The document as XPath sees it; all expressions share its bound."""
        return Nodes(self.root)

    @property
    def has_processing_instructions(self) -> bool:
        """Whether processing instructions stand beside the root: a style sheet tells viewers what to show."""
        beside = (*self.root.itersiblings(preceding=True), *self.root.itersiblings())
        return any(isinstance(one, etree._ProcessingInstruction) for one in beside)  # noqa: SLF001 - lxml names it so

    def spend(self, octets: int) -> None:
        """Count canonicalised octets; raises `TooLarge` above the bound for honest files."""
        self._spent += octets
        if self._spent > _WORK:
            raise TooLarge("document.too-much-work")

    def written(self, node: _Element | _ElementTree, algorithm: str, *, prefixes: tuple[str, ...] = ()) -> bytes:
        """Canonicalise a part of this document and count the work; raises `CannotCanonicalise` or `TooLarge`."""
        octets = canonical(node, algorithm, prefixes=prefixes)
        self.spend(len(octets) + self._comments)
        return octets

    def having_id(self, value: str) -> list[_Element]:
        """Return every element with that identifier: one in an honest document."""
        return self._ids.get(value, [])

    @staticmethod
    def target_id(uri: str) -> str | None:
        """Return the identifier a same-document reference names; None when it names the whole document.

        >>> XmlDocument.target_id("#xpointer(id('S1'))")
        'S1'
        """
        if pointer := _POINTER.fullmatch(uri):
            return pointer[1]
        return None if uri in {"", "#xpointer(/)"} else uri.removeprefix("#")

    def without_signatures(
        self,
        target: _Element | None,
        signature: _Element,
        *,
        every: bool,
        algorithm: str,
        prefixes: tuple[str, ...] = (),
    ) -> bytes:
        """Canonicalise the document, or `target` in it, as if `signature` (or `every` signature) were not there.

        Done on a second parse of the same bytes, so that nothing else ever sees a document with parts missing.
        """
        tree = parse_tree(self.data)
        place = tree.getroot() if target is None else self._same_place(target, tree.getroot())
        gone = list(place.iter(SIGNATURE)) if every else [self._same_place(signature, tree.getroot())]
        for element in gone:
            _remove(element)
        octets = self.written(tree if target is None else place, algorithm, prefixes=prefixes)
        self.spend(max(len(self.data) - len(octets), 0))  # all of it was read, however little is left
        return octets

    def _same_place(self, element: _Element, root: _Element) -> _Element:
        steps = []
        while (parent := element.getparent()) is not None:
            steps.append(parent.index(element))
            element = parent
        for step in reversed(steps):
            root = root[step]
        return root


def _remove(element: _Element) -> None:
    parent = element.getparent()
    if parent is None:
        raise ValueError("a signature cannot envelop itself")
    tail, before = element.tail or "", element.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(element)
    if before is None and parent.text == "":
        parent.text = None


def signature_elements(root: _Element) -> Iterator[_Element]:
    """Yield the outermost signatures: one inside another signature is part of that one."""
    if root.tag == SIGNATURE:
        yield root
        return
    for element in root.iterchildren("*"):
        yield from signature_elements(element)
