"""Days as people write them."""

import re
from datetime import date

from workflows.i18n import Words

__all__ = ["period_in_words", "read_day"]

_DAY = re.compile(r"(?P<day>\d{1,2})[./ -]+(?P<month>\d{1,2})[./ -]+(?P<year>\d{4})\.?")


def read_day(text: str) -> date | None:
    """Read ``01.12.2026.`` or ``2026-12-01``; None for nothing typed, ValueError for what is no day.

    >>> read_day("1.12.2026."), read_day(" ")
    (datetime.date(2026, 12, 1), None)
    """
    text = text.strip()
    if not text:
        return None
    if said := _DAY.fullmatch(text):
        return date(int(said["year"]), int(said["month"]), int(said["day"]))
    return date.fromisoformat(text)


def period_in_words(words: Words, since: date | None, until: date | None) -> str:
    """Say from which day to which something holds, or that no last day is known; empty where neither day is."""
    if until is not None and since is not None:
        return words("from %(since)s to %(until)s", since=words.date(since), until=words.date(until))
    if until is not None:
        return words("until %(day)s", day=words.date(until))
    return "" if since is None else words("from %(day)s, until further notice", day=words.date(since))
