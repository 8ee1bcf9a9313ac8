"""What undoing orders would bring back, and what stays. Reads; writes nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from iam.bulk import any_of
from iam.grants import repository
from iam.grants.models import Account, Evidence, Grant, GrantPeriod
from iam.ids import AccountId, EvidenceId, OrderId
from workflows.reorganisation.given_ahead import GivenAhead, given_ahead

__all__ = ["Back", "Kept", "KeptWhy", "UndoPlan", "undo_plan"]

_DAY = timedelta(days=1)


class KeptWhy(StrEnum):
    """Why something stays as the order left it."""

    HELD_ANEW = "held_anew"  # the same section is held there again: that right goes on
    OVER = "over"  # it would have ended by itself by now
    GIVEN_SINCE = "given_since"  # a right in a place that the order founded: it stays, and so does the place
    GIVEN_AHEAD = "given_ahead"  # a right given on an application filled in because of the order, where the place stays


@dataclass(frozen=True, slots=True)
class Back:
    """A right that comes again: the period that the order ended, whose it is, and to whose mailbox it is told."""

    period: int
    account: AccountId
    email: str
    evidence: EvidenceId
    order: OrderId


@dataclass(frozen=True, slots=True)
class Kept:
    """Something newer that rests on the order, or that needs no undoing: a period that the order ended, or a newer."""

    why: KeptWhy
    period: int
    order: OrderId


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """What comes again, what stays, and what was given ahead and ends since its place goes."""

    back: tuple[Back, ...]
    kept: tuple[Kept, ...]
    ends: tuple[GivenAhead, ...] = ()


def undo_plan(session: Session, ids: Collection[OrderId], *, today: date) -> UndoPlan:
    """Say what undoing these orders brings back today: what was held decides, never what is asked for."""
    rows = (
        select(GrantPeriod, Account.email, Grant.evidence_id, Evidence.order_id)
        .join(Evidence, Evidence.id == GrantPeriod.end_evidence_id)
        .join(Grant, Grant.id == GrantPeriod.grant_id)
        .join(Account, Account.id == GrantPeriod.account_id)
        .where(
            Evidence.order_id == any_of(ids),
            func.upper_inf(GrantPeriod.recorded),
            ~exists().where(_AGAIN.reinstates_period_id == GrantPeriod.id),
        )
        .order_by(GrantPeriod.id)
    )
    found = list(session.execute(rows))
    before = repository.known_before(session, [period.id for period, *_ in found])
    places = [(period.account_id, period.scope_id, period.section_id) for period, *_ in found]
    held = repository.held_at(session, places)[0] if places else {}
    back, kept = [], []
    for period, email, evidence, order in found:
        by, days = OrderId(order or 0), before[period.id]
        begins = max(today, period.valid.upper or days.lower or today)
        place = (period.account_id, period.scope_id, period.section_id)
        if days.upper is not None and days.upper <= begins:
            kept.append(Kept(KeptWhy.OVER, period.id, by))
        elif any(one.upper is None or one.upper > begins for one in held.get(place, ()) if not one.isempty):
            kept.append(Kept(KeptWhy.HELD_ANEW, period.id, by))
        else:
            back.append(Back(period.id, period.account_id, email, EvidenceId(evidence), by))
    ahead = given_ahead(session, ids, today=today)
    kept += [
        Kept(KeptWhy.GIVEN_SINCE if one.founded else KeptWhy.GIVEN_AHEAD, one.period, one.order)
        for one in ahead
        if not one.ends
    ]
    return UndoPlan(tuple(back), tuple(kept), tuple(one for one in ahead if one.ends))


_AGAIN = aliased(Grant)
