"""CMS as signers really write it: attributes in any order and any BER, repeated ones, algorithms under other names."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import subprocess
import zipfile
from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING

from asn1crypto import cms  # type: ignore[import-untyped] # it has no types

from benchmarks._variants.cms_writer import (
    CONTENT_STAMP,
    CONTENT_TYPE,
    DATA,
    DIGESTS,
    ECDSA,
    MESSAGE_DIGEST,
    RSA,
    SIGNING_CERTIFICATE_V2,
    Cms,
    algorithm,
    attribute,
    content_stamp,
    indefinite,
    long_form,
    ordered,
    split,
    standard_attributes,
    utc_time,
)
from benchmarks._variants.environment import AT
from benchmarks._variants.kind import Variant, VariantKind
from demo.der import octets, oid, sequence, tlv
from demo.pki import person
from demo.signer import Level, sign_edoc, sign_pdf

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from benchmarks._variants.environment import Environment

__all__ = ["KINDS", "openssl_says"]

_SIGNING_TIME = "1.2.840.113549.1.9.5"
_NATIONAL = "1.3.6.1.4.1.99999.7"  # nobody's
_WHO = ("head", "user")
_LETTER = "Es apņemos ievērot kārtību.".encode()
_RSA_ALONE, _EC_ALONE = "1.2.840.113549.1.1.1", "1.2.840.10045.2.1"
_CONTENTS = re.compile(rb"/Contents <([0-9a-fA-F]{500,})>")
_STAMP = re.compile(rb"(<(?:\w+:)?EncapsulatedTimeStamp[^>]*>)([^<]+)")
_NULL = b"\x05\x00"


def openssl_says(variant: Variant, environment: Environment, scratch: Path) -> bool | None:
    """Ask openssl, whoever issued the certificate."""
    del environment
    file = scratch / "signed.p7m"
    file.write_bytes(variant.content)
    command: list[str | Path] = ["openssl", "cms", "-verify", "-noverify", "-binary", "-inform", "DER", "-in", file]
    for name, content in variant.detached:
        (scratch / name).write_bytes(content)
        command += ["-content", scratch / name]
    done = subprocess.run([*command, "-out", scratch / "content"], capture_output=True, check=False)  # noqa: S603
    return done.returncode == 0


def _more_attributes(environment: Environment, number: int) -> list[bytes]:
    found = [
        attribute(_SIGNING_TIME, utc_time("260302100000Z")),
        attribute(_NATIONAL, sequence(octets(b"x" * 40), tlv(0x0C, b"Zemgale"))),
        attribute(CONTENT_STAMP, content_stamp(environment, _LETTER)),
    ]
    return found[:number]


def _stored(how: str, dice: random.Random) -> Callable[[list[bytes]], bytes]:
    """Give a way to store attributes that is not DER."""

    def stores(parts: list[bytes]) -> bytes:
        parts = sorted(parts)
        digest = next(one for one in parts if oid(MESSAGE_DIGEST) in one[:20])
        hashed = digest[-32:] if len(digest) < 60 else digest[-64:]  # noqa: PLR2004 - SHA-256's and SHA-512's
        match how:
            case "reversed":
                return tlv(0xA0, b"".join(reversed(parts)))
            case "shuffled":
                dice.shuffle(parts)
                return tlv(0xA0, b"".join(parts))
            case "indefinite":
                return indefinite(0xA0, b"".join(parts))
            case "long":
                return long_form(0xA0, b"".join(parts))
            case "split":
                body = indefinite(0x31, split(0x04, hashed))
                other = [indefinite(0x30, oid(MESSAGE_DIGEST) + body) if one == digest else one for one in parts]
                return tlv(0xA0, b"".join(other))
            case _:
                body = long_form(0x31, long_form(0x04, hashed))
                other = [long_form(0x30, oid(MESSAGE_DIGEST) + body) if one == digest else one for one in parts]
                return indefinite(0xA0, b"".join(reversed(other)))

    return stores


_HOW = ("reversed", "shuffled", "indefinite", "long", "split", "everything")


def _encodings(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    """Attributes in another order or encoding than the DER that was signed (RFC 5652 §5.4)."""
    for number, (more, who, how) in enumerate(product(range(4), _WHO, _HOW)):
        base = Cms(environment, _LETTER, who=who)
        attributes = base.parts() + _more_attributes(environment, more)
        base = base.but(attributes=attributes, stores=_stored(how, dice))
        name = f"{how}-{more}-{who}"
        yield Variant(f"{name}.p7m", base.write(), honest=True)
        if number % 2:
            yield _dishonest(base, number // 2, name)


def _dishonest(base: Cms, number: int, name: str) -> Variant:
    """Change what is said, not how: no encoding of it is what was signed."""
    parts = base.parts()
    hashed = hashlib.sha256(_LETTER).digest()
    lie = hashlib.sha256(b"other").digest()
    match number % 5:
        case 0:  # the content, with the digest that fits it
            changed = [one.replace(hashed, lie) for one in parts]
            stores = base.stores
            signed = base.but(content=b"other", attributes=parts, stores=lambda _: stores(changed))
            return Variant(f"{name}-content.p7m", signed.write(), honest=False)
        case 1:  # the content alone
            signed = base.but(content=_LETTER + b" ", attributes=parts)
            return Variant(f"{name}-digest.p7m", signed.write(), honest=False)
        case 2:  # an attribute left out
            kept = [one for one in parts if oid(CONTENT_TYPE) not in one[:20]]
            signed = base.but(signs=lambda _: ordered(kept))
            return Variant(f"{name}-added.p7m", signed.write(), honest=False)
        case 3:  # signed under the tag it stands under
            signed = base.but(signs=lambda all_: tlv(0xA0, b"".join(sorted(all_))))
            return Variant(f"{name}-tag.p7m", signed.write(), honest=False)
        case _:  # signed in an order that is neither the one stored nor DER's
            signed = base.but(signs=lambda all_: tlv(0x31, b"".join(sorted(all_, reverse=True))))
            signed = signed.but(stores=lambda all_: tlv(0xA0, b"".join(sorted(all_))))
            return Variant(f"{name}-order.p7m", signed.write(), honest=False)


def _recurring(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    """Attributes that stand there twice: some may, some may not (RFC 5652 §11, RFC 5035)."""
    for number in range(30):
        who = _WHO[number % 2]
        base = Cms(environment, _LETTER, who=who)
        attributes = base.parts()
        stamps = [attribute(CONTENT_STAMP, content_stamp(environment, _LETTER)) for _ in range(1 + number % 3)]
        values = [octets(dice.randbytes(5)) for _ in range(number % 4)]
        unknown = [attribute(f"{_NATIONAL}.{number % 2}", one) for one in values]
        yield Variant(
            f"{len(stamps)}-stamps-{len(unknown)}-unknown-{number}.p7m",
            base.but(attributes=[*attributes, *stamps, *unknown]).write(),
            honest=True,
        )
        twice = (
            attribute(CONTENT_TYPE, oid(DATA)),
            attribute(CONTENT_TYPE, oid("1.2.840.113549.1.9.16.1.4")),
            attribute(MESSAGE_DIGEST, octets(hashlib.sha256(_LETTER).digest())),
            attribute(MESSAGE_DIGEST, octets(hashlib.sha256(b"other").digest())),
            attribute(SIGNING_CERTIFICATE_V2, sequence(sequence(sequence(octets(bytes(32)))))),
        )[number % 5]
        yield Variant(f"twice-{number}.p7m", base.but(attributes=[*attributes, *stamps, twice]).write(), honest=False)


def _values(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    """An attribute of one value with two, and one that is not there; honest controls between."""
    del dice
    hashed, other = octets(hashlib.sha256(_LETTER).digest()), octets(hashlib.sha256(b"other").digest())
    for number in range(26):
        base = Cms(environment, _LETTER, who=_WHO[number % 2])
        standard = base.parts()
        without = [one for one in standard if oid(MESSAGE_DIGEST) not in one[:20]]
        yield Variant(
            f"control-{number}.p7m",
            base.but(attributes=[*standard, *_more_attributes(environment, number % 4)]).write(),
            honest=True,
        )
        wrong = (
            [*without, attribute(MESSAGE_DIGEST, hashed, other)],
            without,
            [one for one in standard if oid(CONTENT_TYPE) not in one[:20]],
            [*without, attribute(MESSAGE_DIGEST)],
            [*without, attribute(MESSAGE_DIGEST, tlv(0x0C, b"text"))],
        )[number % 5]
        yield Variant(f"wrong-{number}.p7m", base.but(attributes=wrong).write(), honest=False, reason="cms.attributes")


def _names(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    """Digests named by the scheme that holds them, schemes named by their key alone."""
    del dice
    for number, (digest, who, odd) in enumerate(product(DIGESTS, _WHO, range(6))):
        schemes, alone = (ECDSA, _EC_ALONE) if who == "head" else (RSA, _RSA_ALONE)
        base = Cms(environment, _LETTER, who=who, digest=digest)
        base = base.but(attributes=standard_attributes(base.signer_certificate(), _LETTER, digest))
        named = (
            base,
            base.but(digest_algorithm=algorithm(schemes[digest])),
            base.but(
                digest_algorithm=algorithm(schemes[digest], _NULL), signature_algorithm=algorithm(schemes[digest])
            ),
            base.but(signature_algorithm=algorithm(alone, _NULL if who == "user" else b"")),
            base.but(digest_algorithm=algorithm(DIGESTS[digest], _NULL)),
            base.but(digest_algorithm=algorithm(RSA[digest]), signature_algorithm=algorithm(alone)),
        )[odd]
        yield Variant(f"{digest}-{who}-{odd}.p7m", named.write(), honest=True)
        if number % 2:
            wrong = next(one for one in DIGESTS if one != digest)
            lies = (
                named.but(digest_algorithm=algorithm(schemes[wrong])),
                named.but(signature_algorithm=algorithm(schemes[wrong])),
                named.but(content=_LETTER + b"!", attributes=named.parts()),
            )[number // 2 % 3]
            yield Variant(f"{digest}-{who}-{odd}-lie.p7m", lies.write(), honest=False)


def _openssl_by_its_own_names(variant: Variant, environment: Environment, scratch: Path) -> bool | None:
    """Ask openssl, except about names it does not know for what they are."""
    if not variant.name.endswith(("-0.p7m", "-4.p7m")):
        return None  # of two hashes it goes by the first, whatever the other says
    return openssl_says(variant, environment, scratch)


def _turned(der: bytes) -> bytes:
    """Store the signed attributes the other way round; nothing else moves, and no length changes."""
    signers = cms.ContentInfo.load(der)["content"]["signer_infos"]
    parts = [one.dump() for one in signers[0]["signed_attrs"]]
    stored = b"".join(parts)
    if der.count(stored) != 1 or len(parts) < 2:  # noqa: PLR2004 - one cannot be turned
        raise ValueError("attributes that stand elsewhere")
    return der.replace(stored, b"".join(reversed(parts)))


def _in_a_pdf(document: bytes, number: int) -> bytes:
    """Turn the attributes of one signature or document stamp; its contents are not under it."""
    start, end = [match.span(1) for match in _CONTENTS.finditer(document)][number]
    turned = _turned(cms.ContentInfo.load(bytes.fromhex(document[start:end].decode()), strict=False).dump())
    text = turned.hex().encode()
    return document[:start] + text.ljust(end - start, b"0") + document[end:]


def _in_an_edoc(container: bytes, *, letter: bytes) -> bytes:
    """Turn the attributes of the time stamp in a XAdES signature, and put this letter into the container."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(container)) as old, zipfile.ZipFile(made, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename.startswith("META-INF/") and b"EncapsulatedTimeStamp" in data:
                data = _STAMP.sub(lambda match: match[1] + base64.b64encode(_turned(base64.b64decode(match[2]))), data)
            new.writestr(entry, letter if entry.filename == "letter.txt" else data)
    return made.getvalue()


