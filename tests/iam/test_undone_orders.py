"""Whatever an order ended, undoing it gives back from that day on, and nothing else changes."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from builders.iam.register import BY_REVIEWER, imported
from builders.iam.rights import opened
from iam.grants import service
from iam.grants.evidence import ByOrder, OrderUndone, TakenOver
from iam.grants.models import Account, EndCause, GrantPeriod, Level
from iam.grants.rules import held_on
from iam.ids import GrantId, OrderId
from iam.institutions import service as institutions
from iam.orders import service as orders
from iam.orders.models import ChangeKind
from iam.orders.said import Change, OrderSaid, PartySaid

FIRST = date(2026, 1, 1)
START = datetime(2026, 1, 1, 9, tzinfo=UTC)
SECTIONS = ("learners", "staff", "reports", "funding")
DAYS = range(-1, 60)
days_of_a_right = st.tuples(st.integers(0, 30), st.none() | st.integers(0, 30))


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rights=st.lists(days_of_a_right, min_size=1, max_size=4),
    effective=st.integers(1, 35),
    undone=st.integers(0, 50),
)
def test_from_the_day_of_undoing_rights_are_those_of_before(
    database_url: str, tmp_path: Path, rights: list[tuple[int, int | None]], effective: int, undone: int
) -> None:
    engine = create_engine(database_url, poolclass=NullPool)
    with Session(engine) as session:
        account, order = _world(session, tmp_path, rights, day(effective))
        before = _held(session, account)
        ends = [
            service.End(GrantId(one.id), day(effective - 1))
            for one in service.history(session, account.id)
            if one.until is None or one.until >= day(effective)
        ]
        by = ByOrder(order[0], order[1])
        service.end_all(
            session,
            ends,
            cause=EndCause.REORGANISATION,
            because=by,
            origin=BY_REVIEWER,
            at=START + timedelta(hours=1),
        )
        at = START + timedelta(days=undone, hours=2)
        service.reinstate_all(
            session, _to_reinstate(session, day(undone)), because=OrderUndone(*order), origin=BY_REVIEWER, at=at
        )
        after = _held(session, account)
        gap = {number for number in DAYS if effective <= number < undone}
        assert {number: held for number, held in after.items() if number not in gap} == {
            number: held for number, held in before.items() if number not in gap
        }
        ended = {one.grant_id for one in ends}
        for number in gap:
            still = {one.section for one in held_on(service.history(session, account.id), day(number))}
            assert still == {
                one.section
                for one in service.history(session, account.id)
                if one.id not in ended and one.reinstates is None and one.holds_on(day(number))
            }
    engine.dispose()


def _world(
    session: Session, folder: Path, rights: list[tuple[int, int | None]], effective: date
) -> tuple[Account, tuple[OrderId, str]]:
    imported(session, folder)
    school = institutions.scope_of_institution(session, "4113900001").id
    account = opened(session, at=START)
    gifts = [
        service.Gift(
            section=section,
            level=Level.EDIT,
            to=account.id,
            at_scope=school,
            since=day(since),
            until=None if length is None else day(since + length),
            because=TakenOver("story", "0" * 64),
        )
        for section, (since, length) in zip(SECTIONS, rights, strict=False)
    ]
    service.give_all(session, gifts, origin=BY_REVIEWER, at=START)
    closing = Change(kind=ChangeKind.CLOSED, sources=(PartySaid(reg_no="4113900001"),))
    said = OrderSaid(reference="1", legal_basis="Domes lēmums", effective=effective, changes=(closing,))
    (order,) = orders.draft(session, [said], origin=BY_REVIEWER, at=START)
    return account, (OrderId(order.id), order.digest)


def _held(session: Session, account: Account) -> dict[int, set[str]]:
    known = service.history(session, account.id)
    return {number: {one.section for one in held_on(known, day(number))} for number in DAYS}


def _to_reinstate(session: Session, today: date) -> list[GrantPeriod]:
    """List what the order ended and what was to be held today or later."""
    ended = session.scalars(
        select(GrantPeriod).where(
            GrantPeriod.end_cause == EndCause.REORGANISATION, func.upper_inf(GrantPeriod.recorded)
        )
    )
    left = []
    for period in ended:
        first = next(one for one in period.grant.known_periods if one.end_cause is None)
        if first.until is None or first.until >= today:
            left.append(period)
    return left
