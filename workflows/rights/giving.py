"""Giving rights that were decided, to one account or many. What they replace ends the day before."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from iam.audit import Origin
from iam.grants import service as grants
from iam.grants.ending import End
from iam.grants.giving import Gift
from iam.grants.models import EndCause, Grant
from iam.periods import days

if TYPE_CHECKING:
    from iam.grants.evidence import GivingEvidence

__all__ = ["Gift", "give"]


def give(session: Session, gifts: Sequence[Gift], *, origin: Origin, at: datetime) -> list[Grant]:
    """Give every right, in the order named. The caller has them projected (`projection.follow`).

    What was held of the same section in the same place, at whatever level, ends as replaced on the day before. Raises
    what `iam.grants.giving.give_all` raises; then nothing is to be committed.
    """
    wanted = defaultdict(list)
    for gift in gifts:
        wanted[gift.to, gift.at_scope, gift.section].append(gift)
    replaced: defaultdict[GivingEvidence, list[End]] = defaultdict(list)
    for account_id in sorted({gift.to for gift in gifts}):
        for held in grants.history(session, account_id):
            for gift in wanted[account_id, held.scope_id, held.section]:
                wished = days(gift.since, gift.until)
                if held.since is not None and days(held.since, held.until).overlaps(wished):
                    replaced[gift.because].append(End(held.id, gift.since - timedelta(days=1)))
    for because, ends in replaced.items():
        grants.end_all(session, ends, cause=EndCause.REPLACED, origin=origin, at=at, because=because)
    return grants.give_all(session, gifts, origin=origin, at=at)
