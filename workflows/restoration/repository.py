"""Questions to the table of requests: those of pages are narrowed to what their reader may see (decision 77)."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session, contains_eager

from iam.grants.models import Account
from iam.ids import AccountId
from iam.visibility import Visibility, sees_account
from workflows.restoration.errors import NoSuchRequest
from workflows.restoration.models import RestorationRequest
from workflows.restoration.states import FORGOTTEN, SHOWN, State

__all__ = [
    "by_digest",
    "delete_forgotten",
    "lapsed",
    "locked",
    "mails_since",
    "numbered",
    "of_account",
    "shown",
]

_MAILED = (State.MAILED, State.ANSWERED, State.LAPSED, *SHOWN)


def locked(session: Session, request_id: int) -> RestorationRequest:
    """Find a request and hold its row. Raises NoSuchRequest."""
    found = session.get(RestorationRequest, request_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NoSuchRequest
    return found


def by_digest(session: Session, digest: str, *, hold: bool = False) -> RestorationRequest | None:
    """Find a request by the digest of its link's secret."""
    query = select(RestorationRequest).where(RestorationRequest.secret_digest == digest)
    return session.scalar(query.with_for_update(of=RestorationRequest) if hold else query)


def of_account(session: Session, account_id: AccountId, state: State) -> Sequence[RestorationRequest]:
    """List an account's requests in a state."""
    query = select(RestorationRequest).where(
        RestorationRequest.account_id == account_id, RestorationRequest.state == state
    )
    return session.scalars(query.order_by(RestorationRequest.id)).all()


def mails_since(session: Session, account_id: AccountId, since: datetime) -> int:
    """Count the requests of an account that were answered by mail since a moment."""
    query = select(func.count()).where(
        RestorationRequest.account_id == account_id,
        RestorationRequest.state.in_(_MAILED),
        RestorationRequest.settled_at > since,
    )
    return session.scalar(query) or 0


def numbered(session: Session, request_id: int, *, sees: Visibility, on: date) -> RestorationRequest:
    """Find a confirmed request among those that may be seen. Raises NoSuchRequest."""
    query = _visible(sees, on).where(RestorationRequest.id == request_id, RestorationRequest.state.in_(SHOWN))
    found = session.scalar(query)
    if found is None:
        raise NoSuchRequest
    return found


def shown(
    session: Session, *, waiting: bool, sees: Visibility, on: date, limit: int = 200
) -> Sequence[RestorationRequest]:
    """List what waits for a decision, the oldest first, or what was decided, the latest first."""
    states = (State.IN_REVIEW,) if waiting else (State.RESTORED, State.REFUSED)
    order = RestorationRequest.confirmed_at if waiting else RestorationRequest.decided_at.desc()
    query = _visible(sees, on).where(RestorationRequest.state.in_(states)).order_by(order, RestorationRequest.id)
    return session.scalars(query.limit(limit)).all()


def lapsed(session: Session, *, at: datetime, limit: int = 500) -> Sequence[RestorationRequest]:
    """List and hold the requests whose link was not used in time."""
    query = select(RestorationRequest).where(
        RestorationRequest.state == State.MAILED, RestorationRequest.link_until <= at
    )
    return session.scalars(query.limit(limit).with_for_update(skip_locked=True, of=RestorationRequest)).all()


def delete_forgotten(session: Session, *, before: datetime) -> None:
    """Delete the requests that led to nothing and were made before a moment."""
    session.execute(
        delete(RestorationRequest).where(RestorationRequest.state.in_(FORGOTTEN), RestorationRequest.asked_at < before)
    )


def _visible(sees: Visibility, on: date) -> Select[RestorationRequest]:
    return (
        select(RestorationRequest)
        .join(RestorationRequest.account)
        .where(sees_account(sees, Account.id, on=on))
        .options(contains_eager(RestorationRequest.account))
    )
