"""Who gets a link or a username, who gets nothing, how often, and what ends a link that was sent."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text

import workflows.restoration.jobs  # noqa: F401 - declares what is queued
from builders.iam.register import BY_REVIEWER
from builders.workflows.policy_numbers import set_numbers
from demo.servers import Keycloak
from iam.grants import accounts
from iam.grants.models import Account
from tests.workflows.password_reset.conftest import NEW_PASSWORD, Office, secret_of
from tests.workflows.password_reset.links import logs_in, outcomes, seen, set_with
from workflows.mail import Mail
from workflows.password_reset.limits import limits_for, limits_on
from workflows.password_reset.models import ResetRequest
from workflows.password_reset.redeeming import Done
from workflows.password_reset.service import Dead, DeadReason, Good, start_for
from workflows.password_reset.states import RequestOutcome
from workflows.restoration import asking
from workflows.restoration.models import RestorationRequest
from workflows.restoration.states import State

pytestmark = pytest.mark.keycloak

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    "typed",
    [
        "nobody.atall",
        "",
        "   ",
        "x" * 10_000,
        "аnna.egleaa",  # noqa: RUF001 - a Cyrillic a is the attack
        "anna.egle\u200baa",
        "ａnna.egleaa",  # noqa: RUF001 - a full-width a is the attack
        "anna\nBcc: x@y.example",
        "anna.egleaa\x00",
        "' OR 1=1 --",
        "a@b.example\r\nBcc: c@d.example",
        "\ud800",
    ],
)
def test_who_is_nobody_gets_nothing(office: Office, typed: str) -> None:
    office.ask(typed.encode("utf-8", "replace").decode())
    assert office.work().failed == 0
    assert outcomes(office) == [RequestOutcome.UNKNOWN]
    with office.sessions() as session:
        assert session.scalars(select(Mail)).all() == []
        assert session.scalars(select(ResetRequest.asked)).all() == [None]


@pytest.mark.parametrize("look_alike", ["\N{KELVIN SIGN}arlis", "kar\N{CYRILLIC SMALL LETTER I}is"])
def test_letters_that_only_look_alike_are_other_letters(office: Office, look_alike: str) -> None:
    office.ask(look_alike)
    office.work()
    assert outcomes(office) == [RequestOutcome.UNKNOWN]


def test_a_disabled_account_gets_no_mail_and_is_never_revived(office: Office, anna: Account) -> None:
    secret = office.link(anna)
    with office.sessions.begin() as session:
        accounts.disable(session, session.get_one(Account, anna.id), origin=BY_REVIEWER, at=datetime.now(UTC))
    office.ask(anna.username)
    office.work()
    assert outcomes(office)[-1] is RequestOutcome.SHUT
    assert len(office.link_mails(anna)) == 1
    assert seen(office, secret) == Dead(DeadReason.CANCELLED)
    assert set_with(office, secret) == Dead(DeadReason.CANCELLED)


def test_an_account_shut_in_keycloak_alone_stays_shut(office: Office, anna: Account, keycloak: Keycloak) -> None:
    secret = office.link(anna)
    assert anna.keycloak_id is not None
    office.door.disable(anna.keycloak_id)
    assert set_with(office, secret) == Dead(DeadReason.CANCELLED)
    user = office.door.read(anna.keycloak_id)
    assert user is not None
    assert not user.enabled
    office.ask(anna.username)
    office.work()
    assert outcomes(office)[-1] is RequestOutcome.SHUT
    assert not logs_in(keycloak, anna, NEW_PASSWORD)


def test_an_account_without_a_usable_address_gets_nothing(office: Office, anna: Account) -> None:
    with office.sessions.begin() as session:
        session.get_one(Account, anna.id).email = "anna@ nowhere"
    office.ask(anna.username)
    office.work()
    assert outcomes(office) == [RequestOutcome.NO_ADDRESS]


def test_a_change_of_address_kills_the_link(office: Office, anna: Account) -> None:
    secret = office.link(anna)
    with office.sessions.begin() as session:
        account = session.get_one(Account, anna.id)
        accounts.change_contact(
            session,
            account,
            email="other@skola.example",
            phone="",
            language="lv",
            because=None,
            origin=BY_REVIEWER,
            at=datetime.now(UTC),
        )
    assert seen(office, secret) == Dead(DeadReason.CANCELLED)
    assert set_with(office, secret) == Dead(DeadReason.CANCELLED)


def test_a_password_set_elsewhere_kills_the_link(office: Office, anna: Account, keycloak: Keycloak) -> None:
    secret = office.link(anna)
    office.admin.set_password(anna.username, "no administratora 77")
    assert set_with(office, secret) == Dead(DeadReason.CANCELLED)
    assert logs_in(keycloak, anna, "no administratora 77")
    assert seen(office, secret) == Dead(DeadReason.CANCELLED)


def test_a_secret_nobody_made_opens_nothing(office: Office) -> None:
    for typed in ("", "x", "A" * 43, "2345-6789-ABCD-EFGH", "\x00", "y" * 100_000):
        assert seen(office, typed) == Dead(DeadReason.UNKNOWN)


# --- limits -----------------------------------------------------------------------------------------------------------


def test_a_flood_for_one_person_mails_three_times_an_hour_and_locks_nobody_out(office: Office, anna: Account) -> None:
    for number in range(12):
        office.ask(anna.username, network=f"198.51.{number}.0/24")
    office.work()
    assert sorted(map(str, outcomes(office))) == ["limited"] * 9 + ["link_sent"] * 3
    letters = office.link_mails(anna)
    assert len(letters) == 3
    # What was refused has killed nothing: the newest mail's link opens.
    assert set_with(office, secret_of(letters[-1])) == Done()


@pytest.mark.parametrize(
    "asked", ["pppr", "rrrp", "prpr", "rprp", "pprr", "rrpp", "prrr", "rppp", "eprr", "rreep", "eerr", "rrrrpppp"]
)
def test_mails_about_passwords_and_about_lost_rights_are_one_count(office: Office, anna: Account, asked: str) -> None:
    for which in asked:
        match which:
            case "p":
                office.ask(anna.username)
            case "e":
                office.ask(anna.email)
            case _:
                ask_for_rights(office, anna)
        office.work()
    assert len(office.post.letters(anna.email)) == 3
    with office.sessions() as session:
        requests = session.scalars(select(RestorationRequest.state)).all()
    refused = outcomes(office).count(RequestOutcome.LIMITED) + requests.count(State.DROPPED)
    assert refused == len(asked) - 3


def test_many_who_ask_at_once_for_both_share_the_three_mails(office: Office, anna: Account) -> None:
    for _ in range(6):
        office.ask(anna.username)
        ask_for_rights(office, anna)
    office.work()
    assert len(office.post.letters(anna.email)) == 3


def test_a_link_that_staff_starts_is_sent_past_the_mails_of_the_hour(office: Office, anna: Account) -> None:
    for _ in range(3):
        ask_for_rights(office, anna)
    office.work()
    with office.sessions.begin() as session:
        account = session.get_one(Account, anna.id)
        start_for(session, account, by=BY_REVIEWER.actor, at=datetime.now(UTC))
    office.work()
    assert outcomes(office) == [RequestOutcome.LINK_SENT]


def ask_for_rights(office: Office, account: Account) -> None:
    with office.sessions.begin() as session:
        asking.ask(
            session,
            username=account.username,
            given_name="Anna",
            surname="Egle",
            description="Pēc reformas pazuda tiesības",
            network="192.0.2.0/24",
            language="lv",
            at=datetime.now(UTC),
        )


def test_an_hour_later_there_is_mail_again(office: Office, anna: Account) -> None:
    for _ in range(4):
        office.ask(anna.username)
    office.work()
    with office.sessions.begin() as session:
        session.execute(text("UPDATE reset_requests SET settled_at = settled_at - interval '61 minutes'"))
    office.ask(anna.username)
    office.work()
    assert len(office.link_mails(anna)) == 4


def test_past_three_hundred_requests_a_network_is_pressed_and_another_is_not(office: Office) -> None:
    at = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)

    def pressed(network: str, at: datetime) -> bool:
        with office.sessions() as session:
            return limits_for(session, network, at=at).pressed

    for _ in range(59):
        office.ask("x", network="203.0.113.0/24", at=at)
    assert not pressed("203.0.113.0/24", at)
    office.ask("x", network="203.0.113.0/24", at=at)
    assert pressed("203.0.113.0/24", at)
    assert not pressed("198.51.100.0/24", at)
    assert not pressed("203.0.113.0/24", at + HOUR)


def test_past_the_limit_of_all_together_everybody_is_pressed_and_nobody_shut_out(office: Office) -> None:
    at = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)
    with office.sessions.begin() as session:
        set_numbers(session, reset_requests_overall=5)
    for number in range(5):
        office.ask("x", network=f"198.51.{number}.0/24", at=at)
    with office.sessions() as session:
        assert limits_for(session, "203.0.113.0/24", at=at).pressed
    office.ask("x", network="203.0.113.0/24", at=at)
    with office.sessions() as session:
        assert len(session.scalars(select(ResetRequest.id)).all()) == 6


def test_numbers_of_policy_are_dated(office: Office) -> None:
    day = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)
    with office.sessions.begin() as session:
        set_numbers(session, date(2026, 9, 2), reset_link_valid=30)
    with office.sessions() as session:
        assert limits_on(session, day).link_lives == HOUR
        assert limits_on(session, day + timedelta(days=1)).link_lives == timedelta(minutes=30)


# --- the forgotten username -------------------------------------------------------------------------------------------


def test_the_work_address_brings_the_username_and_kills_no_link(office: Office, anna: Account) -> None:
    secret = office.link(anna)
    office.ask(f" {anna.email.upper()} ")
    office.work()
    letter = office.post.letters(anna.email)[-1]
    assert anna.username in letter.text
    assert "#" not in letter.text
    assert outcomes(office) == [RequestOutcome.LINK_SENT, RequestOutcome.USERNAME_SENT]
    assert isinstance(seen(office, secret), Good)


def test_an_unknown_address_is_not_written_to(office: Office) -> None:
    office.ask("stranger@elsewhere.example")
    office.work()
    assert outcomes(office) == [RequestOutcome.UNKNOWN]
    assert office.post.letters("stranger@elsewhere.example") == ()
