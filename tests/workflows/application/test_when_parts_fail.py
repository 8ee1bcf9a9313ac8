"""When a worker dies or Keycloak is away: the case ends as if nothing had happened, once, and shows what is pending."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from builders.workflows.office import INESE, Office, Submitted, codes
from demo.servers import GreenMail, Keycloak, KeycloakAdmin
from demo.servers.relying_party import LoginRefused, RelyingParty
from iam.grants.models import Account
from tests.workflows.application.processes import eventually, workers
from workflows.application import service
from workflows.application.kinds.grant.documents import Part
from workflows.application.states import Party, State
from workflows.evidence.judging import CouldNotBeJudged, Judge
from workflows.evidence.models import Verification
from workflows.jobs import LastFailure, Tools
from workflows.mail import Mail
from workflows.rights.projection import last_projection_failure
from workflows.signed_forms.states import Standing, UploadState

_PASSWORD = "viens garš teikums 77"


@pytest.fixture
def start_worker(office: Office) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start real workers with short patience for dead ones; whatever still runs is ended after the test."""
    with workers(office.settings) as start:
        yield start


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


def standing(office: Office, submitted: Submitted, part: Part) -> Standing:
    return next(one.standing for one in office.case(submitted).parts if one.part == part)


def test_a_file_over_which_worker_after_worker_dies_is_read_by_a_person(
    office: Office, start_worker: Callable[..., subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    submitted = office.submit()
    office.upload(submitted, office.sign(submitted, "user", Part.LETTER), party=Party.USER)
    for number in range(3):
        marker = tmp_path / f"judging {number}"
        killed = start_worker(str(marker))
        eventually(marker.exists)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    start_worker()
    eventually(lambda: office.track(submitted).uploads[0].state is UploadState.JUDGED)
    upload = office.track(submitted).uploads[0]
    assert codes(upload) == ["form.read-by-person"]
    assert standing(office, submitted, Part.LETTER) is Standing.NEEDS_PERSON
    # It goes on like any other: the other part is proven, and a reviewer says what the file is worth.
    office.prove(submitted, Part.APPLICATION)
    assert office.track(submitted).state is State.IN_REVIEW
    with office.sessions.begin() as session:
        service.confirm_part(
            session,
            submitted.id,
            Part.LETTER,
            upload_id=upload.id,
            seen=office.case(submitted).version,
            how="Pārbaudīts portālā.",
            by=INESE,
            at=office.now,
        )
    assert standing(office, submitted, Part.LETTER) is Standing.PROVEN


def test_judging_that_failed_to_the_last_leaves_the_file_to_a_person(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: object, **_named: object) -> object:
        raise RuntimeError("the answer cannot be kept")

    monkeypatch.setattr("workflows.signed_forms.upload_jobs.evidence.judge_case", fail)
    submitted = office.submit()
    office.upload(submitted, office.sign(submitted, "user", Part.LETTER), party=Party.USER)
    with office.sessions.begin() as session:
        session.execute(text("UPDATE procrastinate_jobs SET attempts = 20 WHERE task_name = 'signed_forms.judge'"))
    office.work()
    upload = office.track(submitted).uploads[0]
    assert (upload.state, codes(upload)) == (UploadState.JUDGED, ["form.read-by-person"])


def test_a_fault_of_the_program_is_tried_again_and_then_a_person_reads_the_file(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*_given: object, **_named: object) -> CouldNotBeJudged:
        return CouldNotBeJudged("failed", "AttributeError at signing.pades.reading:1")

    monkeypatch.setattr(Judge, "judge", fault)
    submitted = office.submit()
    office.upload(submitted, office.sign(submitted, "user", Part.LETTER), party=Party.USER)
    for _ in range(2):
        office.work()
        upload = office.track(submitted).uploads[0]
        assert (upload.state, codes(upload)) == (UploadState.WAITING, ["form.could-not-be-judged"])
        office.at_once()
    office.work()
    upload = office.track(submitted).uploads[0]
    assert (upload.state, codes(upload)) == (UploadState.JUDGED, ["form.read-by-person"])
    assert standing(office, submitted, Part.LETTER) is Standing.NEEDS_PERSON


def test_keycloak_is_waited_for_whatever_became_of_the_thousandth_attempt(office: Office) -> None:
    submitted = office.submit()
    office.prove(submitted)
    account = office.approve(submitted)
    with office.sessions.begin() as session:
        session.execute(text("UPDATE procrastinate_jobs SET attempts = 1000 WHERE task_name = 'rights.project'"))
    assert office.work().failed == 1
    with office.sessions() as session:
        waits = "SELECT status::text FROM procrastinate_jobs WHERE task_name = 'rights.project'"
        assert session.scalar(text(waits)) == "todo"
        assert last_projection_failure(session, account.id) is not None


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
    submitted = office.submit(starts=timedelta(0))
    office.prove(submitted)
    account = office.approve(submitted)
    office.work()  # nobody answers at that address
    assert office.track(submitted).state is State.APPROVED
    assert office.track(submitted).account_pending
    assert office.case(submitted).account_pending
    assert "account_ready" not in office.mails("user@demo.test")
    assert keycloak_users.find(account.username) is None
    # Keycloak is back.
    office.at_once()
    with_keycloak.work()
    with_keycloak.work()
    assert not office.track(submitted).account_pending
    assert keycloak_users.find(account.username) is not None
    with office.sessions() as session:
        welcome = session.scalars(select(Mail).where(Mail.template == "account_ready")).all()
    assert len(welcome) == 1
    letter = greenmail.await_letter("user@demo.test", matching=lambda letter: letter.subject == welcome[0].subject)
    assert account.username in letter.text
    assert "https://viis.test/reset" in letter.text


@pytest.mark.keycloak
def test_keycloak_stopped_while_approving_is_waited_for_by_the_worker_that_runs(
    with_keycloak: Office, keycloak: Keycloak, keycloak_users: KeycloakAdmin, greenmail: GreenMail
) -> None:
    office = with_keycloak
    submitted = office.submit(starts=timedelta(0))
    office.prove(submitted)
    with workers(office.settings) as start:
        start()
        keycloak.stop()
        try:
            account = office.approve(submitted)

            def trouble() -> LastFailure | None:
                with office.sessions() as session:
                    return last_projection_failure(session, account.id)

            eventually(lambda: trouble() is not None)
            said = trouble()
            assert said is not None
            assert "KeycloakUnavailable" in said.error
            assert office.track(submitted).state is State.APPROVED
            assert office.case(submitted).account_pending
        finally:  # the session's own: others need it after this
            keycloak.start()
            keycloak.await_ready()
        office.at_once()
        eventually(lambda: not office.case(submitted).account_pending)
        assert trouble() is None
        assert keycloak_users.find(account.username) is not None
        greenmail.await_letter("user@demo.test", matching=lambda letter: account.username in letter.text)
    assert office.mails("user@demo.test").count("account_ready") == 1


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
    office.later()
    for right in office.rights(account):
        office.end(right.id)
    office.work()
    with office.sessions() as session:
        assert not session.get_one(Account, account.id).projection_pending
    assert pages.introspect(tokens)["active"] is False
    with pytest.raises(LoginRefused):
        pages.refresh(tokens)
