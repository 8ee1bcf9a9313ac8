"""SiVa's two other addresses, for forms that are not read here: answered by name, so that clients learn why.

`/getDataFiles` takes files out of DDOC alone: whatever else is asked of it is refused in SiVa's own words.
`/validateHashcode` judges signatures beside digests of files, without the files.
"""

from typing import IO, Final

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from workflows.web.api.admission import Token, admit, methods, only_json
from workflows.web.api.errors import RefusedError
from workflows.web.api.json_body import NotJsonError, read, spooled
from workflows.web.api.request_checks import MALFORMED, document_errors

__all__ = ["routes"]

_HASH_FORMS: Final = "Hashcode forms are not supported: send the document itself to /validate"
_DDOC_FILES: Final = "DDOC is not supported: its data files cannot be extracted"
_NOT_A_DDOC_NAME: Final = "Invalid filename. Can only return data files for DDOC type containers."
_START: Final = 4096

routes = APIRouter(include_in_schema=False)
routes.add_api_route("/validateHashcode", methods, methods=["OPTIONS"])
routes.add_api_route("/getDataFiles", methods, methods=["OPTIONS"])


@routes.post("/validateHashcode")
def hashcode() -> Response:
    """Refuse by name what SiVa's clients may ask for here."""
    raise RefusedError(400, ("signatureFiles", _HASH_FORMS))


@routes.post("/getDataFiles")
async def data_files(request: Request, token: Token) -> Response:
    """Refuse what is no DDOC as SiVa does, and a DDOC by name."""
    only_json(request)
    await run_in_threadpool(admit, request, token)
    async with spooled(request) as body:
        raise await run_in_threadpool(_refusal, body)


def _refusal(file: IO[bytes]) -> RefusedError:
    try:
        with read(file) as body:
            errors = document_errors(body)
            name = body.values.get("filename")
            if not isinstance(name, str) or not name.lower().endswith(".ddoc"):
                errors.append(("filename", _NOT_A_DDOC_NAME))
            if errors or body.document is None:
                return RefusedError(400, *errors)
            is_ddoc = b"SignedDoc" in body.document.read(_START)
    except NotJsonError:
        return RefusedError(400, ("requestBodyNotReadable", "Request body is malformed and cannot be read"))
    return RefusedError(400, ("document", _DDOC_FILES if is_ddoc else MALFORMED))
