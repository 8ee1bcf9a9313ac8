"""A plan is remembered while everything it rests on stands as it did, and never a moment longer."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TypeAlias

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from builders.iam.register import BY_REVIEWER, person
from iam.audit import Door
from iam.grants import service as grants
from iam.grants.models import EndCause, Grant
from iam.institutions import service as institutions
from iam.institutions.entitlements import record_signatory
from iam.institutions.models import Capacity
from iam.orders.said import OrderSaid
from tests.workflows.reorganisation.office import AT, HEADER, JOINED, Office
from workflows import database
from workflows.application import service
from workflows.application.kinds.registry import all_kinds
from workflows.reorganisation import foreseen
from workflows.reorganisation.checking import checked
from workflows.reorganisation.foreseen import Foreseen, foresee
from workflows.reorganisation.order_files import read_orders

Act: TypeAlias = Callable[[Office], None]
A, C = "i-4113900001", "i-4213900003"
LINES = (
    JOINED,
    "2,Domes lēmums,2026-09-01,joined,0099000,0099100,,\n",
    "3,Domes lēmums,2026-09-01,closed,4101900002,,,\n",
)


@pytest.fixture
def office(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setattr(foreseen, "_LARGE", 0)
    monkeypatch.setattr(foreseen, "_REMEMBERED", foreseen._Remembered())
    engine = database.engine(database_url)
    made = Office(database.session_factory(engine))
    made.open(tmp_path)
    made.give(made.account("Anna Bērziņa"), A)
    with made.sessions.begin() as session:
        _sign(session, "Ilze Kalna")
    yield made
    engine.dispose()


def plan_of(office: Office, *lines: str) -> Foreseen:
    with office.sessions() as session:
        return foresee(session, said(session, *lines))


def said(session: Session, *lines: str) -> tuple[OrderSaid, ...]:
    return checked(session, read_orders((HEADER + "".join(lines or LINES)).encode())).orders


def _sign(session: Session, name: str) -> None:
    record_signatory(
        session,
        scope_id=institutions.scope_by_code(session, A).id,
        person_id=person(session, name).id,
        capacity=Capacity.HEAD,
        since=None,
        until=None,
        source="reģistrs",
        origin=BY_REVIEWER,
        at=AT,
    )


def _given(office: Office) -> None:
    office.give(office.account("Zane Kalna"), A)


def _ended(office: Office) -> None:
    with office.sessions.begin() as session:
        grant = session.scalars(select(Grant)).one()
        grants.end(session, grant, last_day=date(2026, 8, 25), cause=EndCause.IZM, origin=BY_REVIEWER, at=AT)


def _entitled(office: Office) -> None:
    with office.sessions.begin() as session:
        _sign(session, "Dace Ozola")


def _applied(office: Office) -> None:
    with office.sessions.begin() as session:
        kind = next(iter(all_kinds())).name
        draft = service.start_draft(session, kind=kind, language="lv", door=Door.WEB, at=AT)
        assert service.save_group(session, draft.application, "institution", {"place": "4113900001"}, at=AT)


def _said_in_sql(statement: str) -> Act:
    def act(office: Office) -> None:
        with office.sessions.begin() as session:
            assert session.execute(text(statement)).rowcount > 0  # type: ignore[attr-defined] # a statement's result

    return act


ACTS = {
    "a right is given": _given,
    "a right ends": _ended,
    "somebody else may sign": _entitled,
    "an application names the place": _applied,
    "who may sign is called otherwise": _said_in_sql("UPDATE people SET surname = 'Egle' WHERE surname = 'Kalna'"),
    "the school is called otherwise": _said_in_sql("UPDATE institution_names SET name = 'Cita skola'"),
    "the municipality is called otherwise": _said_in_sql("UPDATE municipality_names SET name = name || ' pilsēta'"),
    "the school lies elsewhere": _said_in_sql("DELETE FROM institution_municipalities"),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_what_a_plan_rests_on_changes_and_the_plan_is_made_anew(office: Office, act: Act) -> None:
    before = plan_of(office)
    assert plan_of(office) is before
    act(office)
    after = plan_of(office)
    assert (after.facts, after.plan) != (before.facts, before.plan)
    assert after.rests_on != before.rests_on


def test_what_has_nothing_to_do_with_plans_leaves_it_remembered(office: Office) -> None:
    before = plan_of(office)
    with office.sessions.begin() as session:
        session.execute(text("UPDATE accounts SET phone = '+371 20000000'"))
    assert plan_of(office) is before


def test_a_plan_of_another_day_from_its_own_on_is_made_anew(office: Office) -> None:
    with office.sessions() as session:
        orders = said(session)
        own = max(order.effective for order in orders)
        ahead = foresee(session, orders, today=own - timedelta(days=2))
        assert foresee(session, orders, today=own - timedelta(days=1)) is ahead, "before its day it is one plan"
        first = foresee(session, orders, today=own)
        assert first is not ahead
        assert foresee(session, orders) is first
        assert foresee(session, orders, today=own + timedelta(days=1)) is not first


def test_changes_of_the_same_transaction_count(office: Office) -> None:
    with office.sessions() as session:
        orders = said(session)
        before = foresee(session, orders)
        grant = session.scalars(select(Grant)).one()
        grants.end(session, grant, last_day=date(2026, 8, 25), cause=EndCause.IZM, origin=BY_REVIEWER, at=AT)
        within = foresee(session, orders)
        assert within.plan != before.plan
        session.rollback()
        assert foresee(session, orders).plan == before.plan


def test_what_changes_while_a_plan_is_made_is_not_remembered(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    planned = foreseen._planned

    def slowly(session: Session, orders: tuple[OrderSaid, ...], today: date | None) -> Foreseen:
        made = planned(session, orders, today)
        _given(office)
        return made

    with monkeypatch.context() as slow:
        slow.setattr(foreseen, "_planned", slowly)
        before = plan_of(office)
    assert len(plan_of(office).plan.changes) > len(before.plan.changes)


def test_no_more_than_a_few_plans_are_kept(office: Office) -> None:
    first = plan_of(office, LINES[0])
    for number in range(foreseen._MOST):
        plan_of(office, LINES[1].replace("2,", f"{number + 2},", 1))
    assert plan_of(office, LINES[0]) is not first
    assert plan_of(office, LINES[0]).plan == first.plan
