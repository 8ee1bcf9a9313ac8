"""The real mail server: what is sent over SMTP is found over IMAP."""

import smtplib
from email.message import EmailMessage

import pytest

from demo.servers import GreenMail, ServerFailed


def _send(to: GreenMail, *, address: str, subject: str) -> None:
    message = EmailMessage()
    message["From"] = "viis@izm.example"
    message["To"] = address
    message["Subject"] = subject
    message.set_content("Labdien! Ķeramies pie darba.\n")
    with smtplib.SMTP(to.host, to.smtp_port) as smtp:
        smtp.send_message(message)


def test_a_letter_sent_is_a_letter_found(greenmail: GreenMail) -> None:
    _send(greenmail, address="direktore@skola.example", subject="Jūsu iesniegums")
    letter = greenmail.await_letter("direktore@skola.example")
    assert letter.subject == "Jūsu iesniegums"
    assert letter.sender == "viis@izm.example"
    assert "Ķeramies" in letter.text


def test_every_test_starts_with_empty_mailboxes(greenmail: GreenMail) -> None:
    assert greenmail.letters("direktore@skola.example") == ()


def test_a_letter_that_never_comes_is_said_so(greenmail: GreenMail) -> None:
    _send(greenmail, address="direktore@skola.example", subject="Cits")
    with pytest.raises(ServerFailed, match=r"No such letter .*Cits"):
        greenmail.await_letter("direktore@skola.example", matching=lambda it: it.subject == "Jūsu", within=0.5)
