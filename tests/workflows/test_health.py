"""Is the service well, and if not, what is to be done?"""

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from workflows import health
from workflows.clock import now
from workflows.jobs import defer
from workflows.jobs.registry import job
from workflows.jobs.run import Run
from workflows.mail.models import Mail, MailState
from workflows.settings import Settings

SILENCE = timedelta(seconds=20)


@job("test.health", queue="test")
def _nothing(run: Run) -> None:
    """Do nothing."""


def by_name(session: Session) -> dict[str, health.Answer]:
    return {answer.about: answer for answer in health.ready(session, at=now(), silence=SILENCE)}


def test_a_fresh_installation_is_unwell_in_two_ways_and_says_what_to_do(session: Session) -> None:
    answers = by_name(session)
    assert {name for name, answer in answers.items() if not answer.well} == {"workers", "trusted lists"}
    assert all(answer.advice for answer in answers.values() if not answer.well)


def test_a_schema_of_another_time_is_told_before_anything_else(session: Session) -> None:
    session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    (answer,) = health.ready(session, at=now(), silence=SILENCE)
    assert not answer.well
    assert answer.advice == "Run viis migrate."


def test_work_that_nobody_does_is_noticed_by_its_age(session: Session) -> None:
    defer(session, "test.health")
    assert by_name(session)["queue"].well
    session.execute(text("UPDATE procrastinate_events SET at = at - interval '5 minutes'"))
    answer = by_name(session)["queue"]
    assert not answer.well
    assert answer.detail.startswith("1 due, the oldest for 30")


def test_a_worker_counts_as_long_as_it_is_heard_of(session: Session) -> None:
    session.execute(text("SELECT procrastinate_register_worker_v1()"))
    assert by_name(session)["workers"].well
    session.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'"))
    assert not by_name(session)["workers"].well


def test_mails_that_do_not_leave_are_noticed(session: Session) -> None:
    for hours in (0, 2):
        session.add(
            Mail(
                token=f"t{hours}",
                to_address="a@skola.example",
                template="t",
                language="lv",
                subject="s",
                text_body="",
                html_body="",
                keeps_body=True,
                state=MailState.QUEUED,
                attempts=1,
                queued_at=now() - timedelta(hours=hours),
            )
        )
    session.flush()
    answer = by_name(session)["mail"]
    assert not answer.well
    assert answer.detail.startswith("1 waiting")


def test_what_the_network_does_not_answer_is_an_answer() -> None:
    nowhere = Settings.model_validate(
        {
            "database_url": "postgresql:///",
            "keycloak_url": "http://127.0.0.1:1",
            "smtp_host": "127.0.0.1",
            "smtp_port": 1,
        }
    )
    assert not health.keycloak(nowhere).well
    assert not health.mail_server(nowhere).well
