"""When signed documents arrive: really signed, really judged, each cause with its own sentence and next step.

Whatever happens, the application stays and so does what was uploaded before.
"""

import io
from datetime import date, timedelta

import pikepdf
import pytest
from sqlalchemy import select, text

from builders.workflows.office import INESE, SCHOOL, Office, codes
from builders.workflows.rewriting import DISHONEST, rewritten
from demo.pki import Server, Trouble, person
from demo.signer import Level, Wrong, sign_again, sign_asice, sign_edoc, sign_pdf
from iam.institutions.models import Capacity, SourceKind
from iam.institutions.service import scope_of_institution
from iam.institutions.signatories import record_signatory
from iam.people import service as people
from iam.people.rules import parse_personal_code
from workflows.application.errors import NotNow
from workflows.application.kinds.grant.documents import Part
from workflows.application.states import Party, State
from workflows.evidence.models import DocumentPage
from workflows.signed_forms import messages
from workflows.signed_forms.states import Standing, UploadState


def standing(office: Office, submitted: object, part: Part) -> Standing:
    return next(view.standing for view in office.track(submitted).parts if view.part == part)  # type: ignore[arg-type]


def test_two_people_sign_two_files_and_the_application_goes_to_review_by_itself(office: Office) -> None:
    submitted = office.submit()
    assert office.mails("head@demo.test") == ["application_sign"]
    assert office.mails("user@demo.test") == ["application_sign"]
    first = office.hand_in(submitted, office.sign(submitted, "head", Part.APPLICATION), party=Party.HEAD)
    assert codes(first) == ["form.signatory-unconfirmed"]
    assert office.track(submitted).state is State.AWAITING_SIGNATURES
    second = office.hand_in(submitted, office.sign(submitted, "user", Part.LETTER), party=Party.USER)
    assert codes(second) == []
    assert office.track(submitted).state is State.IN_REVIEW
    assert office.mails("head@demo.test") == ["application_sign", "application_in_review"]


def test_one_container_may_hold_both_forms_signed_by_both(office: Office) -> None:
    submitted = office.submit()
    by_head = office.sign(submitted, "head")
    both = sign_again(by_head, person=person("user"), pki=office.pki, at=office.now)
    office.hand_in(submitted, both)
    assert office.track(submitted).state is State.IN_REVIEW


def test_a_head_who_is_the_user_signs_both_with_one_certificate(office: Office) -> None:
    submitted = office.submit("head-user", "head-user")
    assert office.mails("head-user@demo.test") == ["application_sign"]
    office.hand_in(submitted, office.sign(submitted, "head-user"), party=Party.HEAD)
    assert office.track(submitted).state is State.IN_REVIEW


def test_asice_and_signed_pdf_are_as_good_as_edoc(office: Office) -> None:
    submitted = office.submit()
    container = sign_asice(submitted.files(Part.APPLICATION), person=person("head"), pki=office.pki, at=office.now)
    office.hand_in(submitted, container, name="iesniegums.asice")
    signed = sign_pdf(submitted.forms[Part.LETTER], person=person("user"), pki=office.pki, at=office.now)
    office.hand_in(submitted, signed, name="saistibu-raksts.pdf")
    assert office.track(submitted).state is State.IN_REVIEW


def test_the_letter_signed_by_somebody_else_names_them_and_says_what_to_do(office: Office) -> None:
    submitted = office.submit()
    found = office.hand_in(submitted, office.sign(submitted, "stranger", Part.LETTER))
    assert codes(found) == ["grant.signer-not-user"]
    said = messages.say(found.findings[0].reasons[0], "lv")
    assert "ULDIS SVEŠAIS" in said.text
    assert said.next_step
    assert standing(office, submitted, Part.LETTER) is Standing.OBJECTED


