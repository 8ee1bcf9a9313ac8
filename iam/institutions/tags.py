"""Words of the audit for registers taken over from elsewhere, and for who may sign."""

from iam.audit import AuditTag

__all__ = ["RegisterTag", "SignatoryTag"]


class RegisterTag(AuditTag):
    """Which file was taken over; the details say what it changed, by count."""

    INSTITUTIONS_IMPORTED = "institutions:imported"
    SIGNATORIES_IMPORTED = "signatories:imported"


class SignatoryTag(AuditTag):
    """What is recorded of an entitlement to sign."""

    RECORDED = "signatory:recorded"
    SHORTENED = "signatory:shortened"
    WITHDRAWN = "signatory:withdrawn"
