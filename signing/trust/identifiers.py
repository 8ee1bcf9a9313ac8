"""Identifiers of ETSI TS 119 612: list types, service types, statuses and qualifiers, each the end of a URI.

An unknown status or type is kept as OTHER: it anchors nothing and qualifies nobody, and is never an error of the list.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from signing.pki.trust_protocol import Purpose

__all__ = [
    "EIDAS_APPLIES_FROM",
    "CertificateType",
    "ListKind",
    "Qualifier",
    "ServiceKind",
    "Status",
    "anchors_for",
]

# Regulation (EU) 910/2014 applies from 1 July 2016 (Article 52), midnight in Brussels.
EIDAS_APPLIES_FROM = datetime(2016, 6, 30, 22, tzinfo=UTC)


class ListKind(StrEnum):
    """Last part of TSLType."""

    NATIONAL = "EUgeneric"
    LIST_OF_LISTS = "EUlistofthelists"
    OTHER = "other"


class ServiceKind(StrEnum):
    """What follows `…/TrstSvc/Svctype/` in a ServiceTypeIdentifier (TS 119 612 §5.5.1)."""

    CA_QC = "CA/QC"
    CA_PKC = "CA/PKC"
    NATIONAL_ROOT = "NationalRootCA-QC"
    OCSP_QC = "Certstatus/OCSP/QC"
    OCSP = "Certstatus/OCSP"
    CRL_QC = "Certstatus/CRL/QC"
    CRL = "Certstatus/CRL"
    TSA_QTST = "TSA/QTST"
    TSA_QC = "TSA/TSS-QC"
    TSA_ADES = "TSA/TSS-AdESQCandQES"
    TSA = "TSA"
    OTHER = "other"


class Status(StrEnum):
    """Last part of a ServiceStatus: current ones (TS 119 612 §5.5.4) and those before eIDAS (v1.2.1 §5.5.4)."""

    GRANTED = "granted"
    WITHDRAWN = "withdrawn"
    RECOGNISED = "recognisedatnationallevel"
    DEPRECATED = "deprecatedatnationallevel"
    SET_BY_LAW = "setbynationallaw"
    DEPRECATED_BY_LAW = "deprecatedbynationallaw"
    UNDER_SUPERVISION = "undersupervision"
    SUPERVISION_CEASING = "supervisionincessation"
    SUPERVISION_CEASED = "supervisionceased"
    SUPERVISION_REVOKED = "supervisionrevoked"
    ACCREDITED = "accredited"
    ACCREDITATION_CEASED = "accreditationceased"
    ACCREDITATION_REVOKED = "accreditationrevoked"
    OTHER = "other"

    @property
    def vouched_for(self) -> bool:
        """Whether the list vouches for the service while this status holds."""
        return self in _VOUCHED_FOR

    def qualified_at(self, moment: datetime) -> bool:
        """Whether a service with this status is a qualified one at that moment (TS 119 615 §4.4).

        Since eIDAS applies only `granted` means that; before, supervision or accreditation under Directive 1999/93/EC
        did.
        """
        if moment >= EIDAS_APPLIES_FROM:
            return self is Status.GRANTED
        return self in _QUALIFIED_BEFORE_EIDAS


_QUALIFIED_BEFORE_EIDAS = frozenset(
    {Status.UNDER_SUPERVISION, Status.SUPERVISION_CEASING, Status.ACCREDITED, Status.GRANTED}
)
_VOUCHED_FOR = _QUALIFIED_BEFORE_EIDAS | {Status.RECOGNISED, Status.SET_BY_LAW}


class Qualifier(StrEnum):
    """Last part of a Qualifier's URI (TS 119 612 §5.5.9.2.3)."""

    QC_STATEMENT = "QCStatement"
    NOT_QUALIFIED = "NotQualified"
    WITH_SSCD = "QCWithSSCD"
    NO_SSCD = "QCNoSSCD"
    SSCD_AS_IN_CERTIFICATE = "QCSSCDStatusAsInCert"
    WITH_QSCD = "QCWithQSCD"
    NO_QSCD = "QCNoQSCD"
    QSCD_AS_IN_CERTIFICATE = "QCQSCDStatusAsInCert"
    QSCD_ON_BEHALF = "QCQSCDManagedOnBehalf"
    FOR_LEGAL_PERSON = "QCForLegalPerson"
    FOR_ESIG = "QCForESig"
    FOR_ESEAL = "QCForESeal"
    FOR_WSA = "QCForWSA"


class CertificateType(StrEnum):
    """What a certificate is for: signatures, seals or web sites; UNKNOWN where nothing states it."""

    ESIGN = "esign"
    ESEAL = "eseal"
    WSA = "wsa"
    UNKNOWN = "unknown"


_AUTHORITIES = frozenset({ServiceKind.CA_QC, ServiceKind.CA_PKC, ServiceKind.NATIONAL_ROOT})
_TIMESTAMPING_UNITS = frozenset({ServiceKind.TSA_QTST, ServiceKind.TSA_QC, ServiceKind.TSA_ADES, ServiceKind.TSA})
_RESPONDERS = frozenset({ServiceKind.OCSP_QC, ServiceKind.OCSP, ServiceKind.CRL_QC, ServiceKind.CRL})


def anchors_for(kind: ServiceKind) -> frozenset[Purpose]:
    """Return the purposes a service's certificate may anchor.

    An authority anchors signers and time-stamping units it issued; their extended key usage is checked at use. It may
    sign OCSP responses as the issuer, but is no anchor for OCSP: else any authority could declare another's revoked
    certificate good. A listed unit or responder anchors only its own tokens or responses.
    """
    if kind in _AUTHORITIES:
        return frozenset({Purpose.SIGNER, Purpose.STAMP})
    if kind in _TIMESTAMPING_UNITS:
        return frozenset({Purpose.STAMP})
    if kind in _RESPONDERS:
        return frozenset({Purpose.OCSP})
    return frozenset()
