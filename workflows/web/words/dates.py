"""Days as people write them."""

import re
from datetime import date

__all__ = ["read_day"]

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
