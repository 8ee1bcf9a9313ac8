"""The steps on which an application for revocation is filled in, and what each asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.application.kinds.applicant import HEAD, INSTITUTION, head_page, institution_page, names_asked
from workflows.application.kinds.catalogue import catalogue_names
from workflows.application.kinds.filling import (
    Choice,
    ChoiceTable,
    Input,
    LongText,
    Option,
    Step,
    StepPage,
    Text,
)
from workflows.application.kinds.named_places import names_others
from workflows.application.kinds.revocation.answers import ALL, END, LISTED, STAY, steps_of
from workflows.application.kinds.revocation.words import REASONS
from workflows.i18n import Language, later
from workflows.proposals.content import data, on_day, say

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy.orm import Session

    from workflows.application.fields import Answers

__all__ = ["step_page", "steps"]

_TITLES = {
    "institution": INSTITUTION,
    "head": HEAD,
    "user": later("The user"),
    "scope": later("Which rights"),
    "sections": later("Sections"),
    "end": later("When and why"),
}
_WHICH = (
    Option(ALL, say(later("All of them"))),
    Option(LISTED, say(later("Only in some sections")), say(later("You name them on the next page."))),
)
_STAYS_OR_ENDS = (Option(STAY, say(later("Stays"))), Option(END, say(later("Ends"))))


def steps(answers: Mapping[str, Answers]) -> tuple[Step, ...]:
    """List the steps in the order people meet them, given what was answered so far."""
    return tuple(Step(name, _TITLES[name]) for name in steps_of(answers))


def step_page(session: Session, step: str, answers: Mapping[str, Answers], *, language: Language, on: date) -> StepPage:
    """Say what the step asks on that day; raises KeyError for a step there is not."""
    match step:
        case "institution":
            return institution_page()
        case "head":
            return head_page(session, answers, on=on)
        case "user":
            return _user()
        case "scope":
            return _scope(answers)
        case "sections":
            return _sections(session, language, on)
        case "end":
            return _end(on)
        case _:
            raise KeyError(step)


def _user() -> StepPage:
    lead = later(
        "The person whose rights end. They are found by the personal code; what else you know helps to see that it is "
        "the right person. Whether they have rights is not shown here: the ministry looks when it decides."
    )
    return StepPage(
        heading=say(later("Whose rights end?")),
        lead=say(lead),
        fields=(
            *names_asked(later("11 digits, with or without the hyphen.")),
            Text("username", say(later("VIIS username (optional)")), say(later("For example: anna.berzina"))),
            Text("email", say(later("E-mail used in VIIS (optional)")), input=Input.EMAIL),
        ),
    )


def _scope(answers: Mapping[str, Answers]) -> StepPage:
    places = later(
        "Only for a municipality or the ministry: the registration numbers of the institutions in which the rights "
        "end, one a line. Its own rights then stay; to end them too, send another application. Left empty, the rights "
        "in whoever applies end."
    )
    which = Choice("which", say(later("Which rights of the user end?")), _WHICH)
    others = LongText("places", say(later("Only in these institutions (optional)")), say(places), rows=3)
    return StepPage(
        heading=say(later("Which rights end?")), fields=(which, others) if names_others(answers) else (which,)
    )


def _sections(session: Session, language: Language, on: date) -> StepPage:
    names = catalogue_names(session, language, on=on)
    rows = tuple((f"section.{code}", data(name)) for code, name in names.items())
    hint = later("To view and to edit end together. What is not chosen stays.")
    return StepPage(
        heading=say(later("In which sections do the rights end?")),
        fields=(ChoiceTable("sections", say(later("Sections of VIIS")), rows, _STAYS_OR_ENDS, say(hint)),),
    )


def _end(on: date) -> StepPage:
    day = later("The rights are still held on this day. Today or a later day, for example, %(example)s")
    detail = later("Needed only for another reason. No personal codes.")
    return StepPage(
        heading=say(later("When and why")),
        fields=(
            Text("last_day", say(later("Last day")), say(day, example=on_day(on)), Input.DAY),
            Choice(
                "reason",
                say(later("Why do the rights end?")),
                tuple(Option(reason, say(said)) for reason, said in REASONS.items()),
            ),
            LongText("detail", say(later("Explanation (optional)")), say(detail)),
        ),
    )
