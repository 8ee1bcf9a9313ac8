"""What an application for a grant states: the facts its signers put their names to.

The JSON of `Stated` is attached to the signed PDF, so its keys are part of what people sign: add keys, never rename
them.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from iam.grants.models import Level
from workflows.application.facts import Place
from workflows.application.kinds.about_user import AboutUser

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
class Stated(AboutUser):
    """Everything a complete application for a grant states."""

    head_is_user: bool
    level: ScopeLevel
    scope: tuple[Place, ...]
    sections: tuple[SectionWish, ...]
    basis: Basis
    basis_detail: str
    since: date
    until: date | None
