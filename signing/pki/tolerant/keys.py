"""A public key (RFC 5280 §4.1.2.7, RFC 3279, RFC 5480, RFC 8410) whose encoding `cryptography` refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.x509 import ObjectIdentifier

from signing.asn1 import tlv

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

__all__ = ["read_public_key"]

_RSA = frozenset({"1.2.840.113549.1.1.1", "2.5.8.1.1"})
_EC = "1.2.840.10045.2.1"
_ED25519, _ED448 = "1.3.101.112", "1.3.101.113"


def read_public_key(spki: bytes) -> CertificatePublicKeyTypes | None:
    """Read a SubjectPublicKeyInfo; None for a key nothing here can compute with.

    A curve given by its parameters is none that can be computed with (RFC 5480 §2.1.1): its base point is the writer's
    own choice, which is how CVE-2020-0601 made keys for others' certificates.
    """
    try:
        algorithm, key = tlv.children(tlv.only(spki, tlv.SEQUENCE).content)
        name, parameters = tlv.algorithm(algorithm)
        octets = tlv.bits(key)
        if name in _RSA:
            modulus, exponent = (_natural(one) for one in tlv.children(tlv.only(octets, tlv.SEQUENCE).content))
            return rsa.RSAPublicNumbers(exponent, modulus).public_key()
        if name == _EC and parameters is not None and parameters.tag == tlv.OID:
            curve = ec.get_curve_for_oid(ObjectIdentifier(tlv.oid(parameters)))
            return ec.EllipticCurvePublicKey.from_encoded_point(curve(), octets)
        if name == _ED25519:
            return ed25519.Ed25519PublicKey.from_public_bytes(octets)
        if name == _ED448:
            return ed448.Ed448PublicKey.from_public_bytes(octets)
    except (ValueError, IndexError, LookupError, TypeError, OverflowError, UnsupportedAlgorithm):
        return None
    return None


def _natural(element: tlv.Tlv) -> int:
    """Read an INTEGER that can only be positive: cards wrote moduli without the octet that says so (X.690 §8.3)."""
    content = tlv.expect(element, tlv.INTEGER).content
    if not content:
        raise ValueError("an integer without content")
    return int.from_bytes(content, "big")
