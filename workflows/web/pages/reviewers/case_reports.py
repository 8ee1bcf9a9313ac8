"""The report about one file of a case, for whoever may read the case: codes are masked in it, for everybody."""

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from workflows.database import snapshot
from workflows.evidence.models import Verification
from workflows.principal import Principal
from workflows.web.identity.access import SignedIn
from workflows.web.pages.reports import read_apart, report_as_json, report_as_pdf
from workflows.web.pages.reviewers.case_actions import case_called
from workflows.web.site import site_of
from workflows.web.words.reports import Looked

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)


@routes.get("/review/{reference}/files/{number}/report.json")
def for_programs(request: Request, reference: str, number: int, principal: SignedIn) -> Response:
    """Hand out the report as it is kept, without what holds a code."""
    return report_as_json(_looked(request, reference, number, principal))


@routes.get("/review/{reference}/files/{number}/report.pdf")
async def for_people(request: Request, reference: str, number: int, principal: SignedIn) -> Response:
    """Make the report as a PDF."""
    return await report_as_pdf(request, lambda: _looked(request, reference, number, principal))


def _looked(request: Request, reference: str, number: int, principal: Principal) -> Looked:
    with snapshot(site_of(request).sessions) as session:
        application = case_called(session, reference, principal)
        upload = next((one for one in application.uploads if one.id == number), None)
        verification = None if upload is None else session.get(Verification, upload.verification_id or 0)
        if upload is None or verification is None:
            raise HTTPException(404)
        return Looked(upload.name, read_apart(session, verification), application.reference)
