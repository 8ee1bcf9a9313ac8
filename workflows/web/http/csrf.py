"""Was this form filled in on a page of ours, by the browser that sends it?

Signed double submit: a random visit cookie, and in each form its HMAC, bound to the login session where there is one.
Somebody else's page can neither read the cookie nor make the HMAC; a new login makes every older form invalid.

A form shown to a member of staff also carries, signed, whom it was shown to. That permits nothing: it lets what was
typed into a form that came too late be kept for that person, in that browser (`_kept`).
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from starlette.requests import Request

from workflows.web.http.cookies import Cookies

__all__ = ["Csrf", "ForgedFormError", "Visit", "csrf_of"]

_FOREIGN = frozenset({"cross-site", "same-site"})


class ForgedFormError(Exception):
    """A form without a valid token: another site's, or older than the visit or the login.

    `values` are its fields, where it came from this very site.
    """

    values: Mapping[str, str] | None = None


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

    def token(self, request: Request, visit: Visit, *, shown_to: str | None = None) -> str:
        """Return the token of forms shown to this visit, and to that member of staff."""
        session = self._cookies.get(request, "session") or ""
        token = self._sign(f"csrf\0{visit.value}\0{session}")
        if shown_to is None:
            return token
        return f"{token}.{_text(shown_to.encode())}.{self._sign(_shown(visit, shown_to))}"

    def shown_to(self, request: Request, token: str) -> str | None:
        """Return whom of staff a form of this visit was shown to, however old; None for any other form."""
        _, _, mark = token.partition(".")
        said, _, signature = mark.partition(".")
        visit = self.visit_of(request)
        try:
            username = base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)).decode()
        except ValueError:
            return None
        wanted = self._sign(_shown(visit, username))
        genuine = not visit.new and bool(username) and hmac.compare_digest(wanted.encode(), signature.encode())
        return username if genuine else None

    def login_of(self, request: Request) -> str:
        """Name the login that the browser brings, as an owner of what is kept; no username begins with a space."""
        return f" {self._cookies.get(request, 'session') or ''}"

    def _sign(self, what: str) -> str:
        return _text(hmac.digest(self._key, what.encode(), hashlib.sha256))

    def check_sender(self, request: Request) -> None:
        """Raise `ForgedFormError` for a form of another site, or of a browser that was shown none of ours."""
        if request.headers.get("sec-fetch-site") in _FOREIGN or self.visit_of(request).new:
            raise ForgedFormError

    def check(self, request: Request, token: str) -> None:
        """Raise `ForgedFormError` unless `token` is this visit's."""
        self.check_sender(request)
        visit = self.visit_of(request)
        own, _, _ = token.partition(".")
        if not hmac.compare_digest(self.token(request, visit).encode(), own.encode()):
            raise ForgedFormError


def csrf_of(request: Request) -> Csrf:
    """Return the tokens of the process that answers the request."""
    return cast("Csrf", request.app.state.csrf)


def _shown(visit: Visit, username: str) -> str:
    return f"shown to\0{visit.value}\0{username}"


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
