"""What a judged document proves, on reports made by hand."""

from dataclasses import replace
from datetime import timedelta

import pytest

from signing.model import (
    Indication,
    Message,
    Qualification,
    SubIndication,
)
from tests.workflows.signed_forms.reports import (
    ACTING,
    APPLICATION,
    HEAD,
    LETTER,
    QUESTION,
    SIGNED,
    USER,
    codes,
    must_sign,
    notes,
    report,
    signature,
    signer,
    stamp,
)
from workflows.application.kinds.grant.documents import Part
from workflows.signed_forms import messages
from workflows.signed_forms.proof import Decided, NeedsPerson, Objected, Pending, Proven, decide


def test_the_head_signs_the_application_and_the_entitlement_waits_for_a_reviewer() -> None:
    found = decide(report(signature(HEAD)), QUESTION).parts
    assert notes(found[Part.APPLICATION]) == ["form.signatory-unconfirmed"]
    assert Part.LETTER not in found


def test_the_user_signs_the_letter_and_that_is_all_it_takes() -> None:
    found = decide(report(signature(USER), holds=(LETTER.sha256,)), QUESTION).parts[Part.LETTER]
    assert isinstance(found, Proven)
    assert found.signed_at == SIGNED
    assert found.notes == ()


def test_a_certificate_with_an_earlier_code_of_the_user_is_still_the_user() -> None:
    earlier = replace(signature(USER), signer=signer(USER, USER.identities[1]))
    assert notes(decide(report(earlier, holds=(LETTER.sha256,)), QUESTION).parts[Part.LETTER]) == []


def test_one_container_may_hold_both_documents_signed_by_both_people() -> None:
    both = report(signature(HEAD), signature(USER, "S2"), holds=(APPLICATION.sha256, LETTER.sha256))
    found = decide(both, QUESTION).parts
    application, letter = found[Part.APPLICATION], found[Part.LETTER]
    assert isinstance(application, Proven)
    assert isinstance(letter, Proven)
    assert (application.signature.id, letter.signature.id) == ("S1", "S2")


def test_a_head_who_is_the_user_proves_both_with_one_signature() -> None:
    alone = replace(QUESTION, signers=must_sign(user=HEAD))
    found = decide(report(signature(HEAD), holds=(APPLICATION.sha256, LETTER.sha256)), alone).parts
    assert all(isinstance(finding, Proven) for finding in found.values())
    assert len(found) == 2


def test_the_letter_signed_by_the_head_instead_of_the_user_is_objected_to_by_name() -> None:
    found = decide(report(signature(HEAD), holds=(LETTER.sha256,)), QUESTION).parts[Part.LETTER]
    assert codes(found) == ["grant.signer-not-user"]
    assert isinstance(found, Objected)
    assert "ILZE ĀBELTIŅA" in messages.say(found.reasons[0], "lv").text


def test_a_valid_signature_of_a_stranger_and_a_broken_one_of_the_user_prove_nothing_together() -> None:
    broken = replace(
        signature(USER, "S2"),
        indication=Indication.TOTAL_FAILED,
        sub_indication=SubIndication.HASH_FAILURE,
        errors=(Message.of("content.changed"),),
    )
    found = decide(report(signature(HEAD), broken, holds=(LETTER.sha256,)), QUESTION).parts[Part.LETTER]
    assert codes(found) == ["signature.not-valid", "content.changed"]


def test_the_signature_must_cover_that_very_form() -> None:
    elsewhere = report(signature(USER), holds=(APPLICATION.sha256, LETTER.sha256))
    uncovered = replace(elsewhere, contents=(elsewhere.contents[0], replace(elsewhere.contents[1], covered_by=())))
    assert codes(decide(uncovered, QUESTION).parts[Part.LETTER]) == ["coverage.file-not-signed"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"stamps": ()}, "stamp.missing"),
        ({"stamps": (stamp(qualified=False),)}, "stamp.not-qualified"),
        ({"qualification": Qualification.QESEAL}, "qualification.seal"),
        ({"qualification": Qualification.ADESIG}, "qualification.not-qualified"),
    ],
)
def test_what_the_law_asks_of_the_signature_is_asked_of_the_users(changes: dict[str, object], expected: str) -> None:
    lacking = replace(signature(USER), **changes)  # type: ignore[arg-type]  # a table of field values
    assert codes(decide(report(lacking, holds=(LETTER.sha256,)), QUESTION).parts[Part.LETTER]) == [expected]


