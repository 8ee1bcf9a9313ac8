"""Files that proved nothing go some days after the verdict; what proves, is decided or waits for a person stays."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import INESE, Office, Submitted
from builders.workflows.policy_numbers import set_numbers
from iam.audit import AuditEntry, Door
from workflows.application import service
from workflows.application.kinds.grant.documents import Part
from workflows.application.models import Application
from workflows.application.states import Party
from workflows.evidence import service as evidence
from workflows.evidence.models import DocumentChunk, DocumentPage, Held, Verification
from workflows.evidence.quotas import Quota, QuotaReached
from workflows.signed_forms import retention as junk

LATER = timedelta(days=31)
JUNK = b"nothing anybody could read"
MIB = 2**20


def clean(sessions: sessionmaker[Session], office: Office, *, after: timedelta = LATER) -> int:
    """Do what the periodic job does; say how many documents went."""
    with sessions.begin() as session:
        due = junk.expired(session, at=office.now + after)
    gone = 0
    for sha256 in due:
        with sessions.begin() as session:
            gone += junk.drop(session, sha256, at=office.now + after)
    return gone


def held(office: Office, submitted: Submitted) -> list[Held]:
    return [one.document.held for one in office.uploads(submitted)]


def test_a_file_that_could_not_be_read_goes_and_what_was_found_stays(
    office: Office, sessions: sessionmaker[Session]
) -> None:
    submitted = office.submit()
    office.hand_in(submitted, JUNK)
    assert clean(sessions, office, after=timedelta(days=29)) == 0
    assert clean(sessions, office) == 1
    (upload,) = office.uploads(submitted)
    assert upload.document.held is Held.DROPPED
    with sessions() as session:
        content = select(DocumentChunk).where(DocumentChunk.sha256 == upload.sha256)
        assert session.scalars(content).all() == []
        assert session.get_one(Verification, upload.verification_id).sha256 == upload.sha256
        said = session.scalars(select(AuditEntry).where(AuditEntry.tag == "application:file_dropped")).one()
        assert said.details == {"upload": upload.id, "size": len(JUNK)}
        with pytest.raises(evidence.BytesGone):
            evidence.read(session, upload.sha256)
    assert not office.track(submitted).uploads[0].kept
    assert clean(sessions, office) == 0


def test_what_was_deleted_and_comes_again_is_kept_and_judged_again(
    office: Office, sessions: sessionmaker[Session]
) -> None:
    submitted = office.submit()
    stranger = office.sign(submitted, "stranger", Part.APPLICATION)
    office.hand_in(submitted, stranger)
    before = office.uploads(submitted)[0].verification_id
    assert clean(sessions, office) == 1
    office.now += timedelta(minutes=5)
    office.hand_in(submitted, stranger)
    (upload,) = office.uploads(submitted)
    assert upload.document.held is Held.KEPT
    assert upload.verification_id != before


def test_our_own_form_sent_back_unsigned_is_not_deleted(office: Office, sessions: sessionmaker[Session]) -> None:
    submitted = office.submit()
    office.hand_in(submitted, submitted.forms[Part.LETTER], name="veidlapa.pdf")
    assert clean(sessions, office) == 0
    with sessions() as session:
        (upload,) = office.uploads(submitted)
        assert evidence.read(session, upload.sha256) == submitted.forms[Part.LETTER]


def test_what_proves_stays_and_the_junk_beside_it_goes(office: Office, sessions: sessionmaker[Session]) -> None:
    submitted = office.submit()
    office.hand_in(submitted, JUNK)
    office.hand_in_both(submitted)
    assert clean(sessions, office) == 1
    assert held(office, submitted) == [Held.DROPPED, Held.KEPT, Held.KEPT]
    office.approve(submitted)


def test_what_was_decided_stays_with_all_that_was_sent(office: Office, sessions: sessionmaker[Session]) -> None:
    submitted = office.submit()
    office.hand_in(submitted, JUNK)
    office.hand_in_both(submitted)
    office.approve(submitted)
    assert clean(sessions, office, after=timedelta(days=400)) == 0


def test_what_another_application_was_decided_on_stays_however_it_fared_here(
    office: Office, sessions: sessionmaker[Session]
) -> None:
    first, second = office.submit(), office.submit()
    for submitted in (first, second):
        office.hand_in(submitted, JUNK)
    office.hand_in_both(first)
    office.approve(first)
    assert clean(sessions, office) == 0
    with sessions.begin() as session:
        service.withdraw(session, second.id, party=Party.APPLICANT, door=Door.WEB, at=office.now)
    assert clean(sessions, office) == 0


def test_what_nobody_decided_goes_when_the_application_is_withdrawn_too(
    office: Office, sessions: sessionmaker[Session]
) -> None:
    submitted = office.submit()
    office.hand_in(submitted, JUNK)
    with sessions.begin() as session:
        service.withdraw(session, submitted.id, party=Party.APPLICANT, door=Door.WEB, at=office.now)
    assert clean(sessions, office) == 1


def test_where_room_grows_scarce_junk_goes_within_the_hour(office: Office, sessions: sessionmaker[Session]) -> None:
    submitted = office.submit()
    office.hand_in(submitted, JUNK * (MIB // len(JUNK)))
    assert clean(sessions, office, after=timedelta(hours=2)) == 0
    with sessions.begin() as session:
        set_numbers(session, evidence_most=1)
    assert clean(sessions, office, after=timedelta(minutes=30)) == 0
    assert clean(sessions, office, after=timedelta(hours=2)) == 1


def test_what_waits_to_be_judged_stays(office: Office, sessions: sessionmaker[Session]) -> None:
    submitted = office.submit()
    office.upload(submitted, JUNK)
    assert clean(sessions, office) == 0


def test_an_unsigned_document_that_was_asked_for_stays(office: Office, sessions: sessionmaker[Session]) -> None:
    plain = office.submit().forms[Part.LETTER] + b"\n% another document\n"
    submitted = office.submit()
    office.hand_in_both(submitted)
    office.later()  # what came before it was asked for is no answer
    with sessions.begin() as session:
        seen = session.get_one(Application, submitted.id).version
        service.ask_more(
            session,
            submitted.id,
            seen=seen,
            by=INESE,
            reason="rīkojums",
            base_url=office.settings.base_url,
            at=office.now,
        )
    office.now += timedelta(minutes=1)
    office.hand_in(submitted, JUNK)
    office.hand_in(submitted, plain, name="rikojums.pdf")
    assert clean(sessions, office) == 1, "the junk alone"
    assert held(office, submitted)[-2:] == [Held.DROPPED, Held.KEPT]


def test_pictures_go_with_the_bytes(office: Office, sessions: sessionmaker[Session]) -> None:
    submitted = office.submit()
    office.hand_in(submitted, JUNK)
    (upload,) = office.uploads(submitted)
    with sessions.begin() as session:
        session.add(DocumentPage(sha256=upload.sha256, number=1, of=1, png=b"\x89PNG"))
    clean(sessions, office)
    with sessions() as session:
        pages = select(func.count()).where(DocumentPage.sha256 == upload.sha256)
        assert session.scalar(pages) == 0


def test_a_file_handed_in_again_while_it_is_being_deleted_stays(
    office: Office, sessions: sessionmaker[Session]
) -> None:
    submitted = office.submit()
    office.hand_in(submitted, JUNK)
    (upload,) = office.uploads(submitted)
    with sessions.begin() as session:
        session.execute(text("UPDATE signed_form_uploads SET state = 'waiting'"))  # what handing in again does
    with sessions.begin() as session:
        assert not junk.drop(session, upload.sha256, at=office.now + LATER)


def test_one_application_holds_so_much_and_again_when_junk_has_gone(
    office: Office, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        set_numbers(session, per_application=3)
    submitted = office.submit()
    office.hand_in(submitted, JUNK * (2 * MIB // len(JUNK)))
    with pytest.raises(QuotaReached) as reached:
        office.upload(submitted, b"other" * (2 * MIB // 5))
    assert reached.value.quota is Quota.APPLICATION
    assert reached.value.free_at == office.uploads(submitted)[0].judged_at + timedelta(days=30)  # type: ignore[operator]
    assert len(office.uploads(submitted)) == 1
    assert office.upload(submitted, b"small") is True
    assert office.upload(office.submit(), b"other" * (2 * MIB // 5)), "another application has its own"
    clean(sessions, office)
    assert office.upload(submitted, b"other" * (2 * MIB // 5))
