"""`POST /validate`: judge a document for another system, in SiVa 3's words.

    (1) the caller: Content-Type, how often, and the token (unless VIIS_VALIDATE_OPEN);
    (2) a place: eight at a time, others wait for one, a second at most; then the request: read from disk, every member
        checked, all that is wrong told at once;
    (3) the document is kept and its judging queued, like one dropped on the public page: a hostile document never meets
        this process, and a worker has the trusted lists at hand;
    (4) wait for the verdict, a fraction of a second as a rule;
    (5) answer, and forget document and verdict.

Forms that SiVa reads and we do not (DDOC, BDOC with a time mark, hash codes) are refused by name.
"""

import time
from datetime import datetime
from typing import IO, Any, Final

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from signing import NAMED, Message, Report, TrustState
from signing.messages import text
from signing.sentences.wording import using_wording
from signing.siva.conclusion import StampRefusal, conclusion, stamp_refusal, with_digest
from signing.siva.details import detailed, diagnostic
from workflows import clock
from workflows.database import transaction
from workflows.evidence import quotas
from workflows.evidence.models import Verification, VerificationOutcome
from workflows.validation import service as validation
from workflows.web.api.admission import ROLE, Token, admit, methods, only_json
from workflows.web.api.errors import CONTENT_DISPOSITION, RefusedError
from workflows.web.api.json_body import NotJsonError, read, spooled
from workflows.web.api.request_checks import MALFORMED, CheckRequest, check
from workflows.web.api.schemas import RequestErrors, ValidationAnswer, ValidationRequest
from workflows.web.http.concurrency import OverCapacityError
from workflows.web.http.rates import network_of
from workflows.web.site import Site, site_of
from workflows.wording import VIIS

__all__ = ["ROLE", "routes"]

_MIB: Final = 1024 * 1024
_PATIENCE: Final = 25.0  # seconds; a guard gives up on a document before that
_URGENT: Final = 5  # before uploads: nobody holds a line open for those

_NOT_AS_ASKED = "Document does not meet the requirements"
_FAILED = "Unfortunately there was an error validating your document"
_UNSIGNED: Final = "pdf.unsigned"

routes = APIRouter(tags=["validation"])


routes.add_api_route("/validate", methods, methods=["OPTIONS"], include_in_schema=False)


@routes.post(
    "/validate",
    summary="Judge a signed document",
    response_model=None,
    responses={
        200: {"model": ValidationAnswer},
        **{status: {"model": RequestErrors} for status in (400, 401, 403, 413, 415, 429, 500, 503, 507)},
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
    only_json(request)
    await run_in_threadpool(admit, request, token)  # (1)
    async with spooled(request) as body:
        try:
            async with site_of(request).validation_slots.slot():
                return await run_in_threadpool(_answer, request, body)
        except OverCapacityError:
            busy = ("service", "Too many documents at once: try again")
            raise RefusedError(503, busy, headers={"Retry-After": "2"}) from None


def _answer(request: Request, file: IO[bytes]) -> Response:
    site = site_of(request)
    try:
        with read(file) as body:
            asked = check(body)  # (2)
            _count(request, asked.document, at=clock.now())
            return _judged(site, asked, at=clock.now())
    except NotJsonError:
        raise RefusedError(400, ("requestBodyNotReadable", "Request body is malformed and cannot be read")) from None


def _count(request: Request, document: IO[bytes], *, at: datetime) -> None:
    size = document.seek(0, 2)
    with transaction(site_of(request).sessions) as session:
        quotas.count(session, quotas.Use.MACHINE, network_of(request), size, at=at)


def _judged(site: Site, asked: CheckRequest, *, at: datetime) -> Response:
    token = _begin(site, asked, at=at)  # (3)
    until = time.monotonic() + _PATIENCE
    pause = 0.01
    while time.monotonic() < until:  # (4)
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)
        with transaction(site.sessions) as session:
            found = validation.find(session, token)
            if found is None:
                break
            check, verification = found
            if verification is None:
                continue
            sha256 = check.sha256
            session.expunge(verification)  # read on after its row is gone
            validation.drop(session, check)
        return _tell(verification, asked, sha256)  # (5)
    raise RefusedError(503, ("service", "No verdict in time: try again"), headers={"Retry-After": "10"})


def _begin(site: Site, asked: CheckRequest, *, at: datetime) -> str:
    asked.document.seek(0)
    limit = site.settings.upload_max_mb * _MIB
    with transaction(site.sessions) as session:
        table = NAMED[asked.policy].algorithms
        return validation.begin(
            session, asked.document, name=asked.name, limit=limit, at=at, priority=_URGENT, algorithms=table
        )


@using_wording(VIIS)
def _tell(verification: Verification, asked: CheckRequest, sha256: str) -> Response:
    report = verification.report
    if report is None and verification.outcome == VerificationOutcome.UNREADABLE and verification.code == _UNSIGNED:
        report = _nobody_signed(verification, asked)
    if report is None:
        raise _no_report(verification)
    _refuse_what_is_not_ours(report, asked.name)
    found = with_digest(conclusion(report, policy=asked.policy), name=asked.name, sha256=sha256)
    shown: dict[str, Any] = {"validationConclusion": found}
    match asked.report_type:
        case "detailed":
            shown["validationProcess"] = detailed(report)
        case "diagnostic":
            shown["diagnosticData"] = diagnostic(report, name=asked.name)
        case _:
            pass
    if asked.report_type != "simple":
        left_out = {"content": "What only EU DSS can tell is left out of this kind of report"}
        found["validationWarnings"] = [*found.get("validationWarnings", ()), left_out]
    return JSONResponse({"validationReport": shown}, headers=CONTENT_DISPOSITION)


def _nobody_signed(verification: Verification, asked: CheckRequest) -> Report:
    """Report on a PDF without a signature: to SiVa's clients a document like any other, with none."""
    trust = TrustState(verification.trust_state or TrustState.MISSING)
    return Report(file_name=asked.name, form="PAdES", judged_at=verification.judged_at, trust_state=trust)


def _no_report(verification: Verification) -> RefusedError:
    if verification.outcome != VerificationOutcome.UNREADABLE:
        return RefusedError(500, ("document", _FAILED))
    message = Message(verification.code or "document.broken", verification.params or {})
    named = message.code in {
        "document.legacy-format",
        "document.other-format",
        "document.encrypted",
        "document.too-large",
    }
    return RefusedError(400, ("document", text(message, "en") if named else MALFORMED))


def _refuse_what_is_not_ours(report: Report, name: str) -> None:
    """Refuse a time mark by name, a stamped container built wrongly, a name that promises another kind of file."""
    for signature in report.signatures:
        for message in (*signature.errors, *signature.warnings):
            if message.code == "bdoc.time-mark":
                raise RefusedError(400, ("document", text(message, "en")))
    match stamp_refusal(report):
        case StampRefusal.NOT_SIMPLE:
            raise RefusedError(400, ("document", _NOT_AS_ASKED))
        case StampRefusal.UNREADABLE:
            raise RefusedError(400, ("document", MALFORMED))
        case None:
            pass
    ending = name.lower().rpartition(".")[2]
    if ending == "ddoc" or (ending == "bdoc" and report.form == "PAdES"):
        raise RefusedError(400, ("document", MALFORMED))
