"""Signers with keys of every kind: certificates the demo's authority would issue for them, and signatures made by hand.

How a signature is made (the algorithm it names, the octets of its value) is up to the test; all around it is sound.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asn1crypto import algos, cms, tsp  # type: ignore[import-untyped] # it has no types
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from builders.signing import edits
from builders.signing.attacks import byte_range
from demo.pki import person
from demo.signer import Level, sign_asice, sign_pdf

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

    from demo.pki import Pki

    Sign = Callable[[bytes], bytes]

NOTE = ("note.txt", b"I undertake.")
_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_XADES = "{http://uri.etsi.org/01903/v1.3.2#}"
_SIGNATURE_FILE = "META-INF/signatures1.xml"


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate like the head's for another key, and what its responder says of it."""

    certificate: x509.Certificate
    good: bytes

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)


def identity(pki: Pki, key: CertificatePublicKeyTypes) -> Identity:
    """The head's certificate once more, with this key: the same number, so what is said of the one is said of both."""
    like, issuer = pki.certificate("head"), pki.certificate("eid")
    builder = x509.CertificateBuilder(
        issuer.subject, like.subject, key, like.serial_number, like.not_valid_before_utc, like.not_valid_after_utc
    )
    for one in like.extensions:
        builder = builder.add_extension(one.value, one.critical)
    return Identity(builder.sign(pki.key("eid"), hashes.SHA384()), pki.ocsp(like, at=pki.epoch))


def xades(pki: Pki, who: Identity, method: str, sign: Sign, *, digest: str = "", parameters: str = "") -> bytes:
    """A container signed by `who`; `method` is the SignatureMethod, `digest` the DigestMethod of its references."""
    container = sign_asice([NOTE], person=person("head"), pki=pki, at=pki.epoch, level=Level.B)
    root = etree.fromstring(dict(edits.entries_of(container))[_SIGNATURE_FILE])
    _one(root, f"{_DS}X509Certificate").text = base64.b64encode(who.der).decode()
    named = _one(root, f"{_XADES}CertDigest/{_DS}DigestValue")
    named.text = base64.b64encode(hashlib.sha256(who.der).digest()).decode()
    properties, info = _one(root, f"{_XADES}SignedProperties"), _one(root, f"{_DS}SignedInfo")
    for reference, data in zip(info.findall(f"{_DS}Reference"), (NOTE[1], _canonical(properties)), strict=True):
        name = "sha256"
        if digest:
            _one(reference, f"{_DS}DigestMethod").set("Algorithm", digest)
            name = digest.rpartition("#")[2].replace("sha3-", "sha3_")
        _one(reference, f"{_DS}DigestValue").text = base64.b64encode(hashlib.new(name, data).digest()).decode()
    element = _one(info, f"{_DS}SignatureMethod")
    element.set("Algorithm", method)
    if parameters:
        element.append(etree.fromstring(parameters))
    _one(root, f"{_DS}SignatureValue").text = base64.b64encode(sign(_canonical(info))).decode()
    return edits.replaced(container, _SIGNATURE_FILE, etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _one(root: etree._Element, name: str) -> etree._Element:
    found = root.find(f".//{name}")
    assert found is not None
    return found


def _canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n")


def cades(
    who: Identity,
    content: bytes,
    algorithm: object,
    sign: Sign,
    *,
    digest: object = "sha256",
    detached: bool = False,
) -> bytes:
    """A CMS signature by `who`; `algorithm` and `digest` are asn1crypto's AlgorithmIdentifiers, or their names."""
    named = algos.DigestAlgorithm(digest if isinstance(digest, dict) else {"algorithm": digest})
    machine = {"shake256": "shake_256", "shake256_len": "shake_256"}.get(name := named["algorithm"].native, name)
    hashed = hashlib.new(machine, content)
    value = hashed.digest(64) if machine == "shake_256" else hashed.digest()  # type: ignore[call-arg] # shake's
    own = {"hash_algorithm": {"algorithm": "sha256"}, "cert_hash": hashlib.sha256(who.der).digest()}
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["data"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [value]}),
            cms.CMSAttribute(
                {"type": "signing_certificate_v2", "values": [tsp.SigningCertificateV2({"certs": [own]})]}
            ),
        ]
    )
    certificate = asn1.Certificate.load(who.der)
    signer = {
        "version": "v1",
        "sid": {
            "issuer_and_serial_number": {
                "issuer": certificate.issuer,
                "serial_number": certificate.serial_number,
            }
        },
        "digest_algorithm": named,
        "signature_algorithm": algorithm if isinstance(algorithm, dict) else {"algorithm": algorithm},
        "signed_attrs": attributes,
        "signature": sign(attributes.dump()),
    }
    inside: dict[str, Any] = {"content_type": "data"}
    if not detached:
        inside["content"] = content
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [named],
            "encap_content_info": inside,
            "certificates": [certificate],
            "signer_infos": [signer],
        }
    )
    made: bytes = cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()
    return made


def pades(pki: Pki, page: bytes, signature: Callable[[bytes], bytes]) -> bytes:
    """A PDF whose signature is `signature(signed bytes)`: put where another was, which no one signs."""
    signed = sign_pdf(page, person=person("head"), pki=pki, at=pki.epoch, level=Level.B)
    _, length, second, rest = byte_range(signed)
    octets = signature(signed[:length] + signed[second : second + rest]).hex().encode("ascii")
    room = second - length - 2
    assert len(octets) <= room
    return signed[: length + 1] + octets.ljust(room, b"0") + signed[second - 1 :]


def long_term(pki: Pki, container: bytes, who: Identity) -> bytes:
    """The container of `xades` with a stamp over its signature's value and what the responder says of `who`."""
    root = etree.fromstring(dict(edits.entries_of(container))[_SIGNATURE_FILE])
    token = pki.stamp(hashlib.sha256(_canonical(_one(root, f"{_DS}SignatureValue"))).digest(), at=pki.epoch)
    unsigned = etree.SubElement(
        etree.SubElement(_one(root, f"{_XADES}QualifyingProperties"), f"{_XADES}UnsignedProperties"),
        f"{_XADES}UnsignedSignatureProperties",
    )
    stamp = etree.SubElement(unsigned, f"{_XADES}SignatureTimeStamp")
    etree.SubElement(stamp, f"{_DS}CanonicalizationMethod").set(
        "Algorithm", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
    )
    etree.SubElement(stamp, f"{_XADES}EncapsulatedTimeStamp").text = base64.b64encode(token).decode()
    certificates = etree.SubElement(unsigned, f"{_XADES}CertificateValues")
    for one in pki.helpers(pki.certificate("head"), unit="tsa", at=pki.epoch):
        der = one.public_bytes(Encoding.DER)
        etree.SubElement(certificates, f"{_XADES}EncapsulatedX509Certificate").text = base64.b64encode(der).decode()
    revocation = etree.SubElement(unsigned, f"{_XADES}RevocationValues")
    lists = etree.SubElement(revocation, f"{_XADES}CRLValues")
    for octets in pki.authority_lists(pki.certificate("head"), unit="tsa", at=pki.epoch):
        etree.SubElement(lists, f"{_XADES}EncapsulatedCRLValue").text = base64.b64encode(octets).decode()
    answers = etree.SubElement(revocation, f"{_XADES}OCSPValues")
    etree.SubElement(answers, f"{_XADES}EncapsulatedOCSPValue").text = base64.b64encode(who.good).decode()
    return edits.replaced(container, _SIGNATURE_FILE, etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
