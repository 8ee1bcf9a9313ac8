"""Read a service's information extensions: certificate types, qualifiers and their criteria (TS 119 612 §5.5.9)."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from lxml import etree

from signing.trust.criteria import (
    Assertion,
    Criteria,
    ExtendedKeyUsageCriterion,
    KeyUsageCriterion,
    PolicyCriterion,
    SubjectAttributeCriterion,
    UnknownCriterion,
)
from signing.trust.identifiers import CertificateType, Qualifier
from signing.trust.model import QualifierRule
from signing.trust.tsl_xml import ADDITIONAL, QUALIFICATION, TSL, XADES, last_part, text_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from signing.trust.criteria import Criterion

_Value = TypeVar("_Value", bound="Hashable")

__all__ = ["ExtensionFacts", "extension_facts"]

_USES = {
    "ForeSignatures": CertificateType.ESIGN,
    "ForeSeals": CertificateType.ESEAL,
    "ForWebSiteAuthentication": CertificateType.WSA,
}
# Extensions that may be critical and do not affect qualification (§5.5.9.1, §5.5.9.3). They say how long revocation
# data is kept, and who took the service over.
_HARMLESS = frozenset({TSL + "ExpiredCertsRevocationInfo", ADDITIONAL + "TakenOverBy", TSL + "TakenOverBy"})
_OBJECT_IDENTIFIER_PREFIX = "urn:oid:"


@dataclass(frozen=True, slots=True)
class ExtensionFacts:
    """What the extensions of one entry state; `not_understood` when a critical one is not understood."""

    uses: frozenset[CertificateType] = frozenset()
    qualifiers: tuple[QualifierRule, ...] = ()
    not_understood: bool = False
    remarks: tuple[str, ...] = ()


def extension_facts(extensions: etree._Element | None) -> ExtensionFacts:
    """Read a `ServiceInformationExtensions` element; None means none."""
    if extensions is None:
        return ExtensionFacts()
    uses: set[CertificateType] = set()
    qualifiers: list[QualifierRule] = []
    remarks: list[str] = []
    not_understood = False
    for extension in extensions.iterfind(TSL + "Extension"):
        critical = extension.get("Critical", "false") in {"true", "1"}
        for content in extension.iterchildren("*"):
            if content.tag == TSL + "AdditionalServiceInformation":
                use = _USES.get(last_part(text_of(content, TSL + "URI")))
                uses |= {use} if use is not None else set()
            elif content.tag == QUALIFICATION + "Qualifications":
                qualifiers.extend(_rules(content, remarks))
            elif critical and content.tag not in _HARMLESS:
                not_understood = True
                remarks.append(f"critical extension {etree.QName(content).localname} is not known")
    return ExtensionFacts(_interned(frozenset(uses)), _interned(tuple(qualifiers)), not_understood, tuple(remarks))


@functools.lru_cache(maxsize=1024)
def _interned(value: _Value) -> _Value:
    """Return the first value seen that equals this one: lists repeat a few rules in hundreds of entries."""
    return value


def _rules(qualifications: etree._Element, remarks: list[str]) -> Iterator[QualifierRule]:
    for element in qualifications.iterfind(QUALIFICATION + "QualificationElement"):
        words = set()
        for qualifier in element.iterfind(f"{QUALIFICATION}Qualifiers/{QUALIFICATION}Qualifier"):
            spelled = last_part(qualifier.get("uri", ""))
            try:
                words.add(Qualifier(spelled))
            except ValueError:
                remarks.append(f"qualifier {spelled} is not known")
        criteria = element.find(QUALIFICATION + "CriteriaList")
        if words and criteria is not None:
            yield QualifierRule(frozenset(words), _criteria(criteria))
        elif words:
            remarks.append("a qualifier without criteria")


def _criteria(element: etree._Element) -> Criteria:
    try:
        assertion = Assertion(element.get("assert", "all"))
    except ValueError:
        return Criteria(Assertion.ALL, (UnknownCriterion(f"assert={element.get('assert')}"),))
    parts = [part for child in element.iterchildren("*") for part in _criterion(child)]
    return Criteria(assertion, tuple(parts))


def _criterion(element: etree._Element) -> Iterator[Criterion]:
    match etree.QName(element).localname:
        case "KeyUsage":
            yield KeyUsageCriterion(
                tuple(
                    (bit.get("name", ""), (bit.text or "").strip() in {"true", "1"})
                    for bit in element.iterfind(QUALIFICATION + "KeyUsageBit")
                )
            )
        case "PolicySet":
            yield PolicyCriterion(_identifiers(element, QUALIFICATION + "PolicyIdentifier"))
        case "CriteriaList":
            yield _criteria(element)
        case "otherCriteriaList":
            yield from map(_other, element.iterchildren("*"))
        case "Description":
            return
        case unknown:
            yield UnknownCriterion(unknown)


def _other(element: etree._Element) -> Criterion:
    match etree.QName(element).localname:
        case "ExtendedKeyUsage":
            return ExtendedKeyUsageCriterion(_identifiers(element, ADDITIONAL + "KeyPurposeId"))
        case "CertSubjectDNAttribute":
            return SubjectAttributeCriterion(_identifiers(element, ADDITIONAL + "AttributeOID"))
        case unknown:
            return UnknownCriterion(unknown)


def _identifiers(element: etree._Element, path: str) -> frozenset[str]:
    return frozenset(
        text_of(identifier, XADES + "Identifier").lower().removeprefix(_OBJECT_IDENTIFIER_PREFIX)
        for identifier in element.iterfind(path)
    )
