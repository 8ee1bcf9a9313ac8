"""Certificates, answers, lists and stamps of the demo's authorities, changed and signed anew by a right or wrong key.

What is changed is a tree of `der_tree`; the ways are in `oddities`.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from benchmarks._variants.der_tree import Node, Raw, parse, tlv
from benchmarks._variants.environment import AT
from demo.xmlsig import DS, XADES, Means, Properties, Reference, write_signature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cryptography import x509

    from benchmarks._variants.environment import Environment

__all__ = ["NOTE", "Written", "broken", "container", "issued", "reanswered", "relisted", "restamped", "signed_anew"]

NOTE = ("vēstule.txt", "Es apņemos izmantot personas datus tikai darba pienākumu veikšanai.".encode())
_ASIC = "http://uri.etsi.org/02918/v1.2.1#"
_TYPE = b"application/vnd.etsi.asic-e+zip"
_SHA256 = bytes.fromhex("0609608648016503040201")


@dataclass(frozen=True, slots=True)
class Written:
    """What the demo's XML signer asks of a certificate, about octets that no library may be able to read."""

    der: bytes
    like: x509.Certificate

    def public_bytes(self, encoding: Encoding) -> bytes:
        del encoding
        return self.der

    @property
    def issuer(self) -> x509.Name:
        return self.like.issuer

    @property
    def serial_number(self) -> int:
        return self.like.serial_number


def issued(
    environment: Environment, label: str, by: str, *changes: Callable[[Node], None], key: str = "", how: str = ""
) -> bytes:
    """A certificate of the demo, changed and signed by `by`, or by the key of another in its place."""
    tree = parse(environment.pki.certificate(label).public_bytes(Encoding.DER))
    return signed_anew(environment, tree, key or by, changes, how=how)


def signed_anew(
    environment: Environment, tree: Node, key: str, changes: Iterable[Callable[[Node], None]], *, how: str = ""
) -> bytes:
    """Change a tree of (what is signed, algorithm, value) and sign it; `how` as in `Odd`."""
    for change in changes:
        change(tree)
    private = environment.pki.key(key)
    if how and isinstance(private, rsa.RSAPrivateKey):
        signature = _signed(private, tree[0].der(), how)
    else:
        signature = environment.pki.sign(key, tree[0].der(), digest="sha256")
    tree.parts[2] = Node(0x03, b"\0" + signature)
    return tree.der()


def _signed(private: rsa.RSAPrivateKey, data: bytes, how: str) -> bytes:
    if how == "pss":
        return private.sign(data, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    # EMSA-PKCS1-v1_5 by hand (RFC 8017 §9.2)
    numbers, size = private.private_numbers(), private.key_size // 8
    info = tlv(0x30, tlv(0x30, _SHA256) + tlv(0x04, hashlib.sha256(data).digest()))
    behind = b"\0" * 11 if how == "garbage" else b""
    block = b"\0\1" + b"\xff" * (size - 3 - len(info) - len(behind)) + b"\0" + info + behind
    return pow(int.from_bytes(block, "big"), numbers.d, numbers.public_numbers.n).to_bytes(size, "big")


def reanswered(
    environment: Environment,
    answer: bytes,
    *changes: Callable[[Node], None],
    key: str,
    responder: bytes = b"",
    how: str = "",
) -> bytes:
    """An OCSP response, its BasicOCSPResponse changed and signed anew; `responder` stands in for its certificate."""
    outer = parse(answer)
    holder = outer[1][0][1]
    basic = parse(holder.content)
    if responder:
        basic[3][0].parts[0] = Raw(0x30, responder)
    holder.content = signed_anew(environment, basic, key, changes, how=how)
    return outer.der()


def relisted(environment: Environment, crl: bytes, *changes: Callable[[Node], None], key: str, how: str = "") -> bytes:
    """A CRL, changed and signed anew."""
    return signed_anew(environment, parse(crl), key, changes, how=how)


def restamped(
    environment: Environment,
    token: bytes,
    *,
    unit: bytes,
    content: Callable[[Node], None] | None = None,
    key: str = "tsa",
) -> bytes:
    """A time stamp with another certificate of its unit, or another TSTInfo, bound and signed anew."""
    outer = parse(token)
    body = outer[1][0]
    if content is not None:
        info = parse(body[2][1][0].content)
        content(info)
        body[2][1][0].content = info.der()
    if unit:
        body[3].parts[0] = Raw(0x30, unit)
    signer = body.parts[-1][0]
    for attribute in signer[3].parts:
        match attribute[0].content:
            case b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04":  # messageDigest
                attribute[1][0].content = hashlib.sha256(body[2][1][0].content).digest()
            case b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x2f" if unit:  # signingCertificateV2
                entry = attribute[1][0][0][0]
                next(one for one in entry.parts if one.tag == 0x04).content = hashlib.sha256(unit).digest()  # noqa: PLR2004
            case _:
                pass
    signed = b"".join(one.der() for one in signer[3].parts)
    signer.parts[5] = Node(0x04, environment.pki.sign(key, tlv(0x31, signed), digest="sha256"))
    return outer.der()


def container(
    environment: Environment,
    label: str,
    leaf: bytes,
    *,
    key: str = "",
    certificates: Iterable[bytes] = (),
    ocsps: Iterable[bytes] = (),
    crls: Iterable[bytes] = (),
    stamp: Callable[[bytes], bytes] | None = None,
) -> bytes:
    """An ASiC-E signed by that person's key, with these octets as certificate; `stamp` makes a token over a digest."""
    root = etree.Element(f"{{{_ASIC}}}XAdESSignatures", nsmap={"asic": _ASIC, "ds": DS, "xades": XADES})
    certificate = cast("Any", Written(leaf, environment.pki.certificate(label)))
    qualifying = write_signature(
        root,
        identifier="S1",
        references=(Reference(uri="v%C4%93stule.txt", content=NOTE[1], media_type="text/plain"),),
        properties=Properties(claimed_at=AT, named=certificate),
        means=Means(key=environment.pki.key(key or label), certificate=certificate),
    )
    unsigned = _sub(_sub(qualifying, "UnsignedProperties"), "UnsignedSignatureProperties")
    if stamp is not None:
        value = next(root.iter(f"{{{DS}}}SignatureValue"))
        over = etree.tostring(value, method="c14n")
        _sub(_sub(unsigned, "SignatureTimeStamp"), "EncapsulatedTimeStamp", stamp(hashlib.sha256(over).digest()))
    values = _sub(unsigned, "CertificateValues")
    for one in certificates:
        _sub(values, "EncapsulatedX509Certificate", one)
    revocation = _sub(unsigned, "RevocationValues")
    for holder, item, blobs in (
        ("CRLValues", "EncapsulatedCRLValue", tuple(crls)),
        ("OCSPValues", "EncapsulatedOCSPValue", tuple(ocsps)),
    ):
        held = _sub(revocation, holder) if blobs else revocation
        for blob in blobs:
            _sub(held, item, blob)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", _TYPE)
        archive.writestr(*NOTE)
        archive.writestr("META-INF/signatures1.xml", etree.tostring(root, encoding="UTF-8"))
    return buffer.getvalue()


def _sub(parent: etree._Element, name: str, octets: bytes | None = None) -> etree._Element:
    element = etree.SubElement(parent, f"{{{XADES}}}{name}")
    if octets is not None:
        element.text = b64encode(octets).decode()
    return element


def broken(der: bytes) -> bytes:
    """The same with one bit of its last octet, the signature's, the other way."""
    return der[:-1] + bytes((der[-1] ^ 1,))
