"""What a machine reads when it is refused: SiVa's shape, `{"requestErrors": [{"key": …, "message": …}]}`.

The number of the request stands in the head `X-Request-Id`, as on every answer.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

__all__ = ["CONTENT_DISPOSITION", "RefusedError", "answer", "answer_status", "for_machines"]

# A browser that is led here shows nothing of it (OWASP ASVS 14.4.2); SiVa's clients look for the name.
CONTENT_DISPOSITION: Final[Mapping[str, str]] = {"Content-Disposition": 'attachment; filename="api.json"'}

_ALONE: Final = frozenset({"/validate", "/validateHashcode", "/getDataFiles", "/monitoring", "/actuator", "/soap"})
_BELOW: Final = ("/api/", "/access/", "/validate/", "/getDataFiles/", "/monitoring/", "/actuator/", "/soap/")

# Keys and messages that SiVa's clients know, where it has one.
_BY_STATUS: Final[Mapping[int, tuple[str, str]]] = {
    404: ("endpointNotFound", "Endpoint not found"),
    405: ("methodNotAllowed", "Only the following request methods are supported: {allowed}"),
    413: ("request", "Request exceeds the size limit"),
    429: ("request", "Too many requests: wait and try again"),
    507: ("service", "There is no room for documents just now: try again later"),
    503: ("service", "The service is not available just now: try again later"),
}
_UNEXPECTED: Final = ("unexpectedError", "An unexpected error has occurred")


class RefusedError(Exception):
    """A request that is not answered as it asks; `errors` are pairs of key and message, one for each thing wrong."""

    def __init__(self, status: int, *errors: tuple[str, str], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, errors)
        self.status = status
        self.errors = errors
        self.headers = headers


def for_machines(request: Request) -> bool:
    """Whether the address asked for is one that machines ask, so that its errors are JSON."""
    path = request.url.path
    return path in _ALONE or path.startswith(_BELOW)


def answer(status: int, errors: Sequence[tuple[str, str]], headers: Mapping[str, str] | None = None) -> Response:
    """Build the answer."""
    shown = [{"key": key, "message": message} for key, message in errors]
    return JSONResponse(
        {"requestErrors": shown}, status_code=status, headers={**CONTENT_DISPOSITION, **(headers or {})}
    )


def answer_status(status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Build the answer for an error that happened outside of any route."""
    key, message = _BY_STATUS.get(status, _UNEXPECTED)
    allowed = {one.strip() for one in (headers or {}).get("Allow", "POST").split(",")} - {"OPTIONS"}
    return answer(status, [(key, message.format(allowed=", ".join(sorted(allowed)) or "POST"))], headers)
