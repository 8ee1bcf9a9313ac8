"""Which files need not be kept? Those that proved nothing, for a request on which no decision rests.

Digest, name, findings, verdict and audit stay; the bytes and their pictures go some days after the verdict (dated
policy). What stays whatever its age:

    - everything of a request on which a decision rests
    - what proves a document, waits to be judged, or is for a person to read
    - what came unsigned after something more was asked for, and can be read
    - a file that is anything else too: our own form, or another request's

Where evidence takes four fifths of what it may, such files go after an hour: whoever sends them shuts out nobody else.
Handed in again, the same bytes are stored and judged anew.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from workflows import policy
from workflows.evidence import documents, quotas
from workflows.evidence.models import Held
from workflows.signed_forms import repository
from workflows.signed_forms.owners import owner_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from workflows.signed_forms.models import SigningRequest, Upload

__all__ = ["drop", "expired", "next_to_go"]

_PRESSED = 0.8


def expired(session: Session, *, at: datetime) -> Sequence[str]:
    """List the documents whose bytes are due to go, by digest."""
    return repository.droppable(session, judged_before=at - _kept_for(session, at))


def drop(session: Session, sha256: str, *, at: datetime) -> bool:
    """Drop the document's bytes, if they are still due now that nobody else holds it; say whether."""
    document = documents.hold_alone(session, sha256)
    judged_before = at - _kept_for(session, at)
    if document is None or not repository.droppable(session, judged_before=judged_before, only=sha256):
        return False
    documents.drop(session, document)
    for upload in repository.uploads_of(session, sha256):
        owner_of(upload.request).dropped(session, upload, at=at)
    return True


def next_to_go(session: Session, request: SigningRequest, *, at: datetime) -> datetime | None:
    """Say when the next file of the request is due to go, None when none will."""
    kept_for = _kept_for(session, at)
    # As if all had been judged long ago: whatever proved nothing then goes when its time has come.
    mine = {one.sha256: one for one in request.uploads if _goes(one)}
    due = repository.droppable(session, judged_before=at + timedelta(days=1), among=tuple(mine))
    moments = [judged_at + kept_for for sha256 in due if (judged_at := mine[sha256].judged_at) is not None]
    return min(moments, default=None)


def _goes(upload: Upload) -> bool:
    return upload.judged_at is not None and upload.document.held is Held.KEPT


def _kept_for(session: Session, at: datetime) -> timedelta:
    numbers = policy.on(session, at)
    pressed = quotas.held_bytes(session, Held.KEPT) > _PRESSED * numbers.evidence_most
    return numbers.junk_kept_when_full if pressed else numbers.junk_kept
