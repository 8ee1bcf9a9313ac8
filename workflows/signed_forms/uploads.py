"""A file arrives and is queued to be judged.

    waiting ──judged, final──▶ judged                (objected to and handed in again: waiting again)
       │  ▲────undetermined────┘ │        (again by itself: 1, 2, 4 … minutes, at most an hour apart)
       ├──nothing that can be judged──▶ unreadable
       └──judging fails for good──────▶ judged      (a person reads it)

Receiving is one transaction: the file is stored, and its judging queued.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from signing.model import ExpectedContent
from workflows.evidence import quotas
from workflows.evidence.models import Held
from workflows.evidence.names import clean_name
from workflows.evidence.service import receive
from workflows.jobs import defer
from workflows.signed_forms import repository, retention
from workflows.signed_forms.errors import NotAwaited
from workflows.signed_forms.models import Upload
from workflows.signed_forms.owners import owner_of
from workflows.signed_forms.states import Found, UploadState

if TYPE_CHECKING:
    from datetime import datetime
    from typing import BinaryIO

    from sqlalchemy.orm import Session

    from iam.audit import Origin
    from workflows.signed_forms.models import SigningRequest

__all__ = ["JUDGE", "Received", "expected_of", "judge_later", "upload"]

JUDGE = "signed_forms.judge"
"""The job that judges one upload."""

_DOUBLE_SUBMIT_WINDOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Received:
    """An upload; `again` says that these very bytes were here before, and nothing new happened."""

    upload: Upload
    again: bool


def upload(
    session: Session,
    request: SigningRequest,
    content: bytes | BinaryIO,
    *,
    name: str,
    party: str,
    origin: Origin,
    at: datetime,
) -> Received:
    """Keep the file and queue its judging. Raises NotAwaited unless files are accepted or this very file is here.

    Raises quotas.QuotaReached when the request would hold too much.
    One that was objected to is judged again: who may sign may have been recorded since.
    """
    owner = owner_of(request)
    owner.hold(session, request)
    name = clean_name(name)
    document = receive(session, content, declared_name=name, at=at)
    known = repository.upload_of(session, request.id, document.sha256)
    if known is not None:
        if owner.accepts(session, request) and _objected_a_while_ago(known, at):
            known.state = UploadState.WAITING
            owner.received(session, known, again=True, origin=origin, at=at)
            judge_later(session, known)
        return Received(known, again=True)
    if not owner.accepts(session, request):
        raise NotAwaited("no file is awaited")  # what was just received goes with the transaction
    _check_quota(session, request, document.size, at)
    new = Upload(
        request=request,
        sha256=document.sha256,
        name=name,
        party=party,
        received_at=at,
        state=UploadState.WAITING,
        attempts=0,
        findings=[],
    )
    session.add(new)
    session.flush()
    owner.received(session, new, again=False, origin=origin, at=at)
    judge_later(session, new)
    return Received(new, again=False)


def judge_later(session: Session, upload: Upload, *, schedule_at: datetime | None = None) -> None:
    """Queue the judging of an upload; one file of a request at a time, what people just sent first."""
    defer(
        session,
        JUDGE,
        lock=f"signing:{upload.request_id}",
        priority=0 if schedule_at else 10,
        schedule_at=schedule_at,
        upload_id=upload.id,
    )


def expected_of(request: SigningRequest) -> tuple[ExpectedContent, ...]:
    """List the forms a signed file should turn out to hold."""
    return tuple(ExpectedContent(one.made.sha256, one.made.size) for one in request.documents if one.made is not None)


def _check_quota(session: Session, request: SigningRequest, size: int, at: datetime) -> None:
    held = sum(one.document.size for one in request.uploads if one.document.held is Held.KEPT)
    quotas.check_application(session, held, size, free_at=lambda: retention.next_to_go(session, request, at=at), at=at)


def _objected_a_while_ago(upload: Upload, at: datetime) -> bool:
    if (
        upload.state is not UploadState.JUDGED
        or upload.judged_at is None
        or upload.judged_at > at - _DOUBLE_SUBMIT_WINDOW
    ):
        return False  # a button pressed twice is one wish
    return any(finding["standing"] == Found.OBJECTED for finding in upload.findings)
