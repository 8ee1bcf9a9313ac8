"""Days as people say them (last day included, midnight in Riga) and as the database keeps them (half-open ranges)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import Range

__all__ = [
    "RIGA",
    "days",
    "first_day",
    "holds_on",
    "known_from",
    "known_until",
    "last_day",
    "midnight_in_riga",
    "riga_day",
]

RIGA = ZoneInfo("Europe/Riga")


def days(since: date | None, until: date | None) -> Range[date]:
    """Make the range from `since` to `until`, both included; None means without a bound on that side.

    >>> days(date(2021, 7, 1), date(2021, 7, 31)).upper
    datetime.date(2021, 8, 1)

    Raises ValueError when the last day lies before the first.
    """
    if since is not None and until is not None and until < since:
        raise ValueError(f"the last day {until} lies before the first day {since}")
    return Range(since, None if until is None else until + timedelta(days=1), bounds="[)")


def first_day(period: Range[date]) -> date | None:
    """Return the first day of a stored period; None when it has no beginning."""
    return period.lower


def last_day(period: Range[date]) -> date | None:
    """Return the last day of a stored period as people say it; None when it has no end."""
    return None if period.upper is None else period.upper - timedelta(days=1)


def holds_on(period: Range[date], day: date) -> bool:
    """Return whether the day lies in the period (an empty period holds on no day)."""
    return period.contains(day)


def riga_day(at: datetime) -> date:
    """Return the calendar day a moment falls on in Riga; rights and entitlements count in these days.

    >>> riga_day(datetime(2021, 6, 30, 21, 30, tzinfo=UTC))
    datetime.date(2021, 7, 1)
    """
    if at.tzinfo is None:
        raise ValueError(f"a moment needs its time zone, got {at!r}")
    return at.astimezone(RIGA).date()


def midnight_in_riga(day: date) -> datetime:
    """Return the moment (UTC) at which the day begins in Riga: what ended the day before is over now."""
    return datetime.combine(day, time.min, tzinfo=RIGA).astimezone(UTC)


def known_from(at: datetime) -> Range[datetime]:
    """Make the time of a record that is what we know from `at` on."""
    return Range(at, None, bounds="[)")


def known_until(recorded: Range[datetime], at: datetime) -> Range[datetime]:
    """Close the time of a record at `at`; what comes after begins where this one ends.

    A record was known for a microsecond at least, even if it is corrected in the transaction that made it, or if the
    clock was set back meanwhile: history has an order, whatever the clock says.
    """
    begun = recorded.lower
    if begun is None:
        raise ValueError("a record begins at a moment")
    return Range(begun, max(at, begun + timedelta(microseconds=1)), bounds="[)")
