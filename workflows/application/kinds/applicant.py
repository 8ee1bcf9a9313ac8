"""What every kind by which an institution applies asks and shows alike: which institution, and who signs for it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from iam.institutions.models import ScopeKind
from workflows.application.kinds.filling import Input, PlaceSearch, StepPage, Text
from workflows.application.kinds.kind import RoleName
from workflows.application.places import place
from workflows.application.states import Party
from workflows.i18n import later
from workflows.proposals.content import data, say

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy.orm import Session

    from workflows.application.facts import Place
    from workflows.application.fields import Answers, Group
    from workflows.proposals.content import FactText
    from workflows.signed_forms.typesetting import Json

__all__ = [
    "HEAD",
    "INSTITUTION",
    "ROLES",
    "head_page",
    "institution_page",
    "named",
    "named_with_number",
    "names_asked",
    "person_asked",
    "printed",
    "read_head",
    "read_institution",
]

INSTITUTION = later("Institution")
HEAD = later("The head")
"""What their steps and cards are called."""

ROLES: Mapping[str, RoleName] = {
    Party.HEAD: RoleName(HEAD, later("the head")),
    Party.USER: RoleName(later("The user"), later("the user")),
}
"""What the two people are called: who signs for the institution, and whose rights it is about."""

# The forms are in Latvian only. These words are part of the signed text, so they stand outside the catalogue.
_CODE_LABELS = {
    ScopeKind.INSTITUTION: "Reģistra numurs",
    ScopeKind.MUNICIPALITY: "Pašvaldības numurs",
    ScopeKind.STATE: "Numurs",
}


def institution_page() -> StepPage:
    """Ask who applies; the answer is `place`."""
    return StepPage(heading=say(later("Which institution applies?")), fields=(PlaceSearch("place"),))


def head_page(session: Session, answers: Mapping[str, Answers], *, on: date) -> StepPage:
    """Ask who signs for the institution that was answered before."""
    institution = place(session, str(answers.get("institution", {}).get("place", "s")), on=on).name
    lead = later("The person who signs the application: the head, or whoever may sign for %(institution)s.")
    position = later("For example: principal, acting principal, executive director")
    return StepPage(
        heading=say(HEAD),
        lead=say(lead, institution=institution),
        fields=person_asked(position, later("The link for signing is sent there.")),
    )


def names_asked(code: str) -> tuple[Text, ...]:
    """Ask for the name and the personal code of somebody; the argument is the hint at the code, marked by `later`."""
    return (
        Text("given_name", say(later("Given name")), input=Input.NAME),
        Text("surname", say(later("Surname")), input=Input.NAME),
        Text("personal_code", say(later("Personal code")), say(code), Input.CODE),
    )


def person_asked(position: str, email: str) -> tuple[Text, ...]:
    """Ask for a person who signs; the arguments are hints, marked by `later`."""
    code = later("11 digits, with or without the hyphen. It must be the code in the signing certificate.")
    return (
        *names_asked(code),
        Text("position", say(later("Position")), say(position)),
        Text("email", say(later("Work e-mail")), say(email), Input.EMAIL),
    )


def read_institution(group: Group, known: frozenset[str]) -> None:
    """Read who applies, among the places `known` by the codes that were typed."""
    code = group.needed("place", later("Choose the institution or municipality"))
    if code and code not in known:
        group.object("place", "place.unknown", later("Choose the institution from the list: this number is not there"))


def read_head(group: Group) -> None:
    """Read who signs for the institution."""
    group.person(
        given_name=later("Enter the head's given name"),
        surname=later("Enter the head's surname"),
        position=later("Enter the head's position"),
    )


def named(applicant: Place) -> tuple[FactText, ...]:
    """Name who applies, as lines of a card."""
    if applicant.kind is not ScopeKind.INSTITUTION:
        return (data(applicant.name),)
    number = later("No %(number)s, %(municipality)s")
    return (data(applicant.name), say(number, number=applicant.code, municipality=applicant.municipality))


def named_with_number(place: Place) -> str:
    """Name a place, with its number where it is an institution."""
    numbered = place.code and place.kind is ScopeKind.INSTITUTION
    return f"{place.name} ({place.code})" if numbered else place.name


def printed(place: Place) -> dict[str, Json]:
    """Give a place as the templates of forms print it."""
    return {**asdict(place), "code_label": _CODE_LABELS[place.kind]}
