"""What a plan is made from, as facts: rights, who may sign, open applications, and the places they are about.

Places go by key, as scopes are named (`i-…`, `m-…`). A municipality that an order founds goes by `atvk-…` until it has
an id.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from iam.grants.models import EndCause, Level
from iam.ids import GrantId

__all__ = ["Facts", "Membership", "OpenApplication", "Right", "Signing"]


@dataclass(frozen=True, slots=True)
class Right:
    """A right as known now, with its days, both included. `account` is the username."""

    grant: GrantId
    account: str
    scope: str
    section: str
    level: Level
    since: date | None  # None: taken back before its first day
    until: date | None
    end_cause: EndCause | None = None
    restorable: bool = False  # the rules of restoration would give it back on the first day of the orders
    active: bool = True  # whether the account may be used

    def holds_on(self, day: date) -> bool:
        """Return whether the right is held on the day."""
        return self.since is not None and self.since <= day and (self.until is None or day <= self.until)

    def reaches(self, day: date) -> bool:
        """Return whether it is held on the day or later."""
        return self.since is not None and (self.until is None or self.until >= day)


@dataclass(frozen=True, slots=True)
class Signing:
    """An entitlement to sign, as known now. `account` is the username of the person's account, if they have one."""

    id: int
    scope: str
    name: str
    account: str | None
    until: date | None


@dataclass(frozen=True, slots=True)
class OpenApplication:
    """An application nobody has decided on: every place it names. `submitted` says that forms were made of it.

    `follows_place` says that a draft of its kind may go on for a successor.
    """

    reference: str
    places: frozenset[str]
    submitted: bool
    follows_place: bool = True


@dataclass(frozen=True, slots=True)
class Membership:
    """The days on which an institution lies in a municipality, both included."""

    institution: str
    municipality: str
    first: date | None = None
    last: date | None = None

    def holds_on(self, day: date) -> bool:
        """Return whether it lies there on the day."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a plan rests on: of places the orders name, of institutions inside them, of people with rights there.

    `rights` has every right of an account that has one in such a place, wherever it is held; in a municipality that an
    institution lies in, and in the whole state, it goes by the key of that. `today` is the day it is planned on; None,
    where only what comes of the orders' own days is asked.
    """

    rights: tuple[Right, ...] = ()
    signing: tuple[Signing, ...] = ()
    applications: tuple[OpenApplication, ...] = ()
    memberships: tuple[Membership, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    today: date | None = None
