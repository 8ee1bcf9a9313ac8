"""Rights that were given on what orders say: on applications filled in because of them, or in places they found. Reads.

Taken back before its day, an order leaves no founded place, and every right there ends. Undone, it takes with it what
was given on its own applications, unless something else keeps the place. Where the place stays, so do the rights.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from iam.bulk import any_of
from iam.grants.models import Evidence, Grant, GrantPeriod
from iam.ids import AccountId, EvidenceId, GrantId, OrderId, ScopeId
from iam.orders.models import Order, OrderChange, OrderParty
from iam.orders.states import OrderState
from iam.orders.staying import goes_on, place_of, scope_of
from workflows.application.models import PrefilledDraft

__all__ = ["GivenAhead", "founded_scopes", "given_ahead"]


@dataclass(frozen=True, slots=True)
class GivenAhead:
    """A right that is held today or later: of which order, whether on its own application, and whether it `ends`."""

    period: int
    grant: GrantId
    account: AccountId
    evidence: EvidenceId
    scope: ScopeId
    order: OrderId
    filled_in: bool
    founded: bool
    ends: bool


def given_ahead(session: Session, ids: Collection[OrderId], *, today: date) -> list[GivenAhead]:
    """List what was given on these orders, and which of it ends when they are taken back together."""
    rows = list(session.scalars(select(Order).where(Order.id == any_of(ids)).order_by(Order.id)))
    founded = {scope: (row, party) for row in rows for scope, party in founded_scopes(session, row).items()}
    query = (
        select(
            GrantPeriod.id,
            GrantPeriod.grant_id,
            GrantPeriod.account_id,
            Grant.evidence_id,
            GrantPeriod.scope_id,
            PrefilledDraft.order_id,
        )
        .join(Grant, Grant.id == GrantPeriod.grant_id)
        .join(Evidence, Evidence.id == Grant.evidence_id)
        .outerjoin(
            PrefilledDraft,
            and_(PrefilledDraft.application_id == Evidence.application_id, PrefilledDraft.order_id == any_of(ids)),
        )
        .where(
            or_(PrefilledDraft.order_id.is_not(None), GrantPeriod.scope_id == any_of(founded)),
            func.upper_inf(GrantPeriod.recorded),
            ~func.isempty(GrantPeriod.valid),
            or_(func.upper_inf(GrantPeriod.valid), func.upper(GrantPeriod.valid) > today),
        )
        .order_by(GrantPeriod.id)
    )
    found: list[tuple[int, int, AccountId, int, ScopeId, OrderId | None]] = [(*row,) for row in session.execute(query)]
    by_scope: defaultdict[ScopeId, set[int]] = defaultdict(set)
    for _, grant, _, _, scope, own in found:
        if scope in founded and (own is not None or _never_came(founded[scope][0])):
            by_scope[scope].add(grant)
    goes = {
        scope
        for scope, ending in by_scope.items()
        if not goes_on(session, founded[scope][1], founded[scope][0], together=rows, today=today, ending=ending)
    }
    return [
        GivenAhead(
            period,
            GrantId(grant),
            account,
            EvidenceId(evidence),
            scope,
            OrderId(own if own is not None else founded[scope][0].id),
            filled_in=own is not None,
            founded=scope in founded,
            ends=scope in goes and grant in by_scope[scope],
        )
        for period, grant, account, evidence, scope, own in found
    ]


def founded_scopes(session: Session, row: Order) -> dict[ScopeId, OrderParty]:
    """Return the scopes there are of the places that an order founds, each with the party that does."""
    parties = [
        party
        for change in session.scalars(select(OrderChange).where(OrderChange.order_id == row.id))
        for party in change.parties
        if party.founded_as is not None
    ]
    places = [(place_of(session, party), party) for party in parties]
    scopes = [(scope_of(session, place), party) for place, party in places if place is not None]
    return {ScopeId(scope): party for scope, party in scopes if scope is not None}


def _never_came(row: Order) -> bool:
    return row.state in {OrderState.APPROVED, OrderState.REPEALED}
