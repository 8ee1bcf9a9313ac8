"""Is this certificate a qualified one, for what, and on a qualified device: ETSI TS 119 615 §4.4 and §4.5.

Determined at one moment at a time. For a signature that is done twice, at the certificate's issuance and at the best
signature time (`signing.trust.signature_qualification`): a service may be granted its status in between, or lose it.

    (1) the windows of CA/QC services above the certificate that cover the moment;
    (2) of these, the ones whose status made the service a qualified one then;
    (3) for each, what certificate and qualifiers say together: qualified, type, device;
    (4) a service that names other uses than the certificate's type has nothing to say about it;
    (5) if the remaining ones disagree, the list contradicts itself and the answer is open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signing.model import Message
from signing.trust.identifiers import EIDAS_APPLIES_FROM, CertificateType, QualifierWord, ServiceKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from signing.trust.anchors import Listing
    from signing.trust.certificate_statements import CertificateFacts
    from signing.trust.model import Window

__all__ = ["QualifiedStatus", "status_of"]

# TS 101 456 §5.2: certificates before eIDAS said by policy what they say by statement today.
_QCP_PUBLIC_WITH_SSCD = "0.4.0.1456.1.1"
_QCP_PUBLIC = "0.4.0.1456.1.2"

_FOR_TYPE = {
    QualifierWord.FOR_ESIG: CertificateType.ESIGN,
    QualifierWord.FOR_ESEAL: CertificateType.ESEAL,
    QualifierWord.FOR_WSA: CertificateType.WSA,
}
_ON_QSCD = frozenset({QualifierWord.WITH_QSCD, QualifierWord.QSCD_ON_BEHALF})


@dataclass(frozen=True, slots=True)
class QualifiedStatus:
    """The answer at one moment: `qualified` and `on_device` are None where lists leave it open."""

    qualified: bool | None
    type: CertificateType
    on_device: bool | None
    reasons: tuple[Message, ...] = ()


def status_of(certificate: CertificateFacts, listings: Iterable[Listing], *, at: datetime) -> QualifiedStatus:
    """Answer for a certificate and the listings of the authorities above it, at `at`."""
    type_of_its_own = _type(certificate, frozenset(), frozenset())
    if not certificate.readable:
        return QualifiedStatus(None, type_of_its_own, None, (Message.of("qualification.certificate-unreadable"),))
    covering = [  # (1)
        listing
        for listing in listings
        if listing.window.kind is ServiceKind.CA_QC and listing.window.covers(at) and not listing.window.obscure
    ]
    if not covering:
        return _not_qualified(type_of_its_own, "qualification.no-service", at=_day(at))
    granted = [listing for listing in covering if listing.window.status.qualified_at(at)]  # (2)
    if not granted:
        lost = covering[0]
        return _not_qualified(
            type_of_its_own,
            "qualification.service-not-granted",
            service=lost.service,
            status=lost.window.status,
            since=_day(lost.window.since),
            at=_day(at),
        )
    answers = [_answer(certificate, listing.window, at) for listing in granted]  # (3)
    fitting = [
        answer
        for answer, listing in zip(answers, granted, strict=True)
        if not listing.window.uses
        or answer.type is CertificateType.UNKNOWN
        or answer.type in listing.window.uses  # (4)
    ]
    if not fitting:
        return _not_qualified(answers[0].type, "qualification.service-for-another-use", service=granted[0].service)
    if len({(answer.qualified, answer.type, answer.on_device) for answer in fitting}) > 1:  # (5)
        contradiction = Message.of("qualification.list-contradicts-itself", service=granted[0].service)
        return QualifiedStatus(None, CertificateType.UNKNOWN, None, (contradiction,))
    return fitting[0]


def _answer(certificate: CertificateFacts, window: Window, at: datetime) -> QualifiedStatus:
    words: set[QualifierWord] = set()
    doubtful = False
    for rule in window.qualifiers:
        match rule.criteria.met_by(certificate):
            case True:
                words |= rule.words
            case None:
                doubtful = True
            case False:
                pass
    type_ = _type(certificate, frozenset(words), window.uses)
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


def _qualified(certificate: CertificateFacts, words: set[QualifierWord]) -> bool | None:
    said_yes, said_no = QualifierWord.QC_STATEMENT in words, QualifierWord.NOT_QUALIFIED in words
    if said_yes or said_no:
        return None if said_yes and said_no else said_yes
    if certificate.statements.legislations:
        # EN 319 412-5 §4.2.4: the statement is there when the law is another than the EU's.
        return False
    if certificate.statements.compliance:
        return True
    before_eidas = certificate.issued < EIDAS_APPLIES_FROM
    return before_eidas and not certificate.policies.isdisjoint({_QCP_PUBLIC, _QCP_PUBLIC_WITH_SSCD})


def _type(
    certificate: CertificateFacts, words: frozenset[QualifierWord], uses: frozenset[CertificateType]
) -> CertificateType:
    """Let the list's word win; then the certificate's own; silence is a signature's only where a person is named.

    EN 319 412-5 §4.2.3: without a QcType statement a qualified certificate is one for electronic signatures. Taken
    alone that makes a body's old certificate a person's signature, so the subject has to name a person, and the
    service must not be one for other uses.
    """
    by_list = {_FOR_TYPE[word] for word in words if word in _FOR_TYPE}
    if by_list:
        return by_list.pop() if len(by_list) == 1 else CertificateType.UNKNOWN
    if QualifierWord.FOR_LEGAL_PERSON in words:
        return CertificateType.ESEAL
    by_certificate = certificate.statements.types
    if by_certificate:
        return next(iter(by_certificate)) if len(by_certificate) == 1 else CertificateType.UNKNOWN
    if certificate.names_a_person and (not uses or CertificateType.ESIGN in uses):
        return CertificateType.ESIGN
    return CertificateType.UNKNOWN


def _on_device(certificate: CertificateFacts, words: set[QualifierWord], at: datetime) -> bool | None:
    """Let qualifiers win over the certificate's statement (TS 119 615 §4.5.4).

    Words about SSCDs, the devices of the directive, count for what was issued under it (Regulation 910/2014
    Article 51(1) makes such devices QSCDs), and at moments before eIDAS.
    """
    with_device = not words.isdisjoint(_ON_QSCD)
    without = QualifierWord.NO_QSCD in words
    issued_before = certificate.issued < EIDAS_APPLIES_FROM
    if issued_before or at < EIDAS_APPLIES_FROM:
        with_device = with_device or QualifierWord.WITH_SSCD in words
        without = without or QualifierWord.NO_SSCD in words
    if with_device or without:
        return None if with_device and without else with_device
    by_policy = issued_before and _QCP_PUBLIC_WITH_SSCD in certificate.policies
    return certificate.statements.on_device or by_policy


def _not_qualified(type_: CertificateType, code: str, **params: object) -> QualifiedStatus:
    return QualifiedStatus(False, type_, False, (Message.of(code, **params),))


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
