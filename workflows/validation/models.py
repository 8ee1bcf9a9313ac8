"""The table of files that somebody asks about."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from iam.base import Base

__all__ = ["Check"]


class Check(Base):
    """A document somebody dropped on the public checking page; it serves nobody else and is forgotten after a day."""

    __tablename__ = "web_checks"
    __table_args__ = (
        CheckConstraint("token_digest ~ '^[0-9a-f]{64}$'", name="token_digest_hex"),
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
