"""Make Keycloak show what the database says of one account. May run twice, late, or after a crash: same end.

    (1) one projection of an account at a time, for a PUT is not conditional and two writers lose one
    (2) work out what should be there on this day, at the account's present revision
    (3) find what is there: by the id we remember, else by username, if it is ours
    (4) create or update; `enabled` only where the account's status changed since the last time
    (5) end the sessions if a right or the account ended
    (6) with the account held: remember what was shown, and the day on which to project again

Nobody who decides waits for Keycloak: the account's row is held in (6) alone. What was decided since (2) has a revision
of its own, so that the account stays pending, and queued a projection of its own, which comes next. The lock of (1)
falls with the transaction, as the row's would: a process that was paused and taken for dead keeps its successor waiting
instead of writing over it later.

A crash after (4) or (5) leaves the account pending: the next run finds Keycloak as it should be and ends the sessions
again, because what was shown last is asked of the database and not of Keycloak.
"""

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from iam import audit
from iam.audit import Actor, ActorKind, Door, Origin
from iam.bulk import any_of
from iam.errors import EmailTaken, KeycloakRefused, KeycloakUnavailable, UsernameTaken
from iam.grants import service as grants
from iam.grants.accounts import locked, locked_all
from iam.grants.models import BLOCKED_OUTCOMES, Account, AccountStatus
from iam.grants.rules import HeldGrant, next_change
from iam.ids import AccountId
from iam.keycloak.client import KeycloakClient, KeycloakUser
from iam.keycloak.desired import ASK_THE_API, DesiredUser, desired, values_of
from iam.keycloak.tags import KeycloakTag
from iam.locks import each_at_a_time, one_at_a_time
from iam.periods import riga_day

__all__ = ["Projected", "ProjectionOutcome", "project", "project_all"]

_MOST_LOST = 3
_PROJECTION = Actor(ActorKind.SYSTEM, "projection")


