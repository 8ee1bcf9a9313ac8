"""What the ministry asked for is answered in words or with attachments; what is refused answers nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from builders.workflows.attachments import photo, word
from builders.workflows.office import INESE, Office, Submitted
from iam.audit import Door
from workflows.application import service
from workflows.application.errors import NotNow, ReasonNeeded
from workflows.application.kinds.grant.documents import Part
from workflows.application.models import Application
from workflows.application.states import Party, State
from workflows.application.tags import ApplicationTag
from workflows.evidence.models import DocumentPage
from workflows.signed_forms.states import Found, Standing


def asked_for_more(office: Office, case: Submitted) -> None:
    """Let the reviewer ask for an order, after what is there has come."""
    office.later()
    with office.sessions.begin() as session:
        service.ask_more(
            session,
            case.id,
            seen=office.case(case).version,
            reason="Lūdzu pievienojiet rīkojumu par iecelšanu.",
            by=INESE,
            base_url="https://viis.test",
            at=office.now,
        )


@pytest.mark.parametrize(
    ("name", "content"),
    [("foto.jpg", photo("JPEG")), ("foto.png", photo("PNG")), ("rikojums.docx", word("Rīkojums Nr. 7: iecelt Jāni"))],
)
def test_an_unsigned_picture_or_word_document_answers_is_drawn_and_proves_nothing(
    office: Office, name: str, content: bytes
) -> None:
    submitted = office.submit()
    office.prove(submitted, Part.APPLICATION)
    office.prove(submitted, Part.LETTER, foreign=True)
    asked_for_more(office, submitted)
    attached = office.hand_in(submitted, content, name=name, party=Party.HEAD)
    office.work()
    assert [(one.part, one.standing) for one in attached.findings] == [(None, Found.ATTACHED)]
    assert office.track(submitted).state is State.IN_REVIEW
    with office.sessions() as session:
        drawn = session.scalars(select(DocumentPage.png).where(DocumentPage.sha256 == attached.sha256)).all()
    assert drawn[0].startswith(b"\x89PNG")
    with office.sessions.begin() as session, pytest.raises(NotNow):
        service.confirm_part(
            session,
            submitted.id,
            Part.LETTER,
            upload_id=attached.id,
            seen=office.case(submitted).version,
            how="foto redzams paraksts",
            by=INESE,
            at=office.now,
        )


@pytest.mark.parametrize("content", [photo("JPEG")[:400], word("")[:60], b"PK\x03\x04 no package", b"words"], ids=repr)
def test_a_broken_attachment_answers_nothing(office: Office, waiting: Submitted, content: bytes) -> None:
    asked_for_more(office, waiting)
    office.hand_in(waiting, content, name="foto.jpg", party=Party.HEAD)
    assert office.track(waiting).state is State.MORE_REQUESTED


def test_a_refused_file_answers_nothing_and_our_own_form_unsigned_is_no_attachment(
    office: Office, waiting: Submitted
) -> None:
    asked_for_more(office, waiting)
    before = len(office.mails("user@demo.test"))
    for content in (waiting.forms[Part.LETTER], office.sign(office.submit(), "stranger", Part.LETTER)):
        found = office.hand_in(waiting, content, name="rikojums.pdf", party=Party.HEAD)
        assert [one.standing for one in found.findings] == [Found.OBJECTED]
        assert office.track(waiting).state is State.MORE_REQUESTED
    assert "application_in_review" not in office.mails("user@demo.test")[before:]


def test_before_something_more_is_asked_for_a_picture_is_refused(office: Office) -> None:
    submitted = office.submit()
    assert [one.standing for one in office.hand_in(submitted, photo("PNG"), name="foto.png").findings] == [
        Found.OBJECTED
    ]


def test_what_was_asked_for_is_answered_in_words_once(office: Office, waiting: Submitted) -> None:
    def answer(said: str) -> None:
        with office.sessions.begin() as session:
            service.answer(
                session,
                session.get_one(Application, waiting.id),
                said,
                party=Party.HEAD,
                door=Door.WEB,
                base_url="https://viis.test",
                at=office.now,
            )

    with pytest.raises(NotNow):
        answer("Neviens neko neprasīja.")
    asked_for_more(office, waiting)
    for nothing in ("", " \u200b ", "a" * (service.LONGEST_ANSWER + 1)):
        with pytest.raises(ReasonNeeded):
            answer(nothing)
    answer("Rīkojums Nr. 7 ir tīmekļvietnē.")
    page = office.track(waiting)
    assert page.state is State.IN_REVIEW
    assert page.timeline[-1].details["how"] == "Rīkojums Nr. 7 ir tīmekļvietnē."
    with pytest.raises(NotNow):
        answer("Vēlreiz.")


def attach(office: Office, case: Submitted, content: bytes, name: str) -> None:
    """Attach a file to the answer and say that more is to come."""
    with office.sessions.begin() as session:
        application = session.get_one(Application, case.id)
        service.upload(
            session, application, content, name=name, party=Party.HEAD, door=Door.WEB, at=office.now, more=True
        )


def send(office: Office, case: Submitted, said: str = "") -> None:
    """Say that the answer is all."""
    with office.sessions.begin() as session:
        application = session.get_one(Application, case.id)
        service.answer(
            session, application, said, party=Party.HEAD, door=Door.WEB, base_url="https://viis.test", at=office.now
        )


def test_several_files_and_words_are_one_answer_that_its_senders_end(office: Office, waiting: Submitted) -> None:
    asked_for_more(office, waiting)
    for number in (1, 2):
        attach(office, waiting, word(f"Rīkojums Nr. {number}"), f"rikojums-{number}.docx")
        office.work()
        assert office.track(waiting).state is State.MORE_REQUESTED, "more is to come"
    with office.sessions.begin() as session:
        service.keep_answer(session, session.get_one(Application, waiting.id), "Abi rīkojumi.", at=office.now)
    shown = office.track(waiting)
    assert shown.answer_draft == "Abi rīkojumi."
    assert len(shown.answering) == 2
    send(office, waiting, "Abi rīkojumi ir klāt.")
    answered = office.track(waiting)
    assert answered.state is State.IN_REVIEW
    assert answered.timeline[-1].details["how"] == "Abi rīkojumi ir klāt."
    assert answered.answer_draft == ""
    assert office.mails("user@demo.test")[-1] == "application_in_review"


def test_an_answer_waits_for_the_judging_of_its_files(office: Office, waiting: Submitted) -> None:
    asked_for_more(office, waiting)
    attach(office, waiting, photo("PNG"), "foto.png")
    attach(office, waiting, photo("JPEG"), "foto.jpg")
    send(office, waiting, "Fotogrāfijas.")
    assert office.track(waiting).state is State.MORE_REQUESTED
    assert office.track(waiting).answer_sent
    office.work()
    answered = office.track(waiting)
    assert answered.state is State.IN_REVIEW
    (handed_over,) = (event for event in answered.timeline if event.tag is ApplicationTag.ANSWERED)
    assert handed_over.details["how"] == "Fotogrāfijas."


def test_a_file_refused_after_the_answer_was_sent_leaves_words_and_files_with_its_senders(
    office: Office, waiting: Submitted
) -> None:
    asked_for_more(office, waiting)
    attach(office, waiting, photo("PNG"), "foto.png")
    attach(office, waiting, b"words", "foto.jpg")
    send(office, waiting, "Skat. pielikumā.")
    office.work()
    left = office.track(waiting)
    assert (left.state, left.answer_sent, left.answer_draft) == (State.MORE_REQUESTED, False, "Skat. pielikumā.")
    office.now += timedelta(minutes=5)
    send(office, waiting, left.answer_draft)
    assert office.track(waiting).state is State.IN_REVIEW, "they have seen what was refused, and send the rest"


def test_refused_files_alone_are_no_answer(office: Office, waiting: Submitted) -> None:
    asked_for_more(office, waiting)
    attach(office, waiting, b"words", "foto.jpg")
    office.work()
    office.now += timedelta(minutes=5)
    with pytest.raises(ReasonNeeded):
        send(office, waiting)
    assert office.track(waiting).state is State.MORE_REQUESTED


@pytest.mark.parametrize("end", ["refuse", "withdraw", "expire"])
def test_what_was_written_so_far_goes_when_nobody_can_answer_any_more(
    office: Office, waiting: Submitted, end: str
) -> None:
    asked_for_more(office, waiting)
    with office.sessions.begin() as session:
        service.keep_answer(session, session.get_one(Application, waiting.id), "Vēl ne viss.", at=office.now)
    seen = office.case(waiting).version
    with office.sessions.begin() as session:
        if end == "refuse":
            service.refuse(
                session, waiting.id, seen=seen, reason="Nē.", by=INESE, base_url="https://viis.test", at=office.now
            )
        elif end == "withdraw":
            service.withdraw(session, waiting.id, party=Party.HEAD, door=Door.WEB, at=office.now)
        else:
            service.expire(session, waiting.id, base_url="https://viis.test", at=office.now + timedelta(days=400))
    assert office.track(waiting).answer_draft == ""


@pytest.mark.parametrize(
    ("name", "content"), [("saistibas.docx", word("Es apņemos")), ("foto.png", photo("PNG")), ("x.edoc", b"nothing")]
)
def test_a_file_that_is_for_no_document_leaves_both_awaited(office: Office, name: str, content: bytes) -> None:
    submitted = office.submit("head-user", "head-user")
    for party in (Party.HEAD, Party.APPLICANT):
        found = office.hand_in(submitted, content + party.encode(), name=name, party=party)
        assert [one.standing for one in found.findings] == [Found.OBJECTED]
    assert {one.standing for one in office.track(submitted).parts} == {Standing.AWAITED}
