"""An OCSP response (RFC 6960 §4.2.1) read by X.690's basic rules, after `cryptography` refused it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from signing import _der
from signing.answers import OcspAnswer, OcspSingle
from signing.certificates import readable_certificates
from signing.facts import RevocationStatus
from signing.schemes import digest_name, scheme_of_certificate
from signing.times import asn1_time
from signing.tolerant.names import read_name

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

__all__ = ["read_ocsp"]

_BASIC = "1.3.6.1.5.5.7.48.1.1"
_ARCHIVE_CUTOFF = "1.3.6.1.5.5.7.48.1.6"
_SUCCESSFUL = b"\x00"
_TAG_0, _TAG_1, _TAG_2 = 0xA0, 0xA1, 0xA2
_GOOD, _UNKNOWN = (0x80, 0xA0), (0x82, 0xA2)
_CERTIFICATE_HOLD = 6
_MOST_SINGLES = 4096
_LARGEST = 256 * 1024


def read_ocsp(der: bytes) -> OcspAnswer | None:
    """Read a response; None for one that reports an error status. Raises `ValueError` or `IndexError`."""
    if len(der) > _LARGEST:
        raise ValueError("larger than any responder's answer")
    status, *body = _der.children(_der.only(der, _der.SEQUENCE).content)
    if _der.expect(status, _der.ENUMERATED).content != _SUCCESSFUL:
        return None
    kind, basic = _der.children(_der.children(_der.expect(body[0], _TAG_0).content)[0].content)
    if _der.oid(kind) != _BASIC:
        raise ValueError("a response of another kind")
    signed, algorithm, signature, *certificates = _der.children(_der.only(_der.octets(basic), _der.SEQUENCE).content)
    parts = _der.children(_der.expect(signed, _der.SEQUENCE).content)
    if parts[0].tag == _TAG_0:  # version 0, the default, may be written out in BER
        (version,) = _der.children(parts.pop(0).content)
        if _der.integer(version) != 0:
            raise ValueError("a response of a version there is not")
    responder, produced, responses, *_ = parts
    name, key_hash = _responder(responder)
    listed = _der.children(_der.expect(responses, _der.SEQUENCE).content, most=_MOST_SINGLES)
    held = _der.children(_der.children(certificates[0].content)[0].content) if certificates else []
    return OcspAnswer(
        sha256=hashlib.sha256(der).hexdigest(),
        scheme=scheme_of_certificate(algorithm),
        signature=_der.bits(signature),
        signed=signed.whole,
        certificates=readable_certificates(one.whole for one in held),
        responder_name=name,
        responder_key_hash=key_hash,
        produced_at=asn1_time(produced),
        singles=tuple(_single(one) for one in listed),
        covers_expired=bool(listed) and _has_cutoff(listed[0]),
    )


def _responder(element: _der.Tlv) -> tuple[x509.Name | None, bytes | None]:
    (value,) = _der.children(element.content)
    match element.tag:
        case 0xA1:
            return read_name(value), None
        case 0xA2:
            return None, _der.octets(value)
        case _:
            raise ValueError("a responder named in no known way")


def _single(element: _der.Tlv) -> OcspSingle:
    identifier, status, this_update, *rest = _der.children(_der.expect(element, _der.SEQUENCE).content)
    algorithm, name_hash, key_hash, serial = _der.children(_der.expect(identifier, _der.SEQUENCE).content)
    said, revoked_at = _status(status)
    return OcspSingle(
        serial=_der.integer(serial),
        hash_name=digest_name(algorithm),
        issuer_name_hash=_der.octets(name_hash),
        issuer_key_hash=_der.octets(key_hash),
        status=said,
        this_update=asn1_time(this_update),
        next_update=asn1_time(_der.children(rest[0].content)[0]) if rest and rest[0].tag == _TAG_0 else None,
        revoked_at=revoked_at,
    )


def _status(element: _der.Tlv) -> tuple[RevocationStatus, datetime | None]:
    """Read CertStatus; an unknown reason leaves the certificate revoked (RFC 5280 §5.3.1)."""
    if element.tag in _GOOD:
        return RevocationStatus.GOOD, None
    if element.tag in _UNKNOWN:
        return RevocationStatus.UNKNOWN, None
    when, *reason = _der.children(_der.expect(element, _TAG_1).content)
    on_hold = bool(reason) and _der.children(reason[0].content)[0].content == bytes((_CERTIFICATE_HOLD,))
    return RevocationStatus.ON_HOLD if on_hold else RevocationStatus.REVOKED, asn1_time(when)


def _has_cutoff(single: _der.Tlv) -> bool:
    extensions = [one for one in _der.children(single.content)[3:] if one.tag == _TAG_1]
    listed = _der.children(_der.children(extensions[0].content)[0].content) if extensions else []
    return any(_der.oid(_der.children(one.content)[0]) == _ARCHIVE_CUTOFF for one in listed)
