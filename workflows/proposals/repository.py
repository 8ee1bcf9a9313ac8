"""Questions to the table of proposals: those of pages are narrowed to what their reader may see (decision 77)."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from iam.visibility import Visibility, sees_scope
from workflows.proposals.models import Proposal
from workflows.proposals.states import State

__all__ = ["about", "expired", "numbered", "open_about", "recent", "waiting"]


def numbered(session: Session, proposal_id: int, *, sees: Visibility, on: date) -> Proposal | None:
    """Find a proposal among those that may be seen."""
    query = select(Proposal).where(Proposal.id == proposal_id, sees_scope(sees, Proposal.scope_id, on=on))
    return session.scalar(query)


def waiting(session: Session, *, sees: Visibility, on: date) -> Sequence[Proposal]:
    """List what waits for a second person, the oldest first."""
    query = select(Proposal).where(Proposal.state == State.PROPOSED, sees_scope(sees, Proposal.scope_id, on=on))
    return session.scalars(query.order_by(Proposal.proposed_at, Proposal.id)).all()


def recent(session: Session, *, limit: int, sees: Visibility, on: date) -> Sequence[Proposal]:
    """List what has ended, the latest first."""
    query = select(Proposal).where(Proposal.state != State.PROPOSED, sees_scope(sees, Proposal.scope_id, on=on))
    return session.scalars(query.order_by(Proposal.ended_at.desc(), Proposal.id.desc()).limit(limit)).all()


def about(session: Session, subject: str, *, sees: Visibility, on: date) -> Sequence[Proposal]:
    """List every proposal about something, the oldest first."""
    query = select(Proposal).where(Proposal.subject == subject, sees_scope(sees, Proposal.scope_id, on=on))
    return session.scalars(query.order_by(Proposal.id)).all()


_OPEN_ABOUT = (
    select(Proposal)
    .where(Proposal.subject == bindparam("about"), Proposal.state == State.PROPOSED)
    .order_by(Proposal.id)
)


def open_about(session: Session, subject: str, *, kind: str | None = None) -> Sequence[Proposal]:
    """List what waits for a second person about something."""
    query = _OPEN_ABOUT if kind is None else _OPEN_ABOUT.where(Proposal.kind == kind)
    return session.scalars(query, {"about": subject}).all()


def expired(session: Session, *, at: datetime, limit: int = 200) -> Sequence[int]:
    """List the numbers of proposals whose time is over."""
    query = select(Proposal.id).where(Proposal.state == State.PROPOSED, Proposal.expires_at <= at)
    return session.scalars(query.order_by(Proposal.expires_at).limit(limit)).all()
