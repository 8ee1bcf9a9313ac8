"""The parameters of a message, formatted for people: times by one clock, durations in one unit, names made legible.

A message keeps values for machines (ISO 8601, seconds); only its sentence is for reading. The clock is the one of
`signing.sentences.wording`.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from signing.sentences.wording import current_wording

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["legible", "spoken"]

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?")
_SPANS = {"seconds": 1, "hours": 3600}

_MINUTE, _HOUR, _DAY_LONG = 60, 3600, 86400
# In units of the next larger one: 89 seconds, but 2 minutes.
_SHORT_OF = 1.5
_UNITS = {
    1: (("sekundi", "sekundes"), ("second", "seconds")),
    _MINUTE: (("minūti", "minūtes"), ("minute", "minutes")),
    _HOUR: (("stundu", "stundas"), ("hour", "hours")),
    _DAY_LONG: (("dienu", "dienas"), ("day", "days")),
}
_TEEN = 11
_LESS_THAN_A_SECOND = {"lv": "mazāk nekā sekundi", "en": "less than a second"}  # nobody says "0 seconds before"
_WHOLE_DOCUMENT = {"lv": "viss dokuments", "en": "the whole document"}  # a reference with an empty URI names no file


def spoken(params: Mapping[str, str], language: str) -> dict[str, str]:
    """Format a message's parameters in "lv" or "en"; other values stay as they are.

    >>> spoken({"time": "2026-11-24T12:05:00+00:00", "seconds": "56242", "name": "ANNA"}, "lv")
    {'time': '24.11.2026. plkst. 12.05 UTC', 'seconds': '16 stundas', 'name': 'ANNA'}
    >>> spoken({"at": "2026-11-24", "hours": "72.4"}, "en")
    {'at': '24.11.2026', 'hours': '3 days'}
    >>> spoken({"seconds": "0"}, "lv"), spoken({"seconds": "0.4"}, "en")
    ({'seconds': 'mazāk nekā sekundi'}, {'seconds': 'less than a second'})
    """
    return {key: _spoken(key, value, language) for key, value in params.items()}


def legible(text: str) -> str:
    """Remove invisible characters that change how the rest is read: controls, and marks of text direction.

    >>> legible("parakstits\u202efdp.exe")
    'parakstitsfdp.exe'
    """
    return "".join(one for one in text if unicodedata.category(one) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})


def _spoken(key: str, value: str, language: str) -> str:
    if key == "file" and not value:
        return _WHOLE_DOCUMENT.get(language, _WHOLE_DOCUMENT["en"])
    try:
        if key in _SPANS:
            return _span(float(value) * _SPANS[key], language)
        if _DAY.fullmatch(value):
            return _day(date.fromisoformat(value), language)
        if _MOMENT.fullmatch(value):
            return _moment(datetime.fromisoformat(value), language)
    except (ValueError, OverflowError):
        pass  # no number, no day of the calendar: shown as it was said
    return legible(value)


def _day(day: date, language: str) -> str:
    return f"{day:%d.%m.%Y}." if language == "lv" else f"{day:%d.%m.%Y}"


def _moment(moment: datetime, language: str) -> str:
    zone = current_wording().zone
    local = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(zone)
    clock = f"plkst. {local:%H.%M}" if language == "lv" else f"at {local:%H:%M}"
    return f"{_day(local, language)} {clock}{' UTC' if zone is UTC else ''}"


def _span(seconds: float, language: str) -> str:
    if 0 <= seconds < 1:
        return _LESS_THAN_A_SECOND.get(language, _LESS_THAN_A_SECOND["en"])
    unit = max(size for size in _UNITS if size == 1 or seconds >= size * _SHORT_OF)
    count = round(seconds / unit)
    latvian, english = _UNITS[unit]
    if language == "lv":
        return f"{count} {latvian[count % 10 != 1 or count % 100 == _TEEN]}"  # 1, 21, 31 … but not 11
    return f"{count} {english[count != 1]}"