class ProjectionOutcome(StrEnum):
    """How a projection ended. The last three leave the account pending until a person has acted."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    NOT_NEEDED = "not_needed"  # an account that ended, or all its rights did, before Keycloak ever knew it
    EMAIL_TAKEN = "email_taken"  # another account has the e-mail; rights of a known user were written all the same
    USERNAME_TAKEN = "username_taken"  # made outside this service under that name; it is not touched
    REFUSED = "refused"  # Keycloak said no for another reason


_BLOCKED = frozenset(map(ProjectionOutcome, BLOCKED_OUTCOMES))


@dataclass(frozen=True, slots=True)
class Projected:
    """What was done. `reason` is Keycloak's word where it refused.

    `written` says of a refused one that everything but e-mail and names stands there all the same, `changed` that this
    run changed some of it. `keycloak_id` is whom Keycloak has for the account, None when nobody.
    """

    kind: ProjectionOutcome
    sessions_ended: bool = False
    reason: str = ""
    written: bool = False
    changed: bool = False
    keycloak_id: str | None = field(default=None, compare=False)  # whose it was, not what was done

    @property
    def settled(self) -> bool:
        """Whether Keycloak shows the account as it was when this run began."""
        return self.kind not in _BLOCKED


def project(session: Session, keycloak: KeycloakClient, account_id: AccountId, at: datetime) -> Projected:
    """Bring Keycloak to what the database says of the account at the moment; flushes, the caller commits.

    Raises KeycloakUnavailable when the outcome is not known: roll back and run again. What Keycloak refuses is an
    outcome, for a person to see.
    """
    # (1) one at a time
    one_at_a_time(session, _turn(account_id))
    # (2) what should be there. The revision is read before the rights, so that it never promises more than they show.
    account = session.get_one(Account, account_id, populate_existing=True)
    task = _Task.of(account, lambda: grants.history(session, account_id), lambda: _shown_last(session, account), at)
    # (3) to (5) find it, write it, end sessions
    outcome = _write(keycloak, task)
    # (6) remember
    acts = _remembered(locked(session, account_id), task, outcome, at)
    audit.record_all(session, acts, origin=Origin(_PROJECTION, Door.JOB), at=at)
    session.flush()
    return outcome


def project_all(
    session: Session, keycloak: KeycloakClient, account_ids: Collection[AccountId], at: datetime, *, pool: Executor
) -> dict[AccountId, Projected | None]:
    """Bring many accounts to Keycloak as `project` does one, as many of them at once as `pool` has threads.

    None stands for an account whose outcome is not known, since Keycloak was not reached: it is to be projected again.
    After a few of those the others are not tried: each would wait as long.
    """
    each_at_a_time(session, [_turn(one) for one in account_ids])  # (1)
    found = select(Account).where(Account.id == any_of(account_ids)).options(joinedload(Account.person))
    accounts = list(session.scalars(found.order_by(Account.id), execution_options={"populate_existing": True}))  # (2)
    histories = grants.histories(session, [account.id for account in accounts])
    shown = grants.held_then(session, {one.id: one.projected_at for one in accounts if one.projected_at is not None})
    tasks = [
        _Task.of(
            account,
            partial(histories.__getitem__, account.id),
            partial(values_of, shown.get(account.id, ())),
            at,
        )
        for account in accounts
    ]

    lost: list[_Task] = []

    def write(task: _Task) -> Projected | None:
        try:
            return _write(keycloak, task) if len(lost) < _MOST_LOST else None
        except KeycloakUnavailable:
            lost.append(task)
            return None

    outcomes = dict(zip([account.id for account in accounts], pool.map(write, tasks), strict=True))  # (3) to (5)
    held = locked_all(session, [account_id for account_id, outcome in outcomes.items() if outcome is not None])  # (6)
    acts = []
    for account_id, task in zip(outcomes, tasks, strict=True):
        outcome = outcomes[account_id]
        if outcome is not None:
            acts += _remembered(held[account_id], task, outcome, at)
    audit.record_all(session, acts, origin=Origin(_PROJECTION, Door.JOB), at=at)
    session.flush()
    return outcomes


def _turn(account_id: AccountId) -> str:
    return f"project account {account_id}"


@dataclass(frozen=True, slots=True)
class _Task:
    """What Keycloak is to show of an account, as known when a run begins; `shown_last` is asked for if it matters."""

    known: str | None
    username: str
    revision: int
    status: AccountStatus
    projected_status: AccountStatus | None
    history: Sequence[HeldGrant]
    wanted: DesiredUser
    shown_last: Callable[[], frozenset[str]]
    over: bool

    @classmethod
    def of(
        cls,
        account: Account,
        history: Callable[[], Sequence[HeldGrant]],
        shown_last: Callable[[], frozenset[str]],
        at: datetime,
    ) -> "_Task":
        """Work it out; the revision is read before the rights."""
        revision, status, today = account.revision, account.status, riga_day(at)
        held = history()
        wanted = desired(account, held, today)
        over = _over(held, today)
        known, shown = account.keycloak_id, account.projected_status
        return cls(known, account.username, revision, status, shown, held, wanted, shown_last, over)


def _remembered(account: Account, task: _Task, outcome: Projected, at: datetime) -> list[audit.Act]:
    """Write down what was shown of an account whose row is held; return what the audit says of it."""
    account.keycloak_id = outcome.keycloak_id
    if outcome.settled:
        account.projected_revision = task.revision
    if outcome.settled or outcome.written:
        # What was shown, whoever's the e-mail is: else every attempt to come would end the sessions once more.
        account.projected_at = at
        account.projected_status = task.status
        if account.revision == task.revision:  # else a later decision has set the day
            account.project_on = next_change(task.history, after=riga_day(at))
    # A refusal that is the same as at the last attempt is no news: attempts go on.
    news = outcome.settled or outcome.changed or account.projection_outcome != outcome.kind
    account.projection_outcome = outcome.kind
    if not news or outcome.kind in (ProjectionOutcome.UNCHANGED, ProjectionOutcome.NOT_NEEDED):
        return []
    details = {
        "outcome": outcome.kind,
        "reason": outcome.reason,
        "sessions_ended": outcome.sessions_ended,
        "digest": task.wanted.digest,
    }
    tag = KeycloakTag.PROJECTED if outcome.settled else KeycloakTag.BLOCKED
    return [audit.Act(tag=tag, subject=f"account:{account.id}", details=details)]


def _over(history: Sequence[HeldGrant], today: date) -> bool:
    """Return whether rights were held and none is held or to come: nobody waits for what Keycloak refuses then."""
    return bool(history) and all(one.until is not None and one.until < today for one in history)


def _write(keycloak: KeycloakClient, task: _Task) -> Projected:
    """Find and write the user; nothing of the account is changed, for that would hold its row while Keycloak works."""
    known, over = task.known, task.over
    try:
        present = _present(keycloak, task)
        known = None if present is None else present.id
        if present is None:
            return _create(keycloak, task.wanted, over=over)
        return _update(keycloak, task, present)
    except EmailTaken as taken:
        return Projected(ProjectionOutcome.EMAIL_TAKEN, reason=taken.reason, keycloak_id=known)
    except UsernameTaken as taken:
        if over:
            return Projected(ProjectionOutcome.NOT_NEEDED)
        return Projected(ProjectionOutcome.USERNAME_TAKEN, reason=taken.reason)
    except KeycloakRefused as refused:
        return Projected(ProjectionOutcome.REFUSED, reason=refused.reason, keycloak_id=known)


def _present(keycloak: KeycloakClient, task: _Task) -> KeycloakUser | None:
    """Find our user; raises UsernameTaken for somebody else's of that name."""
    if task.known is not None:
        known = keycloak.read(task.known)
        if known is not None:
            return known
        # Deleted outside this service: made again below, as a new user without a password.
    found = keycloak.find(task.username)
    if found is None:
        return None
    # Made by an earlier run whose answer was lost: it carries our digest and this account's e-mail.
    if found.digest is not None and found.email.lower() == task.wanted.email:
        return found
    raise UsernameTaken(409, "an account of that name exists that is not ours")


