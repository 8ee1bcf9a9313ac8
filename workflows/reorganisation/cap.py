"""How many accounts may a plan touch, and who has raised that for one plan by name?"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from iam import audit
from iam.audit import Actor, ActorKind, Origin
from iam.grants.models import Account, AccountStatus
from workflows import policy
from workflows.reorganisation.errors import OverCap
from workflows.reorganisation.models import PlanCap
from workflows.reorganisation.plan import Fate, Plan
from workflows.reorganisation.tags import PlanTag

__all__ = ["Raised", "check", "raise_for", "raised_for"]

_WHOLE = 100


@dataclass(frozen=True, slots=True)
class Raised:
    """The cap of one plan: accounts it may touch, the username of who decided that, and why."""

    accounts: int
    by: str
    reason: str


def check(session: Session, plan: Plan, digest: str, *, at: datetime) -> None:
    """Raise OverCap for a plan that ends rights of more accounts than the policy of the day, or its own cap, allows."""
    accounts = len({one.account for one in plan.of(Fate.ENDS)})
    numbers = policy.on(session, at)
    active = select(func.count()).select_from(Account).where(Account.status == AccountStatus.ACTIVE)
    share = (session.scalar(active) or 0) * numbers.plan_cap_share // _WHOLE
    most = max(numbers.plan_cap_accounts, share)
    raised = session.get(PlanCap, digest)
    if accounts > max(most, 0 if raised is None else raised.accounts):
        raise OverCap(accounts, most, digest)


def raised_for(session: Session, digest: str) -> Raised | None:
    """Say who has raised the cap for the plan of this digest, to how many accounts and why; None where nobody has."""
    found = session.get(PlanCap, digest)
    if found is None:
        return None
    return Raised(found.accounts, found.raised_by.removeprefix(f"{ActorKind.STAFF}:"), found.reason)


def raise_for(
    session: Session, digest: str, *, accounts: int, by: str, reason: str, origin: Origin, at: datetime
) -> None:
    """Let the plan of this digest touch so many accounts. One right more makes it another plan with another digest.

    `by` is the username of the administrator who decided it, `origin` whoever typed it.
    """
    raised_by = str(Actor(ActorKind.STAFF, by))
    session.merge(
        PlanCap(plan_digest=digest, accounts=accounts, raised_by=raised_by, raised_at=at, reason=reason.strip())
    )
    session.flush()
    audit.record(
        session,
        PlanTag.CAP_RAISED,
        origin=origin,
        subject=f"plan:{digest}",
        at=at,
        evidence=digest,
        details={"accounts": accounts, "raised_by": raised_by, "reason": reason.strip()},
    )
