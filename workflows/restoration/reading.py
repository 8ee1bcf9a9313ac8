"""Read what a verdict rests on: of one account what a reform took and everything held, and the municipalities."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from iam.bulk import any_of
from iam.grants import repository as periods
from iam.grants import service as grants
from iam.grants.models import EndCause, Evidence, Grant, GrantPeriod
from iam.ids import AccountId, GrantId, MunicipalityId
from iam.institutions import service as institutions
from iam.institutions.models import Municipality, Scope, ScopeKind
from iam.institutions.service import MunicipalityHit, scope_code
from iam.orders.models import ChangeKind, Order, OrderChange, OrderParty
from iam.orders.states import OrderState
from iam.periods import first_day, last_day
from workflows.restoration.rules import Facts, Taken, Town, Verdict, judge, left_alone

__all__ = ["facts_of", "unchanged", "verdict_on"]

_CHANGES = (ChangeKind.JOINED, ChangeKind.MERGED, ChangeKind.SPLIT, ChangeKind.PART_SPLIT_OFF)
# An approved order holds from its day on, however late it is carried out.
_HOLDS = (OrderState.APPROVED, OrderState.APPLYING, OrderState.APPLIED)


def verdict_on(session: Session, account_id: AccountId, *, on: date) -> Verdict:
    """Say what can be given back to an account on the day."""
    return judge(facts_of(session, account_id, on=on), on=on)


def facts_of(session: Session, account_id: AccountId, *, on: date) -> Facts:
    """Read the facts of one account; the places are those a reform took something in."""
    rows = _taken(session, account_id)
    scopes = {row.grant.scope for row in rows if row.grant.scope.kind is ScopeKind.MUNICIPALITY}
    found = _towns(session, {scope.municipality_id for scope in scopes if scope.municipality_id is not None}, on)
    before = periods.known_before(session, [row.id for row in rows]) if rows else {}
    orders = _orders(session, [row.id for row in rows])
    return Facts(
        taken=tuple(
            Taken(
                period=row.id,
                grant=GrantId(row.grant_id),
                scope_id=row.scope_id,
                scope=scope_code(row.grant.scope),
                section=row.grant.section.code,
                level=row.grant.level,
                last_day=row.until,
                known_before=row.id in before and row.until is not None and before[row.id].contains(row.until),
                until_before=last_day(before[row.id]) if row.id in before else None,
                recorded_by=row.recorded_by,
                recorded_at=row.recorded.lower or row.grant.given_at,
                order=orders.get(row.id),
                restored=periods.is_restored(session, row.id),
            )
            for row in rows
        ),
        held=tuple(grants.history(session, account_id)),
        towns={scope_code(scope): found[scope.municipality_id] for scope in scopes if scope.municipality_id in found},
        sections=frozenset(section.code for section in grants.sections(session, on=on)),
    )


def unchanged(session: Session, *, on: date) -> list[MunicipalityHit]:
    """List the municipalities of the day that the reform left alone, in Latvian order: the dated list."""
    towns = institutions.municipalities(session, on=on)
    known = _towns(session, {town.id for town in towns}, on)
    return [town for town in towns if left_alone(known[town.id], on=on)]


def _taken(session: Session, account_id: AccountId) -> list[GrantPeriod]:
    query = (
        select(GrantPeriod)
        .where(
            GrantPeriod.account_id == account_id,
            GrantPeriod.end_cause == EndCause.REFORM,
            func.upper_inf(GrantPeriod.recorded),
        )
        .options(
            joinedload(GrantPeriod.grant).options(
                joinedload(Grant.section), joinedload(Grant.scope).joinedload(Scope.institution)
            )
        )
        .order_by(GrantPeriod.scope_id, GrantPeriod.section_id, GrantPeriod.id)
    )
    return list(session.scalars(query))


def _orders(session: Session, taken: Collection[int]) -> dict[int, str]:
    """Return the references of the orders that ended these periods; what was recorded without one is left out."""
    query = (
        select(GrantPeriod.id, Order.reference)
        .join(Evidence, Evidence.id == GrantPeriod.end_evidence_id)
        .join(Order, Order.id == Evidence.order_id)
        .where(GrantPeriod.id == any_of(taken))
    )
    return dict(session.execute(query).all())


def _towns(session: Session, ids: Collection[MunicipalityId], on: date) -> dict[int, Town]:
    changed = _changed(session, ids, on)
    rows = session.execute(select(Municipality.id, Municipality.period).where(Municipality.id == any_of(ids)))
    return {id_: Town(first_day(period), last_day(period), changed.get(id_)) for id_, period in rows}


def _changed(session: Session, ids: Collection[MunicipalityId], on: date) -> dict[int, str]:
    """Return the first order in force on the day that joined something to a municipality or split it."""
    query = (
        select(OrderParty.municipality_id, Order.reference)
        .join(OrderChange, OrderChange.id == OrderParty.change_id)
        .join(Order, Order.id == OrderChange.order_id)
        .where(
            OrderParty.municipality_id == any_of(ids),
            OrderChange.kind.in_(_CHANGES),
            Order.state.in_(_HOLDS),
            Order.effective <= on,
        )
        .order_by(Order.effective.desc(), Order.id.desc())
    )
    return {id_: reference for id_, reference in session.execute(query) if id_ is not None}
