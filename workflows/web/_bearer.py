"""Which system asks? A token of the realm's client credentials grant says it, checked here and not at Keycloak.

RFC 6750 (bearer tokens), RFC 9068 §4 and RFC 8725 (what to check): signature by a key the realm shows, an algorithm of
our list, issuer, audience, time, that it is an access token, and the role of `viis-api` the act asks for.

The keys are fetched once and again when a token names one that is not there, at most once in half a minute: a stranger
who sends nonsense must not make us ask Keycloak each time.
"""

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from workflows.settings import Settings

__all__ = ["AUDIENCE", "BadTokenError", "Bearer", "KeysUnavailableError"]

# The client in Keycloak whose roles open this API; the realm puts it into the audience of whoever holds one.
AUDIENCE: Final = "viis-api"

_ALGORITHMS: Final = ["RS256", "PS256", "ES256"]  # what Keycloak signs with; never "none", never a shared secret
_LEEWAY: Final = timedelta(seconds=30)
_ANEW: Final = timedelta(seconds=30)
_TIMEOUT: Final = httpx.Timeout(5.0)
_LONGEST: Final = 16 * 1024


class BadTokenError(Exception):
    """Not a token we believe."""


class KeysUnavailableError(Exception):
    """Keycloak does not show its keys, and none are known from before."""


class Bearer:
    """Checks tokens of one realm; safe to share between threads."""

    def __init__(self, settings: Settings, *, transport: httpx.BaseTransport | None = None) -> None:
        self._issuer = f"{settings.keycloak_url}/realms/{settings.keycloak_realm}"
        self._transport = transport
        self._keys: KeySet | None = None
        self._fetched: datetime | None = None
        self._lock = threading.Lock()

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
            decoded = self._decode(token, at)
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

    def _decode(self, token: str, at: datetime) -> jwt.Token:
        keys = self._key_set(at)
        try:
            return jwt.decode(token, keys, algorithms=_ALGORITHMS)
        except (JoseError, ValueError):
            # Keycloak may have changed its keys since.
            newer = self._key_set(at, instead_of=keys)
            if newer is keys:
                raise
            return jwt.decode(token, newer, algorithms=_ALGORITHMS)

    def _key_set(self, at: datetime, *, instead_of: KeySet | None = None) -> KeySet:
        with self._lock:
            if self._keys is not None and self._keys is not instead_of:
                return self._keys
            just_fetched = self._fetched is not None and at - self._fetched < _ANEW
            if not just_fetched:
                self._fetched = at
                self._keys = self._fetch() or self._keys
            if self._keys is None:
                raise KeysUnavailableError(self._issuer)
            return self._keys

    def _fetch(self) -> KeySet | None:
        try:
            with httpx.Client(timeout=_TIMEOUT, transport=self._transport, follow_redirects=False) as client:
                answer = client.get(f"{self._issuer}/protocol/openid-connect/certs")
                answer.raise_for_status()
                shown = answer.json()["keys"]
        except (httpx.HTTPError, ValueError, KeyError):
            return None
        # Encryption keys stand in the same list; only what signs may verify.
        return KeySet.import_key_set({"keys": [key for key in shown if key.get("use") == "sig"]})


def _roles(claims: Mapping[str, object]) -> frozenset[str]:
    match claims.get("resource_access"):
        case {"viis-api": {"roles": list(roles)}}:
            return frozenset(role for role in roles if isinstance(role, str))
        case _:
            return frozenset()
