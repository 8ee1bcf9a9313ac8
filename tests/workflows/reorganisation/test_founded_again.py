"""A place that an order founded which does not hold may be founded by a later order: the same number, the same row."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from builders.iam.register import BY_REVIEWER
from iam.institutions import service as institutions
from iam.institutions.models import Institution, Municipality, MunicipalityCode
from iam.institutions.particulars import particulars_of
from iam.orders import service as orders
from iam.orders.states import OrderState
from iam.orders.unfounded import unfounded
from tests.workflows.reorganisation.office import AT, DAY, Office
from tests.workflows.reorganisation.test_founded_in_use import (
    MERGED,
    TRANSFORMED,
    USES,
    Use,
    carried_out,
    code_of,
    founded,
    from_,
    nothing,
)
from workflows.reorganisation.faults import BadOrderFile
from workflows.reorganisation.taking_back import repeal

ENDED = {
    name: (lines, use) for name, (lines, use, by, goes_on) in USES.items() if not goes_on and by != "order_parties"
}
DAYS = [DAY, DAY - timedelta(days=7), DAY + timedelta(days=1), DAY + timedelta(days=30)]


def corrected(lines: str, day: date, name: str = "") -> str:
    said = lines.replace("1,", "5,", 1).replace("2026-09-01", str(day))
    return said.replace("Jaunais novads", name).replace("Aldas ģimnāzija", name) if name else said


def taken_back(office: Office, lines: str, use: Use, *, undone: bool) -> str:
    """Have an order found a place that comes into use, and take the order back; return the place's key."""
    ids = office.record(lines)
    with office.sessions.begin() as session:
        row = orders.order_with(session, ids[0])
        if undone:
            carried_out(session, row)
    if not undone:
        office.confirm(office.propose(ids))
    with office.sessions.begin() as session:
        place = founded(session)
        assert place is not None
        key = code_of(place)
        use(session, place)
    with office.sessions.begin() as session:
        row = orders.order_with(session, ids[0])
        if undone:
            orders.move(session, row, OrderState.APPLIED, origin=BY_REVIEWER, at=AT)
    if not undone:
        with office.sessions.begin() as session:
            repeal(session, [orders.order_with(session, ids[0])], origin=BY_REVIEWER, at=AT, reason="tiesa")
        return key
    back = office.propose_undo(ids)
    office.confirm(back)
    office.undo(back)
    assert office.states()["1"] is OrderState.UNDONE
    return key


@pytest.mark.parametrize("undone", [True, False], ids=["undone", "repealed"])
@pytest.mark.parametrize(("lines", "use"), ENDED.values(), ids=ENDED)
def test_what_ended_since_its_order_does_not_hold_is_founded_by_the_corrected_one(
    office: Office, lines: str, use: Use, *, undone: bool
) -> None:
    key = taken_back(office, lines, use, undone=undone)
    again = DAY + timedelta(days=30)
    office.approved(corrected(lines, again))
    with office.sessions() as session:
        place = institutions.place_by_code(session, key)
        assert institutions.scope_by_code(session, key) is not None
        assert not unfounded(session)
        said = particulars_of(session, place)
    rows = select(Municipality.period) if key.startswith("m-") else select(Institution.period)
    with office.sessions() as session:
        own = Municipality.id == int(key[2:]) if key.startswith("m-") else Institution.reg_no == key[2:]
        assert session.scalars(rows.where(own)).one() == from_(again)
        codes = session.scalar(select(func.count()).where(MunicipalityCode.atvk == "0099200"))
    assert said.names[-1][1] == again
    assert codes == (1 if key.startswith("m-") else 0), "no second place has the code"


@pytest.mark.parametrize(("day", "name"), list(zip(DAYS, ["", "Cits nosaukums"] * 2, strict=True)))
@pytest.mark.parametrize("undone", [True, False], ids=["undone", "repealed"])
@pytest.mark.parametrize("by", ["a case", "a school's case"])
def test_the_corrected_order_says_its_own_day_and_name(
    office: Office, by: str, day: date, name: str, *, undone: bool
) -> None:
    lines, use = ENDED[by]
    key = taken_back(office, lines, use, undone=undone)
    ids, proposal = office.approved(corrected(lines, day, name))
    office.now += timedelta(days=60)
    office.carry_out(proposal)
    assert office.states()["5"] is OrderState.APPLIED
    with office.sessions() as session:
        said = particulars_of(session, institutions.place_by_code(session, key))
        wanted = name or ("Jaunais novads" if key.startswith("m-") else "Aldas ģimnāzija")
        assert said.names == [(wanted, day, None)]
        assert said.codes == ([("0099200", day, None)] if key.startswith("m-") else ())
        assert [since for _, since, _ in said.municipalities] == ([] if key.startswith("m-") else [day])
    back = office.propose_undo(ids)  # and once more
    office.confirm(back)
    office.undo(back)
    office.approved(corrected(lines, day + timedelta(days=90), name).replace("5,", "6,", 1))


@pytest.mark.parametrize("lines", [MERGED, TRANSFORMED], ids=["novads", "school"])
def test_what_nothing_led_to_is_founded_as_before(office: Office, lines: str) -> None:
    taken_back(office, lines, nothing, undone=False)
    with office.sessions() as session:
        assert founded(session) is None
    office.approved(corrected(lines, DAY))


@pytest.mark.parametrize("by", ["a case", "a school's case"])
def test_what_never_came_is_there_for_no_order_that_does_not_found_it(office: Office, by: str) -> None:
    lines, use = ENDED[by]
    key = taken_back(office, lines, use, undone=False)
    named = key.removeprefix("i-")
    source = "4113900001" if key.startswith("i-") else "0099000"
    with pytest.raises(BadOrderFile):
        office.record(f"2,Lēmums,2026-10-01,joined,{source},{named},,\n")
    with pytest.raises(BadOrderFile):
        office.record(f"2,Lēmums,2026-10-01,renamed,{named},,Cits,\n")


@pytest.mark.parametrize("by", ["a case", "a school's case"])
def test_two_orders_do_not_both_found_it(office: Office, by: str) -> None:
    lines, use = ENDED[by]
    taken_back(office, lines, use, undone=False)
    again = corrected(lines, DAY)
    with pytest.raises(BadOrderFile):
        office.record(again + again.replace("5,", "6,", 1))
    office.record(again)
    with pytest.raises(BadOrderFile):
        office.record(again.replace("5,", "6,", 1))


@pytest.mark.parametrize("by", ["a case", "a school's case"])
def test_a_founded_place_that_an_order_in_force_ended_after_a_day_stays_ended(office: Office, by: str) -> None:
    lines, use = ENDED[by]
    key = taken_back(office, lines, use, undone=False)
    office.approved(corrected(lines, DAY))
    named = key.removeprefix("i-")
    _, proposal = office.approved(f"3,Lēmums,{DAY + timedelta(days=1)},closed,{named},,,\n")
    office.now += timedelta(days=60)
    office.carry_out(proposal)
    with office.sessions() as session:
        assert not unfounded(session)
    with pytest.raises(BadOrderFile):
        office.record(corrected(lines, DAY + timedelta(days=90)).replace("5,", "7,", 1))
