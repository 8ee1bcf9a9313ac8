"""Read one trusted list (ETSI TS 119 612, format versions 5 and 6) as facts.

Signature, freshness and sequence are not checked here but in `signing.trust.authenticity` and `signing.trust.loading`.
What does not follow the standard becomes a remark and costs the entry, never the list: one odd entry must not make all
certificates of a state unusable.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

from lxml import etree

from signing.pki.certificates import Certificate
from signing.pki.times import xsd_date_time
from signing.trust.errors import UnreadableList
from signing.trust.identifiers import ListKind, ServiceKind, Status
from signing.trust.model import Pointer, Service, StatusPeriod, TrustedList
from signing.trust.service_extensions import extension_facts
from signing.trust.tsl_xml import TSL, XML_LANGUAGE, last_part, parse, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from enum import StrEnum

    _Word = TypeVar("_Word", bound=StrEnum)

__all__ = ["read_list", "read_tree"]

_VERSIONS = frozenset({5, 6})
_SERVICE_TYPES = "/Svctype/"


def read_list(xml: bytes) -> TrustedList:
    """Read a trusted list or list of lists; raises `UnreadableList` for anything else, or another version."""
    return read_tree(parse(xml), sha256=hashlib.sha256(xml).hexdigest())


def read_tree(root: etree._Element, *, sha256: str) -> TrustedList:
    """Read a parsed list; `sha256` is that of the file it came from."""
    # (1) Is it a list at all, and of a version whose meaning is known to us?
    if root.tag != TSL + "TrustServiceStatusList":
        raise UnreadableList("list.not-a-trusted-list")
    scheme = root.find(TSL + "SchemeInformation")
    if scheme is None:
        raise UnreadableList("list.incomplete", {"missing": "SchemeInformation"})
    version = _number(scheme, "TSLVersionIdentifier")
    if version not in _VERSIONS:
        raise UnreadableList("list.version-unknown", {"version": str(version)})
    # (2) The scheme: whose list, which number, from when until when.
    territory = text_of(scheme, TSL + "SchemeTerritory").upper()
    remarks: list[str] = []
    # (3) Other lists it points to, and (4) the services it vouches for.
    pointers = tuple(_pointers(scheme, remarks))
    services = tuple(_services(root, territory, remarks))
    return TrustedList(
        territory=territory,
        kind=_word(ListKind, last_part(text_of(scheme, TSL + "TSLType"))),
        version=version,
        sequence=_number(scheme, "TSLSequenceNumber"),
        issued=_required_moment(scheme, "ListIssueDateTime"),
        next_update=_moment(text_of(scheme, f"{TSL}NextUpdate/{TSL}dateTime")),
        services=services,
        pointers=pointers,
        information_uris=tuple(
            uri.text.strip() for uri in scheme.iterfind(f"{TSL}SchemeInformationURI/{TSL}URI") if uri.text
        ),
        sha256=sha256,
        remarks=tuple(remarks),
    )


def _pointers(scheme: etree._Element, remarks: list[str]) -> Iterator[Pointer]:
    for pointer in scheme.iterfind(f"{TSL}PointersToOtherTSL/{TSL}OtherTSLPointer"):
        location = text_of(pointer, TSL + "TSLLocation")
        about = {
            etree.QName(element).localname: element
            for information in pointer.iterfind(f"{TSL}AdditionalInformation/{TSL}OtherInformation")
            for element in information.iterchildren("*")
        }
        if not location:
            remarks.append("a pointer without a location")
            continue
        yield Pointer(
            location=location,
            territory=_own_text(about.get("SchemeTerritory")).upper(),
            kind=_word(ListKind, last_part(_own_text(about.get("TSLType")))),
            media_type=_own_text(about.get("MimeType")),
            signers=_certificates(
                pointer,
                f"{TSL}ServiceDigitalIdentities/{TSL}ServiceDigitalIdentity",
                f"the list at {location}",
                remarks,
            ),
        )


def _services(root: etree._Element, territory: str, remarks: list[str]) -> Iterator[Service]:
    for provider in root.iterfind(f"{TSL}TrustServiceProviderList/{TSL}TrustServiceProvider"):
        provider_name = _name(provider, f"{TSL}TSPInformation/{TSL}TSPName")
        for service in provider.iterfind(f"{TSL}TSPServices/{TSL}TSPService"):
            current = service.find(TSL + "ServiceInformation")
            if current is None:
                remarks.append(f"a service of {provider_name} without information")
                continue
            name = _name(current, TSL + "ServiceName")
            entries = [current, *service.iterfind(f"{TSL}ServiceHistory/{TSL}ServiceHistoryInstance")]
            periods = [period for entry in entries if (period := _period(entry, name, remarks)) is not None]
            yield Service(name, provider_name, territory, _ended_by_the_next(periods))


def _period(entry: etree._Element, service: str, remarks: list[str]) -> StatusPeriod | None:
    since = _moment(text_of(entry, TSL + "StatusStartingTime"))
    if since is None:
        remarks.append(f"a status of {service} without a beginning")
        return None
    facts = extension_facts(entry.find(TSL + "ServiceInformationExtensions"))
    remarks.extend(f"{service}: {remark}" for remark in facts.remarks)
    _, _, kind = text_of(entry, TSL + "ServiceTypeIdentifier").partition(_SERVICE_TYPES)
    return StatusPeriod(
        kind=_word(ServiceKind, kind),
        status=_word(Status, last_part(text_of(entry, TSL + "ServiceStatus"))),
        since=since,
        until=None,
        certificates=_certificates(entry, TSL + "ServiceDigitalIdentity", service, remarks),
        uses=facts.uses,
        qualifiers=facts.qualifiers,
        not_understood=facts.not_understood,
    )


def _ended_by_the_next(periods: list[StatusPeriod]) -> tuple[StatusPeriod, ...]:
    """Sort newest first, end each where the next begins, and give the current certificates to entries without any."""
    if not periods:
        return ()
    current = periods[0].certificates
    newest_first = sorted(periods, key=lambda period: period.since, reverse=True)
    ends: list[datetime | None] = [None, *(newer.since for newer, _ in pairwise(newest_first))]
    return tuple(
        replace(period, until=end, certificates=period.certificates or current)
        for period, end in zip(newest_first, ends, strict=True)
    )


def _certificates(parent: etree._Element, path: str, whose: str, remarks: list[str]) -> tuple[bytes, ...]:
    """Read the certificates of a digital identity; an unreadable one becomes a remark with its owner."""
    found: dict[bytes, None] = {}
    for element in parent.iterfind(f"{path}/{TSL}DigitalId/{TSL}X509Certificate"):
        which = "not base64"
        try:
            der = base64.b64decode("".join((element.text or "").split()), validate=True)
            which = f"SHA-256 {hashlib.sha256(der).hexdigest()}"
            found[Certificate.from_der(der).der] = None
        except ValueError as error:  # not base64, or no certificate
            remarks.append(f"{whose}: a certificate that cannot be read ({which}): {error}")
    return tuple(found)


def _name(parent: etree._Element, path: str) -> str:
    """Return the English name, which every list must have (§5.1.4), or else the first."""
    names = {name.get(XML_LANGUAGE, ""): (name.text or "").strip() for name in parent.iterfind(f"{path}/{TSL}Name")}
    return names.get("en") or next(iter(names.values()), "")


def _own_text(element: etree._Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""


def _number(scheme: etree._Element, tag: str) -> int:
    text = text_of(scheme, TSL + tag)
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004 - no list has a billion issues
        raise UnreadableList("list.incomplete", {"missing": tag})
    return int(text)


def _required_moment(scheme: etree._Element, tag: str) -> datetime:
    moment = _moment(text_of(scheme, TSL + tag))
    if moment is None:
        raise UnreadableList("list.incomplete", {"missing": tag})
    return moment


def _moment(text: str) -> datetime | None:
    try:
        return xsd_date_time(text)
    except ValueError:
        return None


def _word(words: type[_Word], text: str) -> _Word:
    """Return the member with that value, or `OTHER` for an unknown one."""
    try:
        return words(text)
    except ValueError:
        return words("other")
