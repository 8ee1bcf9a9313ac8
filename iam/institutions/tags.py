"""Words of the audit for registers taken over from elsewhere."""

from iam.audit import AuditTag

__all__ = ["RegisterTag"]


class RegisterTag(AuditTag):
    """Which file was taken over; the details say what it changed, by count."""

    INSTITUTIONS_IMPORTED = "institutions:imported"
    SIGNATORIES_IMPORTED = "signatories:imported"
