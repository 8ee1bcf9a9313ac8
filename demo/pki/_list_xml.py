"""How a trusted list looks as XML (ETSI TS 119 612 v2.3.1, clause 5): scheme, providers, services, their history.

Element order is the schema's. What the lists say stands in `trusted_list`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from lxml import etree

from demo.xmlsig import DS, XADES, b64, sub

__all__ = [
    "Past",
    "Pointer",
    "Provider",
    "Qualifiers",
    "Scheme",
    "Service",
    "status",
    "svctype",
    "write_list",
]

_TSL = "http://uri.etsi.org/02231/v2#"
_TYPES = "http://uri.etsi.org/02231/v2/additionaltypes#"
_QUALIFIERS = "http://uri.etsi.org/TrstSvc/SvcInfoExt/eSigDir-1999-93-EC-TrustedList/#"
_LISTS = "http://uri.etsi.org/TrstSvc/TrustedList"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualifiers:
    """One QualificationElement: qualifiers that hold for certificates with all of these policies."""

    names: tuple[str, ...]
    policies: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What a service was from a moment on, until the next newer entry."""

    kind: str
    status: str
    since: datetime
    purposes: tuple[str, ...] = ()
    qualifiers: tuple[Qualifiers, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service now, with its certificate, and its past (newest first), where real lists name no certificate."""

    name: str
    certificate: x509.Certificate
    now: Past
    past: tuple[Past, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A trust service provider and its services."""

    name: str
    trade_name: str
    country: str
    services: tuple[Service, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """Where another list is, and who may sign it."""

    location: str
    territory: str
    signers: tuple[x509.Certificate, ...]
    of_lists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """The head of a list."""

    territory: str
    operator: str
    sequence: int
    issued: datetime
    next_update: datetime
    location: str
    pointers: tuple[Pointer, ...] = ()
    of_lists: bool = False


def svctype(name: str) -> str:
    """The identifier of a service type, such as `CA/QC`."""
    return f"http://uri.etsi.org/TrstSvc/Svctype/{name}"


def status(name: str) -> str:
    """The identifier of a service status, such as `granted`."""
    return f"{_LISTS}/Svcstatus/{name}"


def write_list(scheme: Scheme, providers: Iterable[Provider] = ()) -> etree._Element:
    """The list as a tree, without its signature."""
    names = {None: _TSL, "ds": DS, "xades": XADES, "tslx": _TYPES, "sie": _QUALIFIERS}
    root = etree.Element(f"{{{_TSL}}}TrustServiceStatusList", nsmap=names)  # type: ignore[arg-type]
    root.set("Id", f"{scheme.territory}-TSL")
    root.set("TSLTag", "http://uri.etsi.org/19612/TSLTag")
    _scheme(_add(root, "SchemeInformation"), scheme)
    all_providers = tuple(providers)
    if all_providers:
        listed = _add(root, "TrustServiceProviderList")
        for each in all_providers:
            _provider(listed, each)
    return root


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    return sub(parent, _TSL, name, text)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _named(parent: etree._Element, element: str, child: str, *texts: str, lang: str = "en") -> None:
    within = _add(parent, element)
    for text in texts:
        _add(within, child, text).set(_XML_LANG, lang)


def _address(parent: etree._Element, country: str) -> None:
    for lang in ("en", "lv"):
        addresses = parent.find(f"{{{_TSL}}}PostalAddresses")
        address = _add(_add(parent, "PostalAddresses") if addresses is None else addresses, "PostalAddress")
        address.set(_XML_LANG, lang)
        for name, text in (
            ("StreetAddress", "Demo 1"),
            ("Locality", "Demo"),
            ("PostalCode", "1000"),
            ("CountryName", country),
        ):
            _add(address, name, text)
    _named(parent, "ElectronicAddress", "URI", "mailto:list@demo.test", "https://demo.test/")


def _kind(scheme: Scheme) -> str:
    return "EUlistofthelists" if scheme.of_lists else "EUgeneric"


def _rules(territory: str, *, of_lists: bool) -> tuple[str, ...]:
    if of_lists:
        return (f"{_LISTS}/schemerules/EUlistofthelists",)
    return (f"{_LISTS}/schemerules/{territory}", f"{_LISTS}/schemerules/EUcommon")


def _scheme(info: etree._Element, scheme: Scheme) -> None:
    _add(info, "TSLVersionIdentifier", "6")
    _add(info, "TSLSequenceNumber", str(scheme.sequence))
    _add(info, "TSLType", f"{_LISTS}/TSLType/{_kind(scheme)}")
    _named(info, "SchemeOperatorName", "Name", scheme.operator)
    _address(_add(info, "SchemeOperatorAddress"), scheme.territory)
    _named(
        info, "SchemeName", "Name", f"{scheme.territory}:Demo trusted list; every service and person in it is invented"
    )
    _named(info, "SchemeInformationURI", "URI", "https://demo.test/list")
    approach = "EUlistofthelists" if scheme.of_lists else "EUappropriate"
    _add(info, "StatusDeterminationApproach", f"{_LISTS}/StatusDetn/{approach}")
    _named(info, "SchemeTypeCommunityRules", "URI", *_rules(scheme.territory, of_lists=scheme.of_lists))
    _add(info, "SchemeTerritory", scheme.territory)
    _named(info, "PolicyOrLegalNotice", "TSLLegalNotice", "A demonstration. Nothing in this list has any legal effect.")
    _add(info, "HistoricalInformationPeriod", "65535")
    if scheme.pointers:
        pointers = _add(info, "PointersToOtherTSL")
        for each in scheme.pointers:
            _pointer(_add(pointers, "OtherTSLPointer"), each)
    _add(info, "ListIssueDateTime", _time(scheme.issued))
    _add(_add(info, "NextUpdate"), "dateTime", _time(scheme.next_update))
    _add(_add(info, "DistributionPoints"), "URI", scheme.location)


def _pointer(parent: etree._Element, pointer: Pointer) -> None:
    identities = _add(parent, "ServiceDigitalIdentities")
    for each in pointer.signers:
        _certificate(_add(identities, "ServiceDigitalIdentity"), each)
    _add(parent, "TSLLocation", pointer.location)
    more = _add(parent, "AdditionalInformation")

    def other() -> etree._Element:
        return _add(more, "OtherInformation")

    kind = "EUlistofthelists" if pointer.of_lists else "EUgeneric"
    _add(other(), "TSLType", f"{_LISTS}/TSLType/{kind}")
    _add(other(), "SchemeTerritory", pointer.territory)
    sub(other(), _TYPES, "MimeType", "application/vnd.etsi.tsl+xml")
    _named(other(), "SchemeOperatorName", "Name", "Demo list operator")
    _named(other(), "SchemeTypeCommunityRules", "URI", *_rules(pointer.territory, of_lists=pointer.of_lists))


def _certificate(identity: etree._Element, certificate: x509.Certificate) -> None:
    _add(_add(identity, "DigitalId"), "X509Certificate", b64(certificate.public_bytes(serialization.Encoding.DER)))


def _provider(listed: etree._Element, provider: Provider) -> None:
    element = _add(listed, "TrustServiceProvider")
    info = _add(element, "TSPInformation")
    _named(info, "TSPName", "Name", provider.name)
    _named(info, "TSPTradeName", "Name", provider.trade_name)
    _address(_add(info, "TSPAddress"), provider.country)
    _named(info, "TSPInformationURI", "URI", "https://demo.test/provider")
    services = _add(element, "TSPServices")
    for each in provider.services:
        _service(_add(services, "TSPService"), each)


def _service(element: etree._Element, service: Service) -> None:
    info = _add(element, "ServiceInformation")
    _entry(info, service, service.now, with_certificate=True)
    if service.past:
        history = _add(element, "ServiceHistory")
        for each in service.past:
            _entry(_add(history, "ServiceHistoryInstance"), service, each, with_certificate=False)


def _entry(element: etree._Element, service: Service, entry: Past, *, with_certificate: bool) -> None:
    _add(element, "ServiceTypeIdentifier", svctype(entry.kind))
    _named(element, "ServiceName", "Name", service.name)
    identity = _add(element, "ServiceDigitalIdentity")
    if with_certificate:
        _certificate(identity, service.certificate)
    _add(_add(identity, "DigitalId"), "X509SubjectName", service.certificate.subject.rfc4514_string())
    if not with_certificate:
        key = x509.SubjectKeyIdentifier.from_public_key(service.certificate.public_key())
        _add(_add(identity, "DigitalId"), "X509SKI", b64(key.digest))
    _add(element, "ServiceStatus", status(entry.status))
    _add(element, "StatusStartingTime", _time(entry.since))
    if entry.qualifiers or entry.purposes:
        extensions = _add(element, "ServiceInformationExtensions")
        if entry.qualifiers:
            _qualifications(_extension(extensions), entry.qualifiers)
        for purpose in entry.purposes:
            uri = f"{_LISTS}/SvcInfoExt/{purpose}"
            _named(_extension(extensions), "AdditionalServiceInformation", "URI", uri)


def _extension(extensions: etree._Element) -> etree._Element:
    extension = _add(extensions, "Extension")
    extension.set("Critical", "true")
    return extension


def _qualifications(extension: etree._Element, elements: Sequence[Qualifiers]) -> None:
    qualifications = sub(extension, _QUALIFIERS, "Qualifications")
    for each in elements:
        element = sub(qualifications, _QUALIFIERS, "QualificationElement")
        names = sub(element, _QUALIFIERS, "Qualifiers")
        for name in each.names:
            sub(names, _QUALIFIERS, "Qualifier", uri=f"{_LISTS}/SvcInfoExt/{name}")
        criteria = sub(element, _QUALIFIERS, "CriteriaList", assert_="all")
        criteria.attrib["assert"] = criteria.attrib.pop("assert_")  # `assert` is a word of Python
        for policy in each.policies:
            identifier = sub(sub(criteria, _QUALIFIERS, "PolicySet"), _QUALIFIERS, "PolicyIdentifier")
            sub(identifier, XADES, "Identifier", f"urn:oid:{policy}", Qualifier="OIDAsURN")
