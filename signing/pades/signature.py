"""One PDF signature as facts: the CMS in its /Contents, over the bytes in its ByteRange (EN 319 142-1 §4, §5)."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from signing.asn1 import tlv
from signing.cms.signed_data import SIGNING_TIME, read_signed_data
from signing.cms.timestamp_tokens import MAX_STAMPS, read_stamp
from signing.model import Message
from signing.pades.legacy_subfilters import PKCS7_SHA1, X509_RSA_SHA1, encapsulated_references, read_x509_rsa_sha1
from signing.pki.keys import UnknownScheme
from signing.pki.times import pdf_date
from signing.reading.facts import Reference, SignatureFacts, StampKind, ValueCheck
from signing.report.particulars import Claims

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from signing.cms.signed_data import CmsSigner, SignedData
    from signing.pades.coverage import Coverage
    from signing.pades.reader.pdf import SignatureEntry
    from signing.pki.certificates import Certificate
    from signing.reading.facts import StampFacts

__all__ = ["contents_of", "read_document_stamp", "read_signature"]

_DATA = "1.2.840.113549.1.7.1"
_SIGNATURE_STAMP = "1.2.840.113549.1.9.16.2.14"
_ADOBE_REVOCATION = "1.2.840.113583.1.1.8"
_PADES = "ETSI.CAdES.detached"
_OLDER = frozenset({PKCS7_SHA1, X509_RSA_SHA1})
_SUB_FILTERS = frozenset({_PADES, "adbe.pkcs7.detached", *_OLDER})


@dataclass(frozen=True, slots=True)
class _Adobe:
    """Revocation data in the signed attribute adbe-revocationInfoArchival."""

    ocsps: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()


def contents_of(data: bytes, entry: SignatureEntry) -> bytes:
    """Return the DER in a signature's /Contents; raises `ValueError` when there is none.

    Behind it stands padding, which is neither signed nor read; some signers leave stale memory there.
    """
    start, end = entry.contents
    element, _ = tlv.read(bytes.fromhex(data[start + 1 : end - 1].decode("ascii")))
    return element.whole


def read_signature(
    entry: SignatureEntry, coverage: Coverage, data: bytes, *, known: Iterable[Certificate], name: str
) -> SignatureFacts:
    """Read one signature as facts; `known` are certificates from elsewhere in the file, `name` is the document's."""
    format_faults = [] if coverage.fault is None else [coverage.fault]
    if entry.sub_filter not in _SUB_FILTERS:
        format_faults.append(Message.of("pdf.sub-filter", name=entry.sub_filter))
    try:
        if entry.sub_filter == X509_RSA_SHA1:
            facts = read_x509_rsa_sha1(entry, coverage, data, contents_of(data, entry), name)
            facts = replace(facts, claimed_time=_dated(entry), claims=Claims(reason=entry.reason))
        else:
            facts = _read(entry, coverage, data, tuple(known), name)
    except (ValueError, IndexError):
        format_faults.append(Message.of("pdf.signature-unreadable"))
        facts = SignatureFacts(entry.name, "PAdES", ValueCheck.UNKNOWN, None, None)
    if entry.sub_filter in _OLDER:
        facts = replace(facts, warnings=(*facts.warnings, Message.of("pdf.older-kind", kind=entry.sub_filter)))
    facts = replace(facts, format_faults=(*format_faults, *facts.format_faults))
    if coverage.fault is not None:
        return facts
    return replace(facts, byte_range=entry.byte_range, to_the_end=sum(entry.byte_range[2:4]) == len(data))


def _read(
    entry: SignatureEntry, coverage: Coverage, data: bytes, known: Sequence[Certificate], name: str
) -> SignatureFacts:
    signed = read_signed_data(contents_of(data, entry))
    (signer,) = signed.signers
    certificate, certificate_faults, warnings = _signing_certificate(signed, signer, known, entry)
    older = entry.sub_filter == PKCS7_SHA1
    if older:
        references, reference_faults = encapsulated_references(coverage, signed, signer, data, name)
    else:
        references, reference_faults = _references(coverage, signer, data, name)
    adobe = _adobe_revocation(signer)
    content = None
    if signer.signed_attributes is None:
        content = signed.content if older else coverage.signed_bytes(data)
    return SignatureFacts(
        id=entry.name,
        format="PAdES",
        value_check=signer.check(certificate, content),
        certificate=certificate,
        scheme=signer.scheme,
        references=references,
        claimed_time=_claimed_time(entry, signer),
        certificates=signed.certificates,
        ocsps=(*signed.ocsps, *adobe.ocsps),
        crls=(*signed.crls, *adobe.crls),
        stamps=tuple(_signature_stamps(signed, signer, known, adobe)),
        covers=references[0].covers if all(one.intact for one in references) else (),
        format_faults=tuple(_shape_faults(signed, signer, older=older)),
        # An empty encapsulated content hides nothing; its presence breaks a rule, no more.
        constraint_faults=(Message.of("pdf.empty-content"),) if signed.content == b"" and not older else (),
        certificate_faults=certificate_faults,
        reference_faults=reference_faults,
        warnings=warnings,
        claims=Claims(reason=entry.reason),
    )