@pytest.mark.parametrize(
    ("signer", "expected"),
    [
        ("seal", "qualification.seal"),
        ("software", "qualification.not-qualified"),
        ("expired", "signature.not-valid"),
        ("revoked", "signature.not-valid"),
    ],
)
def test_who_cannot_sign_for_themselves_today_is_told_why(office: Office, signer: str, expected: str) -> None:
    user = "user" if signer == "seal" else signer
    submitted = office.submit(user=user)
    found = office.hand_in(submitted, office.sign(submitted, signer, Part.LETTER))
    assert expected in codes(found)
    assert found.state is UploadState.JUDGED
    assert office.track(submitted).state is State.AWAITING_SIGNATURES


def test_a_certificate_of_a_ca_on_no_list_is_not_qualified(office: Office) -> None:
    submitted = office.submit(user="unqualified")
    found = office.hand_in(submitted, office.sign(submitted, "unqualified", Part.LETTER))
    assert standing(office, submitted, Part.LETTER) is Standing.OBJECTED
    assert found.findings[0].reasons


@pytest.mark.parametrize(
    ("level", "wrong", "expected"),
    [
        (Level.B, Wrong(), "stamp.missing"),
        (Level.LT, Wrong(unit="tsa-plain"), "stamp.not-qualified"),
        (Level.LT, Wrong(unit="tsa-unlisted"), "stamp.not-"),
    ],
)
def test_without_a_qualified_time_stamp_nobody_knows_when_it_was_signed(
    office: Office, level: Level, wrong: Wrong, expected: str
) -> None:
    submitted = office.submit()
    content = sign_edoc(
        submitted.files(Part.LETTER), person=person("user"), pki=office.pki, at=office.now, level=level, wrong=wrong
    )
    found = office.hand_in(submitted, content)
    assert any(code.startswith(expected) for code in codes(found)), codes(found)
    assert standing(office, submitted, Part.LETTER) is Standing.OBJECTED


def test_a_letter_altered_after_signing_is_objected_to(office: Office) -> None:
    submitted = office.submit()
    signed = sign_pdf(submitted.forms[Part.LETTER], person=person("user"), pki=office.pki, at=office.now)
    altered = signed.replace(b"%PDF-1.7", b"%PDF-1.6", 1)
    assert altered != signed
    found = office.hand_in(submitted, altered, name="saistibu-raksts.pdf")
    assert "form.content-differs" in codes(found)


def test_a_page_changed_before_signing_is_found_although_the_attached_data_is_ours(office: Office) -> None:
    submitted = office.submit()
    changed = rewritten(submitted.forms[Part.LETTER], DISHONEST["page-added"].change)
    content = sign_edoc([("letter.pdf", changed)], person=person("user"), pki=office.pki, at=office.now)
    found = office.hand_in(submitted, content)
    assert codes(found) == ["form.content-differs", "pdf.differs-page-count"]


def test_bytes_behind_a_form_are_found_although_nobody_sees_them(office: Office) -> None:
    submitted = office.submit()
    longer = submitted.forms[Part.LETTER] + b"\n% one more page, some other day\n"
    content = sign_edoc([("letter.pdf", longer)], person=person("user"), pki=office.pki, at=office.now)
    found = office.hand_in(submitted, content, party=Party.USER)
    assert codes(found) == ["form.saved-anew-before"]
    assert standing(office, submitted, Part.LETTER) is Standing.OBJECTED


def test_a_form_of_another_application_is_not_this_ones(office: Office) -> None:
    first, second = office.submit(), office.submit()
    found = office.hand_in(second, office.sign(first, "user", Part.LETTER))
    assert codes(found) == ["form.form-of-another"]


def test_the_same_signed_file_does_not_serve_a_second_application(office: Office) -> None:
    first, second = office.submit(), office.submit()
    letter = office.sign(first, "user", Part.LETTER)
    office.hand_in(first, letter)
    found = office.hand_in(second, letter)
    assert codes(found) == ["form.used-before"]
    assert standing(office, first, Part.LETTER) is Standing.PROVEN


