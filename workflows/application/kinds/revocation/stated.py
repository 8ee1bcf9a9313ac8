"""What an application for revocation states: the facts its signer puts their name to.

The JSON of `Stated` is attached to the signed PDF, so its keys are part of what people sign: add keys, never rename
them.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from workflows.application.facts import Place
from workflows.application.kinds.about_user import AboutUser

__all__ = ["Reason", "SectionEnding", "Stated"]


class Reason(StrEnum):
    """Why the rights are to end (domain.md, The three forms)."""

    EMPLOYMENT_ENDED = "employment_ended"
    DUTIES_CHANGED = "duties_changed"
    REORGANISATION = "reorganisation"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class SectionEnding:
    """A section of VIIS in which rights end; `name` is the catalogue's Latvian name on the day of the form."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Stated(AboutUser):
    """Everything a complete application for revocation states.

    The user has neither a position nor a telephone in it, and an e-mail and `username` only where the head knows them.
    No `sections` are all of them; `last_day` is still included.
    """

    username: str
    scope: tuple[Place, ...]
    sections: tuple[SectionEnding, ...]
    last_day: date
    reason: Reason
    reason_detail: str
