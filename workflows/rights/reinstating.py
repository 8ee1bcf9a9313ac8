"""Rights that an order had ended hold again, one or many in one transaction: told to whom it concerns.

As in `ending`: accounts held in one order, one mail to everyone concerned, one projection for each account.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from iam.audit import Origin
from iam.bulk import any_of
from iam.grants import service as grants
from iam.grants.accounts import locked_all
from iam.grants.ending import End
from iam.grants.evidence import OrderUndone
from iam.grants.models import Account, EndCause, Grant, GrantPeriod
from iam.grants.rules import HeldGrant
from iam.ids import AccountId, EvidenceId, GrantId
from iam.periods import riga_day
from workflows import mail
from workflows.rights import notices
from workflows.rights.notices import Changed, Signing
from workflows.rights.projection import LANE, follow

__all__ = ["reinstate"]


def reinstate(
    session: Session,
    periods: Sequence[tuple[GrantPeriod, OrderUndone]],
    *,
    origin: Origin,
    base_url: str,
    at: datetime,
    ends: Mapping[GrantId, str] | None = None,
    signing: Sequence[Signing] = (),
    told: Mapping[GrantId, EvidenceId] | None = None,
) -> list[Grant]:
    """Let rights hold again, each because the order that ended it was undone; all or none.

    `ends` are rights of the same accounts that end now, each with its reason: those in places that go with the order.
    People are told of both, of their `signing` that holds again, and of `told`, in one mail: rights that they had been
    told of as well, of any account, and that the order does not end.
    Raises what `iam.grants.ending.end_all` and `giving.reinstate_all` raise.
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
    ended = _ended(session, accounts, histories, ends or {}, origin=origin, at=at)
    changes = [
        Changed(account, histories[id_], dict.fromkeys(again[id_]), evidence) for id_, account in accounts.items()
    ]
    with mail.together(session, behind=LANE):
        stays = _told(session, told or {})
        notices.rights_again(session, changes, ended=ended, signing=signing, stays=stays, base_url=base_url, at=at)
    follow(session, *accounts)
    return made


def _told(session: Session, told: Mapping[GrantId, EvidenceId]) -> list[Changed]:
    of_account: defaultdict[AccountId, dict[GrantId, EvidenceId]] = defaultdict(dict)
    for grant, account in session.execute(select(Grant.id, Grant.account_id).where(Grant.id == any_of(told))):
        of_account[account][grant] = told[grant]
    histories = grants.histories(session, [*of_account])
    accounts = session.scalars(select(Account).where(Account.id == any_of(of_account)))
    return [Changed(one, histories[one.id], dict.fromkeys(of_account[one.id]), of_account[one.id]) for one in accounts]


def _ended(
    session: Session,
    accounts: Mapping[AccountId, Account],
    histories: Mapping[AccountId, Sequence[HeldGrant]],
    ends: Mapping[GrantId, str],
    *,
    origin: Origin,
    at: datetime,
) -> dict[AccountId, Changed]:
    yesterday = riga_day(at) - timedelta(days=1)
    for id_, reason in ends.items():
        end = [End(id_, yesterday)]
        grants.end_all(session, end, cause=EndCause.REORGANISATION, origin=origin, at=at, reason=reason)
    of_account: defaultdict[AccountId, dict[GrantId, EvidenceId]] = defaultdict(dict)
    for grant in session.scalars(select(Grant).where(Grant.id == any_of(ends))) if ends else ():
        of_account[grant.account_id][GrantId(grant.id)] = grant.evidence_id
    return {
        id_: Changed(accounts[id_], histories[id_], dict.fromkeys(evidence), evidence)
        for id_, evidence in of_account.items()
    }
