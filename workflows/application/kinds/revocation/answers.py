"""From the answers of the form to what an application for revocation states.

Accounts and rights are not asked: whoever fills in the form has shown nobody who they are, and learns nothing of them.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from iam.grants import service as grants
from workflows.application.fields import FieldError, Group, answer_in, person_in
from workflows.application.kinds.applicant import read_head, read_institution
from workflows.application.kinds.kind import Review
from workflows.application.kinds.named_places import (
    applies_for,
    known_in,
    read_places,
    stated_places,
    unprintable_in,
)
from workflows.application.kinds.revocation.stated import Reason, SectionEnding, Stated
from workflows.application.places import place
from workflows.i18n import later

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from workflows.application.fields import Answers, CheckedGroup

__all__ = ["ALL", "END", "LISTED", "STAY", "checked", "reviewed", "steps_of"]

ALL, LISTED = "all", "listed"
"""Whether all rights end, or those in some sections."""
END, STAY = "end", "stay"
"""What becomes of the rights in a section."""

_LONGEST_REASON = 500


def steps_of(answers: Mapping[str, Answers]) -> tuple[str, ...]:
    """Name the steps in the order people meet them: sections are asked for where not all rights end."""
    listed = answer_in(answers.get("scope", {}), "which") == LISTED
    return ("institution", "head", "user", "scope", *(("sections",) if listed else ()), "end")


def checked(session: Session, step: str, given: Answers, answers: Mapping[str, Answers], *, on: date) -> CheckedGroup:
    """Check one step beside the others; raises KeyError for a step the form does not have."""
    group = Group(given)
    match step:
        case "institution":
            read_institution(group, known_in(session, given, on=on))
        case "head":
            read_head(group)
        case "user":
            _user(group)
        case "scope":
            _scope(session, group, given, answers, on)
        case "sections":
            _sections(session, group, on)
        case "end":
            _end(group, on)
        case _:
            raise KeyError(step)
    return group.checked()


def reviewed(session: Session, answers: Mapping[str, Answers], *, on: date) -> Review:
    """Check every step again: a day goes by, and an institution may have closed since it was chosen."""
    errors: dict[str, tuple[FieldError, ...]] = {}
    for step in steps_of(answers):
        found = checked(session, step, answers.get(step, {}), answers, on=on)
        if not found:
            errors[step] = found.errors
    if errors:
        return Review(None, errors)
    stated = _stated(session, answers, on)
    if unprintable := unprintable_in((stated.applicant, *stated.scope)):
        return Review(None, {"institution": unprintable})
    return Review(stated, {})


def _user(group: Group) -> None:
    group.name("given_name", later("Enter the user's given name"))
    group.name("surname", later("Enter the user's surname"))
    group.code()
    group.short("username")
    if group.text("email"):
        group.email()


def _scope(session: Session, group: Group, given: Answers, answers: Mapping[str, Answers], on: date) -> None:
    if group.text("which") not in {ALL, LISTED}:
        group.object("which", "which.missing", later("Choose which rights end"))
    too_many = later("Name at most %(most)s institutions; send another application for more")
    read_places(group, known_in(session, given, on=on), too_many=too_many)
    applicant = answer_in(answers.get("institution", {}), "place")
    if group.errors or not known_in(session, {"place": applicant}, on=on):
        return
    institution = place(session, applicant, on=on)
    scope = stated_places(session, group.answers, institution, on=on)
    if not applies_for(session, institution, scope, on=on):
        sentence = later("An institution ends rights in itself, a municipality in itself and its own institutions")
        group.object("places", "places.not-yours", sentence)


def _sections(session: Session, group: Group, on: date) -> None:
    ending = 0
    for section in grants.sections(session, on=on):
        said = group.text(f"section.{section.code}")
        if said == END:
            ending += 1
        elif said not in {"", STAY}:
            group.object(f"section.{section.code}", "section.choice", later("Choose “Stays” or “Ends”"))
    if not ending:
        group.object("sections", "sections.missing", later("Choose at least one section in which the rights end"))


def _end(group: Group, on: date) -> None:
    last_day = group.day("last_day", later("Enter the last day on which the rights are held"), needed=True)
    if last_day and last_day < on:
        sentence = later("The last day cannot be over already: enter today, %(day)s, or a later day")
        group.object("last_day", "last_day.past", sentence, day=f"{on:%d.%m.%Y}")
    elif last_day:
        group.last_day("last_day", last_day, on=on)
    reason = group.needed("reason", later("Choose why the rights end"))
    if reason and reason not in set(Reason):
        group.object("reason", "reason.unknown", later("Choose one of the reasons"))
    if reason == Reason.OTHER:
        group.needed("detail", later("Write why the rights end"), longest=_LONGEST_REASON)
    elif len(group.text("detail")) > _LONGEST_REASON:
        group.too_long("detail", group.text("detail"), _LONGEST_REASON)


def _stated(session: Session, answers: Mapping[str, Answers], day: date) -> Stated:
    applicant = place(session, answer_in(answers["institution"], "place"), on=day)
    user, scope, end = answers["user"], answers["scope"], answers["end"]
    listed = answers["sections"] if "sections" in steps_of(answers) else {}
    return Stated(
        applicant=applicant,
        head=person_in(answers["head"]),
        user=person_in(user),
        username=answer_in(user, "username"),
        scope=stated_places(session, scope, applicant, on=day),
        sections=tuple(
            SectionEnding(section.code, section.name_lv)
            for section in grants.sections(session, on=day)
            if answer_in(listed, f"section.{section.code}") == END
        ),
        last_day=date.fromisoformat(answer_in(end, "last_day")),
        reason=Reason(answer_in(end, "reason")),
        reason_detail=answer_in(end, "detail"),
    )
