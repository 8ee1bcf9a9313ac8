"""May this person sign for that institution, municipality or the state on that day? Pure: facts in, an answer out.

The only place that answers it: for a page, a decision and a job alike. The day is that of the qualified time stamp, in
Riga. Where nobody is recorded nobody is refused: a person records who may sign, and from what source.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from iam.ids import PersonId
from iam.institutions.models import Capacity, Signatory

__all__ = ["Entitlement", "SigningRight", "entitlement_of", "may_sign"]

_HEADS = frozenset({Capacity.HEAD, Capacity.ACTING_HEAD})


@dataclass(frozen=True, slots=True)
class Entitlement:
    """Who may sign, as what, on which days: both included, None without that bound."""

    person_id: PersonId
    capacity: Capacity
    since: date | None
    until: date | None

    def holds_on(self, day: date) -> bool:
        """Return whether the day lies in it."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def heads_on(self, day: date) -> bool:
        """Return whether the person is head or acting head on the day; a power of attorney makes nobody head."""
        return self.capacity in _HEADS and self.holds_on(day)


class SigningRight(StrEnum):
    """What is recorded of a person's right to sign on a day. True only for the first."""

    ENTITLED = "entitled"
    OTHERS_ENTITLED = "others_entitled"  # others are recorded for the day, this person is not
    ON_OTHER_DAYS = "on_other_days"  # this person is recorded, and nobody for that day
    NOBODY_RECORDED = "nobody_recorded"  # nothing is known: a person has to record it

    def __bool__(self) -> bool:
        """Return whether the person may sign."""
        return self is SigningRight.ENTITLED


def may_sign(person: PersonId | None, entitlements: Iterable[Entitlement], *, on: date) -> SigningRight:
    """Return whether the person may sign on the day, by what is recorded for the scope; None is a stranger.

    >>> recorded = [Entitlement(PersonId(7), Capacity.HEAD, date(2026, 9, 1), None)]
    >>> may_sign(PersonId(7), recorded, on=date(2026, 8, 31))
    <SigningRight.ON_OTHER_DAYS: 'on_other_days'>
    """
    known = tuple(entitlements)
    on_the_day = {one.person_id for one in known if one.holds_on(on)}
    if on_the_day:
        return SigningRight.ENTITLED if person in on_the_day else SigningRight.OTHERS_ENTITLED
    if any(one.person_id == person for one in known):
        return SigningRight.ON_OTHER_DAYS
    return SigningRight.NOBODY_RECORDED


def entitlement_of(signatory: Signatory) -> Entitlement:
    """Return the facts of a recorded signatory."""
    return Entitlement(signatory.person_id, signatory.capacity, signatory.since, signatory.until)
