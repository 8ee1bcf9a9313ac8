"""What a right is as a fact, and on which day the next one begins or is over. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from iam._base import AccountId, GrantId, ScopeId
from iam.grants.models import EndCause, EvidenceKind, Level

__all__ = ["HeldGrant", "held_on", "next_change"]


@dataclass(frozen=True, slots=True)
class HeldGrant:
    """A right and its days, both included. `since` is None only for one taken back before its first day."""

    id: GrantId
    period_id: int
    account_id: AccountId
    scope_id: ScopeId
    scope: str  # i-…, m-…, s
    section: str
    level: Level
    since: date | None
    until: date | None
    evidence: EvidenceKind
    end_cause: EndCause | None

    def holds_on(self, day: date) -> bool:
        """Say whether the right is held on the day."""
        return self.since is not None and self.since <= day and (self.until is None or day <= self.until)


def held_on(grants: Iterable[HeldGrant], day: date) -> list[HeldGrant]:
    """List those held on the day."""
    return [grant for grant in grants if grant.holds_on(day)]


def next_change(grants: Iterable[HeldGrant], *, after: date) -> date | None:
    """Name the first day after `after` on which a right begins, or is over since its last day was the day before.

    On that day somebody has to look again, although nobody decides anything then.
    """
    days = [
        day
        for grant in grants
        if grant.since is not None
        for day in (grant.since, None if grant.until is None else grant.until + timedelta(days=1))
        if day is not None and day > after
    ]
    return min(days, default=None)
