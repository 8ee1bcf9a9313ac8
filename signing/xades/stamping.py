"""Time stamps in XAdES: over which bytes each kind lies (EN 319 132-1 §5.2.8, §5.3, §5.5), and whether it does."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from signing.facts import StampFacts, StampKind
from signing.keys import UnknownScheme
from signing.stamps import read_stamp
from signing.xades.document import XADES_141, child, children
from signing.xades.properties import Unsigned, collect
from signing.xades.references import inclusive_prefixes
from signing.xmltree import CannotCanonicalise, NotXml, canonical, decode_base64, local_name, namespace, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lxml.etree import _Element

    from signing.certificates import Certificate
    from signing.xades.properties import Properties
    from signing.xades.references import Follower

__all__ = ["read_stamps"]

_MAX_STAMPS = 64
_MAX_TOKENS = 8
_DEFAULT_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"


def read_stamps(
    signature: _Element, properties: Properties, follower: Follower, known: Sequence[Certificate]
) -> tuple[StampFacts, ...]:
    """Read every stamp of a signature, in the order they stand in the document."""
    found: list[StampFacts] = []
    for element in properties.content_stamps:
        found += _tokens(element, StampKind.CONTENT, _content_octets(element, signature, properties, follower), known)
    before = Unsigned()
    proven: set[str] = set()
    unsigned = properties.unsigned
    known = [*known, *unsigned.certificates]
    for position, element in enumerate(unsigned.elements):
        if len(found) >= _MAX_STAMPS:
            break  # a stamp that is not looked at proves nothing, which is the safe side
        stamps: list[StampFacts] = []
        match local_name(element):
            case "SignatureTimeStamp":
                stamps = _tokens(element, StampKind.SIGNATURE, _signature_octets(element, signature), known)
            case "ArchiveTimeStamp" if namespace(element) == XADES_141:
                octets = _archive_octets(element, signature, follower, unsigned.elements[:position])
                stamps = _tokens(element, StampKind.ARCHIVE, octets, known, frozenset(proven))
            case "ArchiveTimeStamp" | "SigAndRefsTimeStamp" | "SigAndRefsTimeStampV2" | "RefsOnlyTimeStamp":
                # Older properties whose imprint is not put together here: listed, and proof of nothing.
                stamps = _tokens(element, StampKind.ARCHIVE, None, known)
            case _:
                pass
        collect(element, before)
        proven |= _names(before)
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


def _signature_octets(element: _Element, signature: _Element) -> bytes | None:
    value = child(signature, "SignatureValue")
    algorithm, prefixes = _method(element)
    try:
        return canonical(value, algorithm, prefixes=prefixes) if value is not None else None
    except CannotCanonicalise:
        return None


def _content_octets(element: _Element, signature: _Element, properties: Properties, follower: Follower) -> bytes | None:
    """Put together what a content stamp is over: the data of every reference but the one to SignedProperties."""
    algorithm, _ = _method(element)
    references = children(child(signature, "SignedInfo"), "Reference")
    if local_name(element) == "IndividualDataObjectsTimeStamp":
        wanted = [one.get("URI") for one in children(element, "Include")]
        references = [one for one in references if f"#{one.get('Id')}" in wanted]
    own = f"#{properties.signed.get('Id')}"
    try:
        return b"".join(follower.octets(one, algorithm) for one in references if one.get("URI") != own)
    except (ValueError, CannotCanonicalise, NotXml, UnknownScheme):
        return None


def _archive_octets(
    element: _Element, signature: _Element, follower: Follower, before: Sequence[_Element]
) -> bytes | None:
    """Put together what a not distributed archive stamp is over (EN 319 132-1 §5.5.2.2), in that order."""
    algorithm, prefixes = _method(element)

    def written(one: _Element) -> bytes:
        return canonical(one, algorithm, prefixes=prefixes)

    info = child(signature, "SignedInfo")
    try:
        parts = [follower.octets(one, algorithm) for one in children(info, "Reference")]  # (1) the data signed
        parts += [written(one) for one in children(signature, "SignedInfo", "SignatureValue", "KeyInfo")]  # (2)
        parts += [written(one) for one in before]  # (3) unsigned properties added so far
        parts += [written(one) for one in children(signature, "Object") if not _holds_properties(one)]  # (4)
    except (ValueError, CannotCanonicalise, NotXml, UnknownScheme):
        return None
    return b"".join(parts)


def _holds_properties(element: _Element) -> bool:
    return any(local_name(one) == "QualifyingProperties" for one in element)
