"""XML read safely and canonicalised exactly: no DTD, no entities, no network, bounded depth.

The parser refuses what readers parse differently. libxml2 canonicalises whole documents only: a part of one is made a
document first. What it does wrong is in `signing.xml.c14n`.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from typing import TYPE_CHECKING
from xml.parsers import expat

from lxml import etree

from signing.errors import TooLarge
from signing.xml.c14n import BASE, inherited, written_by_events

if TYPE_CHECKING:
    from lxml.etree import _Element, _ElementTree

__all__ = [
    "C14N",
    "DIGESTS",
    "DS",
    "CannotCanonicalise",
    "NotXml",
    "canonical",
    "decode_base64",
    "local_name",
    "namespace",
    "parse",
    "parse_tree",
    "text_of",
]

DS = "http://www.w3.org/2000/09/xmldsig#"
# Canonicalisation by its identifier: (exclusive, with comments, version 1.1).
C14N: dict[str, tuple[bool, bool, bool]] = {
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": (False, False, False),
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments": (False, True, False),
    "http://www.w3.org/2006/12/xml-c14n11": (False, False, True),
    "http://www.w3.org/2006/12/xml-c14n11#WithComments": (False, True, True),
    "http://www.w3.org/2001/10/xml-exc-c14n#": (True, False, False),
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments": (True, True, False),
}

DIGESTS: dict[str, str] = {
    "http://www.w3.org/2001/04/xmldsig-more#md5": "md5",
    "http://www.w3.org/2000/09/xmldsig#sha1": "sha1",
    "http://www.w3.org/2001/04/xmldsig-more#sha224": "sha224",
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
    "http://www.w3.org/2007/05/xmldsig-more#sha3-224": "sha3-224",
    "http://www.w3.org/2007/05/xmldsig-more#sha3-256": "sha3-256",
    "http://www.w3.org/2007/05/xmldsig-more#sha3-384": "sha3-384",
    "http://www.w3.org/2007/05/xmldsig-more#sha3-512": "sha3-512",
}

_DECLARED_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
# All that may stand before a document type or the root: white space, instructions, comments (XML 1.0 §2.8).
_PROLOG = re.compile(rb"(?:\s++|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_ENCODINGS = re.compile(rb"(utf-?8|us-ascii|ascii|iso-8859-\d+|windows-125\d)", re.IGNORECASE)

# Canonicalising takes the square of what an element carries, and for each element all namespaces around it.
_MOST_ATTRIBUTES = 256
_MOST_NAMESPACES = 128
_MOST_PAIRS = 500_000  # of an element and a namespace it could write out
_FEW_PAIRS = 50_000

_DEFAULT = "#default"
# A namespace declaration in which libxml2 left an ampersand unescaped; a false match costs time alone.
_UNESCAPED = re.compile(rb"""\sxmlns(?::[^\s=<>]+)?=(?:"[^"&]*&|'[^'&]*&)""")
# Without libxml2's limits on size: the text was within bounds before, and is longer once escaped.
_AGAIN = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=True,
    remove_blank_text=False, strip_cdata=False,
)  # fmt: skip


class NotXml(ValueError):
    """No XML, or XML of a kind that is not read here; `reason` is "syntax", "doctype" or "encoding"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CannotCanonicalise(ValueError):
    """An algorithm, or a document, that cannot be canonicalised with certainty."""


def parse(data: bytes) -> _Element:
    """Parse and return the root; raises `NotXml`."""
    return parse_tree(data).getroot()


def parse_tree(data: bytes) -> _ElementTree:
    """Parse; raises `NotXml`. A document type is refused before the parser could act on it."""
    if b"\x00" in data[:4096]:
        # UTF-16 and similar encodings could hide what is searched for next; signers do not use them.
        raise NotXml("encoding")
    text = data.removeprefix(b"\xef\xbb\xbf")
    declared = _DECLARED_ENCODING.match(text)
    if declared and not _ENCODINGS.fullmatch(declared[1]):
        raise NotXml("encoding")
    prolog = _PROLOG.match(text)
    if text.startswith(b"<!", prolog.end() if prolog else 0):
        raise NotXml("doctype")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_blank_text=False, strip_cdata=False,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotXml("syntax") from error
    tree = root.getroottree()
    if getattr(tree.docinfo, "doctype", ""):
        raise NotXml("doctype")
    _check_work(data, root)
    return tree


