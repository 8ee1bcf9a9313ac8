"""Which particulars has a stamp of its own, and which certificates does a report name?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signing.reading.facts import StampKind
from signing.report.particulars import CertificateUse, StampParticulars, UsedCertificate

if TYPE_CHECKING:
    from signing.pki.certificates import Certificate
    from signing.reading.facts import StampFacts

__all__ = ["STAMP_USES", "stamp_particulars_of", "used_certificate"]

STAMP_USES = {
    StampKind.SIGNATURE: CertificateUse.SIGNATURE_STAMP,
    StampKind.ARCHIVE: CertificateUse.ARCHIVE_STAMP,
    StampKind.DOCUMENT: CertificateUse.ARCHIVE_STAMP,
    StampKind.CONTENT: CertificateUse.CONTENT_STAMP,
    StampKind.CONTAINER: CertificateUse.CONTENT_STAMP,
}
_STANDING_BY_THEMSELVES = frozenset({StampKind.ARCHIVE, StampKind.DOCUMENT, StampKind.CONTAINER})


def stamp_particulars_of(stamp: StampFacts) -> StampParticulars | None:
    """Put a stamp's together; None for one over a signature's value, whose particulars are the signature's."""
    if stamp.kind not in _STANDING_BY_THEMSELVES:
        return None
    unit, use = stamp.certificate, STAMP_USES[stamp.kind]
    others = (one for one in stamp.certificates if one != unit)
    return StampParticulars(
        country=unit.signer().country if unit is not None else "",
        covers=stamp.covers,
        certificates=tuple(used_certificate(use, one) for one in (*(() if unit is None else (unit,)), *others)),
        token=stamp.token if stamp.kind is not StampKind.CONTAINER else b"",
    )


def used_certificate(
    use: CertificateUse, certificate: Certificate, issuer: Certificate | None = None
) -> UsedCertificate:
    """Name a certificate and what it was used for, with its issuer where one was found."""
    if issuer is None:
        return UsedCertificate(use, certificate.common_name, certificate.der)
    return UsedCertificate(use, certificate.common_name, certificate.der, issuer.common_name, issuer.der)
