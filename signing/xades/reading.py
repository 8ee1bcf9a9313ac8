"""One XML signature from its bytes to facts:

(1) its QualifyingProperties, in the one place where they may stand;
(2) its references, each processed; one of them must be to the SignedProperties;
(3) the signing certificate, whose digest the SignedProperties hold;
(4) SignedInfo, canonicalised as it states, against SignatureValue with that certificate's key;
(5) which of the data at hand it covers;
(6) time stamps, certificates and revocation data added later; counter-signatures, which prove nothing here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signing.errors import TooLarge
from signing.model import Message
from signing.pki.certificate_files import unreadable_certificates
from signing.pki.keys import Scheme, SchemeKind, UnknownScheme, verify
from signing.reading.facts import SignatureFacts, ValueCheck
from signing.report.particulars import NO_CLAIMS
from signing.xades.algorithms import dss_signature, scheme_of_method
from signing.xades.document import XADES, XmlDocument, child, children, ds, signature_elements
from signing.xades.properties import Properties, find_properties, key_certificates, key_octets
from signing.xades.references import ProcessedReference, ReferenceProcessor, inclusive_prefixes, inside_a_signature
from signing.xades.timestamps import read_stamps
from signing.xml.tree import DS, CannotCanonicalise, canonical, decode_base64, local_name, namespace, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from signing.pki.certificates import Certificate
    from signing.xades.data_sources import DataSource

__all__ = ["read_signatures"]

_SIGNED_PROPERTIES = "#SignedProperties"
_MANIFEST = f"{DS}Manifest"
_PARTS = frozenset(map(ds, ("SignedInfo", "SignatureValue", "KeyInfo", "Object")))
_PROPERTIES = frozenset(f"{{{space}}}QualifyingProperties" for space in XADES)
_WRAPPINGS = frozenset({ds("Object"), ds("SignatureProperties")})
_MAX_SIGNATURES = 256
_MAX_REFERENCES = 5000
_MAX_BOUND = 64
_MAX_TRIED = 16
_KEY_SPACES = frozenset({DS, "http://www.w3.org/2009/xmldsig11#"})  # of key information (XML Signature 1.1 §4.5)
_TIME_MARK = "1.3.6.1.4.1.10015.1000.3.2.1"


def read_signatures(document: XmlDocument, source: DataSource) -> Iterator[SignatureFacts]:
    """Read every outermost signature, each followed by its counter-signatures."""
    readers = (_Reader(document, element, source) for element in signature_elements(document.root))
    for number, facts in enumerate(facts for reader in readers for facts in reader.read()):
        if number == _MAX_SIGNATURES:
            raise TooLarge("document.too-much-work")
        yield facts


@dataclass(slots=True)
class _Reader:
    """One signature being read; `countersigned` is the SignatureValue that a counter-signature is over."""

    document: XmlDocument
    signature: _Element
    source: DataSource
    countersigned: _Element | None = None

    def read(self) -> Iterator[SignatureFacts]:
        """Read this signature by the numbered steps, then its counter-signatures."""
        signature = self.signature
        processor = ReferenceProcessor(self.document, signature, self.source)
        properties, format_faults = find_properties(signature)  # (1)
        faults = list(format_faults)
        references = children(child(signature, "SignedInfo"), "Reference")
        if len(references) > _MAX_REFERENCES:
            raise TooLarge("document.too-much-work")
        processed = [processor.process(one) for one in references]  # (2)
        faults += self._misplaced_references(processed, properties)
        processed += self._inside_manifests(processed, processor, faults)
        certificate, certificate_faults, warnings = self._certificate(properties, processed)  # (3)
        scheme = _scheme(signature)
        value_check = _value_check(signature, certificate, scheme)  # (4)
        covers, everything = self._coverage(processed, properties)  # (5)
        in_key_info = key_certificates(signature)
        unsigned = properties.unsigned if properties else None
        constraint_faults = () if properties or format_faults else (Message.of("xades.no-properties"),)
        yield SignatureFacts(
            id=signature.get("Id") or "",
            format="XAdES",
            value_check=value_check,
            certificate=certificate,
            scheme=scheme,
            references=tuple(one.fact for one in processed),
            claimed_time=properties.claimed_time if properties else None,
            certificates=(*in_key_info, *(unsigned.certificates if unsigned else ())),
            ocsps=tuple(unsigned.ocsps if unsigned else ()),
            crls=tuple(unsigned.crls if unsigned else ()),
            stamps=read_stamps(signature, properties, processor, in_key_info) if properties else (),  # (6)
            covers=covers,
            covers_everything=everything,
            format_faults=tuple(faults),
            constraint_faults=constraint_faults,
            certificate_faults=certificate_faults,
            reference_faults=tuple(fault for one in processed for fault in one.faults),
            warnings=(*warnings, *_remarks(properties)),
            counter_signature=self.countersigned is not None or self._is_over_signatures(processed, properties),
            claims=properties.claims if properties else NO_CLAIMS,
        )
        value = child(signature, "SignatureValue")
        for element in unsigned.counter_signatures if unsigned else ():
            yield from _Reader(self.document, element, self.source, value).read()

    def _misplaced_references(
        self, processed: list[ProcessedReference], properties: Properties | None
    ) -> Iterator[Message]:
        """Report references to places no signer refers to, as in signature wrapping."""
        if not processed:
            yield Message.of("xades.signs-nothing")
        to_properties = [one for one in processed if properties is not None and one.target is properties.signed]
        if properties is not None and len(to_properties) != 1:
            yield Message.of("xades.properties-not-signed")
        for one in processed:
            if properties is not None and one.target is properties.signed:
                continue
            if one.type_name.endswith(_SIGNED_PROPERTIES) and properties is not None:
                yield Message.of("xades.several-properties")
            elif one.target is not None and not self._may_point_to(one.target):
                yield Message.of("reference.misplaced", file=one.fact.uri)

    def _may_point_to(self, target: _Element) -> bool:
        """Return whether a signer may refer to it: own objects and key, an element around or beside the signature."""
        if target is self.countersigned:
            return True
        if any(ancestor is self.signature for ancestor in target.iterancestors()):
            holder = target
            while (parent := holder.getparent()) is not None and parent is not self.signature:
                holder = parent
            if local_name(holder) == "KeyInfo":
                # KeyInfo or one of its own parts; data moved into it would leave its place to other data.
                own = namespace(target) in _KEY_SPACES and target.tag != ds("Object")
                return target is holder or (target.getparent() is holder and own)
            if local_name(holder) != "Object" or (target.tag == ds("Object") and target is not holder):
                return False
            if target.tag == ds("Manifest") and target.getparent() is not holder:
                return False
            return not any(local_name(one) == "UnsignedProperties" for one in (target, *target.iterancestors()))
        return not inside_a_signature(target) and local_name(target) != "Signature"

    def _inside_manifests(
        self, processed: list[ProcessedReference], processor: ReferenceProcessor, faults: list[Message]
    ) -> list[ProcessedReference]:
        """Process the references of every signed ds:Manifest in this signature: what they identify is signed too."""
        found: list[ProcessedReference] = []
        for one in list(processed):
            manifest = one.target
            if manifest is not None and local_name(manifest) == "Object":
                manifest = child(manifest, "Manifest")
            if (
                manifest is None
                or local_name(manifest) != "Manifest"
                or one.type_name not in {"", _MANIFEST, f"{DS}Object"}
            ):
                continue
            listed = children(manifest, "Reference")
            if len(found) + len(listed) > _MAX_REFERENCES:
                raise TooLarge("document.too-much-work")
            for reference in listed:
                inner = processor.process(reference)
                if not inner.fact.found and not self.source.names:
                    # A manifest's references are checked where their data is available (XML Signature §5.1).
                    continue
                if inner.target is not None and not self._may_point_to(inner.target):
                    faults.append(Message.of("reference.misplaced", file=inner.fact.uri))
                found.append(inner)
        return found

    def _certificate(
        self, properties: Properties | None, processed: list[ProcessedReference]
    ) -> tuple[Certificate | None, tuple[Message, ...], tuple[Message, ...]]:
        """Find the signing certificate: the one a signed digest or a signed KeyInfo binds (EN 319 132-1 §5.2.2).

        Where neither does, it is the one whose key verifies the value. No other certificate is taken in place of one
        that is bound but absent, or that cannot be read.
        """
        in_key_info = key_certificates(self.signature)
        candidates = in_key_info or tuple(properties.unsigned.certificates if properties else ())
        hidden = unreadable_certificates(key_octets(self.signature))
        if not candidates and not hidden:
            return None, (Message.of("certificate.none"),), ()
        bindings = properties.bindings if properties else ()
        if len(bindings) > _MAX_BOUND:
            raise TooLarge("document.too-much-work")
        for position, binding in enumerate(bindings):
            for candidate in candidates:
                if binding.fits(candidate):
                    serial = properties.serials[position] if properties else None
                    differs = serial is not None and serial != candidate.serial
                    warnings = (Message.of("certificate.serial-differs"),) if differs else ()
                    return candidate, (), warnings
        if hidden and (not bindings or any(one.fits_octets(der) for one in bindings for der in hidden)):
            return None, (Message.of("certificate.unreadable"),), ()
        if bindings:
            known = all(binding.digest_name for binding in bindings)
            code = "certificate.another" if known else "certificate.binding-unknown"
            return self._certificate_by_key(candidates, in_key_info, hidden), (Message.of(code),), ()
        certificate = self._certificate_by_key(candidates, in_key_info, hidden)
        key_info = child(self.signature, "KeyInfo")
        if certificate is not None and properties is not None and any(one.target is key_info for one in processed):
            return certificate, (), ()
        return certificate, (Message.of("certificate.not-bound"),), ()

    def _certificate_by_key(
        self, candidates: tuple[Certificate, ...], in_key_info: tuple[Certificate, ...], hidden: tuple[bytes, ...]
    ) -> Certificate | None:
        """Find the certificate whose key verifies the value, among the first sixteen.

        Where none does, the only end-entity certificate in KeyInfo is the one the file claims.
        """
        scheme = _scheme(self.signature)
        for one in candidates[:_MAX_TRIED]:
            if _value_check(self.signature, one, scheme) is ValueCheck.VALID:
                return one
        persons = [one for one in in_key_info if not one.is_ca]
        return persons[0] if len(persons) == 1 and not hidden else None

    def _is_over_signatures(self, processed: list[ProcessedReference], properties: Properties | None) -> bool:
        """Return whether it is a detached counter-signature: over files of signatures and nothing else."""
        signed = [one for one in processed if properties is None or one.target is not properties.signed]
        files = self.source.signature_files
        return bool(signed) and all(one.fact.covers and set(one.fact.covers) <= files for one in signed)

    def _coverage(
        self, processed: list[ProcessedReference], properties: Properties | None
    ) -> tuple[tuple[str, ...], bool]:
        intact = [one for one in processed if one.fact.intact]
        if self.source.names:
            data = set(self.source.names)
            names = tuple(dict.fromkeys(name for one in intact for name in one.fact.covers if name in data))
            return names, data <= set(names)
        signed = [one for one in intact if properties is None or one.target is not properties.signed]
        names = tuple(dict.fromkeys(one.fact.uri or "" for one in signed))
        around = any(one.whole_document for one in signed)
        if not around and (
            not signed or self.document.root is not self.signature or self.document.has_processing_instructions
        ):
            return names, False
        return names, self._all_inside(signed)

    def _all_inside(self, signed: list[ProcessedReference]) -> bool:
        """Return whether every data object inside this signature is signed."""
        targets = [one.target for one in signed if one.target is not None]
        objects = children(self.signature, "Object")
        data = [one for one in objects if not child_of_any(one, "QualifyingProperties")]
        bare = all(_holds_nothing_else(one, _PROPERTIES) for one in objects if one not in data)
        bare = bare and _holds_nothing_else(self.signature, _PARTS)
        return bare and all(_wholly_signed(one, targets) for one in data)


def _remarks(properties: Properties | None) -> Iterator[Message]:
    """Warn of an Estonian time mark, which stands where the standard requires a time stamp."""
    if properties is not None and properties.policy.removeprefix("urn:oid:") == _TIME_MARK:
        yield Message.of("bdoc.time-mark")


def _wholly_signed(element: _Element, targets: list[_Element]) -> bool:
    """Return whether an element is signed, or is XML signatures' own wrapping and holds nothing but what is.

    Any other element around what is signed says something by its name, and so do attributes: no signer has seen that.
    """
    if any(element is target for target in targets):
        return True
    parts = list(element.iterchildren("*"))
    bare = element.tag in _WRAPPINGS and not set(element.attrib) - {"Id"}
    return (
        bare and bool(parts) and not text_of(element).strip() and all(_wholly_signed(part, targets) for part in parts)
    )


def _holds_nothing_else(element: _Element, tags: frozenset[str]) -> bool:
    """Return whether an element holds children of these names alone: a viewer shows others, and nobody signed them."""
    return not text_of(element).strip() and all(one.tag in tags for one in element.iterchildren("*"))


def child_of_any(element: _Element, name: str) -> bool:
    """Return whether an element has a child of that local name in any namespace."""
    return any(local_name(one) == name for one in element)


def _scheme(signature: _Element) -> Scheme | None:
    method = child(child(signature, "SignedInfo"), "SignatureMethod")
    return scheme_of_method(method) if method is not None else None


def _value_check(signature: _Element, certificate: Certificate | None, scheme: Scheme | None) -> ValueCheck:
    info = child(signature, "SignedInfo")
    method = child(info, "CanonicalizationMethod")
    if info is None or method is None or certificate is None or scheme is None:
        return ValueCheck.UNKNOWN
    try:
        signed = canonical(info, method.get("Algorithm") or "", prefixes=inclusive_prefixes(method))
    except CannotCanonicalise:
        return ValueCheck.UNKNOWN
    try:
        value = decode_base64(text_of(child(signature, "SignatureValue")))
        if scheme.kind in {SchemeKind.ECDSA, SchemeKind.DSA}:
            value = dss_signature(value)
    except ValueError:
        return ValueCheck.INVALID
    try:
        return ValueCheck.VALID if verify(certificate.public_key, value, signed, scheme) else ValueCheck.INVALID
    except UnknownScheme:
        return ValueCheck.UNKNOWN