def _simple(content: bytes, signature: bytes) -> bytes:
    """An ASiC-S container with a CAdES signature (EN 319 162-1 §4.3.3)."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", "application/vnd.etsi.asic-s+zip")
        archive.writestr("letter.txt", content)
        archive.writestr("META-INF/signature.p7s", signature)
    return made.getvalue()


def _elsewhere(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    """The same in containers, PDF and time stamps, with changed content beside each."""
    for number in range(10):
        at, who = AT + timedelta(seconds=number), person(_WHO[number % 2])
        text = dice.randbytes(20).hex().encode()
        form = environment.form
        edoc = sign_edoc([("letter.txt", text)], person=who, pki=environment.pki, at=at)
        yield Variant(f"stamp-{number}.edoc", _in_an_edoc(edoc, letter=text), honest=True)
        yield Variant(f"stamp-{number}-changed.edoc", _in_an_edoc(edoc, letter=text[::-1]), honest=False)
        signed = sign_pdf(form, person=who, pki=environment.pki, at=at, level=Level.LTA)
        turned = _in_a_pdf(_in_a_pdf(signed, 0), -1)
        yield Variant(f"{number}.pdf", turned, honest=True)
        changed = bytearray(turned)
        place = turned.index(b"stream") + 12 + number
        changed[place] ^= 1
        yield Variant(f"{number}-changed.pdf", bytes(changed), honest=False)
        detached = (
            Cms(environment, text, who=who.key, encloses=None).but(stores=_stored(_HOW[number % 6], dice)).write()
        )
        container = _simple(text, detached)
        yield Variant(f"{number}.asics", container, honest=True)
        yield Variant(
            f"{number}-changed.asics", _simple(text[::-1], detached), honest=False, reason="reference.changed"
        )


KINDS = (
    VariantKind("cms-encodings-elsewhere", _elsewhere),
    VariantKind("cms-attribute-encodings", _encodings),
    VariantKind("cms-recurring-attributes", _recurring, witness=openssl_says, asks="openssl"),
    VariantKind("cms-attribute-values", _values, witness=openssl_says, asks="openssl"),
    VariantKind("cms-algorithm-names", _names, witness=_openssl_by_its_own_names, asks="openssl"),
)
