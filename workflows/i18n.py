"""How does a sentence written in English reach a person in Latvian?

Message ids are English; the catalogues stand in ``workflows/translations``. Latvian is the default and complete,
English is second and complete too, so that a missing sentence is a failed check, not a surprise on a page.
Times are kept in UTC and shown as people in Latvia read them (Europe/Riga).
"""

import datetime as dt
import re
from enum import StrEnum
from functools import cache, lru_cache
from gettext import GNUTranslations
from pathlib import Path

from babel.dates import format_date
from babel.numbers import format_decimal
from markupsafe import Markup

from iam.periods import RIGA

__all__ = ["Language", "Words", "later", "translator"]

_CATALOGUES = Path(__file__).parent / "translations"
_SENTENCES = 8192  # of both catalogues, with room

# What is counted, by the beginnings of its words in both languages.
_UNITS = (
    *(r"[kM]?B\b", "darba ", "darbdien", "dien", "gad", "mēne", "minūt", "nedēļ", "sekun", "stund"),
    *("burt", "cipar", "pikse", "rakstzīm", "working ", "day", "year", "month", "minute", "week", "second", "hour"),
    *("letter", "digit", "pixel", "character"),
)
_MONTHS = (
    *("janvār", "februār", "mart", "aprīl", "maij", "jūnij", "jūlij", "august", "septembr", "oktobr", "novembr"),
    *("decembr", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
    *("November", "December"),
)
# A number and what it counts, a day and its month, "Nr." or a street and its number are read as one.
_TIED = re.compile(
    rf"(?:(?<=\)s)|(?<=\d)|(?<=\d\.)) (?={'|'.join(_UNITS)})|(?:(?<=\d)|(?<=\d\.)) (?={'|'.join(_MONTHS)})"
    r"|(?<=\bNr\.) (?=\d)|(?<=\bNo) (?=\d)|(?<=\d) (?=\d)|(?<=\biela) (?=\d)"
)


class Language(StrEnum):
    """The two languages everything is said in."""

    LV = "lv"
    EN = "en"

    @classmethod
    def parse(cls, text: str | None) -> "Language | None":
        """Return the language called `text`, None for anything else.

        >>> Language.parse("en"), Language.parse("klingon")
        (<Language.EN: 'en'>, None)
        """
        return next((language for language in cls if language.value == text), None)


class Words:
    r"""The sentences, dates and sizes of one language.

    >>> words = translator("lv")
    >>> words.date(dt.date(2026, 11, 4)), words.day_in_text(dt.date(2026, 11, 4))
    ('04.11.2026.', '2026.\xa0gada 4.\xa0novembrī')
    """

    def __init__(self, language: Language, catalogue: GNUTranslations) -> None:
        self.language = language
        self._catalogue = catalogue

    def __call__(self, message: str, **params: object) -> str:
        """Return `message` in this language with ``%(name)s`` filled in."""
        return _fill(_tied(self._catalogue.gettext(message)), params)

    def gettext(self, message: str, **params: object) -> str:
        """Return the same as a call: the name the gettext world knows."""
        return self(message, **params)

    def plural(self, singular: str, plural: str, n: int, /, **params: object) -> str:
        """Return the form for `n`, with ``%(n)s`` filled in beside `params`."""
        return _fill(_tied(self._catalogue.ngettext(singular, plural, n)), {"n": n, **params})

    def html(self, message: str, **params: object) -> Markup:
        """Return `message` for a page: the sentence is ours, so it may carry markup; what is filled in is escaped."""
        text = _marked(self._catalogue.gettext(message))
        return text % params if params else text

    def unbroken(self, text: str) -> str:
        """Return a text that is none of our sentences, with what belongs together on one line."""
        return _tied(text)

    def date(self, day: dt.date) -> str:
        """Return `day` as tables show it, ``dd.MM.yyyy.``; a moment counts by the calendar of Riga.

        By hand, for CLDR's short form has two digits of the year. English has no full stop: at the end of a sentence
        there would be two.
        """
        local = _in_riga(day)
        return f"{local:%d.%m.%Y}." if self.language is Language.LV else f"{local:%d.%m.%Y}"

    def moment(self, moment: dt.datetime) -> str:
        """Return `moment` to the minute, in Riga's time: ``24.11.2026. plkst. 14.05``, ``24.11.2026 at 14:05``.

        One form everywhere, in tables and sentences; "plkst." stays on the line of its time.
        """
        return self._clock(moment, "%H.%M" if self.language is Language.LV else "%H:%M")

    def second(self, moment: dt.datetime) -> str:
        """Return `moment` to the second, where the order of two things matters."""
        return self._clock(moment, "%H.%M.%S" if self.language is Language.LV else "%H:%M:%S")

    def _clock(self, moment: dt.datetime, form: str) -> str:
        sign = "plkst." if self.language is Language.LV else "at"
        return f"{self.date(moment)} {sign}\N{NO-BREAK SPACE}{moment.astimezone(RIGA):{form}}"

    def day_in_text(self, day: dt.date) -> str:
        """Return `day` as it stands in a running sentence ("on …", in Latvian the locative)."""
        local = _in_riga(day)
        match self.language:
            case Language.LV:
                # CLDR has the months in the nominative alone: "novembris" becomes "novembrī", "marts" "martā".
                month = format_date(local, "MMMM", locale="lv")
                locative = f"{month[:-2]}ī" if month.endswith("is") else f"{month[:-1]}ā"
                return _tied(f"{local.year}. gada {local.day}. {locative}")
            case Language.EN:
                return _tied(format_date(local, "long", locale="en_GB"))

    def decimal(self, number: float) -> str:
        """Return a number with one decimal place: ``1,4`` in Latvian, ``1.4`` in English."""
        return format_decimal(number, "0.0", locale=self.language.value)

    def size(self, size: int) -> str:
        """Return a file's size for people: ``1,4 MB`` in Latvian, ``1.4 MB`` in English."""
        kilo = 1024
        if size < kilo:
            return _tied(f"{size} B")
        large = f"{size / kilo:.0f} kB" if size < kilo * kilo else f"{self.decimal(size / kilo / kilo)} MB"
        return _tied(large)


@cache
def translator(language: str) -> Words:
    """Return the words of `language` ("lv" or "en"); anything else gets Latvian, the default."""
    known = Language.parse(language) or Language.LV
    with (_CATALOGUES / known / "LC_MESSAGES" / "messages.mo").open("rb") as catalogue:
        return Words(known, GNUTranslations(catalogue))


def later(message: str) -> str:
    """Mark `message` for the catalogues where it is defined; it is translated where it is shown.

    >>> later("Approved")
    'Approved'
    """
    return message


def _in_riga(day: dt.date) -> dt.date:
    return day.astimezone(RIGA).date() if isinstance(day, dt.datetime) else day


@lru_cache(maxsize=_SENTENCES)
def _tied(text: str) -> str:
    r"""Put no-break spaces where a line must not end (UAX #14): the two sides say nothing apart.

    >>> _tied("līdz 10 MB; 2026. gada 1. decembrī, 5 darba dienas").split(" ")
    ['līdz', '10\xa0MB;', '2026.\xa0gada', '1.\xa0decembrī,', '5\xa0darba', 'dienas']
    """
    return _TIED.sub("\N{NO-BREAK SPACE}", text)


@lru_cache(maxsize=_SENTENCES)
def _marked(text: str) -> Markup:
    return Markup(_tied(text))  # noqa: S704 - a sentence of our own catalogue


def _fill(text: str, params: dict[str, object]) -> str:
    return text % params if params else text
