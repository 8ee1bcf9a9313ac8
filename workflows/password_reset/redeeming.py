"""Spending a link: a new password for whoever holds it, once.

(1) the link is good by our tables, and the password by our rules;
(2) by Keycloak too: the account is open there and has the password it had when the link was made;
(3) the link is spent in one guarded statement, committed, with a job behind it that will look after it;
(4) Keycloak sets the password, by its own policy, asked once and soon; if it refuses, the link is given back;
(5) all sessions end, a lock from failed logins is lifted;
(6) the link is redeemed, other links of the account are dead, the holder is told by mail.

No row is held while Keycloak works. Killed between (3) and (6), or without Keycloak's answer in (4), the job (`settle`)
asks Keycloak whether the password is another one by now: if so it does (5) and (6), if not it gives the link back. It
comes when nothing of the attempt can be on its way any more, within a minute: till then the link is busy. Nobody is
logged in by any of this, a second factor stays as it is, and a shut account stays shut.
"""

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TypeAlias

from sqlalchemy.orm import Session, sessionmaker

from iam import audit
from iam.audit import Actor, ActorKind, Door, Origin
from iam.errors import KeycloakRefused, KeycloakTrouble, KeycloakUnavailable
from iam.grants.models import Account
from iam.ids import AccountId
from iam.keycloak.client import KeycloakClient
from workflows import mail
from workflows.database import transaction
from workflows.jobs import Retry, Run, defer, job
from workflows.keycloak import open_door
from workflows.mail import BadAddress
from workflows.password_reset import repository
from workflows.password_reset.errors import KeycloakAway, LinkBusy, PasswordRefused
from workflows.password_reset.keys import digest_of
from workflows.password_reset.models import ResetLink
from workflows.password_reset.rules import Rule, objections, refused_by_keycloak
from workflows.password_reset.service import Busy, Dead, DeadReason, Good, link_status
from workflows.password_reset.states import LinkState
from workflows.password_reset.tags import ResetTag

__all__ = ["Done", "Redeemed", "finish", "redeem", "settle"]

SETTLE = "reset.settle"
FINISH = "reset.finish"

# From spending the link to sending the password: our own commit. An attempt that is held up longer sends nothing.
_TO_BE_SENT = timedelta(seconds=5)
# How long Keycloak may be at work on a password after whoever sent it has stopped waiting, or died.
_AT_WORK = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Done:
    """The password is set."""

    def __bool__(self) -> bool:
        return True


Redeemed: TypeAlias = Done | Dead


@dataclass(frozen=True, slots=True)
class _InHand:
    """A link between our hands and Keycloak's; the facts of one attempt."""

    link_id: int
    account_id: AccountId
    keycloak_id: str
    password_seen: str
    spent_at: datetime
    base_url: str
    incident_contact: str


def redeem(
    sessions: sessionmaker[Session],
    door: KeycloakClient,
    typed: str,
    password: str,
    *,
    rules: tuple[Rule, ...],
    base_url: str,
    incident_contact: str,
    at: datetime,
) -> Redeemed:
    """Set `password` for the holder of the link (the procedure above), in transactions of its own.

    Raises PasswordRefused with every objection, LinkBusy, KeycloakAway; after each the link lives on.
    """
    with transaction(sessions) as session:  # (1)
        link = repository.link_by_digest(session, digest_of(typed))
        stands = link_status(link, at=at)
        match stands:
            case Dead():
                return stands
            case Busy():
                raise LinkBusy
            case Good():
                pass
        if link is None or link.account.keycloak_id is None:
            return Dead(DeadReason.CANCELLED)
        hand = _InHand(
            link.id,
            link.account_id,
            link.account.keycloak_id,
            link.password_seen,
            at,
            base_url,
            incident_contact,
        )
        against = objections(password, names=_names(link.account), rules=rules)
    if against:
        raise PasswordRefused(against)
    if not _as_it_was(door, hand):  # (2)
        with transaction(sessions) as session:
            repository.cancel(session, hand.account_id, at=at)
        return Dead(DeadReason.CANCELLED)
    spending = time.monotonic()
    longest = _TO_BE_SENT + door.longest_exchange + _AT_WORK
    with transaction(sessions) as session:  # (3)
        if not repository.spend(session, hand.link_id, at=at):
            raise LinkBusy
        # By the clock the job is started by: the two machines' may differ by more than there is to spare.
        defer(session, SETTLE, schedule_at=repository.now(session) + longest, link_id=hand.link_id)
    if timedelta(seconds=time.monotonic() - spending) > _TO_BE_SENT:
        _give_back(sessions, hand)
        raise KeycloakAway
    _set_password(sessions, door, hand, password, rules=rules)  # (4)
    finished = _finish_at_keycloak(door, hand)  # (5)
    with transaction(sessions) as session:  # (6)
        _redeemed(session, hand, finished=finished, door=Door.WEB, at=at)
    return Done()


