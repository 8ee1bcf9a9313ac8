"""Mutations of signature files as XML: elements moved, doubled, taken from others, wrapped; names, texts, prolog."""

from __future__ import annotations

import base64
import copy
import functools
import re
from typing import TYPE_CHECKING

from lxml import etree

from benchmarks._mutation import asn1
from benchmarks._mutation.octets import flipped, padded, spliced

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

__all__ = ["changed"]

_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_ALGORITHMS = (
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
    "http://www.w3.org/2006/12/xml-c14n11",
    "http://www.w3.org/2001/10/xml-exc-c14n#",
    "http://www.w3.org/2006/12/xml-c14n11#WithComments",
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
    "http://www.w3.org/2000/09/xmldsig#sha1",
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2000/09/xmldsig#base64",
    "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
    "http://www.w3.org/TR/1999/REC-xpath-19991116",
    "http://www.w3.org/2002/06/xmldsig-filter2",
    "http://www.w3.org/TR/1999/REC-xslt-19991116",
    "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
)
_EXPRESSIONS = (
    "not(ancestor-or-self::ds:Signature)", "true()", "ancestor::ds:Object", "1=2", "not(ancestor-or-self::note)",
    "not(ancestor-or-self::*[local-name()='Signature'])", "not(ancestor-or-self::ds:Signature) and self::*",
    "here()/ancestor::ds:Signature[1]", "/descendant::ds:Signature", "//ds:Signature | //note",
)  # fmt: skip
_VALUES = ("", "#", "#xpointer(/)", "S1", "#S1", "x", "../x", "mimetype", "a%2Fb", "http://127.0.0.1:9/x")
_ENTITIES = b'<!DOCTYPE a [<!ENTITY e "2026"><!ENTITY f "&e;&e;"><!ATTLIST a Id ID #IMPLIED>]>'
_TRANSFORM = (
    '<ds:Transforms xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:Transform Algorithm="{}">'
    "<ds:XPath>{}</ds:XPath></ds:Transform></ds:Transforms>"
)


def _parsed(data: bytes) -> etree._Element | None:
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, strip_cdata=False)
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def changed(data: bytes, dice: random.Random, donors: list[bytes]) -> bytes:
    """Mutate XML mostly as a tree, sometimes as text."""
    root = _parsed(data)
    if root is None or dice.random() < 0.25:  # noqa: PLR2004
        return dice.choice(_TEXTUAL)(data, dice)
    for _ in range(dice.choice((1, 1, 2))):
        dice.choice(_CHANGES)(root, dice, donors)
    return etree.tostring(root, xml_declaration=dice.random() < 0.8, encoding="UTF-8")  # noqa: PLR2004


def _entities(data: bytes, dice: random.Random) -> bytes:
    at = data.find(b"?>") + 2 if data.startswith(b"<?xml") else 0
    text = data[at:]
    return data[:at] + _ENTITIES + (text.replace(b"2026", b"&e;") if dice.random() < 0.7 else text)  # noqa: PLR2004


def _line_ends(data: bytes, dice: random.Random) -> bytes:
    return dice.choice((data.replace(b"\n", b"\r\n"), data.replace(b"><", b">\n<"), data.replace(b"\n", b"&#13;\n")))


def _encoding(data: bytes, dice: random.Random) -> bytes:
    text = re.sub(r"^<\?xml[^>]*\?>", "", data.decode("utf-8", "replace"))
    name = dice.choice(("utf-16", "utf-8-sig", "iso-8859-1", "utf-7", "ascii"))
    said = dice.choice(("UTF-8", name, "windows-1257"))
    return f'<?xml version="1.0" encoding="{said}"?>{text}'.encode(name, "xmlcharrefreplace")


def _namespaces(data: bytes, dice: random.Random) -> bytes:
    return dice.choice(
        (
            data.replace(b"01903/v1.3.2#", b"01903/v1.1.1#"),
            data.replace(b"01903/v1.3.2#", b"01903/v1.2.2#"),
            data.replace(b"ds:", b"dsig:").replace(b"xmlns:ds=", b"xmlns:dsig="),
            data.replace(b"<ds:Signature ", b'<ds:Signature xmlns:evil="urn:x" ', 1),
            data.replace(b"2000/09/xmldsig#", b"2000/09/xmldsig#x", 1),
            data.replace(b"xmlns:xades=", b"xmlns=", 1),
        )
    )


