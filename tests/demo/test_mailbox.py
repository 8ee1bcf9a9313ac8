"""The demo's mail page shows every letter, and nothing in a letter can act on it."""

import smtplib
from email.message import EmailMessage

import httpx

from demo.mailbox import mailbox
from demo.servers import GreenMail


def test_every_letter_is_shown_newest_first_with_its_link(greenmail: GreenMail) -> None:
    for address, subject in (("direktore@skola.test", "Pirmā"), ("skolotajs@skola.test", "<b>Otrā</b>")):
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = "viis@izm.test", address, subject
        letter.set_content("Atveriet http://127.0.0.1:8000/track/A-1#secret.\n<script>alert(1)</script>\n")
        with smtplib.SMTP(greenmail.host, greenmail.smtp_port) as smtp:
            smtp.send_message(letter)
        greenmail.await_letter(address)

    with mailbox(greenmail, port=0) as address:
        page = httpx.get(address).text

    assert '<a href="http://127.0.0.1:8000/track/A-1#secret">' in page
    assert page.count("<article>") == 2
    assert "Pirmā" in page
    assert "&lt;b&gt;Otrā&lt;/b&gt;" in page
    assert "<script>" not in page
