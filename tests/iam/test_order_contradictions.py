"""What contradicts itself on one day or over days is named, all of it at once, beside what it contradicts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iam.ids import MunicipalityId
from iam.orders.circles import circles
from iam.orders.dated import Dated, DatedTexts
from iam.orders.models import ChangeKind
from iam.orders.naming import named
from iam.orders.rules import Life, Register, problems
from iam.orders.said import Change, OrderSaid, PartySaid
from iam.orders.states import OrderState

DAY = date(2026, 9, 1)
EVE, NEXT = DAY - timedelta(days=1), DAY + timedelta(days=1)
A, B, C, D, E, F = (PartySaid(reg_no=f"411390000{number}") for number in range(1, 7))
FOUNDED = PartySaid(reg_no="4113900009", founded_as="Jaunā skola")
M = [PartySaid(municipality=MunicipalityId(number)) for number in range(5)]
NEW = PartySaid(atvk="0099000", founded_as="Jaunais novads")
CODES = tuple(Dated(party.key, f"000{number}000") for number, party in enumerate(M))
NAMES = (
    Dated(A.key, "Aldas skola"),
    Dated(M[0].key, "Aldas novads"),
    Dated(B.key, "Vecā", None, EVE),
    Dated(B.key, "X", DAY),
)
REGISTER = Register({party.key: Life() for party in (A, B, C, D, E, F, *M)}, names=NAMES, codes=CODES)


def change(kind: ChangeKind, *sources: PartySaid, into: tuple[PartySaid, ...] = (), **how: str) -> Change:
    return Change(kind=kind, sources=sources, targets=into, **how)


def renamed(party: PartySaid, name: str) -> Change:
    return change(ChangeKind.RENAMED, party, new_name=name)


def recoded(party: PartySaid, code: str) -> Change:
    return change(ChangeKind.RECODED, party, new_atvk=code)


def closed(party: PartySaid) -> Change:
    return change(ChangeKind.CLOSED, party)


def joined(source: PartySaid, into: PartySaid) -> Change:
    return change(ChangeKind.JOINED, source, into=(into,))


def order(*changes: Change, reference: str = "1", effective: date = DAY) -> OrderSaid:
    return OrderSaid(reference=reference, legal_basis="Domes lēmums", effective=effective, changes=changes)


def found(*orders: OrderSaid, register: Register = REGISTER) -> list[tuple[str, int, str]]:
    return [(one.reference, one.position, one.code) for one in problems(orders, register)]


ONE_DAY: dict[str, tuple[Sequence[Change], list[tuple[int, str]]]] = {
    "renamed to two names": ([renamed(A, "Viena"), renamed(A, "Otra")], [(2, "renamed.twice")]),
    "renamed twice to one name": ([renamed(A, "Viena"), renamed(A, "Viena")], [(2, "renamed.twice")]),
    "renamed three times": (
        [renamed(M[1], name) for name in "ABC"],
        [(2, "renamed.twice"), (3, "renamed.twice")],
    ),
    "two codes": ([recoded(M[0], "0099001"), recoded(M[0], "0099002")], [(2, "recoded.twice")]),
    "a name it has": ([renamed(A, "Aldas skola")], [(1, "new_name.same")]),
    "a name it has, of a municipality": ([renamed(M[0], "Aldas novads")], [(1, "new_name.same")]),
    "a code it has": ([recoded(M[0], "0000000")], [(1, "new_atvk.same")]),
    "renamed and closed": ([renamed(A, "Viena"), closed(A)], [(1, "source.ends")]),
    "renamed and joined": ([joined(A, B), renamed(A, "Viena")], [(2, "source.ends")]),
    "recoded and merged": (
        [recoded(M[0], "0099001"), change(ChangeKind.MERGED, M[0], M[1], into=(NEW,))],
        [(1, "source.ends")],
    ),
    "a branch of one that ends": (
        [change(ChangeKind.BRANCH_CREATED, A, new_name="Filiāle"), closed(A)],
        [(1, "source.ends")],
    ),
    "joined to one that is closed": ([joined(A, B), closed(B)], [(1, "target.ends")]),
    "joined to one that is joined": ([joined(A, B), joined(B, C)], [(1, "target.ends")]),
    "a part to one that is merged": (
        [
            change(ChangeKind.PART_SPLIT_OFF, M[0], into=(M[1],)),
            change(ChangeKind.MERGED, M[1], M[2], into=(NEW,)),
        ],
        [(1, "target.ends")],
    ),
    "split into one that ends": (
        [change(ChangeKind.SPLIT, A, into=(B, C)), closed(C)],
        [(1, "target.ends")],
    ),
    "founded and closed": (
        [change(ChangeKind.TRANSFORMED, A, into=(FOUNDED,)), closed(replace(FOUNDED, founded_as=None))],
        [(2, "party.not_yet")],
    ),
    "founded and renamed": (
        [change(ChangeKind.TRANSFORMED, A, into=(FOUNDED,)), renamed(replace(FOUNDED, founded_as=None), "Cita")],
        [(2, "party.not_yet")],
    ),
    "a code of another": ([recoded(M[0], "0001000")], [(1, "code.taken")]),
    "one code for two": ([recoded(M[0], "0099001"), recoded(M[1], "0099001")], [(2, "code.given")]),
    "a code of another for one that nobody knows": (
        [recoded(PartySaid(atvk="0095000"), "0001000")],
        [(1, "party.unknown")],
    ),
    "a code that is founded": (
        [change(ChangeKind.PART_SPLIT_OFF, M[0], into=(NEW,)), recoded(M[1], "0099000")],
        [(2, "code.given")],
    ),
}


@pytest.mark.parametrize(("changes", "expected"), ONE_DAY.values(), ids=ONE_DAY)
@pytest.mark.parametrize("orders", [1, 2])
def test_what_contradicts_itself_on_one_day_is_named(
    changes: Sequence[Change], expected: list[tuple[int, str]], orders: int
) -> None:
    """In one order, and in an order for each change."""
    if orders == 1:
        assert found(order(*changes)) == [("1", position, code) for position, code in expected]
        return
    each = [order(one, reference=str(number)) for number, one in enumerate(changes, start=1)]
    assert found(*each) == [(str(position), 1, code) for position, code in expected]
    named_beside = [one.beside for one in problems(each, REGISTER)]
    assert all(beside is None or beside[0] in {one.reference for one in each} for beside in named_beside)


FINE: dict[str, Sequence[Change]] = {
    "renamed, and joined to": [renamed(B, "Lielā skola"), joined(A, B)],
    "recoded, and joined to": [recoded(M[0], "0099001"), joined(M[1], M[0])],
    "renamed and recoded": [renamed(M[0], "Cits novads"), recoded(M[0], "0099001")],
    "a name the register knows of that day": [renamed(B, "X")],
    "two branches": [change(ChangeKind.BRANCH_CREATED, A, new_name=name) for name in "AB"],
    "a part of one that ends": [change(ChangeKind.PART_SPLIT_OFF, M[0], into=(M[2],)), joined(M[0], M[1])],
    "codes swapped": [recoded(M[0], "0001000"), recoded(M[1], "0000000")],
    "a code of one that ends": [recoded(M[0], "0001000"), closed(M[1])],
    "two parts to one": [change(ChangeKind.PART_SPLIT_OFF, one, into=(M[2],)) for one in M[:2]],
}


@pytest.mark.parametrize("changes", FINE.values(), ids=FINE)
def test_what_only_looks_like_a_contradiction_is_none(changes: Sequence[Change]) -> None:
    assert found(order(*changes)) == []
    assert found(order(*reversed(changes))) == []


def test_over_days_names_and_codes_are_followed() -> None:
    first = order(renamed(A, "Viena"), recoded(M[0], "0099001"))
    again = order(renamed(A, "Viena"), recoded(M[0], "0099001"), reference="2", effective=NEXT)
    assert [(one.code, one.beside) for one in problems([again, first], REGISTER)] == [
        ("new_name.same", ("1", 1)),
        ("new_atvk.same", ("1", 2)),
    ]
    back = order(renamed(A, "Aldas skola"), recoded(M[0], "0000000"), reference="2", effective=NEXT)
    assert found(first, back) == []
    taken = order(recoded(M[1], "0099001"), reference="2", effective=NEXT)
    assert found(first, taken) == [("2", 1, "code.given")]
    freed = order(recoded(M[1], "0000000"), reference="2", effective=NEXT)
    assert found(first, freed) == []
    assert found(first, replace(freed, effective=EVE)) == [("2", 1, "code.taken")]


def test_what_the_register_says_has_ended_is_not_renamed_though_it_ends_only_then() -> None:
    register = replace(REGISTER, lives={**REGISTER.lives, A.key: Life(None, EVE), M[0].key: Life(None, EVE)})
    assert found(order(renamed(A, "Viena")), register=register) == [("1", 1, "party.ended")]
    assert found(order(recoded(M[0], "0099001")), register=register) == [("1", 1, "party.ended")]
    assert found(order(closed(A), joined(M[0], M[1])), register=register) == []


def test_every_circle_of_a_day_is_told_in_every_line_that_is_part_of_it() -> None:
    one = order(joined(A, B), joined(B, A), joined(C, D))
    other = order(joined(D, E), joined(E, C), joined(F, A), reference="2")
    told = problems([one, other], REGISTER)
    circle = [(told_.reference, told_.position) for told_ in told if told_.code == "circle"]
    assert circle == [("1", 1), ("1", 2), ("1", 3), ("2", 1), ("2", 2)]
    assert {dict(told_.params)["orders"] for told_ in told if told_.code == "circle"} == {"1", "1; 2"}
    assert [(told_.reference, told_.position) for told_ in told if told_.code != "circle"] == []


_steps = st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")).filter(lambda one: one[0] != one[1]))


@given(_steps)
def test_a_step_is_in_a_circle_that_is_told_just_where_it_is_in_one(steps: list[tuple[str, str]]) -> None:
    told = {step for around in circles(steps) for step in pairwise(around)}
    assert told <= set(steps)
    for around in circles(steps):
        assert around[0] == around[-1]
        assert len(set(around)) == len(around) - 1
    for one, other in set(steps):
        reached, left = set(), [other]
        while left:
            place = left.pop()
            if place not in reached:
                reached.add(place)
                left += [to for source, to in steps if source == place]
        assert ((one, other) in told) == (one in reached)


@pytest.mark.parametrize(
    ("state", "code"),
    {
        OrderState.DRAFTED: "reference.known",
        OrderState.APPROVED: "reference.known",
        OrderState.APPLYING: "reference.applying",
        OrderState.APPLIED: "reference.applied",
        OrderState.UNDOING: "reference.undoing",
    }.items(),
)
def test_a_reference_that_is_used_says_how_far_its_order_is(state: OrderState, code: str) -> None:
    assert found(order(closed(A)), register=replace(REGISTER, references={"1": state})) == [("1", 0, code)]


def test_a_code_names_whom_it_will_be_by_then() -> None:
    chain = order(recoded(M[0], "0001000"), recoded(M[1], "0099001"))
    later = order(
        closed(PartySaid(atvk="0001000")),
        joined(PartySaid(atvk="0002000"), PartySaid(atvk="0099001")),
        reference="2",
        effective=NEXT,
    )
    _, told = named([chain, later], CODES)
    assert [[one.key for one in change_.parties] for change_ in told.changes] == [["m-0"], ["m-2", "m-1"]]
    of_the_day = replace(later, effective=DAY)
    _, told = named([chain, of_the_day], CODES)
    assert [[one.key for one in change_.parties] for change_ in told.changes] == [["m-1"], ["m-2", "m-1"]]


def test_what_is_founded_is_named_by_the_code_it_was_founded_under_whatever_it_gets() -> None:
    founds = order(change(ChangeKind.PART_SPLIT_OFF, M[0], into=(NEW,)))
    recodes = order(recoded(PartySaid(atvk="0099000"), "0099001"), reference="2", effective=NEXT)
    ends = order(closed(PartySaid(atvk="0099001")), reference="3", effective=NEXT + timedelta(days=1))
    told = named([ends, recodes, founds], CODES)
    assert [one.changes[0].sources[0].key for one in told] == ["atvk-0099000", "atvk-0099000", "m-0"]
    assert found(*told) == []


_rows = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("123"), st.integers(0, 6)), max_size=12)


@given(_rows)
def test_a_place_has_one_text_on_a_day_whatever_is_said(rows: list[tuple[str, str, int]]) -> None:
    kept = DatedTexts([Dated("a", "1"), Dated("b", "2", DAY, DAY + timedelta(days=4))])
    for place, text, number in rows:
        day = DAY + timedelta(days=number)
        before = {other: kept.of(other, day) for other in "abc" if other != place}
        kept.say(place, text, day)
        told = kept.of(place, day)
        assert told is not None
        assert told.text == text
        assert {other: kept.of(other, day) for other in before} == before
        assert kept.whose(text, day) is not None
