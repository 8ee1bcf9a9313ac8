"""A certificate taken apart by the basic rules of X.690, every part as it stands (RFC 5280 §4.1).

The parts that are hashed or compared as octets are taken from here for every certificate; names and times only where
`cryptography` does not read them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signing.asn1 import tlv
from signing.pki.schemes import scheme_of_certificate
from signing.pki.times import asn1_time
from signing.pki.tolerant.names import read_name

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

    from signing.pki.keys import Scheme

__all__ = ["CertificateParts", "read_parts"]

_VERSION, _EXTENSIONS = 0xA0, 0xA3
_UNIQUE_IDS = (0x81, 0x82, 0xA1, 0xA2)
_LAST_VERSION = 2
_MOST_PARTS = 10


@dataclass(frozen=True, slots=True)
class CertificateParts:
    """The parts; `signed` is the TBSCertificate, over which the signature is. `version` is 1, 2 or 3."""

    signed: bytes
    algorithm: tlv.Tlv
    inner_algorithm: tlv.Tlv
    signature: bytes
    version: int
    serial: int
    issuer: tlv.Tlv
    validity: tlv.Tlv
    subject: tlv.Tlv
    spki: bytes
    extensions: tlv.Tlv | None

    def scheme(self) -> Scheme:
        """Read how it was signed; raises `UnknownScheme`."""
        return scheme_of_certificate(self.algorithm)

    def names(self) -> tuple[x509.Name, x509.Name]:
        """Read issuer and subject; raises `ValueError`."""
        return read_name(self.issuer), read_name(self.subject)

    def times(self) -> tuple[datetime, datetime]:
        """Read the validity (RFC 5280 §4.1.2.5); raises `ValueError`."""
        not_before, not_after = tlv.children(tlv.expect(self.validity, tlv.SEQUENCE).content)
        return asn1_time(not_before), asn1_time(not_after)

    def key_bits(self) -> bytes:
        """Give the content of the subjectPublicKey bit string: what OCSP's key hashes are over."""
        parts = tlv.children(tlv.only(self.spki, tlv.SEQUENCE).content)
        return tlv.expect(parts[1], tlv.BITS).content[1:]


def read_parts(der: bytes, *, most: int | None = None) -> CertificateParts:
    """Take a certificate apart; raises `ValueError` or `IndexError` for what is none, or larger than `most` octets."""
    if most is not None and len(der) > most:
        raise ValueError("larger than any honest certificate")
    signed, algorithm, signature = tlv.children(tlv.only(der, tlv.SEQUENCE).content, most=3)
    parts = tlv.children(tlv.expect(signed, tlv.SEQUENCE).content, most=_MOST_PARTS)
    version = 0
    if parts[0].tag == _VERSION:
        (number,) = tlv.children(parts.pop(0).content)
        version = tlv.integer(number)
    if not 0 <= version <= _LAST_VERSION:
        raise ValueError("a certificate of a version there is not")
    serial, inner_algorithm, issuer, validity, subject, spki, *optional = parts
    return CertificateParts(
        signed=signed.whole,
        algorithm=tlv.expect(algorithm, tlv.SEQUENCE),
        inner_algorithm=tlv.expect(inner_algorithm, tlv.SEQUENCE),
        signature=tlv.bits(signature),
        version=version + 1,
        serial=tlv.integer(serial),
        issuer=issuer,
        validity=validity,
        subject=subject,
        spki=tlv.expect(spki, tlv.SEQUENCE).whole,
        extensions=_extensions(optional),
    )


def _extensions(optional: list[tlv.Tlv]) -> tlv.Tlv | None:
    """Find the extensions among what may follow the key, in its order and each once."""
    tags = [one.tag & 0x1F for one in optional]
    if tags != sorted(set(tags)) or any(one.tag not in {*_UNIQUE_IDS, _EXTENSIONS} for one in optional):
        raise ValueError("something behind the key that does not belong there")
    if not optional or optional[-1].tag != _EXTENSIONS:
        return None
    (extensions,) = tlv.children(optional[-1].content)
    return extensions
