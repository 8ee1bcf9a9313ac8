"""Tables of lost passwords: what was asked, the links sent, codes seen, and rates.

Secrets are kept as SHA-256 digests: 256 random bits (the link) and 80 (the typed code) need no slower hash.
"""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import CHAR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from iam.base import Base, one_of
from iam.grants.models import Account
from iam.ids import AccountId
from workflows.mail import Mail
from workflows.password_reset.states import LinkState, RequestOutcome

__all__ = ["ResetLink", "ResetRate", "ResetRequest", "SeenCode"]

_DIGEST = "~ '^[0-9a-f]{64}$'"


class ResetRequest(Base):
    """Somebody asked. `asked` is what was typed; it is forgotten when the request is settled, it may be a password."""

    __tablename__ = "reset_requests"
    __table_args__ = (
        CheckConstraint("char_length(asked) <= 254", name="asked_short"),
        CheckConstraint("(outcome IS NULL) = (settled_at IS NULL)", name="settled_with_outcome"),
        CheckConstraint("outcome IS NULL OR asked IS NULL", name="forgotten_when_settled"),
        CheckConstraint("language IN ('lv', 'en')", name="language_known"),
        CheckConstraint("started_by IS NULL OR account_id IS NOT NULL", name="staff_name_the_account"),
        Index("ix_reset_requests_at", "at"),
        Index("ix_reset_requests_account", "account_id", "settled_at", postgresql_where=text("account_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    asked: Mapped[str | None]
    language: Mapped[str]
    at: Mapped[datetime]
    started_by: Mapped[str | None]
    account_id: Mapped[AccountId | None] = mapped_column(ForeignKey("accounts.id"))
    outcome: Mapped[RequestOutcome | None] = mapped_column(one_of(RequestOutcome, "outcome_known"))
    settled_at: Mapped[datetime | None]
    mail_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("mails.id", ondelete="SET NULL"))

    account: Mapped[Account | None] = relationship()
    mail: Mapped[Mail | None] = relationship()


class ResetLink(Base):
    """One link. `password_seen` says which password the account had when it was made: another one kills it."""

    __tablename__ = "reset_links"
    __table_args__ = (
        CheckConstraint(f"secret_digest {_DIGEST} AND code_digest {_DIGEST}", name="digests_hex"),
        UniqueConstraint("secret_digest", name="uq_reset_links_secret_digest"),
        UniqueConstraint("code_digest", name="uq_reset_links_code_digest"),
        CheckConstraint("expires_at > made_at", name="lives_for_a_while"),
        CheckConstraint(
            "(state IN ('sending', 'live', 'spending')) = (settled_at IS NULL)", name="settled_when_at_an_end"
        ),
        CheckConstraint("state <> 'spending' OR spent_at IS NOT NULL", name="spent_at_some_time"),
        Index(
            "uq_reset_links_one_live_an_account",
            "account_id",
            unique=True,
            postgresql_where=text("state = 'live'"),
        ),
        Index("ix_reset_links_account_id", "account_id"),
        Index("ix_reset_links_made_at", "made_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"))
    request_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("reset_requests.id", ondelete="CASCADE"))
    secret_digest: Mapped[str] = mapped_column(CHAR(64))
    code_digest: Mapped[str] = mapped_column(CHAR(64))
    email: Mapped[str]
    password_seen: Mapped[str]
    state: Mapped[LinkState] = mapped_column(one_of(LinkState, "state_known"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()


class SeenCode(Base):
    """A picture code somebody answered, or a proof of work somebody sent; kept until it would have ended anyway."""

    __tablename__ = "reset_codes"
    __table_args__ = (
        CheckConstraint(f"digest {_DIGEST}", name="digest_hex"),
        CheckConstraint("tries >= 0", name="tries_counted"),
        Index("ix_reset_codes_until", "until"),
    )

    digest: Mapped[str] = mapped_column(CHAR(64), primary_key=True)
    tries: Mapped[int] = mapped_column(SmallInteger)
    spent: Mapped[bool]
    until: Mapped[datetime]


class ResetRate(Base):
    """How often something was done from one network, or by all, within one hour; the same for every web process."""

    __tablename__ = "reset_rates"
    __table_args__ = (CheckConstraint("count > 0", name="count_positive"),)

    bucket: Mapped[str] = mapped_column(primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int]
