"""How does a benchmark lift the limits that would end it?"""

from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from iam.audit import Actor, ActorKind, Door, Origin
from workflows import policy

__all__ = ["lift_limits"]


def lift_limits(session: Session, **numbers: int) -> None:
    """Let these numbers of policy hold, in their units. Running processes read them within `policy.FRESH_FOR`."""
    for name, value in numbers.items():
        policy.change(
            session,
            name,
            value,
            since=date(2000, 1, 1),
            source="what is measured is the work, not that a limit ends it",
            origin=Origin(Actor(ActorKind.SYSTEM, "benchmark"), Door.CLI),
            at=datetime.now(UTC),
        )