def test_the_same_file_twice_is_taken_once(office: Office) -> None:
    submitted = office.submit()
    letter = office.sign(submitted, "user", Part.LETTER)
    assert office.upload(submitted, letter)
    assert not office.upload(submitted, letter)
    assert office.work().failed == 0
    assert len(office.track(submitted).uploads) == 1


def test_one_of_the_two_missing_leaves_the_application_waiting_for_that_one(office: Office) -> None:
    submitted = office.submit()
    office.hand_in(submitted, office.sign(submitted, "user", Part.LETTER))
    assert standing(office, submitted, Part.LETTER) is Standing.PROVEN
    assert standing(office, submitted, Part.APPLICATION) is Standing.AWAITED
    assert office.track(submitted).state is State.AWAITING_SIGNATURES


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("saistibu-raksts.edoc", "Es apņemos glabāt paroli slepenībā.".encode()),
        ("saistibu-raksts.edoc", b""),
        ("saistibu-raksts.pdf", b"%PDF-1.7 and then nothing"),
    ],
)
def test_what_is_no_signed_document_says_what_it_is(office: Office, name: str, content: bytes) -> None:
    submitted = office.submit()
    found = office.hand_in(submitted, content, name=name)
    assert found.state is UploadState.UNREADABLE
    for reason in found.findings[0].reasons:
        for language in ("lv", "en"):
            said = messages.say(reason, language)
            assert said.text != reason.code
            assert said.next_step
    assert office.track(submitted).state is State.AWAITING_SIGNATURES


def test_a_password_protected_pdf_is_told_to_be_opened_first(office: Office) -> None:
    submitted = office.submit()
    locked = io.BytesIO()
    with pikepdf.open(io.BytesIO(submitted.forms[Part.LETTER])) as pdf:
        pdf.save(locked, encryption=pikepdf.Encryption(owner="a", user="b"))
    found = office.hand_in(submitted, locked.getvalue(), name="saistibu-raksts.pdf")
    assert found.state is UploadState.UNREADABLE
    assert codes(found) == ["pdf.encrypted"]


def test_without_trusted_lists_nothing_is_decided_and_nobody_refused(office: Office) -> None:
    submitted = office.submit()
    with office.sessions.begin() as session:
        session.execute(text("DELETE FROM trust_sources"))
        session.execute(text("DELETE FROM trust_lists"))
    found = office.hand_in(submitted, office.sign(submitted, "user", Part.LETTER), party=Party.USER)
    assert found.state is UploadState.WAITING
    assert office.track(submitted).state is State.AWAITING_SIGNATURES
    assert standing(office, submitted, Part.LETTER) is Standing.UNDETERMINED


def test_our_form_without_a_signature_is_to_be_signed_first(office: Office) -> None:
    submitted = office.submit()
    found = office.hand_in(submitted, submitted.forms[Part.LETTER], name="saistibu-raksts.pdf", party=Party.USER)
    assert codes(found) == ["pdf.unsigned"]
    assert office.track(submitted).state is State.AWAITING_SIGNATURES


def recorded(office: Office, key: str, since: date | None, until: date | None) -> None:
    """Record that the person may sign for the school on these days."""
    with office.sessions.begin() as session:
        entitled = people.register(
            session,
            code=parse_personal_code(person(key).code),
            given_name=person(key).given_name,
            surname=person(key).surname,
            origin=INESE.origin,
            at=office.now,
        )
        record_signatory(
            session,
            scope_id=scope_of_institution(session, SCHOOL).id,
            person_id=entitled.id,
            capacity=Capacity.ACTING_HEAD,
            since=since,
            until=until,
            source="rīkojums Nr. 1",
            source_kind=SourceKind.ORDER,
            origin=INESE.origin,
            at=office.now,
        )


def test_a_head_not_entitled_on_the_day_of_the_stamp_is_told_so(office: Office) -> None:
    recorded(office, "head", None, office.today - timedelta(days=2))
    submitted = office.submit()
    found = office.hand_in(submitted, office.sign(submitted, "head", Part.APPLICATION))
    assert codes(found) == ["form.signer-not-entitled"]


