"""Bringing decided rights to Keycloak, after the commit, retried until it succeeds.

The job is queued in the decision's own transaction. While Keycloak is away it is tried again; the account shows
meanwhile that it is pending. It may run twice: what should be there is computed from the database each time, and the
welcome is written once, on the first day of a right, in the transaction that marks it.
"""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy.orm import Session

from iam import audit
from iam.audit import Actor, ActorKind, Door, Origin
from iam.grants import accounts
from iam.grants import service as grants
from iam.grants.models import Account
from iam.ids import AccountId
from iam.keycloak import projection
from iam.keycloak.projection import Projected, ProjectionOutcome
from iam.periods import riga_day
from workflows.jobs import (
    JobsError,
    LastFailure,
    Retry,
    Run,
    defer,
    defer_all,
    job,
    last_failure,
    retry_now,
    unfinished,
)
from workflows.keycloak import open_call_pool, open_door
from workflows.rights import notices
from workflows.rights.tags import RightsTag

__all__ = [
    "LANE",
    "PROJECT",
    "PROJECT_ALL",
    "Blocked",
    "follow",
    "follow_what_is_due",
    "last_projection_failure",
    "many_on_their_way",
    "open_door",
    "project",
    "project_all",
]

PROJECT = "rights.project"
PROJECT_ALL = "rights.project_all"
_FIRST = 20  # what somebody waits for goes before mails
# Of many accounts the job costs more than the calls: they go together, in two lanes.
_MANY = 10
_TOGETHER = 40
_LANES = 2
LANE = "accounts:0"
"""The lock of a lane: what waits for it with less priority comes when no rights of many accounts are on their way."""

# Two seconds apart, then four, at most ten minutes, however long Keycloak is away and however many workers die. An
# account that is given up would show in Keycloak, for ever, what is no longer decided.
_PATIENCE = Retry(times=None, first=timedelta(seconds=2), longest=timedelta(minutes=10))


class Blocked(JobsError):
    """Keycloak understood and refused; a person has to act, and then the next attempt succeeds."""


def follow(session: Session, *account_ids: AccountId, welcome: Collection[AccountId] = ()) -> None:
    """Queue one projection for each account; holders of those in `welcome` are mailed their username, each once.

    That mail leaves on the first day of a right, when Keycloak shows the account.

    An attempt that waits because Keycloak was away or refused is made at once: what has changed now, an end perhaps,
    would else wait behind it.
    """
    for account_id in sorted(welcome):
        accounts.ask_welcome(session, account_id)
    wanted = sorted({*account_ids, *welcome})
    retry_now(session, PROJECT, locks=[_lock(account_id) for account_id in wanted])
    if len(wanted) < _MANY:
        _one_by_one(session, wanted)
        return
    together = [wanted[first : first + _TOGETHER] for first in range(0, len(wanted), _TOGETHER)]
    start = wanted[0]  # acts of one batch each, a step of a reform, share the lanes out as well
    lanes = [(f"accounts:{(start + number) % _LANES}", {"account_ids": some}) for number, some in enumerate(together)]
    defer_all(session, PROJECT_ALL, lanes, priority=_FIRST)


def _one_by_one(session: Session, account_ids: Collection[AccountId]) -> None:
    wanted = [(_lock(account_id), {"account_id": account_id}) for account_id in account_ids]
    defer_all(session, PROJECT, wanted, priority=_FIRST)


def many_on_their_way(session: Session) -> bool:
    """Return whether rights of many accounts are being brought to Keycloak; what nobody waits for comes after them.

    While Keycloak is away the answer is no: its accounts are then tried one by one.
    """
    return unfinished(session, PROJECT_ALL)


def last_projection_failure(session: Session, account_id: AccountId) -> LastFailure | None:
    """Say what went wrong last while an account was brought to Keycloak and is still to be brought there."""
    return last_failure(session, PROJECT, lock=_lock(account_id))


def _lock(account_id: AccountId) -> str:
    return f"account:{account_id}"


@job(PROJECT, queue="keycloak", retry=_PATIENCE)
def project(run: Run, *, account_id: int, welcome: bool = False) -> None:
    """Make Keycloak show the account as it is now."""
    del welcome  # jobs of earlier versions carry it; the account itself knows now
    with run.transaction() as session:
        account = session.get_one(Account, AccountId(account_id))
        door = run.tools.use(open_door)
        outcome = projection.project(session, door, account.id, run.at)
        _welcome(session, run, account, outcome)
    if not outcome.settled:
        raise Blocked(f"{outcome.kind}: {outcome.reason}")


@job(PROJECT_ALL, queue="keycloak", retry=_PATIENCE)
def project_all(run: Run, *, account_ids: list[int]) -> None:
    """Make Keycloak show many accounts as they are now; what does not succeed is tried again one by one."""
    ids = [AccountId(one) for one in account_ids]
    with run.transaction() as session:
        if run.attempt > 1:  # whichever of them it was that failed or killed the worker
            _one_by_one(session, ids)
            return
        door = run.tools.use(open_door)
        outcomes = projection.project_all(session, door, ids, run.at, pool=run.tools.use(open_call_pool))
        for account_id, outcome in outcomes.items():
            if outcome is not None:
                _welcome(session, run, session.get_one(Account, account_id), outcome)
        _one_by_one(session, [one for one, outcome in outcomes.items() if outcome is None or not outcome.settled])


def _welcome(session: Session, run: Run, account: Account, outcome: Projected) -> None:
    """Write to the holder, once, when Keycloak shows an account on the first day of a right."""
    made = outcome.settled and outcome.kind is not ProjectionOutcome.NOT_NEEDED
    if not made or not accounts.take_welcome(session, account, on=riga_day(run.at)):
        return
    known = account.keycloak_id
    has_password = known is not None and run.tools.use(open_door).password_mark(known) != ""
    notices.account_ready(session, account, has_password=has_password, base_url=run.settings.base_url, at=run.at)
    audit.record(
        session,
        RightsTag.ACCOUNT_READY,
        origin=Origin(Actor(ActorKind.SYSTEM, "projection"), Door.JOB),
        subject=f"account:{account.id}",
        at=run.at,
    )


@job("rights.follow_due", queue="keycloak", every="*/5 * * * *")
def follow_what_is_due(run: Run) -> None:
    """Project every account for which a right begins today or ended yesterday by itself."""
    with run.transaction() as session:
        for account_id in grants.due(session, on=riga_day(run.at)):
            # One waiting job per account suffices.
            defer(
                session,
                PROJECT,
                lock=_lock(account_id),
                key=f"due:{account_id}",
                account_id=account_id,
            )
