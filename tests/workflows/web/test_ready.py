"""`/health/ready` says the whole service is well, or names every cause, as docs/operations.md lists them."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.policy_numbers import set_numbers
from tests.workflows.web.site import Site
from workflows.evidence import disk_space
from workflows.evidence.models import Document, Held
from workflows.jobs import defer
from workflows.jobs.registry import job
from workflows.jobs.run import Run
from workflows.mail.models import Mail, MailState


@job("test.ready", queue="test")
def _nothing(run: Run) -> None:
    """Do nothing."""


@pytest.fixture
def client(site: Site, sessions: sessionmaker[Session]) -> Iterator[httpx.Client]:
    """A monitor of a service that is well: a worker has been heard of."""
    with sessions.begin() as session:
        session.execute(text("SELECT procrastinate_register_worker_v1()"))
    with site.visitor() as visitor:
        yield visitor


def causes(client: httpx.Client) -> list[str]:
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["status"] == "unwell"
    found: list[str] = answer.json()["causes"]
    return found


def test_a_service_that_is_well_is_ready(client: httpx.Client) -> None:
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


def test_a_worker_that_fell_silent(client: httpx.Client, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"))
    assert causes(client) == ["workers"]


def test_a_job_that_waits_longer_than_two_minutes(client: httpx.Client, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        defer(session, "test.ready")
        session.execute(text("UPDATE procrastinate_events SET at = at - interval '3 minutes'"))
    assert causes(client) == ["queue"]


def test_a_mail_that_waits_longer_than_an_hour(client: httpx.Client, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.add(
            Mail(
                token="t",
                to_address="a@skola.example",
                template="t",
                language="lv",
                subject="s",
                text_body="",
                html_body="",
                keeps_body=True,
                state=MailState.QUEUED,
                attempts=1,
                queued_at=datetime.now(UTC) - timedelta(hours=2),
            )
        )
    assert causes(client) == ["mail"]


def test_lists_that_are_not_fresh(client: httpx.Client, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.execute(text("DELETE FROM trust_sources"))
    assert causes(client) == ["trusted lists"]


def test_too_little_space_by_policy_or_on_the_disk(
    client: httpx.Client, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk_space, "LEAST_FREE", 2**62)
    assert causes(client) == ["space"], tempfile.gettempdir()
    monkeypatch.undo()
    with sessions.begin() as session:
        set_numbers(session, evidence_most=1)
        session.add(
            Document(
                sha256="0" * 64,
                size=2**20,
                chunks=1,
                declared_name="x",
                media_type="x",
                received_at=datetime.now(UTC),
                held=Held.KEPT,
            )
        )
    assert causes(client) == ["space"]


def test_every_cause_is_named_and_nothing_else(client: httpx.Client, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.execute(text("DELETE FROM procrastinate_workers"))
        session.execute(text("DELETE FROM trust_sources"))
    assert causes(client) == ["workers", "trusted lists"]
    assert set(client.get("/health/ready").json()) == {"status", "causes"}


def test_a_schema_of_another_version(client: httpx.Client, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable", "cause": "migrations"})
    assert client.get("/health/live").status_code == 200
