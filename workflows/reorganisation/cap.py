"""How many accounts may a plan touch, and who has raised that for one plan by name?"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from iam import audit
from iam.audit import Origin
from iam.grants.models import Account, AccountStatus
from workflows import policy
from workflows.reorganisation.errors import OverCap
from workflows.reorganisation.models import PlanCap
from workflows.reorganisation.plan import Fate, Plan
from workflows.reorganisation.tags import PlanTag

__all__ = ["check", "raise_for"]

_WHOLE = 100


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


def raise_for(session: Session, digest: str, *, accounts: int, reason: str, origin: Origin, at: datetime) -> None:
    """Let the plan of this digest touch so many accounts. One right more makes it another plan with another digest."""
    session.merge(
        PlanCap(plan_digest=digest, accounts=accounts, raised_by=str(origin.actor), raised_at=at, reason=reason.strip())
    )
    session.flush()
    audit.record(
        session,
        PlanTag.CAP_RAISED,
        origin=origin,
        subject=f"plan:{digest}",
        at=at,
        evidence=digest,
        details={"accounts": accounts, "reason": reason.strip()},
    )
