"""XML Signature algorithm identifiers and what they mean here (RFC 6931, RFC 9231)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from signing.pki.keys import HASHES, Scheme, SchemeKind, new_hash
from signing.xml.tree import DIGESTS, DS, local_name, text_of

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["dss_signature", "scheme_of_method"]

_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_MORE_2007 = "http://www.w3.org/2007/05/xmldsig-more#"
_MORE_2021 = "http://www.w3.org/2021/04/xmldsig-more#"

_METHODS: dict[str, Scheme] = {
    f"{DS}rsa-sha1": Scheme(SchemeKind.RSA, "sha1"),
    f"{_MORE}rsa-md5": Scheme(SchemeKind.RSA, "md5"),
    **{f"{_MORE}rsa-sha{bits}": Scheme(SchemeKind.RSA, f"sha{bits}") for bits in (224, 256, 384, 512)},
    **{f"{_MORE}ecdsa-sha{bits}": Scheme(SchemeKind.ECDSA, f"sha{bits}") for bits in (1, 224, 256, 384, 512)},
    **{f"{_MORE_2021}ecdsa-sha3-{bits}": Scheme(SchemeKind.ECDSA, f"sha3-{bits}") for bits in (224, 256, 384, 512)},
    # Without parameters all of them follow from the digest: mask function, and the salt's length (RFC 9231 §2.3.10).
    f"{_MORE_2007}sha1-rsa-MGF1": Scheme(SchemeKind.RSA_PSS, "sha1", "sha1", 20),
    **{
        f"{_MORE_2007}{family}{bits}-rsa-MGF1": Scheme(
            SchemeKind.RSA_PSS, f"{family}{bits}", f"{family}{bits}", bits // 8
        )
        for family in ("sha", "sha3-")
        for bits in (224, 256, 384, 512)
    },
    f"{DS}dsa-sha1": Scheme(SchemeKind.DSA, "sha1"),
    "http://www.w3.org/2009/xmldsig11#dsa-sha256": Scheme(SchemeKind.DSA, "sha256"),
    f"{_MORE_2021}eddsa-ed25519": Scheme(SchemeKind.ED25519, ""),
    f"{_MORE_2021}eddsa-ed448": Scheme(SchemeKind.ED448, ""),
}
_PSS_WITH_PARAMETERS = f"{_MORE_2007}rsa-pss"
_MGF1 = f"{_MORE_2007}MGF1"
_LONGEST_SALT = 4  # digits; no key has room for more


def scheme_of_method(method: _Element) -> Scheme | None:
    """Return how ds:SignatureMethod says the signature was made; None for an algorithm not supported here."""
    algorithm = method.get("Algorithm") or ""
    if algorithm == _PSS_WITH_PARAMETERS:
        return _pss(method)
    return _METHODS.get(algorithm)


def _pss(method: _Element) -> Scheme | None:
    """Read RSAPSSParams (RFC 9231 §2.3.9); the defaults are SHA-256, the same for the mask, and its length."""
    digest_name, mask_name, salt = "sha256", "", None
    for element in (one for holder in method if local_name(holder) == "RSAPSSParams" for one in holder):
        text = text_of(element).strip()
        match local_name(element):
            case "DigestMethod":
                digest_name = DIGESTS.get(element.get("Algorithm") or "", "")
            case "MaskGenerationFunction" if element.get("Algorithm") == _MGF1:
                named = [one.get("Algorithm") or "" for one in element if local_name(one) == "DigestMethod"]
                mask_name = DIGESTS.get(named[0], "unknown") if named else ""
            case "SaltLength" if text.isascii() and text.isdigit() and len(text) <= _LONGEST_SALT:
                salt = int(text)
            case "TrailerField" if text == "1":
                continue
            case "":  # a comment
                continue
            case _:
                return None
    if digest_name not in HASHES:
        return None
    return Scheme(
        SchemeKind.RSA_PSS,
        digest_name,
        mask_name or digest_name,
        new_hash(digest_name).digest_size if salt is None else salt,
    )


def dss_signature(raw: bytes) -> bytes:
    """Turn the r‖s that XML carries (RFC 4050, XML Signature §6.4.3) into the DER that is checked."""
    half, odd = divmod(len(raw), 2)
    if odd or not raw:
        raise ValueError("r and s are of one length")
    return encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))
