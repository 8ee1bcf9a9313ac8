"""The audit's words for lost passwords. They are never renamed and never used for anything else."""

from iam.audit import AuditTag

__all__ = ["ResetTag"]


class ResetTag(AuditTag):
    """What is done about a lost password. What strangers ask in vain leaves no entry: they could fill the log."""

    STARTED_BY_STAFF = "reset:started_by_staff"
    LINK_SENT = "reset_link:sent"
    LINK_REDEEMED = "reset_link:redeemed"
    USERNAME_SENT = "username:sent"
