"""What approving an application for revocation would end, for whoever decides on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iam.periods import riga_day
from workflows.application.facts import Difference
from workflows.application.kinds.applicant import named_with_number
from workflows.application.kinds.catalogue import RIGHTS, catalogue_names
from workflows.application.kinds.kind import Presented
from workflows.application.kinds.revocation.ends import Ends, what_ends
from workflows.application.places import place
from workflows.application.states import Party
from workflows.i18n import Language, later
from workflows.proposals.content import Fact, data, on_day, say

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from iam.grants.models import Account
    from iam.grants.rules import HeldGrant
    from workflows.application.kinds.revocation.stated import Stated
    from workflows.proposals.content import FactText

__all__ = ["differences", "presented"]

_GIVEN_SINCE = later("given since this application was signed: it stays; to end it, a new application is needed")
_STATED = later("named in the application")
_NOT_THEIRS = later("no longer belongs to the institution that applies: rights there stay")


def presented(
    session: Session, stated: Stated, account: Account | None, *, signed_at: datetime | None, at: datetime
) -> Presented:
    """Say which rights end, each with its last day, and how long it would go on otherwise; or that nothing ends.

    What was stated and stays all the same is said as well, with why.
    """
    facts = [
        Fact(say(later("User")), data(stated.user.name)),
        Fact(say(later("Institution")), data(stated.applicant.name)),
    ]
    if account is None:
        return Presented([*facts, _nothing(later("Nothing: this person has no account."))], 0)
    ends = what_ends(session, stated, account, signed_at=signed_at, at=at)
    names = {language: catalogue_names(session, language, on=riga_day(at)) for language in Language}

    def fact(right: HeldGrant, will: FactText) -> Fact:
        where = place(session, right.scope, on=riga_day(at)).name
        latvian, english = (
            f"{names[language].get(right.section, right.section)}, {where}" for language in (Language.LV, Language.EN)
        )
        label = say(
            later("%(right)s (%(level)s)"), right=data(latvian, english=english), level=say(RIGHTS[right.level])
        )
        return Fact(label, will, _was(right))

    facts += [fact(right, _will(ends, right, at)) for right in ends.rights]
    facts += [fact(right, say(_GIVEN_SINCE)) for right in ends.given_since]
    facts += [Fact(data(named_with_number(one)), say(_NOT_THEIRS), say(_STATED)) for one in ends.not_theirs]
    if not (ends.rights or ends.given_since or ends.not_theirs):
        facts.append(_nothing(later("Nothing: no right of theirs there goes on beyond that day.")))
    return Presented(facts, len(ends.rights), ends.digest)


def differences(stated: Stated, account: Account | None) -> tuple[Difference, ...]:
    """Say that the account found by the code has another username than the head named."""
    if account is None or not stated.username or stated.username.strip().lower() == account.username:
        return ()
    return (Difference(f"{Party.USER}.username", stated.username, account.username, "account"),)


def _nothing(said: str) -> Fact:
    return Fact(say(later("Rights")), say(said))


def _will(ends: Ends, right: HeldGrant, at: datetime) -> FactText:
    if ends.takes_back(right, at=at):
        return say(later("taken back: it does not begin"))
    if ends.last_day is None:
        return say(later("ends at once: the last day stated is over"))
    return say(later("until %(day)s, that day included"), day=on_day(ends.last_day))


def _was(right: HeldGrant) -> FactText:
    if right.until is None:
        return say(later("without an end"))
    return say(later("until %(day)s, that day included"), day=on_day(right.until))
