"""The documents of a case: pages of our forms, on which personal codes are covered, and files as they came.

A file as it came may show codes in full: only who decides is shown one, a reviewer or the second
person, and each showing is recorded.
"""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import Response

from workflows import clock
from workflows.application import service
from workflows.application.models import Application
from workflows.database import snapshot, transaction
from workflows.evidence import service as evidence
from workflows.evidence.models import DocumentPage
from workflows.evidence.names import short_name
from workflows.principal import Principal
from workflows.signed_forms.models import Upload
from workflows.web.http.attachments import attachment
from workflows.web.identity.access import SignedIn
from workflows.web.identity.access_table import sees_files
from workflows.web.pages.reviewers.case_actions import case_called
from workflows.web.pages.reviewers.contexts import ReviewPicturePage
from workflows.web.pages.reviewers.reviewer import as_reviewer
from workflows.web.site import site_of, words_of
from workflows.web.words.kinds import names_of

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A document of a case: the part whose form it is, or the file that was uploaded."""

    part: str = ""
    upload: Upload | None = None


@routes.get("/review/{reference}/pages/{sha256}/{number}.png")
def picture(request: Request, reference: str, sha256: str, number: int, principal: SignedIn) -> Response:
    """Show one page of a document of this case, as the guarded process drew it."""
    with transaction(site_of(request).sessions) as session:
        application = case_called(session, reference, principal)
        found = _found(application, sha256)
        page = session.get(DocumentPage, (sha256, number))
        if page is None:
            raise HTTPException(404)
        if found.upload is not None:
            _note(session, application, found.upload, principal, page=number)
        # Kept by no browser: after signing out nothing of a case is left there.
        return Response(page.png, media_type="image/png", headers={"Cache-Control": "no-store"})


@routes.get("/review/{reference}/pages/{sha256}/{number}")
def full_size(request: Request, reference: str, sha256: str, number: int, principal: SignedIn) -> Response:
    """Show one page as large as it was drawn, with links to the pages before and after it."""
    site, words = site_of(request), words_of(request)
    with snapshot(site.sessions) as session:
        application = case_called(session, reference, principal)
        found = _found(application, sha256)
        if found.upload is not None and not sees_files(principal):
            raise HTTPException(403)
        drawn = select(DocumentPage.number).where(DocumentPage.sha256 == sha256).order_by(DocumentPage.number)
        numbers = tuple(session.scalars(drawn))
        if number not in numbers:
            raise HTTPException(404)
        names = names_of(words, application).parts
        title = names[found.part] if found.upload is None else short_name(found.upload.name)
        return site.page(
            request,
            ReviewPicturePage(
                reference=application.reference,
                title=title,
                sha256=sha256,
                page=number,
                count=len(numbers),
                recorded=found.upload is not None,
            ),
        )


@routes.get("/review/{reference}/files/{number}")
def download(request: Request, reference: str, number: int, principal: SignedIn) -> Response:
    """Hand out an uploaded file as it came, to be saved, never to be shown by the browser."""
    with transaction(site_of(request).sessions) as session:
        application = case_called(session, reference, principal)
        upload = next((one for one in application.uploads if one.id == number), None)
        if upload is None:
            raise HTTPException(404)
        _note(session, application, upload, principal, page=None)
        content = evidence.read(session, upload.sha256)
        suffix = "".join(letter for letter in upload.name.rpartition(".")[2].lower() if letter.isalnum())[:10] or "bin"
        name = f"{application.reference}-{number}.{suffix}"
    return Response(content, media_type="application/octet-stream", headers=attachment(name))


def _found(application: Application, sha256: str) -> _Shown:
    """Find the document; our own form comes first, whoever uploaded it too."""
    for form in application.documents:
        if form.made and form.sha256 == sha256:
            return _Shown(part=form.part)
    for upload in application.uploads:
        if upload.sha256 == sha256:
            return _Shown(upload=upload)
    raise HTTPException(404)


def _note(
    session: Session, application: Application, upload: Upload, principal: Principal, *, page: int | None
) -> None:
    if not sees_files(principal):
        raise HTTPException(403)
    service.note_shown(session, application, upload, page=page, by=as_reviewer(principal), at=clock.now())
