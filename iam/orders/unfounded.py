"""Which places ended on their first day, since the orders that founded them do not hold. Reads.

They never came, so a later order may found them: the number or the code is theirs still, and the row is the same.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache

from sqlalchemy import Select, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from iam.ids import InstitutionId, MunicipalityId
from iam.institutions.models import Institution, Municipality, Scope
from iam.institutions.service import days_of, scope_code
from iam.orders.models import Order, OrderChange, OrderParty
from iam.orders.states import OrderState

__all__ = ["never_came", "unfounded"]

_OVER = (OrderState.REPEALED, OrderState.UNDONE)
_NOT_YET = (*_OVER, OrderState.DRAFTED)


def unfounded(session: Session, *, besides: int = 0) -> Mapping[str, InstitutionId | MunicipalityId]:
    """Return the ids of these places by key: `i-…` of an institution, `m-…` and `atvk-…` of a municipality.

    What the order `besides` says of them does not count: it is about to found them.
    """
    found: dict[str, InstitutionId | MunicipalityId] = {}
    for number, code, institution, municipality in session.execute(_rows(), {"besides": besides}):
        if institution is not None:
            found[f"i-{number}"] = institution
        else:
            found |= {f"m-{municipality}": municipality, f"atvk-{code}": municipality}
    return found


def never_came(session: Session, scope: Scope) -> bool:
    """Return whether the place of this scope is one of those; only one that exists for a single day can be."""
    days = days_of(scope)
    if days is None or days.lower is None or days.upper != days.lower + timedelta(days=1):
        return False
    return scope_code(scope) in unfounded(session)


@cache  # each check of an order asks several times, and to put it together takes longer than the answer
def _rows() -> Select[str | None, str | None, InstitutionId, MunicipalityId]:
    """Number, code, institution and municipality of each of these places; `besides` is yet to be said."""
    founded, holds = aliased(OrderParty), aliased(Order)
    same = or_(
        founded.institution_id == OrderParty.institution_id, founded.municipality_id == OrderParty.municipality_id
    )
    held = exists().where(
        founded.founded_as.is_not(None),
        same,
        founded.change_id == OrderChange.id,
        OrderChange.order_id == holds.id,
        holds.state.not_in(_NOT_YET),
        holds.id != bindparam("besides"),
    )
    period = func.coalesce(Institution.period, Municipality.period)
    change = aliased(OrderChange)
    return (
        select(OrderParty.reg_no, OrderParty.atvk, Institution.id, Municipality.id)
        .join(change, change.id == OrderParty.change_id)
        .join(Order, Order.id == change.order_id)
        .outerjoin(Institution, Institution.id == OrderParty.institution_id)
        .outerjoin(Municipality, Municipality.id == OrderParty.municipality_id)
        .where(
            OrderParty.founded_as.is_not(None),
            Order.state.in_(_OVER),
            func.lower(period) == Order.effective,
            func.upper(period) == Order.effective + 1,
            ~held,
        )
        .order_by(Order.id)
    )
