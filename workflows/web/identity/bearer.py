"""Which system asks? A token of the realm's client credentials grant says it, checked here and not at Keycloak.

RFC 6750 (bearer tokens), RFC 9068 §4 and RFC 8725 (what to check): signature by a key the realm shows, an algorithm of
our list, issuer, audience, time, that it is an access token, and the role of `viis-api` the act asks for.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import httpx
from joserfc import jwt
from joserfc.errors import JoseError

from workflows.settings import Settings
from workflows.web.identity.realm_keys import KeysUnavailableError, RealmKeys

__all__ = ["AUDIENCE", "BadTokenError", "Bearer", "KeysUnavailableError"]

# The client in Keycloak whose roles open this API; the realm puts it into the audience of whoever holds one.
AUDIENCE: Final = "viis-api"

_LEEWAY: Final = timedelta(seconds=30)
_TIMEOUT: Final = httpx.Timeout(5.0)
_LONGEST: Final = 16 * 1024


class BadTokenError(Exception):
    """Not a token we believe."""


class Bearer:
    """Checks tokens of one realm; safe to share between threads."""

    def __init__(self, settings: Settings, *, transport: httpx.BaseTransport | None = None) -> None:
        self._issuer = f"{settings.keycloak_url}/realms/{settings.keycloak_realm}"
        self._transport = transport
        self._keys = RealmKeys(self._fetch)

    def roles(self, token: str, *, at: datetime) -> frozenset[str]:
        """Return the roles of this API the token's client holds. Raises BadTokenError, KeysUnavailableError."""
        if len(token) > _LONGEST:
            raise BadTokenError("too long")
        claims = self._claims(token, at)
        if claims.get("typ") != "Bearer":
            raise BadTokenError("not an access token")
        return _roles(claims)

    def _claims(self, token: str, at: datetime) -> Mapping[str, object]:
        try:
            decoded = self._keys.decode(token, at=at)
            jwt.JWTClaimsRegistry(
                now=int(at.timestamp()),
                leeway=int(_LEEWAY.total_seconds()),
                iss={"essential": True, "value": self._issuer},
                aud={"essential": True, "value": AUDIENCE},
                exp={"essential": True},
                iat={"essential": True},
            ).validate(decoded.claims)
        except (JoseError, ValueError) as refused:
            raise BadTokenError(str(refused)) from refused
        claims: Mapping[str, object] = decoded.claims
        return claims

    def _fetch(self) -> httpx.Response:
        with httpx.Client(timeout=_TIMEOUT, transport=self._transport, follow_redirects=False) as client:
            return client.get(f"{self._issuer}/protocol/openid-connect/certs")


def _roles(claims: Mapping[str, object]) -> frozenset[str]:
    match claims.get("resource_access"):
        case {"viis-api": {"roles": list(roles)}}:
            return frozenset(role for role in roles if isinstance(role, str))
        case _:
            return frozenset()
