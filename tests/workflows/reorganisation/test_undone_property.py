"""Planned, carried out and undone: from that moment on everybody holds what they held before."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from iam.grants.models import Account, Grant, GrantPeriod, Section
from iam.institutions.models import Institution, MunicipalityCode
from iam.orders import service as orders
from iam.orders.states import OrderState
from iam.periods import last_day, midnight_in_riga, riga_day
from tests.workflows.reorganisation.office import DAY, Office
from workflows.reorganisation import foreseen
from workflows.reorganisation.applying import Approved, given_since
from workflows.reorganisation.approving import foreseen_for
from workflows.reorganisation.fates import Fate
from workflows.reorganisation.undo_changes import UndoFate, UndoForeseen

SCHOOLS = ("4113900001", "4101900002", "4213900003", "4260800004")
PEOPLE = ("Anna Bērziņa", "Zane Kalna", "Valdis Ozols")
SECTIONS = ("learners", "staff")

orders_changes = st.one_of(
    st.tuples(st.just("joined"), st.permutations(SCHOOLS).map(lambda them: (them[0], them[1]))),
    st.tuples(st.just("joined"), st.permutations(SCHOOLS).map(lambda them: (them[0], f"{them[1]}|{them[2]}"))),
    st.tuples(
        st.just("merged"), st.permutations(SCHOOLS).map(lambda them: (f"{them[0]}|{them[1]}", "4113900009=Jaunā"))
    ),
    st.tuples(st.just("split"), st.permutations(SCHOOLS).map(lambda them: (them[0], f"{them[1]}|4113900009=Jaunā"))),
    st.tuples(st.just("transformed"), st.sampled_from(SCHOOLS).map(lambda one: (one, "4113900009=Jaunā"))),
    st.tuples(st.just("closed"), st.sampled_from(SCHOOLS).map(lambda one: (one, ""))),
    st.tuples(st.just("joined"), st.just(("0099000", "0099100"))),
    st.tuples(st.just("renamed"), st.sampled_from(SCHOOLS).map(lambda one: (one, ""))),
)
rights_held = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.sampled_from([*(f"i-{one}" for one in SCHOOLS), "0099000", "0099100"]),
        st.sampled_from(SECTIONS),
        st.none() | st.integers(0, 60),
    ),
    max_size=8,
    unique_by=lambda right: right[:3],
)


class OneSession:
    """Sessions that are all one, and of which nothing is ever committed."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @contextmanager
    def begin(self) -> Iterator[Session]:
        yield self._session
        self._session.flush()

    @contextmanager
    def __call__(self) -> Iterator[Session]:
        yield self._session


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(change=orders_changes, rights=rights_held, days=st.integers(0, 40))
def test_planned_carried_out_and_undone_leaves_the_same_rights(
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: tuple[str, tuple[str, str]],
    rights: list[tuple[str, str, str, int | None]],
    days: int,
) -> None:
    monkeypatch.setattr(foreseen, "_LARGE", 0)  # plans remembered are the plans that would be made
    engine = create_engine(database_url, poolclass=NullPool)
    with Session(engine) as session:
        office = Office(OneSession(session))  # type: ignore[arg-type] # all it asks of sessions
        office.open(tmp_path)
        accounts = {name: office.account(name) for name in PEOPLE}
        for name, place, section, length in rights:
            until = None if length is None else DAY + timedelta(days=length - 10)
            office.give(accounts[name], code_of(session, place), section, until=until)
        ahead = [riga_day(office.now) + timedelta(days=number) for number in range(90)]
        before = office.held_on_days(ahead)
        kind, (sources, targets) = change
        name = "Jauns nosaukums" if kind == "renamed" else ""
        ids, proposal = office.approved(f"1,Domes lēmums,{DAY},{kind},{sources},{targets},{name},\n")
        rows = [orders.order_with(session, one) for one in ids]
        ends = foreseen_for(session, rows).plan.of(Fate.ENDS)
        nobody_approved = given_since(session, rows, Approved({}, {}))
        assert {(right.grant, by.order) for right, by in nobody_approved} == {(end.grant, end.order) for end in ends}
        office.now = midnight_in_riga(DAY)
        office.carry_out(proposal)
        assert set(office.states().values()) == {OrderState.APPLIED}
        during = office.held_on_days(ahead)
        assert all(during[day] <= before[day] for day in ahead)  # nobody gained a right
        office.pass_days(days)
        shown = office.foreseen_undoing(session, ids)
        back = office.propose_undo(ids)
        office.confirm(back)
        office.undo(back)
        assert set(office.states().values()) == {OrderState.UNDONE}
        today = riga_day(office.now)
        after = office.held_on_days(ahead)
        for day in ahead:
            assert after[day] == (before[day] if day >= today else during[day])
        assert_shown_is_done(session, shown)
    engine.dispose()


def assert_shown_is_done(session: Session, shown: UndoForeseen) -> None:
    """What was listed beforehand is what came again, and what became of the places."""
    came = (
        select(Account.username, Section.code, Grant.level, GrantPeriod.valid)
        .join(Grant, Grant.account_id == Account.id)
        .join(Section, Section.id == Grant.section_id)
        .join(GrantPeriod, GrantPeriod.grant_id == Grant.id)
        .where(Grant.reinstates_period_id.is_not(None))
    )
    again = sorted((name, section, level, last_day(valid)) for name, section, level, valid in session.execute(came))
    listed = shown.of(UndoFate.RIGHT_AGAIN)
    assert again == sorted((one.account, one.section, one.level, one.until) for one in listed)
    for one in shown.of(UndoFate.PLACE_GOES):
        assert session.scalar(select(Institution).where(Institution.reg_no == one.scope[2:])) is None
    for one in shown.of(UndoFate.PLACE_BACK):
        if one.why == "ended" and one.scope.startswith("i-"):
            assert session.scalars(select(Institution).where(Institution.reg_no == one.scope[2:])).one().closed is None


def code_of(session: Session, place: str) -> str:
    if place.startswith("i-"):
        return place
    found = select(MunicipalityCode.municipality_id).where(
        MunicipalityCode.atvk == place, MunicipalityCode.period.contains(date(2026, 1, 1))
    )
    return f"m-{session.scalars(found).one()}"
