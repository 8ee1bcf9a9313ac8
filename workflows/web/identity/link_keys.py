"""How does a mailed link open an application without staying in the address?

The link carries a secret. It is put into a cookie of this browser at once and the address goes on without it: so it is
in no history, no screenshot, no Referer. One cookie an application, gone with the browser.
"""

from starlette.requests import Request
from starlette.responses import Response

from workflows.web.http.cookies import Cookies

__all__ = ["key_for", "remember"]


def remember(cookies: Cookies, response: Response, reference: str, token: str) -> None:
    """Let this browser open the application from now on."""
    cookies.set(response, _name(reference), token)


def key_for(cookies: Cookies, request: Request, reference: str) -> str | None:
    """Return the secret this browser holds for the application, None without one."""
    return cookies.get(request, _name(reference))


def _name(reference: str) -> str:
    return f"key-{reference}"
