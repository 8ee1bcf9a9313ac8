"""What people, and staff for them, may ask about a lost password. Everything here runs in the caller's transaction.

(1) `ask` writes a row and queues a job: nothing about the person is looked up, so nothing can be told apart;
(2) the job (`answering`) decides, makes the link and mails it;
(3) `check_link` says how a link stands; it changes nothing, for mail scanners open links;
(4) `redeeming.redeem` spends it and sets the password.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from sqlalchemy import insert
from sqlalchemy.orm import Session

from iam import audit
from iam.audit import Actor, Door, Origin
from iam.base import Base
from iam.grants.models import Account, AccountStatus
from iam.ids import AccountId
from workflows.jobs import defer
from workflows.password_reset import limits as rates
from workflows.password_reset import repository
from workflows.password_reset.answering import ANSWER
from workflows.password_reset.errors import NotForThem
from workflows.password_reset.keys import digest_of
from workflows.password_reset.models import ResetLink, ResetRequest
from workflows.password_reset.states import LinkState
from workflows.password_reset.tags import ResetTag

__all__ = [
    "Busy",
    "Dead",
    "DeadReason",
    "Good",
    "LinkStatus",
    "ask",
    "ask_again",
    "check_link",
    "history",
    "link_status",
    "start_for",
]

_LONGEST_ASKED = 254
_REQUESTS = Base.metadata.tables[ResetRequest.__tablename__]
# On the table and built once, like the statements of `limits`.
_NEW_REQUEST = insert(_REQUESTS).returning(_REQUESTS.c.id)


class DeadReason(StrEnum):
    """Why a link opens nothing."""

    UNKNOWN = "unknown"  # nobody made it, or it is long forgotten
    EXPIRED = "expired"
    USED = "used"
    REPLACED = "replaced"
    CANCELLED = "cancelled"  # password, address or account have changed since


@dataclass(frozen=True, slots=True)
class Good:
    """The link can be spent until `until`."""

    link_id: int
    account_id: AccountId
    until: datetime

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Busy:
    """An attempt has it in hand; it ends within seconds, one way or the other."""

    def __bool__(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Dead:
    """The link opens nothing, for this reason."""

    why: DeadReason

    def __bool__(self) -> bool:
        return False


LinkStatus: TypeAlias = Good | Busy | Dead


def ask(session: Session, *, typed: str, network: str, language: str, at: datetime) -> None:
    """Write down that somebody asked (1), and count it for the network."""
    # What is too long names nobody; cut, it might.
    kept = typed.replace("\x00", "") if len(typed) <= _LONGEST_ASKED else ""
    asked = {"asked": kept, "language": language, "at": at}
    _queue(session, session.execute(_NEW_REQUEST, asked).scalar_one())
    rates.count_request(session, network, at=at)


def ask_again(session: Session, typed: str, *, network: str, language: str, at: datetime) -> None:
    """Write down that whoever holds this old link or code wants a new one; it goes to the account's own address.

    Nothing is looked up about the person, and the limits of `ask` hold. A link nobody made asks for nobody.
    """
    link = repository.link_by_digest(session, digest_of(typed))
    if link is None:
        ask(session, typed="", network=network, language=language, at=at)
        return
    request = ResetRequest(language=language, at=at, account_id=link.account_id)
    session.add(request)
    session.flush()
    _queue(session, request.id)
    rates.count_request(session, network, at=at)


def start_for(session: Session, account: Account, *, by: Actor, at: datetime) -> ResetRequest:
    """Let staff start what the user could ask for. The mail goes to the user; staff see neither link nor password.

    It is counted among the account's mails of the hour but not refused for them. Raises NotForThem.
    """
    if account.status is not AccountStatus.ACTIVE or account.keycloak_id is None:
        raise NotForThem(f"account {account.username} is {account.status}")
    request = ResetRequest(
        asked=account.username, language=account.language, at=at, started_by=str(by), account_id=account.id
    )
    session.add(request)
    session.flush()
    _queue(session, request.id)
    audit.record(
        session,
        ResetTag.STARTED_BY_STAFF,
        origin=Origin(by, Door.REVIEW),
        subject=f"account:{account.id}",
        at=at,
        details={"request": request.id},
    )
    return request


def check_link(session: Session, typed: str, *, at: datetime) -> LinkStatus:
    """Say how the link stands that this secret or code belongs to (3)."""
    return link_status(repository.link_by_digest(session, digest_of(typed)), at=at)


def link_status(link: ResetLink | None, *, at: datetime) -> LinkStatus:
    """Judge a link by what our own tables say; Keycloak is asked when it is spent."""
    if link is None:
        return Dead(DeadReason.UNKNOWN)
    match link.state:
        case LinkState.REDEEMED:
            return Dead(DeadReason.USED)
        case LinkState.REPLACED | LinkState.UNSENT:
            return Dead(DeadReason.REPLACED)
        case LinkState.CANCELLED:
            return Dead(DeadReason.CANCELLED)
        case LinkState.SPENDING:
            return Busy()
        case LinkState.SENDING | LinkState.LIVE:
            return _while_usable(link, at)


def history(session: Session, account: Account, *, limit: int = 20) -> list[ResetRequest]:
    """List what was asked for an account and what became of it, newest first: for staff."""
    return repository.history(session, account.id, limit=limit)


def _while_usable(link: ResetLink, at: datetime) -> LinkStatus:
    if link.expires_at <= at:
        return Dead(DeadReason.EXPIRED)
    if link.account.status is not AccountStatus.ACTIVE or link.account.email != link.email:
        return Dead(DeadReason.CANCELLED)
    return Good(link.id, link.account_id, link.expires_at)


def _queue(session: Session, request_id: int) -> None:
    defer(session, ANSWER, lock=f"reset:{request_id}", request_id=request_id)
