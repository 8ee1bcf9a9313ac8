"""How far a required document is, and what happens with an uploaded file."""

from enum import StrEnum

__all__ = ["Standing", "UploadState"]


class Standing(StrEnum):
    """How far one required document is."""

    AWAITED = "awaited"  # nothing usable has arrived
    OBJECTED = "objected"  # something arrived and does not prove it; the signer can do it again
    UNDETERMINED = "undetermined"  # judged again by itself
    NEEDS_PERSON = "needs_person"  # a reviewer reads it
    PROVEN = "proven"


class UploadState(StrEnum):
    """What happens with an uploaded file."""

    WAITING = "waiting"  # queued, being judged, or undetermined and to be judged again
    JUDGED = "judged"
    UNREADABLE = "unreadable"