def _declarations(data: bytes, dice: random.Random) -> bytes:
    """Take a declaration out of a tag, put one in, or let its prefix mean something else."""
    there = list(re.finditer(rb"""\sxmlns(?::[\w.-]+)?=(?:"[^"]*"|'[^']*')""", data))
    tags = list(re.finditer(rb"<[\w.-]+(?::[\w.-]+)?(?=[\s/>])", data))
    if not there or not tags:
        return data
    one, end = dice.choice(there), dice.choice(tags).end()
    address = re.sub(rb"""=(["']).*""", rb'="urn:other"', one[0])
    match dice.randrange(4):
        case 0:
            return data[: one.start()] + data[one.end() :]
        case 1:
            return data[: one.start()] + address + data[one.end() :]
        case 2:
            return data[:end] + dice.choice((b' xmlns=""', b' xmlns="urn:l"', b' xmlns:q="urn:q"')) + data[end:]
        case _:
            return data[:end] + one[0] + data[end:]


def _sections(data: bytes, dice: random.Random) -> bytes:
    """Write one text as a CDATA section, with a character reference, or with an instruction in its middle."""
    texts = list(re.finditer(rb">([^<>&\s]{2,200})<", data))
    if not texts:
        return data
    one = dice.choice(texts)
    start, end = one.span(1)
    text, half = data[start:end], (end - start) // 2
    new = dice.choice(
        (
            b"<![CDATA[" + text + b"]]>", b"&#%d;" % text[0] + text[1:], text[:half] + b"<?x y?>" + text[half:],
            text[:half] + b"<!-- -->" + text[half:], text[:half] + b"<!-- --" + text[half:],
            text[:half] + b" " + text[half:],
        )
    )  # fmt: skip
    return data[:start] + new + data[end:]


_TEXTUAL: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    flipped, flipped, spliced, padded, _entities, _line_ends, _encoding, _namespaces, _sections, _sections,
    _declarations, _declarations, _declarations,
)  # fmt: skip


def _any(root: etree._Element, dice: random.Random) -> etree._Element:
    return dice.choice(list(root.iter("*")))


def _removed(root: etree._Element, dice: random.Random, donors: list[bytes]) -> None:
    del donors
    one = _any(root, dice)
    if (parent := one.getparent()) is not None:
        parent.remove(one)


def _doubled(root: etree._Element, dice: random.Random, donors: list[bytes]) -> None:
    del donors
    one = _any(root, dice)
    target = one.getparent() if dice.random() < 0.5 else _any(root, dice)  # noqa: PLR2004
    if target is not None:
        target.insert(dice.randrange(len(target) + 1), copy.deepcopy(one))


def _moved(root: etree._Element, dice: random.Random, donors: list[bytes]) -> None:
    del donors
    one, target = _any(root, dice), _any(root, dice)
    if one.getparent() is not None and all(part is not target for part in one.iter()):
        target.insert(dice.randrange(len(target) + 1), one)


@functools.lru_cache(maxsize=256)
def _lender(data: bytes) -> etree._Element | None:
    return _parsed(data)


def _lent(root: etree._Element, dice: random.Random, donors: list[bytes]) -> None:
    """Put another document's element of the same name in the place of one: stamps, answers, certificates, all."""
    lender = _lender(dice.choice(donors)) if donors else None
    one = _any(root, dice)
    parent = one.getparent()
    if lender is None or parent is None:
        return
    alike = list(lender.iter(one.tag))
    if alike:
        parent.replace(one, copy.deepcopy(dice.choice(alike)))


def _text(root: etree._Element, dice: random.Random, donors: list[bytes]) -> None:
    del donors
    one = dice.choice([one for one in root.iter("*") if one.text and one.text.strip()] or [root])
    text = one.text or "x"
    at = dice.randrange(len(text))
    match dice.randrange(4):
        case 0:
            one.text = text[:at] + dice.choice("0123456789abcXYZ+/=-") + text[at + 1 :]
        case 1:
            one.text = text[:at]
            comment = etree.Comment(" ")
            comment.tail = text[at:]
            one.insert(0, comment)
        case 2:
            one.text = text[:at]
            inner = etree.SubElement(one, dice.choice((f"{_DS}X", "x")))
            inner.text = text[at:]
        case _:
            others = [other.text for other in root.iter(one.tag) if other.text]
            one.text = dice.choice(others or ["x"])


