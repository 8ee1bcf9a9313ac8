"""Which other open applications for the same may whoever holds a link be told of?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from workflows.application.kinds.registry import facts_of, kind_of
from workflows.application.models import Application
from workflows.application.states import OPEN, State

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

__all__ = ["duplicates_of"]

_MOST_LOOKED_AT = 10
_SUBMITTED = tuple(sorted(OPEN - {State.DRAFT}))


def duplicates_of(session: Session, application: Application, party: str) -> tuple[str, ...]:
    """Give the numbers of other open applications of the kind that share person, place and section with this one.

    Whoever holds a link has shown that they read the mailbox stated for the `party`: of an application that was not
    mailed there they learn nothing, and who filled in the form has shown no mailbox.
    """
    kind, facts = kind_of(application), facts_of(application)
    if application.state not in OPEN or party not in facts.people:
        return ()
    own, stated = kind.matter(facts), Application.stated
    query = select(Application).where(
        Application.kind == application.kind,
        Application.state.in_(_SUBMITTED),
        Application.id != application.id,
        Application.scope_id == application.scope_id,
        stated[kind.about]["personal_code"].astext == facts.people[kind.about].personal_code,
        func.lower(stated[party]["email"].astext) == facts.people[party].email.lower(),
    )
    found = session.scalars(query.order_by(Application.id).limit(_MOST_LOOKED_AT))
    return tuple(one.reference for one in found if _meet(own, kind.matter(facts_of(one))))


def _meet(one: Collection[tuple[str, str]], other: Collection[tuple[str, str]]) -> bool:
    """Say whether both are about a place with the same section; "" stands for all of them."""
    return any(a == b and (not x or not y or x == y) for a, x in one for b, y in other)
