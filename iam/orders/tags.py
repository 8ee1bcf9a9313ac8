"""Words of the audit for orders."""

from iam.audit import AuditTag

__all__ = ["OrderTag"]


class OrderTag(AuditTag):
    """What happens to an order; each state it comes to has its word."""

    DRAFTED = "order:drafted"
    REOPENED = "order:reopened"
    APPROVED = "order:approved"
    APPLICATION_BEGUN = "order:application_begun"
    APPLIED = "order:applied"
    UNDOING_BEGUN = "order:undoing_begun"
    UNDONE = "order:undone"
    REPEALED = "order:repealed"
    TARGETS_FOUNDED = "order:targets_founded"
    PLACES_CHANGED = "order:places_changed"
    PLACES_PUT_BACK = "order:places_put_back"
