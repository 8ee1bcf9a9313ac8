"""A program that saves the PDF anew before it signs: honest people reach a person, changed forms are named."""

import pytest
from sqlalchemy import select

from builders.workflows.office import INESE, Office, Submitted, codes
from builders.workflows.rewriting import DISHONEST, HONEST, TOLD, Rewriting, rewritten
from demo.pki import person
from demo.signer import Level, Wrong, sign_asice, sign_pdf
from iam.audit import AuditEntry
from workflows.application import service
from workflows.application.errors import NotNow, ReasonNeeded
from workflows.application.kinds.grant.documents import Part
from workflows.application.states import Party, State
from workflows.application.tags import ApplicationTag
from workflows.application.views import UploadView
from workflows.evidence import service as evidence
from workflows.evidence.models import DocumentPage
from workflows.signed_forms import messages
from workflows.signed_forms.states import Standing


def handed_in(
    office: Office, submitted: Submitted, change: Rewriting = HONEST["nothing"], by: str = "user"
) -> UploadView:
    """Save the letter anew, sign it and hand it in."""
    anew = rewritten(submitted.forms[Part.LETTER], change.change)
    signed = sign_pdf(anew, person=person(by), pki=office.pki, at=office.now)
    return office.hand_in(submitted, signed, name="saistibu-raksts.pdf", party=Party.USER)


def standing(office: Office, submitted: Submitted, part: Part = Part.LETTER) -> Standing:
    return next(view.standing for view in office.track(submitted).parts if view.part == part)


def compared(found: UploadView) -> str:
    (finding,) = found.findings
    return finding.comparison


def test_a_form_that_a_program_saved_anew_is_for_a_person_and_the_sentence_says_what_happened(office: Office) -> None:
    submitted = office.submit()
    found = handed_in(office, submitted)
    assert codes(found) == ["form.saved-anew"]
    assert standing(office, submitted) is Standing.NEEDS_PERSON
    said = messages.say(found.findings[0].reasons[0], "lv")
    assert "saglabāja dokumentu no jauna" in said.text
    assert "eDoc" in said.next_step


def test_neither_linearised_nor_packed_it_is_just_as_well(office: Office) -> None:
    submitted = office.submit()
    anew = rewritten(submitted.forms[Part.APPLICATION], linear=False, packed=False)
    signed = sign_pdf(anew, person=person("head"), pki=office.pki, at=office.now)
    found = office.hand_in(submitted, signed, name="iesniegums.pdf")
    assert codes(found) == ["form.saved-anew", "form.signatory-unconfirmed"]
    assert standing(office, submitted, Part.APPLICATION) is Standing.NEEDS_PERSON
    assert standing(office, submitted) is Standing.AWAITED, "it is compared with both forms and proves one"


@pytest.mark.parametrize("name", ["words", "page-added", "overlay", "attached-changed"])
def test_what_was_changed_while_saving_is_refused_by_name(office: Office, name: str) -> None:
    submitted = office.submit()
    found = handed_in(office, submitted, DISHONEST[name])
    assert codes(found)[0] == "form.content-differs"
    assert set(DISHONEST[name].named) <= set(codes(found)), codes(found)
    assert standing(office, submitted) is Standing.OBJECTED
    assert not any(finding.comparison for finding in found.findings), "nothing a person could confirm"


def test_what_may_show_differently_elsewhere_is_told_to_the_reviewer(office: Office) -> None:
    submitted = office.submit()
    found = handed_in(office, submitted, TOLD["script"])
    assert codes(found) == ["form.saved-anew", "form.shows-differently-elsewhere"]
    with office.sessions() as session:
        kept = evidence.comparison(session, found.sha256, compared(found))
    assert kept is not None
    assert {message.code for message in kept.told} == {"pdf.differs-action"}


@pytest.mark.parametrize(
    ("by", "level", "wrong", "expected"),
    [
        ("stranger", Level.LT, Wrong(), "grant.signer-not-user"),
        ("user", Level.B, Wrong(), "stamp.missing"),
        ("user", Level.LT, Wrong(unit="tsa-plain"), "stamp.not-qualified"),
        ("seal", Level.LT, Wrong(), "qualification.seal"),
        ("revoked", Level.LT, Wrong(), "signature.not-valid"),
    ],
)
def test_a_person_is_asked_only_where_signature_stamp_and_signer_satisfy(
    office: Office, by: str, level: Level, wrong: Wrong, expected: str
) -> None:
    submitted = office.submit(user="revoked" if by == "revoked" else "user")
    anew = rewritten(submitted.forms[Part.LETTER])
    signed = sign_pdf(anew, person=person(by), pki=office.pki, at=office.now, level=level, wrong=wrong)
    found = office.hand_in(submitted, signed, name="saistibu-raksts.pdf", party=Party.USER)
    assert standing(office, submitted) is Standing.OBJECTED
    assert expected in codes(found)
    assert codes(found)[-1] == "form.saved-anew-too", "the sure way is said as well"


