"""The CAdES archive time stamp, version 3 (EN 319 122-1 §5.5.3): the octets it covers and the evidence it protects.

It covers the content's digest, the SignerInfo's fields, and an index of digests (ATSHashIndexV3, an unsigned attribute
of the stamp itself) of every certificate, revocation answer and unsigned attribute it protects. An index with a digest
of something absent belongs to a stamp over something else.
"""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING, NamedTuple

from signing.asn1 import tlv
from signing.asn1.canonical import as_der, sorted_set
from signing.cms.signed_data import DIGEST_OIDS, digest, ocsp_response_around
from signing.cms.timestamp_tokens import read_token
from signing.pki.keys import UnknownScheme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from signing.cms.signed_data import CmsSigner, SignedData

__all__ = ["ArchiveTimestampInput", "archive_octets"]

_HASH_INDEX_V3 = "0.4.0.19122.1.5"
_SIGNED_ATTRIBUTES = 0xA0
_MOST_REENCODED = 1 << 18
_OCSP_BASIC = "1.3.6.1.5.5.7.48.1.1"


class ArchiveTimestampInput(NamedTuple):
    """The octets a stamp must cover, the SHA-256 of the blobs it proves, and the hash algorithm of its index."""

    octets: bytes | None = None
    proves: frozenset[str] = frozenset()
    index_hash: str = ""


def archive_octets(
    stamp: bytes, signed: SignedData, signer: CmsSigner, content: Callable[[str], bytes | None]
) -> ArchiveTimestampInput:
    """Return the octets an archive time stamp must cover.

    None instead of octets for another version, an unknown digest algorithm, or content that is not available.
    """
    try:
        token = read_token(stamp)
        (index,) = token.signer.unsigned.get(_HASH_INDEX_V3, ())
        name, certificates, revocation, attributes = _index(index)
        hashed = content(token.imprint_hash)
        if hashed is None:
            return ArchiveTimestampInput()
        proven: set[str] = set()
        for listed, blobs in (
            (certificates, [(one, one) for one in signed.certificate_ders]),
            (revocation, [(one, _evidence_in(one)) for one in signed.revocation_ders]),
            (attributes, [(kind + value, value) for kind, value in signer.unsigned_raw]),
        ):
            there = {digest(name, protected): blob for protected, blob in blobs}
            if any(one not in there for one in listed):
                there |= {digest(name, form): blob for form, blob in _reencoded(blobs)}
            if any(one not in there for one in listed):
                return ArchiveTimestampInput(b"")
            proven |= {hashlib.sha256(there[one]).hexdigest() for one in listed}
        octets = signed.content_type_der + hashed + signer.fields + index.whole
        if digest(token.imprint_hash, octets) != token.imprint:
            octets = as_der(tlv.read(signed.content_type_der)[0]) + hashed + _fields(signer.fields) + as_der(index)
    except (ValueError, IndexError, UnknownScheme):
        return ArchiveTimestampInput()
    return ArchiveTimestampInput(octets, frozenset(proven), name)


def _reencoded(blobs: list[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the protected elements in DER: signers hash BER elements in either encoding. The work is bounded."""
    size = 0
    for protected, blob in blobs:
        size += len(protected)
        if size > _MOST_REENCODED:
            return
        with contextlib.suppress(ValueError):
            yield b"".join(map(as_der, tlv.children(protected))), blob


def _fields(octets: bytes) -> bytes:
    """Encode a signer's fields in DER; its signed attributes are a SET OF under another tag (RFC 5652 §5.3)."""
    encoded = []
    for part in tlv.children(octets):
        one = as_der(part)
        if part.tag == _SIGNED_ATTRIBUTES:
            ordered = sorted_set([as_der(attribute) for attribute in tlv.children(part.content)])
            one = bytes((part.tag,)) + ordered[1:]
        encoded.append(one)
    return b"".join(encoded)


def _evidence_in(der: bytes) -> bytes:
    """Return the evidence in an entry of SignedData.crls: of RFC 5940 the response without its holder.

    Only what the index names is protected: an answer added later is not proven older than it is.
    """
    holder, _ = tlv.read(der)
    if holder.tag == tlv.SEQUENCE:  # a CRL
        return der
    kind, value = tlv.children(holder.content)[:2]
    return ocsp_response_around(value.whole) if tlv.oid(kind) == _OCSP_BASIC else value.whole


def _index(element: tlv.Tlv) -> tuple[str, list[bytes], list[bytes], list[bytes]]:
    parts = tlv.children(element.content)
    name = "sha256"
    if len(parts) == 4:  # noqa: PLR2004 - the algorithm is there
        name = DIGEST_OIDS.get(tlv.algorithm(parts.pop(0))[0], "")
    certificates, revocation, attributes = ([tlv.octets(one) for one in tlv.children(part.content)] for part in parts)
    return name, certificates, revocation, attributes
