"""Times, each read exactly by the grammar of the place it stands in; with fewer digits than that it is no time.

A second of 60 is refused everywhere: `datetime` cannot hold it, and any other second would be another time. Fractions
finer than a microsecond are cut off.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signing.asn1.tlv import Tlv

__all__ = ["asn1_time", "pdf_date", "stamp_time", "xsd_date_time"]

_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18
_CENTURY_TURNS = 50  # RFC 5280 §4.1.2.5.1
_ZONE = r"(?P<zone>Z|[+-][0-9]{4})"
_UTC_TEXT = re.compile(rf"([0-9]{{2}})([0-9]{{2}})([0-9]{{2}})([0-9]{{2}})([0-9]{{2}})([0-9]{{2}})?{_ZONE}")
_GENERALIZED_TEXT = re.compile(
    rf"([0-9]{{4}})([0-9]{{2}})([0-9]{{2}})([0-9]{{2}})([0-9]{{2}})(?:([0-9]{{2}})(?:[.,](?P<part>[0-9]+))?)?{_ZONE}"
)
_STAMP_TEXT = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})(?:\.(?P<part>[0-9]+))?(?P<zone>Z)"
)
_XSD_TEXT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.(?P<part>[0-9]+))?"
    r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?"
)
_PDF_TEXT = re.compile(
    r"(?:D:)?([0-9]{4})(?:([0-9]{2})(?:([0-9]{2})(?:([0-9]{2})(?:([0-9]{2})(?:([0-9]{2})"
    r"(?P<zone>Z(?:00'?(?:00'?)?)?|[+-][0-9]{2}(?:'(?:[0-9]{2}'?)?|[0-9]{2})?)?)?)?)?)?)?"
)
_XSD_SPACES = " \t\r\n"
_FARTHEST = 14 * 60  # minutes from UTC (XML Schema 1.1 part 2 §3.3.7.2)
_END_OF_DAY = 24


def asn1_time(element: Tlv) -> datetime:
    r"""Return a UTCTime or GeneralizedTime as certificates, answers and attributes hold them; raises `ValueError`.

    RFC 5280 §4.1.2.5 asks for seconds and Z and for no fraction. X.680 §46 and §47 allow more, and where that has one
    meaning it is read: without seconds, with an offset, with a fraction of the second. Local time has none.

    >>> from signing.asn1.tlv import read
    >>> asn1_time(read(b"\x17\x0b2603021000Z")[0])
    datetime.datetime(2026, 3, 2, 10, 0, tzinfo=datetime.timezone.utc)
    """
    if element.tag == _UTC_TIME and (found := _UTC_TEXT.fullmatch(_text(element))) is not None:
        year = int(found[1])
        return _moment(found, year + (1900 if year >= _CENTURY_TURNS else 2000))
    if element.tag == _GENERALIZED_TIME and (found := _GENERALIZED_TEXT.fullmatch(_text(element))) is not None:
        return _moment(found, int(found[1]))
    raise ValueError("not a time")


def stamp_time(element: Tlv) -> datetime:
    """Return the genTime of a time stamp: down to the second, in UTC, with a point before a fraction (RFC 3161 §2.4.2).

    Raises `ValueError` for anything else: what a stamp proves is its time.
    """
    found = _STAMP_TEXT.fullmatch(_text(element)) if element.tag == _GENERALIZED_TIME else None
    if found is None:
        raise ValueError("not the time of a time stamp")
    return _moment(found, int(found[1]))


def xsd_date_time(text: str) -> datetime:
    """Return an xsd:dateTime (XML Schema part 2 §3.2.7) in UTC; one without a zone is taken for UTC.

    Raises `ValueError` for anything else, also for a date alone.

    >>> xsd_date_time("2026-03-02T12:00:00+02:00")
    datetime.datetime(2026, 3, 2, 10, 0, tzinfo=datetime.timezone.utc)
    """
    found = _XSD_TEXT.fullmatch(text.strip(_XSD_SPACES))
    if found is None:
        raise ValueError("not an xsd:dateTime")
    if int(found[4]) != _END_OF_DAY:
        return _moment(found, int(found[1]))
    if int(found[5]) or int(found[6]) or int(found["part"] or 0):
        raise ValueError("a moment after the end of the day")
    midnight = datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC)
    return _shifted(midnight, timedelta(days=1) - _offset(found["zone"]))


def pdf_date(text: str) -> datetime:
    """Return a date as PDF writes it (ISO 32000-2 §7.9.4) in UTC; what is left out has its default there.

    Raises `ValueError` for anything else. Without a zone it is taken for UTC.

    >>> pdf_date("D:20260302120000+02'00'")
    datetime.datetime(2026, 3, 2, 10, 0, tzinfo=datetime.timezone.utc)
    """
    found = _PDF_TEXT.fullmatch(text)
    if found is None:
        raise ValueError("not a date of a PDF")
    year, month, day, hour, minute, second = (found[number] for number in range(1, 7))
    moment = datetime(
        int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC
    )
    return _shifted(moment, -_offset(found["zone"]))


def _text(element: Tlv) -> str:
    return element.content.decode("ascii")


def _moment(found: re.Match[str], year: int) -> datetime:
    """Build the moment; raises `ValueError` for a day, hour, minute or second that does not exist."""
    micro = int(((found.groupdict().get("part") or "") + "000000")[:6])
    moment = datetime(
        year, int(found[2]), int(found[3]), int(found[4]), int(found[5]), int(found[6] or 0), micro, tzinfo=UTC
    )
    return _shifted(moment, -_offset(found["zone"]))


def _shifted(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError as error:
        raise ValueError("a moment before the year 1 or after the year 9999") from error


def _offset(zone: str | None) -> timedelta:
    if not zone or zone.startswith("Z"):
        return timedelta(0)
    digits = "".join(character for character in zone[1:] if character.isdigit()).ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if minutes >= 60 or hours * 60 + minutes > _FARTHEST:  # noqa: PLR2004 - minutes of an hour
        raise ValueError("an offset no zone has")
    far = timedelta(hours=hours, minutes=minutes)
    return -far if zone[0] == "-" else far
