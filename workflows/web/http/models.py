"""The table of counted requests."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from iam.base import Base

__all__ = ["Rate"]


class Rate(Base):
    """How often something was asked from one address range within one window, counted for all web processes alike."""

    __tablename__ = "web_rates"
    __table_args__ = (CheckConstraint("count > 0", name="count_positive"),)

    bucket: Mapped[str] = mapped_column(primary_key=True)
    window: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int]
