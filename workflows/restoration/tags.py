"""The audit's words for restorations. They are never renamed and never used for anything else."""

from iam.audit import AuditTag

__all__ = ["RestorationTag"]


class RestorationTag(AuditTag):
    """What is done about a request. What strangers ask in vain leaves no entry: they could fill the log."""

    LINK_SENT = "restoration:link_sent"
    ANSWERED = "restoration:answered"
    CONFIRMED = "restoration:confirmed"
    PROPOSED = "restoration:proposed"
    RESTORED = "restoration:restored"
    REFUSED = "restoration:refused"
