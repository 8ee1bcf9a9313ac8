"""Was this signature made with that key over those bytes? One function, every scheme.

A scheme nobody here can compute is `UnknownScheme`, which the judge reports as what cannot be computed, never as a
broken signature; a signature that does not match is plain False.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

__all__ = [
    "EDDSA",
    "HASHES",
    "Hasher",
    "KeyFacts",
    "Scheme",
    "SchemeKind",
    "UnknownScheme",
    "hasher",
    "key_facts",
    "new_hash",
    "scheme_of_parsed",
    "verify",
]

HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "md5": hashes.MD5,
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
    "sha3-224": hashes.SHA3_224,
    "sha3-256": hashes.SHA3_256,
    "sha3-384": hashes.SHA3_384,
    "sha3-512": hashes.SHA3_512,
}

_NIST = "2.16.840.1.101.3.4.3"  # its signature algorithms: DSA up to 8, ECDSA with SHA-3, RSA with SHA-3
# The curves of TS 119 312 (table 4), and the shorter ones of their family that have lapsed. TS 119 312 names no other
# curve “ec”.
_CURVES = (
    ec.SECP192R1, ec.SECP224R1, ec.SECP256R1, ec.SECP384R1, ec.SECP521R1,
    ec.BrainpoolP256R1, ec.BrainpoolP384R1, ec.BrainpoolP512R1,
)  # fmt: skip
_USABLE = (
    rsa.RSAPublicKey, ec.EllipticCurvePublicKey, dsa.DSAPublicKey, ed25519.Ed25519PublicKey, ed448.Ed448PublicKey,
)  # fmt: skip
_SHAKE256_OCTETS = 64  # as a message digest: RFC 8419 §2.3, RFC 8702 §3.1


class UnknownScheme(ValueError):
    """An algorithm or kind of key nothing here can compute."""


class SchemeKind(StrEnum):
    """The families of signature."""

    RSA = "rsa"
    RSA_PSS = "rsa-pss"
    ECDSA = "ecdsa"
    DSA = "dsa"
    ED25519 = "ed25519"
    ED448 = "ed448"


EDDSA = frozenset({SchemeKind.ED25519, SchemeKind.ED448})


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a signature was made. `hash_name` is "" for EdDSA, which has its own; `salt` None where nobody told."""

    kind: SchemeKind
    hash_name: str
    mgf_hash_name: str = ""
    salt: int | None = None


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What the dated algorithm policy asks about a key: "rsa", "ec", "dsa", "ed25519" …, and its size in bits.

    A curve the policy does not know is a kind of its own, by its name.
    """

    kind: str
    bits: int


class Hasher(Protocol):
    """A hash in the making."""

    def update(self, data: bytes | memoryview, /) -> None:
        """Take in the next piece."""

    def digest(self) -> bytes:
        """Give the digest of all pieces."""


class _Shake256:
    def __init__(self) -> None:
        self._machine = hashlib.shake_256(usedforsecurity=False)
        self.update = self._machine.update

    def digest(self) -> bytes:
        return self._machine.digest(_SHAKE256_OCTETS)


def hasher(name: str) -> Hasher:
    """Begin to hash with the named hash, piece by piece; raises `UnknownScheme`."""
    if name == "shake256":
        return _Shake256()
    try:
        return hashlib.new(name.replace("sha3-", "sha3_"), usedforsecurity=False)
    except ValueError:
        raise UnknownScheme(f"hash {name}") from None


def new_hash(name: str) -> hashes.HashAlgorithm:
    """Build the named hash; raises `UnknownScheme`."""
    try:
        return HASHES[name]()
    except KeyError:
        raise UnknownScheme(f"hash {name}") from None


def key_facts(key: CertificatePublicKeyTypes | None) -> KeyFacts:
    """Return kind and size of a key; ("unknown", 0) for one nobody here can use."""
    match key:
        case rsa.RSAPublicKey():
            return KeyFacts("rsa", key.key_size)
        case ec.EllipticCurvePublicKey():
            return KeyFacts("ec" if isinstance(key.curve, _CURVES) else key.curve.name, key.curve.key_size)
        case dsa.DSAPublicKey():
            return KeyFacts("dsa", key.key_size)
        case ed25519.Ed25519PublicKey():
            return KeyFacts("ed25519", 256)
        case ed448.Ed448PublicKey():
            return KeyFacts("ed448", 448)
        case _:
            return KeyFacts("unknown", 0)


def scheme_of_parsed(signed: x509.Certificate | x509.CertificateRevocationList) -> Scheme:
    """Return the scheme of the signature on what `cryptography` has read; raises `UnknownScheme`."""
    try:
        parameters, hash_algorithm = signed.signature_algorithm_parameters, signed.signature_hash_algorithm
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnknownScheme(str(error)) from error
    name = hash_algorithm.name if hash_algorithm is not None else ""
    match parameters:
        case padding.PSS():
            salt = parameters._salt_length  # noqa: SLF001 - not public
            mask = parameters.mgf._algorithm.name  # noqa: SLF001 - likewise
            return Scheme(SchemeKind.RSA_PSS, name, mask, salt if isinstance(salt, int) else None)
        case padding.PKCS1v15():
            return Scheme(SchemeKind.RSA, name)
        case ec.ECDSA():
            return Scheme(SchemeKind.ECDSA, name)
        case _:
            return scheme_of_signature_oid(signed.signature_algorithm_oid.dotted_string, name)


_SIGNATURE_OIDS: dict[str, SchemeKind] = {
    **dict.fromkeys((f"1.2.840.113549.1.1.{number}" for number in (1, 4, 5, 11, 12, 13, 14)), SchemeKind.RSA),
    **dict.fromkeys((f"{_NIST}.{number}" for number in range(13, 17)), SchemeKind.RSA),
    "1.3.14.3.2.29": SchemeKind.RSA,  # with SHA-1, as OIW named it before PKCS #1 did
    "1.2.840.113549.1.1.10": SchemeKind.RSA_PSS,
    "1.2.840.10045.4.1": SchemeKind.ECDSA,
    **dict.fromkeys((f"1.2.840.10045.4.3.{number}" for number in range(1, 5)), SchemeKind.ECDSA),
    **dict.fromkeys((f"{_NIST}.{number}" for number in range(9, 13)), SchemeKind.ECDSA),
    "1.3.101.112": SchemeKind.ED25519,
    "1.3.101.113": SchemeKind.ED448,
    "1.2.840.10040.4.3": SchemeKind.DSA,
    **dict.fromkeys((f"{_NIST}.{number}" for number in range(1, 9)), SchemeKind.DSA),
}


def scheme_of_signature_oid(oid: str, hash_name: str) -> Scheme:
    """Turn a signature algorithm and the hash it names into a scheme; raises `UnknownScheme`."""
    try:
        kind = _SIGNATURE_OIDS[oid]
    except KeyError:
        raise UnknownScheme(oid) from None
    return Scheme(kind, "" if kind in EDDSA else hash_name)


def verify(key: CertificatePublicKeyTypes | None, signature: bytes, data: bytes, scheme: Scheme) -> bool:
    """Check `signature` (DER for ECDSA and DSA) over `data`; raises `UnknownScheme` when it cannot be computed."""
    try:
        _check(key, signature, data, scheme)
    except InvalidSignature:
        return False
    except (UnsupportedAlgorithm, ValueError, TypeError, OverflowError) as error:
        raise UnknownScheme(f"{scheme.kind}: {error}") from error
    return True


def _check(key: CertificatePublicKeyTypes | None, signature: bytes, data: bytes, scheme: Scheme) -> None:
    match key, scheme.kind:
        case rsa.RSAPublicKey(), SchemeKind.RSA:
            try:
                key.verify(signature, data, padding.PKCS1v15(), new_hash(scheme.hash_name))
            except InvalidSignature:
                _check_without_null(key, signature, data, scheme.hash_name)
        case rsa.RSAPublicKey(), SchemeKind.RSA_PSS:
            mask = padding.MGF1(new_hash(scheme.mgf_hash_name or scheme.hash_name))
            salt = padding.PSS.AUTO if scheme.salt is None else scheme.salt
            key.verify(signature, data, padding.PSS(mask, salt), new_hash(scheme.hash_name))
        case ec.EllipticCurvePublicKey(), SchemeKind.ECDSA:
            key.verify(signature, data, ec.ECDSA(new_hash(scheme.hash_name)))
        case dsa.DSAPublicKey(), SchemeKind.DSA:
            key.verify(signature, data, new_hash(scheme.hash_name))
        case ed25519.Ed25519PublicKey(), SchemeKind.ED25519:
            key.verify(signature, data)
        case ed448.Ed448PublicKey(), SchemeKind.ED448:
            key.verify(signature, data)
        case _ if isinstance(key, _USABLE):
            raise InvalidSignature  # no key of this kind makes a value of that scheme
        case _:
            raise UnknownScheme(f"{scheme.kind} with a key of a kind that is not known here")


# Digest identifiers (RFC 8017 appendix B.1) as DER; the AlgorithmIdentifier around one here holds nothing else.
_DIGEST_IDENTIFIERS = {
    name: bytes.fromhex(value)
    for name, value in {
        "md5": "06082a864886f70d0205",
        "sha1": "06052b0e03021a",
        **{
            name: f"06096086480165030402{last:02x}"
            for last, name in enumerate(
                ("sha256", "sha384", "sha512", "sha224", "", "", "sha3-224", "sha3-256", "sha3-384", "sha3-512"), 1
            )
            if name
        },
    }.items()
}


def _check_without_null(key: rsa.RSAPublicKey, signature: bytes, data: bytes, hash_name: str) -> None:
    """Check against the other encoding of DigestInfo, without NULL, which older cards wrote (RFC 8017 §9.2, note 2).

    The whole block is compared with the one that is expected. Nothing of it is parsed: that is how signatures with an
    exponent of 3 are forged (Bleichenbacher, CVE-2006-4339). Raises `InvalidSignature`.
    """
    identifier = _DIGEST_IDENTIFIERS.get(hash_name)
    if identifier is None:
        raise InvalidSignature
    machine = hasher(hash_name)
    machine.update(data)
    value = machine.digest()
    inner = bytes((0x30, len(identifier))) + identifier + bytes((0x04, len(value))) + value
    expected = bytes((0x30, len(inner))) + inner
    if key.recover_data_from_signature(signature, padding.PKCS1v15(), None) != expected:
        raise InvalidSignature
