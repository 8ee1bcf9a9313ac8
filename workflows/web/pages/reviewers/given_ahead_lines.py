"""Rights that were given on what an order says, as lines of its page, and which of them end with it."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from iam.bulk import any_of
from iam.grants import service as grants
from iam.grants.models import Account
from iam.ids import AccountId, GrantId, OrderId
from iam.periods import riga_day
from workflows.i18n import Words
from workflows.reorganisation.given_ahead import given_ahead
from workflows.rights.notices import lines_of

__all__ = ["AheadLine", "ahead_of"]


@dataclass(frozen=True, slots=True)
class AheadLine:
    """A right of somebody, by username, and whether it ends with the order."""

    account: str
    right: str
    ends: bool


def ahead_of(session: Session, words: Words, ids: Collection[OrderId], *, at: datetime) -> list[AheadLine]:
    """List what was given on these orders, by people."""
    of_account: defaultdict[AccountId, dict[GrantId, bool]] = defaultdict(dict)
    for one in given_ahead(session, ids, today=riga_day(at)):
        of_account[one.account][one.grant] = one.ends
    if not of_account:
        return []
    lines = []
    for account in session.scalars(select(Account).where(Account.id == any_of(of_account)).order_by(Account.username)):
        ends = of_account[account.id]
        held = [one for one in grants.history(session, account.id) if one.id in ends]
        said = lines_of(session, words, account, held, at=at)
        lines += [AheadLine(account.username, text, ends[one.id]) for one, text in zip(held, said, strict=True)]
    return lines
