"""Which member of staff is asking, and may they? Roles are read from our table at every request.

A role taken away while a page is open is gone with the next click; Keycloak says only who somebody is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request

from workflows import clock
from workflows.application.decisions import Reviewer
from workflows.database import transaction
from workflows.i18n import later as _
from workflows.staff import Role, Staff
from workflows.web.http.csrf import Csrf
from workflows.web.http.forms import posted_before
from workflows.web.identity import kept_forms, sessions
from workflows.web.identity.oidc import RealmUnreachableError
from workflows.web.identity.services import services_of
from workflows.web.identity.session_checks import SessionState

__all__ = ["LONGEST_THEN", "Member", "keep_for_later", "member_called", "require"]

LONGEST_THEN = 1000
"""The longest address of ours that a login leads back to, with every filter in it."""

_ONLY_LOOKING = frozenset({"GET", "HEAD"})

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


def member_called(session: Session, username: str, *, since: datetime) -> Member | None:
    """Return the member of staff with that username who is one without a break `since` then; None without one."""
    member = session.get(Staff, username)
    if member is None or member.ended_at is not None or member.added_at > since:
        return None
    return Member(member.username, member.name, frozenset(map(Role, member.roles)), member.municipality_id)


def keep_for_later(request: Request, values: Mapping[str, str]) -> str | None:
    """Keep what came too late for whom it was shown to; returns where to send them.

    None when there is nothing to keep, or when somebody else is signed in by now: they get no page of the other's.
    """
    services = services_of(request)
    owner, page = services.csrf.shown_to(request, values.get(Csrf.field, "")), kept_forms.page_of(request.url.path)
    if owner is None or page is None:
        return None
    token, at = services.cookies.get(request, "session"), clock.now()
    with transaction(services.sessions) as session:
        present = sessions.username_of(session, token, at=at) if token else None
        if present not in {None, owner}:
            return None
        kept_forms.keep(session, services.csrf, request, values, at=at)
    return page if present == owner else _sign_in_again(page)


def _to_the_login(request: Request) -> str:
    """Say where somebody goes who is not signed in: what was asked by POST cannot be asked again by the way back."""
    if request.method == "GET":
        asked_for = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        return f"/login?then={quote(asked_for)}" if len(asked_for) <= LONGEST_THEN else "/login"
    form, services = posted_before(request), services_of(request)
    if form is not None:
        with transaction(services.sessions) as session:
            kept_forms.keep(session, services.csrf, request, form.fields(), at=clock.now())
    return _sign_in_again(kept_forms.page_of(request.url.path) or "/review")


def _sign_in_again(then: str) -> str:
    # A browser whose form may be sent to this site only does not follow it to Keycloak either: a page of ours comes
    # first, and its link leads on.
    return f"/login/again?then={quote(then)}"


def _is_active(request: Request, token: str, found: sessions.Open) -> bool:
    """Whether Keycloak still lets the session work; one that it ended is ended here. Raises 503 when it is away."""
    services = services_of(request)

    def ask() -> bool | None:
        try:
            following = None if found.refresh is None else services.realm.refresh(found.refresh)
        except RealmUnreachableError:
            return None
        with transaction(services.sessions) as session:
            if following is None:
                sessions.end(session, token)
            else:
                sessions.renew(session, token, following)
        return following is not None

    acting = request.method not in _ONLY_LOOKING
    match services.session_checks.check(found.digest, ask, since=found.since, acting=acting, at=clock.now()):
        case SessionState.ACTIVE:
            return True
        case SessionState.ENDED:
            return False
        case SessionState.UNKNOWN:
            raise HTTPException(503)


def require(*roles: Role) -> Callable[[Request], Member]:
    """Make a dependency that answers with the member who is signed in and has one of `roles`.

    Nobody signed in: off to the login, and back to the page asked for, where what was typed stands again. Signed in
    without the role: 403.
    """
    wanted = frozenset(roles)

    def asked(request: Request) -> Member:
        services = services_of(request)
        token = services.cookies.get(request, "session")
        member = None
        if token:
            with transaction(services.sessions) as session:
                found = sessions.find(session, token, at=clock.now())
                member = None if found is None else member_called(session, found.username, since=found.since)
            if found is not None and not _is_active(request, token, found):
                member = None
        if member is None:
            raise HTTPException(303, headers={"Location": _to_the_login(request)})
        request.state.staff = member
        request.state.idle_seconds = int(sessions.IDLE.total_seconds())
        if not member.roles & wanted:
            raise HTTPException(403)
        return member

    return asked
