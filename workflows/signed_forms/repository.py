"""The questions asked of the tables of signed forms; nothing else in the package selects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, cast, func, select, update
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.orm import aliased, joinedload

from workflows.evidence.models import Document, Held
from workflows.signed_forms.models import Link, MadeForm, RequiredDocument, SigningRequest, Upload
from workflows.signed_forms.states import UploadState

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

__all__ = [
    "droppable",
    "end_links",
    "end_links_of",
    "forms_of_others",
    "link_by_digest",
    "linked_after",
    "mailed_links",
    "upload_of",
    "upload_with_request",
    "uploaded_before",
    "uploads_of",
]


def upload_with_request(session: Session, upload_id: int) -> Upload:
    """Read an upload with its request, both as they are now. Raises NoResultFound."""
    query = select(Upload).where(Upload.id == upload_id).options(joinedload(Upload.request, innerjoin=True))
    return session.scalars(query.execution_options(populate_existing=True)).one()


def link_by_digest(session: Session, digest: str) -> Link | None:
    """Find a link by the digest of its secret, with its request."""
    query = select(Link).where(Link.token_digest == digest)
    return session.scalar(query.options(joinedload(Link.request, innerjoin=True)))


def linked_after(session: Session, request_id: int, party: str, moment: datetime) -> bool:
    """Say whether the party was given a link after that moment."""
    query = select(Link.id).where(Link.request_id == request_id, Link.party == party, Link.created_at > moment)
    return session.scalar(query.limit(1)) is not None


def mailed_links(session: Session, request_id: int) -> Sequence[Link]:
    """List the links of a request that were mailed and have not ended, newest first."""
    query = select(Link).where(Link.request_id == request_id, Link.email != "", Link.ended_at.is_(None))
    return session.scalars(query.order_by(Link.id.desc())).all()


def end_links(session: Session, *, of_closed_before: datetime, at: datetime) -> int:
    """End the links of requests that were closed before that moment; say how many."""
    closed = select(SigningRequest.id).where(SigningRequest.closed_at < of_closed_before)
    done = session.execute(
        update(Link).where(Link.ended_at.is_(None), Link.request_id.in_(closed)).values(ended_at=at).returning(Link.id)
    )
    return len(done.all())


def end_links_of(session: Session, request_id: int, *, at: datetime) -> None:
    """End every link of a request."""
    session.execute(update(Link).where(Link.ended_at.is_(None), Link.request_id == request_id).values(ended_at=at))


def upload_of(session: Session, request_id: int, sha256: str) -> Upload | None:
    """Find the upload of these very bytes to this request."""
    return session.scalar(select(Upload).where(Upload.request_id == request_id, Upload.sha256 == sha256))


def uploaded_before(session: Session, upload: Upload) -> bool:
    """Say whether the same bytes were handed in with another request before this upload."""
    earlier = select(Upload.id).where(
        Upload.sha256 == upload.sha256, Upload.request_id != upload.request_id, Upload.id < upload.id
    )
    return session.scalar(earlier.limit(1)) is not None


def uploads_of(session: Session, sha256: str) -> Sequence[Upload]:
    """List the uploads of these very bytes, to whatever request."""
    return session.scalars(select(Upload).where(Upload.sha256 == sha256).order_by(Upload.id)).all()


def forms_of_others(session: Session, request_id: int, digests: Collection[str]) -> frozenset[str]:
    """Say which of the contents are forms made for other requests."""
    query = (
        select(MadeForm.sha256)
        .join(MadeForm.document)
        .where(MadeForm.sha256.in_(digests), RequiredDocument.request_id != request_id)
    )
    return frozenset(session.scalars(query))


def droppable(
    session: Session,
    *,
    judged_before: datetime,
    only: str | None = None,
    among: Collection[str] | None = None,
    limit: int = 200,
) -> Sequence[str]:
    """List kept documents that proved nothing and were judged before that moment (`signed_forms.retention`)."""
    other = aliased(Upload)
    needed = select(other.id).where(other.sha256 == Document.sha256, ~_proved_nothing(other, judged_before))
    query = select(Document.sha256).where(
        Document.held == Held.KEPT,
        select(Upload.id).where(Upload.sha256 == Document.sha256).exists(),
        ~needed.exists(),
        ~select(MadeForm.document_id).where(MadeForm.sha256 == Document.sha256).exists(),
    )
    if only is not None:
        query = query.where(Document.sha256 == only)
    if among is not None:
        query = query.where(Document.sha256.in_(among))
    return session.scalars(query.order_by(Document.sha256).limit(limit)).all()


def _proved_nothing(upload: type[Upload], judged_before: datetime) -> ColumnElement[bool]:
    """Say in SQL that the upload proved nothing and nobody needs to read it; never NULL."""
    found = upload.findings
    mine = select(SigningRequest.id).where(SigningRequest.id == upload.request_id)
    proves = select(RequiredDocument.id).where(RequiredDocument.proven_by == upload.id)
    kept = mine.where(SigningRequest.kept)
    return and_(
        func.coalesce(upload.judged_at < judged_before, False),
        upload.state.in_((UploadState.JUDGED, UploadState.UNREADABLE)),
        func.jsonb_array_length(found) > 0,
        ~func.jsonb_path_exists(found, cast('$[*] ? (@.standing != "objected")', JSONPATH)),
        ~proves.exists(),
        ~kept.exists(),
    )
