"""A CRL (RFC 5280 §5.1) read by X.690's basic rules, after `cryptography` refused it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from signing.asn1 import tlv
from signing.pki.answers import Crl, CrlEntry, CrlScope
from signing.pki.schemes import scheme_of_certificate
from signing.pki.times import asn1_time
from signing.pki.tolerant.extensions import distribution_point_names
from signing.pki.tolerant.names import read_name
from signing.reading.facts import RevocationStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read_crl_tolerantly"]

_EXTENSIONS = 0xA0
_TIMES = frozenset({0x17, 0x18})
_VERSION_2 = 1
_MOST_PARTS = 7
_MOST_EXTENSIONS = 64
_POINT = "2.5.29.28"
_DELTA = "2.5.29.27"
_EXPIRED_CERTS = "2.5.29.60"
_REASON = "2.5.29.21"
# Fields of IssuingDistributionPoint (RFC 5280 §5.2.5).
_NAME, _USER_ONLY, _CA_ONLY = 0xA0, 0x81, 0x82
_FLAGS = frozenset({0x81, 0x82, 0x84, 0x85})
_NARROWING = frozenset({0x84, 0x85})
_SOME_REASONS = (0x83, 0xA3)


def read_crl_tolerantly(der: bytes) -> Crl:
    """Read a list; raises `ValueError` or `IndexError` for what is none."""
    signed, algorithm, signature = tlv.children(tlv.only(der, tlv.SEQUENCE).content, most=3)
    parts = tlv.children(tlv.expect(signed, tlv.SEQUENCE).content, most=_MOST_PARTS)
    if parts[0].tag == tlv.INTEGER and tlv.integer(parts.pop(0)) != _VERSION_2:
        raise ValueError("a list of a version there is not")
    _, issuer, this_update, *rest = parts
    next_update = asn1_time(rest.pop(0)) if rest and rest[0].tag in _TIMES else None
    entries = rest.pop(0).content if rest and rest[0].tag == tlv.SEQUENCE else b""
    extensions = _read_extensions(rest.pop(0)) if rest and rest[0].tag == _EXTENSIONS else {}
    if rest:
        raise ValueError("something behind the list that does not belong there")
    known = {_POINT, _EXPIRED_CERTS}
    return Crl(
        sha256=hashlib.sha256(der).hexdigest(),
        scheme=scheme_of_certificate(algorithm),
        signature=tlv.bits(signature),
        signed=signed.whole,
        issuer=read_name(issuer),
        this_update=asn1_time(this_update),
        next_update=next_update,
        entry=lambda serial: _entry(entries, serial),
        whole=_DELTA not in extensions
        and not any(critical for name, (critical, _) in extensions.items() if name not in known),
        scope=_scope(extensions[_POINT][1]) if _POINT in extensions else CrlScope(),
        covers_expired=_EXPIRED_CERTS in extensions,
    )


def _read_extensions(holder: tlv.Tlv) -> dict[str, tuple[bool, bytes]]:
    """Read Extensions inside their [0] to criticality and value; raises `ValueError` for one that stands twice."""
    (listed,) = tlv.children(holder.content)
    found: dict[str, tuple[bool, bytes]] = {}
    for name, critical, value in _each_extension(listed):
        if name in found:
            raise ValueError("an extension twice")
        found[name] = critical, value
    return found


def _each_extension(listed: tlv.Tlv) -> Iterator[tuple[str, bool, bytes]]:
    for one in tlv.children(tlv.expect(listed, tlv.SEQUENCE).content, most=_MOST_EXTENSIONS):
        identifier, *middle, value = tlv.children(tlv.expect(one, tlv.SEQUENCE).content)
        yield tlv.oid(identifier), bool(middle) and tlv.boolean(middle[0]), tlv.octets(value)


def _scope(octets: bytes) -> CrlScope:
    """Read the list's scope; what is not understood makes it partial (RFC 5280 §5.2.5)."""
    parts = {one.tag: one for one in tlv.children(tlv.only(octets, tlv.SEQUENCE).content)}
    said = {tag for tag in _FLAGS & parts.keys() if parts[tag].content != b"\x00"}
    names, complete = distribution_point_names(parts[_NAME]) if _NAME in parts else ([], True)
    return CrlScope(
        names=tuple(names),
        user_only=_USER_ONLY in said,
        ca_only=_CA_ONLY in said,
        partial=bool(
            _NARROWING & said
            or parts.keys() & set(_SOME_REASONS)
            or parts.keys() - {_NAME, *_SOME_REASONS, *_FLAGS}
            or not complete
            or (_NAME in parts and not names)
        ),
    )


def _entry(entries: bytes, serial: int) -> CrlEntry | None:
    """Find a certificate's entry, the first one; raises `ValueError` where an entry cannot be read."""
    offset = 0
    while offset < len(entries):
        entry, offset = tlv.read(entries, offset)
        number, behind = tlv.read(entry.content)
        if tlv.integer(number) == serial:
            when, behind = tlv.read(entry.content, behind)
            return CrlEntry(_status(entry.content[behind:]), asn1_time(when))
    return None


def _status(extensions: bytes) -> RevocationStatus:
    """Read the reason; an unknown or unreadable one leaves the certificate revoked (RFC 5280 §5.3.1)."""
    try:
        listed = list(_each_extension(tlv.only(extensions, tlv.SEQUENCE))) if extensions else []
        codes = [tlv.only(value, tlv.ENUMERATED).content for name, _, value in listed if name == _REASON]
    except (ValueError, IndexError):
        return RevocationStatus.REVOKED
    match codes:
        case [b"\x06"]:
            return RevocationStatus.ON_HOLD
        case [b"\x08"]:  # removeFromCRL
            return RevocationStatus.GOOD
        case _:
            return RevocationStatus.REVOKED
