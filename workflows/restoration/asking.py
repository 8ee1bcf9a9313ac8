"""What people may ask about rights that a reform took. Everything here runs in the caller's transaction.

(1) `ask` writes a row and queues a job: nothing about the person is looked up, so nothing can be told apart;
(2) the job (`answering`) decides whom to mail what;
(3) `look` says how a mailed link stands and changes nothing, for mail scanners open links;
(4) `confirm` hands the request to the reviewers, once.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from sqlalchemy.orm import Session

from iam import audit
from iam.audit import Actor, ActorKind, Door, Origin
from iam.grants.models import AccountStatus
from workflows.jobs import defer
from workflows.password_reset import limits as rates
from workflows.restoration import repository
from workflows.restoration.models import RestorationRequest
from workflows.restoration.states import RestorationEvent, State, after
from workflows.restoration.tags import RestorationTag

__all__ = ["ANSWER", "Confirmable", "Dead", "DeadReason", "LinkStatus", "ask", "confirm", "digest_of", "look"]

ANSWER = "restoration.answer"

_LONGEST_KEY = 100


class DeadReason(StrEnum):
    """Why a link confirms nothing."""

    UNKNOWN = "unknown"
    LAPSED = "lapsed"  # too late, or a newer one was sent
    USED = "used"
    CANCELLED = "cancelled"  # the account or its address has changed since


@dataclass(frozen=True, slots=True)
class Confirmable:
    """The link confirms a request until `until`."""

    request_id: int
    until: datetime

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Dead:
    """The link confirms nothing, for this reason."""

    why: DeadReason

    def __bool__(self) -> bool:
        return False


LinkStatus: TypeAlias = Confirmable | Dead


def ask(
    session: Session,
    *,
    username: str,
    given_name: str,
    surname: str,
    description: str,
    network: str,
    language: str,
    at: datetime,
) -> None:
    """Write down that somebody asked (1), and count it for the network, together with requests for passwords."""
    typed = {"username": username, "given_name": given_name, "surname": surname, "description": description}
    request = RestorationRequest(
        state=State.ASKED,
        language=language,
        asked_at=at,
        reason="",
        **{name: text.replace("\x00", "") for name, text in typed.items()},
    )
    session.add(request)
    session.flush()
    defer(session, ANSWER, lock=f"restoration:{request.id}", request_id=request.id)
    rates.count_request(session, network, at=at)


def look(session: Session, secret: str, *, at: datetime) -> LinkStatus:
    """Say how the link with this secret stands (3)."""
    return _standing(repository.by_digest(session, digest_of(secret)), at)


def confirm(session: Session, secret: str, *, at: datetime) -> LinkStatus:
    """Hand the request to the reviewers (4); of many who try at once one is told Confirmable."""
    request = repository.by_digest(session, digest_of(secret), hold=True)
    stands = _standing(request, at)
    if isinstance(stands, Dead) or request is None or request.account is None:
        return stands
    request.state, request.confirmed_at = after(request.state, RestorationEvent.CONFIRMED), at
    session.flush()
    audit.record(
        session,
        RestorationTag.CONFIRMED,
        origin=Origin(Actor(ActorKind.PERSON, str(request.account.person_id)), Door.WEB),
        subject=request.subject,
        at=at,
        details={"account": request.account_id},
    )
    return stands


def digest_of(secret: str) -> str:
    """Give the digest under which a secret is kept: 256 random bits need no slower hash."""
    return hashlib.sha256(secret[:_LONGEST_KEY].encode("utf-8", "surrogatepass")).hexdigest()


def _standing(request: RestorationRequest | None, at: datetime) -> LinkStatus:
    if request is None or request.account is None or request.link_until is None:
        return Dead(DeadReason.UNKNOWN)
    match request.state:
        case State.IN_REVIEW | State.RESTORED | State.REFUSED:
            return Dead(DeadReason.USED)
        case State.MAILED if request.link_until > at:
            changed = request.account.email != request.email or request.account.status is not AccountStatus.ACTIVE
            return Dead(DeadReason.CANCELLED) if changed else Confirmable(request.id, request.link_until)
        case _:
            return Dead(DeadReason.LAPSED)
