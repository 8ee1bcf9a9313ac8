"""Fill an application in, group by group: nothing is signed yet and everything may change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from iam.audit import Actor, ActorKind, Door, Origin
from iam.errors import Unknown
from iam.grants import service as grants
from iam.grants.models import Level
from iam.ids import MunicipalityId
from iam.institutions import service as institutions
from iam.institutions.models import ScopeKind
from iam.periods import riga_day
from workflows import policy
from workflows.application import events, repository
from workflows.application.errors import NotNow
from workflows.application.models import Application
from workflows.application.rules import GROUPS, MOST_PLACES, Catalogue, Checked, FieldError, check_group, places_in
from workflows.application.stated import Basis, Place, ScopeLevel, SectionWish, Stated, StatedPerson
from workflows.application.states import OWNER, ApplicationKind, Party, State
from workflows.application.tags import ApplicationTag
from workflows.i18n import later
from workflows.signed_forms import links, requests
from workflows.signed_forms.references import new_reference

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from workflows.application.rules import Answers

__all__ = ["Draft", "Review", "check_answers", "place", "save_group", "start_draft"]


_LEVELS_OF = {
    ScopeKind.INSTITUTION: frozenset({ScopeLevel.INSTITUTION, ScopeLevel.SUBORDINATE}),
    ScopeKind.MUNICIPALITY: frozenset({ScopeLevel.INSTITUTION, ScopeLevel.MUNICIPALITY}),
    ScopeKind.STATE: frozenset(ScopeLevel),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A started draft and the secret of its link, which nobody can be told again."""

    application: Application
    token: str


@dataclass(frozen=True, slots=True)
class Review:
    """All answers together: what they state once nothing is objected to, else the objections by group."""

    stated: Stated | None
    errors: dict[str, tuple[FieldError, ...]]


def start_draft(session: Session, *, language: str, at: datetime) -> Draft:
    """Begin an application for a grant. Whoever holds the returned secret may go on with it."""
    reference = new_reference()
    application = Application(
        reference=reference,
        signing=requests.open_request(session, OWNER, reference=reference, language=language, at=at),
        kind=ApplicationKind.GRANT,
        state=State.DRAFT,
        language=language,
        answers={},
        created_at=at,
        changed_at=at,
        expires_at=at + policy.on(session, at).draft_kept,
        head_is_user=False,
        signatory_open=False,
        applicant_name="",
        applicant_code="",
        municipality="",
        head_name="",
        user_name="",
        search_key="",
    )
    session.add(application)
    session.flush()
    token = links.mint(session, application.signing, Party.APPLICANT, email="", at=at)
    events.record(
        session,
        application,
        ApplicationTag.DRAFT_STARTED,
        origin=Origin(Actor(ActorKind.APPLICANT, application.reference), Door.WEB),
        at=at,
    )
    return Draft(application, token)


def save_group(session: Session, application: Application, name: str, given: Answers, *, at: datetime) -> Checked:
    """Check one group and keep its answers when nothing is objected to; raises NotNow once it is submitted."""
    if application.state is not State.DRAFT:
        raise NotNow("the application has been submitted")
    checked = check_group(name, given, catalogue=_catalogue(session, given, riga_day(at)), on=riga_day(at))
    if checked and (same := _same_person({**application.answers, name: checked.answers}, name)):
        checked = replace(checked, errors=same)
    if checked:
        application.answers = {**application.answers, name: checked.answers}
        application.changed_at = at
        application.expires_at = at + policy.on(session, at).draft_kept
        session.flush()
    return checked


def check_answers(session: Session, application: Application, *, at: datetime) -> Review:
    """Check every group again, as of now: an institution may have closed since it was chosen."""
    day = riga_day(at)
    errors: dict[str, tuple[FieldError, ...]] = {}
    for name in GROUPS:
        given: Answers = application.answers.get(name, {})
        checked = check_group(name, given, catalogue=_catalogue(session, given, day), on=day)
        if not checked:
            errors[name] = checked.errors
    if same := _same_person(application.answers, "user"):
        errors.setdefault("user", same)
    if errors:
        return Review(None, errors)
    stated = _stated(session, application.answers, day)
    if beyond := _beyond(session, stated, day):
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


def _beyond(session: Session, stated: Stated, day: date) -> tuple[FieldError, ...]:
    """Object to rights the applicant has no say over: a school asks for itself, a municipality for its own schools."""
    applicant = stated.applicant
    match applicant.kind:
        case ScopeKind.STATE:
            return ()
        case ScopeKind.INSTITUTION:
            own = {applicant.code}
        case ScopeKind.MUNICIPALITY:
            members = institutions.institutions_in(session, MunicipalityId(int(applicant.code)), on=day)
            own = {applicant.code, *repository.reg_nos(session, members)}
    errors = []
    if any(place.code not in own for place in stated.scope):
        sentence = later("An institution asks for rights in itself, a municipality in itself and its own institutions")
        errors.append(FieldError("places", "places.not-yours", sentence, {}))
    if stated.level not in _LEVELS_OF[applicant.kind]:
        sentence = later("Only a municipality or the ministry can ask for this level")
        errors.append(FieldError("level", "level.not-yours", sentence, {}))
    return tuple(errors)


def place(session: Session, code: str, *, on: date) -> Place:
    """Name the place a code means (`i-…`, a bare register number, `m-…`, `s`), as called on the day; raises Unknown."""
    scope = institutions.scope_by_code(session, code)
    name = institutions.scope_name(session, scope, on=on)
    match scope.kind:
        case ScopeKind.INSTITUTION if scope.institution is not None:
            number = scope.institution.reg_no
            found = institutions.search(session, number, limit=1, on=on)
            return Place(scope.kind, number, name, (found[0].municipality or "") if found else "")
        case ScopeKind.MUNICIPALITY:
            return Place(scope.kind, str(scope.municipality_id), name, name)
        case _:
            return Place(ScopeKind.STATE, "", "Izglītības un zinātnes ministrija", "")


def _catalogue(session: Session, given: Answers, day: date) -> Catalogue:
    places = given.get("places", "")
    lines = places.splitlines() if isinstance(places, str) else places
    named = places_in(lines)
    codes = [given.get("place", ""), *(text for _, text in named if len(named) <= MOST_PLACES)]
    return Catalogue(
        sections=frozenset(section.code for section in grants.sections(session, on=day)),
        places=frozenset(code.strip() for code in codes if isinstance(code, str) and _exists(session, code, day)),
    )


def _exists(session: Session, code: str, day: date) -> bool:
    try:
        scope = institutions.scope_by_code(session, code)
    except Unknown:
        return False
    return scope.institution is None or scope.institution.closed is None or scope.institution.closed >= day


def _stated(session: Session, answers: dict[str, Answers], day: date) -> Stated:
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
        # A number and its longer form mean one place: a right is given there once.
        scope=tuple(dict.fromkeys(place(session, code, on=day) for code in _texts(scope.get("places", ()))))
        or (applicant,),
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
