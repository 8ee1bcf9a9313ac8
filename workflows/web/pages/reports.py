"""Hand out the report about a file's signatures: as JSON, or typeset on request within limits and never kept.

Typesetting fills a processor, so requests are counted for each network, and two at a time are made in one process.
"""

from collections.abc import Callable

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from workflows import clock
from workflows.application.errors import NoSuchApplication
from workflows.database import transaction
from workflows.evidence.models import Verification
from workflows.evidence.names import short_name
from workflows.logging import mask
from workflows.web.http.attachments import attachment
from workflows.web.http.concurrency import OverCapacityError
from workflows.web.http.rates import count_or_refuse
from workflows.web.site import site_of, words_of
from workflows.web.words.reports import Looked, report_json, report_pdf

__all__ = ["read_apart", "report_as_json", "report_as_pdf"]

_MOST = 60  # from one network in ten minutes, as many as files to look at


def read_apart(session: Session, verification: Verification) -> Verification:
    """Return the verification to be read on after the session, which no typesetting shall hold open."""
    session.expunge(verification)
    return verification


def report_as_json(looked: Looked) -> Response:
    """Answer with the report as it is kept, its codes masked. Raises NoSuchApplication where there is none."""
    report = looked.verification.report
    if report is None:
        raise NoSuchApplication
    return Response(report_json(report), media_type="application/json", headers=_named(looked, "json"))


async def report_as_pdf(request: Request, find: Callable[[], Looked]) -> Response:
    """Answer with the report as a PDF in the reader's language: 429 past the limit, 503 where too many are made."""

    def make() -> Response:
        at = clock.now()
        made = report_pdf(words_of(request), looked, at=at)
        return Response(made, media_type="application/pdf", headers=_named(looked, "pdf"))

    looked = await run_in_threadpool(find)  # first, so that guessing costs nothing
    await run_in_threadpool(_count, request)
    try:
        async with site_of(request).typesetting_slots.slot():
            return await run_in_threadpool(make)
    except OverCapacityError:
        raise HTTPException(503, headers={"Retry-After": "10"}) from None


def _count(request: Request) -> None:
    with transaction(site_of(request).sessions) as session:
        count_or_refuse(session, request, "report", most=_MOST, at=clock.now())


def _named(looked: Looked, ending: str) -> dict[str, str]:
    return attachment(f"{mask(short_name(looked.name))}.{ending}")
