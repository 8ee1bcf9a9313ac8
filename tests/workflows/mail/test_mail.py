"""Mails leave with the transaction that wanted them, and one sees what became of each."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from tests.workflows.mail.conftest import ScriptedServer
from workflows.jobs import drain
from workflows.mail import (
    BadAddress,
    Mail,
    MailState,
    UnknownTemplate,
    parse_address,
    queue,
    render,
    send_again,
    together,
)
from workflows.settings import Settings

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
LINK = "https://viis.example/track/A-1#k=Zm9v"


TRIAL = {"greeting": "Labdien!", "link": LINK}


def write(
    session: Session,
    *,
    to: str = "anna.liepa@skola.example",
    greeting: str = "Labdien, Āgenskalns!",
    language: str = "lv",
    holds_key: bool = False,
    keep_unusable: bool = False,
) -> int:
    mail = queue(
        session,
        to=to,
        template="trial",
        language=language,
        at=AT,
        holds_key=holds_key,
        keep_unusable=keep_unusable,
        context={"greeting": greeting, "link": LINK},
    )
    return mail.id


def only(sessions: sessionmaker[Session]) -> Mail:
    with sessions() as session:
        return session.scalars(select(Mail)).one()


def retry_now(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'"))


def read(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=default)


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_a_mail_of_a_transaction_that_is_rolled_back_is_never_sent(
    settings: Settings, sessions: sessionmaker[Session], scripted: ScriptedServer
) -> None:
    with sessions() as session:
        write(session)
        session.rollback()
    drain(settings)
    assert scripted.taken == []


def test_a_mail_arrives_as_text_and_html_in_the_readers_language(
    settings: Settings, sessions: sessionmaker[Session], scripted: ScriptedServer
) -> None:
    with sessions.begin() as session:
        write(session)
    drain(settings)

    message = read(scripted.taken[0])
    assert message["Subject"] == "Labdien, Āgenskalns!"
    assert message["To"] == "anna.liepa@skola.example"
    assert message["From"].addresses[0].addr_spec == "viis@izm.example"
    assert message["Date"].datetime == AT
    assert message["Message-ID"].endswith("@izm.example>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "lv"
    assert body(message, "plain").count("Labdien, Āgenskalns!") == 1
    assert '<html lang="lv"' in body(message, "html")
    assert LINK in body(message, "plain")
    assert LINK in body(message, "html")
    mail = only(sessions)
    assert (mail.state, mail.attempts, mail.reason) == ("sent", 1, None)
    assert mail.settled_at is not None


def test_nothing_in_a_mail_is_fetched_from_anywhere() -> None:
    html = render("trial", language="en", context={"greeting": "Hello", "link": LINK}).html
    assert "<img" not in html
    assert "@import" not in html
    assert "url(" not in html
    assert "<link" not in html
    addresses = {piece.split('"')[0] for piece in html.split('="http')[1:]}
    assert addresses <= {"s://viis.example/track/A-1#k=Zm9v", "://www.w3.org/1999/xhtml"}


def test_what_is_filled_in_cannot_become_markup() -> None:
    html = render("trial", language="lv", context={"greeting": "<script>alert(1)</script>", "link": LINK}).html
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    "address",
    [
        "",
        "anna",
        "anna@skola.example, bob@skola.example",
        "anna@skola.example\nBcc: bob@skola.example",
        "anna@skola.example\r\n\r\nbody",
        '"anna liepa"@skola.example',
        "Anna <anna@skola.example>",
        "anna@skola..example",
        "anna@-skola.example",
        "a" * 65 + "@skola.example",
        "anna@" + "skola." * 50 + "example",
        "anna@skola.example\x00",
        "ānna@skola.example",
    ],
)
def test_no_address_smuggles_anything_in(address: str) -> None:
    with pytest.raises(BadAddress):
        parse_address(address)


@pytest.mark.parametrize("holds_key", [False, True])
def test_a_mail_to_an_unusable_address_is_kept_as_failed_where_that_is_asked_for(
    settings: Settings, sessions: sessionmaker[Session], scripted: ScriptedServer, *, holds_key: bool
) -> None:
    to = "Anna <anna@skola>\nBcc: c@d.example"
    with sessions.begin() as session:
        with pytest.raises(BadAddress):
            write(session, to=to)
        write(session, to=to, holds_key=holds_key, keep_unusable=True)
    drain(settings)
    assert scripted.taken == []
    mail = only(sessions)
    assert (mail.to_address, mail.state) == ("Anna??anna@skola??Bcc:?c@d.example", MailState.FAILED)
    assert (mail.reason, mail.text_body is None) == ("not a mail address", holds_key)


def test_a_line_break_in_a_subject_stays_in_the_subject(
    settings: Settings, sessions: sessionmaker[Session], scripted: ScriptedServer
) -> None:
    with sessions.begin() as session:
        write(session, greeting="Hello\r\nBcc: bob@skola.example")
    drain(settings)

    message = read(scripted.taken[0])
    assert message["Bcc"] is None
    assert message["Subject"] == "Hello Bcc: bob@skola.example"


def test_the_table_itself_refuses_a_second_line_in_a_header(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        write(session)
        with pytest.raises(IntegrityError, match="ck_mails_one_line"):
            session.execute(text("UPDATE mails SET to_address = E'a@b\\nBcc: c@d'"))


@pytest.mark.parametrize("name", ["no_such_mail", "../trial", "_layout", "trial.txt.jinja", ""])
def test_a_mail_that_does_not_exist_is_refused_where_it_is_queued(name: str) -> None:
    with pytest.raises(UnknownTemplate):
        render(name, language="lv", context={})


def test_a_server_that_asks_for_patience_gets_the_mail_later_under_the_same_id(
    settings: Settings, sessions: sessionmaker[Session], scripted: ScriptedServer
) -> None:
    scripted.answers = [("RCPT", "451 greylisted, come back"), ("END", "hang up")]
    with sessions.begin() as session:
        write(session)

    drain(settings)
    waiting = only(sessions)
    assert (waiting.state, waiting.reason) == ("queued", "451 greylisted, come back")

    retry_now(sessions)
    drain(settings)  # taken by the server, but its answer never arrives
    assert only(sessions).state == "queued"

    retry_now(sessions)
    drain(settings)
    sent = only(sessions)
    assert (sent.state, sent.attempts, sent.reason) == ("sent", 3, None)
    first, second = (read(raw)["Message-ID"] for raw in scripted.taken)
    assert first == second


@pytest.mark.parametrize("refusal", [("RCPT", "550 no such mailbox"), ("END", "554 not wanted here")])
def test_a_refusal_for_good_is_final_and_visible(
    settings: Settings, sessions: sessionmaker[Session], scripted: ScriptedServer, refusal: tuple[str, str]
) -> None:
    scripted.answers = [refusal]
    with sessions.begin() as session:
        write(session)

    drain(settings)

    mail = only(sessions)
    assert (mail.state, mail.reason) == ("failed", refusal[1])
    with sessions() as session:
        assert session.scalar(text("SELECT status::text FROM procrastinate_jobs")) == "failed"


@pytest.mark.parametrize(
    "refusal", [("CONNECT", "554 no service for you"), ("MAIL", "550 unknown sender"), ("CONNECT", "hang up")]
)
def test_a_fault_of_ours_loses_nobodys_mail(
    settings: Settings, sessions: sessionmaker[Session], scripted: ScriptedServer, refusal: tuple[str, str]
) -> None:
    scripted.answers = [refusal]
    with sessions.begin() as session:
        write(session)

    drain(settings)

    assert only(sessions).state == "queued"


def test_patience_ends_and_an_operator_may_send_again(
    settings: Settings, sessions: sessionmaker[Session], scripted: ScriptedServer
) -> None:
    scripted.answers = [("RCPT", "452 full")]
    with sessions.begin() as session:
        number = write(session)
        session.execute(text("UPDATE procrastinate_jobs SET attempts = 12"))
    drain(settings)
    assert (only(sessions).state, only(sessions).reason) == ("failed", "452 full")

    with sessions.begin() as session:
        send_again(session, session.get_one(Mail, number))
    drain(settings)

    assert only(sessions).state == "sent"


def test_a_mail_whose_job_died_at_its_last_attempt_is_settled_for_an_operator_to_see(
    settings: Settings, sessions: sessionmaker[Session], scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_arguments: object) -> None:
        raise RuntimeError("died")

    with sessions.begin() as session:
        number = write(session)
        session.execute(text("UPDATE procrastinate_jobs SET attempts = 12"))
    monkeypatch.setattr("workflows.mail.service.deliver", die)
    drain(settings)
    monkeypatch.undo()
    assert (only(sessions).state, only(sessions).reason) == ("failed", "its job failed: see job_errors")

    with sessions.begin() as session:
        send_again(session, session.get_one(Mail, number))
    drain(settings)

    assert (only(sessions).state, len(scripted.taken)) == ("sent", 1)


def test_a_link_that_works_like_a_key_does_not_stay_in_the_outbox(
    settings: Settings, sessions: sessionmaker[Session], scripted: ScriptedServer
) -> None:
    with sessions.begin() as session:
        write(session, holds_key=True)
    drain(settings)

    assert LINK in body(read(scripted.taken[0]), "plain")
    mail = only(sessions)
    assert (mail.text_body, mail.html_body) == (None, None)


def test_a_server_that_fails_at_the_goodbye_has_taken_the_mail_and_gets_it_once(
    sessions: sessionmaker[Session], settings: Settings, scripted: ScriptedServer
) -> None:
    scripted.answers = [("QUIT", "421 closing down")]
    with sessions.begin() as session:
        write(session)
    assert drain(settings).failed == 0
    retry_now(sessions)
    drain(settings)
    assert len(scripted.taken) == 1
    assert only(sessions).state == "sent"


def test_mails_queued_together_leave_each_once_and_not_at_all_when_rolled_back(
    settings: Settings, sessions: sessionmaker[Session], scripted: ScriptedServer
) -> None:
    addresses = ["anna@skola.example", "zane@skola.example"]
    with sessions.begin() as session, together(session, behind="lane"):
        for address in addresses:
            queue(session, to=address, template="trial", language="lv", at=AT, context=TRIAL)
        queue(session, to="zane", template="trial", language="lv", at=AT, context=TRIAL, keep_unusable=True)
    with sessions() as session:
        with together(session, behind="lane"):
            queue(session, to="valdis@skola.example", template="trial", language="lv", at=AT, context=TRIAL)
        session.rollback()
    with sessions.begin() as session:
        write(session, to="ilze@skola.example")
    drain(settings)
    with sessions() as session:
        rows = session.execute(select(Mail.to_address, Mail.state).order_by(Mail.to_address)).all()
    assert [tuple(row) for row in rows] == [
        ("anna@skola.example", "sent"),
        ("ilze@skola.example", "sent"),
        ("zane", "failed"),
        ("zane@skola.example", "sent"),
    ]
    assert len(scripted.taken) == 3


@pytest.mark.parametrize(("number", "waits"), [(1, False), (9, False), (10, True), (150, True)])
def test_many_mails_wait_until_nothing_waits_for_the_lock_they_are_behind(
    settings: Settings, sessions: sessionmaker[Session], scripted: ScriptedServer, number: int, *, waits: bool
) -> None:
    lane = "UPDATE procrastinate_jobs SET status = CAST(:status AS procrastinate_job_status) WHERE task_name = 'lane'"
    with sessions.begin() as session, together(session, behind="lane"):
        for one in range(number):
            queue(session, to=f"anna.{one}@skola.example", template="trial", language="lv", at=AT, context=TRIAL)
        session.execute(
            text(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, priority, status)"
                " VALUES ('other', 'lane', 'lane', 20, 'doing')"
            )
        )
    drain(settings)
    assert len(scripted.taken) == (0 if waits else number), "a worker has a job of the lane in hand"
    with sessions.begin() as session:
        session.execute(text(lane), {"status": "succeeded"})
    drain(settings)
    drain(settings)
    assert len(scripted.taken) == number
    assert len({str(read(raw)["To"]) for raw in scripted.taken}) == number


def test_many_mails_leave_once_though_the_job_that_queues_them_runs_again(
    settings: Settings, sessions: sessionmaker[Session], scripted: ScriptedServer
) -> None:
    with sessions.begin() as session, together(session, behind="lane"):
        for one in range(12):
            queue(session, to=f"anna.{one}@skola.example", template="trial", language="lv", at=AT, context=TRIAL)
    for _ in range(2):
        drain(settings)
        with sessions.begin() as session:
            session.execute(
                text("UPDATE procrastinate_jobs SET status = 'todo', attempts = 0 WHERE task_name = 'mail.queue_many'")
            )
    drain(settings)
    assert len(scripted.taken) == 12
    with sessions() as session:
        sending = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'mail.send'")
        assert session.scalars(sending).one() == 12
