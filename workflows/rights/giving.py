"""Giving rights that were decided, to one account or many. What they replace ends the day before."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from iam.audit import Origin
from iam.grants import service as grants
from iam.grants.evidence import GivingEvidence
from iam.grants.models import Account, EndCause, Grant, Level
from iam.ids import AccountId, ScopeId
from iam.periods import days

if TYPE_CHECKING:
    from iam.grants.rules import HeldGrant

__all__ = ["Gift", "give"]


@dataclass(frozen=True, slots=True)
class Gift:
    """A right to be given: whose, where, what, from when until when (both included), and on what evidence."""

    to: Account
    at_scope: ScopeId
    section: str
    level: Level
    since: date
    until: date | None
    because: GivingEvidence


def give(session: Session, gifts: Sequence[Gift], *, origin: Origin, at: datetime) -> list[Grant]:
    """Give every right, in the order named. The caller has them projected (`projection.follow`).

    What was held of the same section in the same place, at whatever level, ends as replaced on the day before. Raises
    what `iam.grants.service.give` raises; then nothing is to be committed.
    """
    # Read once for all of them: what is given below is in places and sections of its own.
    before: defaultdict[tuple[AccountId, ScopeId, str], list[HeldGrant]] = defaultdict(list)
    for account_id in sorted({gift.to.id for gift in gifts}):
        for held in grants.history(session, account_id):
            before[account_id, held.scope_id, held.section].append(held)
    given = []
    for gift in gifts:
        wished = days(gift.since, gift.until)
        for held in before[gift.to.id, gift.at_scope, gift.section]:
            if held.since is not None and days(held.since, held.until).overlaps(wished):
                last_day = gift.since - timedelta(days=1)
                grants.end(
                    session,
                    held,
                    last_day=last_day,
                    cause=EndCause.REPLACED,
                    origin=origin,
                    at=at,
                    because=gift.because,
                )
        given.append(
            grants.give(
                session,
                gift.section,
                gift.level,
                to=gift.to,
                at_scope=gift.at_scope,
                since=gift.since,
                until=gift.until,
                because=gift.because,
                origin=origin,
                at=at,
            )
        )
    return given
