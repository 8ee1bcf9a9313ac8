"""The audit's words for rights on their way to the account's holder."""

from iam.audit import AuditTag

__all__ = ["RightsTag"]


class RightsTag(AuditTag):
    """What is done so that a right can be used."""

    ACCOUNT_READY = "application:account_ready"  # a word is never renamed, wherever it is spoken
