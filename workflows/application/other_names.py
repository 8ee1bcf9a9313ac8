"""Somebody is stated by a wholly other name than whoever has their code is known by: approving says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iam import letters
from iam.people.rules import wholly_other
from workflows.application import events
from workflows.application.errors import NameUnexplained
from workflows.application.parties import known
from workflows.application.tags import ApplicationTag

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from iam.audit import Origin
    from workflows.application.facts import StatedFacts
    from workflows.application.models import Application

__all__ = ["keep_why", "named_otherwise"]


def named_otherwise(session: Session, facts: StatedFacts) -> tuple[str, ...]:
    """Name the roles in which somebody is stated by a wholly other name than we know whoever has the code by."""
    return tuple(
        role
        for role, stated in facts.people.items()
        if (person := known(session, facts, role)) is not None and wholly_other(stated.name, person.full_name)
    )


def keep_why(
    session: Session, application: Application, facts: StatedFacts, why: str, *, origin: Origin, at: datetime
) -> None:
    """Keep why it is the same person, where somebody is named otherwise. Raises NameUnexplained without a reason."""
    if not (otherwise := named_otherwise(session, facts)):
        return
    if not letters.seen(why):
        raise NameUnexplained(f"another name is known by the code: {', '.join(otherwise)}")
    events.note(
        session,
        application,
        ApplicationTag.OTHER_NAME_EXPLAINED,
        origin=origin,
        at=at,
        details={"whose": list(otherwise), "reason": why.strip()},
    )
