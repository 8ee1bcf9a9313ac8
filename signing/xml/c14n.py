"""Canonical XML where libxml2 differs from the recommendations (Canonical XML 1.0 and 1.1, exclusive 1.0).

libxml2 leaves an ampersand in a namespace URI unescaped, and lxml does not pass `#default` to it: such documents are
written here from parser events. A subtree inherits `xml:` attributes of its ancestors; 1.1 joins `xml:base` (§2.4).
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["BASE", "inherited", "written_by_events"]

_SPACE = "http://www.w3.org/XML/1998/namespace"
_XML = f"{{{_SPACE}}}"
BASE = f"{_XML}base"
_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"})
_IN_VALUE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"}
)  # fmt: skip
# RFC 3986 appendix B, the parts of a reference.
_REFERENCE = re.compile(r"(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)


def inherited(element: _Element, *, version_1_1: bool) -> dict[str, str]:
    """Return the `xml:` attributes an element inherits from its ancestors (C14N 1.0 §2.4, 1.1 §2.4).

    1.0 takes the nearest of each. 1.1 does so for xml:lang and xml:space, joins xml:base, and does not inherit xml:id.
    An empty joined xml:base is not written.
    """
    found: dict[str, str] = {}
    bases: list[str] = []
    for ancestor in element.iterancestors():
        for key, value in ancestor.attrib.items():
            name = str(key)
            if not name.startswith(_XML):
                continue
            if version_1_1 and name == BASE:
                bases.append(str(value))
            elif not version_1_1 or name in {f"{_XML}lang", f"{_XML}space"}:
                found.setdefault(name, str(value))
    found = {name: value for name, value in found.items() if name not in element.attrib}
    if bases:
        own = element.get(BASE)
        found[BASE] = functools.reduce(_joined, (*reversed(bases), *([own] if own is not None else ())))
    return found


def _joined(base: str, reference: str) -> str:
    """Join two URI references; either may be relative (RFC 3986 §5.2.2 as C14N 1.1 §2.4 changes it)."""
    if base.endswith(".."):
        base += "/"
    scheme, authority, path, query, _ = _parts(base)
    own_scheme, own_authority, own_path, own_query, fragment = _parts(reference)
    if own_scheme == scheme:
        own_scheme = None
    if own_scheme is not None or own_authority is not None:
        scheme, authority = own_scheme or scheme, own_authority
        path, query = _without_dots(own_path), own_query
    elif own_path:
        if not own_path.startswith("/"):
            root = "/" if authority is not None and not path else ""
            own_path = root + path[: path.rfind("/") + 1] + own_path
        path, query = _without_dots(own_path), own_query
    elif own_query is not None:
        query = own_query
    return "".join(
        (
            f"{scheme}:" if scheme is not None else "",
            f"//{authority}" if authority is not None else "",
            path,
            f"?{query}" if query is not None else "",
            f"#{fragment}" if fragment is not None else "",
        )
    )


def _parts(reference: str) -> tuple[str | None, str | None, str, str | None, str | None]:
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise ValueError("no reference")
    return found[1], found[2], found[3], found[4], found[5]


def _without_dots(path: str) -> str:
    """Remove dot segments; leading `..` segments stay, and a last `..` gets a slash (C14N 1.1 §2.4)."""
    rooted = path.startswith("/")
    segments = re.sub("/+", "/", path).removeprefix("/").split("/")
    last = segments[-1]
    kept: list[str] = []
    for segment in segments:
        if segment == "..":
            if kept and kept[-1] != "..":
                kept.pop()
            elif not rooted:
                kept.append("..")
        elif segment not in {"", "."}:
            kept.append(segment)
    ends_open = last in {"", ".", ".."} and kept
    return ("/" if rooted else "") + "/".join(kept) + ("/" if ends_open else "")


def written_by_events(document: bytes, *, exclusive: bool, comments: bool, prefixes: tuple[str, ...]) -> bytes:
    """Canonicalise a document that libxml2 has read; raises `ExpatError` for names that expat does not know."""
    writer = _Writer(exclusive=exclusive, comments=comments, listed=_listed(prefixes))
    parser = expat.ParserCreate("utf-8")
    parser.ordered_attributes = True
    parser.StartElementHandler = writer.start
    parser.EndElementHandler = writer.end
    parser.CharacterDataHandler = writer.text
    parser.ProcessingInstructionHandler = writer.instruction
    if comments:
        parser.CommentHandler = writer.comment
    parser.Parse(document, True)
    return "".join(writer.out).encode()


def _listed(prefixes: tuple[str, ...]) -> frozenset[str]:
    return frozenset("" if one == "#default" else one for one in prefixes)


@dataclass(slots=True)
class _Writer:
    """Writes canonical XML from events. `around` holds each open element's namespaces: in scope, and rendered."""

    exclusive: bool
    comments: bool
    listed: frozenset[str]
    out: list[str] = field(default_factory=list)
    around: list[tuple[dict[str, str], dict[str, str]]] = field(default_factory=list)
    past_root: bool = False

    def start(self, name: str, listed: list[str]) -> None:
        """Write a start tag: namespaces by prefix, attributes by namespace URI and local name (C14N 1.0 §2.3)."""
        pairs = list(zip(listed[::2], listed[1::2], strict=True))
        declared = {key[6:]: value for key, value in pairs if key == "xmlns" or key.startswith("xmlns:")}
        attributes = [one for one in pairs if one[0] != "xmlns" and not one[0].startswith("xmlns:")]
        scope, shown = self.around[-1] if self.around else ({"xml": _SPACE}, {})
        scope = {**scope, **declared} if declared else scope
        new = {one: scope.get(one, "") for one in self._wanted(name, attributes, scope) - {"xml"}}
        new = {prefix: uri for prefix, uri in new.items() if uri != shown.get(prefix, "")}
        written = [
            *(f' xmlns{":" if prefix else ""}{prefix}="{_value(uri)}"' for prefix, uri in sorted(new.items())),
            *(f' {key}="{_value(value)}"' for key, value in sorted(attributes, key=lambda one: _order(one[0], scope))),
        ]
        self.out.append(f"<{name}{''.join(written)}>")
        self.around.append((scope, {**shown, **new} if new else shown))

    def _wanted(self, name: str, attributes: list[tuple[str, str]], scope: dict[str, str]) -> set[str]:
        """Return the prefixes to render: all in scope; exclusive: those visibly utilised or listed (§3)."""
        if not self.exclusive:
            return set(scope)
        used = {key.partition(":")[0] for key, _ in attributes if ":" in key}
        used.add(name.partition(":")[0] if ":" in name else "")
        return used | (self.listed & {*scope, ""})

    def end(self, name: str) -> None:
        """Write an end tag."""
        self.around.pop()
        self.past_root = not self.around
        self.out.append(f"</{name}>")

    def text(self, text: str) -> None:
        """Write text; CDATA sections come as text."""
        self.out.append(text.translate(_IN_TEXT))

    def instruction(self, target: str, data: str) -> None:
        """Write an instruction."""
        self._beside(f"<?{target} {data}?>" if data else f"<?{target}?>")

    def comment(self, data: str) -> None:
        """Write a comment."""
        self._beside(f"<!--{data}-->")

    def _beside(self, written: str) -> None:
        """Write a comment or instruction; outside the document element on a line of its own (C14N 1.0 §2.3)."""
        if self.around:
            self.out.append(written)
        else:
            self.out.append(f"\n{written}" if self.past_root else f"{written}\n")


def _value(text: str) -> str:
    return text.translate(_IN_VALUE)


def _order(name: str, scope: dict[str, str]) -> tuple[str, str]:
    prefix, colon, local = name.partition(":")
    return (scope[prefix], local) if colon else ("", name)
