"""Tables of the web door: sessions of staff, logins on their way, kept forms, files dropped for a look, rates."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from iam.base import Base

__all__ = ["Check", "KeptForm", "LoginAttempt", "Rate", "WebSession"]

_DIGEST = "~ '^[0-9a-f]{64}$'"


class WebSession(Base):
    """A member of staff who is signed in. The browser holds the token, we its digest: a copied table opens nothing."""

    __tablename__ = "web_sessions"
    __table_args__ = (
        CheckConstraint(f"token_digest {_DIGEST}", name="token_digest_hex"),
        CheckConstraint("seen_at >= created_at AND ends_at > created_at", name="in_order"),
        Index("ix_web_sessions_subject", "subject"),
        Index("ix_web_sessions_keycloak_session", "keycloak_session"),
    )

    token_digest: Mapped[str] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(ForeignKey("staff.username", name="fk_web_sessions_username"))
    subject: Mapped[str]
    keycloak_session: Mapped[str]
    # The refresh token, only to end Keycloak's session with ours; sealed with a key made from the browser's token.
    sealed_refresh: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class LoginAttempt(Base):
    """A login on its way through Keycloak; used once, by the browser that began it."""

    __tablename__ = "web_logins"
    __table_args__ = (CheckConstraint(f"state_digest {_DIGEST} AND visit_digest {_DIGEST}", name="digests_hex"),)

    state_digest: Mapped[str] = mapped_column(primary_key=True)
    visit_digest: Mapped[str]
    nonce: Mapped[str]
    verifier: Mapped[str]
    then: Mapped[str]
    created_at: Mapped[datetime]


class KeptForm(Base):
    """What a member of staff typed into a form that could not be carried out; shown again to them, in that browser.

    Sealed with a key made from the browser's visit, which we do not keep: a copied table tells nothing.
    """

    __tablename__ = "web_kept_forms"
    __table_args__ = (
        CheckConstraint(f"owner_digest {_DIGEST}", name="owner_digest_hex"),
        Index("ix_web_kept_forms_kept_at", "kept_at"),
    )

    owner_digest: Mapped[str] = mapped_column(primary_key=True)
    page: Mapped[str] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    kept_at: Mapped[datetime]


class Check(Base):
    """A document somebody dropped on the public checking page; it serves nobody else and is forgotten after a day."""

    __tablename__ = "web_checks"
    __table_args__ = (
        CheckConstraint(f"token_digest {_DIGEST}", name="token_digest_hex"),
        Index("uq_web_checks_token_digest", "token_digest", unique=True),
        Index("ix_web_checks_received_at", "received_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    token_digest: Mapped[str]
    sha256: Mapped[str] = mapped_column(ForeignKey("documents.sha256", name="fk_web_checks_sha256"))
    name: Mapped[str]
    received_at: Mapped[datetime]
    verification_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("verifications.id", name="fk_web_checks_verification_id", ondelete="SET NULL")
    )


class Rate(Base):
    """How often something was asked from one address range within one window, counted for all web processes alike."""

    __tablename__ = "web_rates"
    __table_args__ = (CheckConstraint("count > 0", name="count_positive"),)

    bucket: Mapped[str] = mapped_column(primary_key=True)
    window: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int]
