"""Institutions that a form names by their numbers, a line each: read, found, and held against who applies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iam.errors import Unknown
from iam.ids import MunicipalityId
from iam.institutions import service as institutions
from iam.institutions.models import ScopeKind
from iam.orders.unfounded import never_came
from workflows.application import repository
from workflows.application.fields import FieldError, answer_in, shortened
from workflows.application.places import place
from workflows.i18n import later
from workflows.signed_forms.typesetting import without_glyph

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from workflows.application.facts import Place
    from workflows.application.fields import Answers, Group

__all__ = [
    "MOST_PLACES",
    "applies_for",
    "goes_beyond_institutions",
    "known_in",
    "names_others",
    "places_in",
    "read_places",
    "stated_places",
    "unprintable_in",
]

MOST_PLACES = 60
"""More institutions than this on one form are a municipality's right, not a list."""

_MOST_LINES_TOLD = 5
_REGISTER_NUMBER = 10
_NUMBER = re.compile(r"[0-9]{10}")


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


def names_others(answers: Mapping[str, Answers]) -> bool:
    """Say whether whoever applies may name other places; what was typed before is asked for again, to be corrected.

    An institution has none under it.
    """
    applicant = answer_in(answers.get("institution", {}), "place").strip().lower()
    of_one = applicant.startswith("i-") or _NUMBER.fullmatch(applicant) is not None
    return not of_one or bool(answers.get("scope", {}).get("places"))


def read_places(group: Group, known: frozenset[str], *, too_many: str) -> None:
    """Read the field `places`, and object to each line that names none of those `known`.

    `too_many` says, with `%(most)s`, what to do about more than a form names.
    """
    typed = group.lines("places")
    named = places_in(typed)
    more = len(named) > MOST_PLACES
    # Of too many none is looked up: whoever asks what exists is spared thousands of questions.
    unknown = [] if more else [(number, text) for number, text in named if text not in known]
    for number, text in unknown[:_MOST_LINES_TOLD]:
        sentence = later("Line %(line)s: there is no institution with the number “%(typed)s”; it has 10 digits")
        group.object("places", "places.unknown", sentence, line=str(number), typed=shortened(text))
    if len(unknown) > _MOST_LINES_TOLD:
        sentence = later("There are %(count)s more lines like this")
        group.object("places", "places.unknown", sentence, count=str(len(unknown) - _MOST_LINES_TOLD))
    if more:
        group.object("places", "places.too-many", too_many, most=str(MOST_PLACES))
    # What was wrong stays as it was typed: the lines are counted in that.
    wrong = more or unknown
    group.answers["places"] = list(typed) if wrong else list(dict.fromkeys(text for _, text in named))


def known_in(session: Session, given: Answers, *, on: date) -> frozenset[str]:
    """Say which of the places that a step's answers name exist on the day, by the code or number typed."""
    places = given.get("places", "")
    named = places_in(places.splitlines() if isinstance(places, str) else places)
    codes = [given.get("place", ""), *(text for _, text in named if len(named) <= MOST_PLACES)]
    return frozenset(code.strip() for code in codes if isinstance(code, str) and _exists(session, code, on))


def stated_places(session: Session, answers: Answers, applicant: Place, *, on: date) -> tuple[Place, ...]:
    """Name the places that were typed, each once; the applicant where there are none.

    A number and its longer form mean one place.
    """
    typed = answers.get("places", ())
    codes = [typed] if isinstance(typed, str) else typed
    return tuple(dict.fromkeys(place(session, code, on=on) for code in codes if code)) or (applicant,)


def applies_for(session: Session, applicant: Place, scope: Sequence[Place], *, on: date) -> bool:
    """Say whether the applicant has a say over all of these: itself, and for a municipality its own institutions.

    The state has over all.
    """
    match applicant.kind:
        case ScopeKind.STATE:
            return True
        case ScopeKind.INSTITUTION:
            own = {applicant.code}
        case ScopeKind.MUNICIPALITY:
            members = institutions.institutions_in(session, MunicipalityId(int(applicant.code)), on=on)
            own = {applicant.code, *repository.reg_nos(session, members)}
    return all(one.code in own for one in scope)


def goes_beyond_institutions(places: Sequence[Place]) -> bool:
    """Say whether one of the places is a municipality or the state: two people decide on what it applies for."""
    return any(place.kind is not ScopeKind.INSTITUTION for place in places)


def unprintable_in(places: Sequence[Place]) -> tuple[FieldError, ...]:
    """Object to what the register writes in letters that no form can print."""
    if not (foreign := without_glyph("".join(f"{one.name}{one.municipality}" for one in places))):
        return ()
    sentence = later("The register writes a name with “%(letters)s”, which no form can print: write to viis@izm.gov.lv")
    return (FieldError("place", "place.letters", sentence, {"letters": foreign}),)


def _exists(session: Session, code: str, day: date) -> bool:
    try:
        scope = institutions.scope_by_code(session, code)
    except Unknown:
        return False
    last = institutions.last_day_of(scope)
    return (last is None or last >= day) and not never_came(session, scope)
