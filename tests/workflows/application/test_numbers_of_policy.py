"""Deadlines of applications are dated numbers: a change holds for what is written from its day on."""

from datetime import timedelta

from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import INESE, Office
from builders.workflows.policy_numbers import set_numbers
from iam.periods import riga_day
from tests.workflows.application.test_decisions import INESE_ASKS
from workflows.application import service
from workflows.application.kinds.grant import answers
from workflows.application.kinds.grant.rules import check_group
from workflows.application.models import Application
from workflows.application.queue import Filters


def test_an_application_waits_for_signatures_as_long_as_the_policy_says(
    office: Office, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        set_numbers(session, draft_kept=7)
    submitted = office.submit()
    with sessions() as session:
        expires_at = session.get_one(Application, submitted.id).expires_at
    assert expires_at == office.now + timedelta(days=7)


def test_what_was_asked_for_is_awaited_as_long_as_the_policy_says(
    office: Office, sessions: sessionmaker[Session]
) -> None:
    submitted = office.submit()
    office.hand_in_both(submitted)
    with sessions.begin() as session:
        set_numbers(session, asked_documents_kept=3)
        service.ask_more(
            session,
            submitted.id,
            seen=session.get_one(Application, submitted.id).version,
            by=INESE,
            reason="rīkojums",
            base_url=office.settings.base_url,
            at=office.now,
        )
    with sessions() as session:
        assert session.get_one(Application, submitted.id).expires_at == office.now + timedelta(days=3)


def test_overdue_is_what_waits_longer_than_the_policy_says(office: Office, sessions: sessionmaker[Session]) -> None:
    submitted = office.submit()
    office.hand_in_both(submitted)
    at = office.now + timedelta(days=7)  # five working days
    with sessions.begin() as session:
        assert service.queue(session, Filters(), by=INESE_ASKS, at=at).overdue == 0
        set_numbers(session, decision_due=2, decision_overdue=4)
        view = service.queue(session, Filters(overdue=True), by=INESE_ASKS, at=at)
    assert (view.overdue, view.due_after, view.overdue_after) == (1, 2, 4)
    assert [row.overdue for row in view.rows] == [True]


def test_a_right_may_begin_as_far_away_as_the_policy_says(office: Office, sessions: sessionmaker[Session]) -> None:
    day = riga_day(office.now)
    with sessions.begin() as session:
        set_numbers(session, start_latest=10)
        catalogue = answers._catalogue(session, {}, day)
    far = {"since": f"{day + timedelta(days=11):%d.%m.%Y}"}
    (error,) = check_group("dates", far, catalogue=catalogue, on=day).errors
    assert (error.code, error.params) == ("since.far", {"day": f"{day + timedelta(days=10):%d.%m.%Y}"})
