"""Files whose first octets show another format too: the outermost one counts, and there is one reading or none."""

from __future__ import annotations

import base64
from itertools import product
from typing import TYPE_CHECKING

from benchmarks._variants.cms_writer import Cms, attribute, indefinite, split
from benchmarks._variants.environment import AT
from benchmarks._variants.kind import Variant, VariantKind
from benchmarks._variants.kinds.cms import openssl_says
from demo.der import octets
from demo.pki import person
from demo.signer import sign_asice, sign_pdf

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from benchmarks._variants.environment import Environment

__all__ = ["KINDS"]

_WHO = ("head", "user")
_PAGE = (
    b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n"
    b"xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000054 00000 n \n"
    b"trailer\n<</Size 3/Root 1 0 R>>\nstartxref\n103\n%%EOF\n"
)
_INNER: dict[str, bytes] = {
    "pdf": _PAGE,
    "late-pdf": b"\n" * 600 + _PAGE,
    "xml": b'<?xml version="1.0"?><letter>%PDF-1.7 is what PDF begins with</letter>',
    "zip": b"PK\x03\x04" + bytes(26) + b"%PDF-1.4",
    "text": b"%PDF- stands here, and nothing else",
    "cms": bytes.fromhex("300b06092a864886f70d010702"),
}


def _as_pem(der: bytes, label: str) -> bytes:
    text = base64.encodebytes(der)
    return b"-----BEGIN %s-----\n%s-----END %s-----\n" % (label.encode(), text, label.encode())


_WRAPPED: dict[str, Callable[[bytes], bytes]] = {
    "der": lambda der: der,
    "pem": lambda der: _as_pem(der, "PKCS7"),
    "pem-cms": lambda der: _as_pem(der, "CMS"),
    "base64": base64.encodebytes,
    "one-line": base64.b64encode,
}


def _enclosing(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    """CMS around every format, in DER, BER, PEM and bare base64; two readings of one file beside them."""
    attacks = tuple(_TWO_READINGS.items())
    for number, ((inner, content), (how, wrap)) in enumerate(product(_INNER.items(), _WRAPPED.items())):
        base = Cms(environment, content, who=_WHO[number % 2])
        ber = number % 3 == 1
        if ber:
            base = base.but(encloses=lambda data: split(0x04, data, at=100), wraps=indefinite)
        name = f"{inner}-{how}{'-ber' if ber else ''}.p7m"
        signed = base.write()
        yield Variant(name, wrap(signed), honest=True)
        if number % 2:
            place = signed.index(content[:20]) + dice.randrange(len(content[:20]))
            changed = signed[:place] + bytes((signed[place] ^ 1,)) + signed[place + 1 :]
            yield Variant(f"{name}-changed", wrap(changed), honest=False)
        attack, make = attacks[number % len(attacks)]
        yield Variant(f"{number}-{attack}.p7m", make(environment, number), honest=False, reason="cms.two-readings")


def _beside(environment: Environment, number: int) -> bytes:
    """Text is signed; a PDF stands among the certificates, which nobody signs, within the first kilobyte."""
    return Cms(environment, b"I undertake.", who=_WHO[number % 2], certificates=(octets(_PAGE),)).write()


def _update_behind(environment: Environment, number: int) -> bytes:
    """A PDF is signed; what a viewer takes for its newest revision stands behind the CMS."""
    later = b"1 0 obj\n<</Type/Catalog/Pages 9 0 R>>\nendobj\nxref\n0 0\ntrailer\n<<>>\nstartxref\n0\n%%EOF\n"
    return Cms(environment, _PAGE, who=_WHO[number % 2]).write() + later


def _update_inside(environment: Environment, number: int) -> bytes:
    """A PDF is signed; its newest revision stands in an attribute nobody signed."""
    later = b"startxref\n%d\n%%%%EOF\n" % number
    return Cms(
        environment, _PAGE, who=_WHO[number % 2], more=(attribute("1.3.6.1.4.1.99999.9", octets(later)),)
    ).write()


def _objects_behind(environment: Environment, number: int) -> bytes:
    """Objects that a viewer finds when it repairs the file."""
    return Cms(environment, _PAGE, who=_WHO[number % 2]).write() + b"\n1 0 obj\n<</Type/Catalog>>\nendobj\n"


def _detached(environment: Environment, number: int) -> bytes:
    """Nothing is enclosed; the PDF that shows stands before the certificates."""
    return Cms(environment, b"letter", who=_WHO[number % 2], encloses=None, certificates=(octets(_PAGE),)).write()


_TWO_READINGS: dict[str, Callable[[Environment, int], bytes]] = {
    "beside": _beside,
    "update-behind": _update_behind,
    "update-inside": _update_inside,
    "objects-behind": _objects_behind,
    "detached": _detached,
}


def _others(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    """A container that begins with such text, and PDFs with something before their header."""
    for number in range(26):
        who = person(_WHO[number % 2])
        text = b"%PDF-1.7 " + dice.randbytes(6).hex().encode()
        container = sign_asice([("a.txt", text)], person=who, pki=environment.pki, at=AT)
        yield Variant(f"{number}.asice", container, honest=True)
        junk = (b"", b"\n", b"\xef\xbb\xbf", bytes(number), b"junk " * number)[number % 5]
        signed = sign_pdf(environment.form, person=who, pki=environment.pki, at=AT)
        if number % 5:
            signed = junk + signed  # what was signed moves: every offset and every range is another one
        yield Variant(f"{number}.pdf", signed, honest=not junk)


def _openssl_where_it_reads(variant: Variant, environment: Environment, scratch: Path) -> bool | None:
    """Ask openssl about DER alone; of two readings it knows one."""
    if not variant.content.startswith(b"\x30") or variant.reason:
        return None
    return openssl_says(variant, environment, scratch)


KINDS = (
    VariantKind("recognition-of-cms", _enclosing, witness=_openssl_where_it_reads, asks="openssl"),
    VariantKind("recognition-of-others", _others),
)
