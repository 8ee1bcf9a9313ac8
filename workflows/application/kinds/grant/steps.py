"""The steps on which an application for a grant is filled in: which there are, and what each asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iam.grants.models import Level
from workflows.application.kinds.applicant import HEAD, INSTITUTION, head_page, institution_page, person_asked
from workflows.application.kinds.catalogue import catalogue_names
from workflows.application.kinds.filling import (
    NOTHING,
    Choice,
    ChoiceTable,
    Input,
    LongText,
    Option,
    Step,
    StepPage,
    Text,
)
from workflows.application.kinds.grant.rules import GROUPS
from workflows.application.kinds.grant.words import BASES, BASIS_HINTS, LEVEL_HINTS, LEVELS
from workflows.application.kinds.named_places import names_others
from workflows.i18n import Language, later
from workflows.proposals.content import data, on_day, say

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy.orm import Session

    from workflows.application.fields import Answers

__all__ = ["STEPS", "step_page"]

_TITLES = {
    "institution": INSTITUTION,
    "head": HEAD,
    "user": later("The user"),
    "scope": later("Scope of the rights"),
    "dates": later("From when"),
    "why": later("Why"),
}
STEPS = tuple(Step(name, _TITLES[name]) for name in GROUPS)
"""The steps in the order people meet them."""

_CHOICES = (
    Option("none", say(later("No"))),
    Option(Level.VIEW, say(later("View"))),
    Option(Level.EDIT, say(later("Edit"))),
)


def step_page(session: Session, step: str, answers: Mapping[str, Answers], *, language: Language, on: date) -> StepPage:
    """Say what the step asks on that day; raises KeyError for a step there is not."""
    match step:
        case "institution":
            return institution_page()
        case "head":
            return head_page(session, answers, on=on)
        case "user":
            return _user(answers)
        case "scope":
            return _scope(session, answers, language, on)
        case "dates":
            return _dates(on)
        case "why":
            return _why()
        case _:
            raise KeyError(step)


def _user(answers: Mapping[str, Answers]) -> StepPage:
    head = answers.get("head", {})
    name = f"{head.get('given_name', '')} {head.get('surname', '')}".strip()
    other = person_asked(
        later("For example: teacher, record keeper"),
        later("The username, and e-mails about a forgotten password, are sent there."),
    )
    options = (
        Option("yes", say(later("The head: %(name)s"), name=name)),
        Option("no", say(later("Another employee")), fields=other),
    )
    lead = later("The employee who will work with VIIS and signs the commitment letter personally.")
    return StepPage(
        heading=say(later("The user")),
        lead=say(lead),
        fields=(
            Choice("head_is_user", say(later("Who will work with VIIS?")), options),
            Text("phone", say(later("Work telephone (optional)")), input=Input.PHONE),
        ),
    )


def _scope(session: Session, answers: Mapping[str, Answers], language: Language, on: date) -> StepPage:
    levels = tuple(
        Option(level, say(said), say(LEVEL_HINTS[level]) if level in LEVEL_HINTS else NOTHING)
        for level, said in LEVELS.items()
    )
    places = later(
        "If the user works with the data of other institutions: their registration numbers, one a line. Left empty, "
        "the right is for the institution that applies."
    )
    others = LongText("places", say(later("Other institutions (optional)")), say(places), rows=3)
    sections = catalogue_names(session, language, on=on)
    return StepPage(
        heading=say(later("Scope of the rights")),
        fields=(
            Choice("level", say(later("Where does the user work with data?")), levels),
            *((others,) if names_others(answers) else ()),
            ChoiceTable(
                "sections",
                say(later("Which sections, and with what access?")),
                tuple((f"section.{code}", data(name)) for code, name in sections.items()),
                _CHOICES,
                say(later("Choose only what the user needs for their work.")),
            ),
        ),
    )


def _dates(on: date) -> StepPage:
    until = later("Only if the end is already known. The right is still held on that day.")
    example = say(later("For example, %(example)s"), example=on_day(on))
    return StepPage(
        heading=say(later("From when")),
        fields=(
            Text("since", say(later("First day")), example, Input.DAY),
            Text("until", say(later("Last day (optional)")), say(until), Input.DAY),
        ),
    )


def _why() -> StepPage:
    bases = tuple(
        Option(basis, say(said), say(BASIS_HINTS[basis]) if basis in BASIS_HINTS else NOTHING)
        for basis, said in BASES.items()
    )
    detail = later("Needed only if the user replaces somebody: name and surname. No personal codes.")
    return StepPage(
        heading=say(later("Why")),
        fields=(
            Choice("basis", say(later("Why are the rights needed?")), bases),
            LongText("detail", say(later("Whom the user replaces, or another explanation")), say(detail)),
        ),
    )
