"""When a worker dies or Keycloak is away: the case ends as if nothing had happened, once, and shows what is pending."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from demo.parts import GreenMail, Keycloak, KeycloakAdmin
from demo.parts.relying_party import LoginRefused, RelyingParty
from iam.grants import service as grants
from iam.grants.models import Account, EndCause
from iam.periods import riga_day
from tests.workflows.application.office import INESE, Office
from workflows.application import service
from workflows.application.kinds import UploadState
from workflows.application.states import Part, Party, State
from workflows.evidence.models import Verification
from workflows.jobs import Tools
from workflows.mail import Mail

_WORKER = Path(__file__).parent / "slow_worker.py"
_PASSWORD = "viens garš teikums 77"


def eventually(is_so: Callable[[], bool], *, within: float = 60) -> None:
    deadline = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < deadline, "did not come about in time"
        time.sleep(0.1)


@pytest.fixture
def start_worker(office: Office) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start real workers with short patience for dead ones; whatever still runs is ended after the test."""
    started: list[subprocess.Popen[bytes]] = []
    said = {
        "database_url": office.settings.database_url,
        "smtp_host": office.settings.smtp_host,
        "smtp_port": office.settings.smtp_port,
        "keycloak_url": office.settings.keycloak_url,
        "private_addresses_allowed": "127.0.0.1",
        "worker_heartbeat_seconds": 0.3,
        "worker_stalled_seconds": 2,
        "worker_poll_seconds": 0.2,
    }
    environment = {**os.environ, **{f"VIIS_{name.upper()}": str(value) for name, value in said.items()}}

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        worker = subprocess.Popen([sys.executable, str(_WORKER), *arguments], env=environment)
        started.append(worker)
        return worker

    yield start
    for worker in started:
        if worker.poll() is None:
            worker.send_signal(signal.SIGKILL)
        worker.wait()


def test_a_worker_killed_while_judging_leaves_the_file_to_the_next_one(
    office: Office, start_worker: Callable[..., subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    submitted = office.submit()
    office.upload(submitted, office.sign(submitted, "user", Part.LETTER), party=Party.USER)
    marker = tmp_path / "judging"
    killed = start_worker(str(marker))
    eventually(marker.exists)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    page = office.track(submitted)
    assert page.uploads[0].state is UploadState.WAITING
    start_worker()
    eventually(lambda: office.track(submitted).uploads[0].state is UploadState.JUDGED)
    with office.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Verification)) == 1


@pytest.fixture
def with_keycloak(office: Office, keycloak: Keycloak) -> Iterator[Office]:
    """The same office, with the real Keycloak within reach."""
    settings = office.settings.model_copy(
        update={
            "keycloak_url": keycloak.url,
            "keycloak_client_secret": type(office.settings.keycloak_client_secret)(keycloak.secrets.service_secret),
        }
    )
    with Tools(settings) as tools:
        yield replace(office, settings=settings, tools=tools)


@pytest.fixture
def keycloak_users(keycloak_admin: KeycloakAdmin) -> Iterator[KeycloakAdmin]:
    """The administrator; the demo's user is gone before and after, for the server is shared by the tests."""
    _forget(keycloak_admin)
    yield keycloak_admin
    _forget(keycloak_admin)


def _forget(admin: KeycloakAdmin) -> None:
    if admin.find("janis.meginatajs") is not None:
        admin.delete("janis.meginatajs")


@pytest.mark.keycloak
def test_keycloak_down_while_approving_delays_the_account_and_loses_nothing(
    office: Office, with_keycloak: Office, keycloak_users: KeycloakAdmin, greenmail: GreenMail
) -> None:
    submitted = office.submit()
    office.prove(submitted)
    account = office.approve(submitted)
    office.work()  # nobody answers at that address
    assert office.track(submitted).state is State.APPROVED
    assert office.track(submitted).account_pending
    assert office.case(submitted).account_pending
    assert "application_account_ready" not in office.mails("user@demo.test")
    assert keycloak_users.find(account.username) is None
    # Keycloak is back.
    office.at_once()
    with_keycloak.work()
    with_keycloak.work()
    assert not office.track(submitted).account_pending
    assert keycloak_users.find(account.username) is not None
    with office.sessions() as session:
        welcome = session.scalars(select(Mail).where(Mail.template == "application_account_ready")).all()
    assert len(welcome) == 1
    letter = greenmail.await_letter("user@demo.test", matching=lambda letter: letter.subject == welcome[0].subject)
    assert account.username in letter.text
    assert "https://viis.test/reset" in letter.text


@pytest.mark.keycloak
def test_an_approved_right_is_in_the_token_and_an_ended_one_is_refused_at_once(
    with_keycloak: Office, keycloak: Keycloak, keycloak_users: KeycloakAdmin
) -> None:
    office = with_keycloak
    submitted = office.submit(starts=timedelta())
    office.prove(submitted)
    account = office.approve(submitted)
    office.work()
    keycloak_users.set_password(account.username, _PASSWORD)
    pages = RelyingParty(keycloak)
    tokens = pages.log_in(account.username, _PASSWORD)
    assert tokens.grants == ("i-9013900107:learners:edit", "i-9013900107:staff:view")
    office.now += timedelta(seconds=1)
    with office.sessions.begin() as session:
        for right in grants.current_grants(session, account.id, on=riga_day(office.now)):
            service.end_right(
                session,
                right.id,
                last_day=None,
                cause=EndCause.IZM,
                reason="pārbaude",
                by=INESE,
                base_url="https://viis.test",
                at=office.now,
            )
    office.work()
    with office.sessions() as session:
        assert not session.get_one(Account, account.id).projection_pending
    assert pages.introspect(tokens)["active"] is False
    with pytest.raises(LoginRefused):
        pages.refresh(tokens)