def test_a_responder_out_of_reach_leaves_the_part_undetermined_and_refuses_nobody() -> None:
    waiting = replace(
        signature(USER), indication=Indication.INDETERMINATE, sub_indication=SubIndication.TRY_LATER, level="T"
    )
    found = decide(report(waiting, holds=(LETTER.sha256,)), QUESTION).parts[Part.LETTER]
    assert isinstance(found, Pending)


def test_a_suspended_certificate_leaves_the_part_undetermined_and_says_what_its_holder_can_do() -> None:
    suspended = replace(
        signature(USER),
        indication=Indication.INDETERMINATE,
        sub_indication=SubIndication.TRY_LATER,
        qualification=Qualification.UNDETERMINED,
        errors=(Message.of("certificate.on-hold", name=USER.name),),
    )
    found = decide(report(suspended, holds=(LETTER.sha256,)), QUESTION).parts[Part.LETTER]
    assert isinstance(found, Pending)
    (said,) = messages.say_all(found.reasons, "lv")
    assert "bija apturēta" in said.text
    assert "parakstiet sākotnējo dokumentu vēlreiz" in said.next_step


def test_a_strangers_undetermined_signature_is_the_strangers_all_the_same() -> None:
    waiting = replace(signature(ACTING), indication=Indication.INDETERMINATE, sub_indication=SubIndication.TRY_LATER)
    found = decide(report(waiting, holds=(LETTER.sha256,)), QUESTION).parts[Part.LETTER]
    assert codes(found)[0] == "grant.signer-not-user"


def test_an_additional_invalid_signature_is_shown_and_refuses_nothing() -> None:
    broken = replace(signature(ACTING, "S2"), indication=Indication.TOTAL_FAILED)
    found = decide(report(signature(USER), broken, holds=(LETTER.sha256,)), QUESTION).parts[Part.LETTER]
    assert notes(found) == ["form.other-signature-not-valid"]


def test_a_further_file_in_the_container_is_noted() -> None:
    found = decide(report(signature(USER), holds=(LETTER.sha256, "d" * 64)), QUESTION).parts[Part.LETTER]
    assert notes(found) == ["form.other-file"]


def test_a_document_used_before_is_a_possible_replay_for_a_person() -> None:
    found = decide(report(signature(USER), holds=(LETTER.sha256,)), replace(QUESTION, used_before=True))
    assert codes(found.parts[Part.LETTER]) == ["form.used-before"]
    assert isinstance(found.parts[Part.LETTER], NeedsPerson)


def test_a_document_older_than_the_persons_last_end_is_a_possible_replay_for_a_person() -> None:
    found = decide(report(signature(USER), holds=(LETTER.sha256,)), replace(QUESTION, last_end=SIGNED))
    assert codes(found.parts[Part.LETTER]) == ["form.older-than-last-end"]
    earlier = decide(
        report(signature(USER), holds=(LETTER.sha256,)), replace(QUESTION, last_end=SIGNED - timedelta(seconds=1))
    )
    assert isinstance(earlier.parts[Part.LETTER], Proven)


def test_a_stamp_older_than_the_form_under_it_is_for_a_person() -> None:
    made = replace(QUESTION, made_at=SIGNED + timedelta(hours=1))
    found = decide(report(signature(USER), holds=(LETTER.sha256,)), made).parts[Part.LETTER]
    assert isinstance(found, NeedsPerson)
    assert codes(found) == ["form.older-than-form"]
    clocks = replace(QUESTION, made_at=SIGNED + timedelta(minutes=1))
    assert isinstance(decide(report(signature(USER), holds=(LETTER.sha256,)), clocks).parts[Part.LETTER], Proven)


