"""Words of the audit for accounts and rights."""

from iam.audit import AuditTag

__all__ = ["AccountTag", "GrantTag"]


class GrantTag(AuditTag):
    """What happens to a right."""

    GIVEN = "grant:given"
    ENDED = "grant:ended"
    RESTORED = "grant:restored"
    TAKEN_OVER = "grant:taken_over"


class AccountTag(AuditTag):
    """What happens to an account."""

    OPENED = "account:opened"
    CONTACT_CHANGED = "account:contact_changed"
    ENDED = "account:ended"
    DISABLED = "account:disabled"
    ENABLED = "account:enabled"