def _check_work(data: bytes, root: _Element) -> None:
    """Refuse what parses fast but takes very long to canonicalise; raises `TooLarge`."""
    if any(len(element.attrib) > _MOST_ATTRIBUTES for element in root.iter("*")):
        raise TooLarge("document.too-much-work")
    declared = data.count(b"xmlns")
    if declared <= _MOST_NAMESPACES and declared * data.count(b"<") <= _FEW_PAIRS:
        return
    around = pairs = 0
    events = etree.iterparse(
        io.BytesIO(data),
        events=("start", "start-ns", "end-ns"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
    )
    for event, _ in events:
        around += {"start-ns": 1, "end-ns": -1}.get(event, 0)
        pairs += around if event == "start" else 0
        if around > _MOST_NAMESPACES or pairs > _MOST_PAIRS:
            raise TooLarge("document.too-much-work")


def local_name(element: _Element) -> str:
    """Return the name without its namespace; "" for comments and instructions."""
    tag: object = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def text_of(element: _Element | None) -> str:
    """Return an element's text without comments, as in its canonical form; "" for None."""
    if element is None:
        return ""
    return (element.text or "") + "".join(child.tail or "" for child in element)


def namespace(element: _Element) -> str:
    """Return the namespace of an element's name; "" when it has none."""
    tag: object = element.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag.startswith("{") else ""


def decode_base64(text: str | None) -> bytes:
    """Decode base64 as XML writes it, blanks anywhere; `ValueError` for any other character."""
    packed = "".join((text or "").split())
    try:
        return base64.b64decode(packed, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


def canonical(node: _Element | _ElementTree, algorithm: str, *, prefixes: tuple[str, ...] = ()) -> bytes:
    """Canonicalise an element with its descendants, or a whole document; raises `CannotCanonicalise`.

    `prefixes` is the InclusiveNamespaces PrefixList of an exclusive canonicalisation, `#default` included (§4).
    """
    try:
        exclusive, comments, version_1_1 = C14N[algorithm]
    except KeyError:
        raise CannotCanonicalise(algorithm) from None
    try:
        tree = node
        if isinstance(node, etree._Element):  # noqa: SLF001 - lxml names the type so
            tree = _alone(node, {} if exclusive else inherited(node, version_1_1=version_1_1))
        wanted = prefixes if exclusive else ()
        if _DEFAULT not in wanted:
            # lxml takes an empty list of prefixes for none given.
            octets = etree.tostring(
                tree, method="c14n", exclusive=exclusive, with_comments=comments, inclusive_ns_prefixes=wanted or None
            )
            if not _UNESCAPED.search(octets):
                return octets
        text = etree.tostring(tree, encoding="UTF-8")
        return written_by_events(text, exclusive=exclusive, comments=comments, prefixes=wanted)
    # A relative namespace URI has no canonical form (C14N 1.0 §1.3); expat knows fewer names than libxml2.
    except (etree.C14NError, expat.ExpatError, ValueError):
        raise CannotCanonicalise(algorithm) from None


def _alone(element: _Element, lent: dict[str, str]) -> _ElementTree:
    """Return an element as a document of its own, with the namespaces in scope and the `lent` attributes it inherits.

    libxml2 canonicalises documents correctly; a subtree in place gets namespace declarations that are not its own.
    """
    root = etree.fromstring(etree.tostring(element, encoding="UTF-8", with_tail=False), _AGAIN)
    for name, value in lent.items():
        if value or name != BASE:
            root.set(name, value)
        else:
            root.attrib.pop(name, "")
    return root.getroottree()
