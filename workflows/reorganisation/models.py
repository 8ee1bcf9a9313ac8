"""What is kept of carrying plans out beside orders and proposals: pauses, caps raised for one plan, who was told."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import CHAR
from sqlalchemy.orm import Mapped, mapped_column

from iam.base import Base
from iam.ids import GrantId, OrderId

__all__ = ["OrderNotice", "PlanCap", "PlanPause"]


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


class OrderNotice(Base):
    """That the people concerned were told that an order ends a right, or an entitlement to sign; once each.

    `successor` is the key of the one place that goes on. `taken_back_at` is when they were told that it does not end.
    """

    __tablename__ = "order_notices"
    __table_args__ = (
        UniqueConstraint("order_id", "grant_id", name="uq_order_notices_right_once"),
        UniqueConstraint("order_id", "signatory_id", name="uq_order_notices_signatory_once"),
        CheckConstraint("num_nonnulls(grant_id, signatory_id) = 1", name="about_one_thing"),
        CheckConstraint(
            "successor IS NULL OR grant_id IS NOT NULL AND successor ~ '^(i-[0-9]{10}|m-[0-9]+)$'",
            name="successor_of_a_right",
        ),
        CheckConstraint("taken_back_at >= told_at", name="taken_back_after_told"),
        Index("ix_order_notices_grant_id", "grant_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"))
    grant_id: Mapped[GrantId | None] = mapped_column(ForeignKey("grants.id"))
    signatory_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("signatories.id"))
    successor: Mapped[str | None]
    told_at: Mapped[datetime]
    taken_back_at: Mapped[datetime | None]
