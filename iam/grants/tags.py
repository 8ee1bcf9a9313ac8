"""Words of the audit for accounts and rights. Only `iam.grants` says them: the act records itself."""

from iam.audit import AuditTag

__all__ = ["AccountTag", "GrantTag"]


class GrantTag(AuditTag):
    """What happens to a right."""

    GIVEN = "grant:given"
    ENDED = "grant:ended"
    RESTORED = "grant:restored"
    REINSTATED = "grant:reinstated"  # after a gap: the order that ended it was undone
    TAKEN_OVER = "grant:taken_over"


class AccountTag(AuditTag):
    """What happens to an account."""

    OPENED = "account:opened"
    CONTACT_CHANGED = "account:contact_changed"
    ENDED = "account:ended"
    REVIVED = "account:revived"  # by a new right
    DISABLED = "account:disabled"
    ENABLED = "account:enabled"
