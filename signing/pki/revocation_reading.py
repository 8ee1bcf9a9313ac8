"""OCSP responses and CRLs from bytes to `signing.pki.answers`, by `cryptography` or, where it refuses, by `tolerant`.

What the library raises late, at a getter, counts as a refusal like any other: the whole is then read by the other one.
"""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from signing.pki.answers import Crl, CrlEntry, CrlScope, OcspAnswer, OcspSingle
from signing.pki.certificate_files import readable_certificates
from signing.pki.keys import SchemeKind, UnknownScheme, scheme_of_parsed, scheme_of_signature_oid
from signing.pki.tolerant.crl import read_crl_tolerantly
from signing.pki.tolerant.ocsp import read_ocsp_tolerantly
from signing.reading.facts import RevocationStatus

if TYPE_CHECKING:
    from cryptography.hazmat.primitives import hashes

__all__ = ["REFUSED", "read_crl", "read_ocsp", "strict_crl", "strict_ocsp"]

# Answers are remembered between documents by their bytes; large ones are not, or hostile files would fill memory.
_KEPT = 32 * 1024
_ARCHIVE_CUTOFF = x509.ObjectIdentifier("1.3.6.1.5.5.7.48.1.6")
_EXPIRED_CERTS_ON_CRL = x509.ObjectIdentifier("2.5.29.60")
# What `cryptography` raises for bytes it cannot read, some of it only when a part is asked for.
REFUSED = (
    ValueError,
    TypeError,
    UserWarning,
    UnsupportedAlgorithm,
    UnknownScheme,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


def read_ocsp(der: bytes) -> OcspAnswer | None:
    """Read an OCSPResponse; None for bytes that are none, or that report an error status (RFC 6960 §4.2.1)."""
    return _read_ocsp(der) if len(der) <= _KEPT else _read_ocsp.__wrapped__(der)


@functools.lru_cache(maxsize=512)
def _read_ocsp(der: bytes) -> OcspAnswer | None:
    try:
        return strict_ocsp(der)
    except REFUSED:
        pass
    try:
        return read_ocsp_tolerantly(der)
    except (ValueError, IndexError):
        return None


def strict_ocsp(der: bytes) -> OcspAnswer | None:
    """Read it with `cryptography`; raises one of `REFUSED`."""
    response = ocsp.load_der_ocsp_response(der)
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        return None
    scheme = scheme_of_signature_oid(
        response.signature_algorithm_oid.dotted_string, _hash_name(response.signature_hash_algorithm)
    )
    if scheme.kind is SchemeKind.RSA_PSS:
        raise UnknownScheme("the library does not tell the parameters")
    return OcspAnswer(
        sha256=hashlib.sha256(der).hexdigest(),
        scheme=scheme,
        signature=response.signature,
        signed=response.tbs_response_bytes,
        certificates=readable_certificates(one.public_bytes(Encoding.DER) for one in response.certificates),
        responder_name=response.responder_name,
        responder_key_hash=response.responder_key_hash,
        produced_at=response.produced_at_utc,
        singles=tuple(_single(one) for one in response.responses),
        covers_expired=any(one.oid == _ARCHIVE_CUTOFF for one in response.single_extensions),
    )


def _hash_name(algorithm: hashes.HashAlgorithm | None) -> str:
    return algorithm.name if algorithm is not None else ""


def _single(single: ocsp.OCSPSingleResponse) -> OcspSingle:
    return OcspSingle(
        serial=single.serial_number,
        hash_name=single.hash_algorithm.name,
        issuer_name_hash=single.issuer_name_hash,
        issuer_key_hash=single.issuer_key_hash,
        status=_ocsp_status(single),
        this_update=single.this_update_utc,
        next_update=single.next_update_utc,
        revoked_at=single.revocation_time_utc,
    )


def _ocsp_status(single: ocsp.OCSPSingleResponse) -> RevocationStatus:
    match single.certificate_status:
        case ocsp.OCSPCertStatus.GOOD:
            return RevocationStatus.GOOD
        case ocsp.OCSPCertStatus.REVOKED:
            on_hold = single.revocation_reason is x509.ReasonFlags.certificate_hold
            return RevocationStatus.ON_HOLD if on_hold else RevocationStatus.REVOKED
        case _:
            return RevocationStatus.UNKNOWN


def read_crl(der: bytes) -> Crl | None:
    """Read a CRL; None for bytes that are none."""
    return _read_crl(der) if len(der) <= _KEPT else _read_crl.__wrapped__(der)


@functools.lru_cache(maxsize=256)
def _read_crl(der: bytes) -> Crl | None:
    try:
        return strict_crl(der)
    except REFUSED:
        pass
    try:
        return read_crl_tolerantly(der)
    except (ValueError, IndexError):
        return None


def strict_crl(der: bytes) -> Crl:
    """Read all but the entries with `cryptography`; raises one of `REFUSED`."""
    crl = x509.load_der_x509_crl(der)
    scope, whole, covers_expired = CrlScope(), True, False
    for extension in crl.extensions:
        match extension.value:
            case x509.IssuingDistributionPoint() as point:
                scope = _scope(point)
            case x509.DeltaCRLIndicator():
                whole = False
            case _ if extension.oid == _EXPIRED_CERTS_ON_CRL:
                covers_expired = True
            case _:
                whole = whole and not extension.critical
    return Crl(
        sha256=hashlib.sha256(der).hexdigest(),
        scheme=scheme_of_parsed(crl),
        signature=crl.signature,
        signed=crl.tbs_certlist_bytes,
        issuer=crl.issuer,
        this_update=crl.last_update_utc,
        next_update=crl.next_update_utc,
        entry=lambda serial: _entry(crl, der, serial),
        whole=whole,
        scope=scope,
        covers_expired=covers_expired,
    )


def _scope(point: x509.IssuingDistributionPoint) -> CrlScope:
    return CrlScope(
        names=tuple(point.full_name or ()),
        user_only=point.only_contains_user_certs,
        ca_only=point.only_contains_ca_certs,
        partial=bool(
            point.indirect_crl
            or point.only_some_reasons
            or point.only_contains_attribute_certs
            or point.relative_name is not None
        ),
    )


def _entry(crl: x509.CertificateRevocationList, der: bytes, serial: int) -> CrlEntry | None:
    """Find an entry; where the library cannot read it, our own reader does. Raises `ValueError`, `IndexError`."""
    try:
        entry = crl.get_revoked_certificate_by_serial_number(serial)
        if entry is None:
            return None
        return CrlEntry(_crl_status(entry), entry.revocation_date_utc)
    except REFUSED:
        return read_crl_tolerantly(der).entry(serial)


def _crl_status(entry: x509.RevokedCertificate) -> RevocationStatus:
    try:
        reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except x509.ExtensionNotFound:
        return RevocationStatus.REVOKED
    if reason is x509.ReasonFlags.certificate_hold:
        return RevocationStatus.ON_HOLD
    if reason is x509.ReasonFlags.remove_from_crl:
        return RevocationStatus.GOOD
    return RevocationStatus.REVOKED
