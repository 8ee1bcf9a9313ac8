"""Our mails through a real mail server, read back over IMAP as a person's program reads them."""

from datetime import UTC, datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from demo.servers import GreenMail
from workflows.jobs import drain
from workflows.mail import Mail, queue
from workflows.settings import Settings

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
LINK = "https://viis.example/track/A-1#k=Zm9v"


def settings_for(server: GreenMail, database_url: str) -> Settings:
    return Settings.model_validate(
        {"database_url": database_url, "smtp_host": "127.0.0.1", "smtp_port": server.smtp_port}
    )


def write(session: Session, to: str) -> None:
    greeting = "Labdien, Ilze Ķirše! " + "Rakstzīmes āčēģīķļņšūž. " * 20
    queue(session, to=to, template="trial", language="lv", at=AT, context={"greeting": greeting, "link": LINK})


def test_a_mail_arrives_readable_in_a_real_mailbox(
    greenmail: GreenMail, database_url: str, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        write(session, "ilze.kirse@skola.test")
    assert drain(settings_for(greenmail, database_url)).succeeded == 1

    letter = greenmail.await_letter("ilze.kirse@skola.test")
    assert letter.subject.startswith("Labdien, Ilze Ķirše! Rakstzīmes āčēģīķļņšūž.")
    assert LINK in letter.text
    assert LINK in letter.html


def test_a_mail_waits_for_a_server_that_is_away_and_arrives_once(
    greenmail: GreenMail, database_url: str, sessions: sessionmaker[Session]
) -> None:
    away = settings_for(greenmail, database_url).model_copy(update={"smtp_port": 1})
    with sessions.begin() as session:
        write(session, "ilze.kirse@skola.test")
    assert drain(away).failed == 1
    with sessions.begin() as session:
        assert "Connection refused" in str(session.scalars(select(Mail.reason)).one())
        session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now()"))

    drain(settings_for(greenmail, database_url))

    greenmail.await_letter("ilze.kirse@skola.test")
    assert len(greenmail.letters("ilze.kirse@skola.test")) == 1
