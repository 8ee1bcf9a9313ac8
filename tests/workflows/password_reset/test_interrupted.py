"""What dies in the middle ends well or gives back; what is over is forgotten."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from demo.servers import Keycloak, free_port
from iam.errors import KeycloakRefused, KeycloakUnavailable
from iam.grants import accounts
from iam.grants.models import Account
from iam.keycloak.client import KeycloakClient, KeycloakUser
from tests.iam.lossy import LossyWire
from tests.workflows.password_reset.conftest import NEW_PASSWORD, PASSWORD, Office, secret_of
from tests.workflows.password_reset.links import links, logs_in, outcomes, seen, set_with
from workflows.jobs import Run
from workflows.mail import Mail, MailState
from workflows.password_reset import repository
from workflows.password_reset.errors import KeycloakAway, LinkBusy
from workflows.password_reset.models import ResetLink, ResetRequest, SeenCode
from workflows.password_reset.redeeming import Done
from workflows.password_reset.service import Busy, Dead, DeadReason, Good
from workflows.password_reset.states import LinkState, RequestOutcome

pytestmark = pytest.mark.keycloak


def keycloak_at(url: str, office: Office) -> KeycloakClient:
    return KeycloakClient(
        url=url,
        realm="viis",
        client_id="viis-service",
        client_secret=office.settings.keycloak_client_secret.get_secret_value(),
        timeout=5,
    )


def test_with_keycloak_down_the_link_lives_on(office: Office, anna: Account) -> None:
    secret = office.link(anna)
    with keycloak_at(f"http://127.0.0.1:{free_port()}", office) as away, pytest.raises(KeycloakAway):
        set_with(office, secret, door=away)
    assert isinstance(seen(office, secret), Good)
    assert set_with(office, secret) == Done()


def test_an_answer_lost_after_the_password_was_set_still_ends_well(
    office: Office, anna: Account, keycloak: Keycloak
) -> None:
    secret = office.link(anna)
    setting = b"PUT /admin/realms/viis/users/"
    with LossyWire(keycloak.port, lose=setting) as wire, keycloak_at(wire.url, office) as lossy:
        assert set_with(office, secret, door=lossy) == Done()
        assert wire.lost == 1
    assert logs_in(keycloak, anna, NEW_PASSWORD)
    assert seen(office, secret) == Dead(DeadReason.USED)


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("done_before", [False, True])
def test_killed_between_spend_and_the_end_a_job_finishes_or_gives_back(
    office: Office, anna: Account, keycloak: Keycloak, monkeypatch: pytest.MonkeyPatch, *, done_before: bool
) -> None:
    secret = office.link(anna)

    def die(door: KeycloakClient, keycloak_id: str, password: str) -> None:
        if done_before:
            original(door, keycloak_id, password)
        raise Killed

    original = KeycloakClient.set_password
    monkeypatch.setattr(KeycloakClient, "set_password", die)
    with pytest.raises(Killed):
        set_with(office, secret)
    monkeypatch.undo()
    assert seen(office, secret) == Busy()
    with pytest.raises(LinkBusy):
        set_with(office, secret)

    office.at_once()
    assert office.work().failed == 0

    if done_before:
        assert seen(office, secret) == Dead(DeadReason.USED)
        assert logs_in(keycloak, anna, NEW_PASSWORD)
        assert "nomainīta" in office.post.letters(anna.email)[-1].subject
    else:
        assert isinstance(seen(office, secret), Good)
        assert logs_in(keycloak, anna, PASSWORD)
        assert set_with(office, secret) == Done()


def test_a_refusal_of_the_service_itself_gives_the_link_back(
    office: Office, anna: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = office.link(anna)

    def forbidden(_door: KeycloakClient, _keycloak_id: str, _password: str) -> None:
        raise KeycloakRefused(403, "forbidden")

    monkeypatch.setattr(KeycloakClient, "set_password", forbidden)
    with pytest.raises(KeycloakAway):
        set_with(office, secret)
    assert isinstance(seen(office, secret), Good)


def test_given_back_after_a_newer_one_was_sent_it_stays_dead(office: Office, anna: Account) -> None:
    office.link(anna)
    (link,) = links(office, anna)
    at = datetime.now(UTC)
    with office.sessions.begin() as session:
        assert repository.spend(session, link.id, at=at)
    newer = office.link(anna)
    with office.sessions.begin() as session:
        repository.give_back(session, link.id, spent_at=at, at=at)
    assert [one.state for one in links(office, anna)] == [LinkState.REPLACED, LinkState.LIVE]
    assert set_with(office, newer) == Done()


def test_given_back_while_a_newer_one_is_noted_they_come_one_after_the_other(office: Office, anna: Account) -> None:
    office.link(anna)
    (link,) = links(office, anna)
    at = datetime.now(UTC)
    with office.sessions.begin() as session:
        assert repository.spend(session, link.id, at=at)
    newer = office.link(anna)
    with office.sessions.begin() as session:
        session.execute(text("UPDATE reset_links SET state = 'sending' WHERE state = 'live'"))
    given_back = threading.Thread(target=give_back, args=(office, link.id, at))
    with office.sessions.begin() as session:
        accounts.locked(session, anna.id)
        repository.replace_others(session, anna.id, but=links(office, anna)[-1].id, at=at)
        repository.mark_live(session, links(office, anna)[-1].id, at=at)
        given_back.start()
        given_back.join(1)
        assert given_back.is_alive(), "it waits for the account"
    given_back.join(10)
    assert [one.state for one in links(office, anna)] == [LinkState.REPLACED, LinkState.LIVE]
    assert set_with(office, newer) == Done()


def give_back(office: Office, link_id: int, at: datetime) -> None:
    with office.sessions.begin() as session:
        repository.give_back(session, link_id, spent_at=at, at=at)


def test_nobody_gives_a_link_back_while_its_password_may_yet_be_set_and_it_is_busy_for_less_than_a_minute(
    office: Office, anna: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = office.link(anna)
    at = datetime.now(UTC)
    reading = KeycloakClient.read

    def slowly(door: KeycloakClient, keycloak_id: str) -> KeycloakUser | None:
        time.sleep(1.5)
        return reading(door, keycloak_id)

    monkeypatch.setattr(KeycloakClient, "read", slowly)
    # This machine's clock is late: jobs are due by the database's.
    assert set_with(office, secret, at=at - timedelta(minutes=2)) == Done()
    # One exchange, a connection and an answer, and nothing of the time Keycloak took before the link was spent.
    assert office.door.longest_exchange == timedelta(seconds=20)
    with office.sessions() as session:
        due = session.scalar(text("SELECT scheduled_at FROM procrastinate_jobs WHERE task_name = 'reset.settle'"))
    assert due is not None
    assert office.door.longest_exchange + timedelta(seconds=21.5) < due - at < timedelta(seconds=60)


def test_a_password_that_would_be_sent_too_late_is_not_sent(
    office: Office, anna: Account, keycloak: Keycloak, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = office.link(anna)
    monkeypatch.setattr("workflows.password_reset.redeeming._TO_BE_SENT", timedelta())
    with pytest.raises(KeycloakAway):
        set_with(office, secret)
    monkeypatch.undo()
    assert logs_in(keycloak, anna, PASSWORD)
    assert set_with(office, secret) == Done()


def test_a_password_keycloak_sets_after_nobody_waited_any_more_is_the_only_one_of_its_link(
    office: Office, anna: Account, keycloak: Keycloak, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = office.link(anna)
    held: list[tuple[KeycloakClient, str, str]] = []

    def hold(door: KeycloakClient, keycloak_id: str, password: str) -> None:
        held.append((door, keycloak_id, password))
        raise KeycloakUnavailable("no answer")

    setting = KeycloakClient.set_password
    monkeypatch.setattr(KeycloakClient, "set_password", hold)
    with pytest.raises(KeycloakAway):
        set_with(office, secret)
    monkeypatch.undo()
    with pytest.raises(LinkBusy):
        set_with(office, secret, "vēl kāds teikums 79")
    setting(*held[0])
    office.at_once()
    assert office.work().failed == 0
    assert seen(office, secret) == Dead(DeadReason.USED)
    assert logs_in(keycloak, anna, NEW_PASSWORD)


def test_killed_between_the_mail_and_its_note_the_job_sends_no_second_mail(
    office: Office, anna: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_arguments: object, **_said: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr("workflows.password_reset.answering._live", die)
    office.ask(anna.username)
    assert office.work().failed == 1
    monkeypatch.undo()
    secret = secret_of(office.link_mails(anna)[-1])
    assert isinstance(seen(office, secret), Good)  # the mail may be read before the job is back

    office.at_once()
    assert office.work().failed == 0
    assert len(office.link_mails(anna)) == 1
    assert [one.state for one in links(office, anna)] == [LinkState.LIVE]


def test_a_link_used_before_the_killed_job_is_back_gets_no_successor(
    office: Office, anna: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_arguments: object, **_said: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr("workflows.password_reset.answering._live", die)
    office.ask(anna.username)
    assert office.work().failed == 1
    monkeypatch.undo()
    assert set_with(office, secret_of(office.link_mails(anna)[-1])) == Done()
    office.at_once()
    assert office.work().failed == 0
    assert outcomes(office) == [RequestOutcome.LINK_SENT]
    assert [one.state for one in links(office, anna)] == [LinkState.REDEEMED]
    with office.sessions() as session:
        left = session.scalars(select(Mail).where(Mail.template == "reset_link")).one()
        assert left.text_body is None, "no secret is written into a mail that has left"


def test_killed_after_the_mail_server_refused_for_good_nothing_counts_as_sent(
    office: Office, anna: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused_then_killed(run: Run, _request_id: int, mail_id: int, _link_id: int) -> None:
        with run.transaction() as session:
            session.get_one(Mail, mail_id).settle(MailState.FAILED, at=run.at, reason="550 no such mailbox")
        raise RuntimeError("killed")

    old = office.link(anna)
    monkeypatch.setattr("workflows.password_reset.answering._send", refused_then_killed)
    office.ask(anna.username)
    assert office.work().failed == 1
    monkeypatch.undo()
    office.at_once()
    assert office.work().failed == 0
    assert outcomes(office) == [RequestOutcome.LINK_SENT, RequestOutcome.NOT_TAKEN]
    assert isinstance(seen(office, old), Good), "what sends no mail kills no link"
    assert [one.state for one in links(office, anna)] == [LinkState.LIVE, LinkState.UNSENT]


@pytest.mark.parametrize("left", [True, False])
def test_killed_at_the_last_attempt_the_request_ends_as_what_became_of_its_mail(
    office: Office, anna: Account, monkeypatch: pytest.MonkeyPatch, *, left: bool
) -> None:
    def die(*_arguments: object, **_said: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(f"workflows.password_reset.answering.{'_live' if left else '_send'}", die)
    office.ask(anna.username)
    with office.sessions.begin() as session:
        session.execute(text("UPDATE procrastinate_jobs SET attempts = 12"))
    office.work()
    monkeypatch.undo()
    office.at_once()
    assert office.work().failed == 0
    assert outcomes(office) == [RequestOutcome.LINK_SENT if left else RequestOutcome.NOT_TAKEN]
    assert [one.state for one in links(office, anna)] == [LinkState.LIVE if left else LinkState.UNSENT]
    with office.sessions() as session:
        assert session.scalars(select(Mail.state)).one() == (MailState.SENT if left else MailState.FAILED)
        assert session.scalars(select(ResetRequest.asked)).one() is None


def test_a_mail_server_away_costs_a_new_secret_not_the_request(office: Office, anna: Account) -> None:
    old = office.link(anna)
    away = office.told(smtp_port=free_port())
    office.ask(anna.username)
    assert away.work().failed == 1
    # Nothing was sent, so nothing was killed.
    assert isinstance(seen(office, old), Good)
    office.at_once()
    assert office.work().failed == 0
    newest = secret_of(office.link_mails(anna)[-1])
    assert newest != old
    assert seen(office, old) == Dead(DeadReason.REPLACED)
    assert [one.state for one in links(office, anna)] == [LinkState.REPLACED, LinkState.UNSENT, LinkState.LIVE]
    assert set_with(office, newest) == Done()


def test_keycloak_away_while_mailing_is_tried_again(office: Office, anna: Account) -> None:
    office.ask(anna.username)
    with keycloak_at(f"http://127.0.0.1:{free_port()}", office) as away:
        assert office.work(door=away).failed == 1
    office.at_once()
    assert office.work().failed == 0
    assert len(office.link_mails(anna)) == 1


def test_what_is_old_is_forgotten(office: Office, anna: Account) -> None:
    office.link(anna)
    with office.sessions.begin() as session:
        session.execute(text("UPDATE reset_requests SET at = at - interval '31 days'"))
        session.execute(text("INSERT INTO reset_codes VALUES (repeat('a', 64), 0, true, now() - interval '1 second')"))
        assert forget(session)
        left = [
            session.scalar(select(func.count()).select_from(table)) for table in (ResetRequest, ResetLink, SeenCode)
        ]
    assert left == [0, 0, 0]


def test_a_request_whose_job_gave_up_forgets_what_was_typed_and_counts_no_more(office: Office, anna: Account) -> None:
    for _ in range(3):
        office.ask(anna.username)
    with office.sessions.begin() as session:
        session.execute(text("DELETE FROM procrastinate_jobs"))
        session.execute(text("UPDATE reset_requests SET at = at - interval '25 hours'"))
        forget(session)
        assert session.scalars(select(ResetRequest.asked)).all() == [None] * 3
    assert outcomes(office) == [RequestOutcome.NOT_TAKEN] * 3


def forget(session: Session) -> int:
    return repository.forget(
        session, at=datetime.now(UTC), requests_kept=timedelta(days=30), given_up=timedelta(days=1)
    )


def test_the_database_allows_one_live_link_an_account(office: Office, anna: Account, session: Session) -> None:
    del session
    office.link(anna)
    office.link(anna)
    with office.sessions() as opened, pytest.raises(Exception, match="uq_reset_links_one_live_an_account"):
        opened.execute(text("UPDATE reset_links SET state = 'live', settled_at = NULL"))
