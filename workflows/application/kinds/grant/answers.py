"""From the answers of the form to what an application for a grant states; the register is asked as of the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from iam.errors import Unknown
from iam.grants import service as grants
from iam.grants.models import Level
from iam.ids import MunicipalityId
from iam.institutions import service as institutions
from iam.institutions.models import ScopeKind
from workflows import policy
from workflows.application import repository
from workflows.application.facts import StatedPerson
from workflows.application.fields import FieldError
from workflows.application.kinds.grant.rules import GROUPS, MOST_PLACES, Catalogue, check_group, places_in
from workflows.application.kinds.grant.stated import Basis, ScopeLevel, SectionWish, Stated
from workflows.application.kinds.kind import Review
from workflows.application.places import place
from workflows.i18n import later
from workflows.signed_forms.typesetting import without_glyph

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
    for name in GROUPS:
        given: Answers = answers.get(name, {})
        found = check_group(name, given, catalogue=_catalogue(session, given, on), on=on)
        if not found:
            errors[name] = found.errors
    if same := _same_person(answers, "user"):
        errors.setdefault("user", same)
    if errors:
        return Review(None, errors)
    stated = _stated(session, answers, on)
    if unprintable := _unprintable(stated):
        return Review(None, {"institution": unprintable})
    if beyond := _beyond(session, stated.applicant, stated.scope, stated.level, on):
        return Review(None, {"scope": beyond})
    return Review(stated, {})


def _same_person(answers: Mapping[str, Answers], group: str) -> tuple[FieldError, ...]:
    """Object to a head stated as "another employee": one person who signs both papers is another choice of the form."""
    head, user = answers.get("head", {}), answers.get("user", {})
    code = _text(user, "personal_code")
    if group not in {"head", "user"} or _text(user, "head_is_user") != "no" or not code:
        return ()
    if code != _text(head, "personal_code"):
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


def _unprintable(stated: Stated) -> tuple[FieldError, ...]:
    """Object to what the register writes in letters that no form can print."""
    names = "".join(f"{one.name}{one.municipality}" for one in (stated.applicant, *stated.scope))
    if not (foreign := without_glyph(names)):
        return ()
    sentence = later("The register writes a name with “%(letters)s”, which no form can print: write to viis@izm.gov.lv")
    return (FieldError("place", "place.letters", sentence, {"letters": foreign}),)


def _scope_beyond(session: Session, answers: Mapping[str, Answers], day: date) -> tuple[FieldError, ...]:
    """Object to the scope at its own step, once it is known who applies and that there still is such a place."""
    code = _text(answers.get("institution", {}), "place")
    if not _exists(session, code, day):
        return ()
    scope, applicant = answers["scope"], place(session, code, on=day)
    return _beyond(session, applicant, _scope(session, scope, applicant, day), ScopeLevel(_text(scope, "level")), day)


def _beyond(
    session: Session, applicant: Place, scope: Sequence[Place], level: ScopeLevel, day: date
) -> tuple[FieldError, ...]:
    """Object to rights the applicant has no say over: a school asks for itself, a municipality for its own schools.

    A right in an education institution names institutions: a municipality as a whole is another level.
    """
    match applicant.kind:
        case ScopeKind.STATE:
            return ()
        case ScopeKind.INSTITUTION:
            own = {applicant.code}
        case ScopeKind.MUNICIPALITY:
            members = institutions.institutions_in(session, MunicipalityId(int(applicant.code)), on=day)
            own = {applicant.code, *repository.reg_nos(session, members)}
    errors = []
    if any(place.code not in own for place in scope):
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
    places = given.get("places", "")
    lines = places.splitlines() if isinstance(places, str) else places
    named = places_in(lines)
    codes = [given.get("place", ""), *(text for _, text in named if len(named) <= MOST_PLACES)]
    numbers = policy.on(session, day)
    return Catalogue(
        sections=frozenset(section.code for section in grants.sections(session, on=day)),
        places=frozenset(code.strip() for code in codes if isinstance(code, str) and _exists(session, code, day)),
        first_start=day - numbers.start_earliest,
        last_start=day + numbers.start_latest,
    )


def _exists(session: Session, code: str, day: date) -> bool:
    try:
        scope = institutions.scope_by_code(session, code)
    except Unknown:
        return False
    last = institutions.last_day_of(scope)
    return last is None or last >= day


def _stated(session: Session, answers: Mapping[str, Answers], day: date) -> Stated:
    applicant = place(session, _text(answers["institution"], "place"), on=day)
    head = _person(answers["head"])
    user, scope, why = answers["user"], answers["scope"], answers["why"]
    same = _text(user, "head_is_user") == "yes"
    until = _text(answers["dates"], "until")
    return Stated(
        applicant=applicant,
        head=head,
        user=_person({**(answers["head"] if same else user), "phone": _text(user, "phone")}),
        head_is_user=same or _text(user, "personal_code") == head.personal_code,
        level=ScopeLevel(_text(scope, "level")),
        scope=_scope(session, scope, applicant, day),
        sections=tuple(
            SectionWish(section.code, section.name_lv, Level(wish))
            for section in grants.sections(session, on=day)
            if (wish := _text(scope, f"section.{section.code}")) in set(Level)
        ),
        basis=Basis(_text(why, "basis")),
        basis_detail=_text(why, "detail"),
        since=date.fromisoformat(_text(answers["dates"], "since")),
        until=date.fromisoformat(until) if until else None,
    )


def _scope(session: Session, answers: Answers, applicant: Place, day: date) -> tuple[Place, ...]:
    # A number and its longer form mean one place: a right is given there once.
    named = dict.fromkeys(place(session, code, on=day) for code in _texts(answers.get("places", ())))
    return tuple(named) or (applicant,)


def _person(answers: Answers) -> StatedPerson:
    return StatedPerson(
        **{name: _text(answers, name) for name in ("given_name", "surname", "personal_code", "position", "email")},
        phone=_text(answers, "phone"),
    )


def _text(answers: Answers, name: str) -> str:
    value = answers.get(name, "")
    return value if isinstance(value, str) else ""


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(one) for one in value] if isinstance(value, (list, tuple)) else []
