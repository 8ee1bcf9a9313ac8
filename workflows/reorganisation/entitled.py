"""Which entitlements to sign do orders end: those that two people approved, and those recorded since.

What two people approve is that a person signs for a place no longer than it exists. So an entry that was corrected
since ends with the approved one if it allows no day, from that of the order on, on which the other did not: another
e-mail, source or capacity changes nothing of what they saw. Whoever else is recorded, or for longer, is left.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from iam.bulk import any_of
from iam.grants.models import Account, AccountStatus
from iam.ids import OrderId, PersonId
from iam.institutions.models import Signatory
from iam.orders import service as orders
from iam.orders.models import Order
from workflows.reorganisation.facts import Facts
from workflows.reorganisation.reading import signatories_in
from workflows.reorganisation.succession import Succession

__all__ = ["Entitled", "entitled", "own_addresses"]

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Entitled:
    """An entitlement to sign that the order ends; `approved` says whether two people approved that."""

    signatory: Signatory
    order: Order
    approved: bool


def entitled(session: Session, rows: Sequence[Order], approved: Mapping[int, OrderId]) -> list[Entitled]:
    """List what is recorded now of who may sign, for places that the orders end, on their day or later.

    `approved` names the entries whose end two people approved, each with its order.
    """
    endings = Succession.of([orders.said(row) for row in rows], Facts()).endings
    if not endings:
        return []
    by_reference = {row.reference: row for row in rows}
    known = select(Signatory).where(Signatory.id == any_of(approved))
    seen = [(one, approved[one.id]) for one in session.scalars(known)]
    found = []
    for place, one in signatories_in(session, list(endings)):
        row = by_reference[endings[place].order]
        if one.until is None or one.until >= row.effective:
            covered = any(order == row.id and _covers(other, one, row.effective) for other, order in seen)
            found.append(Entitled(one, row, covered))
    return found


def own_addresses(session: Session, people: Collection[PersonId]) -> Mapping[PersonId, str]:
    """Return the addresses of accounts that these people may use: they are written to there, whatever an entry says."""
    accounts = select(Account.person_id, Account.email).where(
        Account.person_id == any_of(people), Account.status == AccountStatus.ACTIVE
    )
    return dict(session.execute(accounts).all())


def _covers(seen: Signatory, one: Signatory, day: date) -> bool:
    """Whether the entry that was seen allows every day that the other does, from the day on."""
    since = max(one.since or date.min, day)
    until = one.until
    return (
        (seen.person_id, seen.scope_id) == (one.person_id, one.scope_id)
        and (seen.since or date.min) <= since
        and (seen.until is None or (until is not None and until <= seen.until))
    )
