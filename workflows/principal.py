"""Who is asking, and what may they see?

Keycloak says who somebody is; our tables say what that means here, anew at every request. The answer is one value,
which every query of people's pages demands: a page cannot forget to narrow what it reads.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from iam.audit import Actor, ActorKind, Door, Origin
from iam.grants import service as grants
from iam.grants.models import AccountStatus
from iam.ids import AccountId, MunicipalityId, PersonId
from iam.visibility import Visibility, scopes_headed_by
from workflows.staff import Role, Staff

__all__ = ["Principal", "principal_called"]

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


def principal_called(session: Session, username: str, *, subject: str, since: datetime, on: date) -> Principal | None:
    """Return whom Keycloak calls `username`; None for somebody who is neither staff nor the holder of a live account.

    Staff are so without a break `since` then: a session from before an absence opens nothing. The holder of an account
    is the Keycloak user that was made for it (`subject`), not one who happens to be called like it. `on` is the day
    whose heads and municipalities count.
    """
    member = session.get(Staff, username.lower())
    if member is not None and (member.ended_at is not None or member.added_at > since):
        member = None
    account = grants.account_called(session, username)
    if account is not None and (account.status is not AccountStatus.ACTIVE or account.keycloak_id != subject):
        account = None
    if member is None and account is None:
        return None
    roles = frozenset(map(Role, member.roles)) if member is not None else frozenset()
    person_id = None if account is None else account.person_id
    municipality = None if member is None else member.municipality_id
    return Principal(
        username=username.lower(),
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
