"""How far a required document is, how it may be proven, and what happens with an uploaded file."""

from enum import StrEnum

__all__ = ["Standing", "UploadState", "Way"]


class Standing(StrEnum):
    """How far one required document is."""

    AWAITED = "awaited"  # nothing usable has arrived
    OBJECTED = "objected"  # something arrived and does not prove it; the signer can do it again
    UNDETERMINED = "undetermined"  # judged again by itself
    NEEDS_PERSON = "needs_person"  # a reviewer reads it
    PROVEN = "proven"


class Way(StrEnum):
    """How a required document is, or may be, proven."""

    SIGNATURE = "signature"  # a signature that a machine could judge to the end
    PERSON = "person"  # a person confirmed an uploaded file
    PAPER = "paper"  # people have seen the original; no electronic verdict is claimed


class UploadState(StrEnum):
    """What happens with an uploaded file."""

    WAITING = "waiting"  # queued, being judged, or undetermined and to be judged again
    JUDGED = "judged"
    UNREADABLE = "unreadable"
