"""Who has signed in, and may they open this route? Both are read from our tables at every request.

A role taken away while a page is open is gone with the next click; Keycloak says only who somebody is.
"""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request

from iam.periods import riga_day
from workflows import clock, policy
from workflows.database import transaction
from workflows.principal import Principal, principal_of
from workflows.web.http.csrf import Csrf
from workflows.web.http.forms import posted_before
from workflows.web.identity import kept_forms, sessions
from workflows.web.identity.access_table import allowed
from workflows.web.identity.oidc import RealmUnreachableError
from workflows.web.identity.services import services_of
from workflows.web.identity.session_checks import SessionState

__all__ = ["LONGEST_THEN", "SignedIn", "keep_for_later", "signed_in"]

LONGEST_THEN = 1000
"""The longest address of ours that a login leads back to, with every filter in it."""

_ONLY_LOOKING = frozenset({"GET", "HEAD"})


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
    return _sign_in_again(kept_forms.page_of(request.url.path) or "/")


def _sign_in_again(then: str) -> str:
    # A browser whose form may be sent to this site only does not follow a redirect to Keycloak either. A page of ours
    # comes first, and its link leads on.
    return f"/login/again?then={quote(then)}"


def _is_active(request: Request, token: str, found: sessions.OpenSession) -> bool:
    """Whether Keycloak still lets the session work; one that it ended is ended here. Raises 503 when it is away."""
    services = services_of(request)

    def ask() -> bool | None:
        try:
            refresh = found.refresh(token)
            following = None if refresh is None else services.realm.refresh(refresh)
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


def signed_in(request: Request) -> Principal:
    """Return who is signed in, if the table lets them open this route.

    Nobody signed in: off to the login, and back to the page asked for, where what was typed stands again. Signed in
    as somebody the route is not for: 403.
    """
    services, at = services_of(request), clock.now()
    token = services.cookies.get(request, "session")
    principal = None
    if token:
        with transaction(services.sessions) as session:
            found = sessions.find(session, token, at=at)
            request.state.idle_seconds = int(policy.on(session, at).session_idle.total_seconds())
            if found is not None:
                principal = principal_of(
                    session,
                    found.username,
                    found.member,
                    found.account,
                    subject=found.subject,
                    since=found.since,
                    on=riga_day(at),
                )
        if found is not None and not _is_active(request, token, found):
            principal = None
    if principal is None:
        raise HTTPException(303, headers={"Location": _to_the_login(request)})
    request.state.principal = principal
    method = "GET" if request.method in _ONLY_LOOKING else request.method
    if not allowed(principal, method, request.scope["route"].path):
        raise HTTPException(403)
    return principal


SignedIn = Annotated[Principal, Depends(signed_in)]
