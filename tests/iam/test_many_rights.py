"""Rights of many, given, ended and reinstated in one batch; and the gap that a reinstated right shows."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import create_engine, event, func, select
from sqlalchemy.orm import Session

from builders.iam.register import AT, BY_REVIEWER
from builders.iam.rights import DAY, TODAY, given, many_accounts, opened, sections_held
from iam.audit import AuditEntry
from iam.errors import AlreadyHeld, NothingToEnd, NothingToReinstate, Unknown
from iam.grants import accounts, service
from iam.grants.evidence import ByOrder, OrderUndone, TakenOver
from iam.grants.models import Account, AccountStatus, EndCause, GrantPeriod, Level
from iam.ids import AccountId, GrantId, OrderId, ScopeId
from iam.orders import service as orders
from iam.orders.models import ChangeKind, Order
from iam.orders.said import Change, OrderSaid, PartySaid

MANY = 1000
SLOW = 30
BACK = date(2026, 9, 20)


def gift(to: AccountId, at_scope: ScopeId, section: str = "learners", *, line: int = 2) -> service.Gift:
    because = TakenOver(f"adopt.csv line {line}", "0" * 64)
    return service.Gift(
        section=section, level=Level.VIEW, to=to, at_scope=at_scope, since=TODAY, until=None, because=because
    )


@pytest.fixture
def order(session: Session, school: ScopeId) -> Order:
    assert school
    said = OrderSaid(
        reference="1-3/7",
        legal_basis="Domes lēmums",
        effective=date(2026, 9, 10),
        changes=(Change(kind=ChangeKind.CLOSED, sources=(PartySaid(reg_no="4113900001"),)),),
    )
    (row,) = orders.draft(session, [said], origin=BY_REVIEWER, at=AT)
    return row


def end(session: Session, order: Order, *grants: int, cause: EndCause = EndCause.REORGANISATION) -> None:
    service.end_all(
        session,
        [service.End(GrantId(grant), date(2026, 9, 9)) for grant in grants],
        cause=cause,
        because=ByOrder(OrderId(order.id), order.digest),
        origin=BY_REVIEWER,
        at=AT + DAY,
    )


def undone(order: Order) -> OrderUndone:
    return OrderUndone(OrderId(order.id), order.digest)


def known(session: Session, grant: int) -> GrantPeriod:
    found = select(GrantPeriod).where(GrantPeriod.grant_id == grant, func.upper_inf(GrantPeriod.recorded))
    return session.scalars(found).one()


def test_a_right_that_an_order_ended_is_reinstated_with_a_gap(
    session: Session, account: Account, school: ScopeId, order: Order
) -> None:
    grant = given(session, account, school, until=date(2026, 12, 31))
    end(session, order, grant.id)
    back = AT + (BACK - TODAY)
    again = service.reinstate(session, known(session, grant.id), because=undone(order), origin=BY_REVIEWER, at=back)
    assert [sections_held(session, account, day) for day in (date(2026, 9, 9), date(2026, 9, 10), BACK - DAY)] == [
        ["learners"],
        [],
        [],
    ]
    assert sections_held(session, account, BACK) == ["learners"]
    assert sections_held(session, account, date(2027, 1, 1)) == []
    first, second = service.history(session, account.id)
    assert (first.until, first.end_cause) == (date(2026, 9, 9), EndCause.REORGANISATION)
    assert (second.since, second.until, second.reinstates) == (BACK, date(2026, 12, 31), first.period_id)
    assert (second.level, second.evidence, second.id) == (first.level, "order_undone", again.id)
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.tag, entry.subject) == ("grant:reinstated", f"grant:{again.id}")
    assert (entry.details["ended"], entry.details["again"]) == ("2026-09-09", grant.id)
    # What was known while it was over stays known.
    assert sections_held(session, account, BACK, known_at=AT + 2 * DAY) == []


def test_undone_before_its_day_an_order_leaves_no_gap(
    session: Session, account: Account, school: ScopeId, order: Order
) -> None:
    grant = given(session, account, school)
    end(session, order, grant.id)
    service.reinstate(session, known(session, grant.id), because=undone(order), origin=BY_REVIEWER, at=AT + 2 * DAY)
    days = [date(2026, 9, 1) + number * DAY for number in range(60)]
    assert [sections_held(session, account, day) for day in days] == [["learners"]] * 60


def test_what_had_not_begun_and_was_taken_back_begins_when_it_would_have(
    session: Session, account: Account, school: ScopeId, order: Order
) -> None:
    grant = given(session, account, school, since=date(2026, 10, 1))
    end(session, order, grant.id)
    service.reinstate(session, known(session, grant.id), because=undone(order), origin=BY_REVIEWER, at=AT + 2 * DAY)
    assert sections_held(session, account, date(2026, 9, 30)) == []
    assert sections_held(session, account, date(2026, 10, 1)) == ["learners"]


def test_only_what_this_order_ended_comes_again_and_once(
    session: Session, account: Account, school: ScopeId, order: Order
) -> None:
    by_head, short, mine = (
        given(session, account, school, section, until=until)
        for section, until in (("staff", None), ("reports", date(2026, 9, 12)), ("learners", None))
    )
    service.end(session, by_head, last_day=date(2026, 9, 9), cause=EndCause.HEAD, origin=BY_REVIEWER, at=AT + DAY)
    end(session, order, short.id, mine.id)

    def again(grant: int, order_id: int = order.id) -> None:
        because = OrderUndone(OrderId(order_id), order.digest)
        service.reinstate(session, known(session, grant), because=because, origin=BY_REVIEWER, at=AT + (BACK - TODAY))

    with pytest.raises(NothingToReinstate, match="did not end period"):
        again(by_head.id)
    with pytest.raises(NothingToReinstate, match="was held until 2026-09-12 only"):
        again(short.id)
    with pytest.raises(NothingToReinstate, match="did not end period"):
        again(mine.id, order.id + 1)
    again(mine.id)
    with pytest.raises(NothingToReinstate, match="or it holds again"):
        again(mine.id)


def test_where_something_newer_was_given_nothing_comes_again(
    session: Session, account: Account, school: ScopeId, order: Order
) -> None:
    grant = given(session, account, school)
    end(session, order, grant.id)
    given(session, account, school, since=date(2026, 9, 15), level=Level.VIEW, at=AT + 2 * DAY)
    with pytest.raises(AlreadyHeld):
        service.reinstate(session, known(session, grant.id), because=undone(order), origin=BY_REVIEWER, at=AT + 3 * DAY)


def test_an_account_that_was_shut_gets_its_rights_back_and_stays_shut(
    session: Session, account: Account, school: ScopeId, order: Order
) -> None:
    grant = given(session, account, school)
    end(session, order, grant.id)
    accounts.disable(session, account, origin=BY_REVIEWER, at=AT + DAY)
    service.reinstate(session, known(session, grant.id), because=undone(order), origin=BY_REVIEWER, at=AT + 2 * DAY)
    assert account.status is AccountStatus.DISABLED
    assert sections_held(session, account, BACK) == ["learners"]


def test_a_batch_is_done_whole_or_not_at_all(session: Session, account: Account, school: ScopeId) -> None:
    first, second = (given(session, account, school, section) for section in ("learners", "staff"))
    service.end(session, second, last_day=TODAY, cause=EndCause.IZM, origin=BY_REVIEWER, at=AT + DAY)
    ends = [service.End(GrantId(grant.id), TODAY + DAY) for grant in (first, second)]

    def end_all(*of: service.End) -> None:
        service.end_all(session, of, cause=EndCause.IZM, origin=BY_REVIEWER, at=AT + 2 * DAY)

    with pytest.raises(NothingToEnd, match=f"grant {second.id} ends by then"):
        end_all(*ends)
    with pytest.raises(Unknown, match="no grant has the id 77, 78"):
        end_all(*(service.End(GrantId(number), TODAY) for number in (77, 78)))
    with pytest.raises(ValueError, match="named twice"):
        end_all(ends[0], ends[0])
    with pytest.raises(AlreadyHeld):
        service.give_all(
            session, [gift(account.id, school, "reports"), gift(account.id, school)], origin=BY_REVIEWER, at=AT
        )
    assert sections_held(session, account, TODAY + DAY) == ["learners"]
    end_all()
    assert service.give_all(session, [], origin=BY_REVIEWER, at=AT) == []


def test_two_rights_of_one_batch_do_not_overlap(session: Session, account: Account, school: ScopeId) -> None:
    with pytest.raises(AlreadyHeld):
        service.give_all(
            session, [gift(account.id, school), gift(account.id, school, line=3)], origin=BY_REVIEWER, at=AT
        )


def test_batches_that_name_the_same_accounts_the_other_way_round_wait_for_one_another(
    database_url: str, session: Session, account: Account, school: ScopeId
) -> None:
    other = opened(session, "Jānis Ozols")
    session.commit()
    both, engine = [account.id, other.id], create_engine(database_url, pool_size=8)

    def go(number: int) -> bool:
        holders = both if number % 2 else both[::-1]
        gifts = [gift(holder, school, line=line) for line, holder in enumerate(holders)]
        with Session(engine) as mine, mine.begin():
            try:
                service.give_all(mine, gifts, origin=BY_REVIEWER, at=AT)
            except AlreadyHeld:
                return False
            return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(go, range(8))) == 1
    engine.dispose()
    assert sections_held(session, account, TODAY) == sections_held(session, other, TODAY) == ["learners"]


def test_a_thousand_rights_take_as_many_statements_as_one(session: Session, school: ScopeId, order: Order) -> None:
    holders = many_accounts(session, MANY)
    gifts = [gift(holder, school, line=line) for line, holder in enumerate(holders)]
    statements: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *args: statements.append(args[2]))
    begun = time.perf_counter()
    grants = service.give_all(session, gifts, origin=BY_REVIEWER, at=AT)
    gave, told = time.perf_counter() - begun, len(statements)
    begun = time.perf_counter()
    end(session, order, *(grant.id for grant in grants))
    ended = time.perf_counter() - begun
    ending = len(statements) - told
    periods = session.scalars(select(GrantPeriod).where(GrantPeriod.end_cause.is_not(None))).all()
    begun = time.perf_counter()
    service.reinstate_all(session, periods, because=undone(order), origin=BY_REVIEWER, at=AT + (BACK - TODAY))
    back = time.perf_counter() - begun
    assert len(service.grants_in_scope(session, school, on=BACK)) == MANY
    assert session.scalar(select(func.count()).where(AuditEntry.tag == "grant:ended")) == MANY
    assert told <= 25
    assert ending <= 20
    assert max(gave, ended, back) < SLOW, "benchmarks/many_rights.py keeps the real figure, 1 s"
