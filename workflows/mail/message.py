"""What goes over the wire, and which addresses of our pages stand in it?"""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from workflows.i18n import translator
from workflows.mail.models import Mail

__all__ = ["compose", "message_id", "page_of"]


def message_id(token: str, *, sender: str) -> str:
    """Return the Message-ID of the mail with `token`: the same at every attempt.

    >>> message_id("mail.5f2c", sender="viis@izm.example")
    '<mail.5f2c@izm.example>'
    """
    return f"<{token}@{sender.rpartition('@')[2]}>"


def compose(mail: Mail, *, sender: str) -> EmailMessage:
    """Build the message: text and HTML, marked as written by a machine so that no machine answers (RFC 3834).

    The header classes of `email.policy.SMTP` refuse line breaks; addresses and subject have none since they were
    queued, and the table refuses them too.
    """
    words = translator(mail.language)
    local, _, domain = sender.rpartition("@")
    message = EmailMessage(SMTP)
    message["From"] = Address(words("VIIS access rights"), local, domain)
    message["To"] = Address(addr_spec=mail.to_address)
    message["Subject"] = mail.subject
    # When it was written, not when this attempt runs: a retry is the same message.
    message["Date"] = format_datetime(mail.queued_at)
    message["Message-ID"] = message_id(mail.token, sender=sender)
    if mail.reply_to is not None:
        message["Reply-To"] = Address(addr_spec=mail.reply_to)
    if mail.in_reply_to is not None:
        message["In-Reply-To"] = mail.in_reply_to
        message["References"] = mail.in_reply_to
    message["Auto-Submitted"] = "auto-generated"
    # Exchange does not read RFC 3834; this is what keeps its out-of-office answers away.
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(mail.text_body or "", cte="quoted-printable")
    message.add_alternative(mail.html_body or "", subtype="html", cte="quoted-printable")
    # Last: making it multipart moves the Content-… headers it finds into the first part.
    message["Content-Language"] = mail.language
    return message


def page_of(base_url: str, path: str, language: str) -> str:
    """Write the address of a page, which opens in the language of its mail; `path` may end in a query or a fragment.

    >>> page_of("https://viis.example", "/support", "en")
    'https://viis.example/support?lang=en'
    >>> page_of("https://viis.example", "/track/3HXM?key=k", "lv")
    'https://viis.example/track/3HXM?key=k&lang=lv'
    >>> page_of("https://viis.example", "/reset/new#secret", "en")
    'https://viis.example/reset/new?lang=en#secret'
    """
    before, hash_sign, fragment = path.partition("#")
    return f"{base_url}{before}{'&' if '?' in before else '?'}lang={language}{hash_sign}{fragment}"
