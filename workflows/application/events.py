"""What happened to an application: each act is written once into the audit, and once for the pages that show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from iam import audit
from iam.bulk import insert_all
from workflows.application.models import ApplicationEvent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from iam.audit import Origin
    from workflows.application.models import Application
    from workflows.application.tags import ApplicationTag

__all__ = ["history", "note", "record", "record_all"]


_HISTORY = (
    select(ApplicationEvent)
    .where(ApplicationEvent.application_id == bindparam("application"))
    .order_by(ApplicationEvent.id)
)


def record(
    session: Session,
    application: Application,
    tag: ApplicationTag,
    *,
    origin: Origin,
    at: datetime,
    evidence: str | None = None,
    details: Mapping[str, object] | None = None,
) -> None:
    """Record an act in the caller's transaction. `evidence` is the SHA-256 (hex) of what it rests on."""
    entry = audit.record(
        session, tag, origin=origin, subject=application.subject, at=at, evidence=evidence, details=details
    )
    session.add(
        ApplicationEvent(
            application_id=application.id, at=at, tag=tag.value, actor=str(origin.actor), details=entry.details
        )
    )
    session.flush()


def record_all(
    session: Session,
    acts: Sequence[tuple[Application, ApplicationTag, Mapping[str, object]]],
    *,
    origin: Origin,
    at: datetime,
) -> None:
    """Record acts with their details, each as `record` does, in two statements."""
    told = [audit.Act(tag=tag, subject=one.subject, details=details) for one, tag, details in acts]
    kept = audit.record_all(session, told, origin=origin, at=at)
    rows = [
        {"application_id": one.id, "at": at, "tag": tag.value, "actor": str(origin.actor), "details": details}
        for (one, tag, _), details in zip(acts, kept, strict=True)
    ]
    if rows:
        insert_all(session, ApplicationEvent, rows)


def note(
    session: Session,
    application: Application,
    tag: ApplicationTag,
    *,
    origin: Origin,
    at: datetime,
    evidence: str | None = None,
    details: Mapping[str, object] | None = None,
) -> None:
    """Record an act of staff, with the version of the application it led to."""
    application.changed_at = at
    session.flush()
    said = {"reference": application.reference, "version": application.version, **(details or {})}
    record(session, application, tag, origin=origin, at=at, evidence=evidence, details=said)


def history(session: Session, application: Application) -> Sequence[ApplicationEvent]:
    """List every act on an application, in the order they were recorded."""
    return session.scalars(_HISTORY, {"application": application.id}).all()
