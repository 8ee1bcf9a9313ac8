"""How our cookies are called and guarded.

On https every cookie carries the prefix ``__Host-``: the browser then refuses one that another host of the domain
planted. The demonstration on plain-http loopback cannot have that and uses the plain name.
"""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

__all__ = ["Cookies"]


@dataclass(frozen=True, slots=True)
class Cookies:
    """The cookies of one installation; `https` says whether browsers reach it encrypted."""

    https: bool

    def name(self, short: str) -> str:
        """Return the full name of the cookie `short`.

        >>> Cookies(https=True).name("session"), Cookies(https=False).name("session")
        ('__Host-viis-session', 'viis-session')
        """
        return f"__Host-viis-{short}" if self.https else f"viis-{short}"

    def get(self, request: Request, short: str) -> str | None:
        """Return the value of the cookie `short`, None without one."""
        return request.cookies.get(self.name(short))

    def set(self, response: Response, short: str, value: str, *, max_age: int | None = None) -> None:
        """Set the cookie `short`; without `max_age` it ends with the browser.

        Lax, not strict: a person who follows a link in our mail arrives from elsewhere and is still themselves.
        """
        response.set_cookie(
            self.name(short), value, max_age=max_age, path="/", secure=self.https, httponly=True, samesite="lax"
        )

    def drop(self, response: Response, short: str) -> None:
        """Make the browser forget the cookie `short`."""
        response.delete_cookie(self.name(short), path="/", secure=self.https, httponly=True, samesite="lax")
