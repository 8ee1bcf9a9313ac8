"""The outbox."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Identity, Text
from sqlalchemy.orm import Mapped, mapped_column

from iam.base import Base

__all__ = ["Mail", "MailState"]


class MailState(StrEnum):
    """How far a mail has come.

    queued ──▶ sent     the mail server took it
       │
       └─────▶ failed   the mail server refused it for good, or patience ran out; `reason` says which
    """

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class Mail(Base):
    """One mail to one address, as it is written to the person.

    `token` is the left half of its Message-ID: the same at every attempt, so that a copy sent twice is recognised by
    mail programs and in our logs. While a mail is still queued, `reason` tells why the last attempt did not succeed.
    A mail with a link that works like a key (`keeps_body` false) loses its text as soon as it is settled.
    """

    __tablename__ = "mails"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    token: Mapped[str] = mapped_column(Text, unique=True)
    to_address: Mapped[str] = mapped_column(Text, index=True)
    reply_to: Mapped[str | None] = mapped_column(Text)
    in_reply_to: Mapped[str | None] = mapped_column(Text)
    template: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    text_body: Mapped[str | None] = mapped_column(Text)
    html_body: Mapped[str | None] = mapped_column(Text)
    keeps_body: Mapped[bool]
    state: Mapped[str] = mapped_column(Text)
    queued_at: Mapped[datetime]
    attempts: Mapped[int]
    settled_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)

    def settle(self, state: MailState, *, at: datetime, reason: str | None) -> None:
        """Record how it ended."""
        self.state = state
        self.settled_at = at
        self.reason = reason
        if not self.keeps_body:
            self.text_body = None
            self.html_body = None
