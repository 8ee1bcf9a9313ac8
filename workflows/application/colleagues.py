"""Working on a case together: handing it over to a colleague, and notes that staff write to one another.

Applicants read no note, and nor does a member of staff who is a party of the case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from workflows import staff
from workflows.application import events, repository
from workflows.application.decisions import Reviewer, is_party, locked_as_seen
from workflows.application.errors import NoSuchColleague, OwnApplication, ReasonNeeded
from workflows.application.models import ApplicationNote
from workflows.application.states import ApplicationEvent, after
from workflows.application.tags import ApplicationTag
from workflows.staff import Role

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from iam.ids import ApplicationId
    from workflows.application.models import Application

__all__ = ["colleagues_of", "hand_over", "notes_of", "write_note"]


def colleagues_of(session: Session, by: Reviewer) -> Sequence[Reviewer]:
    """List the other reviewers; whether one is a party of a case is asked when it is handed over."""
    return [
        Reviewer(one.username, one.name)
        for one in staff.everybody(session)
        if one.ended_at is None and Role.REVIEWER in one.roles and one.username != by.username
    ]


def hand_over(
    session: Session, application_id: ApplicationId, *, seen: int, to: str, by: Reviewer, at: datetime
) -> Application:
    """Give a case that can be decided on to a colleague, by username. Raises NoSuchColleague, and as `claim` does."""
    application = locked_as_seen(session, application_id, seen, by)
    after(application.state, ApplicationEvent.REFUSED)  # what can be decided on can be worked on
    colleague = next((one for one in colleagues_of(session, by) if one.username == to), None)
    if colleague is None or is_party(session, application, colleague):
        raise NoSuchColleague(to)
    application.claimed_by, application.claimed_at = to, at
    events.note(session, application, ApplicationTag.HANDED_OVER, origin=by.origin, at=at, details={"to": to})
    return application


def write_note(session: Session, application_id: ApplicationId, text: str, *, by: Reviewer, at: datetime) -> None:
    """Keep a note for colleagues; the same one sent twice in a row is one. Raises ReasonNeeded, OwnApplication.

    It changes no version: whoever decides at that moment is not held up. The audit keeps that there is one.
    """
    application = repository.locked(session, application_id)
    if is_party(session, application, by):
        raise OwnApplication("a party of an application writes no notes about it")
    said = text.strip()
    if not said:
        raise ReasonNeeded("a note")
    notes = notes_of(session, application)
    if notes and (notes[-1].by, notes[-1].text) == (by.username, said):
        return
    session.add(ApplicationNote(application_id=application.id, at=at, by=by.username, text=said))
    events.record(session, application, ApplicationTag.NOTED, origin=by.origin, at=at)


def notes_of(session: Session, application: Application) -> Sequence[ApplicationNote]:
    """List the notes of a case, the oldest first."""
    query = select(ApplicationNote).where(ApplicationNote.application_id == application.id)
    return session.scalars(query.order_by(ApplicationNote.id)).all()
