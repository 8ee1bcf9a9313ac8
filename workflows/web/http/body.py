"""How large may a request's body be, how slow, and how does a person learn that it was too large?

A browser that is still sending shows an answer only if we keep reading: refusing at once would reset the connection
and show the browser's own error instead of our page. So what is too large is read and thrown away, up to a bound, and
answered then.
"""

import asyncio
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["BodyLimit", "BodyTooLargeError", "BodyTooSlowError"]

_MIB = 1024 * 1024

# Room for the boundaries and the other fields of a form that carries one largest file.
_OVERHEAD = _MIB

# An ordinary form has a few short fields.
_FORM = _MIB

# A document inside JSON is base64: four letters for three bytes, and line breaks.
_ENCODED = frozenset({"/validate", "/getDataFiles"})
_LETTERS_FOR_BYTES = 1.4

# No person chooses so large a file by mistake: the connection is cut.
_DISCARD = 256 * _MIB


# A body slower than a poor telephone line is a slow-body attack.
_PATIENCE = 20.0
_SLOWEST = 8 * 1024  # octets a second


class BodyTooSlowError(Exception):
    """The request's body stopped coming."""


class BodyTooLargeError(Exception):
    """The request's body is over the limit; what was left of it has been read and dropped.

    `values` are the fields of a form that came before the file which was too much, `files` the names of its files.
    Whoever reads forms fills them in (`form_parser`); `values` is None for any other body.
    """

    values: Mapping[str, tuple[str, ...]] | None = None
    files: tuple[str, ...] = ()


class BodyLimit:
    """Counts the body as it streams in; a declared length is not believed, only used to refuse early."""

    def __init__(self, app: ASGIApp, *, upload_bytes: int) -> None:
        self._app = app
        self._upload = upload_bytes + _OVERHEAD
        self._encoded = int(upload_bytes * _LETTERS_FOR_BYTES) + _OVERHEAD

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a body that raises `BodyTooLargeError` once it is over the limit."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Request(scope).headers
        multipart = headers.get("content-type", "").startswith("multipart/form-data")
        limit = self._encoded if scope["path"] in _ENCODED else self._upload if multipart else _FORM
        waits = headers.get("expect", "").lower() == "100-continue"
        declared = headers.get("content-length", "")
        too_long = declared.isdecimal() and int(declared) > limit
        # A person's form is read as far as it may be long: its texts are shown again beside what is wrong.
        early = too_long and (waits or not multipart)
        seen = 0
        complete = False
        begun = asyncio.get_running_loop().time()

        if "content-length" in headers and "transfer-encoding" in headers:
            # Servers may see two requests in it (RFC 9112 §6.1): nothing is read, and the connection is closed.
            await Response(status_code=400, headers={"Connection": "close"})(scope, receive, send)
            return

        async def counted() -> Message:
            nonlocal seen, complete
            if early:
                # A client that asked first has sent nothing yet: there is nothing to read away.
                if not waits:
                    await _discard(receive)
                raise BodyTooLargeError
            if complete:
                return await receive()
            try:
                async with asyncio.timeout_at(begun + _PATIENCE + seen / _SLOWEST):
                    message = await receive()
            except TimeoutError:
                raise BodyTooSlowError from None
            seen += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if seen > limit:
                if message.get("more_body", False):
                    await _discard(receive)
                raise BodyTooLargeError
            return message

        await self._app(scope, counted, send)


async def _discard(receive: Receive) -> None:
    dropped = 0
    while dropped < _DISCARD:
        message = await receive()
        dropped += len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body", False):
            return
