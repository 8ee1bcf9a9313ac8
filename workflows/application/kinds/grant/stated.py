"""What an application for a grant states: the facts its signers put their names to.

The JSON of `Stated` is attached to the signed PDF, so its keys are part of what people sign: add keys, never rename
them.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from pydantic import TypeAdapter

from iam.grants.models import Level
from workflows.application.facts import Place, StatedPerson
from workflows.application.states import Party
from workflows.signed_forms.typesetting import Json

__all__ = ["Basis", "ScopeLevel", "SectionWish", "Stated"]


class ScopeLevel(StrEnum):
    """At which level the user works (domain.md, The three forms)."""

    INSTITUTION = "institution"
    MUNICIPALITY = "municipality"
    MINISTRY = "ministry"
    SUBORDINATE = "subordinate"


class Basis(StrEnum):
    """Why the rights are asked for."""

    NEW = "new"
    CHANGED_SCOPE = "changed_scope"
    REORGANISATION = "reorganisation"
    REFORM = "reform"
    REPLACES = "replaces"


@dataclass(frozen=True, slots=True)
class SectionWish:
    """A section of VIIS with the level wished for; `name` is the catalogue's Latvian name on the day of the form."""

    code: str
    name: str
    level: Level


@dataclass(frozen=True, slots=True)
class Stated:
    """Everything a complete application for a grant states."""

    applicant: Place
    head: StatedPerson
    user: StatedPerson
    head_is_user: bool
    level: ScopeLevel
    scope: tuple[Place, ...]
    sections: tuple[SectionWish, ...]
    basis: Basis
    basis_detail: str
    since: date
    until: date | None

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
