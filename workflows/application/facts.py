"""What an application of whatever kind states: a place that applies, and people by their part in it.

These are the words of the form, not of the register: a name stated here may differ from the certificate's or the
register's, and it is for the review to show the difference.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from iam.institutions.models import ScopeKind
from iam.people.rules import mask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workflows.signed_forms.typesetting import Json

__all__ = ["Difference", "Place", "StatedFacts", "StatedPerson"]


@dataclass(frozen=True, slots=True)
class Place:
    """An institution (code: its 10-digit number), a municipality (code: our lasting id) or the state (code empty)."""

    kind: ScopeKind
    code: str
    name: str
    municipality: str = ""

    @property
    def searched_by(self) -> str:
        """What a search for places finds it by: numbers of institutions, names of all others."""
        return self.code if self.kind is ScopeKind.INSTITUTION else self.name

    @property
    def scope_code(self) -> str:
        """The code of the place's scope in the register."""
        match self.kind:
            case ScopeKind.INSTITUTION:
                return f"i-{self.code}"
            case ScopeKind.MUNICIPALITY:
                return f"m-{self.code}"
            case ScopeKind.STATE:
                return "s"


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

    def masked(self) -> StatedPerson:
        """Hide the code."""
        return replace(self, personal_code=mask(self.personal_code))


@dataclass(frozen=True, slots=True)
class Difference:
    """Two sources that disagree: `what` is a stable word ("user.name", "user.email", "signatory")."""

    what: str
    stated: str
    found: str
    source: str  # "certificate", "register", "account"


class StatedFacts(Protocol):
    """What an application of some kind states; each kind has a type of its own."""

    @property
    def applicant(self) -> Place:
        """Who applies."""

    @property
    def people(self) -> Mapping[str, StatedPerson]:
        """The people it names, by role (`states.Party` has the usual ones)."""

    def to_json(self) -> dict[str, Json]:
        """Return the JSON shape that is kept and attached to the forms: add keys, never rename them.

        Every person stands under their role, as `StatedPerson` has them: lists find applications by code there.
        """

    def masked(self) -> StatedFacts:
        """Hide the personal codes."""
