"""Which request was it? A number for the log and the person, the time it took, and nothing personal.

The log names the route's pattern, never the address asked for: addresses carry keys of mailed links, queries carry
what people typed.
"""

import secrets
import time
from collections.abc import Awaitable, Callable

import structlog
from prometheus_client import Counter, Histogram
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workflows.web.http.assets import FOLDER_ADDRESS

__all__ = ["Requests", "number_of"]

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_KEY = "viis.request"
# A stranger may call a method anything; each new word would be kept for ever in the figures.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_log = structlog.get_logger("viis.web")
_requests = Counter("viis_http_requests", "Requests by route, method and status", ["route", "method", "status"])
_seconds = Histogram(
    "viis_http_request_seconds",
    "Time from request to answer, by route",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


def number_of(request: Request) -> str:
    """Return the request's number, as error pages show it: ``7KQ2-M9XD``."""
    number: str = request.scope.get(_KEY, "")
    return number


def _new_number() -> str:
    letters = "".join(secrets.choice(_LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


class Requests:
    """Numbers, times and logs each request; turns what nobody caught into the page `failed` makes."""

    def __init__(self, app: ASGIApp, *, failed: Callable[[Request], Awaitable[Response]]) -> None:
        self._app = app
        self._failed = failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; log one line when it is answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        scope[_KEY] = number = _new_number()
        status = 0

        async def noticed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", number.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request=number):
            try:
                await self._app(scope, receive, noticed)
            except Exception:
                _log.exception("request failed", route=_pattern(scope))
                if status:
                    raise  # the head is out: only breaking the connection tells that the rest is missing
                response = await self._failed(Request(scope))
                await response(scope, receive, noticed)
            finally:
                self._note(scope, status, time.perf_counter() - started)

    @staticmethod
    def _note(scope: Scope, status: int, seconds: float) -> None:
        route, method = _pattern(scope), scope["method"] if scope["method"] in _METHODS else "(other)"
        if route.startswith((FOLDER_ADDRESS, "/health", "/metrics")):
            return
        _requests.labels(route, method, status).inc()
        _seconds.labels(route).observe(seconds)
        _log.info("request", route=route, method=method, status=status, ms=round(seconds * 1000, 1))


def _pattern(scope: Scope) -> str:
    if scope["path"].startswith(f"{FOLDER_ADDRESS}/"):
        return FOLDER_ADDRESS  # mounted: there is no route
    return getattr(scope.get("route"), "path", "(none)")
