"""OpenID Connect with one Keycloak realm: the code flow with PKCE, and what a token must say to be believed.

(1) the browser is sent to Keycloak with state, nonce and the challenge; (2) it comes back with a code, which goes to
Keycloak together with the verifier and our secret; (3) the ID token is checked: signature, algorithm, issuer,
audience, time, nonce. Tokens stay on the server. OpenID Connect Core 1.0 §3.1.3.7, RFC 7636, RFC 9700.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError

from workflows.settings import Settings
from workflows.web.http.upstream import Upstream, UpstreamUnavailableError
from workflows.web.identity.realm_keys import KeysUnavailableError, RealmKeys

__all__ = ["IdToken", "OidcError", "Realm", "RealmUnreachableError"]

_LEEWAY = timedelta(seconds=30)
_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LOGOUT_AGE = timedelta(minutes=2)
_TIMEOUT = httpx.Timeout(5.0)


class OidcError(Exception):
    """The answer is not one we can believe, or Keycloak refused."""


class RealmUnreachableError(OidcError):
    """Keycloak does not answer."""


@dataclass(frozen=True, slots=True)
class IdToken:
    """Who Keycloak says has signed in, and when they last proved it (`auth_time`)."""

    subject: str
    session: str
    username: str
    refresh_token: str
    authenticated_at: datetime | None = None


class Realm:
    """The realm that staff sign in at; safe to share between threads."""

    def __init__(
        self, settings: Settings, *, transport: httpx.BaseTransport | None = None, upstream: Upstream | None = None
    ) -> None:
        self.issuer = f"{settings.keycloak_url}/realms/{settings.keycloak_realm}"
        self._endpoints = f"{self.issuer}/protocol/openid-connect"
        self._client_id = settings.oidc_client_id
        self._secret = settings.oidc_client_secret.get_secret_value()
        self._return_address = f"{settings.base_url}/login/return"
        self._http = httpx.Client(timeout=_TIMEOUT, transport=transport, follow_redirects=False)
        self._upstream = upstream or Upstream()
        self._keys = RealmKeys(lambda: self._upstream.call(lambda: self._http.get(f"{self._endpoints}/certs")))

    def close(self) -> None:
        """Close the connections to Keycloak."""
        self._upstream.close()
        self._http.close()

    def login_address(self, *, state: str, nonce: str, verifier: str, language: str, fresh: bool = False) -> str:
        """Return where the browser goes to sign in (1); `fresh` asks for the password anew (OpenID Core §3.1.2.1)."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        query = {
            "client_id": self._client_id,
            "response_type": "code",
            "scope": "openid",
            "redirect_uri": self._return_address,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "ui_locales": language,
        }
        if fresh:
            query["prompt"] = "login"
        return f"{self._endpoints}/auth?{urlencode(query)}"

    def redeem(self, code: str, *, verifier: str, nonce: str, at: datetime) -> IdToken:
        """Exchange the code for tokens (2) and check the ID token (3); raises OidcError."""
        answer = self._post(
            "token",
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self._return_address,
                "code_verifier": verifier,
            },
        )
        if answer.status_code != httpx.codes.OK:
            raise OidcError(f"Keycloak did not take the code: {answer.status_code}")
        tokens = answer.json()
        claims = self._claims(_text(tokens, "id_token"), at)
        if _text(claims, "nonce") != nonce:
            raise OidcError("the token answers another login")
        return IdToken(
            subject=_text(claims, "sub"),
            session=_text(claims, "sid"),
            username=_text(claims, "preferred_username").lower(),
            refresh_token=_text(tokens, "refresh_token"),
            authenticated_at=_moment(claims, "auth_time"),
        )

    def refresh(self, refresh_token: str) -> str | None:
        """Return the next refresh token of a session; None when Keycloak says that it is over (RFC 6749 §5.2).

        Raises RealmUnreachableError for any answer that says neither.
        """
        answer = self._post("token", {"grant_type": "refresh_token", "refresh_token": refresh_token})
        try:
            said = answer.json()
        except ValueError:
            said = {}
        if answer.status_code == httpx.codes.OK and isinstance(said.get("refresh_token"), str):
            return str(said["refresh_token"])
        if answer.status_code == httpx.codes.BAD_REQUEST and said.get("error") == "invalid_grant":
            return None
        raise RealmUnreachableError(f"Keycloak answered {answer.status_code} to a refresh")

    def end(self, refresh_token: str) -> None:
        """End Keycloak's session as well. A Keycloak that is away ends it by its own idle limit."""
        try:
            self._post("logout", {"refresh_token": refresh_token})
        except RealmUnreachableError:
            return

    def ended_session(self, logout_token: str, *, at: datetime) -> tuple[str | None, str | None]:
        """Return (session, subject) that a back-channel logout token ends; raises OidcError.

        OpenID Connect Back-Channel Logout 1.0 §2.6.
        """
        claims = self._claims(logout_token, at)
        events = claims.get("events")
        issued = claims.get("iat")
        if not isinstance(events, dict) or _LOGOUT_EVENT not in events or "nonce" in claims:
            raise OidcError("not a logout token")
        if not isinstance(issued, int) or abs(at.timestamp() - issued) > _LOGOUT_AGE.total_seconds():
            raise OidcError("an old logout token")
        session, subject = claims.get("sid"), claims.get("sub")
        if not isinstance(session, str) and not isinstance(subject, str):
            raise OidcError("a logout token that names nobody")
        return (session if isinstance(session, str) else None, subject if isinstance(subject, str) else None)

    def _claims(self, token: str, at: datetime) -> Mapping[str, object]:
        """Check signature, algorithm, issuer, audience and time; return what the token says."""
        try:
            decoded = self._keys.decode(token, at=at)
            jwt.JWTClaimsRegistry(
                now=int(at.timestamp()),
                leeway=int(_LEEWAY.total_seconds()),
                iss={"essential": True, "value": self.issuer},
                aud={"essential": True, "value": self._client_id},
                exp={"essential": True},
                iat={"essential": True},
            ).validate(decoded.claims)
        except KeysUnavailableError as away:
            raise RealmUnreachableError("Keycloak shows no keys") from away
        except (JoseError, ValueError) as refused:
            raise OidcError(f"a token that cannot be believed: {refused}") from refused
        authorised = decoded.claims.get("azp", self._client_id)
        if authorised != self._client_id:
            raise OidcError("a token for somebody else")
        claims: Mapping[str, object] = decoded.claims
        return claims

    def _post(self, endpoint: str, form: dict[str, str]) -> httpx.Response:
        client = {"client_id": self._client_id, "client_secret": self._secret}
        try:
            return self._upstream.call(
                lambda: self._http.post(f"{self._endpoints}/{endpoint}", data={**client, **form})
            )
        except (httpx.HTTPError, UpstreamUnavailableError) as away:
            raise RealmUnreachableError("Keycloak does not answer") from away


def _moment(claims: Mapping[str, object], name: str) -> datetime | None:
    """Read a moment in seconds since 1970; None where Keycloak says none."""
    seconds = claims.get(name)
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None


def _text(values: Mapping[str, object], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not value:
        raise OidcError(f"the answer says no {name}")
    return value
