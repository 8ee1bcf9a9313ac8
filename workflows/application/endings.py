"""How an application ends without a decision, and whom the end of a right concerns beside its holder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iam.audit import Actor, ActorKind, Door, Origin
from workflows import policy
from workflows.application import events, notices, repository
from workflows.application.kinds.registry import facts_of
from workflows.application.parties import of_applicant, representing
from workflows.application.states import ApplicationEvent, State, after
from workflows.application.tags import ApplicationTag
from workflows.proposals import service as proposals
from workflows.rights.askers import Asker, register_applicant_lookup
from workflows.signed_forms import requests
from workflows.signed_forms.states import UploadState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from iam.ids import ApplicationId, EvidenceId
    from workflows.application.models import Application

__all__ = ["expire", "who_asked", "withdraw", "withdraw_by_order"]

_CLOCK = Origin(Actor(ActorKind.SYSTEM, "clock"), Door.JOB)


@register_applicant_lookup
def who_asked(session: Session, evidence: Collection[EvidenceId]) -> Mapping[EvidenceId, Asker]:
    """Find who had applied, in the name of the applicant, for what was given on each evidence."""
    return {
        evidence_id: Asker(
            email=facts_of(application).people[found[1]].email,
            language=application.language,
            reference=application.reference,
            user=notices.initials(application.user_name),
        )
        for evidence_id, application in repository.applications_behind(session, evidence).items()
        if (found := representing(application)) is not None
    }


def withdraw(session: Session, application_id: ApplicationId, *, party: str, door: Door, at: datetime) -> Application:
    """Take an application back, by one of its parties. Raises NotNow once it is decided."""
    application = repository.locked(session, application_id)
    application.state = after(application.state, ApplicationEvent.WITHDRAWN)
    _close(session, application, ApplicationTag.WITHDRAWN, of_applicant(application, door, party), at)
    return application


def withdraw_by_order(
    session: Session, application: Application, details: Mapping[str, object], *, origin: Origin, at: datetime
) -> None:
    """Take an application back because of an order about institutions, which `details` name. Raises NotNow."""
    held = repository.locked(session, application.id)
    was_draft = held.state is State.DRAFT
    held.state = after(held.state, ApplicationEvent.WITHDRAWN)
    if was_draft:
        held.answers = {}
    _close(session, held, ApplicationTag.WITHDRAWN, origin, at, details)


def expire(session: Session, application_id: ApplicationId, *, base_url: str, at: datetime) -> bool:
    """End an application that waited too long; False when something arrived meanwhile, if only to be judged yet."""
    application = repository.locked(session, application_id)
    if application.expires_at is None or application.expires_at > at:
        return False
    # What came in time and waits for us alone is not late. What waits for ever (a suspended certificate) is late when
    # as much time again has passed.
    received = [one.received_at for one in application.uploads if one.state is UploadState.WAITING]
    kept = policy.on(session, at).draft_kept
    if received and max(received) + kept > at:
        application.expires_at = max(received) + kept
        return False
    was_draft = application.state is State.DRAFT
    application.state = after(application.state, ApplicationEvent.EXPIRED)
    if was_draft:
        application.answers = {}  # nobody submitted it: what was typed is nobody's record
    _close(session, application, ApplicationTag.EXPIRED, _CLOCK, at)
    if not was_draft:
        notices.tell(session, application, "expired", base_url=base_url, at=at)
    return True


def _close(
    session: Session,
    application: Application,
    tag: ApplicationTag,
    origin: Origin,
    at: datetime,
    details: Mapping[str, object] | None = None,
) -> None:
    application.changed_at, application.expires_at = at, None
    application.answer_draft, application.answer_sent_at = "", None
    application.claimed_by = application.claimed_at = None
    requests.close(application.signing, at=at)
    session.flush()
    proposals.outdate(session, application.subject, by=None, origin=origin, at=at)
    events.record(session, application, tag, origin=origin, at=at, details=details)
