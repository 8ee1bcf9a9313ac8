"""Invented authorities, certificates and signed trusted lists, made in a few lines for one test each."""

from __future__ import annotations

import base64
import functools
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID, ObjectIdentifier
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, SignatureConstructionMethod
from signxml.xades.xades import XAdESSigner

from demo.der import oid, sequence
from signing.pki.certificates import Certificate

if TYPE_CHECKING:
    from collections.abc import Iterable

URI = "http://uri.etsi.org/TrstSvc/"
EIDAS = datetime(2016, 6, 30, 22, tzinfo=UTC)

COMPLIANCE = "0.4.0.1862.1.1"
SSCD = "0.4.0.1862.1.4"
TYPE = "0.4.0.1862.1.6"
LEGISLATION = "0.4.0.1862.1.7"
ESIGN, ESEAL, WEB = (f"{TYPE}.{number}" for number in (1, 2, 3))


def when(day: str) -> datetime:
    """Noon of an ISO day, UTC."""
    return datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)


@dataclass(frozen=True)
class Party:
    """A certificate and its key."""

    certificate: Certificate
    key: ec.EllipticCurvePrivateKey


@functools.cache
def _spare_keys(_number: int) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def authority(name: str, *, since: str = "2010-01-01", until: str = "2040-01-01", key: int | None = None) -> Party:
    """A self-signed authority; the same `key` number gives the same key."""
    private = _spare_keys(key) if key is not None else ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "LV"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = _builder(subject, subject, private, when(since), when(until)).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    )
    return Party(_signed(builder, private), private)


def person(
    issuer: Party,
    *,
    since: str,
    statements: Iterable[bytes] = (),
    policies: Iterable[str] = (),
    body: bool = False,
    signing: bool = True,
) -> Certificate:
    """A signer's certificate: a person's, or a body's; `signing` sets nonRepudiation, else digitalSignature."""
    private = _spare_keys(0)
    named = (
        [(NameOID.ORGANIZATION_NAME, "Invented School"), (NameOID.COMMON_NAME, "Invented School")]
        if body
        else [(NameOID.GIVEN_NAME, "ANNA"), (NameOID.SURNAME, "PARAUGA"), (NameOID.COMMON_NAME, "ANNA PARAUGA")]
    )
    subject = x509.Name([x509.NameAttribute(oid, text) for oid, text in [(NameOID.COUNTRY_NAME, "LV"), *named]])
    start = when(since)
    builder = _builder(subject, issuer.certificate.x509.subject, private, start, start + timedelta(days=1800))
    builder = builder.add_extension(
        x509.KeyUsage(not signing, signing, False, False, False, False, False, False, False), critical=True
    )
    statements, policies = tuple(statements), tuple(policies)
    if statements:
        value = x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.5.5.7.1.3"), sequence(*statements))
        builder = builder.add_extension(value, critical=False)
    if policies:
        information = [x509.PolicyInformation(ObjectIdentifier(oid), None) for oid in policies]
        builder = builder.add_extension(x509.CertificatePolicies(information), critical=False)
    return _signed(builder, issuer.key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, since: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
    )


def _signed(builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> Certificate:
    return Certificate.from_der(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER))


def statement(identifier: str, information: bytes = b"") -> bytes:
    return sequence(oid(identifier), information)


def types(*identifiers: str) -> bytes:
    """A QcType statement."""
    return statement(TYPE, sequence(*map(oid, identifiers)))


QUALIFIED_PERSON = (statement(COMPLIANCE), statement(SSCD), types(ESIGN))
QUALIFIED_BODY = (statement(COMPLIANCE), statement(SSCD), types(ESEAL))


@dataclass(frozen=True)
class Entry:
    """One status of a service. `extensions` are whole `Extension` elements; `certificates` None repeats none."""

    status: str
    since: datetime
    kind: str = "CA/QC"
    certificates: tuple[Certificate, ...] | None = None
    extensions: tuple[str, ...] = ()


@dataclass(frozen=True)
class ServiceEntry:
    """A service: its current status and its history, each an `Entry`."""

    name: str
    current: Entry
    history: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class ListText:
    """A trusted list before it is signed."""

    services: tuple[ServiceEntry, ...] = ()
    pointers: tuple[str, ...] = ()
    territory: str = "LV"
    kind: str = "EUgeneric"
    sequence: int = 7
    issued: datetime = field(default=when("2026-03-01"))
    next_update: datetime | None = field(default=when("2026-08-01"))
    uris: tuple[str, ...] = ()
    version: int = 6

    def xml(self) -> bytes:
        """The list, unsigned."""
        next_update = f"<dateTime>{_stamp(self.next_update)}</dateTime>" if self.next_update else ""
        pointers = f"<PointersToOtherTSL>{''.join(self.pointers)}</PointersToOtherTSL>" if self.pointers else ""
        return f"""<?xml version="1.0" encoding="UTF-8"?>
<TrustServiceStatusList xmlns="http://uri.etsi.org/02231/v2#" xmlns:add="http://uri.etsi.org/02231/v2/additionaltypes#"
 xmlns:ecc="http://uri.etsi.org/TrstSvc/SvcInfoExt/eSigDir-1999-93-EC-TrustedList/#"
 xmlns:xades="http://uri.etsi.org/01903/v1.3.2#" Id="list" TSLTag="http://uri.etsi.org/19612/TSLTag">
<SchemeInformation><TSLVersionIdentifier>{self.version}</TSLVersionIdentifier>
<TSLSequenceNumber>{self.sequence}</TSLSequenceNumber><TSLType>{URI}TrustedList/TSLType/{self.kind}</TSLType>
<SchemeInformationURI>{"".join(f'<URI xml:lang="en">{uri}</URI>' for uri in self.uris)}</SchemeInformationURI>
<SchemeTerritory>{self.territory}</SchemeTerritory>{pointers}
<ListIssueDateTime>{_stamp(self.issued)}</ListIssueDateTime><NextUpdate>{next_update}</NextUpdate></SchemeInformation>
<TrustServiceProviderList><TrustServiceProvider><TSPInformation><TSPName><Name xml:lang="lv">Izdomātais</Name>
<Name xml:lang="en">Invented provider</Name></TSPName></TSPInformation>
<TSPServices>{"".join(map(_service, self.services))}</TSPServices></TrustServiceProvider></TrustServiceProviderList>
</TrustServiceStatusList>""".encode()


