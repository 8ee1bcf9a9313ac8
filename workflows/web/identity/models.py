"""Tables of signing in: sessions, logins on their way, and forms kept over a login."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from iam.base import Base

__all__ = ["KeptForm", "LoginAttempt", "WebSession"]

_DIGEST = "~ '^[0-9a-f]{64}$'"


class WebSession(Base):
    """Somebody who is signed in, as Keycloak calls them: staff or the holder of an account.

    The browser has the token, we its digest: a copied table opens nothing.
    """

    __tablename__ = "web_sessions"
    __table_args__ = (
        CheckConstraint(f"token_digest {_DIGEST}", name="token_digest_hex"),
        CheckConstraint("seen_at >= created_at AND ends_at > created_at", name="in_order"),
        Index("ix_web_sessions_subject", "subject"),
        Index("ix_web_sessions_keycloak_session", "keycloak_session"),
    )

    token_digest: Mapped[str] = mapped_column(primary_key=True)
    username: Mapped[str]  # lower case; what it may do is asked at every request
    subject: Mapped[str]
    keycloak_session: Mapped[str]
    # The refresh token, only to end Keycloak's session with ours; sealed with a key made from the browser's token.
    sealed_refresh: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    # When the person last proved to Keycloak who they are (`auth_time`); earlier than the session where one went on.
    authenticated_at: Mapped[datetime | None]
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
    """What was typed into a form that could not be carried out, or in which the language was changed.

    It is shown again to whoever typed it, in that browser.

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
