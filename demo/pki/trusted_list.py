"""Who vouches for the demo's services: a Latvian and an Estonian list, and the list of lists.

    lv_list(pki, at=now)      lotl(pki, at=now)      ee_list(pki, at=now)

They are signed as real ones (XAdES baseline B, enveloped, RSA with SHA-512). `Twist` describes lists that must be
refused or state something else, each different in exactly one way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from lxml import etree

from demo.pki._configuration import IN_DEVICE, LIST_SIGNERS, QCP_L_QSCD, QCP_N_QSCD, responder_label
from demo.pki._list_xml import Past, Pointer, Provider, Qualifiers, Scheme, Service, write_list
from demo.pki.authority import Pki
from demo.xmlsig import ENVELOPED, EXCLUSIVE, Means, Properties, Reference, canonical, write_signature

__all__ = ["EE_PATH", "LOTL_PATH", "LV_PATH", "Twist", "ee_list", "lotl", "lv_list"]

LV_PATH, EE_PATH, LOTL_PATH = "/lists/lv.xml", "/lists/ee.xml", "/lists/lotl.xml"

_EIDAS = datetime(2016, 6, 30, 22, tzinfo=UTC)
_SEQUENCE_ZERO = datetime(2020, 1, 1, tzinfo=UTC)
_SIGNATURES, _SEALS = "ForeSignatures", "ForeSeals"
_IN_DEVICE = Qualifiers(names=("QCWithQSCD",), policies=(IN_DEVICE,))
_FOR_SIGNATURES = Qualifiers(names=("QCForESig",), policies=(QCP_N_QSCD,))
_FOR_SEALS = Qualifiers(names=("QCForESeal",), policies=(QCP_L_QSCD,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Twist:
    """How a list differs from the good one; nothing by default.

    `signer`: label of the signing certificate, `list-impostor` is announced nowhere. `sequence`: a number of one's own
    (the good one counts days). `expired`: NextUpdate lies a day before `at`. `statuses`: label of a service →
    (status, since), the entry until then becoming history. `without`: labels of services left out. `torn`: one octet
    changed after signing.
    """

    signer: str = ""
    sequence: int | None = None
    expired: bool = False
    statuses: Mapping[str, tuple[str, datetime]] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    torn: bool = False


_GOOD = Twist()


def lv_list(pki: Pki, *, at: datetime, twist: Twist = _GOOD) -> bytes:
    """The Latvian-shaped list as it is on that day; issued at midnight, next update in 180 days."""
    lists = Pointer(
        location=pki.base_url + LOTL_PATH, territory="EU", signers=(pki.certificate("lotl"),), of_lists=True
    )
    services = tuple(
        _twisted(label, each, twist) for label, each in _lv_services(pki, at).items() if label not in twist.without
    )
    provider = Provider(
        name="Demo uzticamības pakalpojumi", trade_name="NTRLV-90000000001", country="LV", services=services
    )
    scheme = _scheme("LV", pki.base_url + LV_PATH, at, twist, pointers=(lists,))
    return _signed(write_list(scheme, (provider,)), pki, twist.signer or "list-lv", scheme, twist)


def ee_list(pki: Pki, *, at: datetime, twist: Twist = _GOOD) -> bytes:
    """The Estonian-shaped list: one qualified authority."""
    granted = Past(kind="CA/QC", status="granted", since=_EIDAS, purposes=(_SIGNATURES,))
    service = Service(name="DEMO EE Qualified CA", certificate=pki.certificate("ee"), now=granted)
    provider = Provider(
        name="Demo EE trust services",
        trade_name="NTREE-90000002",
        country="EE",
        services=(_twisted("ee", service, twist),),
    )
    scheme = _scheme("EE", pki.base_url + EE_PATH, at, twist)
    return _signed(write_list(scheme, (provider,)), pki, twist.signer or "list-ee", scheme, twist)


def lotl(pki: Pki, *, at: datetime, twist: Twist = _GOOD) -> bytes:
    """The list of lists: where both lists are and who may sign them (Latvia announces two signers, as in reality)."""
    pointers = (
        Pointer(location=pki.base_url + LOTL_PATH, territory="EU", signers=(pki.certificate("lotl"),), of_lists=True),
        Pointer(
            location=pki.base_url + LV_PATH,
            territory="LV",
            signers=(pki.certificate("list-lv"), pki.certificate("list-lv-next")),
        ),
        Pointer(location=pki.base_url + EE_PATH, territory="EE", signers=(pki.certificate("list-ee"),)),
    )
    scheme = replace(_scheme("EU", pki.base_url + LOTL_PATH, at, twist, pointers=pointers), of_lists=True)
    return _signed(write_list(scheme), pki, twist.signer or "lotl", scheme, twist)


def _lv_services(pki: Pki, at: datetime) -> dict[str, Service]:
    began, both = datetime(2021, 3, 15, tzinfo=UTC), datetime(2022, 1, 10, tzinfo=UTC)
    device_signatures = (_IN_DEVICE, _FOR_SIGNATURES)
    responder = pki.certificate(responder_label("eid", at))
    return {
        "root": Service(
            name="DEMO LV Root CA",
            certificate=pki.certificate("root"),
            now=Past(kind="CA/PKC", status="recognisedatnationallevel", since=_EIDAS),
        ),
        "eid": Service(
            name="DEMO LV eID ICA 2021",
            certificate=pki.certificate("eid"),
            now=Past(kind="CA/QC", status="granted", since=began, purposes=(_SIGNATURES,)),
        ),
        "eparaksts": Service(
            name="DEMO eParaksts ICA 2021",
            certificate=pki.certificate("eparaksts"),
            now=Past(
                kind="CA/QC",
                status="granted",
                since=both,
                purposes=(_SIGNATURES, _SEALS),
                qualifiers=(*device_signatures, _FOR_SEALS),
            ),
            past=(
                Past(
                    kind="CA/QC", status="granted", since=began, purposes=(_SIGNATURES,), qualifiers=device_signatures
                ),
            ),
        ),
        "old": Service(
            name="DEMO eParaksts ICA 2012",
            certificate=pki.certificate("old"),
            now=Past(
                kind="CA/QC",
                status="withdrawn",
                since=pki.epoch - timedelta(days=365),
                purposes=(_SIGNATURES,),
                qualifiers=(_IN_DEVICE,),
            ),
            past=(
                Past(kind="CA/QC", status="granted", since=_EIDAS, purposes=(_SIGNATURES,), qualifiers=(_IN_DEVICE,)),
                Past(kind="CA/QC", status="accredited", since=datetime(2014, 2, 1, 22, tzinfo=UTC)),
                Past(kind="CA/QC", status="undersupervision", since=datetime(2012, 5, 18, 21, tzinfo=UTC)),
            ),
        ),
        "tsa": Service(
            name="DEMO eParaksts TSA 2024",
            certificate=pki.certificate("tsa"),
            now=Past(kind="TSA/QTST", status="granted", since=datetime(2019, 1, 1, tzinfo=UTC)),
        ),
        "tsa-plain": Service(
            name="DEMO plain TSA 2024",
            certificate=pki.certificate("tsa-plain"),
            now=Past(kind="TSA", status="recognisedatnationallevel", since=datetime(2019, 1, 1, tzinfo=UTC)),
        ),
        "ocsp": Service(
            name="DEMO LV eID ICA 2021 OCSP",
            certificate=responder,
            now=Past(kind="Certstatus/OCSP/QC", status="granted", since=responder.not_valid_before_utc),
        ),
    }


def _twisted(label: str, service: Service, twist: Twist) -> Service:
    if label not in twist.statuses:
        return service
    status, since = twist.statuses[label]
    return replace(service, now=replace(service.now, status=status, since=since), past=(service.now, *service.past))


def _scheme(territory: str, location: str, at: datetime, twist: Twist, *, pointers: tuple[Pointer, ...] = ()) -> Scheme:
    issued = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    next_update = issued + timedelta(days=180)
    if twist.expired:
        issued, next_update = issued - timedelta(days=181), issued - timedelta(days=1)
    return Scheme(
        territory=territory,
        operator="Demo list operator",
        sequence=(issued - _SEQUENCE_ZERO).days if twist.sequence is None else twist.sequence,
        issued=issued,
        next_update=next_update,
        location=location,
        pointers=pointers,
    )


def _signed(root: etree._Element, pki: Pki, signer: str, scheme: Scheme, twist: Twist) -> bytes:
    if signer not in LIST_SIGNERS:
        raise ValueError(signer)
    certificate = pki.certificate(signer)
    # The document is digested before it contains the signature, which the enveloped transform removes.
    everything = Reference(
        uri="", content=canonical(root, EXCLUSIVE), media_type="text/xml", transforms=(ENVELOPED, EXCLUSIVE)
    )
    write_signature(
        root,
        identifier=f"{scheme.territory}-signature",
        references=(everything,),
        properties=Properties(claimed_at=scheme.issued, named=certificate, version=2),
        means=Means(key=pki.key(signer), certificate=certificate, digest="sha512", method=EXCLUSIVE),
    )
    octets = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    if twist.torn:
        return octets.replace(b"Demo 1<", b"Demo 2<", 1)
    return octets
