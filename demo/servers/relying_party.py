"""VIIS itself, as far as logging in goes: what a relying party of the realm sees of a user and their rights.

The authorization code flow with PKCE (RFC 6749, section 4.1; RFC 7636) through Keycloak's real login page, without a
browser: the page's form is filled in and sent as a browser would.
"""

import base64
import hashlib
import html
import json
import re
import secrets
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import httpx

from demo.servers.keycloak import Keycloak

__all__ = ["LoginRefused", "RelyingParty", "Tokens"]


class LoginRefused(Exception):
    """Keycloak did not let the user in, or did not renew what they had; the message is what it said."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a login yields, undecoded."""

    access: str
    refresh: str
    identity: str

    @property
    def claims(self) -> dict[str, object]:
        """The access token's payload. Not verified: it was fetched from the issuer itself a moment ago."""
        payload = self.access.split(".")[1]
        decoded: dict[str, object] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return decoded

    @property
    def grants(self) -> tuple[str, ...]:
        """The rights in the token, `scope:section:level` each, sorted."""
        found = self.claims.get("viis_grants", [])
        return tuple(sorted(str(grant) for grant in found)) if isinstance(found, list) else (str(found),)


class RelyingParty:
    """The client `viis` of the realm."""

    def __init__(self, keycloak: Keycloak) -> None:
        self._protocol = f"{keycloak.realm_url}/protocol/openid-connect"
        self._redirect = f"{keycloak.rp_url}/back"
        self._credentials = {"client_id": "viis", "client_secret": keycloak.secrets.rp_secret}

    def log_in(self, username: str, password: str) -> Tokens:
        """Log a user in. Raises LoginRefused with the sentence of the login page."""
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        state = secrets.token_urlsafe(16)
        asked = {
            "client_id": "viis",
            "response_type": "code",
            "scope": "openid",
            "redirect_uri": self._redirect,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        with httpx.Client(timeout=30) as browser:
            page = browser.get(f"{self._protocol}/auth", params=asked)
            # Keycloak marks its cookies Secure. Browsers send those to 127.0.0.1 without TLS too (a trustworthy
            # origin), httpx does not.
            cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in page.cookies.jar)
            form = {"username": username, "password": password}
            filled = browser.post(_form_action(page.text), data=form, headers={"Cookie": cookies})
        if filled.status_code != HTTPStatus.FOUND:
            raise LoginRefused(_sentence(filled.text))
        back = parse_qs(urlsplit(filled.headers["Location"]).query)
        if back.get("state") != [state] or "code" not in back:
            raise LoginRefused(f"Keycloak answered with {sorted(back)} instead of a code.")
        return self._tokens(
            grant_type="authorization_code", code=back["code"][0], redirect_uri=self._redirect, code_verifier=verifier
        )

    def refresh(self, tokens: Tokens) -> Tokens:
        """Renew the tokens. Raises LoginRefused when the session is over or the user disabled."""
        return self._tokens(grant_type="refresh_token", refresh_token=tokens.refresh)

    def introspect(self, tokens: Tokens) -> dict[str, object]:
        """What Keycloak says about the access token now (RFC 7662): `active` and the claims."""
        answer = httpx.post(
            f"{self._protocol}/token/introspect", data={**self._credentials, "token": tokens.access}, timeout=30
        )
        said: dict[str, object] = answer.raise_for_status().json()
        return said

    def _tokens(self, **grant: str) -> Tokens:
        answer = httpx.post(f"{self._protocol}/token", data={**self._credentials, **grant}, timeout=30)
        said = answer.json()
        if answer.status_code != HTTPStatus.OK:
            raise LoginRefused(f"{said.get('error')}: {said.get('error_description')}")
        return Tokens(access=said["access_token"], refresh=said["refresh_token"], identity=said["id_token"])


def _form_action(page: str) -> str:
    found = re.search(r'<form id="kc-form-login"[^>]*action="([^"]+)"', page)
    if found is None:
        raise LoginRefused(_sentence(page))
    return html.unescape(found.group(1))


def _sentence(page: str) -> str:
    """The error a Keycloak page shows, without its markup."""
    shown = re.search(r'kc-feedback-text"[^>]*>(.*?)</|id="kc-error-message">\s*<p[^>]*>(.*?)</p>', page, re.DOTALL)
    text = next((group for group in shown.groups() if group), "") if shown else ""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", text)).split()) or "Keycloak refused without saying why."
