"""Is this certificate qualified, for what, and on a QSCD (ETSI TS 119 615 §4.4, §4.5)?

Determined at one moment at a time. For a signature that is done twice, at the certificate's issuance and at the best
signature time (`signing.trust.signature_qualification`): a service may be granted its status in between, or lose it.

    (1) the status periods of CA/QC services above the certificate that cover the moment;
    (2) of these, the ones whose status made the service a qualified one at that moment;
    (3) for each, what certificate and qualifiers state together: qualified, type, device;
    (4) a service whose uses do not include the certificate's type does not apply;
    (5) if the remaining ones disagree, the list contradicts itself and the answer is undetermined.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signing.model import Message
from signing.trust.identifiers import EIDAS_APPLIES_FROM, CertificateType, Qualifier, ServiceKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from signing.trust.anchors import Listing
    from signing.trust.certificate_statements import CertificateFacts
    from signing.trust.model import StatusPeriod

__all__ = ["QualifiedStatus", "status_of"]

# TS 101 456 §5.2: before eIDAS, certificates stated by policy what they state by QCStatements today.
_QCP_PUBLIC_WITH_SSCD = "0.4.0.1456.1.1"
_QCP_PUBLIC = "0.4.0.1456.1.2"

_FOR_TYPE = {
    Qualifier.FOR_ESIG: CertificateType.ESIGN,
    Qualifier.FOR_ESEAL: CertificateType.ESEAL,
    Qualifier.FOR_WSA: CertificateType.WSA,
}
_ON_QSCD = frozenset({Qualifier.WITH_QSCD, Qualifier.QSCD_ON_BEHALF})


@dataclass(frozen=True, slots=True)
class QualifiedStatus:
    """The result at one moment; `qualified` and `on_device` are None where lists leave it undetermined."""

    qualified: bool | None
    type: CertificateType
    on_device: bool | None
    reasons: tuple[Message, ...] = ()


def status_of(certificate: CertificateFacts, listings: Iterable[Listing], *, at: datetime) -> QualifiedStatus:
    """Return the status of a certificate at `at`, by the listings of the authorities above it."""
    type_of_its_own = _type(certificate, frozenset(), frozenset())
    if not certificate.readable:
        return QualifiedStatus(None, type_of_its_own, None, (Message.of("qualification.certificate-unreadable"),))
    covering = [  # (1)
        listing
        for listing in listings
        if listing.period.kind is ServiceKind.CA_QC and listing.period.covers(at) and not listing.period.not_understood
    ]
    if not covering:
        return _not_qualified(type_of_its_own, "qualification.no-service", at=_day(at))
    granted = [listing for listing in covering if listing.period.status.qualified_at(at)]  # (2)
    if not granted:
        lost = covering[0]
        return _not_qualified(
            type_of_its_own,
            "qualification.service-not-granted",
            service=lost.service,
            status=lost.period.status,
            since=_day(lost.period.since),
            at=_day(at),
        )
    answers = [_answer(certificate, listing.period, at) for listing in granted]  # (3)
    fitting = [
        answer
        for answer, listing in zip(answers, granted, strict=True)
        if not listing.period.uses
        or answer.type is CertificateType.UNKNOWN
        or answer.type in listing.period.uses  # (4)
    ]
    if not fitting:
        return _not_qualified(answers[0].type, "qualification.service-for-another-use", service=granted[0].service)
    if len({(answer.qualified, answer.type, answer.on_device) for answer in fitting}) > 1:  # (5)
        contradiction = Message.of("qualification.list-contradicts-itself", service=granted[0].service)
        return QualifiedStatus(None, CertificateType.UNKNOWN, None, (contradiction,))
    return fitting[0]


def _answer(certificate: CertificateFacts, period: StatusPeriod, at: datetime) -> QualifiedStatus:
    words: set[Qualifier] = set()
    doubtful = False
    for rule in period.qualifiers:
        match rule.criteria.met_by(certificate):
            case True:
                words |= rule.words
            case None:
                doubtful = True
            case False:
                pass
    type_ = _type(certificate, frozenset(words), period.uses)
    if doubtful:
        return QualifiedStatus(None, type_, None, (Message.of("qualification.criterion-unknown"),))
    qualified = _qualified(certificate, words)
    if qualified is None:
        return QualifiedStatus(None, type_, None, (Message.of("qualification.list-contradicts-itself"),))
    if not qualified:
        return _not_qualified(type_, "qualification.certificate-not-qualified")
    on_device = _on_device(certificate, words, at)
    if on_device is None:
        return QualifiedStatus(True, type_, None, (Message.of("qualification.list-contradicts-itself"),))
    return QualifiedStatus(True, type_, on_device, () if on_device else (Message.of("qualification.not-on-device"),))


def _qualified(certificate: CertificateFacts, words: set[Qualifier]) -> bool | None:
    said_yes, said_no = Qualifier.QC_STATEMENT in words, Qualifier.NOT_QUALIFIED in words
    if said_yes or said_no:
        return None if said_yes and said_no else said_yes
    if certificate.statements.legislations:
        # EN 319 412-5 §4.2.4: the statement is present when the legislation is not the EU's.
        return False
    if certificate.statements.compliance:
        return True
    before_eidas = certificate.issued < EIDAS_APPLIES_FROM
    return before_eidas and not certificate.policies.isdisjoint({_QCP_PUBLIC, _QCP_PUBLIC_WITH_SSCD})


def _type(
    certificate: CertificateFacts, words: frozenset[Qualifier], uses: frozenset[CertificateType]
) -> CertificateType:
    """Return the type by the list's qualifiers, else by the certificate's QcType, else ESIGN for a person's.

    EN 319 412-5 §4.2.3: without a QcType statement a qualified certificate is one for electronic signatures. That alone
    would turn a legal person's old certificate into a natural person's. So the subject must name a natural person, and
    the service must not be one for other uses only.
    """
    by_list = {_FOR_TYPE[word] for word in words if word in _FOR_TYPE}
    if by_list:
        return by_list.pop() if len(by_list) == 1 else CertificateType.UNKNOWN
    if Qualifier.FOR_LEGAL_PERSON in words:
        return CertificateType.ESEAL
    by_certificate = certificate.statements.types
    if by_certificate:
        return next(iter(by_certificate)) if len(by_certificate) == 1 else CertificateType.UNKNOWN
    if certificate.names_a_person and (not uses or CertificateType.ESIGN in uses):
        return CertificateType.ESIGN
    return CertificateType.UNKNOWN


def _on_device(certificate: CertificateFacts, words: set[Qualifier], at: datetime) -> bool | None:
    """Return whether the key is on a QSCD: qualifiers override the certificate's statement (TS 119 615 §4.5.4).

    Qualifiers about SSCDs, the devices of Directive 1999/93/EC, count for certificates issued under it (Regulation
    910/2014 Article 51(1) makes such devices QSCDs), and at moments before eIDAS applies.
    """
    with_device = not words.isdisjoint(_ON_QSCD)
    without = Qualifier.NO_QSCD in words
    issued_before = certificate.issued < EIDAS_APPLIES_FROM
    if issued_before or at < EIDAS_APPLIES_FROM:
        with_device = with_device or Qualifier.WITH_SSCD in words
        without = without or Qualifier.NO_SSCD in words
    if with_device or without:
        return None if with_device and without else with_device
    by_policy = issued_before and _QCP_PUBLIC_WITH_SSCD in certificate.policies
    return certificate.statements.on_device or by_policy


def _not_qualified(type_: CertificateType, code: str, **params: object) -> QualifiedStatus:
    return QualifiedStatus(False, type_, False, (Message.of(code, **params),))


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
