"""What time is it? Asked by doors only (pages, commands, entries of jobs); everything below is told."""

from datetime import UTC, datetime

__all__ = ["now"]


def now() -> datetime:
    """Return this moment, aware, in UTC."""
    return datetime.now(UTC)
