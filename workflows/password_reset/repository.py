"""Questions to the tables of lost passwords, and the few statements that must be one statement."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, CursorResult, Update, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from iam.grants import accounts
from iam.grants.models import Account, AccountStatus
from iam.ids import AccountId
from workflows.password_reset.models import ResetLink, ResetRate, ResetRequest, SeenCode
from workflows.password_reset.states import ENDS, LinkAct, RequestOutcome, state_after, states_before

__all__ = [
    "active_accounts_at",
    "cancel",
    "forget",
    "give_back",
    "history",
    "link_by_digest",
    "link_of_request",
    "mails_since",
    "mark_live",
    "now",
    "redeemed",
    "replace_others",
    "request_for_update",
    "spend",
    "unsent",
]

_MAILED = (RequestOutcome.LINK_SENT, RequestOutcome.USERNAME_SENT)


def request_for_update(session: Session, request_id: int) -> ResetRequest:
    """Read a request and hold its row."""
    return session.get_one(ResetRequest, request_id, with_for_update=True, populate_existing=True)


def active_accounts_at(session: Session, email: str) -> list[Account]:
    """List the accounts in use that are reached at this address, however it is written."""
    query = select(Account).where(func.lower(Account.email) == email, Account.status == AccountStatus.ACTIVE)
    return list(session.scalars(query.order_by(Account.username)))


def mails_since(session: Session, account_id: AccountId, since: datetime) -> int:
    """Count the mails sent to an account since a moment, or on their way to it."""
    on_its_way = and_(ResetRequest.outcome.is_(None), ResetRequest.mail_id.is_not(None))
    sent = and_(ResetRequest.outcome.in_(_MAILED), ResetRequest.settled_at > since)
    query = select(func.count()).where(ResetRequest.account_id == account_id, or_(on_its_way, sent))
    return session.scalar(query) or 0


def link_by_digest(session: Session, digest: str) -> ResetLink | None:
    """Find a link by the digest of its secret or of its code."""
    query = select(ResetLink).where(or_(ResetLink.secret_digest == digest, ResetLink.code_digest == digest))
    return session.scalar(query.options(joinedload(ResetLink.account)))


def link_of_request(session: Session, request_id: int) -> ResetLink | None:
    """Find the link a request is sending, if an attempt came so far."""
    query = select(ResetLink).where(
        ResetLink.request_id == request_id, ResetLink.state.in_(states_before(LinkAct.SENT))
    )
    return session.scalar(query.order_by(ResetLink.id.desc()).limit(1))


def _moving(act: LinkAct, *where: ColumnElement[bool], at: datetime) -> Update:
    """Build the guarded statement of an act: from the states TRANSITIONS lists for it, to the one it leads to."""
    to = state_after(act)
    moved = update(ResetLink).where(ResetLink.state.in_(states_before(act)), *where).values(state=to)
    return moved.values(settled_at=at) if to in ENDS else moved


def mark_live(session: Session, link_id: int, *, at: datetime) -> None:
    """Note that a link's mail has left; one that was spent in between stays spent."""
    session.execute(_moving(LinkAct.SENT, ResetLink.id == link_id, at=at))


def unsent(session: Session, link_id: int, *, at: datetime) -> None:
    """Note that a link's mail was not taken."""
    session.execute(_moving(LinkAct.NOT_SENT, ResetLink.id == link_id, at=at))


def replace_others(session: Session, account_id: AccountId, *, but: int, at: datetime) -> None:
    """End every other usable link of the account: a newer one has been sent."""
    others = ResetLink.account_id == account_id, ResetLink.id != but
    session.execute(_moving(LinkAct.REPLACED, *others, at=at))


def cancel(session: Session, account_id: AccountId, *, at: datetime) -> None:
    """End the usable links of the account."""
    session.execute(_moving(LinkAct.CANCELLED, ResetLink.account_id == account_id, at=at))


def spend(session: Session, link_id: int, *, at: datetime) -> bool:
    """Take the link for one attempt, in one guarded statement: of many who try at once, one is told True."""
    spending = _moving(LinkAct.SPENT, ResetLink.id == link_id, ResetLink.expires_at > at, at=at)
    spent = session.execute(spending.values(spent_at=at).returning(ResetLink.id))
    return spent.one_or_none() is not None


def now(session: Session) -> datetime:
    """Return when the transaction began by the database's clock, which says when jobs are due."""
    return session.scalars(select(func.now())).one()


def redeemed(session: Session, link_id: int, *, spent_at: datetime, at: datetime) -> bool:
    """Note that a password was set with the link; True for the attempt that notes it first."""
    attempt = ResetLink.id == link_id, ResetLink.spent_at == spent_at
    ended = session.execute(_moving(LinkAct.ACCEPTED, *attempt, at=at).returning(ResetLink.id))
    return ended.one_or_none() is not None


def give_back(session: Session, link_id: int, *, spent_at: datetime, at: datetime) -> None:
    """Let the link live on after an attempt in vain, unless a newer one was sent meanwhile.

    The account is held first, as by whoever makes a newer link live: the two come one after the other.
    """
    account_id = session.get_one(ResetLink, link_id).account_id
    accounts.locked(session, account_id)
    newer = session.scalar(
        select(func.count()).where(
            ResetLink.account_id == account_id, ResetLink.state == state_after(LinkAct.GIVEN_BACK)
        )
    )
    act = LinkAct.OVERTAKEN if newer else LinkAct.GIVEN_BACK
    session.execute(_moving(act, ResetLink.id == link_id, ResetLink.spent_at == spent_at, at=at))


def history(session: Session, account_id: AccountId, *, limit: int) -> list[ResetRequest]:
    """List what was asked for an account, newest first, with the mail that was sent."""
    query = select(ResetRequest).where(ResetRequest.account_id == account_id).options(joinedload(ResetRequest.mail))
    return list(session.scalars(query.order_by(ResetRequest.id.desc()).limit(limit)))


def forget(session: Session, *, at: datetime, requests_kept: timedelta, given_up: timedelta) -> int:
    """Delete codes that have ended, counts of past hours, and old requests with their links; how many rows.

    A request whose job gave up without a word is settled after `given_up`: what was typed is forgotten, and its mail
    counts no more among those on their way.
    """
    session.execute(
        update(ResetRequest)
        .where(ResetRequest.at < at - given_up, ResetRequest.outcome.is_(None))
        .values(outcome=RequestOutcome.NOT_TAKEN, settled_at=at, asked=None)
    )
    statements = (
        delete(SeenCode).where(SeenCode.until <= at),
        delete(ResetRate).where(ResetRate.hour < at - timedelta(hours=2)),
        delete(ResetRequest).where(ResetRequest.at < at - requests_kept, ResetRequest.outcome.is_not(None)),
    )
    gone = 0
    for statement in statements:
        done = session.execute(statement)
        gone += done.rowcount if isinstance(done, CursorResult) else 0
    return gone
