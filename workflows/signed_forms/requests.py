"""Open a request, say which documents it needs, and close it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.evidence.service import receive
from workflows.signed_forms.models import MadeForm, RequiredDocument, SigningRequest
from workflows.signed_forms.states import Standing, Way

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

__all__ = ["attach", "close", "open_request", "require"]


def open_request(session: Session, owner: str, *, reference: str, language: str, at: datetime) -> SigningRequest:
    """Open a request for an owner's matter; nothing is required yet. The caller flushes: many are written at once."""
    request = SigningRequest(owner=owner, reference=reference, language=language, opened_at=at, kept=False)
    session.add(request)
    return request


def require(
    request: SigningRequest,
    part: str,
    *,
    signer: str,
    ways: Collection[Way] = (Way.SIGNATURE, Way.PERSON),
) -> RequiredDocument:
    """Require a document: `part` names it and `signer` whose signature it needs, in the owner's words."""
    document = RequiredDocument(
        part=part, signer=signer, ways=[way.value for way in ways], standing=Standing.AWAITED, notes=[]
    )
    request.documents.append(document)
    return document


def attach(
    session: Session, document: RequiredDocument, pdf: bytes, *, name: str, edition: str, at: datetime
) -> MadeForm:
    """Keep the form made for a required document as evidence: a signed file is compared with its very bytes."""
    kept = receive(session, pdf, declared_name=name, at=at)
    document.made = MadeForm(sha256=kept.sha256, size=kept.size, edition=edition, made_at=at)
    return document.made


def close(request: SigningRequest, *, at: datetime, kept: bool = False) -> None:
    """Close a request: nothing is awaited any more. `kept` says that a decision rests on its files."""
    request.closed_at = at
    request.kept = request.kept or kept
