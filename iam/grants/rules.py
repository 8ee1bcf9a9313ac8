"""What a right is as a fact, and on which day the next one begins or is over. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from iam.grants.models import EndCause, EvidenceKind, Level
from iam.ids import AccountId, EvidenceId, GrantId, ScopeId
from iam.periods import midnight_in_riga

__all__ = ["HeldGrant", "RecordedEnd", "held_on", "last_ended", "next_change"]


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
    known_since: datetime  # when these days, and this end, were recorded
    evidence_id: EvidenceId | None = None
    reinstates: int | None = None  # the period an order had ended, where this right is what came again

    def holds_on(self, day: date) -> bool:
        """Return whether the right is held on the day."""
        return self.since is not None and self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class RecordedEnd:
    """An end of a right as somebody recorded it. `last_day` is None for one taken back before its first day."""

    grant_id: GrantId
    period_id: int
    scope: str
    section: str
    level: Level
    last_day: date | None
    cause: EndCause
    by: str  # `str(Actor)`
    at: datetime


def held_on(grants: Iterable[HeldGrant], day: date) -> list[HeldGrant]:
    """List those held on the day."""
    return [grant for grant in grants if grant.holds_on(day)]


def next_change(grants: Iterable[HeldGrant], *, after: date) -> date | None:
    """Return the first day after `after` on which a right begins, or is over since its last day was the day before.

    On that day the account is projected again, although nobody decides anything then.
    """
    days = [
        day
        for grant in grants
        if grant.since is not None
        for day in (grant.since, None if grant.until is None else grant.until + timedelta(days=1))
        if day is not None and day > after
    ]
    return min(days, default=None)


def last_ended(grants: Iterable[HeldGrant], *, by: datetime) -> datetime | None:
    """Return the latest moment, not after `by`, at which one of the rights was over.

    That is midnight in Riga after the last day, or the moment the end was recorded where that came later: a right
    ended at once, or taken back on its first day, was held until then.
    """
    moments = [moment for grant in grants if (moment := _over_at(grant)) is not None and moment <= by]
    return max(moments, default=None)


def _over_at(grant: HeldGrant) -> datetime | None:
    if grant.since is None:
        return grant.known_since
    if grant.until is None:
        return None
    midnight = midnight_in_riga(grant.until + timedelta(days=1))
    return midnight if grant.end_cause is None else max(midnight, grant.known_since)
