"""Pictures of a case: the pages of our forms, and of exactly those files that a person has to read."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.application.models import Application
from workflows.evidence.models import DocumentPage, Held
from workflows.evidence.names import short_name
from workflows.i18n import Words
from workflows.signed_forms.reading import to_be_read
from workflows.web.pages.reviewers.contexts import Pictures
from workflows.web.words.kinds import names_of

__all__ = ["files_to_read", "pictures_of"]


def pictures_of(session: Session, words: Words, application: Application, *, sees_files: bool) -> list[Pictures]:
    """Return pictures of our forms and, for whoever is shown files as they came, of those a person must read.

    A file of which there is none is listed all the same, to be downloaded.
    """
    forms = {one.sha256: names_of(words, application).parts[one.part] for one in application.documents if one.made}
    shown = [Pictures(title, sha256, *_drawn(session, sha256), upload=0) for sha256, title in forms.items()]
    for upload in application.uploads if sees_files else ():
        if to_be_read(upload) and upload.document.held is Held.KEPT and upload.sha256 not in forms:
            drawn = _drawn(session, upload.sha256)
            shown.append(Pictures(short_name(upload.name), upload.sha256, *drawn, upload=upload.id))
    return shown


def files_to_read(application: Application) -> list[str]:
    """Name the files that a person has to read before the decision."""
    return [short_name(one.name) for one in application.uploads if to_be_read(one)]


def _drawn(session: Session, sha256: str) -> tuple[tuple[int, ...], int]:
    """Number the pages that have a picture, and say how many there are in all."""
    pages = select(DocumentPage.number, DocumentPage.of).where(DocumentPage.sha256 == sha256)
    found = session.execute(pages.order_by(DocumentPage.number)).all()
    return tuple(number for number, _ in found), max((of for _, of in found), default=0)
