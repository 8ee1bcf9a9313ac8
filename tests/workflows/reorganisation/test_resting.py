"""An order that another one rests on is neither repealed nor undone before it; both may be taken back together."""

import pytest

from builders.iam.register import BY_REVIEWER
from iam.ids import OrderId
from iam.institutions import repository
from iam.orders import service as orders
from iam.orders.states import OrderState
from iam.periods import midnight_in_riga
from tests.workflows.reorganisation.office import DAY, Office
from workflows.reorganisation.errors import RestsOnIt
from workflows.reorganisation.taking_back import repeal

FOUNDS = "1,Lēmums,2026-09-01,transformed,4113900001,4113900009=Aldas ģimnāzija,,\n"
NOVADS = "1,Likums,2026-09-01,merged,0099000|0099100,0099200=Jaunais novads,,\n"
RENAMES = "1,Lēmums,2026-09-01,renamed,4113900001,,Aldas ģimnāzija,\n"
RECODES = "1,Likums,2026-09-01,recoded,0099100,,,0099101\n"
SPLITS = "1,Lēmums,2026-09-01,part_split_off,4113900001,4113900009=Aldas sākumskola,,\n"
JOINS = "1,Lēmums,2026-09-01,joined,4113900001,4213900003,,\n"

RESTING: dict[str, tuple[str, str]] = {
    "a founded school renamed": (FOUNDS, "renamed,4113900009,,Cita skola,"),
    "a founded school closed": (FOUNDS, "closed,4113900009,,,"),
    "a founded school as target": (FOUNDS, "joined,4213900003,4113900009,,"),
    "a founded school given a branch": (FOUNDS, "branch_created,4113900009,,Filiāle,"),
    "a founded school among several": (FOUNDS, "merged,4113900009|4213900003,4113900008=Vēl jaunāka,,"),
    "a founded novads renamed": (NOVADS, "renamed,0099200,,Cits novads,"),
    "a founded part closed": (SPLITS, "closed,4113900009,,,"),
    "a renamed school renamed again": (RENAMES, "renamed,4113900001,,Vēl cita,"),
    "a renamed school closed": (RENAMES, "closed,4113900001,,,"),
    "a school joined to one that was renamed": (RENAMES, "joined,4213900003,4113900001,,"),
    "a re-coded novads renamed": (RECODES, "renamed,m-3,,Cits novads,"),
}
FREE: dict[str, tuple[str, str]] = {
    "about another school": (FOUNDS, "renamed,4213900003,,Cita skola,"),
    "about the one that goes on": (JOINS, "renamed,4213900003,,Cita skola,"),
    "about the one that gave a part away": (SPLITS, "renamed,4113900001,,Cita skola,"),
}


def recorded(office: Office, first: str, second: str, day: str = "2026-10-01") -> tuple[OrderId, OrderId]:
    novads = code_of_novads(office, "0099100")
    one, other = office.record(first + f"2,Lēmums,{day},{second.replace('m-3', novads)}\n")
    return one, other


def code_of_novads(office: Office, atvk: str) -> str:
    with office.sessions() as session:
        return f"m-{repository.municipality_with_code(session, atvk, day=DAY)}"


def repealed(office: Office, *ids: OrderId) -> None:
    with office.sessions.begin() as session:
        rows = [orders.order_with(session, one) for one in ids]
        repeal(session, rows, origin=BY_REVIEWER, at=office.now, reason="Satversmes tiesa")


@pytest.mark.parametrize("approved", ["none", "the first", "both"])
@pytest.mark.parametrize(("first", "second"), RESTING.values(), ids=RESTING)
def test_what_another_order_rests_on_is_not_repealed_before_it(
    office: Office, first: str, second: str, approved: str
) -> None:
    one, other = recorded(office, first, second)
    for group in {"none": [], "the first": [[one]], "both": [[one], [other]]}[approved]:
        office.confirm(office.propose(group))
    before = office.states()
    with pytest.raises(RestsOnIt) as refused:
        repealed(office, one)
    assert [reference for reference, _ in refused.value.orders] == ["2"]
    assert refused.value.together == (one, other)
    assert office.states() == before
    repealed(office, other)
    repealed(office, one)
    assert set(office.states().values()) == {OrderState.REPEALED}


@pytest.mark.parametrize("approved", [True, False])
@pytest.mark.parametrize(("first", "second"), RESTING.values(), ids=RESTING)
def test_both_are_repealed_together_and_may_be_recorded_anew(
    office: Office, first: str, second: str, *, approved: bool
) -> None:
    one, other = recorded(office, first, second)
    if approved:
        office.confirm(office.propose([one, other]))
    repealed(office, one, other)
    assert {one, other}.isdisjoint(recorded(office, first, second))


@pytest.mark.parametrize("day", ["2026-08-25", "2026-10-01"], ids=["before it", "after it"])
@pytest.mark.parametrize(("first", "second"), FREE.values(), ids=FREE)
def test_what_no_other_order_needs_is_repealed_alone(office: Office, first: str, second: str, day: str) -> None:
    one, other = recorded(office, first, second, day)
    office.confirm(office.propose([one]))
    repealed(office, one)
    assert office.states() == {"1": OrderState.REPEALED, "2": OrderState.DRAFTED}
    office.confirm(office.propose([other]))


def test_an_order_of_the_same_day_recorded_before_may_rest_on_what_another_founds(office: Office) -> None:
    lines = "2,Lēmums,2026-09-01,joined,4213900003,4113900009,,\n" + FOUNDS
    joined, founds = office.record(lines)
    with pytest.raises(RestsOnIt):
        repealed(office, founds)
    proposal = office.propose([joined, founds])
    office.confirm(proposal)
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    back = office.propose_undo([joined, founds])
    office.confirm(back)
    office.undo(back)
    assert set(office.states().values()) == {OrderState.UNDONE}
    office.record(lines)  # nothing of the founded one is left


@pytest.mark.parametrize("begun", [True, False], ids=["carried out", "waiting"])
@pytest.mark.parametrize(("first", "second"), RESTING.values(), ids=RESTING)
def test_what_another_order_rests_on_is_not_undone_before_it(
    office: Office, first: str, second: str, *, begun: bool
) -> None:
    one, other = recorded(office, first, second, "2026-09-02")
    proposal = office.propose([one])
    office.confirm(proposal)
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    assert office.states()["1"] is OrderState.APPLIED
    if begun:
        later = office.propose([other])
        office.confirm(later)
        office.pass_days(1)
        office.carry_out(later)
        assert office.states()["2"] is OrderState.APPLIED
    with pytest.raises(RestsOnIt) as refused:
        office.propose_undo([one])
    assert refused.value.together == ((one, other) if begun else ())
    if begun:
        back = office.propose_undo([one, other])
    else:
        repealed(office, other)
        back = office.propose_undo([one])
    office.confirm(back)
    office.undo(back)
    assert office.states() == {"1": OrderState.UNDONE, "2": OrderState.UNDONE if begun else OrderState.REPEALED}


def test_a_chain_is_named_whole_the_latest_first(office: Office) -> None:
    ids = office.record(
        FOUNDS
        + "2,Lēmums,2026-10-01,transformed,4113900009,4113900008=Otra,,\n"
        + "3,Lēmums,2026-11-01,transformed,4113900008,4113900007=Trešā,,\n"
    )
    with pytest.raises(RestsOnIt) as refused:
        repealed(office, ids[0])
    assert [reference for reference, _ in refused.value.orders] == ["3", "2"]
    assert refused.value.together == tuple(ids)
    repealed(office, *ids)
