"""Foresee what undoing recorded orders changes today, one by one. Reads; writes nothing."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from iam.bulk import any_of
from iam.grants import repository
from iam.grants.models import Account, Grant, GrantPeriod, Section
from iam.ids import MunicipalityId, OrderId
from iam.institutions.models import Institution, Scope
from iam.institutions.service import scope_code
from iam.orders.models import Order, OrderChange
from iam.orders.said import PartySaid
from iam.periods import first_day, last_day
from workflows.i18n import later
from workflows.proposals.content import say
from workflows.reorganisation.resolving import known_names
from workflows.reorganisation.undo_changes import UndoChange, UndoFate, UndoForeseen
from workflows.reorganisation.undo_places import places_back
from workflows.reorganisation.undo_plan import KeptWhy, UndoPlan, undo_plan
from workflows.reorganisation.undo_signing import signing_again

__all__ = ["KEPT", "foresee_undo"]

KEPT: Mapping[KeptWhy, str] = {
    KeptWhy.HELD_ANEW: later("Held anew there: the newer right goes on"),
    KeptWhy.OVER: later("Would have ended by itself: stays ended"),
    KeptWhy.GIVEN_SINCE: later("Given in a place that the order founded: stays, and so does the place"),
    KeptWhy.GIVEN_AHEAD: later("Given on an application that was filled in because of the order: stays"),
}
_AGAIN = later("The order ended it; the days between stay a gap.")
_PLACE_GOES = later(
    "It was given on an application that was filled in because of the order, in a place that goes with it: it ends."
)
_SIGNS_AGAIN = later("The order ended it.")
_SIGNS_ANEW = later("Something newer is recorded about this person there: that stays.")


def foresee_undo(session: Session, rows: Sequence[Order], *, today: date) -> UndoForeseen:
    """Say everything that undoing these orders changes today, and what stays as it is and why."""
    ids = [OrderId(row.id) for row in rows]
    # At once: an order of a whole reform has a hundred parties.
    changes_of = (
        select(OrderChange).where(OrderChange.order_id == any_of(ids)).options(selectinload(OrderChange.parties))
    )
    session.scalars(changes_of).all()
    made = undo_plan(session, ids, today=today)
    changes = [
        *_rights(session, rows, made),
        *(change for row in rows for change in _signing(session, row)),
        *places_back(session, rows, today=today, ending=[one.grant for one in made.ends]),
    ]
    ordered = sorted(changes, key=lambda one: one.sorted_by)
    return UndoForeseen(ordered, known_names(session, _parties({one.scope for one in changes})))


def _rights(session: Session, rows: Sequence[Order], made: UndoPlan) -> Iterator[UndoChange]:
    references = {OrderId(row.id): row.reference for row in rows}
    of_order = {one.period: one.order for one in made.back} | {one.period: one.order for one in made.kept}
    of_order |= {one.period: one.order for one in made.ends}
    why = {one.period: one.why for one in made.kept}
    ends = {one.period for one in made.ends}
    periods = [*(one.period for one in made.back), *why, *ends]
    before = repository.known_before(session, periods) if periods else {}
    details = (
        select(
            GrantPeriod.id,
            GrantPeriod.valid,
            Account.username,
            GrantPeriod.scope_id,
            Section.code,
            Grant.level,
        )
        .join(Grant, Grant.id == GrantPeriod.grant_id)
        .join(Account, Account.id == GrantPeriod.account_id)
        .join(Section, Section.id == GrantPeriod.section_id)
        .where(GrantPeriod.id == any_of(periods))
    )
    found = session.execute(details).all() if periods else []
    keys = _keys(session, {scope for _, _, _, scope, *_ in found})
    for period, valid, username, scope, section, level in found:
        kept = why.get(period)
        # What was given since is told as it is now; what the order ended as it was known before.
        given = period in ends or kept in (KeptWhy.GIVEN_SINCE, KeptWhy.GIVEN_AHEAD)
        days = valid if given else before.get(period, valid)
        fate, code, reason = UndoFate.RIGHT_AGAIN, "ended_by_it", _AGAIN
        if period in ends:
            fate, code, reason = UndoFate.RIGHT_ENDS, "place_goes", _PLACE_GOES
        elif kept is not None:
            fate, code, reason = UndoFate.RIGHT_STAYS, kept.value, KEPT[kept]
        yield UndoChange(
            fate=fate,
            order=references[of_order[period]],
            why=code,
            reason=say(reason),
            scope=keys[scope],
            account=username,
            section=section,
            level=level,
            since=first_day(days),
            until=last_day(days),
        )


def _signing(session: Session, row: Order) -> Iterator[UndoChange]:
    for one in signing_again(session, row):
        ended = one.ended
        yield UndoChange(
            fate=UndoFate.SIGNATORY_AGAIN if one.free else UndoFate.SIGNATORY_STAYS,
            order=row.reference,
            why="ended_by_it" if one.free else "recorded_anew",
            reason=say(_SIGNS_AGAIN if one.free else _SIGNS_ANEW),
            scope=scope_code(ended.scope),
            name=ended.person.full_name,
            since=ended.since,
            until=ended.until,
        )


def _keys(session: Session, scopes: Collection[int]) -> dict[int, str]:
    """Return the keys of scopes, by their ids."""
    rows = (
        select(Scope.id, Institution.reg_no, Scope.municipality_id)
        .outerjoin(Institution, Institution.id == Scope.institution_id)
        .where(Scope.id == any_of(scopes))
    )
    found = session.execute(rows) if scopes else ()
    return {id_: f"i-{number}" if number else f"m-{town}" if town else "s" for id_, number, town in found}


def _parties(keys: Collection[str]) -> list[PartySaid]:
    numbers = [key[2:] for key in keys if key.startswith("i-")]
    towns = [MunicipalityId(int(key[2:])) for key in keys if key.startswith("m-")]
    return [*(PartySaid(reg_no=one) for one in numbers), *(PartySaid(municipality=one) for one in towns)]
