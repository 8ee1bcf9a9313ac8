"""What is kept of carrying plans out beside orders and proposals: pauses, and caps raised for one plan."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.dialects.postgresql import CHAR
from sqlalchemy.orm import Mapped, mapped_column

from iam.base import Base

__all__ = ["PlanCap", "PlanPause"]


class PlanPause(Base):
    """A plan whose carrying out, or whose undoing, somebody paused; the row goes when it is resumed."""

    __tablename__ = "plan_pauses"
    __table_args__ = (CheckConstraint("btrim(paused_by) <> ''", name="paused_by_somebody"),)

    proposal_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("proposals.id"), primary_key=True, autoincrement=False
    )
    paused_by: Mapped[str]  # `str(Actor)`
    paused_at: Mapped[datetime]


class PlanCap(Base):
    """The number of accounts that one plan, named by the digest of all its changes, may touch beyond the policy."""

    __tablename__ = "plan_caps"
    __table_args__ = (
        CheckConstraint("plan_digest ~ '^[0-9a-f]{64}$'", name="plan_digest_sha256"),
        CheckConstraint("accounts > 0", name="accounts_positive"),
        CheckConstraint("btrim(raised_by) <> ''", name="raised_by_somebody"),
        CheckConstraint("btrim(reason) <> ''", name="reason_said"),
    )

    plan_digest: Mapped[str] = mapped_column(CHAR(64), primary_key=True)
    accounts: Mapped[int]
    raised_by: Mapped[str]  # `str(Actor)`
    raised_at: Mapped[datetime]
    reason: Mapped[str]
