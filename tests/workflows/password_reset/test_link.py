"""From asking to the new password: who gets a link, which link opens, and what ends it."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from demo.parts import Keycloak, free_port
from demo.parts.relying_party import LoginRefused, RelyingParty
from iam import audit
from iam.errors import KeycloakRefused
from iam.grants import accounts
from iam.grants.models import Account
from iam.keycloak.client import KeycloakDoor
from iam.periods import RIGA
from tests.iam.lossy import LossyWire
from tests.workflows.password_reset.conftest import NEW_PASSWORD, PASSWORD, Office, code_of, secret_of
from workflows.jobs import Run
from workflows.mail import Mail, MailState
from workflows.password_reset import redeeming, repository
from workflows.password_reset.errors import KeycloakAway, LinkBusy, PasswordRefused, TooManyRequests
from workflows.password_reset.keys import digest_of
from workflows.password_reset.limits import limits_on
from workflows.password_reset.models import ResetLink, ResetRequest, SeenCode
from workflows.password_reset.redeeming import Done, redeem
from workflows.password_reset.rules import read_policy
from workflows.password_reset.service import Busy, Dead, Good, Standing, Why, look
from workflows.password_reset.states import LinkState, Outcome

pytestmark = pytest.mark.keycloak

HOUR = timedelta(hours=1)


def outcomes(office: Office) -> list[Outcome | None]:
    with office.sessions() as session:
        return list(session.scalars(select(ResetRequest.outcome).order_by(ResetRequest.id)))


def links(office: Office, account: Account) -> list[ResetLink]:
    with office.sessions() as session:
        query = select(ResetLink).where(ResetLink.account_id == account.id).order_by(ResetLink.id)
        return list(session.scalars(query))


def seen(office: Office, typed: str, at: datetime | None = None) -> Standing:
    with office.sessions() as session:
        return look(session, typed, at=at or datetime.now(UTC))


def set_with(
    office: Office,
    typed: str,
    password: str = NEW_PASSWORD,
    *,
    door: KeycloakDoor | None = None,
    at: datetime | None = None,
) -> redeeming.Redeemed:
    return redeem(
        office.sessions,
        door or office.door,
        typed,
        password,
        rules=read_policy(office.door.password_policy()),
        base_url=office.settings.base_url,
        at=at or datetime.now(UTC),
    )


def logs_in(keycloak: Keycloak, account: Account, password: str) -> bool:
    try:
        RelyingParty(keycloak).log_in(account.username, password)
    except LoginRefused:
        return False
    return True


def test_a_link_comes_by_mail_and_sets_a_password_once(office: Office, anna: Account) -> None:
    office.ask(f"  {anna.username.upper()} ")
    assert office.work().failed == 0
    letter = office.link_mails(anna)[-1]
    assert outcomes(office) == [Outcome.LINK_SENT]
    assert letter.to == (anna.email,)
    assert f"{office.settings.base_url}/reset/new#" in letter.text
    secret, code = secret_of(letter), code_of(letter)

    good = seen(office, secret)
    assert isinstance(good, Good)
    assert seen(office, code.lower().replace("-", " ")) == good

    assert set_with(office, secret) == Done()
    assert seen(office, secret) == seen(office, code) == Dead(Why.USED)
    assert set_with(office, code, "atkal cits teikums 79") == Dead(Why.USED)


def test_the_code_alone_opens_the_link_too(office: Office, anna: Account) -> None:
    office.link(anna)
    code = code_of(office.link_mails(anna)[-1])
    assert set_with(office, f" {code.lower().replace('-', ' ')} ") == Done()


def test_only_digests_are_kept_and_the_mail_loses_its_text(office: Office, anna: Account) -> None:
    secret = office.link(anna)
    (link,) = links(office, anna)
    assert link.secret_digest == digest_of(secret)
    with office.sessions() as session:
        mail = session.scalars(select(Mail).where(Mail.to_address == anna.email)).one()
        assert (mail.state, mail.text_body, mail.html_body) == ("sent", None, None)
        everything = session.scalars(text("SELECT to_jsonb(l)::text FROM reset_links l")).all()
        everything = [*everything, *session.scalars(text("SELECT to_jsonb(m)::text FROM mails m"))]
        everything = [*everything, *session.scalars(text("SELECT to_jsonb(j)::text FROM procrastinate_jobs j"))]
        everything = [*everything, *session.scalars(text("SELECT to_jsonb(a)::text FROM audit_entries a"))]
    assert not [row for row in everything if secret in row]


def test_the_mail_says_until_when_and_the_hour_begins_when_it_leaves(office: Office, anna: Account) -> None:
    office.ask(anna.username, at=datetime.now(UTC) - timedelta(minutes=40))  # the queue stood still for a while
    before = datetime.now(UTC)
    office.work()
    (link,) = links(office, anna)
    assert before + HOUR <= link.expires_at <= datetime.now(UTC) + HOUR
    riga = link.expires_at.astimezone(RIGA)
    letter = office.link_mails(anna)[-1]
    assert f"{riga:%d.%m.%Y. %H:%M}" in letter.text
    assert f"{riga:%d.%m.%Y. %H:%M}" in letter.html


def test_a_newer_link_kills_the_older_one(office: Office, anna: Account) -> None:
    first = office.link(anna)
    second = office.link(anna)
    assert seen(office, first) == Dead(Why.REPLACED)
    assert set_with(office, first) == Dead(Why.REPLACED)
    assert set_with(office, second) == Done()


def test_a_link_lives_for_59_minutes_and_59_seconds(office: Office, anna: Account) -> None:
    secret = office.link(anna)
    (link,) = links(office, anna)
    late = link.expires_at
    assert isinstance(seen(office, secret, late - timedelta(seconds=1)), Good)
    assert seen(office, secret, late) == Dead(Why.EXPIRED)
    assert set_with(office, secret, at=late) == Dead(Why.EXPIRED)
    assert set_with(office, secret, at=late - timedelta(seconds=1)) == Done()


def test_the_clock_is_asked_again_by_the_statement_that_spends(office: Office, anna: Account) -> None:
    office.link(anna)
    (link,) = links(office, anna)
    with office.sessions.begin() as session:
        assert not repository.spend(session, link.id, at=link.expires_at)
        assert repository.spend(session, link.id, at=link.expires_at - timedelta(seconds=1))


def test_of_sixteen_who_redeem_one_link_one_wins(office: Office, anna: Account, keycloak: Keycloak) -> None:
    secret = office.link(anna)
    start = threading.Barrier(16, timeout=60)
    won: list[str] = []
    lost: list[object] = []

    def try_it(number: int) -> None:
        password = f"sacensibas teikums {number:02}"
        start.wait()
        try:
            result = set_with(office, secret, password)
        except LinkBusy as busy:
            lost.append(busy)
        else:
            if result:
                won.append(password)
            else:
                lost.append(result)

    racers = [threading.Thread(target=try_it, args=(number,)) for number in range(16)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert len(won) == 1
    assert len(lost) == 15
    assert logs_in(keycloak, anna, won[0])
    office.work()
    assert len([one for one in office.post.letters(anna.email) if "mainīta" in one.subject]) == 1


def test_the_password_works_sessions_end_and_a_lock_is_lifted(
    office: Office, anna: Account, keycloak: Keycloak
) -> None:
    viis = RelyingParty(keycloak)
    session = viis.log_in(anna.username, PASSWORD)
    for _ in range(10):
        logs_in(keycloak, anna, "wrong")
    assert not logs_in(keycloak, anna, PASSWORD)  # locked

    assert set_with(office, office.link(anna)) == Done()

    assert logs_in(keycloak, anna, NEW_PASSWORD)
    with pytest.raises(LoginRefused):
        viis.refresh(session)


def test_a_second_factor_stays(office: Office, anna: Account) -> None:
    user = office.admin.find(anna.username)
    assert user is not None
    otp = {
        "type": "otp",
        "userLabel": "telephone",
        "secretData": '{"value":"nBSWY3DPEHPK3PXP"}',
        "credentialData": '{"subType":"totp","digits":6,"counter":0,"period":30,"algorithm":"HmacSHA1"}',
    }
    office.admin.send("PUT", f"/users/{user['id']}", json={**user, "credentials": [otp]})
    assert set_with(office, office.link(anna)) == Done()
    kept = office.admin.send("GET", f"/users/{user['id']}/credentials").json()
    assert sorted(one["type"] for one in kept) == ["otp", "password"]


def test_the_holder_is_told_and_the_audit_knows(office: Office, anna: Account) -> None:
    set_with(office, office.link(anna))
    office.work()
    letter = office.post.letters(anna.email)[-1]
    assert "parole ir nomainīta" in letter.subject
    assert "#" not in letter.text
    with office.sessions() as session:
        tags = [one.tag for one in audit.newest(session, subject=f"account:{anna.id}")]
    assert tags == ["reset_link:redeemed", "reset_link:sent", "keycloak:projected"]


def test_a_new_user_sets_the_first_password_the_same_way(
    office: Office, hire: Callable[..., Account], keycloak: Keycloak
) -> None:
    berta = hire()
    secret = office.link(berta)
    assert "iestatiet paroli" in office.link_mails(berta)[-1].subject
    assert set_with(office, secret) == Done()
    assert logs_in(keycloak, berta, NEW_PASSWORD)


def test_english_mail_for_who_chose_english(office: Office, hire: Callable[..., Account]) -> None:
    john = hire(password=PASSWORD, language="en")
    office.link(john)
    assert office.link_mails(john)[-1].subject == "VIIS: a new password"


# --- nobody, and those who may not -----------------------------------------------------------------------------------


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
    assert outcomes(office) == [Outcome.UNKNOWN]
    with office.sessions() as session:
        assert session.scalars(select(Mail)).all() == []
        assert session.scalars(select(ResetRequest.asked)).all() == [None]


@pytest.mark.parametrize("look_alike", ["\N{KELVIN SIGN}arlis", "kar\N{CYRILLIC SMALL LETTER I}is"])
def test_letters_that_only_look_alike_are_other_letters(office: Office, look_alike: str) -> None:
    office.ask(look_alike)
    office.work()
    assert outcomes(office) == [Outcome.UNKNOWN]


def test_a_disabled_account_gets_no_mail_and_is_never_revived(office: Office, anna: Account) -> None:
    secret = office.link(anna)
    with office.sessions.begin() as session:
        accounts.disable(session, session.get_one(Account, anna.id))
    office.ask(anna.username)
    office.work()
    assert outcomes(office)[-1] is Outcome.SHUT
    assert len(office.link_mails(anna)) == 1
    assert seen(office, secret) == Dead(Why.CANCELLED)
    assert set_with(office, secret) == Dead(Why.CANCELLED)


def test_an_account_shut_in_keycloak_alone_stays_shut(office: Office, anna: Account, keycloak: Keycloak) -> None:
    secret = office.link(anna)
    assert anna.keycloak_id is not None
    office.door.disable(anna.keycloak_id)
    assert set_with(office, secret) == Dead(Why.CANCELLED)
    user = office.door.read(anna.keycloak_id)
    assert user is not None
    assert not user.enabled
    office.ask(anna.username)
    office.work()
    assert outcomes(office)[-1] is Outcome.SHUT
    assert not logs_in(keycloak, anna, NEW_PASSWORD)


def test_an_account_without_a_usable_address_gets_nothing(office: Office, anna: Account) -> None:
    with office.sessions.begin() as session:
        session.get_one(Account, anna.id).email = "anna@ nowhere"
    office.ask(anna.username)
    office.work()
    assert outcomes(office) == [Outcome.NO_ADDRESS]


def test_a_change_of_address_kills_the_link(office: Office, anna: Account) -> None:
    secret = office.link(anna)
    with office.sessions.begin() as session:
        account = session.get_one(Account, anna.id)
        accounts.change_contact(session, account, email="other@skola.example", phone="", language="lv")
    assert seen(office, secret) == Dead(Why.CANCELLED)
    assert set_with(office, secret) == Dead(Why.CANCELLED)


def test_a_password_set_elsewhere_kills_the_link(office: Office, anna: Account, keycloak: Keycloak) -> None:
    secret = office.link(anna)
    office.admin.set_password(anna.username, "no administratora 77")
    assert set_with(office, secret) == Dead(Why.CANCELLED)
    assert logs_in(keycloak, anna, "no administratora 77")
    assert seen(office, secret) == Dead(Why.CANCELLED)


def test_a_secret_nobody_made_opens_nothing(office: Office) -> None:
    for typed in ("", "x", "A" * 43, "2345-6789-ABCD-EFGH", "\x00", "y" * 100_000):
        assert seen(office, typed) == Dead(Why.UNKNOWN)


# --- passwords -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("", {"empty"}),
        ("isa", {"min_length"}),
        ("parole123456", {"common"}),
        ("PAROLE123456", {"common"}),
        ("viis ir mana sistema", {"names_viis"}),
        ("Mani sauc ÄNNÄ rudens", {"names_owner"}),
        ("anna viis", {"min_length", "names_owner", "names_viis"}),
        ("z" * 257, {"max_length"}),
    ],
)
def test_a_refused_password_leaves_the_link_alive(
    office: Office, anna: Account, password: str, codes: set[str]
) -> None:
    secret = office.link(anna)
    with pytest.raises(PasswordRefused) as refused:
        set_with(office, secret, password)
    assert {objection.code for objection in refused.value.objections} == codes
    assert isinstance(seen(office, secret), Good)
    assert set_with(office, secret) == Done()


def test_a_long_passphrase_with_any_letters_is_welcome(office: Office, anna: Account, keycloak: Keycloak) -> None:
    password = "ķieģeļu šķūnis 🏚 zem bērza " * 5
    assert set_with(office, office.link(anna), password) == Done()
    assert logs_in(keycloak, anna, password)


# --- limits ----------------------------------------------------------------------------------------------------------


def test_a_flood_for_one_person_mails_three_times_an_hour_and_locks_nobody_out(office: Office, anna: Account) -> None:
    for number in range(12):
        office.ask(anna.username, network=f"198.51.{number}.0/24")
    office.work()
    assert sorted(map(str, outcomes(office))) == ["limited"] * 9 + ["link_sent"] * 3
    letters = office.link_mails(anna)
    assert len(letters) == 3
    # What was refused has killed nothing: the newest mail's link opens.
    assert set_with(office, secret_of(letters[-1])) == Done()


def test_an_hour_later_there_is_mail_again(office: Office, anna: Account) -> None:
    for _ in range(4):
        office.ask(anna.username)
    office.work()
    with office.sessions.begin() as session:
        session.execute(text("UPDATE reset_requests SET settled_at = settled_at - interval '61 minutes'"))
    office.ask(anna.username)
    office.work()
    assert len(office.link_mails(anna)) == 4


def test_a_network_may_ask_three_hundred_times_and_another_is_not_touched(office: Office) -> None:
    at = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)
    for _ in range(300):
        office.ask("x", network="203.0.113.0/24", at=at)
    for _ in range(3):
        with pytest.raises(TooManyRequests):
            office.ask("x", network="203.0.113.0/24", at=at)
    office.ask("x", network="198.51.100.0/24", at=at)
    office.ask("x", network="203.0.113.0/24", at=at + HOUR)
    with office.sessions() as session:
        assert len(session.scalars(select(ResetRequest.id)).all()) == 302


def test_all_together_have_a_limit(office: Office) -> None:
    at = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)
    with office.sessions.begin() as session:
        session.execute(text("UPDATE reset_policies SET requests_overall = 5"))
    for number in range(5):
        office.ask("x", network=f"198.51.{number}.0/24", at=at)
    with pytest.raises(TooManyRequests):
        office.ask("x", network="203.0.113.0/24", at=at)


def test_numbers_of_policy_are_dated(office: Office) -> None:
    day = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)
    with office.sessions.begin() as session:
        session.execute(
            text("INSERT INTO reset_policies SELECT '2026-09-02', 1, 1, 1, 1, 30, 5, 2 FROM reset_policies")
        )
    with office.sessions() as session:
        assert limits_on(session, day).link_lives == HOUR
        assert limits_on(session, day + timedelta(days=1)).link_lives == timedelta(minutes=30)


# --- the forgotten username ------------------------------------------------------------------------------------------


def test_the_work_address_brings_the_username_and_kills_no_link(office: Office, anna: Account) -> None:
    secret = office.link(anna)
    office.ask(f" {anna.email.upper()} ")
    office.work()
    letter = office.post.letters(anna.email)[-1]
    assert anna.username in letter.text
    assert "#" not in letter.text
    assert outcomes(office) == [Outcome.LINK_SENT, Outcome.USERNAME_SENT]
    assert isinstance(seen(office, secret), Good)


def test_an_unknown_address_is_not_written_to(office: Office) -> None:
    office.ask("stranger@elsewhere.example")
    office.work()
    assert outcomes(office) == [Outcome.UNKNOWN]
    assert office.post.letters("stranger@elsewhere.example") == ()


# --- what dies in the middle -----------------------------------------------------------------------------------------


def keycloak_at(url: str, office: Office) -> KeycloakDoor:
    return KeycloakDoor(
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
    assert seen(office, secret) == Dead(Why.USED)


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("done_before", [False, True])
def test_killed_between_spend_and_the_end_a_job_finishes_or_gives_back(
    office: Office, anna: Account, keycloak: Keycloak, monkeypatch: pytest.MonkeyPatch, *, done_before: bool
) -> None:
    secret = office.link(anna)

    def die(door: KeycloakDoor, keycloak_id: str, password: str) -> None:
        if done_before:
            original(door, keycloak_id, password)
        raise Killed

    original = KeycloakDoor.set_password
    monkeypatch.setattr(KeycloakDoor, "set_password", die)
    with pytest.raises(Killed):
        set_with(office, secret)
    monkeypatch.undo()
    assert seen(office, secret) == Busy()
    with pytest.raises(LinkBusy):
        set_with(office, secret)

    with office.sessions.begin() as session:
        session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'"))
    assert office.work().failed == 0

    if done_before:
        assert seen(office, secret) == Dead(Why.USED)
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

    def forbidden(_door: KeycloakDoor, _keycloak_id: str, _password: str) -> None:
        raise KeycloakRefused(403, "forbidden")

    monkeypatch.setattr(KeycloakDoor, "set_password", forbidden)
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
        repository.mark_live(session, links(office, anna)[-1].id)
        given_back.start()
        given_back.join(1)
        assert given_back.is_alive(), "it waits for the account"
    given_back.join(10)
    assert [one.state for one in links(office, anna)] == [LinkState.REPLACED, LinkState.LIVE]
    assert set_with(office, newer) == Done()


def give_back(office: Office, link_id: int, at: datetime) -> None:
    with office.sessions.begin() as session:
        repository.give_back(session, link_id, spent_at=at, at=at)


def test_nobody_gives_a_link_back_while_its_password_may_yet_be_set(office: Office, anna: Account) -> None:
    secret = office.link(anna)
    at = datetime.now(UTC)
    with keycloak_at(office.settings.keycloak_url, office) as door:
        assert set_with(office, secret, door=door, at=at) == Done()
        # Of one verb: a connection and an answer, for two tokens and the request, and all of it once more.
        assert door.longest_call == timedelta(seconds=5) * 2 * 3 * 2
        with office.sessions() as session:
            due = session.scalar(text("SELECT scheduled_at FROM procrastinate_jobs WHERE task_name = 'reset.settle'"))
        assert due is not None
        assert due - at > 4 * door.longest_call


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

    with office.sessions.begin() as session:
        session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'"))
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
    hurry(office)
    assert office.work().failed == 0
    assert outcomes(office) == [Outcome.LINK_SENT]
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
    hurry(office)
    assert office.work().failed == 0
    assert outcomes(office) == [Outcome.LINK_SENT, Outcome.NOT_TAKEN]
    assert isinstance(seen(office, old), Good), "what sends no mail kills no link"
    assert [one.state for one in links(office, anna)] == [LinkState.LIVE, LinkState.UNSENT]


def test_a_mail_server_away_costs_a_new_secret_not_the_request(office: Office, anna: Account) -> None:
    old = office.link(anna)
    away = office.told(smtp_port=free_port())
    office.ask(anna.username)
    assert away.work().failed == 1
    # Nothing was sent, so nothing was killed.
    assert isinstance(seen(office, old), Good)
    with office.sessions.begin() as session:
        session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'"))
    assert office.work().failed == 0
    newest = secret_of(office.link_mails(anna)[-1])
    assert newest != old
    assert seen(office, old) == Dead(Why.REPLACED)
    assert [one.state for one in links(office, anna)] == [LinkState.REPLACED, LinkState.UNSENT, LinkState.LIVE]
    assert set_with(office, newest) == Done()


def test_keycloak_away_while_mailing_is_tried_again(office: Office, anna: Account) -> None:
    office.ask(anna.username)
    with keycloak_at(f"http://127.0.0.1:{free_port()}", office) as away:
        assert office.work(door=away).failed == 1
    with office.sessions.begin() as session:
        session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'"))
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
    assert outcomes(office) == [Outcome.NOT_TAKEN] * 3


def forget(session: Session) -> int:
    return repository.forget(
        session, at=datetime.now(UTC), requests_kept=timedelta(days=30), given_up=timedelta(days=1)
    )


def hurry(office: Office) -> None:
    with office.sessions.begin() as session:
        session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'"))


def test_the_database_allows_one_live_link_an_account(office: Office, anna: Account, session: Session) -> None:
    del session
    office.link(anna)
    office.link(anna)
    with office.sessions() as opened, pytest.raises(Exception, match="uq_reset_links_one_live_an_account"):
        opened.execute(text("UPDATE reset_links SET state = 'live', settled_at = NULL"))
