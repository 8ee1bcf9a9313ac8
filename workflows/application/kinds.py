"""The words an application's rows are kept in, beside its states."""

from enum import StrEnum

__all__ = ["ApplicationKind", "DecisionKind", "Signed", "UploadState"]


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


class Signed(StrEnum):
    """How much the machine could settle about an application's signatures."""

    CLEAN = "clean"  # every check passed and nothing is noted
    NOTED = "noted"  # both proven, something to look at
    SIGNATORY = "signatory"  # the right to sign is to be confirmed
    PERSON = "person"  # a part waits for a person
