"""What a judged document proves, on reports made by hand: no cryptography hides the decision."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from iam.ids import PersonId
from iam.institutions.models import Capacity
from iam.institutions.signatories import Entitlement
from signing.model import (
    Content,
    Identity,
    Indication,
    Message,
    Qualification,
    Report,
    SignatureReport,
    Signer,
    StampReport,
    SubIndication,
    TrustState,
)
from workflows.application.kinds.grant.documents import Part
from workflows.evidence.guard.comparison import Comparison
from workflows.signed_forms import messages
from workflows.signed_forms.proof import Decided, NeedsPerson, Objected, OurForm, Pending, Proven, Question, decide
from workflows.signed_forms.signers import Entitled, KnownPerson, Named, Recorded
from workflows.signed_forms.signers import Signer as MustSign

SIGNED = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
APPLICATION = OurForm(Part.APPLICATION, "a" * 64, 40_000)
LETTER = OurForm(Part.LETTER, "b" * 64, 30_000)
HEAD = KnownPerson("Ilze Ābeltiņa", (Identity("PNO", "LV", "32000000011"),))
USER = KnownPerson("Jānis Ķirķītis", (Identity("PNO", "LV", "32000000022"), Identity("PNO", "LV", "01018000029")))
ACTING = KnownPerson("Zane Ozola", (Identity("PNO", "LV", "32000000033"),))


def recorded_as_head(person: KnownPerson, since: date | None, until: date | None) -> Recorded:
    return Recorded(person.name, person.identities, Entitlement(PersonId(7), Capacity.HEAD, since, until))


def must_sign(*recorded: Recorded, user: KnownPerson = USER) -> dict[str, MustSign]:
    """Ask for whoever may sign on the application, else the head; for the user on the letter."""
    return {
        Part.APPLICATION: Entitled(recorded, Named(HEAD, "application.signer-not-head")),
        Part.LETTER: Named(user, "application.signer-not-user"),
    }


QUESTION = Question(forms=(APPLICATION, LETTER), signers=must_sign())


def signer(person: KnownPerson, identity: Identity | None = None) -> Signer:
    given, surname = person.name.split()
    return Signer(
        common_name=person.name.upper(),
        given_name=given.upper(),
        surname=surname.upper(),
        identity=identity or person.identities[0],
        organisation="",
        country="LV",
        certificate_sha256="c" * 64,
        not_before=SIGNED - timedelta(days=100),
        not_after=SIGNED + timedelta(days=900),
        serial_hex="0a",
        issuer_name="Demo eID ICA",
    )


def stamp(*, qualified: bool = True, time: datetime = SIGNED) -> StampReport:
    return StampReport(time, qualified, "Demo TSA", Indication.TOTAL_PASSED)


def signature(person: KnownPerson, name: str = "S1") -> SignatureReport:
    return SignatureReport(
        id=name,
        format="XAdES",
        level="LT",
        indication=Indication.TOTAL_PASSED,
        qualification=Qualification.QESIG,
        signer=signer(person),
        best_signature_time=SIGNED,
        stamps=(stamp(),),
        covers_everything=True,
    )


def report(*signatures: SignatureReport, holds: tuple[str, ...] = (APPLICATION.sha256,)) -> Report:
    names = tuple(one.id for one in signatures)
    contents = tuple(Content(f"{n}.pdf", 1, digest, covered_by=names) for n, digest in enumerate(holds))
    return Report(
        file_name="file.edoc",
        form="ASiC-E",
        judged_at=SIGNED + timedelta(hours=1),
        trust_state=TrustState.FRESH,
        contents=contents,
        signatures=signatures,
    )


def codes(finding: object) -> list[str]:
    assert isinstance(finding, (Objected, Pending, NeedsPerson)), finding
    return [reason.code for reason in finding.reasons]


def notes(finding: object) -> list[str]:
    assert isinstance(finding, Proven), finding
    return [note.code for note in finding.notes]


def test_the_head_signs_the_application_and_the_entitlement_waits_for_a_reviewer() -> None:
    found = decide(report(signature(HEAD)), QUESTION).parts
    assert notes(found[Part.APPLICATION]) == ["application.signatory-unconfirmed"]
    assert Part.LETTER not in found


def test_the_user_signs_the_letter_and_that_is_all_it_takes() -> None:
    found = decide(report(signature(USER), holds=(LETTER.sha256,)), QUESTION).parts[Part.LETTER]
    assert isinstance(found, Proven)
    assert found.signed_at == SIGNED
    assert found.notes == ()


def pdf(one: SignatureReport, sha256: str = "d" * 64, *, covered: bool = True) -> Report:
    """Say what a signed PDF holds: itself, or one of our forms."""
    content = Content("letter.pdf", 1, sha256, covered_by=("S1",) if covered else ())
    signed = replace(one, covers_everything=covered)
    return replace(report(signed, holds=()), form="PAdES", contents=(content,))


def compared(form: OurForm = LETTER, *differences: Message, told: tuple[Message, ...] = ()) -> Comparison:
    return Comparison("d" * 64, form.sha256, differences, told, (), 1000 - len(differences))


def anew(*comparisons: Comparison, **known: object) -> Question:
    return replace(QUESTION, comparisons=comparisons, contains_our_reference=True, **known)  # type: ignore[arg-type] # passed on


def test_a_form_saved_anew_is_never_proven_by_itself() -> None:
    comparison = compared()
    other = compared(APPLICATION, Message.of("pdf.differs-text", page=1))
    found = decide(pdf(signature(USER)), anew(other, comparison)).parts
    assert list(found) == [Part.LETTER]
    assert found[Part.LETTER] == NeedsPerson(
        (Message.of("application.saved-anew"),), pdf(signature(USER)).signatures[0], comparison.digest
    )


def test_what_shows_differently_elsewhere_is_told_beside_it() -> None:
    told = compared(told=(Message.of("pdf.differs-layers"),))
    found = decide(pdf(signature(USER)), anew(told)).parts[Part.LETTER]
    assert codes(found) == ["application.saved-anew", "application.shows-differently-elsewhere"]


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (signature(HEAD), "application.signer-not-user"),
        (replace(signature(USER), stamps=()), "stamp.missing"),
        (replace(signature(USER), qualification=Qualification.ADESIG), "qualification.not-qualified"),
    ],
)
def test_a_form_saved_anew_is_for_a_person_only_when_all_else_satisfies(one: SignatureReport, expected: str) -> None:
    found = decide(pdf(one), anew(compared())).parts[Part.LETTER]
    assert isinstance(found, Objected)
    assert codes(found) == [expected, "application.saved-anew-too"]


def test_what_the_signature_does_not_cover_is_for_nobody_to_confirm() -> None:
    filled = replace(signature(USER), warnings=(Message.of("pdf.filled-in"),))
    found = decide(pdf(filled, covered=False), anew(compared())).parts[Part.LETTER]
    assert isinstance(found, Objected)
    assert codes(found) == ["application.more-than-signed", "pdf.filled-in", "application.saved-anew-too"]


def test_a_responder_out_of_reach_leaves_a_form_saved_anew_open() -> None:
    open_ = replace(signature(USER), indication=Indication.INDETERMINATE, sub_indication=SubIndication.TRY_LATER)
    found = decide(pdf(replace(open_, qualification=Qualification.QESIG)), anew(compared())).parts[Part.LETTER]
    assert isinstance(found, Pending)


def test_a_form_saved_anew_and_handed_in_before_is_used() -> None:
    found = decide(pdf(signature(USER)), anew(compared(), used_before=True))
    assert codes(found.document) == ["application.used-before"]


def test_the_difference_from_the_form_that_is_most_alike_is_named() -> None:
    far = compared(APPLICATION, Message.of("pdf.differs-page-count", ours=2, theirs=1), Message.of("pdf.differs-x"))
    near = compared(LETTER, Message.of("pdf.differs-text", page=1))
    found = decide(pdf(signature(USER)), anew(far, near))
    assert codes(found.document) == ["application.content-differs", "pdf.differs-text"]


def test_under_a_broken_signature_nothing_counts_as_saved_anew() -> None:
    broken = replace(
        signature(USER),
        indication=Indication.TOTAL_FAILED,
        sub_indication=SubIndication.HASH_FAILURE,
        errors=(Message.of("reference.changed", file="letter.pdf"),),
    )
    found = decide(pdf(broken), anew(compared()))
    assert codes(found.document) == ["application.content-differs", "reference.changed"]


def test_a_pdf_that_could_not_be_compared_is_for_a_person_if_it_is_signed_well() -> None:
    found = decide(pdf(signature(USER)), anew()).document
    assert isinstance(found, NeedsPerson)
    assert codes(found) == ["application.not-compared"]
    invalid = replace(signature(USER), indication=Indication.TOTAL_FAILED, sub_indication=SubIndication.REVOKED)
    assert isinstance(decide(pdf(invalid), anew()).document, Objected)


def test_a_pdf_with_more_on_it_than_the_signature_says_what() -> None:
    shown = replace(signature(USER), warnings=(Message.of("pdf.differs-covered", page=1),))
    found = decide(pdf(shown, LETTER.sha256, covered=False), QUESTION).parts[Part.LETTER]
    assert codes(found) == ["application.more-than-signed", "pdf.differs-covered"]


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
    assert codes(found) == ["application.signer-not-user"]
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
    assert codes(found)[0] == "application.signer-not-user"


def test_whoever_is_recorded_for_the_day_may_sign_though_the_form_names_the_head() -> None:
    recorded = recorded_as_head(ACTING, date(2026, 11, 1), date(2026, 11, 24))
    question = replace(QUESTION, signers=must_sign(recorded))
    assert notes(decide(report(signature(ACTING)), question).parts[Part.APPLICATION]) == []


def test_a_head_whose_time_was_over_on_the_day_of_the_stamp_is_not_entitled() -> None:
    over = recorded_as_head(HEAD, date(2020, 1, 1), date(2026, 11, 23))
    found = decide(report(signature(HEAD)), replace(QUESTION, signers=must_sign(over))).parts[Part.APPLICATION]
    assert codes(found) == ["application.signer-not-entitled"]


def test_a_head_named_in_the_form_is_not_entitled_while_somebody_else_is_recorded() -> None:
    recorded = recorded_as_head(ACTING, date(2026, 11, 1), None)
    found = decide(report(signature(HEAD)), replace(QUESTION, signers=must_sign(recorded))).parts[Part.APPLICATION]
    assert codes(found) == ["application.signer-not-entitled"]


def test_the_day_of_the_stamp_is_rigas_day() -> None:
    late = replace(signature(HEAD), stamps=(stamp(time=datetime(2026, 11, 24, 22, 30, tzinfo=UTC)),))
    until_tuesday = recorded_as_head(HEAD, None, date(2026, 11, 24))
    found = decide(report(late), replace(QUESTION, signers=must_sign(until_tuesday))).parts[Part.APPLICATION]
    assert codes(found) == ["application.signer-not-entitled"]


@pytest.mark.parametrize("kind", ["content", "references"])
def test_an_old_stamp_that_is_not_over_the_signature_does_not_date_it(kind: str) -> None:
    """A stamp over references to certificates can be carried over from whatever the head signed while in office."""
    old = replace(stamp(time=datetime(2026, 1, 1, tzinfo=UTC)), kind=kind)
    dated_back = replace(signature(HEAD), stamps=(old, stamp()))
    over = recorded_as_head(HEAD, None, date(2026, 6, 30))
    found = decide(report(dated_back), replace(QUESTION, signers=must_sign(over))).parts[Part.APPLICATION]
    assert codes(found) == ["application.signer-not-entitled"]


def test_the_claimed_time_decides_nothing() -> None:
    claimed = replace(signature(HEAD), claimed_signing_time=datetime(2026, 1, 1, tzinfo=UTC))
    over = recorded_as_head(HEAD, None, date(2026, 6, 30))
    found = decide(report(claimed), replace(QUESTION, signers=must_sign(over))).parts[Part.APPLICATION]
    assert codes(found) == ["application.signer-not-entitled"]


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        (None, "application.signer-without-code"),
        (Identity("PNO", "", "32000000022"), "application.signer-code-without-country"),
    ],
)
def test_a_certificate_that_names_nobody_by_a_code_is_for_a_person(identity: Identity | None, expected: str) -> None:
    nameless = replace(signature(USER), signer=replace(signer(USER), identity=identity))
    found = decide(report(nameless, holds=(LETTER.sha256,)), QUESTION).parts[Part.LETTER]
    assert isinstance(found, NeedsPerson)
    assert codes(found) == [expected]


def test_the_same_digits_from_another_country_are_somebody_else() -> None:
    estonian = replace(signature(USER), signer=signer(USER, Identity("PNO", "EE", "32000000022")))
    found = decide(report(estonian, holds=(LETTER.sha256,)), QUESTION).parts[Part.LETTER]
    assert codes(found) == ["application.signer-not-user"]


def test_another_name_under_the_right_code_is_accepted_with_a_note() -> None:
    married = replace(signature(USER), signer=replace(signer(USER), surname="KALNIŅŠ"))
    found = decide(report(married, holds=(LETTER.sha256,)), QUESTION).parts[Part.LETTER]
    assert notes(found) == ["application.name-differs"]


def test_an_additional_invalid_signature_is_shown_and_refuses_nothing() -> None:
    broken = replace(signature(ACTING, "S2"), indication=Indication.TOTAL_FAILED)
    found = decide(report(signature(USER), broken, holds=(LETTER.sha256,)), QUESTION).parts[Part.LETTER]
    assert notes(found) == ["application.other-signature-not-valid"]


def test_a_further_file_in_the_container_is_noted() -> None:
    found = decide(report(signature(USER), holds=(LETTER.sha256, "d" * 64)), QUESTION).parts[Part.LETTER]
    assert notes(found) == ["application.other-file"]


def test_a_document_used_before_is_a_possible_replay_for_a_person() -> None:
    found = decide(report(signature(USER), holds=(LETTER.sha256,)), replace(QUESTION, used_before=True))
    assert codes(found.parts[Part.LETTER]) == ["application.used-before"]
    assert isinstance(found.parts[Part.LETTER], NeedsPerson)


def test_a_document_older_than_the_persons_last_end_is_a_possible_replay_for_a_person() -> None:
    found = decide(report(signature(USER), holds=(LETTER.sha256,)), replace(QUESTION, last_end=SIGNED))
    assert codes(found.parts[Part.LETTER]) == ["application.older-than-last-end"]
    earlier = decide(
        report(signature(USER), holds=(LETTER.sha256,)), replace(QUESTION, last_end=SIGNED - timedelta(seconds=1))
    )
    assert isinstance(earlier.parts[Part.LETTER], Proven)


def test_a_stamp_older_than_the_form_under_it_is_for_a_person() -> None:
    made = replace(QUESTION, made_at=SIGNED + timedelta(hours=1))
    found = decide(report(signature(USER), holds=(LETTER.sha256,)), made).parts[Part.LETTER]
    assert isinstance(found, NeedsPerson)
    assert codes(found) == ["application.older-than-form"]
    clocks = replace(QUESTION, made_at=SIGNED + timedelta(minutes=1))
    assert isinstance(decide(report(signature(USER), holds=(LETTER.sha256,)), clocks).parts[Part.LETTER], Proven)


def neither(decided: Decided) -> Objected | Pending | NeedsPerson:
    assert decided.parts == {}
    assert decided.document is not None
    return decided.document


def test_a_form_of_another_application_says_so() -> None:
    foreign = report(signature(USER), holds=("e" * 64,))
    found = neither(decide(foreign, replace(QUESTION, other_forms=frozenset({"e" * 64}))))
    assert codes(found) == ["application.form-of-another"]
    assert codes(neither(decide(foreign, replace(QUESTION, mentions_another=True)))) == ["application.form-of-another"]


def test_the_same_signed_file_in_a_second_application_says_so() -> None:
    second = replace(QUESTION, used_before=True, other_forms=frozenset({"e" * 64}))
    found = neither(decide(report(signature(USER), holds=("e" * 64,)), second))
    assert codes(found) == ["application.used-before"]


def test_a_page_changed_before_signing_is_changed_content_although_the_data_is_ours() -> None:
    changed = report(signature(USER), holds=("f" * 64,))
    assert codes(neither(decide(changed, replace(QUESTION, contains_our_reference=True)))) == [
        "application.content-differs"
    ]


def test_a_file_altered_after_signing_says_what_broke() -> None:
    broken = replace(
        signature(USER),
        indication=Indication.TOTAL_FAILED,
        sub_indication=SubIndication.HASH_FAILURE,
        errors=(Message.of("content.changed"),),
    )
    found = neither(decide(report(broken, holds=("f" * 64,)), QUESTION))
    assert codes(found) == ["application.content-differs", "content.changed"]


def test_a_form_we_never_made_is_read_by_a_person_when_somebody_signed_it() -> None:
    found = neither(decide(report(signature(USER), holds=("f" * 64,)), QUESTION))
    assert isinstance(found, NeedsPerson)
    unsigned = neither(decide(report(holds=("f" * 64,)), QUESTION))
    assert codes(unsigned) == ["application.not-signed", "application.not-our-form"]


def test_our_form_without_a_signature_is_told_to_be_signed() -> None:
    assert codes(decide(report(), QUESTION).parts[Part.APPLICATION]) == ["application.not-signed"]


def test_a_counter_signature_signs_a_signature_and_not_the_document() -> None:
    counter = replace(signature(USER), counter_signature=True)
    assert codes(decide(report(counter, holds=(LETTER.sha256,)), QUESTION).parts[Part.LETTER]) == [
        "application.not-signed"
    ]


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