def _create(keycloak: KeycloakClient, wanted: DesiredUser, *, over: bool) -> Projected:
    if over or not wanted.enabled:
        return Projected(ProjectionOutcome.NOT_NEEDED)
    return Projected(ProjectionOutcome.CREATED, keycloak_id=keycloak.create(wanted))


def _update(keycloak: KeycloakClient, task: _Task, present: KeycloakUser) -> Projected:
    wanted = task.wanted
    enabled = _enabled_changes(task, present)
    refused: KeycloakRefused | None = None
    changed = enabled is not None or not _shows(present, wanted)
    if changed:
        try:
            keycloak.update(present, wanted, enabled=enabled)
        except EmailTaken as taken:
            # Rights do not wait for an address: an ended one must end. The address stays as it was.
            refused = taken
            keycloak.update(present, replace(wanted, email=present.email), enabled=enabled)
        except KeycloakRefused as said:
            # Nor for a name that the realm's profile refuses.
            refused = said
            keycloak.update(present, _as_present(wanted, present), enabled=enabled)
    gone = present.grants - wanted.rights - {ASK_THE_API}
    ended = bool(gone) or bool(task.shown_last() - wanted.rights - {ASK_THE_API}) or _ended_since(task)
    if ended:
        keycloak.logout(present.id)
    if refused is not None and not task.over:
        news = ended or (present.grants, present.digest) != (wanted.grants, wanted.digest)
        of_address = isinstance(refused, EmailTaken)
        return Projected(
            ProjectionOutcome.EMAIL_TAKEN if of_address else ProjectionOutcome.REFUSED,
            sessions_ended=ended,
            reason=refused.reason,
            written=True,
            changed=news,
            keycloak_id=present.id,
        )
    kind = ProjectionOutcome.UPDATED if changed or ended else ProjectionOutcome.UNCHANGED
    return Projected(kind, sessions_ended=ended, keycloak_id=present.id)


def _as_present(wanted: DesiredUser, present: KeycloakUser) -> DesiredUser:
    return replace(wanted, email=present.email, given_name=present.given_name, surname=present.surname)


def _ended_since(task: _Task) -> bool:
    """Return whether the account was shut after what was shown last."""
    return task.status not in (AccountStatus.ACTIVE, task.projected_status)


def _enabled_changes(task: _Task, present: KeycloakUser) -> bool | None:
    """Return what to write into `enabled`, None for leaving it: the user may have been disabled in Keycloak itself.

    Only an account that was shut by us is opened by us.
    """
    if not task.wanted.enabled:
        return False if present.enabled and task.projected_status != task.status else None
    shut_by_us = task.projected_status not in (None, AccountStatus.ACTIVE)
    return True if shut_by_us and not present.enabled else None


def _shows(present: KeycloakUser, wanted: DesiredUser) -> bool:
    return (present.email.lower(), present.given_name, present.surname, present.grants, present.digest) == (
        wanted.email,
        wanted.given_name,
        wanted.surname,
        wanted.grants,
        wanted.digest,
    )


def _shown_last(session: Session, account: Account) -> frozenset[str]:
    """Return what the last settled run showed, as the database knew it then."""
    if account.projected_at is None:
        return frozenset()
    then = account.projected_at
    return values_of(grants.current_grants(session, account.id, on=riga_day(then), known_at=then))
