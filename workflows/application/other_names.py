"""Somebody is stated by a wholly other name than whoever has their code is known by: approving says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iam import letters
from iam.people.rules import wholly_other
from workflows.application import events
from workflows.application.errors import NameUnexplained
from workflows.application.parties import all_known
from workflows.application.tags import ApplicationTag

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from iam.audit import Origin
    from iam.people.models import Person
    from workflows.application.facts import StatedFacts
    from workflows.application.models import Application

__all__ = ["keep_why", "named_otherwise"]


def named_otherwise(facts: StatedFacts, people: Mapping[str, Person]) -> tuple[str, ...]:
    """Name the roles in which somebody is stated by a wholly other name than we know whoever has the code by.

    `people` are those we know by their codes, by role (`parties.all_known`).
    """
    return tuple(
        role
        for role, stated in facts.people.items()
        if role in people and wholly_other(stated.name, people[role].full_name)
    )


def keep_why(
    session: Session, application: Application, facts: StatedFacts, why: str, *, origin: Origin, at: datetime
) -> None:
    """Keep why it is the same person, where somebody is named otherwise. Raises NameUnexplained without a reason."""
    if not (otherwise := named_otherwise(facts, all_known(session, facts))):
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
