"""How a right and an application end, and who is told: the user, and the head who had asked for the right.

A reviewer's end takes effect in the database at once and in Keycloak after the commit, where the sessions end with
it. Without a last day the right is over now. What lies before stays on record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iam.audit import Actor, ActorKind, Door, Origin
from iam.errors import Unknown
from iam.grants import service as grants
from iam.grants.models import Account, Grant
from workflows.application import events, notices, repository
from workflows.application.drafts import DRAFT_KEPT
from workflows.application.projection import follow
from workflows.application.states import Act, State, after
from workflows.application.tags import ApplicationTag
from workflows.signed_forms import requests
from workflows.signed_forms.states import UploadState

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from iam.grants.models import EndCause
    from iam.ids import ApplicationId, GrantId
    from workflows.application.decisions import Reviewer
    from workflows.application.models import Application
    from workflows.application.states import Party

__all__ = ["end_right", "expire", "withdraw"]


def end_right(
    session: Session,
    grant_id: GrantId,
    *,
    last_day: date | None,
    cause: EndCause,
    reason: str,
    by: Reviewer,
    base_url: str,
    at: datetime,
) -> Account:
    """End a right with `last_day`, still included; None ends it now. Raises iam's Unknown and NothingToEnd."""
    grant = session.get(Grant, grant_id)
    if grant is None:
        raise Unknown(f"no grant has the id {grant_id}")
    if last_day is None:
        grants.end_at_once(session, grant, cause=cause, origin=by.origin, at=at, reason=reason)
    else:
        grants.end(session, grant, last_day=last_day, cause=cause, origin=by.origin, at=at, reason=reason)
    account = session.get_one(Account, grant.account_id)
    notices.right_ended(session, account, base_url=base_url, at=at)
    asked = repository.application_behind(session, grant.evidence_id)
    if asked is not None:
        notices.right_ended_for_head(session, asked, told=account.email, base_url=base_url, at=at)
    follow(session, account.id)
    return account


def withdraw(session: Session, application_id: ApplicationId, *, party: Party, at: datetime) -> Application:
    """Take an application back, by one of its parties. Raises NotNow once it is decided."""
    application = repository.locked(session, application_id)
    application.state = after(application.state, Act.WITHDRAWN)
    actor = Actor(ActorKind.APPLICANT, f"{application.reference}/{party}")
    _close(session, application, ApplicationTag.WITHDRAWN, actor, Door.WEB, at)
    return application


def expire(session: Session, application_id: ApplicationId, *, base_url: str, at: datetime) -> bool:
    """End an application that waited too long; False when something arrived meanwhile, if only to be judged yet."""
    application = repository.locked(session, application_id)
    if application.expires_at is None or application.expires_at > at:
        return False
    # What came in time and waits for us alone is not late; what waits for ever (a suspended certificate) is, once more.
    received = [one.received_at for one in application.uploads if one.state is UploadState.WAITING]
    if received and max(received) + DRAFT_KEPT > at:
        application.expires_at = max(received) + DRAFT_KEPT
        return False
    was_draft = application.state is State.DRAFT
    application.state = after(application.state, Act.EXPIRED)
    if was_draft:
        application.answers = {}  # nobody submitted it: what was typed is nobody's record
    _close(session, application, ApplicationTag.EXPIRED, Actor(ActorKind.SYSTEM, "clock"), Door.JOB, at)
    if not was_draft:
        notices.tell(session, application, "expired", base_url=base_url, at=at)
    return True


def _close(
    session: Session, application: Application, tag: ApplicationTag, actor: Actor, door: Door, at: datetime
) -> None:
    application.changed_at, application.expires_at = at, None
    application.claimed_by = application.claimed_at = None
    requests.close(application.signing, at=at)
    session.flush()
    events.record(session, application, tag, origin=Origin(actor, door), at=at)
