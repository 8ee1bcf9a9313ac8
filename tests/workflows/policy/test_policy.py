"""Which deadlines, limits and caps hold on a day, who changed them, and why?"""

import re
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.policy_numbers import set_numbers
from iam.audit import Actor, ActorKind, AuditEntry, Door, Origin
from workflows import database, policy
from workflows.policy import DayOfYear, Unit, UnknownNumber, UnusableValue

AT = datetime(2026, 11, 30, 9, tzinfo=UTC)
ADMIN = Actor(ActorKind.STAFF, "inese.kalna")


@pytest.fixture
def sessions(database_url: str) -> Iterator[sessionmaker[Session]]:
    engine = database.engine(database_url)
    yield database.session_factory(engine)
    engine.dispose()


def change(session: Session, name: str, value: int, since: date) -> None:
    policy.change(session, name, value, since=since, source="order 17", origin=Origin(ADMIN, Door.CLI), at=AT)


def test_the_first_rows_are_the_defaults(session: Session) -> None:
    rows = {row.name: (row.value, row.unit, row.source) for row in policy.history(session)}
    assert rows == {name: (one.default, one.unit, one.source) for name, one in policy.numbers().items()}


def test_the_defaults_are_those_of_the_design(session: Session) -> None:
    numbers = policy.on(session, AT)
    assert (numbers.decision_due, numbers.decision_overdue) == (5, 10)
    assert numbers.draft_kept == numbers.asked_documents_kept == numbers.junk_kept == timedelta(days=30)
    assert (numbers.reset_mails_an_hour, numbers.reset_requests_per_network) == (3, 60)
    assert (numbers.reset_requests_overall, numbers.reset_link_valid) == (3000, timedelta(hours=1))
    assert (numbers.picture_code_length, numbers.picture_code_tries) == (6, 3)
    assert numbers.picture_code_valid == timedelta(minutes=10)
    assert (numbers.keycloak_cap_accounts, numbers.keycloak_cap_share) == (20, 5)
    assert numbers.access_token_valid == timedelta(minutes=5)
    assert (numbers.session_idle, numbers.session_absolute) == (timedelta(minutes=30), timedelta(hours=12))
    assert (numbers.password_length, numbers.password_classes) == (12, 0)
    assert (numbers.evidence_kept, numbers.raw_mail_kept, numbers.audit_kept) == (10, 18, 18)
    assert numbers.closed_ticket_codes_kept == 6
    assert numbers.four_eyes_paper is numbers.four_eyes_bulk is numbers.four_eyes_wide_scope is True
    assert numbers.four_eyes_unregistered_signatory is True
    assert (numbers.confirmation_opens, numbers.confirmation_due) == (DayOfYear(9, 1), DayOfYear(9, 30))
    assert numbers.confirmation_first_reminder == timedelta(days=14)
    assert numbers.confirmation_second_reminder == timedelta(days=23)
    assert numbers.mail_largest == 40 * 2**20
    assert (numbers.uploads_per_network, numbers.per_application) == (2048 * 2**20, 250 * 2**20)


def test_a_number_holds_from_its_day_on_in_riga(session: Session) -> None:
    change(session, "draft_kept", 20, date(2026, 12, 1))
    assert policy.on(session, AT).draft_kept == timedelta(days=30)
    assert policy.on(session, datetime(2026, 11, 30, 22, 30, tzinfo=UTC)).draft_kept == timedelta(days=20)


def test_of_two_rows_for_one_day_the_later_one_holds(session: Session) -> None:
    change(session, "draft_kept", 20, date(2026, 11, 1))
    change(session, "draft_kept", 25, date(2026, 11, 1))
    assert policy.on(session, AT).draft_kept == timedelta(days=25)
    assert len([row for row in policy.history(session) if row.name == "draft_kept"]) == 3


def test_a_change_says_who_and_why_in_the_audit(session: Session) -> None:
    change(session, "decision_due", 7, date(2026, 12, 1))
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.tag == "policy:changed"))
    assert (entry.actor_kind, entry.actor_id, entry.subject) == (ActorKind.STAFF, "inese.kalna", "policy:decision_due")
    assert entry.details == {"value": 7, "unit": "working days", "since": "2026-12-01", "source": "order 17"}


def test_what_is_no_number_or_out_of_bounds_is_refused(session: Session) -> None:
    with pytest.raises(UnknownNumber):
        change(session, "draft_keptt", 20, date(2026, 12, 1))
    for name, value in (("draft_kept", 0), ("audit_kept", 17), ("confirmation_due", 931), ("four_eyes_paper", 2)):
        with pytest.raises(UnusableValue, match=name):
            change(session, name, value, date(2026, 12, 1))
    assert session.scalar(select(func.count()).where(AuditEntry.tag == "policy:changed")) == 0


@pytest.mark.parametrize("statement", ["UPDATE policy_numbers SET value = 1", "DELETE FROM policy_numbers"])
def test_rows_are_added_never_changed(session: Session, statement: str) -> None:
    with pytest.raises(IntegrityError, match="written once"):
        session.execute(text(statement))


def test_reading_again_costs_no_statement(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        policy.on(session, AT)
        seen: list[str] = []
        event.listen(session.get_bind(), "before_cursor_execute", lambda *said: seen.append(str(said[2])))
        for day in range(30):
            policy.on(session, AT + timedelta(days=day))
        assert seen == []


def test_a_change_holds_at_once_here_and_soon_in_other_processes(
    sessions: sessionmaker[Session], database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sessions() as session:
        before = policy.on(session, AT).draft_kept
    with sessions.begin() as session:
        set_numbers(session, draft_kept=3)
        assert policy.on(session, AT).draft_kept == timedelta(days=3)
        others: list[timedelta] = []
        other = threading.Thread(target=lambda: others.append(_read(sessions)))
        other.start()
        other.join()
        assert others == [before], "nobody sees what is not committed"
    with sessions() as session:
        assert policy.on(session, AT).draft_kept == timedelta(days=3)
    engine = database.engine(database_url)  # as another process would
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO policy_numbers (name, value, unit, since, source, set_by, set_at)"
                " VALUES ('draft_kept', 4, 'days', '2000-01-01', 'by hand', 'system:test', now())"
            )
        )
    engine.dispose()
    assert _read(sessions) == timedelta(days=3)
    passed = time.monotonic() + policy.FRESH_FOR
    monkeypatch.setattr(time, "monotonic", lambda: passed)
    assert _read(sessions) == timedelta(days=4)


def test_a_change_that_was_taken_back_is_forgotten(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        set_numbers(session, draft_kept=3)
        session.rollback()
        assert policy.on(session, AT).draft_kept == timedelta(days=30)


def test_every_unit_of_a_number_is_known_to_the_database(session: Session) -> None:
    rule = session.scalar(
        text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_policy_numbers_unit_known'")
    )
    assert all(f"'{unit.value}'" in str(rule) for unit in Unit)


def _read(sessions: sessionmaker[Session]) -> timedelta:
    with sessions() as session:
        return policy.on(session, AT).draft_kept


def test_a_number_says_whether_anything_reads_it() -> None:
    here = Path(policy.__file__).parent
    sources = "".join(
        path.read_text()
        for package in (here.parent, here.parent.parent / "iam")
        for path in package.rglob("*.py")
        if here not in path.parents
    )
    read = {name for name in policy.numbers() if re.search(rf"\.{name}\b", sources)}
    assert {name for name, number in policy.numbers().items() if number.used} == read
