"""Was this form filled in on a page of ours, by the browser that sends it?

Signed double submit: a random visit cookie, and in each form its HMAC, bound to the login session where there is one.
Somebody else's page can neither read the cookie nor make the HMAC; a new login makes every older form invalid.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from starlette.requests import Request

from workflows.web._cookies import Cookies

__all__ = ["Csrf", "ForgedFormError", "Visit"]

_FOREIGN = frozenset({"cross-site", "same-site"})


class ForgedFormError(Exception):
    """A form without a valid token: another site's, or older than the visit or the login."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One browser's visit: the cookie's value, and whether we have just made it up."""

    value: str
    new: bool


class Csrf:
    """Makes and checks the tokens; `key` is the installation's secret."""

    cookie = "visit"
    field = "csrf"

    def __init__(self, key: bytes, cookies: Cookies) -> None:
        self._key = key
        self._cookies = cookies

    def visit_of(self, request: Request) -> Visit:
        """Return the browser's visit, a new one if it brings none."""
        value = self._cookies.get(request, self.cookie)
        if value:
            return Visit(value, new=False)
        made: Visit | None = getattr(request.state, "visit", None)
        if made is None:
            made = request.state.visit = Visit(secrets.token_urlsafe(32), new=True)
        return made

    def token(self, request: Request, visit: Visit) -> str:
        """Return the token of forms shown to this visit."""
        session = self._cookies.get(request, "session") or ""
        digest = hmac.digest(self._key, f"csrf\0{visit.value}\0{session}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def check(self, request: Request, token: str) -> None:
        """Raise `ForgedFormError` unless `token` is this visit's."""
        # Browsers say where a request comes from; one from elsewhere is refused whatever else it brings.
        if request.headers.get("sec-fetch-site") in _FOREIGN:
            raise ForgedFormError
        visit = self.visit_of(request)
        if visit.new or not hmac.compare_digest(self.token(request, visit).encode(), token.encode()):
            raise ForgedFormError
