"""The fields that forms of all kinds share: texts, names of people, codes, addresses and days.

A group's answers come as a web form gives them, name to text or texts. What is checked is tidied, and every objection
stands at its field: the page shows them all at once and keeps what was typed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from iam import letters
from iam.keycloak.profile import EMAIL, GIVEN_NAME, SURNAME, ProfileRefusal, UserProfile
from iam.people.rules import BadCode, BadPersonalCode, codes_in, parse_personal_code
from workflows.application.facts import StatedPerson
from workflows.i18n import later
from workflows.mail import BadAddress, parse_address
from workflows.signed_forms.typesetting import replaced, without_glyph
from workflows.written_days import FURTHEST_LAST_DAY, BadDay, read_day

if TYPE_CHECKING:
    from datetime import date

__all__ = [
    "TOO_LONG",
    "Answers",
    "CheckedGroup",
    "FieldError",
    "Group",
    "Tidy",
    "answer_in",
    "person_in",
    "refused_by",
    "shortened",
]

Answers: TypeAlias = Mapping[str, str | Sequence[str]]
Tidy: TypeAlias = dict[str, str | list[str]]

_LONGEST = 200
_NUMBERS = frozenset({"personal_code", "phone", "place"})
_LONGEST_SHOWN = 40

_CODE_SENTENCES = {
    BadCode.EMPTY: later("Enter the personal code"),
    BadCode.SHAPE: later("A personal code has 11 digits, like 320000-12345"),
    BadCode.DATE: later("The personal code begins with a date that does not exist: check its first six digits"),
    BadCode.CENTURY: later("The seventh digit of this personal code must be 0, 1 or 2: check what you typed"),
    BadCode.CHECK_DIGIT: later("The personal code does not add up: one digit is wrong or two are exchanged"),
    BadCode.COUNTRY_NOT_SAID: later("A personal code has 11 digits, like 320000-12345"),
}

TOO_LONG = later("Shorten “%(field)s” to %(number)s characters: it has %(count)s")
"""Filled in with the field's name as the page shows it, how many characters it may have, and how many it has."""

