"""How a line of descent is laid out: sources above what came of them, days from left to right, nothing overlapping."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iam.ids import OrderId
from iam.orders.descent import Descent, DescentStep, Kin
from iam.orders.models import ChangeKind
from workflows.web.pages.reviewers.descent_drawing import PlaceTurn, Turned, draw

START = date(2009, 7, 1)


def step(
    number: int,
    effective: date,
    sources: tuple[str, ...],
    targets: tuple[str, ...],
    kind: ChangeKind,
    undone: date | None = None,
) -> DescentStep:
    return DescentStep(
        order=OrderId(number),
        reference=str(number),
        legal_basis="Lēmums",
        effective=effective,
        kind=kind,
        sources=sources,
        targets=targets,
        new_name=None,
        new_code=None,
        applied=True,
        undone=undone,
    )


def kin(key: str, *, until: date | None = None, recorded: bool = True, name: str = "Skola") -> Kin:
    return Kin(key=key, name=name, number=key[2:], since=None, until=until, recorded=recorded)


def test_nothing_is_drawn_where_nothing_happened() -> None:
    assert draw(Descent({"i-1": kin("i-1")}, (), True), "i-1") is None


def test_what_was_merged_stands_above_and_ends_where_the_new_one_begins() -> None:
    day = date(2018, 9, 1)
    merged = step(1, day, ("i-1", "i-2"), ("i-3",), ChangeKind.MERGED)
    places = {
        "i-3": kin("i-3", recorded=False),
        "i-1": kin("i-1", until=day - timedelta(days=1)),
        "i-2": kin("i-2"),  # not yet applied: drawn as it will be
    }
    drawing = draw(Descent(places, (merged,), True), "i-3")
    assert drawing is not None
    bars = {bar.key: bar for bar in drawing.bars}
    assert max(bars["i-1"].y, bars["i-2"].y) < bars["i-3"].y
    assert bars["i-1"].ends == bars["i-2"].ends == bars["i-3"].begins == drawing.marks[0].x
    assert [bars[key].goes_on for key in ("i-1", "i-2", "i-3")] == [False, False, True]
    assert [bar.key for bar in drawing.bars if bar.here] == ["i-3"]
    assert [(arrow.source_y, arrow.target_y) for arrow in drawing.arrows] == [
        (bars["i-1"].y, bars["i-3"].y),
        (bars["i-2"].y, bars["i-3"].y),
    ]


@pytest.mark.parametrize("kind", [ChangeKind.MERGED, ChangeKind.TRANSFORMED, ChangeKind.SPLIT, ChangeKind.JOINED])
@pytest.mark.parametrize("stays", [True, False])
def test_what_was_undone_is_drawn_broken_and_ends_nothing(kind: ChangeKind, *, stays: bool) -> None:
    day = date(2018, 9, 1)
    undone = step(1, day, ("i-1",), ("i-3",), kind, undone=day + timedelta(days=7))
    places = {"i-1": kin("i-1"), "i-3": kin("i-3", recorded=stays)}
    drawing = draw(Descent(places, (undone,), True), "i-1")
    assert drawing is not None
    source, target = drawing.bars
    assert (source.goes_on, source.undone) == (True, False)
    assert [arrow.undone for arrow in drawing.arrows] == [True]
    assert target.undone is not stays
    if not stays:
        assert (target.goes_on, target.begins, target.ends) == (False, *(mark.x for mark in drawing.marks))


def test_what_was_undone_and_ordered_the_other_way_round_is_drawn() -> None:
    day = date(2018, 9, 1)
    undone = step(1, day, ("i-1",), ("i-2",), ChangeKind.JOINED, undone=day)
    joined = step(2, day, ("i-2",), ("i-1",), ChangeKind.JOINED)
    drawing = draw(Descent({"i-1": kin("i-1"), "i-2": kin("i-2")}, (undone, joined), True), "i-1")
    assert drawing is not None
    assert [(bar.key, bar.goes_on) for bar in drawing.bars] == [("i-2", False), ("i-1", True)]


def test_what_was_founded_again_after_an_undoing_goes_on() -> None:
    day = date(2018, 9, 1)
    first = step(1, day, ("i-1",), ("i-3",), ChangeKind.TRANSFORMED, undone=day + timedelta(days=7))
    again = step(2, day + timedelta(days=30), ("i-1",), ("i-3",), ChangeKind.TRANSFORMED)
    drawing = draw(Descent({"i-1": kin("i-1"), "i-3": kin("i-3", recorded=False)}, (first, again), True), "i-3")
    assert drawing is not None
    source, target = drawing.bars
    assert (source.goes_on, target.goes_on, target.undone) == (False, True, False)
    assert target.begins == source.ends == drawing.marks[-1].x
    assert [arrow.undone for arrow in drawing.arrows] == [True, False]


@given(st.permutations(range(5)))
def test_of_several_orders_of_one_day_a_source_stands_above_whatever_was_recorded_first(recorded: list[int]) -> None:
    # i-0 is joined to i-1, that to i-2 and so on, by orders with any ids.
    steps = tuple(
        step(number, START, (f"i-{n}",), (f"i-{n + 1}",), ChangeKind.JOINED) for number, n in enumerate(recorded)
    )
    places = {f"i-{n}": kin(f"i-{n}", name=f"{9 - n}") for n in range(6)}
    drawing = draw(Descent(places, steps, True), "i-0")
    assert drawing is not None
    assert [bar.key for bar in drawing.bars] == [f"i-{n}" for n in range(6)]


def test_one_that_goes_on_under_its_number_stands_below_what_joined_it() -> None:
    split = step(1, START, ("i-1",), ("i-2",), ChangeKind.PART_SPLIT_OFF)
    joined = step(2, START, ("i-3",), ("i-1",), ChangeKind.JOINED)
    drawing = draw(Descent({key: kin(key) for key in ("i-1", "i-2", "i-3")}, (split, joined), True), "i-1")
    assert drawing is not None
    assert [bar.key for bar in drawing.bars] == ["i-3", "i-1", "i-2"]


def test_rights_that_ended_and_came_again_stand_in_the_row_of_their_place_on_their_day() -> None:
    days = [START, START + timedelta(days=400)]
    steps = (
        step(1, days[0], ("i-1",), ("i-2",), ChangeKind.JOINED),
        step(2, days[1], ("i-2",), ("i-3",), ChangeKind.TRANSFORMED),
    )
    between = [days[0] + timedelta(days=1), days[0] + timedelta(days=200)]
    turns = [
        PlaceTurn("i-1", days[0], 3, 0),
        PlaceTurn("i-2", between[0], 0, 2),
        PlaceTurn("i-2", between[1], 1, 1),
        PlaceTurn("i-2", days[1], 4, 0),
    ]
    drawing = draw(Descent({f"i-{n}": kin(f"i-{n}") for n in (1, 2, 3)}, steps, True), "i-1", turns)
    assert drawing is not None
    y = {bar.key: bar.y for bar in drawing.bars}
    first, second = (mark.x for mark in drawing.marks)
    assert drawing.turned == [
        Turned(first, y["i-1"], 3, 0),
        Turned((first + second) // 2, y["i-2"], 1, 3),
        Turned(second, y["i-2"], 4, 0),
    ]


def test_a_long_name_is_broken_into_two_lines_and_shortened() -> None:
    name = "Valsts izglītības attīstības aģentūras mūzikas, mākslas un dejas vidusskola ar pirmsskolas grupām"
    closed = step(1, START, ("i-1",), (), ChangeKind.CLOSED)
    drawing = draw(Descent({"i-1": kin("i-1", name=name)}, (closed,), True), "i-1")
    assert drawing is not None
    first, second = drawing.bars[0].name
    assert max(len(first), len(second)) <= 34
    assert second.endswith("…")


@given(st.lists(st.integers(0, 400), min_size=1, max_size=12, unique=True))
def test_days_stand_in_their_order_inside_the_drawing_and_their_texts_do_not_meet(offsets: list[int]) -> None:
    days = sorted(START + timedelta(days=offset) for offset in offsets)
    steps = tuple(
        step(number, day, (f"i-{number}",), (f"i-{number + 1}",), ChangeKind.TRANSFORMED)
        for number, day in enumerate(days)
    )
    places = {f"i-{number}": kin(f"i-{number}") for number in range(len(days) + 1)}
    drawing = draw(Descent(places, steps, True), "i-0")
    assert drawing is not None
    marks = drawing.marks
    assert [mark.day for mark in marks] == days
    assert all(0 < one.x < other.x < drawing.width for one, other in pairwise(marks))
    for level in {mark.y for mark in marks}:
        level_marks = [mark.x for mark in marks if mark.y == level]
        assert all(other - one >= 72 for one, other in pairwise(level_marks))
    assert [bar.key for bar in drawing.bars] == list(places), "each comes of the one above"
    assert all(bar.y < drawing.height for bar in drawing.bars)
