"""Algorithm identifiers as ASN.1 writes them: which digest, which signature scheme (RFC 3279, 4055, 5758, 8419, 8702).

Serves CMS, certificates and revocation answers alike; XML has its own names (`signing.xades.algorithms`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signing.asn1 import tlv
from signing.pki.keys import Scheme, SchemeKind, UnknownScheme, hasher, scheme_of_signature_oid

if TYPE_CHECKING:
    from signing.asn1.tlv import Tlv

__all__ = ["DIGEST_OIDS", "digest", "digest_name", "pss_scheme", "scheme_of_certificate", "scheme_of_signer"]

DIGEST_OIDS = {
    "1.2.840.113549.2.5": "md5",
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "2.16.840.1.101.3.4.2.7": "sha3-224",
    "2.16.840.1.101.3.4.2.8": "sha3-256",
    "2.16.840.1.101.3.4.2.9": "sha3-384",
    "2.16.840.1.101.3.4.2.10": "sha3-512",
    "2.16.840.1.101.3.4.2.12": "shake256",
    "2.16.840.1.101.3.4.2.18": "shake256",  # id-shake256-len; in CMS its length is 512 bits (RFC 8702 §3.1)
}
# Signature algorithms that name their hash (RFC 4055, 5758, 8017, 9688); the others take the signer's digest.
_SIGNATURE_HASHES = {
    "1.2.840.113549.1.1.4": "md5",
    "1.2.840.113549.1.1.5": "sha1",
    "1.2.840.113549.1.1.14": "sha224",
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
    "1.3.14.3.2.29": "sha1",
    "1.2.840.10045.4.1": "sha1",
    "1.2.840.10045.4.3.1": "sha224",
    "1.2.840.10045.4.3.2": "sha256",
    "1.2.840.10045.4.3.3": "sha384",
    "1.2.840.10045.4.3.4": "sha512",
    "1.2.840.10040.4.3": "sha1",
    **{
        f"2.16.840.1.101.3.4.3.{first + number}": name
        for first, names in (
            (1, ("sha224", "sha256", "sha384", "sha512")),  # DSA
            *((first, ("sha3-224", "sha3-256", "sha3-384", "sha3-512")) for first in (5, 9, 13)),  # DSA, ECDSA, RSA
        )
        for number, name in enumerate(names)
    },
}
# RFC 8419 §3.1: no other digest of the content is allowed.
_EDDSA_DIGESTS = {"1.3.101.112": "sha512", "1.3.101.113": "shake256"}
# Key identifiers used as signature identifiers: the hash is the signer's digest (RFC 3370 §3.1, RFC 5753 §2.1.1).
_KEY_OIDS = {"1.2.840.10045.2.1": SchemeKind.ECDSA, "1.2.840.10040.4.1": SchemeKind.DSA}
_PSS = "1.2.840.113549.1.1.10"
_MGF1 = "1.2.840.113549.1.1.8"
_NULL = 0x05


def digest(name: str, data: bytes) -> bytes:
    """Hash data with the named hash; raises `UnknownScheme` for a name there is no hash for."""
    machine = hasher(name)
    machine.update(data)
    return machine.digest()


def digest_name(element: Tlv) -> str:
    """Name the hash of a digest AlgorithmIdentifier; "" for one nobody here knows.

    Some signers write the signature algorithm there (RFC 5754 §2 asks for the digest's own); it names one hash too.
    """
    oid = tlv.algorithm(element)[0]
    return DIGEST_OIDS.get(oid) or _SIGNATURE_HASHES.get(oid, "")


def scheme_of_signer(element: Tlv, hash_name: str) -> Scheme | None:
    """Read the signature AlgorithmIdentifier of a SignerInfo whose digest is `hash_name`; None for an unknown one."""
    name, parameters = tlv.algorithm(element)
    if name == _PSS:
        return pss_scheme(parameters)
    if _EDDSA_DIGESTS.get(name, hash_name) != hash_name:
        return None
    if name in _KEY_OIDS:
        return Scheme(_KEY_OIDS[name], hash_name)
    try:
        return scheme_of_signature_oid(name, _SIGNATURE_HASHES.get(name, hash_name))
    except UnknownScheme:
        return None


def scheme_of_certificate(element: Tlv) -> Scheme:
    """Read the signature AlgorithmIdentifier of a certificate, an OCSP response or a CRL; raises `UnknownScheme`.

    Parameters of RSA, ECDSA and DSA say nothing: NULL and absent mean the same (RFC 4055 §5, RFC 5758 §3.2).
    """
    try:
        name, parameters = tlv.algorithm(element)
        pss = pss_scheme(parameters) if name == _PSS else None
    except (ValueError, IndexError) as error:
        raise UnknownScheme(str(error)) from error
    if name == _PSS:
        if pss is None:
            raise UnknownScheme("RSASSA-PSS with parameters of another kind")
        return pss
    if parameters is not None and (parameters.tag != _NULL or parameters.content):
        raise UnknownScheme(f"{name} with parameters")
    scheme = scheme_of_signature_oid(name, _SIGNATURE_HASHES.get(name, ""))
    if not scheme.hash_name and name not in _EDDSA_DIGESTS:
        raise UnknownScheme(f"{name} names no hash")
    return scheme


def pss_scheme(parameters: Tlv | None) -> Scheme | None:
    """Read RSASSA-PSS-params (RFC 4055 §3.1): what is not said is SHA-1 and 20; None for what is no such scheme."""
    hash_name, mask_name, salt = "sha1", "sha1", 20
    for part in tlv.children(parameters.content) if parameters is not None else ():
        value = tlv.children(part.content)[0]
        match part.tag:
            case 0xA0:
                hash_name = DIGEST_OIDS.get(tlv.algorithm(value)[0], "")
            case 0xA1:
                function, inner = tlv.algorithm(value)
                mask_name = DIGEST_OIDS.get(tlv.algorithm(inner)[0], "") if inner is not None else "sha1"
                if function != _MGF1:
                    return None
            case 0xA2:
                salt = tlv.integer(value)
            case 0xA3 if tlv.integer(value) == 1:
                continue
            case _:
                return None
    return Scheme(SchemeKind.RSA_PSS, hash_name, mask_name, salt) if hash_name and mask_name else None
