"""The table of policy numbers: one row for each number and each day from which it holds anew."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from iam.base import Base, one_of
from workflows.policy.numbers import Unit

__all__ = ["PolicyNumber"]


class PolicyNumber(Base):
    """A number that holds from a day on in Riga. Rows are added, never changed: `tr_policy_numbers_written_once`.

    Of two rows for one day the later one holds. `source` says where the number comes from: a law, an order, a reason.
    """

    __tablename__ = "policy_numbers"
    __table_args__ = (
        CheckConstraint("value >= 0", name="value_not_negative"),
        CheckConstraint("char_length(source) BETWEEN 3 AND 500", name="source_given"),
        CheckConstraint("unit <> 'yes or no' OR value IN (0, 1)", name="yes_or_no"),
        Index("ix_policy_numbers_name_since", "name", "since"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str]
    value: Mapped[int] = mapped_column(BigInteger)
    unit: Mapped[Unit] = mapped_column(one_of(Unit, "unit_known"))
    since: Mapped[date]
    source: Mapped[str]
    set_by: Mapped[str]
    set_at: Mapped[datetime]
