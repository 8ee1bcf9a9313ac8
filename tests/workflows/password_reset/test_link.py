"""From asking to the new password: which link opens, once, and what it sets."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from demo.servers import Keycloak
from demo.servers.relying_party import LoginRefused, RelyingParty
from iam import audit
from iam.grants.models import Account
from iam.periods import RIGA
from tests.workflows.password_reset.conftest import NEW_PASSWORD, PASSWORD, Office, code_of, secret_of
from tests.workflows.password_reset.links import links, logs_in, outcomes, seen, set_with
from workflows.mail import Mail
from workflows.password_reset import repository
from workflows.password_reset.errors import LinkBusy, PasswordRefused
from workflows.password_reset.keys import digest_of
from workflows.password_reset.redeeming import Done
from workflows.password_reset.service import Dead, DeadReason, Good
from workflows.password_reset.states import RequestOutcome

pytestmark = pytest.mark.keycloak

HOUR = timedelta(hours=1)


def test_a_link_comes_by_mail_and_sets_a_password_once(office: Office, anna: Account) -> None:
    office.ask(f"  {anna.username.upper()} ")
    assert office.work().failed == 0
    letter = office.link_mails(anna)[-1]
    assert outcomes(office) == [RequestOutcome.LINK_SENT]
    assert letter.to == (anna.email,)
    assert f"{office.settings.base_url}/reset/new?lang=lv#" in letter.text
    secret, code = secret_of(letter), code_of(letter)

    good = seen(office, secret)
    assert isinstance(good, Good)
    assert seen(office, code.lower().replace("-", " ")) == good

    assert set_with(office, secret) == Done()
    assert seen(office, secret) == seen(office, code) == Dead(DeadReason.USED)
    assert set_with(office, code, "atkal cits teikums 79") == Dead(DeadReason.USED)


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
    for said in (letter.text, letter.html):
        assert f"{riga:%d.%m.%Y. plkst. %H.%M}" in " ".join(said.split())


def test_a_newer_link_kills_the_older_one(office: Office, anna: Account) -> None:
    first = office.link(anna)
    second = office.link(anna)
    assert seen(office, first) == Dead(DeadReason.REPLACED)
    assert set_with(office, first) == Dead(DeadReason.REPLACED)
    assert set_with(office, second) == Done()


def test_a_link_lives_for_59_minutes_and_59_seconds(office: Office, anna: Account) -> None:
    secret = office.link(anna)
    (link,) = links(office, anna)
    late = link.expires_at
    assert isinstance(seen(office, secret, late - timedelta(seconds=1)), Good)
    assert seen(office, secret, late) == Dead(DeadReason.EXPIRED)
    assert set_with(office, secret, at=late) == Dead(DeadReason.EXPIRED)
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
    assert tags == ["reset_link:redeemed", "reset_link:sent", "keycloak:projected", "account:opened"]


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


# --- passwords --------------------------------------------------------------------------------------------------------


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
