"""A plan whose job fails again and again keeps no other waiting, and its page says so without the error's text."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text

from builders.iam.register import BY_REVIEWER
from iam.orders import service as orders
from iam.orders.states import OrderState
from iam.periods import riga_day
from tests.workflows.reorganisation.office import Office
from workflows import clock
from workflows.i18n import translator
from workflows.jobs import drain
from workflows.reorganisation.taking_back import repeal
from workflows.reorganisation.trouble import failing_of
from workflows.settings import Settings

A, B, C = "4113900001", "4101900002", "4213900003"
SECRET = "a line of the program"


@contextmanager
def refused(office: Office, table: str, when: str) -> Iterator[None]:
    """Have the database refuse a change of rows, as a fault of the program or its data would."""
    with office.sessions.begin() as session:
        session.execute(
            text(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
                f" $$ BEGIN RAISE EXCEPTION '{SECRET}'; END $$"
            )
        )
        session.execute(
            text(
                f"CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW WHEN ({when})"
                " EXECUTE FUNCTION refuse()"
            )
        )
    yield
    with office.sessions.begin() as session:
        session.execute(text(f"DROP TRIGGER refuse ON {table}"))
        session.execute(text("DROP FUNCTION refuse()"))


def closed(office: Office, reference: str, school: str, days: int = 0) -> str:
    day = riga_day(office.now) + timedelta(days=days)
    return f"{reference},Domes lēmums,{day},closed,{school},,,\n"


def work(office: Office, url: str) -> None:
    """Do what is due, and once more what failed, without waiting for its next attempt."""
    for _ in range(2):
        with office.sessions.begin() as session:
            session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'"))
        drain(Settings.model_validate({"database_url": url, "base_url": "https://viis.test"}))


def said(office: Office, reference: str, language: str = "en") -> list[str]:
    with office.sessions() as session:
        rows = [row for row in orders.in_force(session, states=OrderState) if row.reference == reference]
        return failing_of(session, translator(language), rows, at=clock.now())


@pytest.fixture
def busy(office: Office) -> Office:
    office.now = clock.now()
    for name, school in (("Anna Bērziņa", A), ("Zane Kalna", B), ("Centis Lācis", C)):
        office.give(office.account(name), f"i-{school}")
    return office


@pytest.mark.parametrize(
    ("table", "when"),
    [
        ("orders", "NEW.reference = '1' AND NEW.state = 'applying'"),
        ("orders", "NEW.reference = '1' AND NEW.state = 'applied'"),
        ("grant_periods", "NEW.end_cause IS NOT NULL AND NEW.account_id = 1"),
        ("institutions", f"NEW.reg_no = '{A}'"),
        ("order_changes", "NEW.before IS NOT NULL AND NEW.order_id = 1"),
    ],
)
def test_others_are_carried_out_while_one_fails_and_it_goes_on_once_it_can(
    busy: Office, database_url: str, table: str, when: str
) -> None:
    for number, school in enumerate((A, B, C), start=1):
        busy.approved(closed(busy, str(number), school))
    with refused(busy, table, when):
        work(busy, database_url)
        states = busy.states()
        assert states.pop("1") in {OrderState.APPROVED, OrderState.APPLYING}
        assert set(states.values()) == {OrderState.APPLIED}
        (told,) = said(busy, "1")
        assert re.match(r"Carrying out has failed \d+ times, last on ", told)
        assert told.endswith(" Tell the operator of the service.")
        assert SECRET not in told
        assert said(busy, "1", "lv")[0] != told
        assert said(busy, "2") == []
    work(busy, database_url)
    assert set(busy.states().values()) == {OrderState.APPLIED}
    assert said(busy, "1") == []


def test_a_plan_whose_undoing_fails_lets_another_be_undone(busy: Office, database_url: str) -> None:
    both = [busy.approved(closed(busy, str(number), school))[0] for number, school in enumerate((A, B), start=1)]
    work(busy, database_url)
    for ids in both:
        busy.confirm(busy.propose_undo(ids))
    with refused(busy, "orders", "NEW.reference = '1' AND NEW.state = 'undone'"):
        work(busy, database_url)
        assert busy.states() == {"1": OrderState.UNDOING, "2": OrderState.UNDONE}
        assert re.match(r"Undoing has failed \d+ times", said(busy, "1")[0])
    work(busy, database_url)
    assert set(busy.states().values()) == {OrderState.UNDONE}


def test_a_telling_that_fails_holds_up_its_plan_for_a_while_only(busy: Office, database_url: str) -> None:
    busy.approved(closed(busy, "1", A))
    with refused(busy, "order_notices", "true"):
        work(busy, database_url)
        assert busy.states() == {"1": OrderState.APPROVED}
        assert said(busy, "1")[0].startswith("Telling people has failed ")
        for _ in range(7):
            work(busy, database_url)
        assert busy.states() == {"1": OrderState.APPLIED}
        assert said(busy, "1") == [], "nobody is left to be told beforehand"
    assert busy.mails("order_ahead") == [], "what has ended is not told as something to come"
    assert busy.mails("rights_ended") == ["anna@skola.example"]


def test_people_of_one_order_that_cannot_be_told_keep_nobody_of_another_waiting(
    busy: Office, database_url: str
) -> None:
    rows = [busy.approved(closed(busy, str(number), school, days=9))[0] for number, school in ((1, A), (2, B))]
    work(busy, database_url)
    with busy.sessions.begin() as session:
        found = [orders.order_with(session, ids[0]) for ids in rows]
        repeal(session, found, origin=BY_REVIEWER, at=busy.now, reason="Satversmes tiesa")
    with refused(busy, "order_notices", "NEW.order_id = 1 AND NEW.taken_back_at IS NOT NULL"):
        work(busy, database_url)
        assert busy.mails("order_taken_back") == ["zane@skola.example"]
        assert re.match(r"Telling people has failed \d+ times", said(busy, "1")[0])
    work(busy, database_url)
    assert busy.mails("order_taken_back") == ["anna@skola.example", "zane@skola.example"]