def test_what_was_refused_before_its_signer_was_recorded_is_judged_anew_when_it_is_handed_in_again(
    office: Office,
) -> None:
    recorded(office, "deputy", None, None)
    submitted = office.submit()
    signed = office.sign(submitted, "head", Part.APPLICATION)
    office.hand_in(submitted, signed, party=Party.HEAD)
    assert standing(office, submitted, Part.APPLICATION) is Standing.OBJECTED
    recorded(office, "head", None, None)  # the order arrived
    assert not office.upload(submitted, signed, party=Party.HEAD)
    office.work()
    assert standing(office, submitted, Part.APPLICATION) is Standing.OBJECTED, "twice within a minute is one wish"
    office.now += timedelta(minutes=5)
    assert not office.upload(submitted, signed, party=Party.HEAD)
    office.work()
    assert standing(office, submitted, Part.APPLICATION) is Standing.PROVEN
    assert len(office.track(submitted).uploads) == 1


def test_an_acting_head_who_is_recorded_signs_for_the_head_named_in_the_form(office: Office) -> None:
    recorded(office, "deputy", office.today - timedelta(days=2), None)
    submitted = office.submit()
    found = office.hand_in(submitted, office.sign(submitted, "deputy", Part.APPLICATION))
    assert codes(found) == []
    assert standing(office, submitted, Part.APPLICATION) is Standing.PROVEN


def test_a_certificate_without_a_code_is_for_a_person(office: Office) -> None:
    submitted = office.submit()
    found = office.hand_in(submitted, office.sign(submitted, "no-code", Part.LETTER), party=Party.USER)
    assert codes(found) == ["form.signer-without-code"]
    assert standing(office, submitted, Part.LETTER) is Standing.NEEDS_PERSON


def test_a_married_name_under_the_same_code_is_accepted_and_noted(office: Office) -> None:
    submitted = office.submit(user="user-2")
    found = office.hand_in(submitted, office.sign(submitted, "renamed", Part.LETTER))
    assert codes(found) == ["form.name-differs"]
    assert standing(office, submitted, Part.LETTER) is Standing.PROVEN


def test_a_responder_out_of_reach_is_asked_again_and_nobody_is_refused(office: Office, pki_server: Server) -> None:
    submitted = office.submit()
    content = sign_edoc(
        submitted.files(Part.LETTER), person=person("user"), pki=office.pki, at=office.now, level=Level.T
    )
    pki_server.trouble = Trouble(ocsp="off", crls="off")
    found = office.hand_in(submitted, content)
    assert found.state is UploadState.WAITING
    assert found.next_attempt_at is not None
    assert standing(office, submitted, Part.LETTER) is Standing.UNDETERMINED
    pki_server.trouble = Trouble()
    office.at_once()
    office.work()
    assert standing(office, submitted, Part.LETTER) is Standing.PROVEN


def test_what_arrived_before_stays_when_something_worse_follows(office: Office) -> None:
    submitted = office.submit()
    office.hand_in(submitted, office.sign(submitted, "user", Part.LETTER))
    office.hand_in(submitted, b"not a document", name="x.edoc")
    office.hand_in(submitted, office.sign(submitted, "stranger", Part.LETTER))
    assert standing(office, submitted, Part.LETTER) is Standing.PROVEN
    assert len(office.track(submitted).uploads) == 3


def test_nothing_is_taken_once_the_application_is_in_review(office: Office) -> None:
    submitted = office.submit()
    office.hand_in_both(submitted)
    with pytest.raises(NotNow):
        office.upload(submitted, b"one more")


def test_reviewers_find_the_pages_drawn_when_the_application_reaches_them(office: Office) -> None:
    submitted = office.submit()
    office.hand_in_both(submitted)
    office.work()
    with office.sessions() as session:
        drawn = set(session.scalars(select(DocumentPage.sha256)))
    assert drawn == {part.sha256 for part in office.track(submitted).parts}
