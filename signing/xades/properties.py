"""QualifyingProperties (EN 319 132-1 §5): signing certificate, claimed time and claims, and unsigned properties."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from signing.cms.signed_data import CertificateBinding
from signing.container.entry_names import name_of_reference
from signing.model import Message
from signing.pki.certificate_files import readable_certificates
from signing.pki.times import xsd_date_time
from signing.report.particulars import NO_CLAIMS, Claims
from signing.xades.document import XADES, XADES_141, child, children, ds
from signing.xml.tree import DIGESTS, decode_base64, local_name, namespace, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from lxml.etree import _Element

    from signing.pki.certificates import Certificate

__all__ = [
    "Properties",
    "Unsigned",
    "collect",
    "find_properties",
    "key_certificates",
    "key_octets",
    "media_types",
    "name_in_xades",
]


@dataclass(slots=True)
class Unsigned:
    """The unsigned properties in document order, and the evidence they carry."""

    elements: list[_Element] = field(default_factory=list)
    certificates: list[Certificate] = field(default_factory=list)
    ocsps: list[bytes] = field(default_factory=list)
    crls: list[bytes] = field(default_factory=list)
    counter_signatures: list[_Element] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Properties:
    """The one QualifyingProperties of a signature. `signed` is the SignedProperties a reference must identify."""

    signed: _Element
    bindings: tuple[CertificateBinding, ...]
    serials: tuple[int | None, ...]
    claimed_time: datetime | None
    policy: str
    content_stamps: tuple[_Element, ...]
    unsigned: Unsigned
    warnings: tuple[Message, ...] = ()
    claims: Claims = NO_CLAIMS


def find_properties(signature: _Element) -> tuple[Properties | None, tuple[Message, ...]]:
    """Find the QualifyingProperties that are this signature's: directly under its ds:Object, with its Target.

    Any other arrangement could pass off one signature's properties as another's, and is returned as faults.
    """
    found = [
        one
        for holder in children(signature, "Object")
        for one in holder
        if local_name(one) == "QualifyingProperties" and namespace(one) in XADES
    ]
    if not found:
        return None, ()
    if len(found) > 1:
        return None, (Message.of("xades.several-properties"),)
    identifier = signature.get("Id")
    if not identifier or found[0].get("Target") != f"#{identifier}":
        return None, (Message.of("xades.properties-of-another"),)
    signed = children(found[0], "SignedProperties")
    if len(signed) != 1:
        return None, (Message.of("xades.several-properties" if signed else "xades.no-properties"),)
    return _read(found[0], signed[0]), ()


def media_types(root: _Element) -> Iterator[tuple[str, str]]:
    """Yield the media type each signature of a document gives a file it names (DataObjectFormat, §5.2.4)."""
    names: dict[str, str] = {}
    for reference in root.iter(ds("Reference")):
        name = name_of_reference(reference.get("URI") or "")
        if name is not None:
            names[f"#{reference.get('Id')}"] = name
    for described in root.iter(*(f"{{{space}}}DataObjectFormat" for space in XADES)):
        named = names.get(described.get("ObjectReference") or "")
        given = text_of(child(described, "MimeType")).strip()
        if named is not None and given:
            yield named, given


def _read(qualifying: _Element, signed: _Element) -> Properties:
    of_signature = child(signed, "SignedSignatureProperties")
    of_data = child(signed, "SignedDataObjectProperties")
    bindings, serials, warnings = _bindings(of_signature)
    policy = child(child(of_signature, "SignaturePolicyIdentifier"), "SignaturePolicyId")
    return Properties(
        signed=signed,
        bindings=bindings,
        serials=serials,
        claimed_time=_time(text_of(child(of_signature, "SigningTime"))),
        policy=text_of(child(child(policy, "SigPolicyId"), "Identifier")).strip(),
        content_stamps=tuple(children(of_data, "AllDataObjectsTimeStamp", "IndividualDataObjectsTimeStamp")),
        unsigned=_unsigned(child(child(qualifying, "UnsignedProperties"), "UnsignedSignatureProperties")),
        warnings=warnings,
        claims=_claims(of_signature),
    )


def _claims(of_signature: _Element | None) -> Claims:
    """Read the claimed roles and the place (EN 319 132-1 §5.2.5, §5.2.6; both also in their older form)."""
    place = next(iter(children(of_signature, "SignatureProductionPlace", "SignatureProductionPlaceV2")), None)
    return Claims(
        roles=tuple(
            text
            for holder in children(of_signature, "SignerRole", "SignerRoleV2")
            for role in children(child(holder, "ClaimedRoles"), "ClaimedRole")
            if (text := text_of(role).strip())
        ),
        country=text_of(child(place, "CountryName")).strip(),
        region=text_of(child(place, "StateOrProvince")).strip(),
        city=text_of(child(place, "City")).strip(),
        postal_code=text_of(child(place, "PostalCode")).strip(),
    )


def _time(text: str) -> datetime | None:
    try:
        return xsd_date_time(text)
    except ValueError:
        return None


def _bindings(
    properties: _Element | None,
) -> tuple[tuple[CertificateBinding, ...], tuple[int | None, ...], tuple[Message, ...]]:
    bindings: list[CertificateBinding] = []
    serials: list[int | None] = []
    for holder in children(properties, "SigningCertificate", "SigningCertificateV2"):
        for cert in children(holder, "Cert"):
            value = child(cert, "CertDigest")
            method = child(value, "DigestMethod")
            name = DIGESTS.get((method.get("Algorithm") or "") if method is not None else "", "")
            try:
                bindings.append(CertificateBinding(name, decode_base64(text_of(child(value, "DigestValue")))))
            except ValueError:
                bindings.append(CertificateBinding("", b""))
            serials.append(_serial(child(cert, "IssuerSerial")))
    return tuple(bindings), tuple(serials), ()


def _serial(issuer_serial: _Element | None) -> int | None:
    text = text_of(child(issuer_serial, "X509SerialNumber")).strip()
    return int(text) if text.isascii() and text.removeprefix("-").isdigit() else None


def _unsigned(properties: _Element | None) -> Unsigned:
    found = Unsigned()
    for element in properties.iterchildren("*") if properties is not None else ():
        found.elements.append(element)
        collect(element, found)
    return found


def name_in_xades(element: _Element) -> str:
    """Return the local name of a XAdES element; "" for one of another namespace, which may stand among them."""
    return local_name(element) if namespace(element) in {*XADES, XADES_141} else ""


def collect(element: _Element, into: Unsigned) -> None:
    """Collect certificates and revocation data from one unsigned property; unreadable ones are skipped."""
    match name_in_xades(element):
        case "CounterSignature":
            into.counter_signatures += children(element, "Signature")
        case (
            "CertificateValues"
            | "AttrAuthoritiesCertValues"
            | "RevocationValues"
            | "AttributeRevocationValues"
            | "TimeStampValidationData"
            | "AnyValidationData"
        ):
            for one in element.iter():
                name = local_name(one)
                if name == "EncapsulatedX509Certificate":
                    into.certificates += readable_certificates(_blobs([one]))
                elif name == "EncapsulatedOCSPValue":
                    into.ocsps += _blobs([one])
                elif name == "EncapsulatedCRLValue":
                    into.crls += _blobs([one])
        case _:
            return


def key_certificates(signature: _Element) -> tuple[Certificate, ...]:
    """Return the certificates of ds:KeyInfo that can be read."""
    return readable_certificates(key_octets(signature))


def key_octets(signature: _Element) -> list[bytes]:
    """Return the certificates of ds:KeyInfo as octets, readable or not."""
    info = child(signature, "KeyInfo")
    return _blobs(one for data in children(info, "X509Data") for one in children(data, "X509Certificate"))


def _blobs(elements: Iterable[_Element]) -> list[bytes]:
    found = []
    for element in elements:
        try:
            found.append(decode_base64(text_of(element)))
        except ValueError:
            continue
    return found
