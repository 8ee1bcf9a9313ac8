"""Who is asking, and what may they see?

Keycloak says who somebody is; our tables say what that means here, anew at every request. The answer is one value,
which every query of people's pages demands: a page cannot forget to narrow what it reads.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVarTuple, cast

from sqlalchemy import ColumnElement, Select, Text, bindparam, select
from sqlalchemy.orm import Session, joinedload, load_only

from iam.audit import Actor, ActorKind, Door, Origin
from iam.grants.models import Account, AccountStatus
from iam.ids import AccountId, MunicipalityId, PersonId
from iam.people.models import Person
from iam.visibility import Visibility, scopes_headed_by
from workflows.staff import Role, Staff

__all__ = ["Principal", "principal_called", "principal_of", "with_known"]

Read = TypeVarTuple("Read")

# The ministry's own, who decide about everybody or check those who do.
_SEES_ALL = frozenset({Role.REVIEWER, Role.APPROVER, Role.AUDITOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Somebody who has signed in: staff, the holder of an account, or both.

    `roles` are those of staff, none for anybody else. `sees` is what their queries are narrowed to.
    """

    username: str
    name: str
    roles: frozenset[Role]
    sees: Visibility
    account_id: AccountId | None = None
    person_id: PersonId | None = None

    @property
    def is_staff(self) -> bool:
        """Whether they work here."""
        return bool(self.roles)

    @property
    def actor(self) -> Actor:
        """How the audit names them: staff by their login, others by person."""
        if self.roles or self.person_id is None:
            return Actor(ActorKind.STAFF, self.username)
        return Actor(ActorKind.PERSON, str(self.person_id))

    @property
    def origin(self) -> Origin:
        """Where their acts come from: the pages of staff, or those of everybody."""
        return Origin(self.actor, Door.REVIEW if self.roles else Door.WEB)


# Of an account no more than `principal_of` asks: every page of staff reads it.
_WHO = (
    load_only(Account.person_id, Account.status, Account.keycloak_id, raiseload=True),
    joinedload(Account.person).load_only(Person.given_name, Person.surname, raiseload=True),
)


def with_known(query: Select[*Read], username: ColumnElement[str]) -> Select[*Read, Staff | None, Account | None]:
    """Have a statement read beside each row whom we know by the name in this column: as staff, and by account."""
    known = cast("Select[*Read, Staff | None, Account | None]", query.add_columns(Staff, Account)).options(*_WHO)
    return known.outerjoin(Staff, Staff.username == username).outerjoin(Account, Account.username == username)


_NAMED = select(bindparam("username", type_=Text).label("username")).subquery()
_KNOWN = with_known(select(_NAMED.c.username), _NAMED.c.username)


def principal_called(session: Session, username: str, *, subject: str, since: datetime, on: date) -> Principal | None:
    """Return whom Keycloak calls `username`, as `principal_of` does."""
    name, member, account = session.execute(_KNOWN, {"username": username.lower()}).one()
    return principal_of(session, name, member, account, subject=subject, since=since, on=on)


def principal_of(
    session: Session,
    username: str,
    member: Staff | None,
    account: Account | None,
    *,
    subject: str,
    since: datetime,
    on: date,
) -> Principal | None:
    """Return who that is; None for somebody who is neither staff nor the holder of a live account.

    Staff are so without a break `since` then: a session from before an absence opens nothing. The holder of an account
    is the Keycloak user that was made for it (`subject`), not one who happens to be called like it. `on` is the day
    whose heads and municipalities count.
    """
    if member is not None and (member.ended_at is not None or member.added_at > since):
        member = None
    if account is not None and (account.status is not AccountStatus.ACTIVE or account.keycloak_id != subject):
        account = None
    if member is None and account is None:
        return None
    roles = frozenset(map(Role, member.roles)) if member is not None else frozenset()
    person_id = None if account is None else account.person_id
    municipality = None if member is None else member.municipality_id
    return Principal(
        username=username,
        name=member.name if member is not None else account.person.full_name if account is not None else "",
        roles=roles,
        sees=Visibility(
            everything=bool(roles & _SEES_ALL),
            municipalities=frozenset() if municipality is None else frozenset({MunicipalityId(municipality)}),
            scopes=frozenset() if person_id is None else scopes_headed_by(session, person_id, on=on),
            person=person_id,
        ),
        account_id=None if account is None else account.id,
        person_id=person_id,
    )
