"""Fill an application in, step by step: nothing is signed yet and everything may change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from iam.keycloak.profile import DEFAULT, UserProfile
from iam.periods import riga_day
from workflows import policy
from workflows.application import events, repository
from workflows.application.errors import NotNow
from workflows.application.fields import FieldError, refused_by
from workflows.application.kinds.kind import Review
from workflows.application.kinds.registry import kind_of, named
from workflows.application.models import Application
from workflows.application.parties import of_applicant
from workflows.application.states import OWNER, Party, State
from workflows.application.tags import ApplicationTag
from workflows.signed_forms import links, requests
from workflows.signed_forms.references import new_reference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from iam.audit import Door, Origin
    from workflows.application.fields import Answers, CheckedGroup

__all__ = ["Beginning", "Draft", "check_answers", "open_already", "save_group", "start_draft", "start_drafts"]


@dataclass(frozen=True, slots=True)
class Draft:
    """A started draft and the secret of its link, which nobody can be told again."""

    application: Application
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What an application begins with that is filled in: `email` is where its link is mailed."""

    language: str
    email: str
    answers: Mapping[str, Answers]
    expires_at: datetime


def start_draft(
    session: Session,
    *,
    kind: str,
    language: str,
    door: Door,
    at: datetime,
    email: str = "",
    origin: Origin | None = None,
) -> Draft:
    """Begin an application. Whoever holds the returned secret may go on with it. Raises LookupError for no kind.

    `email` is where the link is mailed, and `origin` who begins it where that is not the applicant.
    """
    application = _begun(session, kind, language, at)
    session.flush()
    token = links.mint(session, application.signing, Party.APPLICANT, email=email, at=at)
    events.record(
        session,
        application,
        ApplicationTag.DRAFT_STARTED,
        origin=origin or of_applicant(application, door),
        at=at,
    )
    return Draft(application, token)


def start_drafts(
    session: Session, beginnings: Sequence[Beginning], *, kind: str, origin: Origin, at: datetime
) -> list[Draft]:
    """Begin many applications with what is known, each as `start_draft` does, in few statements."""
    begun = []
    for one in beginnings:
        application = _begun(session, kind, one.language, at)
        application.answers, application.expires_at = dict(one.answers), one.expires_at
        token = links.minted(session, application.signing, Party.APPLICANT, email=one.email, at=at)
        begun.append(Draft(application, token))
    session.flush()
    started = [(one.application, ApplicationTag.DRAFT_STARTED, dict[str, object]()) for one in begun]
    events.record_all(session, started, origin=origin, at=at)
    return begun


def _begun(session: Session, kind: str, language: str, at: datetime) -> Application:
    reference = new_reference()
    application = Application(
        reference=reference,
        signing=requests.open_request(session, OWNER, reference=reference, language=language, at=at),
        kind=named(kind).name,
        state=State.DRAFT,
        language=language,
        answers={},
        created_at=at,
        changed_at=at,
        expires_at=at + policy.on(session, at).draft_kept,
        answer_draft="",
        signatory_open=False,
        applicant_name="",
        applicant_code="",
        municipality="",
        head_name="",
        user_name="",
        search_key="",
    )
    session.add(application)
    return application


def save_group(
    session: Session,
    application: Application,
    step: str,
    given: Answers,
    *,
    profile: UserProfile = DEFAULT,
    at: datetime,
) -> CheckedGroup:
    """Check the answers to one step and keep them when nothing is objected to; raises NotNow once it is submitted.

    `profile` is what the realm asks of names and addresses.
    """
    if application.state is not State.DRAFT:
        raise NotNow("the application has been submitted")
    checked = kind_of(application).check(session, step, given, application.answers, on=riga_day(at))
    if refused := _not_said_yet(checked.errors, refused_by(profile, checked.answers)):
        checked = replace(checked, errors=(*checked.errors, *refused))
    if checked:
        application.answers = {**application.answers, step: checked.answers}
        application.changed_at = at
        # One that was filled in beforehand is kept longer than others.
        application.expires_at = max(application.expires_at or at, at + policy.on(session, at).draft_kept)
        session.flush()
    return checked


def check_answers(
    session: Session, application: Application, *, profile: UserProfile = DEFAULT, at: datetime
) -> Review:
    """Check every step again, as of now: an institution may have closed since it was chosen."""
    review = kind_of(application).review(session, application.answers, on=riga_day(at))
    refused = {
        name: found
        for name, answers in application.answers.items()
        if name not in review.errors and (found := refused_by(profile, answers))
    }
    return Review(None, {**review.errors, **refused}) if refused else review


def open_already(session: Session, application: Application) -> bool:
    """Say whether another application for the same waits for signatures or a decision, as far as the draft tells."""
    alike = kind_of(application).alike(application.answers)
    return alike is not None and repository.open_like(session, application, alike)


def _not_said_yet(said: tuple[FieldError, ...], more: tuple[FieldError, ...]) -> tuple[FieldError, ...]:
    fields = {one.field for one in said}
    return tuple(one for one in more if one.field not in fields)
