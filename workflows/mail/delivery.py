"""Did the mail server take it, and if not, may it later?

A refusal of this addressee or this text (5xx to RCPT or DATA) is final. Everything else may pass: no connection, 4xx
(greylisting, a full mailbox), and every 5xx that is about us and not about the mail (login, greeting, sender): an
operator mends that, and nobody's mail should be lost meanwhile.
"""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from typing import TypeAlias

from workflows.settings import MailSecurity, Settings

__all__ = ["Delivery", "Postponed", "Rejected", "Taken", "deliver"]

_SECONDS = 20.0
_PERMANENT = 500


@dataclass(frozen=True, slots=True)
class Taken:
    """The server is now responsible for it."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The server will never take it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Postponed:
    """It did not work this time."""

    reason: str


Delivery: TypeAlias = Taken | Rejected | Postponed


def deliver(message: EmailMessage, settings: Settings) -> Delivery:
    """Hand `message` to the server of `settings`."""
    taken = False
    try:
        with _connect(settings) as server:
            server.send_message(message)
            taken = True
    except smtplib.SMTPRecipientsRefused as refused:
        return _judged(*next(iter(refused.recipients.values())))
    except smtplib.SMTPDataError as refused:
        return _judged(refused.smtp_code, refused.smtp_error)
    except smtplib.SMTPResponseException as refused:
        if taken:
            return Taken()  # the goodbye failed: what it had said yes to before is its own, and not sent again
        return Postponed(_reply(refused.smtp_code, refused.smtp_error))
    except (smtplib.SMTPException, OSError) as failure:
        return Postponed(f"{type(failure).__name__}: {failure}")
    return Taken()


def _connect(settings: Settings) -> smtplib.SMTP:
    """Open the connection, protected and logged in as the settings say."""
    match settings.smtp_security:
        case MailSecurity.TLS:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.smtp_host, settings.smtp_port, timeout=_SECONDS, context=ssl.create_default_context()
            )
        case MailSecurity.STARTTLS:
            server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=_SECONDS)
            # No fallback to plain text where the server offers no TLS: an attacker in the middle strips the offer.
            server.starttls(context=ssl.create_default_context())
        case MailSecurity.NONE:
            server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=_SECONDS)
    if settings.smtp_user:
        server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
    return server


def _judged(code: int, words: bytes | str) -> Rejected | Postponed:
    reason = _reply(code, words)
    return Rejected(reason) if code >= _PERMANENT else Postponed(reason)


def _reply(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())}"
