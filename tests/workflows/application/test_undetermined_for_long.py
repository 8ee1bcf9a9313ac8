"""A file that stays undetermined for weeks leaves a handful of rows, and a history that begins at the beginning."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from builders.workflows.office import Office, Submitted
from iam.audit import AuditEntry
from signing.model import Message
from workflows.application import service
from workflows.application.models import Application, ApplicationEvent
from workflows.application.states import Party
from workflows.application.tags import ApplicationTag
from workflows.evidence import service as evidence
from workflows.evidence.models import Verification
from workflows.signed_forms.models import Upload
from workflows.signed_forms.proof import Pending
from workflows.signed_forms.states import UploadState
from workflows.signed_forms.upload_jobs import conclude

ATTEMPTS = 700


def attempt(session: Session, upload: Upload, code: str, *, at: datetime) -> None:
    """Judge once more; a parameter differs each time, as that of a responder's answer does."""
    decided = evidence.not_judged(session, upload.sha256, name=upload.name, at=at)
    outcome = Pending((Message.of(code, moment=at.isoformat()),))
    conclude(session, upload, decided, outcome, base_url="https://viis.test", at=at)


def rows(session: Session) -> tuple[int, ...]:
    tables = (Verification.id, AuditEntry.id, ApplicationEvent.id)
    return tuple(session.scalar(select(func.count(column))) or 0 for column in tables)


def left_waiting(office: Office) -> Submitted:
    submitted = office.submit()
    office.upload(submitted, b"a file that waits for a responder", party=Party.HEAD)
    return submitted


def test_hundreds_of_attempts_that_find_the_same_are_one_record(office: Office) -> None:
    submitted = left_waiting(office)
    with office.sessions.begin() as session:
        application = session.get_one(Application, submitted.id)
        (upload,) = application.uploads
        attempt(session, upload, "revocation.unknown", at=office.now)
        first, version, verification = rows(session), application.version, upload.verification_id
        for number in range(1, ATTEMPTS):
            attempt(session, upload, "revocation.unknown", at=office.now + timedelta(hours=number))
        assert rows(session) == first
        assert (application.version, upload.verification_id) == (version, verification)
        assert (upload.state, upload.attempts) == (UploadState.WAITING, ATTEMPTS)
        assert upload.next_attempt_at == office.now + timedelta(hours=ATTEMPTS)
        view = service.tracking_view(session, application, Party.HEAD, at=office.now)
    assert view.timeline[0].tag is ApplicationTag.SUBMITTED
    assert [event.tag for event in view.timeline] == [ApplicationTag.SUBMITTED, ApplicationTag.UPLOADED]


def test_every_change_of_the_result_is_a_record(office: Office) -> None:
    submitted = left_waiting(office)
    with office.sessions.begin() as session:
        (upload,) = session.get_one(Application, submitted.id).uploads
        before = rows(session)
        for number, code in enumerate(("revocation.unknown", "revocation.unknown", "qualification.undetermined")):
            attempt(session, upload, code, at=office.now + timedelta(hours=number))
        assert tuple(now - then for now, then in zip(rows(session), before, strict=True)) == (2, 2, 2)
        assert upload.findings[0]["reasons"][0]["code"] == "qualification.undetermined"


def test_the_history_of_a_long_case_keeps_its_beginning(office: Office) -> None:
    """The audit's newest entries are not the history: there may be any number of them."""
    submitted = left_waiting(office)
    with office.sessions.begin() as session:
        (upload,) = session.get_one(Application, submitted.id).uploads
        for number in range(520):
            code = ("revocation.unknown", "qualification.undetermined")[number % 2]
            attempt(session, upload, code, at=office.now + timedelta(hours=number))
    assert office.track(submitted).timeline[0].tag is ApplicationTag.SUBMITTED
