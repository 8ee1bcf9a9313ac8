"""XML Signature algorithm identifiers and what they mean here (RFC 6931, RFC 9231)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from signing.keys import Scheme, SchemeKind
from signing.xmltree import DIGESTS, DS, local_name

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
    **{
        f"{_MORE_2007}sha{bits}-rsa-MGF1": Scheme(SchemeKind.RSA_PSS, f"sha{bits}", f"sha{bits}", None)
        for bits in (1, 224, 256, 384, 512)
    },
    **{
        f"{_MORE_2007}sha3-{bits}-rsa-MGF1": Scheme(SchemeKind.RSA_PSS, f"sha3-{bits}", f"sha3-{bits}", None)
        for bits in (224, 256, 384, 512)
    },
    f"{DS}dsa-sha1": Scheme(SchemeKind.DSA, "sha1"),
    "http://www.w3.org/2009/xmldsig11#dsa-sha256": Scheme(SchemeKind.DSA, "sha256"),
    f"{_MORE_2021}eddsa-ed25519": Scheme(SchemeKind.EDDSA, ""),
    f"{_MORE_2021}eddsa-ed448": Scheme(SchemeKind.EDDSA, ""),
}
_PSS_WITH_PARAMETERS = f"{_MORE_2007}rsa-pss"


def scheme_of_method(method: _Element) -> Scheme | None:
    """Return how ds:SignatureMethod says the signature was made; None for what nobody here can compute."""
    algorithm = method.get("Algorithm") or ""
    if algorithm == _PSS_WITH_PARAMETERS:
        return _pss(method)
    return _METHODS.get(algorithm)


def _pss(method: _Element) -> Scheme | None:
    """Read RSAPSSParams (RFC 9231 §2.3.9); what is not said is SHA-256 and the length of its digest."""
    digest_name, mask_name, salt = "sha256", "", None
    for element in method.iter():
        match local_name(element):
            case "DigestMethod":
                name = DIGESTS.get(element.get("Algorithm") or "")
                if name is None:
                    return None
                parent = element.getparent()
                if parent is not None and local_name(parent) == "MaskGenerationFunction":
                    mask_name = name
                else:
                    digest_name = name
            case "SaltLength":
                if not (element.text or "").strip().isdigit():
                    return None
                salt = int(element.text or "")
            case _:
                continue
    return Scheme(SchemeKind.RSA_PSS, digest_name, mask_name or digest_name, salt)


def dss_signature(raw: bytes) -> bytes:
    """Turn the r‖s that XML carries (RFC 4050, XML Signature §6.4.3) into the DER that is checked."""
    half, odd = divmod(len(raw), 2)
    if odd or not raw:
        raise ValueError("r and s are of one length")
    return encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))
