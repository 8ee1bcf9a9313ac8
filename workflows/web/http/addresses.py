"""Is the address well formed? Path and query are UTF-8 without control characters, and of bounded length.

Any other names nothing we have and is answered 404 here, for every page: a database cannot store a NUL, nor a header a
line break.
"""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import unquote_to_bytes

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Addresses"]

_LONGEST: Final = 8000  # RFC 9110 §4.1: at least that much is to be taken
_REPEATED: Final = 200
_PLAIN: Final = re.compile(rb"(?:/[A-Za-z0-9-]+)*/?")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Addresses:
    """Answers a request whose address is malformed by what `refused` makes of it."""

    def __init__(self, app: ASGIApp, *, refused: Callable[[Request], Response]) -> None:
        self._app = app
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on if its address can be read."""
        if scope["type"] != "http" or _is_address(scope.get("raw_path") or b"", scope["query_string"]):
            await self._app(scope, receive, send)
            return
        # The answer repeats nothing of it but its plain beginning, which tells whether a machine asks.
        plainly = (_PLAIN.match(scope.get("raw_path") or b"/") or [b""])[0][:_REPEATED] or b"/"
        plain = {**scope, "path": plainly.decode("ascii"), "raw_path": plainly, "query_string": b""}
        await self._refused(Request(plain))(scope, receive, send)


def _is_address(path: bytes, query: bytes) -> bool:
    if len(path) + len(query) > _LONGEST:
        return False
    try:
        text = unquote_to_bytes(path).decode("utf-8") + unquote_to_bytes(query).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return _CONTROL.search(text) is None
