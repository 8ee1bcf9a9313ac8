"""An OCSP response (RFC 6960 §4.2.1) read by X.690's basic rules, after `cryptography` refused it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from signing.asn1 import tlv
from signing.pki.answers import OcspAnswer, OcspSingle
from signing.pki.certificate_files import readable_certificates
from signing.pki.schemes import digest_name, scheme_of_certificate
from signing.pki.times import asn1_time
from signing.pki.tolerant.names import read_name
from signing.reading.facts import RevocationStatus

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

__all__ = ["read_ocsp_tolerantly"]

_BASIC = "1.3.6.1.5.5.7.48.1.1"
_ARCHIVE_CUTOFF = "1.3.6.1.5.5.7.48.1.6"
_SUCCESSFUL = b"\x00"
_TAG_0, _TAG_1, _TAG_2 = 0xA0, 0xA1, 0xA2
_GOOD, _UNKNOWN = (0x80, 0xA0), (0x82, 0xA2)
_CERTIFICATE_HOLD = 6
_MOST_SINGLES = 4096
_LARGEST = 256 * 1024


def read_ocsp_tolerantly(der: bytes) -> OcspAnswer | None:
    """Read a response; None for one that reports an error status. Raises `ValueError` or `IndexError`."""
    if len(der) > _LARGEST:
        raise ValueError("larger than any responder's answer")
    status, *body = tlv.children(tlv.only(der, tlv.SEQUENCE).content)
    if tlv.expect(status, tlv.ENUMERATED).content != _SUCCESSFUL:
        return None
    kind, basic = tlv.children(tlv.children(tlv.expect(body[0], _TAG_0).content)[0].content)
    if tlv.oid(kind) != _BASIC:
        raise ValueError("a response of another kind")
    signed, algorithm, signature, *certificates = tlv.children(tlv.only(tlv.octets(basic), tlv.SEQUENCE).content)
    parts = tlv.children(tlv.expect(signed, tlv.SEQUENCE).content)
    if parts[0].tag == _TAG_0:  # version 0, the default, may be written out in BER
        (version,) = tlv.children(parts.pop(0).content)
        if tlv.integer(version) != 0:
            raise ValueError("a response of a version there is not")
    responder, produced, responses, *_ = parts
    name, key_hash = _responder(responder)
    listed = tlv.children(tlv.expect(responses, tlv.SEQUENCE).content, most=_MOST_SINGLES)
    held = tlv.children(tlv.children(certificates[0].content)[0].content) if certificates else []
    return OcspAnswer(
        sha256=hashlib.sha256(der).hexdigest(),
        scheme=scheme_of_certificate(algorithm),
        signature=tlv.bits(signature),
        signed=signed.whole,
        certificates=readable_certificates(one.whole for one in held),
        responder_name=name,
        responder_key_hash=key_hash,
        produced_at=asn1_time(produced),
        singles=tuple(_single(one) for one in listed),
        covers_expired=bool(listed) and _has_cutoff(listed[0]),
    )


def _responder(element: tlv.Tlv) -> tuple[x509.Name | None, bytes | None]:
    (value,) = tlv.children(element.content)
    match element.tag:
        case 0xA1:
            return read_name(value), None
        case 0xA2:
            return None, tlv.octets(value)
        case _:
            raise ValueError("a responder named in no known way")


def _single(element: tlv.Tlv) -> OcspSingle:
    identifier, status, this_update, *rest = tlv.children(tlv.expect(element, tlv.SEQUENCE).content)
    algorithm, name_hash, key_hash, serial = tlv.children(tlv.expect(identifier, tlv.SEQUENCE).content)
    said, revoked_at = _status(status)
    return OcspSingle(
        serial=tlv.integer(serial),
        hash_name=digest_name(algorithm),
        issuer_name_hash=tlv.octets(name_hash),
        issuer_key_hash=tlv.octets(key_hash),
        status=said,
        this_update=asn1_time(this_update),
        next_update=asn1_time(tlv.children(rest[0].content)[0]) if rest and rest[0].tag == _TAG_0 else None,
        revoked_at=revoked_at,
    )


def _status(element: tlv.Tlv) -> tuple[RevocationStatus, datetime | None]:
    """Read CertStatus; an unknown reason leaves the certificate revoked (RFC 5280 §5.3.1)."""
    if element.tag in _GOOD:
        return RevocationStatus.GOOD, None
    if element.tag in _UNKNOWN:
        return RevocationStatus.UNKNOWN, None
    when, *reason = tlv.children(tlv.expect(element, _TAG_1).content)
    on_hold = bool(reason) and tlv.children(reason[0].content)[0].content == bytes((_CERTIFICATE_HOLD,))
    return RevocationStatus.ON_HOLD if on_hold else RevocationStatus.REVOKED, asn1_time(when)


def _has_cutoff(single: tlv.Tlv) -> bool:
    extensions = [one for one in tlv.children(single.content)[3:] if one.tag == _TAG_1]
    listed = tlv.children(tlv.children(extensions[0].content)[0].content) if extensions else []
    return any(tlv.oid(tlv.children(one.content)[0]) == _ARCHIVE_CUTOFF for one in listed)
