"""What a filled-in form must say, group by group. Pure: what the register knows is handed in.

A group's answers come as a web form gives them, name to text or texts. `check_group` returns the tidied answers and
every objection, each at its field: the page shows them all at once and keeps what was typed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

from iam import letters
from iam.grants.models import Level
from iam.people.rules import BadCode, BadPersonalCode, parse_personal_code
from workflows.application.forms import replaced, without_glyph
from workflows.application.stated import Basis, ScopeLevel
from workflows.i18n import later
from workflows.mail import BadAddress, parse_address

__all__ = ["GROUPS", "MOST_PLACES", "Answers", "Catalogue", "Checked", "FieldError", "check_group", "places_in"]

Answers: TypeAlias = Mapping[str, str | Sequence[str]]
Tidy: TypeAlias = dict[str, str | list[str]]

GROUPS = ("institution", "head", "user", "scope", "dates", "why")
"""The groups in the order people meet them."""

MOST_PLACES = 60
"""More institutions than this on one form are a municipality's right, not a list."""

_LONGEST = 200
_LONGEST_SHOWN = 40
_MOST_LINES_TOLD = 5
_REGISTER_NUMBER = 10
_LONGEST_REASON = 500
_PHONE = re.compile(r"\+?[0-9][0-9 ()/-]{5,24}")
_DAY = re.compile(r"(?P<day>\d{1,2})[./ -]+(?P<month>\d{1,2})[./ -]+(?P<year>\d{4})\.?")
_EARLIEST_START = timedelta(days=31)
_LATEST_START = timedelta(days=366)

