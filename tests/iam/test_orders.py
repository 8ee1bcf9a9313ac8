"""Orders about institutions: what they may say, what contradicts what, and how they go from state to state."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from builders.iam.register import AT, BY_REVIEWER, imported
from iam.errors import BadOrders, Refused
from iam.ids import MunicipalityId
from iam.orders import service
from iam.orders.models import ChangeKind, Order
from iam.orders.rules import Life, Register, problems
from iam.orders.said import Change, OrderSaid, PartySaid, digest_of
from iam.orders.states import TRANSITIONS, OrderState, after

DAY = date(2026, 9, 1)
A, B, C, D, NEW = (PartySaid(reg_no=f"411390000{number}") for number in range(1, 6))
REGISTER = Register({party.key: Life() for party in (A, B, C, D)} | {"m-1": Life(), "m-2": Life(), "m-3": Life()})
FOUNDED = replace(NEW, founded_as="Jaunā vidusskola")
OLD, OTHER = PartySaid(municipality=MunicipalityId(1)), PartySaid(municipality=MunicipalityId(2))


def order(*changes: Change, reference: str = "1", effective: date = DAY) -> OrderSaid:
    return OrderSaid(reference=reference, legal_basis="Domes lēmums", effective=effective, changes=changes)


def change(kind: ChangeKind, *sources: PartySaid, into: tuple[PartySaid, ...] = (), **how: str) -> Change:
    return Change(kind=kind, sources=sources, targets=into, **how)


GOOD = {
    "joined to one that goes on": change(ChangeKind.JOINED, A, B, into=(C,)),
    "one source joined to two": change(ChangeKind.JOINED, A, into=(B, C)),
    "merged into a new one": change(ChangeKind.MERGED, A, B, into=(FOUNDED,)),
    "split": change(ChangeKind.SPLIT, A, into=(B, FOUNDED)),
    "part split off": change(ChangeKind.PART_SPLIT_OFF, A, into=(FOUNDED,)),
    "transformed, under a new number": change(ChangeKind.TRANSFORMED, A, into=(FOUNDED,)),
    "closed": change(ChangeKind.CLOSED, A),
    "branch": change(ChangeKind.BRANCH_CREATED, A, new_name="Filiāle Lejā"),
    "renamed": change(ChangeKind.RENAMED, A, new_name="Aldas Valsts ģimnāzija"),
    "municipalities merged": change(
        ChangeKind.MERGED, OLD, OTHER, into=(PartySaid(atvk="0031010", founded_as="Aizkraukles novads"),)
    ),
    "a municipality split between two": change(
        ChangeKind.SPLIT, OLD, into=(OTHER, PartySaid(municipality=MunicipalityId(3)))
    ),
    "municipality renamed": change(ChangeKind.RENAMED, OLD, new_name="Aldas novads"),
    "municipality re-coded": change(ChangeKind.RECODED, OLD, new_atvk="0031010"),
}
BAD = {
    "merged alone": (change(ChangeKind.MERGED, A, into=(FOUNDED,)), "merged has at least 2 sources, not 1"),
    "joined to nobody": (change(ChangeKind.JOINED, A), "joined has at least 1 targets, not 0"),
    "closed into one": (change(ChangeKind.CLOSED, A, into=(B,)), "closed has 0 targets, not 1"),
    "into itself": (change(ChangeKind.JOINED, A, into=(A,)), "i-4113900001 stands in it 2 times"),
    "school into novads": (change(ChangeKind.JOINED, A, into=(OLD,)), "do not come of one another"),
    "novads transformed": (change(ChangeKind.TRANSFORMED, OLD, into=(OTHER,)), "a municipality is not transformed"),
    "school re-coded": (change(ChangeKind.RECODED, A, new_atvk="0031010"), "an institution is not recoded"),
    "renamed to nothing": (change(ChangeKind.RENAMED, A, new_name=" "), "renamed has a new name"),
    "closed and named": (change(ChangeKind.CLOSED, A, new_name="x"), "closed has not a new name"),
    "unknown": (change(ChangeKind.CLOSED, NEW), "i-4113900005 is not known"),
    "founded though there": (
        change(ChangeKind.TRANSFORMED, A, into=(replace(B, founded_as="Otra"),)),
        "i-4113900002 exists already",
    ),
    "a source founded": (change(ChangeKind.CLOSED, FOUNDED), "only targets are founded"),
}


@pytest.mark.parametrize("said", GOOD.values(), ids=GOOD)
def test_each_kind_of_reorganisation_can_be_said(said: Change) -> None:
    assert problems([order(said)], REGISTER) == ()


@pytest.mark.parametrize(("said", "why"), BAD.values(), ids=BAD)
def test_what_cannot_be_is_named(said: Change, why: str) -> None:
    found = problems([order(said)], REGISTER)
    assert any(why in str(one) for one in found), [str(one) for one in found]
    assert all(str(one).startswith("order 1, change 1: ") for one in found)


def test_everything_that_is_wrong_is_named_at_once_in_the_order_of_the_days() -> None:
    late = order(
        change(ChangeKind.CLOSED, A), change(ChangeKind.CLOSED, NEW), reference="2", effective=date(2027, 1, 1)
    )
    early = replace(order(change(ChangeKind.JOINED, A, into=(B,))), legal_basis=" ")
    assert [(one.reference, one.position, one.code) for one in problems([late, early], REGISTER)] == [
        ("1", 0, "legal_basis.empty"),
        ("2", 1, "party.ended"),
        ("2", 1, "source.ends_twice"),
        ("2", 2, "party.unknown"),
    ]


def test_what_an_earlier_order_founds_a_later_one_may_end_and_not_the_other_way_round() -> None:
    founds = order(change(ChangeKind.TRANSFORMED, A, into=(FOUNDED,)))
    closes = order(change(ChangeKind.CLOSED, NEW), reference="2", effective=DAY + timedelta(days=30))
    assert problems([closes, founds], REGISTER) == ()
    (too_early,) = problems([founds, replace(closes, effective=DAY - timedelta(days=30))], REGISTER)
    assert too_early.code == "party.unknown"
    (same_day,) = problems([founds, replace(closes, effective=DAY)], REGISTER)
    assert same_day.code == "party.not_yet"


def test_two_orders_of_one_day_may_touch_one_school_but_not_end_it_twice() -> None:
    joined = order(change(ChangeKind.JOINED, A, into=(B,)))
    renamed = order(change(ChangeKind.RENAMED, B, new_name="Lielā skola"), reference="2")
    assert problems([joined, renamed], REGISTER) == ()
    closed = order(change(ChangeKind.CLOSED, A), reference="2")
    (twice,) = problems([joined, closed], REGISTER)
    assert str(twice) == "order 2, change 1: i-4113900001 ends by order 1 too"


def test_a_circle_is_found_on_one_day_and_over_days() -> None:
    one = order(change(ChangeKind.JOINED, A, into=(B,)))
    two = order(change(ChangeKind.JOINED, B, into=(C,)), change(ChangeKind.JOINED, C, into=(A,)), reference="2")
    assert {one.code for one in problems([one, two], REGISTER)} == {"circle"}
    assert len(problems([one, two], REGISTER)) == 3
    later = order(change(ChangeKind.JOINED, B, into=(A,)), reference="2", effective=date(2027, 1, 1))
    assert {one.code for one in problems([one, later], REGISTER)} == {"party.ended"}


def test_dates_outside_a_life_are_named() -> None:
    register = Register({A.key: Life(date(2027, 1, 1)), B.key: Life(None, date(2020, 8, 31)), C.key: Life()})
    found = problems(
        [order(change(ChangeKind.CLOSED, A)), order(change(ChangeKind.JOINED, C, into=(B,)), reference="2")], register
    )
    assert [one.said for one in found] == [
        "i-4113900001 exists from 2027-01-01 on",
        "i-4113900002 ended on 2020-08-31",
    ]


def test_a_reference_is_used_once() -> None:
    one, two = order(change(ChangeKind.CLOSED, A)), order(change(ChangeKind.CLOSED, B))
    assert {one.code for one in problems([one, two], REGISTER)} == {"reference.twice"}
    in_force = replace(REGISTER, references={"1": OrderState.DRAFTED})
    assert {one.code for one in problems([one], in_force)} == {"reference.known"}


def test_the_states_are_reached_along_the_arrows_only() -> None:
    for state in OrderState:
        for wanted in OrderState:
            if wanted in TRANSITIONS[state]:
                assert after(state, wanted) is wanted
            else:
                with pytest.raises(Refused, match=f"an order that is {state} cannot become {wanted}"):
                    after(state, wanted)


@pytest.fixture
def recorded(session: Session, tmp_path: Path) -> Order:
    imported(session, tmp_path)
    said = order(
        change(
            ChangeKind.TRANSFORMED,
            PartySaid(reg_no="4113900001"),
            into=(PartySaid(reg_no="4113900009", founded_as="Jaunā"),),
        ),
        change(ChangeKind.RENAMED, PartySaid(reg_no="4213900003"), new_name="Cīruļu skola"),
        reference=" 1-3/7 ",
    )
    (row,) = service.draft(session, [said], origin=BY_REVIEWER, at=AT)
    return row


def test_an_order_reads_back_as_it_was_said_under_the_same_digest(session: Session, recorded: Order) -> None:
    session.expire_all()
    said = service.said(service.order_with(session, recorded.id))
    assert (said.reference, recorded.digest) == ("1-3/7", digest_of(said))
    source, target = recorded.changes[0].parties
    assert source.institution_id is not None
    assert (target.institution_id, target.founded_as) == (None, "Jaunā")
    assert [(step.state, step.by) for step in recorded.steps] == [(OrderState.DRAFTED, "staff:inese.kalna")]


def test_an_order_is_checked_with_those_that_wait(session: Session, recorded: Order) -> None:
    again = order(change(ChangeKind.CLOSED, PartySaid(reg_no="4113900001")), reference="2", effective=date(2027, 1, 1))
    with pytest.raises(BadOrders, match="order 2, change 1: i-4113900001 ended on 2026-08-31 by order 1-3/7"):
        service.draft(session, [again], origin=BY_REVIEWER, at=AT)
    on_the_founded = order(
        change(ChangeKind.CLOSED, PartySaid(reg_no="4113900009")), reference="2", effective=date(2027, 1, 1)
    )
    service.draft(session, [on_the_founded], origin=BY_REVIEWER, at=AT)
    service.move(session, recorded, OrderState.REPEALED, origin=BY_REVIEWER, at=AT, reason="Satversmes tiesa")
    with pytest.raises(BadOrders, match="reference"):
        service.draft(session, [on_the_founded], origin=BY_REVIEWER, at=AT)


def test_a_repealed_order_may_be_recorded_once_more_and_its_steps_stay(session: Session, recorded: Order) -> None:
    said = service.said(recorded)
    with pytest.raises(BadOrders, match="an order with this reference is in force already"):
        service.draft(session, [said], origin=BY_REVIEWER, at=AT)
    service.move(session, recorded, OrderState.REPEALED, origin=BY_REVIEWER, at=AT, reason=" Tiesa ")
    service.draft(session, [said], origin=BY_REVIEWER, at=AT)
    assert [(step.state, step.reason) for step in recorded.steps] == [
        (OrderState.DRAFTED, ""),
        (OrderState.REPEALED, "Tiesa"),
    ]
    with pytest.raises(Refused):
        service.move(session, recorded, OrderState.APPROVED, origin=BY_REVIEWER, at=AT)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    {
        "UPDATE orders SET effective = '2027-01-01'": "says the same for ever",
        "DELETE FROM order_parties": "says the same for ever",
        "UPDATE order_changes SET kind = 'closed'": "says the same for ever",
        "UPDATE order_steps SET reason = 'x'": "written once",
        "UPDATE order_changes SET before = '[]'": "before_object",
        "INSERT INTO order_changes (order_id, position, kind) SELECT id, 9, 'renamed' FROM orders": "kind_names",
        "INSERT INTO order_changes (order_id, position, kind) SELECT id, 9, 'recoded' FROM orders": "kind_codes",
        "INSERT INTO order_parties (change_id, side, reg_no, atvk)"
        " SELECT id, 'source', '4113900007', '0031010' FROM order_changes": "institution_or_municipality",
        "INSERT INTO order_parties (change_id, side, reg_no, founded_as)"
        " SELECT id, 'source', '4113900007', 'x' FROM order_changes": "only_targets_founded",
        "INSERT INTO order_parties (change_id, side, reg_no)"
        " SELECT min(id), 'target', '4113900001' FROM order_changes": "institution_once",
    }.items(),
)
def test_the_database_holds_what_one_row_can_say(
    session: Session, recorded: Order, statement: str, constraint: str
) -> None:
    assert recorded.id
    with pytest.raises(IntegrityError, match=constraint):
        session.execute(text(statement))


def test_what_applying_finds_is_kept_in_the_change(session: Session, recorded: Order) -> None:
    recorded.changes[1].before = {"name": "Cīruļu pamatskola"}
    session.flush()
    session.expire_all()
    assert recorded.changes[1].before == {"name": "Cīruļu pamatskola"}
