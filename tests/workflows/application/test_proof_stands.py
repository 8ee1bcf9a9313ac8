"""What a decision rests on: the very file, the verification and the signer that stood when the part was proven."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from builders.workflows.office import INESE, SCHOOL, Office, Submitted
from demo.pki import Server, Trouble, person
from demo.signer import Level, sign_again
from iam.grants.models import DocumentRole, Evidence
from iam.institutions.service import scope_of_institution
from iam.institutions.signatories import known_signatories, withdraw_signatory
from tests.workflows.application.test_signed_documents import recorded, standing
from workflows.application import service
from workflows.application.decisions import Reviewer
from workflows.application.errors import NotNow, OwnApplication, SignatoryNeeded
from workflows.application.kinds.grant.documents import Part
from workflows.application.states import Party, State
from workflows.signed_forms.states import Standing, UploadState


def verifications(office: Office) -> dict[DocumentRole, int | None]:
    with office.sessions() as session:
        return {one.role: one.verification_id for one in session.scalars(select(Evidence)).one().documents}


def test_judging_a_file_again_for_one_part_leaves_the_other_on_the_verification_that_proved_it(
    office: Office, pki_server: Server
) -> None:
    submitted = office.submit()
    both = sign_again(
        office.sign(submitted, "user"), person=person("head"), pki=office.pki, at=office.now, level=Level.T
    )
    pki_server.trouble = Trouble(ocsp="off", crls="off")
    first = office.hand_in(submitted, both)
    assert standing(office, submitted, Part.LETTER) is Standing.PROVEN
    assert standing(office, submitted, Part.APPLICATION) is Standing.UNDETERMINED
    office.at_once()
    office.work()
    again = office.track(submitted).uploads[0]
    assert again.state is UploadState.WAITING
    assert again.verification_id == first.verification_id, "the same result is no news"
    pki_server.trouble = Trouble()
    second = office.hand_in(submitted, office.sign(submitted, "head", Part.APPLICATION), party=Party.HEAD)
    office.approve(submitted)
    assert verifications(office) == {
        DocumentRole.LETTER: first.verification_id,
        DocumentRole.APPLICATION: second.verification_id,
    }
    assert office.case(submitted).proofs[Part.LETTER][1].id == "S1"


def confirm(office: Office, submitted: Submitted, part: Part, upload_id: int) -> None:
    with office.sessions.begin() as session:
        service.confirm_part(
            session,
            submitted.id,
            part,
            upload_id=upload_id,
            seen=office.case(submitted).version,
            how="videozvans",
            by=INESE,
            at=office.now,
        )


def test_a_person_confirms_only_what_waits_for_a_person_never_what_was_objected_to(office: Office) -> None:
    submitted = office.submit()
    strangers = office.hand_in(submitted, office.sign(submitted, "stranger", Part.LETTER), party=Party.USER)
    foreign = office.hand_in(submitted, office.sign(submitted, "no-code", Part.LETTER), party=Party.USER)
    heads = office.hand_in(submitted, office.sign(submitted, "head", Part.APPLICATION), party=Party.HEAD)
    assert office.track(submitted).state is State.IN_REVIEW
    for upload in (strangers, heads):
        with pytest.raises(NotNow):
            confirm(office, submitted, Part.LETTER, upload.id)
    confirm(office, submitted, Part.LETTER, foreign.id)
    office.approve(submitted)


def test_whoever_signed_a_document_that_a_person_confirms_is_the_signer_at_the_time_of_the_stamp(
    office: Office,
) -> None:
    today = office.today
    recorded(office, "deputy", today - timedelta(days=9), today - timedelta(days=1))
    office.now -= timedelta(days=3)
    other, submitted = office.submit(user="user-2"), office.submit()
    signed = office.sign(submitted, "deputy", Part.APPLICATION)
    office.now += timedelta(days=3)
    office.hand_in(other, signed)  # a slip: it belongs to the other application
    found = office.hand_in(submitted, signed, party=Party.HEAD)
    assert standing(office, submitted, Part.APPLICATION) is Standing.NEEDS_PERSON
    office.prove(submitted, Part.LETTER)
    confirm(office, submitted, Part.APPLICATION, found.id)
    part = next(one for one in office.case(submitted).parts if one.part == Part.APPLICATION)
    assert part.signer_name == "KĀRLIS VIETNIEKS"
    office.approve(submitted, signatory=None)
    with office.sessions() as session:
        entitled = known_signatories(session, scope_of_institution(session, SCHOOL).id)
        assert [one.person.full_name for one in entitled] == ["Kārlis Vietnieks"]


def test_a_file_that_waits_for_a_person_is_not_lost_over_something_worse_that_follows(office: Office) -> None:
    submitted = office.submit()
    office.hand_in(submitted, office.sign(submitted, "no-code", Part.LETTER), party=Party.USER)
    for worse in (b"not a document", office.sign(submitted, "stranger", Part.LETTER)):
        office.hand_in(submitted, worse, party=Party.USER)
        assert standing(office, submitted, Part.LETTER) is Standing.NEEDS_PERSON
    office.hand_in(submitted, office.sign(submitted, "head", Part.APPLICATION), party=Party.HEAD)
    assert office.track(submitted).state is State.IN_REVIEW


def test_nobody_decides_an_application_they_signed_under_whatever_name_the_staff_know_them_by(office: Office) -> None:
    theirs = office.submit(user="deputy")
    office.prove(theirs)
    account = office.approve(theirs)
    recorded(office, "deputy", office.today - timedelta(days=2), None)
    submitted = office.submit()
    office.hand_in(submitted, office.sign(submitted, "deputy", Part.APPLICATION), party=Party.HEAD)
    office.prove(submitted, Part.LETTER)
    with pytest.raises(OwnApplication):
        office.approve(submitted, by=Reviewer(account.username, "Kārlis Jaunais"), signatory=None)


def test_rights_that_ended_after_a_document_was_judged_are_named_to_whoever_decides(office: Office) -> None:
    first = office.submit()
    office.prove(first)
    account = office.approve(first)
    office.now += timedelta(minutes=5)
    second = office.submit(scope={"section.learners": "view"})
    office.prove(second)
    assert not any(part.notes for part in office.case(second).parts)
    office.now += timedelta(minutes=5)
    office.end(office.rights(account)[0].id)
    for part in office.case(second).parts:
        assert [note.code for note in part.notes] == ["form.older-than-last-end"]


def test_a_signatory_taken_back_since_has_to_be_recorded_anew_though_somebody_else_may_sign(office: Office) -> None:
    today = office.today
    recorded(office, "head", None, None)
    recorded(office, "deputy", today - timedelta(days=2), None)
    submitted = office.submit()
    office.hand_in_both(submitted)
    assert not office.case(submitted).signatory_open
    office.now += timedelta(minutes=5)
    with office.sessions.begin() as session:
        scope = scope_of_institution(session, SCHOOL).id
        (head,) = (one for one in known_signatories(session, scope) if one.person.surname == "Paraudziņa")
        withdraw_signatory(session, head, origin=INESE.origin, at=office.now)
    office.now += timedelta(minutes=5)
    assert office.case(submitted).signatory_open
    with pytest.raises(SignatoryNeeded):
        office.approve(submitted, signatory=None)
    office.approve(submitted)
