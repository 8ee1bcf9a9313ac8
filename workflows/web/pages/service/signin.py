"""Signing in and out through Keycloak; the browser never sees a token."""

from urllib.parse import quote

import structlog
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from iam.periods import riga_day
from workflows import clock
from workflows.database import transaction
from workflows.principal import principal_called
from workflows.web.http.forms import PostedForm, UncheckedForm
from workflows.web.identity import kept_forms, sessions
from workflows.web.identity.access import LONGEST_THEN, SignedIn
from workflows.web.identity.access_table import home_of, may_open_a_page
from workflows.web.identity.oidc import OidcError, RealmUnreachableError
from workflows.web.pages.service.contexts import LoginAgainPage, LoginFailedPage, LoginNoRolePage
from workflows.web.site import language_of, site_of

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)

_log = structlog.get_logger("viis.web.login")
_HOME = "/"  # of whoever signs in


@routes.get("/login")
def login(request: Request, then: str = _HOME, fresh: str = "") -> Response:
    """Send the browser to Keycloak; with `fresh` it asks for the password though somebody is signed in."""
    site = site_of(request)
    visit = site.csrf.visit_of(request)
    with transaction(site.sessions) as session:
        sessions.forget_old(session, at=clock.now())
        kept_forms.forget_old(session, at=clock.now())
        address = sessions.begin(
            session,
            site.realm,
            visit=visit.value,
            then=_own_page(then),
            language=language_of(request).value,
            fresh=bool(fresh),
            at=clock.now(),
        )
    response = RedirectResponse(address, status_code=303)
    if visit.new:
        site.cookies.set(response, site.csrf.cookie, visit.value)
    return response


@routes.get("/login/again")
def again(request: Request, then: str = _HOME, idle: str = "") -> Response:
    """Tell somebody who sent a form, or did nothing for long, that they are signed out; lead to the login and back."""
    # The answer to a form stands at an address that nobody opens by itself.
    page = kept_forms.page_of(then.partition("?")[0]) or then
    address = f"/login?then={quote(_own_page(page))}"
    return site_of(request).page(request, LoginAgainPage(address=address, idle=bool(idle)), status=200 if idle else 403)


@routes.get("/login/return")
def returned(request: Request, state: str = "", code: str = "") -> Response:
    """Take the browser back from Keycloak, and open a session for whoever has a page to open."""
    site = site_of(request)
    visit = site.csrf.visit_of(request)
    at = clock.now()
    try:
        identity, then = sessions.finish(site.sessions, site.realm, state=state, code=code, visit=visit.value, at=at)
    except RealmUnreachableError:
        _log.warning("login: Keycloak does not answer")
        return site.page(request, LoginFailedPage(away=True), status=503)
    except OidcError as refused:
        _log.warning("login refused", reason=str(refused))
        return site.page(request, LoginFailedPage(away=False), status=403)
    with transaction(site.sessions) as session:
        principal = principal_called(session, identity.username, subject=identity.subject, since=at, on=riga_day(at))
        welcome = principal is not None and may_open_a_page(principal)
        token = sessions.open_session(session, identity, at=at) if welcome else None
    if token is None:
        # Keycloak knows more people than have a page here, so they are signed out again.
        _log.warning("login without a role", username=identity.username)
        site.realm.end(identity.refresh_token)
        return site.page(request, LoginNoRolePage(), status=403)
    home = "/" if principal is None else home_of(principal)
    response = RedirectResponse(home if then == _HOME else then, status_code=303)
    site.cookies.set(response, "session", token)
    return response


@routes.post("/logout")
def logout(request: Request, form: PostedForm) -> Response:
    """End our session and Keycloak's."""
    del form
    site = site_of(request)
    token = site.cookies.get(request, "session")
    if token:
        with transaction(site.sessions) as session:
            refresh = sessions.end(session, token)
        if refresh:
            site.realm.end(refresh)
    response = RedirectResponse("/", status_code=303)
    site.cookies.drop(response, "session")
    return response


@routes.post("/logout/backchannel")
def logout_backchannel(request: Request, form: UncheckedForm) -> Response:
    """Keycloak says that a session has ended. Its signature on the token stands in for the form's."""
    site = site_of(request)
    headers = {"Cache-Control": "no-store"}
    try:
        keycloak_session, subject = site.realm.ended_session(form.get("logout_token"), at=clock.now())
    except OidcError as refused:
        _log.warning("back-channel logout refused", reason=str(refused))
        return Response(status_code=400, headers=headers)
    with transaction(site.sessions) as session:
        sessions.end_at_keycloak(session, keycloak_session=keycloak_session, subject=subject)
    return Response(status_code=200, headers=headers)


@routes.post("/session/extend")
def extend(request: Request, form: PostedForm, principal: SignedIn) -> Response:
    """Keep an idle session."""
    del form
    site = site_of(request)
    with transaction(site.sessions) as session:
        sessions.extend(session, site.cookies.get(request, "session") or "", at=clock.now())
    # With JavaScript nothing more is needed; without it the person returns to where they begin.
    if request.headers.get("sec-fetch-mode") == "navigate":
        return RedirectResponse(home_of(principal), status_code=303)
    return Response(status_code=204)


def _own_page(then: str) -> str:
    # Only a path of ours: "//host" and "/\host" are other hosts to a browser.
    plain = then.startswith("/") and not then.startswith(("//", "/\\")) and then.isprintable()
    plain = plain and len(then) <= LONGEST_THEN
    return then if plain else _HOME