def pointer(
    location: str,
    signers: Iterable[Certificate],
    *,
    territory: str = "LV",
    kind: str = "EUgeneric",
    media_type: str = "application/vnd.etsi.tsl+xml",
) -> str:
    """An `OtherTSLPointer`."""
    return f"""<OtherTSLPointer><ServiceDigitalIdentities>{"".join(_identity((one,)) for one in signers)}
</ServiceDigitalIdentities><TSLLocation>{location}</TSLLocation><AdditionalInformation>
<OtherInformation><TSLType>{URI}TrustedList/TSLType/{kind}</TSLType></OtherInformation>
<OtherInformation><SchemeTerritory>{territory}</SchemeTerritory></OtherInformation>
<OtherInformation><add:MimeType>{media_type}</add:MimeType></OtherInformation></AdditionalInformation></OtherTSLPointer>"""


def uses(word: str) -> str:
    """An extension that says what certificates of the service are for, e.g. "ForeSignatures"."""
    return f"""<Extension Critical="true"><AdditionalServiceInformation>
<URI xml:lang="en">{URI}TrustedList/SvcInfoExt/{word}</URI></AdditionalServiceInformation></Extension>"""


def qualifier(*words: str, criteria: str = "", assertion: str = "all") -> str:
    """An extension with one qualification element; without `criteria` it is about certificates that sign."""
    criteria = criteria or key_usage(nonRepudiation=True)
    named = "".join(f'<ecc:Qualifier uri="{URI}TrustedList/SvcInfoExt/{word}"/>' for word in words)
    return f"""<Extension Critical="true"><ecc:Qualifications><ecc:QualificationElement><ecc:Qualifiers>{named}
</ecc:Qualifiers><ecc:CriteriaList assert="{assertion}">{criteria}</ecc:CriteriaList></ecc:QualificationElement>
</ecc:Qualifications></Extension>"""


def key_usage(**bits: bool) -> str:
    named = "".join(
        f'<ecc:KeyUsageBit name="{name}">{str(bit).lower()}</ecc:KeyUsageBit>' for name, bit in bits.items()
    )
    return f"<ecc:KeyUsage>{named}</ecc:KeyUsage>"


def policy_set(*policies: str) -> str:
    named = (
        f"<ecc:PolicyIdentifier><xades:Identifier>{one}</xades:Identifier></ecc:PolicyIdentifier>" for one in policies
    )
    return f"<ecc:PolicySet>{''.join(named)}</ecc:PolicySet>"


def sign(xml: bytes, signer: Party) -> bytes:
    """The list with an enveloped XAdES signature."""
    signer_tool = XAdESSigner(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm="ecdsa-sha256",
        digest_algorithm="sha256",
        c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_1,
    )
    pem = signer.certificate.x509.public_bytes(Encoding.PEM).decode()
    # Blanks between elements would be kept, and are of no interest here.
    root = etree.fromstring(re.sub(rb">\s+<", b"><", xml))
    return etree.tostring(signer_tool.sign(root, key=signer.key, cert=pem))


def _service(service: ServiceEntry) -> str:
    history = "".join(_entry(one, "ServiceHistoryInstance", service.name) for one in service.history)
    return f"""<TSPService>{_entry(service.current, "ServiceInformation", service.name)}
<ServiceHistory>{history}</ServiceHistory></TSPService>"""


def _entry(entry: Entry, element: str, name: str) -> str:
    return f"""<{element}><ServiceTypeIdentifier>{URI}Svctype/{entry.kind}</ServiceTypeIdentifier>
<ServiceName><Name xml:lang="en">{name}</Name></ServiceName>{_identity(entry.certificates)}
<ServiceStatus>{URI}TrustedList/Svcstatus/{entry.status}</ServiceStatus>
<StatusStartingTime>{_stamp(entry.since)}</StatusStartingTime>
<ServiceInformationExtensions>{"".join(entry.extensions)}</ServiceInformationExtensions></{element}>"""


def _identity(certificates: tuple[Certificate, ...] | None) -> str:
    if certificates is None:
        named = "<DigitalId><X509SKI>AAAA</X509SKI></DigitalId>"
    else:
        named = "".join(
            f"<DigitalId><X509Certificate>{base64.b64encode(one.der).decode()}</X509Certificate></DigitalId>"
            for one in certificates
        )
    return f"<ServiceDigitalIdentity>{named}</ServiceDigitalIdentity>"


def _stamp(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