def _attribute(root: etree._Element, dice: random.Random, donors: list[bytes]) -> None:
    del donors
    one = dice.choice([one for one in root.iter("*") if one.attrib] or [root])
    known = [str(value) for other in root.iter("*") for key, value in other.attrib.items() if key in {"Id", "URI"}]
    name = dice.choice(list(one.attrib) or ["Id"])
    pool = _ALGORITHMS if name == "Algorithm" else (*_VALUES, *known, *(f"#{value}" for value in known))
    match dice.randrange(4):
        case 0:
            one.attrib.pop(name, "")
        case 1:
            _any(root, dice).set(dice.choice(("Id", "ID", "id")), dice.choice(known or ["S1"]))
        case 2:
            xml = "{http://www.w3.org/XML/1998/namespace}"
            _any(root, dice).set(f"{xml}{dice.choice(('base', 'id', 'space', 'lang'))}", dice.choice(("x", "preserve")))
        case _:
            one.set(name, dice.choice(pool))


def _transform(root: etree._Element, dice: random.Random, donors: list[bytes]) -> None:
    del donors
    references = list(root.iter(f"{_DS}Reference"))
    if references:
        expression = dice.choice(_EXPRESSIONS)
        dice.choice(references).insert(0, etree.fromstring(_TRANSFORM.format(dice.choice(_ALGORITHMS), expression)))


def _wrapped(root: etree._Element, dice: random.Random, donors: list[bytes]) -> None:
    """Wrap a signature around: leave the signed original somewhere, and put a changed copy where it was."""
    del donors
    wanted = ("SignedProperties", "QualifyingProperties", "Object", "Signature", "SignedInfo", "Manifest", "KeyInfo")
    found = [one for one in root.iter("*") if str(one.tag).rpartition("}")[2] in wanted and one.getparent() is not None]
    if not found:
        return
    one = dice.choice(found)
    fake = copy.deepcopy(one)
    for part in fake.iter("*"):
        if part.text and str(part.tag).rpartition("}")[2] in {"SigningTime", "ClaimedRole", "City", "DigestValue"}:
            part.text = part.text.replace("2026", "2025").replace("A", "B")
    if dice.random() < 0.5:  # noqa: PLR2004
        for key in ("Id", "Target"):
            if fake.get(key):
                fake.set(key, f"{fake.get(key)}-x")
    parent = one.getparent()
    if parent is None:
        return
    parent.replace(one, fake)
    homes = [*root.iter(f"{_DS}Object", f"{_DS}KeyInfo", f"{_DS}Signature"), root]
    home = dice.choice(homes)
    if dice.random() < 0.5:  # noqa: PLR2004
        home = etree.SubElement(home, f"{_DS}Object")
    home.insert(dice.randrange(len(home) + 1), one)


def _inside(root: etree._Element, dice: random.Random, donors: list[bytes]) -> None:
    """Change ASN.1 that is carried in base64: stamps, answers, certificates, the signature value."""
    found = [one for one in root.iter("*") if one.text and len(one.text) > 60 and not len(one)]  # noqa: PLR2004
    if not found:
        return
    one = dice.choice(found)
    try:
        der = base64.b64decode(one.text or "")
    except ValueError:
        return
    lender = _lender(dice.choice(donors)) if donors else None
    lent = [part.text for part in lender.iter(one.tag) if part.text] if lender is not None else []
    others = []
    for text in lent:
        try:
            others.append(base64.b64decode(text))
        except ValueError:
            continue
    one.text = base64.b64encode(asn1.changed(der, dice, others)).decode("ascii")


_CHANGES: tuple[Callable[[etree._Element, random.Random, list[bytes]], None], ...] = (
    _removed, _doubled, _moved, _lent, _lent, _text, _text, _attribute, _attribute, _transform, _wrapped, _wrapped,
    _inside, _inside,
)  # fmt: skip