def test_what_was_changed_after_signing_is_no_form_saved_anew(office: Office) -> None:
    submitted = office.submit()
    signed = sign_pdf(submitted.forms[Part.LETTER], person=person("user"), pki=office.pki, at=office.now)
    found = office.hand_in(submitted, rewritten(signed), name="saistibu-raksts.pdf", party=Party.USER)
    assert standing(office, submitted) is Standing.OBJECTED
    assert "form.saved-anew" not in codes(found)


def test_a_form_of_another_application_saved_anew_is_not_this_ones(office: Office) -> None:
    first, second = office.submit(), office.submit()
    anew = rewritten(first.forms[Part.LETTER])
    signed = sign_pdf(anew, person=person("user"), pki=office.pki, at=office.now)
    found = office.hand_in(second, signed, name="saistibu-raksts.pdf")
    assert codes(found) == ["form.form-of-another"], "its number is packed, and read in the guard"


def test_a_form_saved_anew_and_then_signed_in_a_container_is_to_be_downloaded_again(office: Office) -> None:
    submitted = office.submit()
    anew = rewritten(submitted.forms[Part.LETTER])
    content = sign_asice([("letter.pdf", anew)], person=person("user"), pki=office.pki, at=office.now)
    found = office.hand_in(submitted, content, name="letter.asice", party=Party.USER)
    assert codes(found) == ["form.saved-anew-before"]
    assert standing(office, submitted) is Standing.OBJECTED


def test_a_signed_pdf_in_a_container_is_to_be_uploaded_by_itself(office: Office) -> None:
    submitted = office.submit()
    signed = sign_pdf(submitted.forms[Part.LETTER], person=person("user"), pki=office.pki, at=office.now)
    content = sign_asice([("letter.pdf", signed)], person=person("user"), pki=office.pki, at=office.now)
    found = office.hand_in(submitted, content, name="letter.asice", party=Party.USER)
    assert codes(found) == ["form.signed-pdf-inside"]
    assert "letter.pdf" in messages.say(found.findings[0].reasons[0], "lv").text


def confirm(
    office: Office, submitted: Submitted, upload: UploadView, *, seen: str, how: str = "abas salīdzinātas"
) -> None:
    version = office.case(submitted).version
    with office.sessions.begin() as session:
        service.confirm_part(
            session,
            submitted.id,
            Part.LETTER,
            upload_id=upload.id,
            seen=version,
            how=how,
            by=INESE,
            at=office.now,
            compared=seen,
        )


def test_a_reviewer_confirms_on_the_comparison_they_saw_and_it_is_kept_with_both_files(office: Office) -> None:
    submitted = office.submit()
    office.hand_in(submitted, office.sign(submitted, "head", Part.APPLICATION), party=Party.HEAD)
    found = handed_in(office, submitted)
    assert office.track(submitted).state is State.IN_REVIEW
    with office.sessions() as session:
        drawn = set(session.scalars(select(DocumentPage.sha256)))
    assert found.sha256 in drawn, "the signed file is drawn as well as our form"
    for unseen in ("", "0" * 64):
        with pytest.raises(NotNow):
            confirm(office, submitted, found, seen=unseen)
    with pytest.raises(ReasonNeeded):
        confirm(office, submitted, found, seen=compared(found), how=" ")
    confirm(office, submitted, found, seen=compared(found))
    letter = next(view for view in office.case(submitted).parts if view.part == Part.LETTER)
    assert letter.standing is Standing.PROVEN
    assert letter.signer_name == "JĀNIS MĒĢINĀTĀJS"
    with office.sessions() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.tag == ApplicationTag.PART_CONFIRMED)).one()
        kept = evidence.comparison(session, found.sha256, compared(found))
    assert kept is not None
    assert (kept.file, kept.form) == (found.sha256, letter.sha256)
    said = {"how": "abas salīdzinātas", "file": kept.file, "form": kept.form, "comparison": kept.digest}
    assert said.items() <= entry.details.items()
    office.approve(submitted)
