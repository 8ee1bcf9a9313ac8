"""What an application for a grant asks for, and what approving it would do, for whoever reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iam.grants import service as grants
from iam.institutions import service as institutions
from iam.periods import days, riga_day
from workflows.application.kinds.catalogue import RIGHTS
from workflows.application.kinds.grant.words import LEVELS
from workflows.application.kinds.kind import Presented
from workflows.i18n import later
from workflows.proposals.content import Fact, data, on_day, say

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from iam.grants.models import Account
    from iam.grants.rules import HeldGrant
    from workflows.application.kinds.grant.stated import Stated
    from workflows.proposals.content import FactText

__all__ = ["presented"]


def presented(
    session: Session, stated: Stated, account: Account | None, *, keep_address: str, at: datetime
) -> Presented:
    """Say who gets which rights where, what was held before, and what else changes."""
    held = [] if account is None else grants.history(session, account.id)
    first = max(stated.since, riga_day(at))
    english = {one.code: one.name_en for one in grants.sections(session, on=first)}
    rights = [
        Fact(
            data(f"{wish.name}, {place.name}", english=f"{english.get(wish.code, wish.name)}, {place.name}"),
            say(RIGHTS[wish.level]),
            _was(held, _scope_of(session, place.scope_code), wish.code, first, stated.until),
        )
        for place in stated.scope
        for wish in stated.sections
    ]
    facts = [
        Fact(say(later("User")), data(stated.user.name)),
        Fact(say(later("Institution")), data(stated.applicant.name)),
        Fact(say(later("Where the user will work")), say(LEVELS[stated.level])),
        *rights,
        # What is past was not held (`approval.give`), and nobody knows yet on which day this will be confirmed.
        Fact(
            say(later("First day")),
            say(later("%(day)s, or the day of the confirmation if that is later"), day=on_day(stated.since)),
        ),
    ]
    if stated.until is not None:
        facts.append(Fact(say(later("Last day, still included")), on_day(stated.until)))
    if account is not None and not keep_address and account.email != stated.user.email:
        facts.append(Fact(say(later("E-mail of the user")), data(stated.user.email), data(account.email)))
    return Presented(facts, len(rights))


def _scope_of(session: Session, code: str) -> int:
    return institutions.scope_by_code(session, code).id


def _was(held: list[HeldGrant], scope: int, section: str, first: date, until: date | None) -> FactText:
    """Say which level of the section is held there on one of these days."""
    for one in held:
        here = (one.scope_id, one.section) == (scope, section)
        if here and one.since is not None and days(one.since, one.until).overlaps(days(first, until)):
            return say(RIGHTS[one.level])
    return say(later("nothing"))
