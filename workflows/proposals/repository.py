"""Questions to the table of proposals."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.proposals.models import Proposal
from workflows.proposals.states import State

__all__ = ["about", "expired", "open_about", "recent", "waiting"]


def waiting(session: Session) -> Sequence[Proposal]:
    """List what waits for a second person, the oldest first."""
    query = select(Proposal).where(Proposal.state == State.PROPOSED).order_by(Proposal.proposed_at, Proposal.id)
    return session.scalars(query).all()


def recent(session: Session, *, limit: int) -> Sequence[Proposal]:
    """List what has ended, the latest first."""
    query = select(Proposal).where(Proposal.state != State.PROPOSED)
    return session.scalars(query.order_by(Proposal.ended_at.desc(), Proposal.id.desc()).limit(limit)).all()


def about(session: Session, subject: str) -> Sequence[Proposal]:
    """List every proposal about something, the oldest first."""
    return session.scalars(select(Proposal).where(Proposal.subject == subject).order_by(Proposal.id)).all()


def open_about(session: Session, subject: str, *, kind: str | None = None) -> Sequence[Proposal]:
    """List what waits for a second person about something."""
    query = select(Proposal).where(Proposal.subject == subject, Proposal.state == State.PROPOSED)
    if kind is not None:
        query = query.where(Proposal.kind == kind)
    return session.scalars(query.order_by(Proposal.id)).all()


def expired(session: Session, *, at: datetime, limit: int = 200) -> Sequence[int]:
    """List the numbers of proposals whose time is over."""
    query = select(Proposal.id).where(Proposal.state == State.PROPOSED, Proposal.expires_at <= at)
    return session.scalars(query.order_by(Proposal.expires_at).limit(limit)).all()
