"""What kinds about the rights of a user share: what they state of people and places, and what most do alike.

The JSON of what is stated is attached to the signed PDF, so its keys are part of what people sign: add keys, never
rename them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from pydantic import TypeAdapter

from workflows.application.facts import Place, StatedFacts, StatedPerson
from workflows.application.kinds.applicant import ROLES
from workflows.application.kinds.named_places import goes_beyond_institutions
from workflows.application.states import Party

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from typing import Self

    from iam.grants.models import Account
    from workflows.application.facts import Difference
    from workflows.application.fields import Answers
    from workflows.application.kinds.filling import Alike
    from workflows.application.kinds.kind import RoleName
    from workflows.signed_forms.typesetting import Json

__all__ = ["AboutUser", "UserKind", "UserStated"]


@dataclass(frozen=True, slots=True)
class AboutUser:
    """Who applies, the head who signs for it, and the user whose rights it is about; a kind adds its own fields."""

    applicant: Place
    head: StatedPerson
    user: StatedPerson

    @property
    def people(self) -> dict[str, StatedPerson]:
        """Head and user; they may be one person."""
        return {Party.HEAD: self.head, Party.USER: self.user}

    def masked(self) -> Self:
        """Hide the personal codes."""
        return replace(self, head=self.head.masked(), user=self.user.masked())

    def to_json(self) -> dict[str, Json]:
        """Return the JSON shape attached to the form; `from_json` is its inverse."""
        plain: dict[str, Json] = _codec(type(self)).dump_python(self, mode="json")
        return plain

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read what `to_json` wrote; raises ValueError on anything else."""
        read: Self = _codec(cls).validate_python(data)
        return read


class _Section(Protocol):
    @property
    def code(self) -> str:
        """The section's code."""


class UserStated(StatedFacts, Protocol):
    """What such a kind states: `AboutUser`, and where and in which sections the rights are; none means all."""

    @property
    def scope(self) -> tuple[Place, ...]:
        """The places."""

    @property
    def sections(self) -> Sequence[_Section]:
        """The sections."""

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read what `to_json` wrote."""


_Stated = TypeVar("_Stated", bound=UserStated)


class UserKind(Generic[_Stated]):
    """What most kinds about a user say (`kinds.kind.Kind`); a kind says the rest, and what it does otherwise."""

    roles: Mapping[str, RoleName] = ROLES
    about: str = Party.USER
    takes_address = False
    urgent = False
    follows_place = True

    def __init__(self, stated: type[_Stated]) -> None:
        self._stated = stated

    def own(self, facts: StatedFacts) -> _Stated:
        """Give what an application of the kind states. Raises TypeError for the facts of another kind."""
        if not isinstance(facts, self._stated):
            raise TypeError(f"{type(facts).__module__} is not what {self._stated.__module__} reads")
        return facts

    def read(self, data: object) -> _Stated:
        """Read what was submitted."""
        return self._stated.from_json(data)

    def alike(self, answers: Mapping[str, Answers]) -> Alike | None:
        """Share nothing that is told."""
        del answers
        return None

    def matter(self, facts: StatedFacts) -> frozenset[tuple[str, str]]:
        """Name each place with each section."""
        stated = self.own(facts)
        sections = [one.code for one in stated.sections] or [""]
        return frozenset((place.scope_code, section) for place in stated.scope for section in sections)

    def differences(self, facts: StatedFacts, account: Account | None) -> tuple[Difference, ...]:
        """Contradict nothing beside names and the e-mail."""
        del facts, account
        return ()

    def ends_at_once(self, facts: StatedFacts, *, on: date) -> bool:
        """End nothing at once."""
        del facts, on
        return False

    def is_wide(self, facts: StatedFacts) -> bool:
        """Reach beyond institutions where a place is none."""
        stated = self.own(facts)
        return goes_beyond_institutions((stated.applicant, *stated.scope))


def _codec(stated: type[Any]) -> TypeAdapter[Any]:
    if stated not in _CODECS:
        _CODECS[stated] = TypeAdapter(stated)
    return _CODECS[stated]


_CODECS: dict[type[Any], TypeAdapter[Any]] = {}
