"""What undoing orders does, one by one: rights, entitlements to sign and places that come back or stay, and why. Pure.

Each is shown before anybody proposes it, and again to the second person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from iam.grants.models import Level
from workflows.i18n import later
from workflows.proposals.content import FactText
from workflows.reorganisation.foreseen import digest_of

__all__ = ["UNDO_FATES", "UNDO_WHY", "UndoChange", "UndoFate", "UndoForeseen"]


class UndoFate(StrEnum):
    """What happens when orders are undone. The words are the command's: never renamed."""

    RIGHT_AGAIN = "right_again"
    RIGHT_STAYS = "right_stays"
    RIGHT_ENDS = "right_ends"
    SIGNATORY_AGAIN = "signatory_again"
    SIGNATORY_STAYS = "signatory_stays"
    PLACE_BACK = "place_back"
    PLACE_GOES = "place_goes"
    PLACE_STAYS = "place_stays"


UNDO_FATES: Mapping[UndoFate, str] = {
    UndoFate.RIGHT_AGAIN: later("Right holds again"),
    UndoFate.RIGHT_STAYS: later("Right stays as it is now"),
    UndoFate.RIGHT_ENDS: later("Right ends with its place"),
    UndoFate.SIGNATORY_AGAIN: later("Entitlement to sign holds again"),
    UndoFate.SIGNATORY_STAYS: later("Entitlement to sign stays as it is now"),
    UndoFate.PLACE_BACK: later("Place as it was before"),
    UndoFate.PLACE_GOES: later("Founded place is taken out of the register"),
    UndoFate.PLACE_STAYS: later("Place stays as it is now"),
}
UNDO_WHY: Mapping[str, str] = {
    "ended_by_it": later("The order ended it"),
    "held_anew": later("It is held anew"),
    "over": later("It would have ended by itself"),
    "given_since": later("It was given in a place that the order founded"),
    "given_ahead": later("It was given on an application that was filled in because of the order"),
    "place_goes": later("Its place goes with the order"),
    "recorded_anew": later("Something newer is recorded"),
    "ended": later("The order ended the place"),
    "renamed": later("The order changed its name"),
    "recoded": later("The order changed its code"),
    "known": later("The register had said so without the order"),
    "founded": later("The order founded it"),
    "in_use": later("The order founded it, and something refers to it"),
    "goes_on": later("The order founded it, and something there holds"),
    "newer": later("Something newer is recorded"),
}
"""Every code of a reason in a few words, where no place is named: for counts."""
_PARTS = {
    "rights": (UndoFate.RIGHT_AGAIN, UndoFate.RIGHT_STAYS, UndoFate.RIGHT_ENDS),
    "signing": (UndoFate.SIGNATORY_AGAIN, UndoFate.SIGNATORY_STAYS),
    "register": (UndoFate.PLACE_BACK, UndoFate.PLACE_GOES, UndoFate.PLACE_STAYS),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoChange:
    """One change, of which order, and why. What does not apply is None.

    `since` and `until` are the days, both included, on which a right or an entitlement was to hold before the order
    ended it. `account` is a username; `name` is that of whom an entitlement is for; `scope` is the key of a place.
    """

    fate: UndoFate
    order: str
    why: str
    reason: FactText
    scope: str
    account: str | None = None
    name: str | None = None
    section: str | None = None
    level: Level | None = None
    since: date | None = None
    until: date | None = None

    @property
    def sorted_by(self) -> tuple[object, ...]:
        """Return what orders changes: rights first, by person."""
        fate = list(UndoFate).index(self.fate)
        return (fate, self.account or "", self.name or "", self.scope, self.section or "", self.order, self.why)


@dataclass(frozen=True)
class UndoForeseen:
    """Every change that undoing makes, in one order, with the names of their places by key."""

    changes: Sequence[UndoChange]
    names: Mapping[str, str]

    def of(self, fate: UndoFate) -> Sequence[UndoChange]:
        """Return the changes of one kind."""
        return [one for one in self.changes if one.fate is fate]

    @cached_property
    def digest(self) -> str:
        """Return the digest of every change (SHA-256, hex); reasons are told by their codes."""
        return digest_of([_plain(one) for one in self.changes])

    @property
    def rests_on(self) -> Mapping[str, str]:
        """Return digests of the changes, by what they are about."""
        return {
            part: digest_of([_plain(one) for one in self.changes if one.fate in fates])
            for part, fates in _PARTS.items()
        }


def _plain(one: UndoChange) -> list[object]:
    return [*one.sorted_by, one.level, one.since, one.until]