_CODE_SENTENCES = {
    BadCode.EMPTY: later("Enter the personal code"),
    BadCode.SHAPE: later("A personal code has 11 digits, like 320000-12345"),
    BadCode.DATE: later("The personal code begins with a date that does not exist: check its first six digits"),
    BadCode.CENTURY: later("The seventh digit of this personal code must be 0, 1 or 2: check what you typed"),
    BadCode.CHECK_DIGIT: later("The personal code does not add up: one digit is wrong or two are exchanged"),
    BadCode.COUNTRY_NOT_SAID: later("A personal code has 11 digits, like 320000-12345"),
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """One objection to one field. `text` is the catalogue's English sentence, filled in with `params`."""

    field: str
    code: str
    text: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What exists on the day: section codes, and the codes of places that could be found."""

    sections: frozenset[str]
    places: frozenset[str]


@dataclass(frozen=True, slots=True)
class Checked:
    """A group after the check: tidied answers, and every objection."""

    answers: Tidy
    errors: tuple[FieldError, ...]

    def __bool__(self) -> bool:
        return not self.errors


class _Group:
    """Collects answers and objections while a group is read."""

    def __init__(self, given: Answers) -> None:
        self._given = given
        self.answers: Tidy = {}
        self.errors: list[FieldError] = []

    def text(self, name: str) -> str:
        value = self._given.get(name, "")
        if not isinstance(value, str):
            value = value[0] if value else ""
        tidy = replaced(unicodedata.normalize("NFC", letters.seen(value)))
        self.answers[name] = tidy
        if (foreign := without_glyph(tidy)) and not any(one.code == f"{name}.letters" for one in self.errors):
            # No form could be made with it, and nobody would learn why.
            sentence = later("Write this without “%(letters)s”: the typeface of the form does not have it")
            self.object(name, f"{name}.letters", sentence, letters=foreign[:_LONGEST_SHOWN])
        return tidy

    def lines(self, name: str) -> list[str]:
        """Read a field of many lines: as typed, without what is not seen; a list is a line for each."""
        value = self._given.get(name, "")
        typed = value.splitlines() if isinstance(value, str) else list(value)
        return [letters.seen(line) for line in typed]

    def object(self, name: str, why: str, text: str, **params: str) -> None:
        self.errors.append(FieldError(name, why, text, params))

    def needed(self, name: str, text: str, *, longest: int = _LONGEST) -> str:
        value = self.text(name)
        if not value:
            self.object(name, f"{name}.missing", text)
        elif len(value) > longest:
            self.object(name, f"{name}.too-long", later("Use at most %(longest)s characters"), longest=str(longest))
        return value

    def name(self, name: str, text: str) -> None:
        """Read a name of a person, in letters that are what they look like (UTS #39)."""
        value = unicodedata.normalize("NFKC", self.needed(name, text))
        self.answers[name] = value
        told = any(one.code == f"{name}.letters" for one in self.errors)
        if value and not told and not letters.is_name(value):
            sentence = later(
                "Write the name in letters of one alphabet, with spaces, hyphens, apostrophes or full stops"
            )
            self.object(name, f"{name}.letters", sentence)

    def checked(self) -> Checked:
        return Checked(self.answers, tuple(self.errors))


def places_in(lines: Sequence[str]) -> tuple[tuple[int, str], ...]:
    """Read numbers of institutions from lines, a number a line or several with commas; each with its line's number.

    A line that is no list of numbers (a name, say) is one text as a whole, to be shown as what it is.

    >>> places_in(["4013900001", "", "4013 900 002", "4013900003, 4013900004", "Rīgas 10. pamatskola"])[1:]
    ((3, '4013900002'), (4, '4013900003'), (4, '4013900004'), (5, 'Rīgas 10. pamatskola'))
    """
    found: list[tuple[int, str]] = []
    for number, line in enumerate(lines, 1):
        parts = [part for part in re.split(r"[\s,;]+", line) if part]
        digits = "".join(parts).replace("-", "")
        if len(parts) > 1 and len(digits) == _REGISTER_NUMBER and digits.isdecimal():
            parts = [digits]
        elif not all(any(letter.isdigit() for letter in part) for part in parts):
            parts = [line.strip()]
        found += [(number, part) for part in parts]
    return tuple(found)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def check_group(name: str, given: Answers, *, catalogue: Catalogue, on: date) -> Checked:
    """Check one group of GROUPS as filled in on that day; raises KeyError for any other name."""
    group = _Group(given)
    match name:
        case "institution":
            _institution(group, catalogue)
        case "head":
            _head(group)
        case "user":
            _user(group)
        case "scope":
            _scope(group, catalogue)
        case "dates":
            _dates(group, on)
        case "why":
            _why(group)
        case _:
            raise KeyError(name)
    return group.checked()


def _institution(group: _Group, catalogue: Catalogue) -> None:
    code = group.needed("place", later("Choose the institution or municipality"))
    if code and code not in catalogue.places:
        group.object("place", "place.unknown", later("Choose the institution from the list: this number is not there"))


def _head(group: _Group) -> None:
    group.name("given_name", later("Enter the head's given name"))
    group.name("surname", later("Enter the head's surname"))
    _code(group)
    group.needed("position", later("Enter the head's position"))
    _email(group)


def _user(group: _Group) -> None:
    # A head who is the user has said name, code, position and e-mail already.
    if group.text("head_is_user") not in {"yes", "no"}:
        # The fields of another employee are shown once that is chosen: nothing is asked in them before.
        group.object("head_is_user", "head_is_user.missing", later("Choose who will work with VIIS"))
        for unasked in ("given_name", "surname", "personal_code", "position", "email"):
            group.text(unasked)
    elif group.text("head_is_user") == "no":
        group.name("given_name", later("Enter the user's given name"))
        group.name("surname", later("Enter the user's surname"))
        _code(group)
        group.needed("position", later("Enter the user's position"))
        _email(group)
    phone = group.text("phone")
    if phone and not _PHONE.fullmatch(phone):
        group.object("phone", "phone.shape", later("Enter a telephone number, like +371 20000000, or leave it empty"))


def _scope(group: _Group, catalogue: Catalogue) -> None:
    level = group.needed("level", later("Choose where the user will work with data"))
    if level and level not in set(ScopeLevel):
        group.object("level", "level.unknown", later("Choose one of the levels"))
    typed = group.lines("places")
    named = places_in(typed)
    too_many = len(named) > MOST_PLACES
    # Of too many none is looked up: whoever asks what exists is spared thousands of questions.
    unknown = [] if too_many else [(number, text) for number, text in named if text not in catalogue.places]
    for number, text in unknown[:_MOST_LINES_TOLD]:
        sentence = later("Line %(line)s: there is no institution with the number “%(typed)s”; it has 10 digits")
        group.object("places", "places.unknown", sentence, line=str(number), typed=_shortened(text))
    if len(unknown) > _MOST_LINES_TOLD:
        sentence = later("There are %(count)s more lines like this")
        group.object("places", "places.unknown", sentence, count=str(len(unknown) - _MOST_LINES_TOLD))
    if too_many:
        sentence = later("Name at most %(most)s institutions; ask for the municipality's level if there are more")
        group.object("places", "places.too-many", sentence, most=str(MOST_PLACES))
    # What was wrong stays as it was typed: the lines are counted in that.
    wrong = too_many or unknown
    group.answers["places"] = list(typed) if wrong else list(dict.fromkeys(text for _, text in named))
    chosen = 0
    for section in sorted(catalogue.sections):
        wish = group.text(f"section.{section}")
        if wish in set(Level):
            chosen += 1
        elif wish not in {"", "none"}:
            group.object(f"section.{section}", "section.level", later("Choose “No”, “View” or “Edit”"))
    if not chosen:
        group.object("sections", "sections.missing", later("Choose at least one section to view or edit"))


def _dates(group: _Group, on: date) -> None:
    since = _day(group, "since", later("Enter the day the rights begin"), needed=True)
    until = _day(group, "until", "", needed=False)
    if since and since < on - _EARLIEST_START:
        group.object("since", "since.past", later("The rights cannot begin more than a month ago"))
    if since and since > on + _LATEST_START:
        group.object("since", "since.far", later("The rights must begin within a year"))
    if since and until and until < since:
        group.object("until", "until.before-since", later("The last day cannot be before the first"))
    elif until and until < on:
        group.object("until", "until.past", later("The last day is already over"))


def _why(group: _Group) -> None:
    basis = group.needed("basis", later("Choose why the rights are needed"))
    if basis and basis not in set(Basis):
        group.object("basis", "basis.unknown", later("Choose one of the reasons"))
    if basis == Basis.REPLACES:
        group.needed("detail", later("Enter whom the user replaces"), longest=_LONGEST_REASON)
    elif len(group.text("detail")) > _LONGEST_REASON:
        sentence = later("Use at most %(longest)s characters")
        group.object("detail", "detail.too-long", sentence, longest=str(_LONGEST_REASON))


def _code(group: _Group) -> None:
    try:
        code = parse_personal_code(group.text("personal_code"))
    except BadPersonalCode as refused:
        group.object("personal_code", f"personal-code.{refused.reason}", _CODE_SENTENCES[refused.reason])
        return
    group.answers["personal_code"] = code.written


def _email(group: _Group) -> None:
    email = group.needed("email", later("Enter the e-mail address"))
    if not email:
        return
    try:
        group.answers["email"] = parse_address(email)
    except BadAddress:
        group.object("email", "email.shape", later("Enter an e-mail address, like name@school.lv"))


def _day(group: _Group, name: str, missing: str, *, needed: bool) -> date | None:
    """Read a day as one field (ISO or dd.mm.yyyy.) or as three (`NAME-day`, `NAME-month`, `NAME-year`)."""
    text = group.text(name)
    if not text:
        parts = [group.text(f"{name}-{part}") for part in ("day", "month", "year")]
        for part in ("day", "month", "year"):
            del group.answers[f"{name}-{part}"]
        text = ".".join(parts) if any(parts) else ""
    if not text:
        if needed:
            group.object(name, f"{name}.missing", missing)
        return None
    try:
        day = _read_day(text)
    except ValueError:
        group.answers[name] = text
        group.object(name, f"{name}.no-such-day", later("Enter a real date, like 01.12.2026."))
        return None
    group.answers[name] = day.isoformat()
    return day


def _read_day(text: str) -> date:
    if said := _DAY.fullmatch(text):
        return date(int(said["year"]), int(said["month"]), int(said["day"]))
    return date.fromisoformat(text)
