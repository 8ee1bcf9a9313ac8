"""The words an application's rows are kept in, beside its states."""

from enum import StrEnum

__all__ = ["ApplicationKind", "DecisionKind", "UploadState"]


class ApplicationKind(StrEnum):
    """What is applied for."""

    GRANT = "grant"
    REVOCATION = "revocation"


class UploadState(StrEnum):
    """What happens with an uploaded file."""

    WAITING = "waiting"  # queued, being judged, or undetermined and to be judged again
    JUDGED = "judged"
    UNREADABLE = "unreadable"


class DecisionKind(StrEnum):
    """What a reviewer may decide."""

    APPROVED = "approved"
    REFUSED = "refused"
    MORE_REQUESTED = "more_requested"
