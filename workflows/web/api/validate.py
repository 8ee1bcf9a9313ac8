"""`POST /validate`: judge a document for another system, in SiVa 3's words.

    (1) the caller: Content-Type, how often, and the token (unless VIIS_VALIDATE_OPEN);
    (2) the request: read from disk, every member checked, all that is wrong told at once;
    (3) the document is kept and its judging queued, like one dropped on the public page: a hostile document never meets
        this process, and a worker has the trusted lists at hand;
    (4) wait for the verdict, a fraction of a second as a rule;
    (5) answer, and forget document and verdict.

Forms that SiVa reads and we do not (DDOC, BDOC with a time mark, hash codes) are refused by name.
"""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Annotated, Final

from fastapi import APIRouter, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from signing import NAMED, Message, Report
from signing.messages import text
from signing.siva import DEFAULT_POLICY, StampedAmiss, conclusion, stamped_amiss, with_digest
from workflows import clock
from workflows.database import transaction
from workflows.evidence.models import Outcome, Verification
from workflows.web import checking
from workflows.web._bearer import BadTokenError, KeysUnavailableError
from workflows.web._door import Door, door_of
from workflows.web._rates import count_or_refuse
from workflows.web.api._errors import RefusedError
from workflows.web.api._json_body import Body, NotBase64Error, NotJsonError, read, spooled
from workflows.web.api._shapes import RequestErrors, ValidationAnswer, ValidationRequest

__all__ = ["ROLE", "routes"]

ROLE: Final = "validate"

_MIB: Final = 1024 * 1024
_MOST: Final = 1200  # from one network in ten minutes: two a second, each costing a judge a tenth of one
_AT_A_TIME: Final = 8  # of this process's threads (`workflows.web.app`); pages need the others
_PATIENCE: Final = 25.0  # seconds; a guard gives up on a document before that
_URGENT: Final = 5  # before uploads: nobody holds a line open for those

_NOT_BLANK, _NOT_EMPTY = "must not be blank", "must not be empty"
_NOT_BASE64 = "Document is not encoded in a valid base64 string"
_MALFORMED = "Document malformed or not matching documentType"
_NOT_AS_ASKED = "Document does not meet the requirements"
_FAILED = "Unfortunately there was an error validating your document"
_LONGEST_NAME: Final = 260
_LONGEST_POLICY: Final = 100
_POLICY_NAME: Final = re.compile(r"[A-Za-z0-9_ -]+")
_REPORT_TYPES: Final = frozenset({"simple", "detailed", "diagnostic"})
_HASH_FORMS: Final = "Hashcode forms are not supported: send the document itself to /validate"
_DDOC_FILES: Final = "DDOC is not supported: its data files cannot be extracted"

# One for the process: threads that wait are what is scarce.
_places = threading.BoundedSemaphore(_AT_A_TIME)
_token = HTTPBearer(auto_error=False, description="Access token of the realm's client credentials grant")
Token = Annotated[HTTPAuthorizationCredentials | None, Security(_token)]

routes = APIRouter(tags=["validation"])


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked, checked."""

    name: str
    policy: str
    report_type: str
    document: IO[bytes]


@routes.post(
    "/validate",
    summary="Judge a signed document",
    response_model=None,
    responses={
        200: {"model": ValidationAnswer},
        **{status: {"model": RequestErrors} for status in (400, 401, 403, 413, 415, 429, 500, 503)},
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": ValidationRequest.model_json_schema()}},
        }
    },
)
async def validate(request: Request, token: Token) -> Response:
    """Judge a document the way SiVa 3 does, and answer in its shape."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        only = "Only the following content types are supported: application/json"
        raise RefusedError(415, ("contentTypeNotSupported", only))
    await run_in_threadpool(_admit, request, token)  # (1)
    async with spooled(request) as body:
        return await run_in_threadpool(_answer, request, body)


@routes.post("/validateHashcode", include_in_schema=False)
def hashcode() -> Response:
    """Refuse by name what SiVa's clients may ask for here."""
    raise RefusedError(400, ("signatureFiles", _HASH_FORMS))


@routes.post("/getDataFiles", include_in_schema=False)
def data_files() -> Response:
    """Refuse by name, likewise."""
    raise RefusedError(400, ("document", _DDOC_FILES))


def _admit(request: Request, token: HTTPAuthorizationCredentials | None) -> None:
    """Count the caller, then ask who it is: guessing tokens is counted too."""
    door, at = door_of(request), clock.now()
    with transaction(door.sessions) as session:
        count_or_refuse(session, request, "validate", most=_MOST, at=at)
    if door.settings.validate_open:
        return
    if token is None:
        raise RefusedError(401, ("authorization", "A bearer token is needed"), headers={"WWW-Authenticate": "Bearer"})
    try:
        roles = door.bearer.roles(token.credentials, at=at)
    except BadTokenError:
        # What exactly is wrong with it helps only whoever forges one.
        challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        raise RefusedError(401, ("authorization", "The token is not valid here"), headers=challenge) from None
    except KeysUnavailableError:
        raise RefusedError(
            503, ("service", "Tokens cannot be checked just now"), headers={"Retry-After": "10"}
        ) from None
    if ROLE not in roles:
        challenge = {"WWW-Authenticate": 'Bearer error="insufficient_scope"'}
        raise RefusedError(403, ("authorization", f"The token's client lacks the role {ROLE}"), headers=challenge)


