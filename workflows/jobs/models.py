"""What do we keep about jobs beside Procrastinate's own tables?"""

from datetime import datetime

from sqlalchemy import BigInteger, Identity, Text
from sqlalchemy.orm import Mapped, mapped_column

from iam.base import Base

__all__ = ["JobError", "JobStep"]


class JobError(Base):
    """One failed attempt of a job, kept for 90 days. Procrastinate keeps that it failed, not why."""

    __tablename__ = "job_errors"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    # Deliberately no foreign key: jobs are deleted after a while, what went wrong is kept longer.
    job_id: Mapped[int] = mapped_column(BigInteger, index=True)
    job: Mapped[str] = mapped_column(Text)
    attempt: Mapped[int]
    at: Mapped[datetime]
    error: Mapped[str] = mapped_column(Text)
    traceback: Mapped[str] = mapped_column(Text)


class JobStep(Base):
    """A step of a job that took effect: written in the transaction of the effect, so that a repeat finds it.

    It goes when its job has gone.
    """

    __tablename__ = "job_steps"

    job_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    step: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[datetime]
