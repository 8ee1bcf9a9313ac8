"""The outbox."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, Text, text
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
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'sent', 'failed')", name="state"),
        CheckConstraint("(state = 'queued') = (settled_at IS NULL)", name="settled_when_not_queued"),
        CheckConstraint("state <> 'failed' OR reason IS NOT NULL", name="failure_has_a_reason"),
        CheckConstraint(
            "(state <> 'queued' AND NOT keeps_body) = (text_body IS NULL)"
            " AND (text_body IS NULL) = (html_body IS NULL)",
            name="body_until_settled",
        ),
        # The last line of defence against a second header or a second addressee.
        CheckConstraint(
            r"to_address !~ '[[:cntrl:],;<>\s]' AND concat(subject, reply_to, in_reply_to) !~ '[[:cntrl:]]'",
            name="one_line",
        ),
        Index("ix_mails_unsettled", "queued_at", postgresql_where=text("state <> 'sent'")),
    )

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
