"""Words of the audit for people."""

from iam.audit import AuditTag

__all__ = ["PersonTag"]


class PersonTag(AuditTag):
    """What is recorded of a person; names and codes stay out of the details."""

    REGISTERED = "person:registered"
    RENAMED = "person:renamed"
    CODE_CHANGED = "person:code_changed"
