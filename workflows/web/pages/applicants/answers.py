"""The answer to what the ministry asked: words and files, gathered until the applicants say that it is all."""

from collections.abc import Sequence
from datetime import datetime

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from iam.audit import Door
from workflows import clock
from workflows.application import service
from workflows.application.errors import NotNow, ReasonNeeded
from workflows.application.links import PartyLink
from workflows.database import snapshot, transaction
from workflows.evidence import quotas
from workflows.i18n import Words
from workflows.web.http.errors import Problem
from workflows.web.http.forms import PostedFiles
from workflows.web.http.limits import text_problems, too_large, too_large_together
from workflows.web.http.rates import count_or_refuse, network_of
from workflows.web.pages.applicants.tracked import not_awaited, nothing_in, opened, standing
from workflows.web.site import site_of, words_of

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)

_MIB = 1024 * 1024

_MOST = 60  # in ten minutes from one network, for one application: files are counted where they are uploaded too


@routes.post("/track/{reference}/answer")
def answer(request: Request, reference: str, form: PostedFiles) -> Response:
    """Keep words and files in answer to what the ministry asked; `more` says that others are to come."""
    site, words, at = site_of(request), words_of(request), clock.now()
    said, files, more = form.get("answer"), form.chosen("file"), form.get("more") == "yes"
    with transaction(site.sessions) as session:
        known = opened(request, session, reference).application
        count_or_refuse(session, request, f"upload {known.reference}", most=_MOST, at=at)
    if size := sum(file.size or 0 for file in files):
        with transaction(site.sessions) as session:
            quotas.count(session, quotas.Use.APPLICATION, network_of(request), size, at=at)
    try:
        with transaction(site.sessions) as session:
            link = opened(request, session, reference)
            if problems := _wrong_with_answer(words, said, files, limit=site.settings.upload_max_mb):
                return standing(request, session, link, problems=problems, answer=said)
            _keep(session, link, files, at=at)
            if more:
                service.keep_answer(session, link.application, said, at=at)
            else:
                service.answer(
                    session,
                    link.application,
                    said,
                    party=link.party,
                    door=Door.WEB,
                    base_url=site.settings.base_url,
                    at=at,
                )
            target = f"/track/{link.application.reference}"
    except NotNow:
        return not_awaited(request, reference)
    except ReasonNeeded:
        problem = Problem("answer", words("Write the answer, or attach a file"))
        with snapshot(site.sessions) as session:
            return standing(request, session, opened(request, session, reference), problems=(problem,))
    return RedirectResponse(target, status_code=303)


def _wrong_with_answer(words: Words, said: str, files: Sequence[UploadFile], *, limit: int) -> tuple[Problem, ...]:
    found = (nothing_in(words, file) or too_large(words, file, limit=limit) for file in files)
    wrong = next((problem for problem in found if problem is not None), None)
    if wrong is None and sum(file.size or 0 for file in files) > limit * _MIB:
        wrong = too_large_together(words, [file.filename or "" for file in files], limit=limit)
    problems = text_problems(words, {"answer": said}, answer=service.LONGEST_ANSWER)
    return problems if wrong is None else (*problems, wrong)


def _keep(session: Session, link: PartyLink, files: Sequence[UploadFile], *, at: datetime) -> None:
    """Keep the files of an answer. Raises what `service.upload` raises."""
    for file in files:
        service.upload(
            session,
            link.application,
            file.file,
            name=file.filename or "?",
            party=link.party,
            door=Door.WEB,
            at=at,
            more=True,
        )
