"""An order that the register or another order contradicts by now is not approved, and held back before a right ends."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from iam import letters
from iam.institutions.models import Institution, InstitutionName, Municipality, MunicipalityCode
from iam.orders import service as orders
from iam.orders.models import Order
from iam.orders.states import OrderState
from iam.periods import midnight_in_riga
from tests.workflows.reorganisation.office import AT, DAY, Office
from workflows import health
from workflows.i18n import translator
from workflows.proposals.errors import RestsOnChanged
from workflows.reorganisation.errors import Hindered
from workflows.reorganisation.hindrances import held_back, held_back_on

A, B, C = "4113900001", "4101900002", "4213900003"
CLOSED = f"1,Lēmums,2026-09-01,closed,{A},,,\n"
JOINED = f"1,Lēmums,2026-09-01,joined,{A},{B},,\n"
FOUNDS = f"1,Lēmums,2026-09-01,transformed,{A},4113900009=Aldas ģimnāzija,,\n"
NOVADS = "1,Likums,2026-09-01,merged,0099000|0099100,0099200=Jaunais novads,,\n"
RENAMED = f"1,Lēmums,2026-09-01,renamed,{A},,Aldas ģimnāzija,\n"
OTHER = f"2,Lēmums,2026-09-01,closed,{C},,,\n"

Act = Callable[[Session], object]


def ends(number: str, last: date) -> Act:
    def act(session: Session) -> None:
        school = session.scalars(select(Institution).where(Institution.reg_no == number)).one()
        school.period = Range(school.period.lower, last + timedelta(days=1), bounds="[)")

    return act


def novads_ends(session: Session) -> None:
    of = select(MunicipalityCode.municipality_id).where(MunicipalityCode.atvk == "0099000")
    place = session.get_one(Municipality, session.scalars(of).one())
    place.period = Range(place.period.lower, date(2026, 8, 10), bounds="[)")


def number_taken(session: Session) -> None:
    name = "Cita skola"
    made = Institution(
        reg_no="4113900009",
        **dict.fromkeys(("legal_status", "stage", "type", "founder", "parish"), ""),
        branches=0,
        units=0,
        period=Range(date(2020, 1, 1), None, bounds="[)"),
        recorded_at=AT,
    )
    keys = {"name": name, "search_key": letters.fold(name), "sort_key": letters.sort_key(name)}
    made.names.append(InstitutionName(period=made.period, **keys))
    session.add(made)


BEFORE: dict[str, tuple[str, Act]] = {
    "the source has ended": (CLOSED, ends(A, date(2026, 8, 10))),
    "one source has ended": (f"1,Lēmums,2026-09-01,merged,{A}|{B},4113900009=Jaunā,,\n", ends(B, date(2026, 8, 10))),
    "the target has ended": (JOINED, ends(B, date(2026, 8, 10))),
    "the target ends before": (JOINED, ends(B, date(2026, 8, 31))),
    "what is renamed has ended": (RENAMED, ends(A, date(2026, 8, 10))),
    "a novads has ended": (NOVADS, novads_ends),
    "the number of what is founded is taken": (FOUNDS, number_taken),
}
AFTER = {name: case for name, case in BEFORE.items() if "taken" not in name}


def do(office: Office, act: Act) -> None:
    with office.sessions.begin() as session:
        act(session)


def rows(session: Session) -> list[Order]:
    return orders.in_force(session)


@pytest.mark.parametrize(("lines", "act"), BEFORE.values(), ids=BEFORE)
def test_what_the_register_contradicts_by_now_is_not_proposed_and_every_fault_is_said(
    office: Office, lines: str, act: Act
) -> None:
    ids = office.record(lines)
    do(office, act)
    with pytest.raises(Hindered) as refused:
        office.propose(ids)
    for language in ("lv", "en"):
        (said,) = (one.in_words(translator(language)) for one in refused.value.said)
        assert "1" in said
        assert "%(" not in said


@pytest.mark.parametrize(("lines", "act"), BEFORE.values(), ids=BEFORE)
def test_what_the_register_contradicts_since_it_was_proposed_is_not_confirmed(
    office: Office, lines: str, act: Act
) -> None:
    ids = office.record(lines)
    proposal = office.propose(ids)
    do(office, act)
    with pytest.raises((Hindered, RestsOnChanged)):
        office.confirm(proposal)
    assert office.states() == {"1": OrderState.DRAFTED}


@pytest.mark.parametrize(("lines", "act"), AFTER.values(), ids=AFTER)
def test_what_the_register_contradicts_on_the_day_is_held_back_before_a_right_ends_and_others_go_on(
    office: Office, lines: str, act: Act
) -> None:
    for name, place in (("Anna Bērziņa", A), ("Zane Kalna", B), ("Centis Lācis", C)):
        office.give(office.account(name), f"i-{place}")
    ids = office.record(lines + OTHER)
    proposal = office.propose(ids)
    office.confirm(proposal)
    before = office.held()
    do(office, act)
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    assert office.states() == {"1": OrderState.APPROVED, "2": OrderState.APPLIED}
    assert before - office.held() == {("centis.lacis", f"i-{C}", "learners", "edit")}
    assert office.carry_out(proposal) == 0
    with office.sessions() as session:
        held = held_back(session, [orders.order_with(session, one) for one in ids])
        assert list(held) == [ids[0]]
        assert held_back_on(session, at=office.now) == ["1"]
        answer = health.orders(session, at=office.now)
        assert (answer.well, answer.detail) == (False, "held back: 1")


def test_once_the_register_is_corrected_it_goes_on_by_itself(office: Office) -> None:
    office.give(office.account("Anna Bērziņa"), f"i-{A}")
    _, proposal = office.approved(JOINED)
    do(office, ends(B, date(2026, 8, 10)))
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    assert office.states() == {"1": OrderState.APPROVED}
    do(office, ends(B, date(2030, 8, 10)))
    office.carry_out(proposal)
    assert office.states() == {"1": OrderState.APPLIED}
    with office.sessions() as session:
        assert health.orders(session, at=office.now).well


def test_an_order_that_came_under_way_before_changes_nothing_in_the_register_until_it_can(office: Office) -> None:
    office.give(office.account("Anna Bērziņa"), f"i-{A}")
    _, proposal = office.approved(JOINED)
    office.now = midnight_in_riga(DAY)
    assert office.carry_out(proposal, most=1) == 1
    do(office, ends(B, date(2026, 8, 10)))
    assert office.carry_out(proposal) == 0
    assert office.states() == {"1": OrderState.APPLYING}
    assert office.held(), "the first right has not ended yet"
    do(office, ends(B, date(2030, 8, 10)))
    office.carry_out(proposal)
    assert office.states() == {"1": OrderState.APPLIED}


@pytest.mark.parametrize("together", [True, False])
def test_an_order_on_a_founded_place_waits_for_the_one_that_founds_it(office: Office, *, together: bool) -> None:
    founds, later = office.record(FOUNDS + "2,Lēmums,2026-09-02,renamed,4113900009,,Cita skola,\n")
    second = office.propose([later])
    office.confirm(second)
    if together:
        office.confirm(office.propose([founds]))
    office.now = midnight_in_riga(DAY + timedelta(days=1))
    office.carry_out(second)
    if not together:
        with office.sessions() as session:
            assert held_back_on(session, at=office.now) == ["2"]
            (said,) = held_back(session, [orders.order_with(session, later)])[later]
            assert "4113900009" in said.in_words(translator("en"))
        office.confirm(office.propose([founds]))
        office.carry_out(second)
    assert office.states()["2"] is OrderState.APPLIED


def test_what_is_given_since_is_proposed_though_the_register_is_changed_already(office: Office) -> None:
    ids, proposal = office.approved(FOUNDS)
    office.give(office.account("Anna Bērziņa"), f"i-{A}")
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    assert office.states() == {"1": OrderState.APPLYING}
    more = office.propose(ids)
    office.confirm(more)
    office.carry_out(more)
    assert office.states() == {"1": OrderState.APPLIED}
