"""Who lost rights by the reform of 2021? A user of Gulbene, by a migration that went wrong, and one of Aglona.

The reform left Gulbenes novads alone: what was taken there is restored at /restore. Aglonas novads was split: there a
new application is needed. Both people are invented, and so are the three schools.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from iam.audit import Actor, ActorKind, Door, Origin
from iam.grants import service as grants
from iam.grants.evidence import TakenOver
from iam.grants.models import Account, EndCause, Level
from iam.ids import ScopeId
from iam.institutions import service as institutions
from iam.institutions.register import REFORM, import_institutions
from iam.people import service as people
from iam.people.rules import parse_personal_code
from workflows.rights.projection import follow

__all__ = ["AGLONA", "GULBENE", "HOLDERS", "Holder", "seed_reform"]

_REGISTER = Path(__file__).with_name("data") / "reform.csv"
_BY_DEMO = Origin(Actor(ActorKind.SYSTEM, "demo"), Door.CLI)
_BEFORE = TakenOver("demo/data/reform.csv", "0" * 64)
_SINCE = date(2019, 9, 1)
_EVE = date(2021, 6, 30)
_APPLIED = date(2020, 12, 31)
_WRONG = "Kļūdaina migrācija pēc administratīvi teritoriālās reformas"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Somebody who holds an account of the demo from the beginning. `town` is where, as it was called then."""

    username: str
    given_name: str
    surname: str
    code: str
    town: str
    rights: Sequence[tuple[str, Level]]
    purpose: str

    @property
    def name(self) -> str:
        """Given name and surname."""
        return f"{self.given_name} {self.surname}"

    @property
    def email(self) -> str:
        """An address in the reserved domain `.test` (RFC 2606): no mail can leave by mistake."""
        return f"{self.username}@demo.test"


GULBENE = Holder(
    username="rasa.gulbite",
    given_name="Rasa",
    surname="Gulbīte",
    code="320000-04141",
    town="Gulbenes novads",
    rights=(("learners", Level.EDIT), ("staff", Level.EDIT), ("reports", Level.VIEW)),
    purpose="lost rights at Gulbene by a faulty migration: restored at /restore",
)
AGLONA = Holder(
    username="valdis.aglonietis",
    given_name="Valdis",
    surname="Aglonietis",
    code="320000-04242",
    town="Aglonas novads",
    rights=(("learners", Level.EDIT), ("reports", Level.VIEW)),
    purpose="lost rights as Aglona was split: needs a new application",
)
HOLDERS = (GULBENE, AGLONA)


def seed_reform(session: Session, *, at: datetime) -> None:
    """Record both municipalities, their users, and what the reform took from them; once, in the caller's transaction.

    At Gulbene a lower level is left in one section, and another section ended by an application before the reform.
    """
    import_institutions(session, _REGISTER, origin=_BY_DEMO, at=at)
    for holder in HOLDERS:
        if grants.account_called(session, holder.username) is None:
            _seed(session, holder, at)


def _seed(session: Session, holder: Holder, at: datetime) -> None:
    person = people.register(
        session,
        code=parse_personal_code(holder.code),
        given_name=holder.given_name,
        surname=holder.surname,
        origin=_BY_DEMO,
        at=at,
    )
    account = grants.open_account(
        session, person=person, email=holder.email, phone="", language="lv", because=_BEFORE, origin=_BY_DEMO, at=at
    )
    scope = _scope(session, holder.town)
    for section, level in holder.rights:
        _give(session, account, scope, section, level, since=_SINCE, at=at)
    if holder is GULBENE:
        _give(session, account, scope, "funding", Level.VIEW, since=_SINCE, at=at)
        _end(session, account, {"funding"}, _APPLIED, EndCause.APPLICATION, at=at)
    taken = {section for section, _ in holder.rights}
    reason = _WRONG if holder is GULBENE else ""
    _end(session, account, taken, _EVE, EndCause.REFORM, at=at, reason=reason)
    if holder is GULBENE:
        _give(session, account, scope, "learners", Level.VIEW, since=REFORM, at=at)
    follow(session, account.id)


def _scope(session: Session, town: str) -> ScopeId:
    found = next(one for one in institutions.municipalities(session, on=_EVE) if one.name == town)
    return ScopeId(institutions.scope_of_municipality(session, found.id).id)


def _give(
    session: Session, account: Account, scope: ScopeId, section: str, level: Level, *, since: date, at: datetime
) -> None:
    grants.give(
        session,
        section,
        level,
        to=account,
        at_scope=scope,
        since=since,
        until=None,
        because=_BEFORE,
        origin=_BY_DEMO,
        at=at,
    )


def _end(
    session: Session,
    account: Account,
    sections: set[str],
    last_day: date,
    cause: EndCause,
    *,
    at: datetime,
    reason: str = "",
) -> None:
    ends = [
        grants.End(held.id, last_day)
        for held in grants.history(session, account.id)
        if held.section in sections and held.end_cause is None
    ]
    grants.end_all(session, ends, cause=cause, origin=_BY_DEMO, at=at, reason=reason)
