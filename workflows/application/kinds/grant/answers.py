"""From the answers of the form to what an application for a grant states; the register is asked as of the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from iam.grants import service as grants
from iam.grants.models import Level
from iam.institutions.models import ScopeKind
from workflows import policy
from workflows.application.fields import FieldError, answer_in, person_in
from workflows.application.kinds.grant.rules import GROUPS, Catalogue, check_group
from workflows.application.kinds.grant.stated import Basis, ScopeLevel, SectionWish, Stated
from workflows.application.kinds.kind import Review
from workflows.application.kinds.named_places import applies_for, known_in, stated_places, unprintable_in
from workflows.application.places import place
from workflows.i18n import later

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from workflows.application.facts import Place
    from workflows.application.fields import Answers, CheckedGroup

__all__ = ["checked", "reviewed"]

_LEVELS_OF = {
    ScopeKind.INSTITUTION: frozenset({ScopeLevel.INSTITUTION, ScopeLevel.SUBORDINATE}),
    ScopeKind.MUNICIPALITY: frozenset({ScopeLevel.INSTITUTION, ScopeLevel.MUNICIPALITY}),
    ScopeKind.STATE: frozenset(ScopeLevel),
}


def checked(session: Session, group: str, given: Answers, answers: Mapping[str, Answers], *, on: date) -> CheckedGroup:
    """Check one group beside the others; raises KeyError for a group the form does not have."""
    found = check_group(group, given, catalogue=_catalogue(session, given, on), on=on)
    together = {**answers, group: found.answers}
    if found and (same := _same_person(together, group)):
        return replace(found, errors=same)
    if found and group == "scope" and (beyond := _scope_beyond(session, together, on)):
        return replace(found, errors=beyond)
    return found


def reviewed(session: Session, answers: Mapping[str, Answers], *, on: date) -> Review:
    """Check every group again: an institution may have closed since it was chosen."""
    errors: dict[str, tuple[FieldError, ...]] = {}
    everywhere = _catalogue(session, {}, on)
    for name in GROUPS:
        given: Answers = answers.get(name, {})
        found = check_group(name, given, catalogue=replace(everywhere, places=known_in(session, given, on=on)), on=on)
        if not found:
            errors[name] = found.errors
    if same := _same_person(answers, "user"):
        errors.setdefault("user", same)
    if errors:
        return Review(None, errors)
    stated = _stated(session, answers, on)
    if unprintable := unprintable_in((stated.applicant, *stated.scope)):
        return Review(None, {"institution": unprintable})
    if beyond := _beyond(session, stated.applicant, stated.scope, stated.level, on):
        return Review(None, {"scope": beyond})
    return Review(stated, {})


def _same_person(answers: Mapping[str, Answers], group: str) -> tuple[FieldError, ...]:
    """Object to a head stated as "another employee": one person who signs both papers is another choice of the form."""
    head, user = answers.get("head", {}), answers.get("user", {})
    code = answer_in(user, "personal_code")
    if group not in {"head", "user"} or answer_in(user, "head_is_user") != "no" or not code:
        return ()
    if code != answer_in(head, "personal_code"):
        return ()
    if group == "head":
        sentence = later(
            "This is the user's personal code too. If the head is the user, change that in “The user” first"
        )
        return (FieldError("personal_code", "personal-code.of-the-user", sentence, {}),)
    sentence = later(
        "This personal code is the head's. If the head will work with VIIS, choose “The head” here; "
        "if somebody else will, enter their own code"
    )
    return (FieldError("head_is_user", "head_is_user.is-the-head", sentence, {}),)


def _scope_beyond(session: Session, answers: Mapping[str, Answers], day: date) -> tuple[FieldError, ...]:
    """Object to the scope at its own step, once it is known who applies and that there still is such a place."""
    code = answer_in(answers.get("institution", {}), "place")
    if not known_in(session, {"place": code}, on=day):
        return ()
    scope, applicant = answers["scope"], place(session, code, on=day)
    return _beyond(
        session, applicant, stated_places(session, scope, applicant, on=day), ScopeLevel(answer_in(scope, "level")), day
    )


def _beyond(
    session: Session, applicant: Place, scope: Sequence[Place], level: ScopeLevel, day: date
) -> tuple[FieldError, ...]:
    """Object to rights the applicant has no say over: a school asks for itself, a municipality for its own schools.

    A right in an education institution names institutions: a municipality as a whole is another level.
    """
    if applicant.kind is ScopeKind.STATE:
        return ()
    errors = []
    if not applies_for(session, applicant, scope, on=day):
        sentence = later("An institution asks for rights in itself, a municipality in itself and its own institutions")
        errors.append(FieldError("places", "places.not-yours", sentence, {}))
    elif level is ScopeLevel.INSTITUTION and any(place.kind is not ScopeKind.INSTITUTION for place in scope):
        sentence = later("Enter the numbers of the institutions the user will work in, or choose another level")
        errors.append(FieldError("places", "places.whole", sentence, {}))
    if level not in _LEVELS_OF[applicant.kind]:
        sentence = later("Only a municipality or the ministry can ask for this level")
        errors.append(FieldError("level", "level.not-yours", sentence, {}))
    return tuple(errors)


def _catalogue(session: Session, given: Answers, day: date) -> Catalogue:
    numbers = policy.on(session, day)
    return Catalogue(
        sections=frozenset(section.code for section in grants.sections(session, on=day)),
        places=known_in(session, given, on=day),
        first_start=day - numbers.start_earliest,
        last_start=day + numbers.start_latest,
    )


def _stated(session: Session, answers: Mapping[str, Answers], day: date) -> Stated:
    applicant = place(session, answer_in(answers["institution"], "place"), on=day)
    head = person_in(answers["head"])
    user, scope, why = answers["user"], answers["scope"], answers["why"]
    same = answer_in(user, "head_is_user") == "yes"
    until = answer_in(answers["dates"], "until")
    return Stated(
        applicant=applicant,
        head=head,
        user=person_in({**(answers["head"] if same else user), "phone": answer_in(user, "phone")}),
        head_is_user=same or answer_in(user, "personal_code") == head.personal_code,
        level=ScopeLevel(answer_in(scope, "level")),
        scope=stated_places(session, scope, applicant, on=day),
        sections=tuple(
            SectionWish(section.code, section.name_lv, Level(wish))
            for section in grants.sections(session, on=day)
            if (wish := answer_in(scope, f"section.{section.code}")) in set(Level)
        ),
        basis=Basis(answer_in(why, "basis")),
        basis_detail=answer_in(why, "detail"),
        since=date.fromisoformat(answer_in(answers["dates"], "since")),
        until=date.fromisoformat(until) if until else None,
    )
