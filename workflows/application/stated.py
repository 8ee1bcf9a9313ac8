"""What an application states: the facts its signers put their names to.

These are the words of the form, not of the register: a name stated here may differ from the certificate's or the
register's, and it is for the review to show the difference. The JSON of `Stated` is attached to the signed PDF, so
its keys are part of what people sign: add keys, never rename them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, cast

from iam.grants.models import Level
from iam.institutions.models import ScopeKind
from workflows.signed_forms.typesetting import Json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "Basis",
    "Json",
    "Place",
    "ScopeLevel",
    "SectionWish",
    "Stated",
    "StatedPerson",
]


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
class Place:
    """An institution (code: its 10-digit number), a municipality (code: our lasting id) or the state (code empty)."""

    kind: ScopeKind
    code: str
    name: str
    municipality: str = ""


@dataclass(frozen=True, slots=True)
class StatedPerson:
    """A person as the form names them; `personal_code` as people write it (`DDMMYY-NNNNN`)."""

    given_name: str
    surname: str
    personal_code: str
    position: str
    email: str
    phone: str = ""

    @property
    def name(self) -> str:
        """Given name and surname, as printed."""
        return f"{self.given_name} {self.surname}"


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

    def to_json(self) -> dict[str, Json]:
        """Return the JSON shape attached to the form; `from_json` is its inverse."""
        return cast(
            "dict[str, Json]",
            {**asdict(self), "since": self.since.isoformat(), "until": self.until.isoformat() if self.until else None},
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> Stated:
        """Read what `to_json` wrote; raises KeyError, TypeError or ValueError on anything else."""
        until = data["until"]
        return cls(
            applicant=_place(data["applicant"]),
            head=_person(data["head"]),
            user=_person(data["user"]),
            head_is_user=bool(data["head_is_user"]),
            level=ScopeLevel(str(data["level"])),
            scope=tuple(_place(item) for item in _list(data["scope"])),
            sections=tuple(_section(item) for item in _list(data["sections"])),
            basis=Basis(str(data["basis"])),
            basis_detail=str(data["basis_detail"]),
            since=date.fromisoformat(str(data["since"])),
            until=date.fromisoformat(str(until)) if until else None,
        )


def _list(value: Json) -> Sequence[Json]:
    if not isinstance(value, (list, tuple)):
        raise TypeError("a list was expected")
    return value


def _strings(value: Json) -> dict[str, str]:
    if not isinstance(value, dict):
        raise TypeError("an object was expected")
    return {key: str(item) for key, item in value.items()}


def _place(value: Json) -> Place:
    text = _strings(value)
    return Place(ScopeKind(text["kind"]), text["code"], text["name"], text.get("municipality", ""))


def _person(value: Json) -> StatedPerson:
    return StatedPerson(**_strings(value))


def _section(value: Json) -> SectionWish:
    text = _strings(value)
    return SectionWish(text["code"], text["name"], Level(text["level"]))