_ATTRIBUTES = {"given_name": GIVEN_NAME, "surname": SURNAME, "email": EMAIL}
_REFUSALS = {
    "too_short": later("“%(field)s” needs at least %(number)s characters and has %(count)s"),
    "too_long": TOO_LONG,
    "local_too_long": later("Shorten “%(field)s” to %(number)s characters before the @ sign: it has %(count)s there"),
    "letters": later("Remove “%(letters)s”: an account cannot contain it"),
    "pattern": later("Write this differently: the ministry's rules for accounts do not allow it"),
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """One objection to one field. `text` is the catalogue's English sentence, filled in with `params`.

    Whoever shows it fills in `field` too: what the form calls the field.
    """

    field: str
    code: str
    text: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CheckedGroup:
    """A group after the check: tidied answers, and every objection."""

    answers: Tidy
    errors: tuple[FieldError, ...]

    def __bool__(self) -> bool:
        return not self.errors


class Group:
    """Collects tidied answers and objections while a group of fields is read."""

    def __init__(self, given: Answers) -> None:
        self._given = given
        self.answers: Tidy = {}
        self.errors: list[FieldError] = []

    def text(self, name: str) -> str:
        """Read a text, tidied; objects to letters that no form can print."""
        value = self._given.get(name, "")
        if not isinstance(value, str):
            value = value[0] if value else ""
        tidy = replaced(unicodedata.normalize("NFC", letters.seen(value)))
        self.answers[name] = tidy
        if (foreign := without_glyph(tidy)) and not any(one.code == f"{name}.letters" for one in self.errors):
            # No form could be made with it, and nobody would learn why.
            sentence = later("Remove “%(letters)s”: it cannot be printed on the form")
            self.object(name, f"{name}.letters", sentence, letters=foreign[:_LONGEST_SHOWN])
        if name not in _NUMBERS and codes_in(tidy):
            # It would be printed, mailed and listed unmasked.
            self.object(name, f"{name}.personal-code", later("Leave out the personal code: it does not belong here"))
        return tidy

    def lines(self, name: str) -> list[str]:
        """Read a field of many lines: as typed, without what is not seen; a list is a line for each."""
        value = self._given.get(name, "")
        typed = value.splitlines() if isinstance(value, str) else list(value)
        return [letters.seen(line) for line in typed]

    def object(self, name: str, why: str, text: str, **params: str) -> None:
        """Object to a field: `why` is the code of the objection, `text` the sentence with its `params`."""
        self.errors.append(FieldError(name, why, text, params))

    def needed(self, name: str, text: str, *, longest: int = _LONGEST) -> str:
        """Read a text that must be there; `text` says what is missing."""
        value = self.text(name)
        if not value:
            self.object(name, f"{name}.missing", text)
        elif len(value) > longest:
            self.too_long(name, value, longest)
        return value

    def short(self, name: str) -> str:
        """Read a text that may be left out, and is no longer than others."""
        value = self.text(name)
        if len(value) > _LONGEST:
            self.too_long(name, value, _LONGEST)
        return value

    def too_long(self, name: str, value: str, longest: int) -> None:
        """Object to a text of more than `longest` characters."""
        self.object(name, f"{name}.too-long", TOO_LONG, number=str(longest), count=str(len(value)))

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

    def person(self, *, given_name: str, surname: str, position: str) -> None:
        """Read a person: name, code, position and e-mail; the texts say what is missing."""
        self.name("given_name", given_name)
        self.name("surname", surname)
        self.code()
        self.needed("position", position)
        self.email()

    def code(self) -> None:
        """Read a personal code, as people write it."""
        try:
            code = parse_personal_code(self.text("personal_code"))
        except BadPersonalCode as refused:
            self.object("personal_code", f"personal-code.{refused.reason}", _CODE_SENTENCES[refused.reason])
            return
        self.answers["personal_code"] = code.written

    def email(self) -> None:
        """Read an e-mail address."""
        email = self.needed("email", later("Enter the e-mail address"))
        if not email or any(one.code == "email.too-long" for one in self.errors):
            return
        try:
            self.answers["email"] = parse_address(email)
        except BadAddress:
            self.object("email", "email.shape", later("Enter an e-mail address, like name@school.lv"))

    def day(self, name: str, missing: str, *, needed: bool) -> date | None:
        """Read a day as one field (ISO or dd.mm.yyyy.) or as three (`NAME-day`, `NAME-month`, `NAME-year`)."""
        text = self.text(name)
        if not text:
            parts = [self.text(f"{name}-{part}") for part in ("day", "month", "year")]
            for part in ("day", "month", "year"):
                del self.answers[f"{name}-{part}"]
            text = ".".join(parts) if any(parts) else ""
        try:
            day = read_day(text)
        except BadDay as bad:
            self.answers[name] = text
            self.object(name, f"{name}.no-such-day", bad.sentence)
            return None
        if day is not None:
            self.answers[name] = day.isoformat()
        elif needed:
            self.object(name, f"{name}.missing", missing)
        return day

    def last_day(self, name: str, day: date, *, on: date) -> None:
        """Object to a last day that is mistyped for certain: one more than five years off."""
        furthest = on + FURTHEST_LAST_DAY
        if day > furthest:
            sentence = later("The last day can be %(day)s at the latest: check the year")
            self.object(name, f"{name}.far", sentence, day=f"{furthest:%d.%m.%Y}")

    def checked(self) -> CheckedGroup:
        """Return what was read."""
        return CheckedGroup(self.answers, tuple(self.errors))


def refused_by(profile: UserProfile, answers: Answers) -> tuple[FieldError, ...]:
    """Object to names and addresses that the profile of the realm refuses: no account could be made with them."""
    asked = {attribute: answers.get(name, "") for name, attribute in _ATTRIBUTES.items()}
    refusals = profile.refusals({name: text for name, text in asked.items() if isinstance(text, str) and text})
    fields = {attribute: name for name, attribute in _ATTRIBUTES.items()}
    return tuple(_refusal(fields[one.attribute], one, str(asked[one.attribute])) for one in refusals)


def _refusal(name: str, refused: ProfileRefusal, value: str) -> FieldError:
    said = {"letters": refused.letters[:_LONGEST_SHOWN]} if refused.rule == "letters" else {}
    if refused.number:
        counted = value.partition("@")[0] if refused.rule == "local_too_long" else value
        said = {"number": str(refused.number), "count": str(len(counted))}
    return FieldError(name, f"{name}.account-{refused.rule.replace('_', '-')}", _REFUSALS[refused.rule], said)


def answer_in(answers: Answers, name: str) -> str:
    """Give one answer as a text; "" where there is none, or several."""
    value = answers.get(name, "")
    return value if isinstance(value, str) else ""


def person_in(answers: Answers) -> StatedPerson:
    """Give the person whom the answers name; what was not asked for stays empty."""
    asked = ("given_name", "surname", "personal_code", "position", "email", "phone")
    return StatedPerson(**{name: answer_in(answers, name) for name in asked})


def shortened(text: str) -> str:
    """Give a text as an objection shows it."""
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
