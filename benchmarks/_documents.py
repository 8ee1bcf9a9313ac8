"""Random XML documents with everything that canonicalisation has rules for, and xmlsec1's digests of them.

Namespaces default, undeclared, redeclared and superfluous; attributes with and without; `xml:` attributes; character
references, CDATA, line ends; comments and instructions inside the root and beside it.
"""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from demo.canonical import canonicalise
from signing.xades.data_sources import NoData
from signing.xades.document import XmlDocument
from signing.xades.references import ReferenceProcessor
from signing.xml.tree import C14N, DS, canonical, decode_base64, parse_tree

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Disagreement", "differing_parts", "disagreements", "document"]

_ADDRESSES = ("urn:a", "urn:b", "urn:c", "http://example.lv/x", DS)
_WITH_AMPERSAND = "http://example.lv/y?a=1&amp;b=2"
_PREFIXES = ("", "", "p", "q", "ds", "z")
_LISTABLE = ("#default", "p", "q", "ds", "z", "none")
_IN_TEXT = (
    "a", "ā", "&amp;", "&lt;", "&gt;", ">", '"', "'", "\n", "\r\n", "\r", "\t", "&#13;", "&#10;", "&#9;", "&#xE9;",
    " ", "<![CDATA[<&\r\n]]>", "]]&gt;", "𝄞", "\u0085", "\u2028",
)  # fmt: skip
_IN_VALUE = ("a", "ā", "&amp;", "&lt;", ">", "&quot;", "'", "\n", "\t", "&#13;", "&#10;", "&#9;", " ", "𝄞")
_BASES = ("x/", "../y", "http://example.lv/a/b/", "z", "/abs", "../..", "..", "./", "//host/x", "q?x", "#f")
_TEMPLATE = (
    '<Signature xmlns="{ds}"><SignedInfo><CanonicalizationMethod Algorithm="{method}"/>'
    '<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"/>{references}</SignedInfo>'
    "<SignatureValue/></Signature>"
)
_REFERENCE = (
    '<Reference URI="{uri}"><Transforms>{enveloped}<Transform Algorithm="{algorithm}">{prefixes}</Transform>'
    '</Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference>'
)
_WHOLE = ("", "#xpointer(/)")
_ENVELOPED = f'<Transform Algorithm="{DS}enveloped-signature"/>'
_LISTED = '<ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="{}"/>'


@dataclass(slots=True)
class _Maker:
    dice: random.Random
    bases: bool
    addresses: tuple[str, ...]
    identifiers: list[str] = field(default_factory=list)

    def text(self, pieces: tuple[str, ...]) -> str:
        return "".join(self.dice.choices(pieces, k=self.dice.randrange(6)))

    def element(self, depth: int, scope: dict[str, str], *, closed: bool = True) -> str:
        """Write an element; one that is not `closed` lacks its end tag, which comes back in `end`."""
        dice = self.dice
        own = {dice.choice(_PREFIXES): dice.choice(self.addresses) for _ in range(dice.choice((0, 0, 1, 1, 2, 3)))}
        if "" in own and dice.random() < 0.35:  # noqa: PLR2004
            own[""] = ""
        if scope and dice.random() < 0.2:  # noqa: PLR2004
            again = dice.choice(list(scope))
            own[again] = scope[again]
        inside = {**scope, **own}
        prefixes = [prefix for prefix in inside if prefix]
        prefix = dice.choice([*prefixes, "", ""])
        name = f"{prefix}:{dice.choice('abcdefg')}" if prefix else dice.choice("abcdefg")
        parts = [f' xmlns{":" if one else ""}{one}="{address}"' for one, address in own.items()]
        parts += self._attributes(prefixes, inside)
        dice.shuffle(parts)
        content = "".join(self._content(depth, inside))
        blank = dice.choice(("", "", " ", "\n"))
        start = f"<{name}{''.join(parts)}{blank}"
        if closed and not content and dice.random() < 0.7:  # noqa: PLR2004
            return f"{start}/>"
        return f"{start}>{content}" + (f"</{name}{blank}>" if closed else f"\0</{name}>")

    def _attributes(self, prefixes: list[str], scope: dict[str, str]) -> Iterator[str]:
        dice, seen = self.dice, set()
        for _ in range(dice.choice((0, 0, 1, 2, 3))):
            prefix, local = dice.choice([*prefixes, "", ""]), dice.choice(("a", "b", "x", "ab", "A", "ā"))
            if (scope.get(prefix, "") if prefix else "", local) not in seen:
                seen.add((scope.get(prefix, "") if prefix else "", local))
                yield f' {prefix}{":" if prefix else ""}{local}="{self.text(_IN_VALUE)}"'
        identifier = f"i{len(self.identifiers)}"
        self.identifiers.append(identifier)
        yield f' xml:id="{identifier}"'
        others = {"lang": ("lv", "en", ""), "space": ("preserve", "default"), "other": ("o",)}
        others |= {"base": _BASES} if self.bases else {}
        for local, values in others.items():
            if dice.random() < 0.15:  # noqa: PLR2004
                yield f' xml:{local}="{dice.choice(values)}"'

    def _content(self, depth: int, scope: dict[str, str]) -> Iterator[str]:
        for _ in range(self.dice.randrange(4) if depth else 0):
            yield self.text(_IN_TEXT)
            match self.dice.randrange(6):
                case 0 | 1 | 2:
                    yield self.element(depth - 1, scope)
                case 3:
                    yield f"<!-- {self.dice.choice(('', 'ā', '&', '<x>'))} -->"
                case 4:
                    yield self.dice.choice(("<?pi?>", "<?pi  a ā <>&?>", "<?pi\n\tx ?>"))
                case _:
                    continue
        yield self.text(_IN_TEXT)


