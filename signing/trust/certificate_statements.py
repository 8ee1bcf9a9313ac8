"""What a certificate states about its qualification: QCStatements, policies, key usage, kind of subject.

Sources: ETSI EN 319 412-5 (statements), EN 319 412-2 and -3 (natural and legal persons), TS 101 456 (QCP policies
before eIDAS). A trusted list has to confirm all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID, ObjectIdentifier

from signing.asn1.tlv import Tlv, children, read
from signing.trust.identifiers import CertificateType

if TYPE_CHECKING:
    from datetime import datetime

    from signing.pki.certificates import Certificate

__all__ = ["CertificateFacts", "QcStatements", "facts_of"]

_QC_STATEMENTS = ObjectIdentifier("1.3.6.1.5.5.7.1.3")
_COMPLIANCE = "0.4.0.1862.1.1"
_SSCD = "0.4.0.1862.1.4"
_TYPE = "0.4.0.1862.1.6"
_LEGISLATION = "0.4.0.1862.1.7"
_TYPES = {
    "0.4.0.1862.1.6.1": CertificateType.ESIGN,
    "0.4.0.1862.1.6.2": CertificateType.ESEAL,
    "0.4.0.1862.1.6.3": CertificateType.WSA,
}
_SEQUENCE, _OBJECT_IDENTIFIER = 0x30, 0x06
_MORE = 0x80
# EN 319 412-2 §4.2.4: a natural person has a surname, given name or pseudonym; a legal one (412-3) has none.
_PERSONAL = (NameOID.GIVEN_NAME, NameOID.SURNAME, NameOID.PSEUDONYM)
# Names of KeyUsage bits as lists write them, and as `cryptography` calls them.
_KEY_USAGE_BITS = {
    "digitalSignature": "digital_signature",
    "nonRepudiation": "content_commitment",
    "keyEncipherment": "key_encipherment",
    "dataEncipherment": "data_encipherment",
    "keyAgreement": "key_agreement",
    "keyCertSign": "key_cert_sign",
    "crlSign": "crl_sign",
}


@dataclass(frozen=True, slots=True)
class QcStatements:
    """The statements of EN 319 412-5. `legislations` are the countries of QcCClegislation; none means the EU's."""

    compliance: bool = False
    on_device: bool = False
    types: frozenset[CertificateType] = frozenset()
    legislations: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What qualification depends on in one certificate. `readable` is False when extensions could not be read."""

    issued: datetime
    statements: QcStatements
    policies: frozenset[str] = frozenset()
    key_usage: frozenset[str] = frozenset()
    extended_key_usage: frozenset[str] = frozenset()
    subject_attributes: frozenset[str] = frozenset()
    names_a_person: bool = False
    readable: bool = True


def facts_of(certificate: Certificate) -> CertificateFacts:
    """Read the facts; unreadable extensions or policies state nothing and set `readable` to False."""
    try:
        statements = _statements(certificate)
    except (ValueError, IndexError):
        statements = None
    hidden = ExtensionOID.CERTIFICATE_POLICIES.dotted_string in certificate.unreadable_extensions
    if certificate.extensions is None or statements is None or hidden:
        return CertificateFacts(certificate.not_before, QcStatements(), readable=False)
    policies = certificate.extension(x509.CertificatePolicies)
    subject = certificate.subject
    return CertificateFacts(
        issued=certificate.not_before,
        statements=statements,
        policies=frozenset(policy.policy_identifier.dotted_string for policy in policies or ()),
        key_usage=_key_usage(certificate.key_usage),
        extended_key_usage=certificate.extended_key_usage,
        subject_attributes=frozenset(attribute.oid.dotted_string for attribute in subject),
        names_a_person=any(subject.get_attributes_for_oid(oid) for oid in _PERSONAL),
    )


def _statements(certificate: Certificate) -> QcStatements:
    found: dict[str, bytes] = {}
    for extension in certificate.extensions or ():
        if extension.oid != _QC_STATEMENTS or not isinstance(extension.value, x509.UnrecognizedExtension):
            continue
        for statement in _sequence(_only(extension.value.value)):
            identifier, *information = _sequence(statement)
            found[_object_identifier(identifier)] = information[0].whole if information else b""
    return QcStatements(
        compliance=_COMPLIANCE in found,
        on_device=_SSCD in found,
        types=frozenset(
            _TYPES.get(_object_identifier(one), CertificateType.UNKNOWN) for one in _list(found.get(_TYPE))
        ),
        legislations=frozenset(
            one.content.decode("ascii", "replace").upper() for one in _list(found.get(_LEGISLATION))
        ),
    )


def _list(information: bytes | None) -> list[Tlv]:
    return _sequence(_only(information)) if information else []


def _only(data: bytes) -> Tlv:
    element, end = read(data)
    if end != len(data):
        raise ValueError("bytes behind the statement")
    return element


def _sequence(element: Tlv) -> list[Tlv]:
    if element.tag != _SEQUENCE:
        raise ValueError(f"DER tag {element.tag:#x} where a sequence should stand")
    return children(element.content)


def _object_identifier(element: Tlv) -> str:
    """Spell an object identifier in dots (X.690 §8.19)."""
    if element.tag != _OBJECT_IDENTIFIER or not element.content or element.content[-1] & _MORE:
        raise ValueError("no object identifier where one should stand")
    arcs: list[int] = []
    value = 0
    for octet in element.content:
        value = value << 7 | (octet & ~_MORE)
        if not octet & _MORE:
            arcs.append(value)
            value = 0
    top = min(arcs[0] // 40, 2)
    return ".".join(map(str, (top, arcs[0] - 40 * top, *arcs[1:])))


def _key_usage(usage: x509.KeyUsage | None) -> frozenset[str]:
    if usage is None:
        return frozenset()
    bits = {name for name, attribute in _KEY_USAGE_BITS.items() if getattr(usage, attribute)}
    if usage.key_agreement:  # without it the next two bits are undefined, and `cryptography` raises
        bits |= {"encipherOnly"} if usage.encipher_only else set()
        bits |= {"decipherOnly"} if usage.decipher_only else set()
    return frozenset(bits)
