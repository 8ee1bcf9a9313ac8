"""Which member of staff is asking, and may they? Roles are read from our table at every request.

A role taken away while a page is open is gone with the next click; Keycloak says only who somebody is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request

from workflows import clock
from workflows.application.decisions import Reviewer
from workflows.database import transaction
from workflows.i18n import later as _
from workflows.staff import Role, Staff
from workflows.web import _sessions
from workflows.web._door import door_of

__all__ = ["Member", "member_called", "require"]

_PAGES: tuple[tuple[frozenset[Role], Mapping[str, str]], ...] = (
    (frozenset({Role.REVIEWER, Role.APPROVER, Role.AUDITOR}), {"href": "/review", "text": _("Applications")}),
    (frozenset({Role.REVIEWER, Role.APPROVER, Role.AUDITOR}), {"href": "/grants", "text": _("Rights")}),
    (frozenset({Role.REVIEWER, Role.APPROVER, Role.AUDITOR}), {"href": "/people", "text": _("People")}),
)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff who is signed in."""

    username: str
    name: str
    roles: frozenset[Role]
    municipality_id: int | None

    @property
    def reviewer(self) -> Reviewer:
        """The same person as applications know them."""
        return Reviewer(self.username, self.name)

    @property
    def pages(self) -> tuple[Mapping[str, str], ...]:
        """The pages in the navigation that these roles may open."""
        return tuple(page for roles, page in _PAGES if roles & self.roles)


def member_called(session: Session, username: str) -> Member | None:
    """Return the present member of staff with that username, None when there is none or no longer."""
    member = session.get(Staff, username)
    if member is None or member.ended_at is not None:
        return None
    return Member(member.username, member.name, frozenset(map(Role, member.roles)), member.municipality_id)


def require(*roles: Role) -> Callable[[Request], Member]:
    """Make a dependency that answers with the member who is signed in and has one of `roles`.

    Nobody signed in: off to the login, and back to the page asked for. Signed in without the role: 403.
    """
    wanted = frozenset(roles)

    def asked(request: Request) -> Member:
        door = door_of(request)
        token = door.cookies.get(request, "session")
        member = None
        if token:
            with transaction(door.sessions) as session:
                username = _sessions.username_of(session, token, at=clock.now())
                member = None if username is None else member_called(session, username)
        if member is None:
            # What was asked for by POST cannot be asked again by the way back.
            asked_for = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
            then = asked_for if request.method == "GET" else "/review"
            raise HTTPException(303, headers={"Location": f"/login?then={quote(then)}"})
        request.state.staff = member
        request.state.idle_seconds = int(_sessions.IDLE.total_seconds())
        if not member.roles & wanted:
            raise HTTPException(403)
        return member

    return asked