def read_document_stamp(
    entry: SignatureEntry,
    coverage: Coverage,
    data: bytes,
    *,
    known: Iterable[Certificate],
    proves: frozenset[str],
) -> StampFacts:
    """Read a document time stamp (EN 319 142-1 §5.4.3) as facts; `proves` names the evidence it covers, by SHA-256."""
    try:
        token = contents_of(data, entry)
    except ValueError:
        token = b""

    def over(hash_name: str) -> bytes:
        return coverage.digest(data, hash_name)

    stamp = read_stamp(token, kind=StampKind.DOCUMENT, over=over, known=known, proves=proves)
    if coverage.fault is not None:
        stamp = replace(stamp, faults=(*stamp.faults, coverage.fault))
    return stamp


def _shape_faults(signed: SignedData, signer: CmsSigner, *, older: bool) -> list[Message]:
    """Report what ISO 32000-2 §12.8.3.3 and RFC 5652 §5.3 forbid, whatever the digests say."""
    faults = []
    if signed.content and not older:
        # messageDigest could then be that of the encapsulated content instead of the document.
        faults.append(Message.of("pdf.content-inside"))
    if signed.content_type != _DATA or (signer.signed_attributes is not None and signer.content_type() != _DATA):
        faults.append(Message.of("pdf.content-type"))
    if signer.signed_attributes is not None and signer.message_digest() is None:
        faults.append(Message.of("cms.attributes"))
    if signer.has_duplicate_attributes:
        faults.append(Message.of("cms.duplicate-attributes"))
    return faults


def _signing_certificate(
    signed: SignedData, signer: CmsSigner, known: Iterable[Certificate], entry: SignatureEntry
) -> tuple[Certificate | None, tuple[Message, ...], tuple[Message, ...]]:
    """Find the signing certificate and the signed attribute that binds it (EN 319 122-1 §5.2.2).

    adbe.pkcs7.detached need not bind it: the signer identifier then suffices, with a warning.
    """
    certificate = signed.certificate_of(signer, known)
    if signed.hides(signer, certificate):
        return None, (Message.of("certificate.unreadable"),), ()
    if certificate is None:
        return None, (Message.of("certificate.none"),), ()
    try:
        bindings = signer.bindings()
    except (ValueError, IndexError):
        return certificate, (Message.of("certificate.not-bound"),), ()
    if not bindings:
        warning = Message.of("certificate.not-bound")
        return (certificate, (warning,), ()) if entry.sub_filter == _PADES else (certificate, (), (warning,))
    if not bindings[0].fits(certificate):
        known_hash = bool(bindings[0].digest_name)
        return certificate, (Message.of("certificate.another" if known_hash else "certificate.binding-unknown"),), ()
    return certificate, (), ()


def _references(
    coverage: Coverage, signer: CmsSigner, data: bytes, name: str
) -> tuple[tuple[Reference, ...], tuple[Message, ...]]:
    """Compare messageDigest with the bytes; without signed attributes the signature value is over them itself."""
    covers = (name,) if coverage.fault is None else ()
    found = Reference("ByteRange", found=True, intact=True, digest_name=signer.digest_name, covers=covers)
    if signer.signed_attributes is None:
        return (found,), ()
    broken = replace(found, intact=False, covers=())
    try:
        signed, computed = signer.message_digest(), coverage.digest(data, signer.digest_name)
    except UnknownScheme:
        broken = replace(broken, computed=False)
        return (broken,), (Message.of("reference.digest-unknown", file=name),)
    if signed is None:  # no messageDigest
        return (broken,), (Message.of("cms.attributes"),)
    if signed != computed:
        return (broken,), (Message.of("reference.changed", file=name),)
    return (found,), ()


def _signature_stamps(
    signed: SignedData, signer: CmsSigner, known: Iterable[Certificate], adobe: _Adobe
) -> Iterable[StampFacts]:
    """Read the time stamps over the signature value, and so over the revocation data in signed attributes."""
    proves = frozenset(_names(adobe.ocsps + adobe.crls))
    for value in signer.unsigned.get(_SIGNATURE_STAMP, ())[:MAX_STAMPS]:
        yield read_stamp(
            value.whole,
            kind=StampKind.SIGNATURE,
            over=signer.signature,
            known=(*signed.certificates, *known),
            proves=proves,
        )


def _names(blobs: Iterable[bytes]) -> Iterable[str]:
    return (hashlib.sha256(blob).hexdigest() for blob in blobs)


def _adobe_revocation(signer: CmsSigner) -> _Adobe:
    """Read RevocationInfoArchival: [0] CRLs, [1] OCSP responses, each in a sequence (ISO 32000-2 §12.8.3.3.2)."""
    value = signer.one(_ADOBE_REVOCATION)
    found: dict[int, tuple[bytes, ...]] = {}
    try:
        for part in tlv.children(value.content) if value is not None else ():
            (items,) = tlv.children(part.content)
            found[part.tag] = tuple(one.whole for one in tlv.children(items.content))
    except ValueError:
        return _Adobe()
    return _Adobe(ocsps=found.get(0xA1, ()), crls=found.get(0xA0, ()))


def _claimed_time(entry: SignatureEntry, signer: CmsSigner) -> datetime | None:
    """Return the signing-time attribute, else /M, which is signed too. Neither is proven."""
    return signer.signing_time() if signer.attributes.get(SIGNING_TIME) else _dated(entry)


def _dated(entry: SignatureEntry) -> datetime | None:
    with contextlib.suppress(ValueError):
        return pdf_date(entry.claimed_time)
    return None
