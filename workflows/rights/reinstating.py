"""Rights that an order had ended hold again, one or many in one transaction: told to whom it concerns.

As in `ending`: accounts held in one order, one mail to each holder and each asker, one projection for each account.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from iam.audit import Origin
from iam.grants import service as grants
from iam.grants.accounts import locked_all
from iam.grants.evidence import OrderUndone
from iam.grants.models import Grant, GrantPeriod
from workflows import mail
from workflows.rights import notices
from workflows.rights.notices import Changed
from workflows.rights.projection import LANE, follow

__all__ = ["reinstate"]


def reinstate(
    session: Session,
    periods: Sequence[tuple[GrantPeriod, OrderUndone]],
    *,
    origin: Origin,
    base_url: str,
    at: datetime,
) -> list[Grant]:
    """Let rights hold again, each because the order that ended it was undone; all or none.

    Raises what `iam.grants.giving.reinstate_all` raises.
    """
    accounts = locked_all(session, {period.account_id for period, _ in periods})
    by_order: dict[OrderUndone, list[GrantPeriod]] = {}
    for period, because in periods:
        by_order.setdefault(because, []).append(period)
    made = [
        grant
        for because, some in by_order.items()
        for grant in grants.reinstate_all(session, some, because=because, origin=origin, at=at)
    ]
    # The right of before was asked for by somebody: the one that comes again rests on the order alone.
    asked = {grant.reinstates_period_id: grant.id for grant in made}
    evidence = {asked[period.id]: period.grant.evidence_id for period, _ in periods}
    again = defaultdict(list)
    for grant in made:
        again[grant.account_id].append(grant.id)
    histories = grants.histories(session, accounts)
    changes = [
        Changed(account, histories[id_], dict.fromkeys(again[id_]), evidence) for id_, account in accounts.items()
    ]
    with mail.together(session, behind=LANE):
        notices.rights_again(session, changes, base_url=base_url, at=at)
    follow(session, *accounts)
    return made
