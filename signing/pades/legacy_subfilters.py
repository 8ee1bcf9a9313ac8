"""Adobe's two older kinds of signature (ISO 32000-1 §12.8.3.2 and §12.8.3.3.1), which ISO 32000-2 deprecates.

    adbe.pkcs7.sha1       CMS that encloses the SHA-1 of the byte ranges; signed is what it encloses
    adbe.x509.rsa_sha1    a PKCS #1 value over the byte ranges, in an OCTET STRING; certificates stand in /Cert

They are read like any other and named. How much SHA-1 is still worth is for the judge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signing.asn1 import tlv
from signing.cms.signed_data import digest
from signing.model import Message
from signing.pki.certificates import readable_certificates
from signing.pki.keys import Scheme, SchemeKind, UnknownScheme, verify
from signing.reading.facts import Mathematics, Reference, SignatureFacts

if TYPE_CHECKING:
    from signing.cms.signed_data import CmsSigner, SignedData
    from signing.pades.coverage import Coverage
    from signing.pades.reader.pdf import SignatureEntry
    from signing.pki.certificates import Certificate

__all__ = ["BARE_VALUE", "ENCLOSED_DIGEST", "enclosed_references", "read_bare_value"]

ENCLOSED_DIGEST = "adbe.pkcs7.sha1"
BARE_VALUE = "adbe.x509.rsa_sha1"
# SHA-1 by its name; ISO 32000-1 table 257 lets later versions use the others, and the value itself says which.
_HASHES = ("sha1", "sha256", "sha384", "sha512")


def enclosed_references(
    coverage: Coverage, signed: SignedData, signer: CmsSigner, data: bytes, name: str
) -> tuple[tuple[Reference, ...], tuple[Message, ...]]:
    """Compare the enclosed SHA-1 with the bytes, and the signed digest with what is enclosed.

    Raises `ValueError` where nothing is enclosed.
    """
    if signed.content is None:
        raise ValueError("no digest of the byte ranges")
    intact = signed.content == coverage.digest(data, "sha1")
    covers = (name,) if intact and coverage.fault is None else ()
    references = [Reference("ByteRange", found=True, intact=intact, digest_name="sha1", covers=covers)]
    faults = [] if intact else [Message.of("reference.changed", file=name)]
    if signer.signed_attributes is None:
        # The value itself is over what is enclosed.
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


def read_bare_value(
    entry: SignatureEntry, coverage: Coverage, data: bytes, contents: bytes, name: str
) -> SignatureFacts:
    """Turn a signature of that kind into facts; raises `ValueError` for contents that are no OCTET STRING.

    /Cert begins with the signer's certificate. No attribute binds it, as EN 319 142-1 asks of every signature.
    """
    value = tlv.octets(tlv.read(contents)[0])
    certificates = readable_certificates(entry.certificates)
    signer = certificates[0] if certificates and entry.certificates[0] == certificates[0].der else None
    hash_name, mathematics = _computed(signer, value, coverage.signed_bytes(data))
    covers = (name,) if coverage.fault is None and mathematics is Mathematics.VALID else ()
    return SignatureFacts(
        id=entry.name,
        format="PAdES",
        mathematics=mathematics,
        certificate=signer,
        scheme=Scheme(SchemeKind.RSA, hash_name),
        references=(Reference("ByteRange", found=True, intact=True, digest_name=hash_name, covers=covers),),
        certificates=certificates,
        covers=covers,
        certificate_faults=(Message.of("certificate.none" if signer is None else "certificate.not-bound"),),
    )


def _computed(signer: Certificate | None, value: bytes, signed: bytes) -> tuple[str, Mathematics]:
    """Compute the value with the signer's key; return the hash it names too, SHA-1 where none fits."""
    if signer is None:
        return _HASHES[0], Mathematics.UNKNOWN
    try:
        for name in _HASHES:
            if verify(signer.public_key, value, signed, Scheme(SchemeKind.RSA, name)):
                return name, Mathematics.VALID
    except UnknownScheme:
        return _HASHES[0], Mathematics.UNKNOWN
    return _HASHES[0], Mathematics.INVALID
