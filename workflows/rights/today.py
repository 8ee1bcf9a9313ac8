"""How do rights stand today: held, to begin later, or over?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from iam.grants.rules import HeldGrant

__all__ = ["RightsStanding", "RightsToday", "rights_today"]


class RightsStanding(StrEnum):
    """How rights given together stand on a day."""

    NONE = "none"  # nothing was given
    LATER = "later"  # none has begun, and one will
    HELD = "held"  # one is held, and none is over
    PARTLY = "partly"  # one is over, and one is held or will begin
    OVER = "over"  # all are over


@dataclass(frozen=True, slots=True)
class RightsToday:
    """Rights, sorted by how they stand on a day. One taken back before its first day is over."""

    held: tuple[HeldGrant, ...] = ()
    later: tuple[HeldGrant, ...] = ()
    over: tuple[HeldGrant, ...] = ()

    @property
    def standing(self) -> RightsStanding:
        """Say it in a word."""
        if self.over:
            return RightsStanding.PARTLY if self.held or self.later else RightsStanding.OVER
        if self.held:
            return RightsStanding.HELD
        return RightsStanding.LATER if self.later else RightsStanding.NONE

    @property
    def first_day(self) -> date | None:
        """The first day on which one of those that are left is held."""
        return min((one.since for one in (*self.held, *self.later) if one.since is not None), default=None)

    @property
    def last_day(self) -> date | None:
        """The latest day on which one that is over was held; None where none ever was."""
        return max((one.until for one in self.over if one.since is not None and one.until is not None), default=None)


def rights_today(rights: Iterable[HeldGrant], *, on: date) -> RightsToday:
    """Sort rights by how they stand on the day."""
    known = tuple(rights)
    return RightsToday(
        held=tuple(one for one in known if one.holds_on(on)),
        later=tuple(one for one in known if one.since is not None and one.since > on),
        over=tuple(one for one in known if one.since is None or (one.until is not None and one.until < on)),
    )
