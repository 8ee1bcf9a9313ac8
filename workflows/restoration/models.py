"""The table of requests to restore rights. Of a link only the digest of its secret is kept."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import CHAR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from iam.base import Base, one_of
from iam.grants.models import Account
from iam.ids import AccountId
from workflows.restoration.states import FORGOTTEN, State

__all__ = ["RestorationRequest"]

_FORGOTTEN = ", ".join(f"'{state}'" for state in FORGOTTEN)


class RestorationRequest(Base):
    """Somebody asked for rights that a reform took. `version` grows with every change.

    What was typed never decides, and is forgotten where nobody goes on with it. `email` is the address the link went
    to: another one since kills it.
    """

    __tablename__ = "restoration_requests"
    __table_args__ = (
        CheckConstraint("language IN ('lv', 'en')", name="language_known"),
        CheckConstraint("char_length(description) <= 2000", name="description_short"),
        CheckConstraint(
            f"state NOT IN ({_FORGOTTEN}) OR username || given_name || surname || description = ''",
            name="forgotten_when_nobody_goes_on",
        ),
        CheckConstraint("state IN ('asked', 'dropped') OR account_id IS NOT NULL", name="account_known"),
        CheckConstraint(
            "state <> 'mailed' OR num_nonnulls(secret_digest, email, link_until) = 3", name="mailed_with_a_link"
        ),
        CheckConstraint("secret_digest ~ '^[0-9a-f]{64}$'", name="secret_digest_sha256"),
        CheckConstraint(
            "(state IN ('in_review', 'restored', 'refused')) = (confirmed_at IS NOT NULL)", name="confirmed_by_holder"
        ),
        CheckConstraint(
            "(state IN ('restored', 'refused')) = (num_nonnulls(decided_by, decided_at) = 2)"
            " AND num_nonnulls(decided_by, decided_at) <> 1",
            name="decided_by_somebody",
        ),
        CheckConstraint("state <> 'refused' OR btrim(reason) <> ''", name="refused_with_a_reason"),
        CheckConstraint("second_person IS NULL OR second_person <> decided_by", name="second_is_another_person"),
        UniqueConstraint("secret_digest", name="uq_restoration_requests_secret_digest"),
        Index(
            "uq_restoration_requests_one_in_review",
            "account_id",
            unique=True,
            postgresql_where=text("state = 'in_review'"),
        ),
        Index("ix_restoration_requests_state", "state", "confirmed_at"),
        Index("ix_restoration_requests_account_id", "account_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    version: Mapped[int] = mapped_column()
    state: Mapped[State] = mapped_column(one_of(State, "state_known"))
    language: Mapped[str]
    asked_at: Mapped[datetime]
    username: Mapped[str]  # as typed, like the three below
    given_name: Mapped[str]
    surname: Mapped[str]
    description: Mapped[str]
    account_id: Mapped[AccountId | None] = mapped_column(ForeignKey("accounts.id"))
    settled_at: Mapped[datetime | None]  # when the job had answered
    secret_digest: Mapped[str | None] = mapped_column(CHAR(64))
    email: Mapped[str | None]
    link_until: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]  # staff username
    second_person: Mapped[str | None]  # staff username, where two decide
    decided_at: Mapped[datetime | None]
    reason: Mapped[str]

    account: Mapped[Account | None] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once from the class

    @property
    def subject(self) -> str:
        """How the audit and proposals name it."""
        return f"restoration:{self.id}"

    @property
    def typed_name(self) -> str:
        """Given name and surname as typed."""
        return f"{self.given_name} {self.surname}".strip()
