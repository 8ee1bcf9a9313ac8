"""The qualification of a signature (TS 119 172-4): a matrix over its certificate at issuance and at signing.

passed, qualified at both moments, for signatures, on a device at signing   QESig
passed, qualified at both moments, for signatures                           AdESig-QC
passed, for signatures                                                      AdESig
… the same for seals; a certificate of unknown type gives the unknown values, one for web sites plain AdES
INDETERMINATE, or lists leave it undetermined                               undetermined
failed                                                                      N/A
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signing.model import Indication, Qualification
from signing.pki.trust_protocol import SignatureStanding
from signing.trust.identifiers import CertificateType

if TYPE_CHECKING:
    from signing.trust.certificate_qualification import QualifiedStatus

__all__ = ["signature_standing"]

_ON_DEVICE = {
    CertificateType.ESIGN: Qualification.QESIG,
    CertificateType.ESEAL: Qualification.QESEAL,
    CertificateType.UNKNOWN: Qualification.UNKNOWN_QC_QSCD,
}
_QUALIFIED_CERTIFICATE = {
    CertificateType.ESIGN: Qualification.ADESIG_QC,
    CertificateType.ESEAL: Qualification.ADESEAL_QC,
    CertificateType.UNKNOWN: Qualification.ADES_QC,
}
_NOT_QUALIFIED = {
    CertificateType.ESIGN: Qualification.ADESIG,
    CertificateType.ESEAL: Qualification.ADESEAL,
}


def signature_standing(
    indication: Indication, at_issuance: QualifiedStatus, at_signing: QualifiedStatus
) -> SignatureStanding:
    """Combine the indication of the signature with the status of its certificate at the two moments."""
    reasons = tuple(dict.fromkeys(at_issuance.reasons + at_signing.reasons))
    match indication:
        case Indication.TOTAL_FAILED:
            return SignatureStanding(Qualification.NOT_ADES, reasons)
        case Indication.INDETERMINATE:
            return SignatureStanding(Qualification.UNDETERMINED, reasons)
        case Indication.TOTAL_PASSED:
            return SignatureStanding(_by_matrix(at_issuance, at_signing), reasons)


def _by_matrix(at_issuance: QualifiedStatus, at_signing: QualifiedStatus) -> Qualification:
    if False in (at_issuance.qualified, at_signing.qualified):
        # One clear "no" decides, whatever else is undetermined.
        return _NOT_QUALIFIED.get(at_signing.type, Qualification.ADES)
    if at_issuance.qualified is None or at_signing.qualified is None or at_signing.on_device is None:
        return Qualification.UNDETERMINED
    table = _ON_DEVICE if at_signing.on_device else _QUALIFIED_CERTIFICATE
    return table.get(at_signing.type, Qualification.ADES)
