"""Advisory locks of PostgreSQL: one transaction at a time does a named thing."""

from sqlalchemy import text
from sqlalchemy.orm import Session

__all__ = ["one_at_a_time"]


def one_at_a_time(session: Session, what: str) -> None:
    """Wait until nobody else is doing `what`; the lock falls with the transaction.

    What the other wrote is visible afterwards only in READ COMMITTED, PostgreSQL's default.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": what})
