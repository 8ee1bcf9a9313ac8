"""How far a required document is, how it may be proven, and what happens with an uploaded file."""

from enum import StrEnum

__all__ = ["Found", "Standing", "UploadState", "Way"]


class Standing(StrEnum):
    """How far one required document is."""

    AWAITED = "awaited"  # nothing usable has arrived
    OBJECTED = "objected"  # something arrived and does not prove it; the signer can do it again
    UNDETERMINED = "undetermined"  # judged again by itself
    NEEDS_PERSON = "needs_person"  # a reviewer reads it
    PROVEN = "proven"


class Found(StrEnum):
    """What was found about a file, for one document or as a whole."""

    OBJECTED = "objected"
    UNDETERMINED = "undetermined"
    NEEDS_PERSON = "needs_person"
    PROVEN = "proven"
    ATTACHED = "attached"  # unsigned, and asked for: a reviewer reads it, and it proves no document


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
