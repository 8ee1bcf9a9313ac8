"""What the kind that asks for rights does beside any other: it is filled in with what is known of somebody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from workflows.application.kinds.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from iam.grants.models import Level
    from workflows.application.fields import Answers

__all__ = ["Holder", "RightsKind", "Wish"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is known beforehand: the person, the place by its key, sections with levels, the days, and why."""

    given_name: str
    surname: str
    email: str
    phone: str
    place: str
    sections: Mapping[str, Level]
    since: date
    until: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Whoever is to use the rights, as the account says it; the code is "" where there is none, or none to be shown."""

    given_name: str
    surname: str
    email: str
    personal_code: str


class RightsKind(Kind, Protocol):
    """The kind of application by which rights are asked for."""

    def filled_in(self, wish: Wish) -> dict[str, Answers]:
        """Answer with what is known; the personal code is no part of it."""

    def with_more(self, answers: Mapping[str, Answers], wish: Wish) -> dict[str, Answers]:
        """Answer the same, and ask for the sections of the wish that nothing was answered about."""

    def with_head(self, answers: Mapping[str, Answers], *, given_name: str, surname: str) -> dict[str, Answers]:
        """Answer the same, and name the head where nothing was answered about one; no code of theirs is filled in."""

    def with_holder(self, answers: Mapping[str, Answers], holder: Holder) -> dict[str, Answers]:
        """Answer the same about the rights, and name as the user whoever holds the account."""

    def without_code(self, answers: Mapping[str, Answers]) -> dict[str, Answers]:
        """Answer the same without the personal code of whoever is to use the rights."""
