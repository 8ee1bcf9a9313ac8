"""CAdES (EN 319 122-1), and what PAdES shares with it: one SignerInfo from its attributes to facts.

The content is detached (an ASiC data file or manifest, the byte range of a PDF) or encapsulated.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from signing.asn1 import tlv
from signing.cms.archive_timestamps import archive_octets
from signing.cms.signed_data import CmsSigner, SignedData, digest, ocsp_response_around, read_signed_data
from signing.cms.timestamp_tokens import MAX_STAMPS, read_stamp
from signing.errors import TooLarge
from signing.model import Message
from signing.pki.certificate_files import readable_certificates
from signing.pki.keys import UnknownScheme
from signing.reading.facts import Reference, SignatureFacts, StampFacts, StampKind, ValueCheck

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from signing.pki.certificates import Certificate

__all__ = ["CmsContent", "SignerEvidence", "read_cades", "read_signer"]

_SIGNATURE_STAMP = "1.2.840.113549.1.9.16.2.14"
_CONTENT_STAMP = "1.2.840.113549.1.9.16.2.20"
_CERTIFICATE_VALUES = "1.2.840.113549.1.9.16.2.23"
_REVOCATION_VALUES = "1.2.840.113549.1.9.16.2.24"
_ARCHIVE_STAMP_V3 = "0.4.0.1733.2.4"
_ARCHIVE_STAMPS_OLD = ("1.2.840.113549.1.9.16.2.27", "1.2.840.113549.1.9.16.2.48")
_ADOBE_REVOCATION = "1.2.840.113583.1.1.8"
_TAG_0, _TAG_1 = 0xA0, 0xA1
_MAX_SIGNERS = 256


@dataclass(frozen=True, slots=True)
class CmsContent:
    """What a signer signed: its digest by algorithm, and its octets, needed only without signed attributes."""

    name: str
    digest: Callable[[str], bytes | None]
    octets: Callable[[], bytes | None] = lambda: None

    @classmethod
    def of(cls, data: bytes, name: str = "") -> CmsContent:
        """Return the content for available bytes."""
        return cls(name, functools.cache(lambda algorithm: digest(algorithm, data)), lambda: data)


@dataclass(slots=True)
class SignerEvidence:
    """Certificates, revocation data and time stamps that a SignerInfo carries in attributes."""

    certificates: list[Certificate] = field(default_factory=list)
    ocsps: list[bytes] = field(default_factory=list)
    crls: list[bytes] = field(default_factory=list)
    stamps: list[StampFacts] = field(default_factory=list)


def read_cades(der: bytes, content: CmsContent | None, *, name: str) -> Iterator[SignatureFacts]:
    """Read a CMS file of signatures over `content`; raises `ValueError` when it is none.

    A `content` of None is not available. Encapsulated content is passed by the caller too, who knows whether it is the
    one to be checked.
    """
    signed = read_signed_data(der)
    if len(signed.signers) > _MAX_SIGNERS:
        raise TooLarge("document.too-much-work")
    for number, signer in enumerate(signed.signers):
        yield read_signer(
            signed, signer, content, format_name="CAdES", identifier=f"{name}#{number}" if number else name
        )


def read_signer(
    signed: SignedData,
    signer: CmsSigner,
    content: CmsContent | None,
    *,
    format_name: str,
    identifier: str,
    more: SignerEvidence | None = None,
) -> SignatureFacts:
    """Read one SignerInfo as facts; `more` is evidence from elsewhere (a PDF's DSS)."""
    extras = more or SignerEvidence()
    _collect(signer, extras)
    at_hand = (*signed.certificates, *extras.certificates)
    faults = [Message.of("cms.attributes")] if _contradicts_itself(signed, signer) else []
    certificate, certificate_faults = _certificate(signed, signer, at_hand)
    reference, reference_faults = _content(signer, content)
    value_check = signer.check(certificate, content.octets() if content and signer.signed_attributes is None else None)
    if signer.signed_attributes is None and content is not None:
        reference, reference_faults = _by_the_value(value_check, signer, content.name)
    stamps = (*_stamps(signed, signer, content, at_hand), *extras.stamps)
    return SignatureFacts(
        id=identifier,
        format=format_name,
        value_check=value_check,
        certificate=certificate,
        scheme=signer.scheme,
        references=(reference,),
        claimed_time=signer.signing_time(),
        certificates=at_hand,
        ocsps=(*signed.ocsps, *extras.ocsps),
        crls=(*signed.crls, *extras.crls),
        stamps=stamps,
        covers=reference.covers if reference.intact else (),
        covers_everything=reference.intact and bool(reference.covers),
        format_faults=tuple(faults),
        certificate_faults=certificate_faults,
        reference_faults=reference_faults,
    )


def _contradicts_itself(signed: SignedData, signer: CmsSigner) -> bool:
    """Return whether signed attributes break RFC 5652 §5.3 and §11: no duplicates, both required ones."""
    if signer.signed_attributes is None:
        return False
    try:
        if signer.message_digest() is None or signer.has_duplicate_attributes:
            return True
        return signer.content_type() != signed.content_type
    except ValueError:
        return True


def _certificate(
    signed: SignedData, signer: CmsSigner, at_hand: tuple[Certificate, ...]
) -> tuple[Certificate | None, tuple[Message, ...]]:
    """Find the signer's certificate and check that a signed attribute binds it (EN 319 122-1 §5.2.2)."""
    certificate = signed.certificate_of(signer, at_hand)
    try:
        bindings = signer.bindings()
    except (ValueError, IndexError):
        return certificate, (Message.of("certificate.another"),)
    if signed.hides(signer, certificate):
        return None, (Message.of("certificate.unreadable"),)
    if certificate is None:
        return None, (Message.of("certificate.none"),)
    if not bindings:
        return certificate, (Message.of("certificate.not-bound"),)
    if not bindings[0].fits(certificate):
        known = bool(bindings[0].digest_name)
        return certificate, (Message.of("certificate.another" if known else "certificate.binding-unknown"),)
    return certificate, ()


def _by_the_value(value_check: ValueCheck, signer: CmsSigner, name: str) -> tuple[Reference, tuple[Message, ...]]:
    """Return the reference of a signer without signed attributes: intact when the signature value verifies.

    A value that was not computed says nothing about the content, and covers nothing.
    """
    computed, intact = value_check is not ValueCheck.UNKNOWN, value_check is ValueCheck.VALID
    covers = (name,) if computed else ()
    reference = Reference(
        name, found=True, intact=intact, digest_name=signer.digest_name, covers=covers, computed=computed
    )
    changed = computed and not intact
    return reference, (Message.of("reference.changed", file=name),) if changed else ()


def _content(signer: CmsSigner, content: CmsContent | None) -> tuple[Reference, tuple[Message, ...]]:
    name = content.name if content is not None else ""
    blank = Reference(name, found=False, intact=False, digest_name=signer.digest_name)
    if content is None:
        return blank, (Message.of("reference.not-found", file=name),)
    found = Reference(name, found=True, intact=False, digest_name=signer.digest_name, covers=(name,))
    try:
        computed = content.digest(signer.digest_name)
        signed = signer.message_digest()
    except UnknownScheme:
        return replace(found, computed=False), (Message.of("reference.digest-unknown", file=name),)
    except ValueError:
        return found, (Message.of("cms.attributes"),)
    if computed is None:
        return blank, (Message.of("reference.not-found", file=name),)
    if signed == computed:
        return replace(found, intact=True), ()
    # Without a messageDigest there is nothing to compare; the attributes are at fault.
    return found, (Message.of("cms.attributes") if signed is None else Message.of("reference.changed", file=name),)


def _stamps(
    signed: SignedData, signer: CmsSigner, content: CmsContent | None, known: tuple[Certificate, ...]
) -> Iterator[StampFacts]:
    # As in XAdES, stamps beyond the bound are ignored: each archive time stamp hashes all other attributes.
    for value in signer.attributes.get(_CONTENT_STAMP, ())[:MAX_STAMPS]:
        over = content.digest if content is not None else None
        yield read_stamp(value.whole, kind=StampKind.CONTENT, over=over, known=known)
    for value in signer.unsigned.get(_SIGNATURE_STAMP, ())[:MAX_STAMPS]:
        yield read_stamp(value.whole, kind=StampKind.SIGNATURE, over=signer.signature, known=known)
    for value in signer.unsigned.get(_ARCHIVE_STAMP_V3, ())[:MAX_STAMPS]:
        lookup = content.digest if content is not None else lambda _: None
        found = archive_octets(value.whole, signed, signer, lookup)
        stamp = read_stamp(value.whole, kind=StampKind.ARCHIVE, over=found.octets, known=known, proves=found.proves)
        # It protects evidence through the digests in its index alone.
        yield replace(stamp, digest_names=(*stamp.digest_names, found.index_hash))
    for kind in _ARCHIVE_STAMPS_OLD:
        for value in signer.unsigned.get(kind, ())[:MAX_STAMPS]:
            yield read_stamp(value.whole, kind=StampKind.ARCHIVE, over=None, known=known)


def _collect(signer: CmsSigner, into: SignerEvidence) -> None:
    """Collect certificates and revocation data from attributes; unreadable ones are skipped."""
    for value in signer.unsigned.get(_CERTIFICATE_VALUES, ()):
        into.certificates += readable_certificates(one.whole for one in _parts(value))
    for value in signer.unsigned.get(_REVOCATION_VALUES, ()):
        _collect_values(value, into, crl_tag=_TAG_0, ocsp_tag=_TAG_1, basic=True)
    for value in signer.attributes.get(_ADOBE_REVOCATION, ()):
        _collect_values(value, into, crl_tag=_TAG_0, ocsp_tag=_TAG_1, basic=False)


def _collect_values(value: tlv.Tlv, into: SignerEvidence, *, crl_tag: int, ocsp_tag: int, basic: bool) -> None:
    for group in _parts(value):
        for holder in _parts(group):
            if group.tag == crl_tag:
                into.crls += [one.whole for one in _parts(holder)]
            elif group.tag == ocsp_tag:
                wrap = ocsp_response_around if basic else bytes
                into.ocsps += [wrap(one.whole) for one in _parts(holder)]


def _parts(element: tlv.Tlv) -> list[tlv.Tlv]:
    try:
        return tlv.children(element.content)
    except ValueError:
        return []
