"""Drop a signed file, read what its signatures are worth. Nothing is decided by it, and it is forgotten after a day."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from workflows import clock, policy
from workflows.application.errors import NoSuchApplication
from workflows.database import snapshot, transaction
from workflows.evidence import quotas
from workflows.evidence.models import VerificationOutcome
from workflows.evidence.names import short_name
from workflows.signed_forms.messages import Reader
from workflows.validation import service as validation
from workflows.web.http.errors import Problem
from workflows.web.http.forms import PostedFile
from workflows.web.http.limits import too_large
from workflows.web.http.rates import count_or_refuse, network_of
from workflows.web.pages.applicants.contexts import VerifyPage, VerifyResultPage
from workflows.web.pages.reports import read_apart, report_as_json, report_as_pdf
from workflows.web.site import site_of, words_of
from workflows.web.words.reports import Looked
from workflows.web.words.results import result_of
from workflows.web.words.verdicts import signatures_of, verification_reasons

__all__ = ["asked_again", "routes"]

routes = APIRouter(include_in_schema=False)

_FINAL = frozenset({VerificationOutcome.REPORT, VerificationOutcome.UNREADABLE})
_MIB = 1024 * 1024
_MOST = 60  # from one network in ten minutes; each costs a second of a judge


@routes.get("/verify")
def ask(request: Request) -> Response:
    """Ask for the file."""
    return asked_again(request)


@routes.post("/verify")
def check(request: Request, form: PostedFile) -> Response:
    """Have the file judged; it goes with its verdict, and that after a day."""
    site, words, at = site_of(request), words_of(request), clock.now()
    file = form.file("file")
    if file is None or not file.filename:
        return asked_again(request, Problem("file", words("Choose the signed file first")))
    if file.size == 0:
        sentence = words("The file “%(name)s” is empty: save the signed document again", name=short_name(file.filename))
        return asked_again(request, Problem("file", sentence))
    if (large := too_large(words, file, limit=site.settings.upload_max_mb)) is not None:
        return asked_again(request, large)
    with transaction(site.sessions) as session:
        count_or_refuse(session, request, "verify", most=_MOST, at=at)
    with transaction(site.sessions) as session:
        quotas.count(session, quotas.Use.LOOK, network_of(request), file.size or 0, at=at)
    with transaction(site.sessions) as session:
        limit = site.settings.upload_max_mb * _MIB
        token = validation.begin(session, file.file, name=file.filename, limit=limit, at=at)
    return RedirectResponse(f"/verify/{token}", status_code=303)


@routes.get("/verify/{token}")
def result(request: Request, token: str) -> Response:
    """Show the verdict, or that it is on its way."""
    site, words = site_of(request), words_of(request)
    with snapshot(site.sessions) as session:
        found = validation.find(session, token)
        if found is None:
            raise NoSuchApplication
        kept, verification = found
        report = None if verification is None else verification.report
        signatures = () if report is None else signatures_of(words, report, to=Reader.VISITOR)
        again = verification is not None and verification.outcome not in _FINAL
        return site.page(
            request,
            VerifyResultPage(
                name=short_name(kept.name),
                full_name=kept.name,
                checking=verification is None,
                result=None if verification is None else result_of(words, verification, signatures),
                token=token,
                machine=report is not None,
                reasons=() if verification is None else verification_reasons(words, verification),
                again=again,
                signatures=signatures,
                contents=() if report is None else [(short_name(one.name), one) for one in report.contents],
                trust=None if report is None else report.trust_state.value,
                until=kept.received_at + policy.on(session, clock.now()).look_result_kept,
            ),
        )


@routes.get("/verify/{token}/report.json")
def report_of(request: Request, token: str) -> Response:
    """Hand out the report for programs, its codes masked as on the page."""
    return report_as_json(_looked(request, token))


@routes.get("/verify/{token}/report.pdf")
async def printed(request: Request, token: str) -> Response:
    """Make the report for people; nothing of it is kept here."""
    return await report_as_pdf(request, lambda: _looked(request, token))


def _looked(request: Request, token: str) -> Looked:
    """Return what was found about the file. Raises NoSuchApplication."""
    with snapshot(site_of(request).sessions) as session:
        found = validation.find(session, token)
        check, verification = found or (None, None)
        if check is None or verification is None:
            raise NoSuchApplication
        return Looked(check.name, read_apart(session, verification))


def asked_again(request: Request, *problems: Problem, status: int = 200) -> Response:
    """Show the page that asks for the file, with what was wrong with another one."""
    site = site_of(request)
    return site.page(request, VerifyPage(limit=site.settings.upload_max_mb), problems=problems, status=status)
