"""Pictures of a case: the pages of our forms, and of exactly those files that a person has to read."""

from collections.abc import Collection

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
    files = [
        one
        for one in (application.uploads if sees_files else ())
        if to_be_read(one) and one.document.held is Held.KEPT and one.sha256 not in forms
    ]
    drawn = _drawn(session, {*forms, *(one.sha256 for one in files)})
    shown = [Pictures(title, sha256, *drawn[sha256], upload=0) for sha256, title in forms.items()]
    shown += [Pictures(short_name(one.name), one.sha256, *drawn[one.sha256], upload=one.id) for one in files]
    return shown


def files_to_read(application: Application) -> list[str]:
    """Name the files that a person has to read before the decision."""
    return [short_name(one.name) for one in application.uploads if to_be_read(one)]


def _drawn(session: Session, digests: Collection[str]) -> dict[str, tuple[tuple[int, ...], int]]:
    """Number the pages of each file that have a picture, and say how many there are in all."""
    pages = select(DocumentPage.sha256, DocumentPage.number, DocumentPage.of)
    found = session.execute(pages.where(DocumentPage.sha256.in_(digests)).order_by(DocumentPage.number)).all()
    return {
        sha256: (
            tuple(number for of, number, _ in found if of == sha256),
            max((pages for of, _, pages in found if of == sha256), default=0),
        )
        for sha256 in digests
    }
