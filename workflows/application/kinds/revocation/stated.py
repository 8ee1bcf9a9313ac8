"""What an application for revocation states: the facts its signer puts their name to.

The JSON of `Stated` is attached to the signed PDF, so its keys are part of what people sign: add keys, never rename
them.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from pydantic import TypeAdapter

from workflows.application.facts import Place, StatedPerson
from workflows.application.states import Party
from workflows.signed_forms.typesetting import Json

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
class Stated:
    """Everything a complete application for revocation states.

    The user has neither a position nor a telephone in it, and an e-mail and `username` only where the head knows them.
    No `sections` are all of them; `last_day` is still included.
    """

    applicant: Place
    head: StatedPerson
    user: StatedPerson
    username: str
    scope: tuple[Place, ...]
    sections: tuple[SectionEnding, ...]
    last_day: date
    reason: Reason
    reason_detail: str

    @property
    def people(self) -> dict[str, StatedPerson]:
        """Head and user; they may be one person."""
        return {Party.HEAD: self.head, Party.USER: self.user}

    def masked(self) -> "Stated":
        """Hide the personal codes."""
        return replace(self, head=self.head.masked(), user=self.user.masked())

    def to_json(self) -> dict[str, Json]:
        """Return the JSON shape attached to the form; `from_json` is its inverse."""
        plain: dict[str, Json] = _CODEC.dump_python(self, mode="json")
        return plain

    @classmethod
    def from_json(cls, data: object) -> "Stated":
        """Read what `to_json` wrote; raises ValueError on anything else."""
        return _CODEC.validate_python(data)


_CODEC = TypeAdapter(Stated)
