"""XML signatures with XAdES properties, as far as the demo makes them: containers and lists (ETSI EN 319 132-1).

It is written on lxml and `cryptography` and shares no code with the verifier, so that one error does not hide another.
The order is always: build the whole tree, digest what is referenced in it, then sign SignedInfo. Canonicalisation
depends on the namespaces of ancestors, so everything is signed in its final place.
"""

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

from demo.canonical import canonicalise

__all__ = [
    "C14N10",
    "C14N11",
    "DS",
    "ENVELOPED",
    "EXCLUSIVE",
    "XADES",
    "XADES141",
    "Means",
    "Properties",
    "Reference",
    "SigningKey",
    "b64",
    "canonical",
    "sub",
    "write_signature",
]

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
XADES141 = "http://uri.etsi.org/01903/v1.4.1#"
C14N10 = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
C14N11 = "http://www.w3.org/2006/12/xml-c14n11"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DS}enveloped-signature"
_SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"

_DIGESTS = {
    "sha1": f"{DS}sha1",
    "sha256": "http://www.w3.org/2001/04/xmlenc#sha256",
    "sha384": "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "sha512": "http://www.w3.org/2001/04/xmlenc#sha512",
}
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # noqa: S303 - weak signatures are made on purpose
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}

SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One thing that is signed: `content` is what its digest is of, canonical already where transforms say so."""

    uri: str
    content: bytes
    media_type: str
    transforms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Properties:
    """What the signer says about the signature (EN 319 132-1 §5.2).

    `named` is the certificate whose digest SigningCertificate holds: the signer's own unless a test wants it wrong.
    """

    claimed_at: datetime
    named: x509.Certificate
    version: int = 1
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a signature is made with.

    `properties_signed=False` leaves out the reference to SignedProperties, which no verifier may accept as XAdES.
    """

    key: SigningKey
    certificate: x509.Certificate
    digest: str = "sha256"
    method: str = C14N11
    properties_signed: bool = True


def sub(
    parent: etree._Element, namespace: str, name: str, text: str | None = None, **attributes: str
) -> etree._Element:
    """A new last child."""
    child = etree.SubElement(parent, f"{{{namespace}}}{name}", attributes)
    child.text = text
    return child


def b64(octets: bytes) -> str:
    """Base64 on one line, as schema type base64Binary allows."""
    return b64encode(octets).decode("ascii")


def canonical(element: etree._Element, method: str) -> bytes:
    """The canonical octets of an element in its place."""
    root = element.getroottree().getroot()
    number = next(at for at, one in enumerate(root.iter("*")) if one is element)
    whole = etree.tostring(root, encoding="UTF-8")
    return canonicalise(whole, element=number, exclusive=method == EXCLUSIVE, version_1_1=method == C14N11)


def _digest(parent: etree._Element, content: bytes, digest: str) -> None:
    sub(parent, DS, "DigestMethod", Algorithm=_DIGESTS[digest])
    sub(parent, DS, "DigestValue", b64(hashlib.new(digest, content).digest()))


def _name_certificate(parent: etree._Element, certificate: x509.Certificate, version: int, digest: str) -> None:
    der = certificate.public_bytes(serialization.Encoding.DER)
    cert = sub(sub(parent, XADES, "SigningCertificate" if version == 1 else "SigningCertificateV2"), XADES, "Cert")
    _digest(sub(cert, XADES, "CertDigest"), der, digest)
    if version == 1:
        serial = sub(cert, XADES, "IssuerSerial")
        sub(serial, DS, "X509IssuerName", certificate.issuer.rfc4514_string())
        sub(serial, DS, "X509SerialNumber", str(certificate.serial_number))


def _signed_properties(
    parent: etree._Element, identifier: str, properties: Properties, references: tuple[Reference, ...], digest: str
) -> etree._Element:
    signed = sub(parent, XADES, "SignedProperties", Id=f"{identifier}-SignedProperties")
    about = sub(signed, XADES, "SignedSignatureProperties")
    sub(about, XADES, "SigningTime", properties.claimed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    _name_certificate(about, properties.named, properties.version, digest)
    if properties.role:
        version = "" if properties.version == 1 else "V2"
        role = sub(about, XADES, f"SignerRole{version}")
        sub(sub(role, XADES, "ClaimedRoles"), XADES, "ClaimedRole", properties.role)
    data = sub(signed, XADES, "SignedDataObjectProperties")
    for number, reference in enumerate(references):
        described = sub(data, XADES, "DataObjectFormat", ObjectReference=f"#{identifier}-RefId{number}")
        sub(described, XADES, "MimeType", reference.media_type)
    return signed


def _reference(parent: etree._Element, identifier: str, uri: str, transforms: tuple[str, ...]) -> etree._Element:
    element = sub(parent, DS, "Reference", Id=identifier, URI=uri)
    if transforms:
        steps = sub(element, DS, "Transforms")
        for step in transforms:
            sub(steps, DS, "Transform", Algorithm=step)
    return element


def _sign(key: SigningKey, data: bytes, digest: str) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), _HASHES[digest])
    # XML signatures hold r and s side by side at the curve's width (RFC 4050 §3.3), not in DER.
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(_HASHES[digest])))
    width = (key.curve.key_size + 7) // 8
    return r.to_bytes(width) + s.to_bytes(width)


def _signature_uri(key: SigningKey, digest: str) -> str:
    kind = "rsa" if isinstance(key, rsa.RSAPrivateKey) else "ecdsa"
    if (kind, digest) == ("rsa", "sha1"):
        return f"{DS}rsa-sha1"
    return f"http://www.w3.org/2001/04/xmldsig-more#{kind}-{digest}"


def write_signature(
    parent: etree._Element,
    *,
    identifier: str,
    references: tuple[Reference, ...],
    properties: Properties,
    means: Means,
) -> etree._Element:
    """Append a ds:Signature to its parent and sign; its QualifyingProperties come back, for unsigned properties."""
    digest, method = means.digest, means.method
    # (1) the tree, without digests and the signature value
    signature = sub(parent, DS, "Signature", Id=identifier)
    info = sub(signature, DS, "SignedInfo")
    sub(info, DS, "CanonicalizationMethod", Algorithm=method)
    sub(info, DS, "SignatureMethod", Algorithm=_signature_uri(means.key, digest))
    elements = [
        _reference(info, f"{identifier}-RefId{number}", reference.uri, reference.transforms)
        for number, reference in enumerate(references)
    ]
    # (2) what is signed of the data
    for element, reference in zip(elements, references, strict=True):
        _digest(element, reference.content, digest)
    value = sub(signature, DS, "SignatureValue", Id=f"{identifier}-SIG")
    x509_data = sub(sub(signature, DS, "KeyInfo"), DS, "X509Data")
    sub(x509_data, DS, "X509Certificate", b64(means.certificate.public_bytes(serialization.Encoding.DER)))
    qualifying = sub(sub(signature, DS, "Object"), XADES, "QualifyingProperties", Target=f"#{identifier}")
    signed = _signed_properties(qualifying, identifier, properties, references, digest)
    # (3) SignedProperties; no transform means Canonical XML 1.0 (XML Signature §4.4.3.2)
    if means.properties_signed:
        transforms = (EXCLUSIVE,) if method == EXCLUSIVE else ()
        last = _reference(info, f"{identifier}-RefId{len(references)}", f"#{identifier}-SignedProperties", transforms)
        last.set("Type", _SIGNED_PROPERTIES)
        _digest(last, canonical(signed, EXCLUSIVE if transforms else C14N10), digest)
    # (4) the signature
    value.text = b64(_sign(means.key, canonical(info, method), digest))
    return qualifying
