"""How do tests and benchmarks put other numbers in force?"""

from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from iam.audit import Actor, ActorKind, Door, Origin
from workflows import policy

__all__ = ["set_numbers"]


def set_numbers(session: Session, since: date = date(2000, 1, 1), /, **numbers: int) -> None:
    """Let these numbers hold from a day on, in their units: `set_numbers(session, evidence_most=1)`.

    Running processes read them within `policy.FRESH_FOR`.
    """
    for name, value in numbers.items():
        policy.change(
            session,
            name,
            value,
            since=since,
            source="a test or benchmark",
            origin=Origin(Actor(ActorKind.SYSTEM, "test"), Door.CLI),
            at=datetime.now(UTC),
        )
