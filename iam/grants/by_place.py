"""How many rights ended in a place by a reorganisation or the reform, and how many came again? As known now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import Session

from iam.grants.models import EndCause, EvidenceKind, Grant, GrantPeriod
from iam.ids import ScopeId

__all__ = ["Turn", "turns"]

_REORGANISED = (EndCause.REORGANISATION, EndCause.REFORM)
_AGAIN = (EvidenceKind.RESTORATION, EvidenceKind.ORDER_UNDONE)


@dataclass(frozen=True, slots=True)
class Turn:
    """On `day` so many rights of the scope no longer hold by a reorganisation or the reform, or hold again."""

    scope: ScopeId
    day: date
    ended: int
    again: int


def turns(session: Session, scopes: Iterable[ScopeId]) -> list[Turn]:
    """Count rights by scope and day, first the earliest. A right that ended has its day after the last it held."""
    known = select(GrantPeriod).where(GrantPeriod.scope_id.in_(tuple(scopes)), func.upper_inf(GrantPeriod.recorded))
    ended = known.where(GrantPeriod.end_cause.in_(_REORGANISED), ~func.isempty(GrantPeriod.valid)).with_only_columns(
        GrantPeriod.scope_id,
        func.upper(GrantPeriod.valid).label("day"),
        cast(1, Integer).label("ended"),
        cast(0, Integer).label("again"),
    )
    again = (
        known.join(Grant, Grant.id == GrantPeriod.grant_id)
        .where(Grant.evidence_kind.in_(_AGAIN), ~func.isempty(GrantPeriod.valid))
        .with_only_columns(GrantPeriod.scope_id, func.lower(GrantPeriod.valid), cast(0, Integer), cast(1, Integer))
    )
    both = ended.union_all(again).subquery()
    counted = (
        select(both.c.scope_id, both.c.day, func.sum(both.c.ended), func.sum(both.c.again))
        .group_by(both.c.scope_id, both.c.day)
        .order_by(both.c.day, both.c.scope_id)
    )
    return [Turn(ScopeId(scope), day, int(ended), int(again)) for scope, day, ended, again in session.execute(counted)]