def _names(account: Account) -> tuple[str, ...]:
    return account.username, account.person.given_name, account.person.surname


def _as_it_was(door: KeycloakClient, hand: _InHand) -> bool:
    try:
        user = door.read(hand.keycloak_id)
        return user is not None and user.enabled and door.password_mark(hand.keycloak_id) == hand.password_seen
    except KeycloakTrouble as trouble:
        raise KeycloakAway from trouble


def _set_password(
    sessions: sessionmaker[Session], door: KeycloakClient, hand: _InHand, password: str, *, rules: tuple[Rule, ...]
) -> None:
    try:
        door.set_password(hand.keycloak_id, password)
    except KeycloakRefused as refused:
        _give_back(sessions, hand)
        if refused.status == HTTPStatus.BAD_REQUEST:
            raise PasswordRefused((refused_by_keycloak(refused.reason, rules),)) from refused
        raise KeycloakAway from refused
    except KeycloakUnavailable as lost:
        # The password may have been set, or may be set yet. Only the job gives the link back, when that is over.
        try:
            changed = door.password_mark(hand.keycloak_id) != hand.password_seen
        except KeycloakTrouble:
            raise KeycloakAway from lost
        if not changed:
            raise KeycloakAway from lost


def _give_back(sessions: sessionmaker[Session], hand: _InHand) -> None:
    with transaction(sessions) as session:
        repository.give_back(session, hand.link_id, spent_at=hand.spent_at, at=hand.spent_at)


def _finish_at_keycloak(door: KeycloakClient, hand: _InHand) -> bool:
    try:
        door.logout(hand.keycloak_id)
        door.lift_lock(hand.keycloak_id)
    except KeycloakTrouble:
        return False
    return True


def _redeemed(session: Session, hand: _InHand, *, finished: bool, door: Door, at: datetime) -> None:
    if not repository.redeemed(session, hand.link_id, spent_at=hand.spent_at, at=at):
        return  # the job was here before us
    repository.cancel(session, hand.account_id, at=at)
    if not finished:
        defer(session, FINISH, keycloak_id=hand.keycloak_id)
    account = session.get_one(Account, hand.account_id)
    audit.record(
        session,
        ResetTag.LINK_REDEEMED,
        origin=Origin(Actor(ActorKind.PERSON, str(account.person_id)), door),
        subject=f"account:{account.id}",
        at=at,
        details={"link": hand.link_id},
    )
    # The address was good an hour ago; should it not be now, the password is set all the same.
    with suppress(BadAddress):
        mail.queue(
            session,
            to=account.email,
            template="reset_done",
            language=account.language,
            context={
                "username": account.username,
                "at": at,
                "incident_contact": hand.incident_contact,
                "reset_page": mail.page_of(hand.base_url, "/reset", account.language),
            },
            at=at,
        )


@job(SETTLE, queue="keycloak", retry=Retry(times=None, first=timedelta(seconds=5), longest=timedelta(minutes=2)))
def settle(run: Run, *, link_id: int) -> None:
    """Find out what became of an attempt that never came back, and end it either way."""
    with run.transaction() as session:
        link = session.get_one(ResetLink, link_id)
        keycloak_id = link.account.keycloak_id
        if link.state is not LinkState.SPENDING or link.spent_at is None or keycloak_id is None:
            return
        hand = _InHand(
            link.id,
            link.account_id,
            keycloak_id,
            link.password_seen,
            link.spent_at,
            run.settings.base_url,
            run.settings.incident_contact,
        )
    door = run.tools.use(open_door)
    if door.password_mark(hand.keycloak_id) == hand.password_seen:
        with run.transaction() as session:
            repository.give_back(session, hand.link_id, spent_at=hand.spent_at, at=run.at)
        return
    door.logout(hand.keycloak_id)
    door.lift_lock(hand.keycloak_id)
    with run.transaction() as session:
        _redeemed(session, hand, finished=True, door=Door.JOB, at=run.at)


@job(FINISH, queue="keycloak", retry=Retry(times=None, first=timedelta(seconds=2), longest=timedelta(minutes=2)))
def finish(run: Run, *, keycloak_id: str) -> None:
    """End the sessions and lift the lock after a password was set and Keycloak went away before that."""
    door = run.tools.use(open_door)
    door.logout(keycloak_id)
    door.lift_lock(keycloak_id)