def neither(decided: Decided) -> Objected | Pending | NeedsPerson:
    assert decided.parts == {}
    assert decided.document is not None
    return decided.document


def test_a_form_of_another_application_says_so() -> None:
    foreign = report(signature(USER), holds=("e" * 64,))
    found = neither(decide(foreign, replace(QUESTION, other_forms=frozenset({"e" * 64}))))
    assert codes(found) == ["form.form-of-another"]
    assert codes(neither(decide(foreign, replace(QUESTION, mentions_another=True)))) == ["form.form-of-another"]


def test_the_same_signed_file_in_a_second_application_says_so() -> None:
    second = replace(QUESTION, used_before=True, other_forms=frozenset({"e" * 64}))
    found = neither(decide(report(signature(USER), holds=("e" * 64,)), second))
    assert codes(found) == ["form.used-before"]


def test_a_page_changed_before_signing_is_changed_content_although_the_data_is_ours() -> None:
    changed = report(signature(USER), holds=("f" * 64,))
    assert codes(neither(decide(changed, replace(QUESTION, contains_our_reference=True)))) == ["form.content-differs"]


def test_a_file_altered_after_signing_says_what_broke() -> None:
    broken = replace(
        signature(USER),
        indication=Indication.TOTAL_FAILED,
        sub_indication=SubIndication.HASH_FAILURE,
        errors=(Message.of("content.changed"),),
    )
    found = neither(decide(report(broken, holds=("f" * 64,)), QUESTION))
    assert codes(found) == ["form.content-differs", "content.changed"]


def test_a_form_we_never_made_is_read_by_a_person_when_somebody_signed_it() -> None:
    found = neither(decide(report(signature(USER), holds=("f" * 64,)), QUESTION))
    assert isinstance(found, NeedsPerson)
    unsigned = neither(decide(report(holds=("f" * 64,)), QUESTION))
    assert codes(unsigned) == ["form.not-signed", "form.not-our-form"]


def test_our_form_without_a_signature_is_told_to_be_signed() -> None:
    assert codes(decide(report(), QUESTION).parts[Part.APPLICATION]) == ["form.not-signed"]


def test_a_counter_signature_signs_a_signature_and_not_the_document() -> None:
    counter = replace(signature(USER), counter_signature=True)
    assert codes(decide(report(counter, holds=(LETTER.sha256,)), QUESTION).parts[Part.LETTER]) == ["form.not-signed"]


def test_only_a_proof_is_true() -> None:
    assert Proven(signature(USER), SIGNED)
    assert not Objected(())
    assert not Pending(())
    assert not NeedsPerson(())


def test_a_final_reason_is_not_softened_by_one_that_is_still_open() -> None:
    revoked = replace(
        signature(USER),
        indication=Indication.INDETERMINATE,
        sub_indication=SubIndication.REVOKED_NO_POE,
        qualification=Qualification.UNDETERMINED,
    )
    found = decide(report(revoked, holds=(LETTER.sha256,)), QUESTION).parts[Part.LETTER]
    assert isinstance(found, Objected)
    assert codes(found) == ["signature.not-valid"]


def test_a_seal_that_names_nobody_is_refused_without_promising_that_a_person_will_look() -> None:
    unnamed = replace(signer(USER), identity=None)
    sealed = replace(signature(USER), signer=unnamed, qualification=Qualification.QESEAL)
    found = decide(report(sealed, holds=(LETTER.sha256,)), QUESTION).parts[Part.LETTER]
    assert isinstance(found, Objected)
    assert codes(found) == ["qualification.seal"]


def test_a_signature_that_names_nobody_waits_too_when_a_list_is_out_of_reach() -> None:
    unnamed = replace(signer(USER), identity=None)
    waiting = replace(signature(USER), signer=unnamed, qualification=Qualification.UNDETERMINED)
    assert isinstance(decide(report(waiting, holds=(LETTER.sha256,)), QUESTION).parts[Part.LETTER], Pending)
