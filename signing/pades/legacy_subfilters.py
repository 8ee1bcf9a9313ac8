"""Two SubFilter values that ISO 32000-2 deprecates (ISO 32000-1 §12.8.3.2 and §12.8.3.3.1).

    adbe.pkcs7.sha1       CMS over the SHA-1 of the byte ranges, which it encapsulates
    adbe.x509.rsa_sha1    a PKCS #1 signature value over the byte ranges, in an OCTET STRING; certificates in /Cert

They are read like the others, with a warning. Whether SHA-1 still counts is decided by the policy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signing.asn1 import tlv
from signing.cms.signed_data import digest
from signing.model import Message
from signing.pki.certificate_files import readable_certificates
from signing.pki.keys import Scheme, SchemeKind, UnknownScheme, verify
from signing.reading.facts import Reference, SignatureFacts, ValueCheck

if TYPE_CHECKING:
    from signing.cms.signed_data import CmsSigner, SignedData
    from signing.pades.coverage import Coverage
    from signing.pades.reader.pdf import SignatureEntry
    from signing.pki.certificates import Certificate

__all__ = ["PKCS7_SHA1", "X509_RSA_SHA1", "encapsulated_references", "read_x509_rsa_sha1"]

PKCS7_SHA1 = "adbe.pkcs7.sha1"
X509_RSA_SHA1 = "adbe.x509.rsa_sha1"
# SHA-1 by name; ISO 32000-1 table 257 allows the others in later versions, and the value itself tells which.
_HASHES = ("sha1", "sha256", "sha384", "sha512")


def encapsulated_references(
    coverage: Coverage, signed: SignedData, signer: CmsSigner, data: bytes, name: str
) -> tuple[tuple[Reference, ...], tuple[Message, ...]]:
    """Compare the encapsulated SHA-1 with the bytes, and the messageDigest with the encapsulated content.

    Raises `ValueError` for a CMS without encapsulated content.
    """
    if signed.content is None:
        raise ValueError("no digest of the byte ranges")
    intact = signed.content == coverage.digest(data, "sha1")
    covers = (name,) if intact and coverage.fault is None else ()
    references = [Reference("ByteRange", found=True, intact=intact, digest_name="sha1", covers=covers)]
    faults = [] if intact else [Message.of("reference.changed", file=name)]
    if signer.signed_attributes is None:
        # The signature value is over the encapsulated content itself.
        return tuple(references), tuple(faults)
    try:
        kept = signer.message_digest() == digest(signer.digest_name, signed.content)
    except UnknownScheme:
        kept = False
        faults.append(Message.of("reference.digest-unknown", file=name))
    else:
        faults += [] if kept else [Message.of("reference.changed", file=name)]
    references.append(Reference("SHA-1 of the ByteRange", found=True, intact=kept, digest_name=signer.digest_name))
    return tuple(references), tuple(dict.fromkeys(faults))


def read_x509_rsa_sha1(
    entry: SignatureEntry, coverage: Coverage, data: bytes, contents: bytes, name: str
) -> SignatureFacts:
    """Read an adbe.x509.rsa_sha1 signature as facts; raises `ValueError` for contents that are no OCTET STRING.

    /Cert begins with the signer's certificate. No signed attribute binds it, which EN 319 142-1 requires.
    """
    value = tlv.octets(tlv.read(contents)[0])
    certificates = readable_certificates(entry.certificates)
    signer = certificates[0] if certificates and entry.certificates[0] == certificates[0].der else None
    hash_name, value_check = _computed(signer, value, coverage.signed_bytes(data))
    covers = (name,) if coverage.fault is None and value_check is ValueCheck.VALID else ()
    return SignatureFacts(
        id=entry.name,
        format="PAdES",
        value_check=value_check,
        certificate=signer,
        scheme=Scheme(SchemeKind.RSA, hash_name),
        references=(Reference("ByteRange", found=True, intact=True, digest_name=hash_name, covers=covers),),
        certificates=certificates,
        covers=covers,
        certificate_faults=(Message.of("certificate.none" if signer is None else "certificate.not-bound"),),
    )


def _computed(signer: Certificate | None, value: bytes, signed: bytes) -> tuple[str, ValueCheck]:
    """Verify the value with the signer's key; return its hash, SHA-1 where none fits, and the result."""
    if signer is None:
        return _HASHES[0], ValueCheck.UNKNOWN
    try:
        for name in _HASHES:
            if verify(signer.public_key, value, signed, Scheme(SchemeKind.RSA, name)):
                return name, ValueCheck.VALID
    except UnknownScheme:
        return _HASHES[0], ValueCheck.UNKNOWN
    return _HASHES[0], ValueCheck.INVALID
