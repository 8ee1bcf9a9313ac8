"""Time stamps in XAdES: the octets each kind covers (EN 319 132-1 §5.2.8, §5.3, §5.5), and its token over them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from signing.cms.timestamp_tokens import MAX_STAMPS, read_stamp
from signing.pki.keys import UnknownScheme
from signing.reading.facts import StampFacts, StampKind
from signing.xades.document import XADES_141, child, children
from signing.xades.properties import Unsigned, collect, name_in_xades
from signing.xades.references import inclusive_prefixes
from signing.xml.tree import CannotCanonicalise, NotXml, decode_base64, local_name, namespace, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lxml.etree import _Element

    from signing.pki.certificates import Certificate
    from signing.xades.properties import Properties
    from signing.xades.references import ReferenceProcessor

__all__ = ["read_stamps"]

_REFERENCES = (
    "SignatureTimeStamp",
    "CompleteCertificateRefs",
    "CompleteCertificateRefsV2",
    "CompleteRevocationRefs",
    "AttributeCertificateRefs",
    "AttributeCertificateRefsV2",
    "AttributeRevocationRefs",
)
_MAX_TOKENS = 8
_DEFAULT_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"


def read_stamps(
    signature: _Element, properties: Properties, processor: ReferenceProcessor, known: Sequence[Certificate]
) -> tuple[StampFacts, ...]:
    """Read every stamp of a signature, in the order they stand in the document."""
    found: list[StampFacts] = []
    for element in properties.content_stamps[:MAX_STAMPS]:
        found += _tokens(element, StampKind.CONTENT, _content_octets(element, signature, properties, processor), known)
    proven: set[str] = set()
    unsigned = properties.unsigned
    known = [*known, *unsigned.certificates]
    looked_at = 0
    for position, element in enumerate(unsigned.elements):
        name = name_in_xades(element)
        if name.endswith(("TimeStamp", "TimeStampV2")):
            looked_at += 1
            if looked_at > MAX_STAMPS:
                break
        before = unsigned.elements[:position]
        stamps: list[StampFacts] = []
        match name:
            case "SignatureTimeStamp":
                stamps = _tokens(element, StampKind.SIGNATURE, _signature_octets(element, signature, processor), known)
            case "ArchiveTimeStamp":
                octets = _archive_octets(element, signature, processor, before)
                stamps = _tokens(element, StampKind.ARCHIVE, octets, known, frozenset(proven))
            case "SigAndRefsTimeStamp" | "SigAndRefsTimeStampV2" | "RefsOnlyTimeStamp" | "RefsOnlyTimeStampV2":
                octets = _references_octets(element, signature, processor, before)
                kind = StampKind.REFERENCES if name.startswith("RefsOnly") else StampKind.SIGNATURE
                stamps = _tokens(element, kind, octets, known)
            case _:
                pass
        brought = Unsigned()
        collect(element, brought)
        proven |= _names(brought)
        for stamp in stamps:
            proven |= {stamp.sha256} | {one.sha256 for one in stamp.certificates}
            proven |= {hashlib.sha256(blob).hexdigest() for blob in (*stamp.ocsps, *stamp.crls)}
        found += stamps
    return tuple(found)


def _names(found: Unsigned) -> set[str]:
    blobs = {hashlib.sha256(blob).hexdigest() for blob in (*found.ocsps, *found.crls)}
    return blobs | {certificate.sha256 for certificate in found.certificates}


def _tokens(
    element: _Element,
    kind: StampKind,
    octets: bytes | None,
    known: Iterable[Certificate],
    proves: frozenset[str] = frozenset(),
) -> list[StampFacts]:
    stamps = []
    for token in children(element, "EncapsulatedTimeStamp")[:_MAX_TOKENS]:
        try:
            der = decode_base64(text_of(token))
        except ValueError:
            der = b""
        stamps.append(read_stamp(der, kind=kind, over=octets, known=known, proves=proves))
    return stamps


def _method(element: _Element) -> tuple[str, tuple[str, ...]]:
    """Return the canonicalisation a stamp names for itself; C14N 1.0 when it names none (§5.1.4.5)."""
    method = child(element, "CanonicalizationMethod")
    if method is None or not method.get("Algorithm"):
        return _DEFAULT_C14N, ()
    return method.get("Algorithm") or "", inclusive_prefixes(method)


def _signature_octets(element: _Element, signature: _Element, processor: ReferenceProcessor) -> bytes | None:
    value = child(signature, "SignatureValue")
    algorithm, prefixes = _method(element)
    try:
        return processor.written(value, algorithm, prefixes) if value is not None else None
    except CannotCanonicalise:
        return None


def _content_octets(
    element: _Element, signature: _Element, properties: Properties, processor: ReferenceProcessor
) -> bytes | None:
    """Return the octets under a content time stamp: the data of all references except that to SignedProperties."""
    algorithm, _ = _method(element)
    references = children(child(signature, "SignedInfo"), "Reference")
    if local_name(element) == "IndividualDataObjectsTimeStamp":
        wanted = {one.get("URI") for one in children(element, "Include")}
        references = [one for one in references if f"#{one.get('Id')}" in wanted]
    own = f"#{properties.signed.get('Id')}"
    try:
        return b"".join(processor.octets(one, algorithm) for one in references if one.get("URI") != own)
    except (ValueError, CannotCanonicalise, NotXml, UnknownScheme):
        return None


def _archive_octets(
    element: _Element, signature: _Element, processor: ReferenceProcessor, before: Sequence[_Element]
) -> bytes | None:
    """Return the octets under a non-distributed archive time stamp, in the order of EN 319 132-1 §5.5.2.2."""
    algorithm, prefixes = _method(element)

    def written(one: _Element) -> bytes:
        return processor.written(one, algorithm, prefixes)

    info = child(signature, "SignedInfo")
    try:
        parts = [processor.octets(one, algorithm) for one in children(info, "Reference")]  # (1) the data signed
        parts += [written(one) for one in children(signature, "SignedInfo", "SignatureValue", "KeyInfo")]  # (2)
        parts += [written(one) for one in before]  # (3) unsigned properties added so far
        parts += [written(one) for one in _objects(element, signature)]  # (4)
    except (ValueError, CannotCanonicalise, NotXml, UnknownScheme):
        return None
    return b"".join(parts)


def _objects(element: _Element, signature: _Element) -> list[_Element]:
    """Return the objects under an archive time stamp: all but the properties', in 1.3.2 only unreferenced ones."""
    found = [one for one in children(signature, "Object") if not _holds_properties(one)]
    if namespace(element) == XADES_141:
        return found
    targets = {one.get("URI") for one in children(child(signature, "SignedInfo"), "Reference")}
    return [one for one in found if f"#{one.get('Id')}" not in targets]


def _references_octets(
    element: _Element, signature: _Element, processor: ReferenceProcessor, before: Sequence[_Element]
) -> bytes | None:
    """Return the octets under a time stamp of level X (EN 319 132-1 §5.5.1, A.1.5): value, stamps, references.

    Version 2 takes them in document order; version 1 has an order of its own (TS 101 903 §7.5).
    """
    algorithm, prefixes = _method(element)
    as_they_stand = local_name(element).endswith("V2") or namespace(element) == XADES_141
    other_version = "CertificateRefs" if as_they_stand else "CertificateRefsV2"
    wanted = [
        one for one in before if name_in_xades(one) in _REFERENCES and not local_name(one).endswith(other_version)
    ]
    if not as_they_stand:
        wanted.sort(key=lambda one: _REFERENCES.index(local_name(one)))
    parts = [*children(signature, "SignatureValue"), *wanted]
    if local_name(element).startswith("RefsOnly"):
        parts = [one for one in wanted if local_name(one) != "SignatureTimeStamp"]
    try:
        return b"".join(processor.written(one, algorithm, prefixes) for one in parts)
    except CannotCanonicalise:
        return None


def _holds_properties(element: _Element) -> bool:
    return any(local_name(one) == "QualifyingProperties" for one in element)