def _answer(request: Request, file: IO[bytes]) -> Response:
    door = door_of(request)
    try:
        with read(file) as body:
            asked = _check(body)  # (2)
            with _place():
                return _judged(door, asked, at=clock.now())
    except NotJsonError:
        raise RefusedError(400, ("requestBodyNotReadable", "Request body is malformed and cannot be read")) from None
    except NotBase64Error:
        raise RefusedError(400, ("document", _NOT_BASE64)) from None


def _check(body: Body) -> _Asked:
    """Check every member as SiVa does, message by message. Raises RefusedError with all that is wrong."""
    values = body.values
    policy, kind = values.get("signaturePolicy"), values.get("reportType")
    errors = [*_name_errors(values.get("filename")), *_policy_errors(policy)]
    if body.document is None:
        errors = [("document", _NOT_BLANK), ("document", _NOT_BASE64), *errors]
    if kind is not None and (not isinstance(kind, str) or kind.lower() not in _REPORT_TYPES):
        errors.append(("reportType", "Invalid report type"))
    if values.get("documentType") is not None:
        errors.append(("documentType", "documentType is not a valid request parameter"))
    if errors or body.document is None:
        raise RefusedError(400, *errors)
    name = DEFAULT_POLICY if policy is None else str(policy)
    if name not in NAMED:
        # SiVa's clients know this sentence; our own two names stand in the OpenAPI document.
        known = f"Invalid signature policy: {name}; Available abstractPolicies: [POLv3, POLv4]"
        raise RefusedError(400, ("signaturePolicy", known))
    return _Asked(str(values["filename"]), name, str(kind or "simple").lower(), body.document)


def _name_errors(name: object) -> list[tuple[str, str]]:
    if not isinstance(name, str):
        return [("filename", _NOT_EMPTY), ("filename", "Invalid filename")]
    too_long = ("filename", f"size must be between 1 and {_LONGEST_NAME}")
    if not name:
        return [("filename", _NOT_EMPTY), too_long]
    if len(name) > _LONGEST_NAME:
        return [too_long]
    if not name.isprintable() or {"/", "\\"} & set(name):
        return [("filename", "Invalid filename")]
    return []


def _policy_errors(policy: object) -> list[tuple[str, str]]:
    if policy is None:
        return []
    if not isinstance(policy, str):
        return [("signaturePolicy", "Invalid signature policy")]
    if not 1 <= len(policy) <= _LONGEST_POLICY:
        return [("signaturePolicy", f"size must be between 1 and {_LONGEST_POLICY}")]
    return [] if _POLICY_NAME.fullmatch(policy) else [("signaturePolicy", "Invalid signature policy")]


@contextmanager
def _place() -> Iterator[None]:
    """Hold one of the places for those who wait."""
    if not _places.acquire(blocking=False):
        raise RefusedError(503, ("service", "Too many documents at once: try again"), headers={"Retry-After": "2"})
    try:
        yield
    finally:
        _places.release()


def _judged(door: Door, asked: _Asked, *, at: datetime) -> Response:
    token = _begin(door, asked, at=at)  # (3)
    until = time.monotonic() + _PATIENCE
    pause = 0.01
    while time.monotonic() < until:  # (4)
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)
        with transaction(door.sessions) as session:
            found = checking.find(session, token)
            if found is None:
                break
            check, verification = found
            if verification is None:
                continue
            sha256 = check.sha256
            session.expunge(verification)  # read on after its row is gone
            checking.drop(session, check)
        return _tell(verification, asked, sha256)  # (5)
    raise RefusedError(503, ("service", "No verdict in time: try again"), headers={"Retry-After": "10"})


def _begin(door: Door, asked: _Asked, *, at: datetime) -> str:
    asked.document.seek(0)
    limit = door.settings.upload_max_mb * _MIB
    with transaction(door.sessions) as session:
        return checking.begin(session, asked.document, name=asked.name, limit=limit, at=at, priority=_URGENT)


def _tell(verification: Verification, asked: _Asked, sha256: str) -> Response:
    report = verification.report
    if report is None:
        raise _no_report(verification)
    _refuse_what_is_not_ours(report, asked.name)
    found = with_digest(conclusion(report, policy=asked.policy), name=asked.name, sha256=sha256)
    if asked.report_type != "simple":
        left_out = {"content": "Blocks of the report that only EU DSS can fill are left out"}
        found["validationWarnings"] = [*found.get("validationWarnings", ()), left_out]
    return JSONResponse({"validationReport": {"validationConclusion": found}})


def _no_report(verification: Verification) -> RefusedError:
    if verification.outcome != Outcome.UNREADABLE:
        return RefusedError(500, ("document", _FAILED))
    message = Message(verification.code or "document.broken", verification.params or {})
    named = message.code in {"document.legacy-format", "document.encrypted", "document.too-large"}
    return RefusedError(400, ("document", text(message, "en") if named else _MALFORMED))


def _refuse_what_is_not_ours(report: Report, name: str) -> None:
    """Refuse a time mark by name, a stamped container built wrongly, a name that promises another kind of file."""
    for signature in report.signatures:
        for message in (*signature.errors, *signature.warnings):
            if message.code == "bdoc.time-mark":
                raise RefusedError(400, ("document", text(message, "en")))
    match stamped_amiss(report):
        case StampedAmiss.NOT_SIMPLE:
            raise RefusedError(400, ("document", _NOT_AS_ASKED))
        case StampedAmiss.UNREADABLE:
            raise RefusedError(400, ("document", _MALFORMED))
        case None:
            pass
    ending = name.lower().rpartition(".")[2]
    if ending == "ddoc" or (ending == "bdoc" and report.form == "PAdES"):
        raise RefusedError(400, ("document", _MALFORMED))
