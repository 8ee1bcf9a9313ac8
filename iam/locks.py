"""Advisory locks of PostgreSQL: one transaction at a time does a named thing."""

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.orm import Session

__all__ = ["each_at_a_time", "one_at_a_time"]


def one_at_a_time(session: Session, what: str) -> None:
    """Wait until nobody else is doing `what`; the lock falls with the transaction.

    What the other wrote is visible afterwards only in READ COMMITTED, PostgreSQL's default.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": what})


def each_at_a_time(session: Session, whats: Collection[str]) -> None:
    """Wait for many locks as `one_at_a_time` does for one; all who take several take them in one order."""
    taken = "SELECT pg_advisory_xact_lock(hashtextextended(what, 0)) FROM unnest(CAST(:whats AS text[])) AS what"
    session.execute(text(taken), {"whats": sorted(whats)})
