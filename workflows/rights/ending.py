"""Ending rights, one or many in one transaction: recorded, told to whom it concerns, brought to Keycloak.

    (1) the accounts are held in one order, so that two who end at once do not wait for each other for ever
    (2) each right is ended in the database, at once or with a last day, and its audit entry written
    (3) one mail to each holder and one to each asker who does not know, however many rights of theirs end
    (4) one projection for each account, which also ends its sessions

A crash leaves all of it or nothing. What lies before the end stays on record.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from iam.audit import Origin
from iam.errors import Unknown
from iam.grants import service as grants
from iam.grants.accounts import locked_all
from iam.grants.ending import End
from iam.grants.evidence import EndingEvidence
from iam.grants.models import EndCause, Grant
from iam.ids import AccountId, GrantId
from iam.periods import riga_day
from workflows import mail
from workflows.rights import notices
from workflows.rights.notices import Changed, GoingOn
from workflows.rights.projection import LANE, follow

__all__ = ["RightEnding", "end"]


@dataclass(frozen=True, slots=True)
class RightEnding:
    """A right that is to end: with its last day, which is still included; None ends it now.

    `cause`, `because` and `reason` are its own where one act ends rights for several reasons, as several orders do.
    """

    grant: GrantId
    last_day: date | None = None
    cause: EndCause | None = None
    because: EndingEvidence | None = None
    reason: str | None = None


def end(  # noqa: PLR0913 - the act and how it is told, all but the first two by name
    session: Session,
    endings: Collection[RightEnding],
    *,
    cause: EndCause,
    reason: str,
    origin: Origin,
    base_url: str,
    at: datetime,
    because: EndingEvidence | None = None,
    known: Collection[GrantId] = (),
    told: Collection[str] = (),
    going_on: Mapping[AccountId, Sequence[GoingOn]] | None = None,
    closing: Mapping[str, date] | None = None,
) -> Sequence[AccountId]:
    """End these rights (the procedure above) and return the accounts they belong to.

    `because` is what they end on, if anything more than a reason: the audit entries then name it as their evidence.
    Of ends that are `known` already nobody is told again, and askers `told` otherwise, by address, get no mail;
    `going_on` is what holders may do now, for their mails; `closing` are the last days of places that end, by key.
    All end or none: raises iam's Unknown for a right that is not there, NothingToEnd for one that ends by then anyway.
    """
    found = _found(session, endings)
    accounts = list(locked_all(session, {grant.account_id for grant, _ in found}).values())  # (1)
    histories = grants.histories(session, [account.id for account in accounts])
    yesterday = riga_day(at) - timedelta(days=1)
    last_days = {grant.id: last_day for grant, last_day in found}
    together: dict[tuple[EndCause, EndingEvidence | None, str], list[End]] = {}
    for ending in sorted(endings, key=lambda one: one.grant):
        why = (ending.cause or cause, ending.because or because, reason if ending.reason is None else ending.reason)
        together.setdefault(why, []).append(End(ending.grant, ending.last_day or yesterday))
    for (its_cause, rests_on, its_reason), ends in together.items():  # (2)
        grants.end_all(session, ends, cause=its_cause, origin=origin, at=at, because=rests_on, reason=its_reason)
    evidence = {grant.id: grant.evidence_id for grant, _ in found}
    changes = [
        Changed(account, histories[account.id], last_days, evidence, known, closing or {}) for account in accounts
    ]
    with mail.together(session, behind=LANE):
        notices.rights_ended(session, changes, base_url=base_url, at=at, told=told, going_on=going_on)  # (3)
    follow(session, *(account.id for account in accounts))  # (4)
    return [account.id for account in accounts]


def _found(session: Session, endings: Collection[RightEnding]) -> list[tuple[Grant, date | None]]:
    days = {ending.grant: ending.last_day for ending in endings}
    if len(days) < len(endings):
        raise ValueError("a right ends once")
    found = list(session.scalars(select(Grant).where(Grant.id.in_(days)).order_by(Grant.account_id, Grant.id)))
    if missing := set(days) - {grant.id for grant in found}:
        raise Unknown(f"no grant has the id {min(missing)}")
    return [(grant, days[grant.id]) for grant in found]
