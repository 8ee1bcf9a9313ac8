"""Who may ask, and how: the media type, how often from one network, and the token of a client with the role."""

from typing import Annotated, Final

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.responses import Response

from workflows import clock
from workflows.database import transaction
from workflows.web.api.errors import CONTENT_DISPOSITION, RefusedError
from workflows.web.http.rates import count_or_refuse
from workflows.web.identity.bearer import BadTokenError, KeysUnavailableError
from workflows.web.site import site_of

__all__ = ["ROLE", "Token", "admit", "methods", "only_json"]

ROLE: Final = "validate"

_MOST: Final = 1200  # from one network in ten minutes: two a second, each costing a judge a tenth of one
_token = HTTPBearer(auto_error=False, description="Access token of the realm's client credentials grant")
Token = Annotated[HTTPAuthorizationCredentials | None, Security(_token)]


def only_json(request: Request) -> None:
    """Refuse a body that is no JSON, or JSON of a narrower kind (RFC 6839 §3.1). Raises RefusedError."""
    found = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if found != "application/json" and not (found.startswith("application/") and found.endswith("+json")):
        only = "Only the following content types are supported: application/json, application/*+json"
        raise RefusedError(415, ("contentTypeNotSupported", only))


def methods() -> Response:
    """Tell which methods an address that is posted to has (RFC 9110 §9.3.7)."""
    return Response(headers={"Allow": "POST,OPTIONS", **CONTENT_DISPOSITION})


def admit(request: Request, token: HTTPAuthorizationCredentials | None) -> None:
    """Count the caller, then ask who it is: guessing tokens is counted too. Raises RefusedError."""
    site, at = site_of(request), clock.now()
    with transaction(site.sessions) as session:
        count_or_refuse(session, request, "validate", most=_MOST, at=at)
    if site.settings.validate_open:
        return
    if token is None:
        raise RefusedError(401, ("authorization", "A bearer token is needed"), headers={"WWW-Authenticate": "Bearer"})
    try:
        roles = site.bearer.roles(token.credentials, at=at)
    except BadTokenError:
        # What exactly is wrong with it helps only whoever forges one.
        challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        raise RefusedError(401, ("authorization", "The token is not valid here"), headers=challenge) from None
    except KeysUnavailableError:
        raise RefusedError(
            503, ("service", "Tokens cannot be checked just now"), headers={"Retry-After": "10"}
        ) from None
    if ROLE not in roles:
        challenge = {"WWW-Authenticate": 'Bearer error="insufficient_scope"'}
        raise RefusedError(403, ("authorization", f"The token's client lacks the role {ROLE}"), headers=challenge)
