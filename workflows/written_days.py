"""Days as people write them in forms: read by one rule, within the years in which anything here can happen."""

import re
from datetime import date, timedelta

from workflows.i18n import later

__all__ = ["EARLIEST", "FURTHEST_LAST_DAY", "LATEST", "NO_SUCH_DAY", "BadDay", "read_day"]

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
"""No day outside of these is meant; a calendar can be reckoned with on both sides of each."""

FURTHEST_LAST_DAY = timedelta(days=5 * 366)
"""A last day of rights further ahead than this is mistyped for certain."""

NO_SUCH_DAY = later("Enter a real date, like 01.12.2026.")
_YEAR_OFF = later("Enter a day from the years 1900 to 2199: check the year")
_YEAR_SHORT = later("Write the year with four digits, like 01.12.2026.")

_WRITTEN = re.compile(r"(?P<day>[0-9]{1,2})[./ -]+(?P<month>[0-9]{1,2})[./ -]+(?P<year>[0-9]+)\.?")
_ISO = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
_SHORT, _WHOLE = 2, 4


class BadDay(ValueError):
    """What was typed is no day that is meant; `sentence` says what to do, marked by `workflows.i18n.later`."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def read_day(text: str) -> date | None:
    """Read ``01.12.2026.`` or ``2026-12-01``; None for nothing typed, BadDay for what is no day.

    >>> read_day("1.12.2026."), read_day(" ")
    (datetime.date(2026, 12, 1), None)
    """
    text = text.strip()
    if not text:
        return None
    said = _ISO.fullmatch(text) or _WRITTEN.fullmatch(text)
    if said is None:
        raise BadDay(NO_SUCH_DAY)
    if len(said["year"]) != _WHOLE:
        raise BadDay(_YEAR_SHORT if len(said["year"]) == _SHORT else NO_SUCH_DAY)
    try:
        day = date(int(said["year"]), int(said["month"]), int(said["day"]))
    except ValueError:
        raise BadDay(_YEAR_OFF if said["year"] == "0000" else NO_SUCH_DAY) from None
    if not EARLIEST <= day <= LATEST:
        raise BadDay(_YEAR_OFF)
    return day