def document(dice: random.Random, *, bases: bool = False, ampersands: bool = True) -> tuple[bytes, list[str]]:
    """Make one, with the values of its xml:id; `bases` and `ampersands` (in addresses) are for witnesses that can."""
    text, identifiers = _open_document(dice, bases=bases, ampersands=ampersands)
    return text.replace("\0", "").encode(), identifiers


def _open_document(dice: random.Random, *, bases: bool, ampersands: bool) -> tuple[str, list[str]]:
    maker = _Maker(dice, bases, (*_ADDRESSES, *((_WITH_AMPERSAND,) if ampersands else ())))
    root = maker.element(dice.choice((1, 2, 3, 4)), {}, closed=False)
    before = dice.choice(("", '<?xml version="1.0"?>', '<?xml version="1.0" encoding="UTF-8"?>\n'))
    before += dice.choice(("", "<!-- before -->", "<?before?>\n", "\n"))
    return before + root + dice.choice(("", "<!-- after -->", "\n<?after?>", "\n")), maker.identifiers


def differing_parts(made: bytes, dice: random.Random, *, most: int = 6) -> tuple[int, list[tuple[int | None, str]]]:
    """Canonicalise the whole and some parts with every algorithm, here and by the demo's canonicaliser.

    Returns how many forms were compared, and the element and algorithm of those that differ.
    """
    tree = parse_tree(made)
    elements = list(tree.getroot().iter("*"))
    compared, found = 0, []
    for algorithm, (exclusive, comments, version_1_1) in C14N.items():
        listed = tuple(dice.sample(_LISTABLE, dice.randrange(4))) if exclusive else ()
        for number in (None, *dice.sample(range(len(elements)), min(most, len(elements)))):
            node = tree if number is None else elements[number]
            other = canonicalise(
                made, element=number, exclusive=exclusive, comments=comments, version_1_1=version_1_1, prefixes=listed
            )
            compared += 1
            if canonical(node, algorithm, prefixes=listed) != other:
                found.append((number, algorithm))
    return compared, found


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A reference of which the two make different digests."""

    uri: str
    algorithm: str
    document: bytes


def disagreements(dice: random.Random, folder: Path, *, bases: bool = False) -> tuple[int, list[Disagreement]]:
    """Have xmlsec1 digest parts and all of a document with every algorithm; count them, and name where we differ.

    It is told to sign: it then writes the digests it made of what it canonicalised.
    """
    text, identifiers = _open_document(dice, bases=bases, ampersands=False)
    references = "".join(_references(dice, identifiers[1:]))
    template = _TEMPLATE.format(ds=DS, method=dice.choice(list(C14N)), references=references)
    source, key, signed = folder / "template.xml", folder / "key.bin", folder / "signed.xml"
    source.write_bytes(text.replace("\0", template).encode())
    key.write_bytes(b"a secret of both sides")
    command = ["xmlsec1", "--sign", "--hmackey", str(key), "--output", str(signed), str(source)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own words
    made = XmlDocument(signed.read_bytes())
    signature = next(made.root.iter(f"{{{DS}}}Signature"))
    processor = ReferenceProcessor(made, signature, NoData())
    found = list(signature.iter(f"{{{DS}}}Reference"))
    different = [
        Disagreement(one.get("URI") or "", _algorithm(one), made.data)
        for one in found
        if hashlib.sha256(processor.octets(one)).digest() != decode_base64(one.findtext(f"{{{DS}}}DigestValue"))
    ]
    return len(found), different


def _references(dice: random.Random, identifiers: list[str]) -> Iterator[str]:
    for algorithm, (exclusive, _, _) in C14N.items():
        uris = [f"#{one}" for one in dice.sample(identifiers, min(4, len(identifiers)))]
        uris += [f"#xpointer(id('{one}'))" for one in dice.sample(identifiers, min(4, len(identifiers)))]
        for uri in (*_WHOLE, *uris):
            listed = dice.sample(_LISTABLE, dice.randrange(4)) if exclusive else []
            yield _REFERENCE.format(
                uri=uri,
                enveloped=_ENVELOPED if uri in _WHOLE else "",
                algorithm=algorithm,
                prefixes=_LISTED.format(" ".join(listed)) if listed else "",
            )


def _algorithm(reference: object) -> str:
    transforms = reference.findall(f".//{{{DS}}}Transform")  # type: ignore[attr-defined]
    return str(transforms[-1].get("Algorithm"))
