"""Policies on reports made by hand: who must have signed what, and how it is said when they have not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from builders.signing.hand_made import APPLICATION, HEAD, LETTER, NOON, USER, report, signature, stamp
from signing import (
    NAMED,
    QES_LV,
    Accepted,
    AllOf,
    Content,
    Covers,
    CoversWholeDocument,
    Identity,
    Indication,
    Message,
    Qualification,
    Qualified,
    QualifiedTimestamp,
    Rejected,
    Report,
    RevocationNeed,
    SignedBy,
    SubIndication,
    TrustState,
    Undetermined,
    Valid,
    Verdict,
)
from signing.messages import next_step, text


def codes(verdict: Verdict) -> list[str]:
    assert not isinstance(verdict, Accepted)
    return [reason.code for reason in verdict.reasons]


def test_a_qualified_stamped_signature_of_the_head_over_everything_is_accepted() -> None:
    verdict = AllOf(QES_LV, SignedBy(HEAD)).judge(report(signature()))
    assert isinstance(verdict, Accepted)
    assert verdict.signature.id == "S1"


def test_only_acceptance_is_true() -> None:
    assert Accepted(signature())
    assert not Rejected((Message("x"),))
    assert not Undetermined((Message("x"),))


def test_a_file_without_signatures_is_rejected() -> None:
    assert codes(QES_LV.judge(report())) == ["signature.none"]


def test_a_policy_that_asks_nothing_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="accept everything"):
        AllOf()
    with pytest.raises(ValueError, match="at least one"):
        SignedBy()


def test_a_strangers_valid_signature_and_the_heads_broken_one_prove_nothing_together() -> None:
    broken = signature(
        id="S2", indication=Indication.TOTAL_FAILED, sub_indication=SubIndication.HASH_FAILURE,
        errors=(Message.of("reference.changed", file="iesniegums.pdf"),), qualification=Qualification.NOT_ADES,
    )  # fmt: skip
    verdict = AllOf(QES_LV, SignedBy(HEAD)).judge(report(signature(USER), broken))
    assert isinstance(verdict, Rejected)
    assert codes(verdict) == ["signature.not-valid", "reference.changed", "qualification.none"]


def test_one_container_may_hold_both_peoples_papers() -> None:
    by_head = signature(HEAD, id="S1", covers=("iesniegums.pdf",), covers_everything=False)
    by_user = signature(USER, id="S2", covers=("saistibu_raksts.pdf",), covers_everything=False)
    both = report(by_head, by_user)
    assert AllOf(Valid(), Qualified(), Covers(APPLICATION), SignedBy(HEAD)).judge(both)
    assert AllOf(Valid(), Qualified(), Covers(LETTER), SignedBy(USER)).judge(both)
    crossed = AllOf(Valid(), Covers(LETTER), SignedBy(HEAD)).judge(both)
    assert codes(crossed) == ["coverage.file-not-signed"]


def test_every_objection_is_told_not_only_the_first() -> None:
    poor = signature(
        USER, stamps=(), qualification=Qualification.ADESIG_QC, covers=("iesniegums.pdf",), covers_everything=False
    )
    assert codes(AllOf(QES_LV, SignedBy(HEAD)).judge(report(poor))) == [
        "coverage.file-not-signed",
        "qualification.not-qualified",
        "stamp.missing",
        "signer.somebody-else",
    ]


def test_a_silent_responder_makes_the_application_wait_and_nobody_is_refused() -> None:
    waiting = signature(indication=Indication.INDETERMINATE, sub_indication=SubIndication.TRY_LATER,
                        qualification=Qualification.UNDETERMINED)  # fmt: skip
    verdict = AllOf(QES_LV, SignedBy(HEAD)).judge(report(waiting))
    assert isinstance(verdict, Undetermined)
    assert codes(verdict) == ["signature.undecided", "qualification.undetermined"]


def test_waiting_does_not_help_a_signature_that_is_wrong_for_another_reason_too() -> None:
    waiting = signature(USER, indication=Indication.INDETERMINATE, sub_indication=SubIndication.TRY_LATER)
    assert isinstance(AllOf(QES_LV, SignedBy(HEAD)).judge(report(waiting)), Rejected)


@pytest.mark.parametrize("state", [TrustState.STALE, TrustState.MISSING])
def test_a_chain_not_found_while_the_lists_are_old_or_missing_is_undecided(state: TrustState) -> None:
    lost = signature(
        indication=Indication.INDETERMINATE, sub_indication=SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
        qualification=Qualification.NOT_ADES, stamps=(stamp(indication=Indication.INDETERMINATE, qualified=None),),
    )  # fmt: skip
    assert isinstance(QES_LV.judge(report(lost, trust_state=state)), Undetermined)
    assert isinstance(QES_LV.judge(report(lost)), Rejected)


def test_a_seal_is_not_a_persons_signature() -> None:
    seal = signature(qualification=Qualification.QESEAL)
    assert codes(Qualified().judge(report(seal))) == ["qualification.seal"]
    assert Qualified(seals=True).judge(report(seal))


def test_a_stamp_from_an_unlisted_authority_does_not_prove_the_time() -> None:
    verdict = QualifiedTimestamp().judge(report(signature(stamps=(stamp(qualified=False),))))
    assert codes(verdict) == ["stamp.not-qualified"]


@pytest.mark.parametrize("minutes", [-1, 0, 1])
def test_a_qualified_stamp_beside_an_earlier_one_of_somebody_else_does_not_prove_the_time(minutes: int) -> None:
    """A signer whose certificate was revoked yesterday finds somebody who says it was signed the day before."""
    other = stamp(time=NOON + timedelta(minutes=minutes), qualified=False, authority="Somebody")
    verdict = QualifiedTimestamp().judge(report(signature(stamps=(stamp(), other))))
    assert bool(verdict) is (minutes >= 0)
    assert minutes >= 0 or codes(verdict) == ["stamp.not-qualified"]


def test_a_content_stamp_says_nothing_of_the_signature() -> None:
    verdict = QualifiedTimestamp().judge(report(signature(stamps=(stamp(kind="content"),))))
    assert codes(verdict) == ["stamp.missing"]


def test_a_broken_stamp_is_no_stamp() -> None:
    broken = stamp(indication=Indication.TOTAL_FAILED, sub_indication=SubIndication.HASH_FAILURE)
    assert codes(QualifiedTimestamp().judge(report(signature(stamps=(broken,))))) == ["stamp.not-valid"]


def test_a_weak_stamp_says_that_it_is_the_stamp_and_how_it_was_made() -> None:
    weak = stamp(
        indication=Indication.INDETERMINATE,
        sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE,
        messages=(Message.of("algorithm.too-weak", algorithm="SHA-1"),),
    )
    verdict = QualifiedTimestamp().judge(report(signature(stamps=(weak,))))
    assert codes(verdict) == ["stamp.not-valid", "stamp.too-weak"]
    assert isinstance(verdict, Rejected)
    assert "SHA-1" in text(verdict.reasons[-1], "lv")


def test_a_pdf_is_told_what_stands_beside_what_was_signed_not_to_take_files_out() -> None:
    one = signature(covers_everything=False, warnings=(Message.of("pdf.differs-covered", page=1),))
    left_out = replace(report(one), form="PAdES", contents=(Content("a.pdf", 1, "a" * 64),))
    for policy in (CoversWholeDocument(), Covers("a" * 64)):
        assert codes(policy.judge(left_out)) == ["coverage.pdf-incomplete", "pdf.differs-covered"]


def test_a_stamp_whose_unit_nobody_can_name_says_why() -> None:
    unread = stamp(
        indication=Indication.INDETERMINATE, sub_indication=SubIndication.NO_SIGNING_CERTIFICATE_FOUND, authority="",
        messages=(Message("stamp.certificate-unreadable"),), qualified=False,
    )  # fmt: skip
    assert codes(QualifiedTimestamp().judge(report(signature(stamps=(unread,))))) == ["stamp.certificate-unreadable"]


def test_a_stamp_whose_unit_is_still_to_be_asked_about_makes_the_application_wait() -> None:
    waiting = stamp(indication=Indication.INDETERMINATE, sub_indication=SubIndication.TRY_LATER, qualified=False)
    assert isinstance(QualifiedTimestamp().judge(report(signature(stamps=(waiting,)))), Undetermined)


def test_a_changed_personal_code_is_known_when_handed_in() -> None:
    old = Identity("PNO", "LV", "01019012345")
    assert not SignedBy(HEAD).judge(report(signature(old)))
    assert SignedBy(HEAD, old).judge(report(signature(old)))


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (None, "signer.no-identity"),
        (Identity("PNO", "", HEAD.digits), "signer.code-without-country"),
        (Identity("PNO", "EE", HEAD.digits), "signer.somebody-else"),
        (Identity("PAS", "LV", HEAD.digits), "signer.somebody-else"),
        (USER, "signer.somebody-else"),
    ],
)
def test_a_country_is_never_guessed_and_kinds_are_never_mixed(found: Identity | None, code: str) -> None:
    assert codes(SignedBy(HEAD).judge(report(signature(found)))) == [code]


def test_counter_signatures_never_count() -> None:
    assert codes(Valid().judge(report(signature(counter_signature=True)))) == ["signature.none"]


def test_the_files_left_out_are_named() -> None:
    part = signature(covers=("iesniegums.pdf",), covers_everything=False)
    verdict = CoversWholeDocument().judge(report(part))
    assert isinstance(verdict, Rejected)
    assert verdict.reasons == (Message.of("coverage.file-not-signed", file="saistibu_raksts.pdf"),)


def test_a_document_that_is_not_in_the_file_is_missing() -> None:
    assert codes(Covers("dd" * 32).judge(report(signature()))) == ["coverage.document-missing"]


def test_named_policies_list_their_rules() -> None:
    assert set(NAMED) == {"qes-lv", "POLv3", "POLv4", "ades"}
    assert all(policy.rules for policy in NAMED.values())


def test_a_report_survives_json_unchanged() -> None:
    made = report(
        signature(warnings=(Message.of("ocsp.before-stamp", seconds=3),)),
        signature(None, id="S2", indication=Indication.INDETERMINATE, sub_indication=SubIndication.NO_POE),
    )
    need = RevocationNeed("http://ocsp.example/", "ocsp", b"\x00\xff", "ee" * 32)
    made = Report(**{name: getattr(made, name) for name in made.__slots__} | {"needs": (need,)})
    assert Report.from_json(json.loads(json.dumps(made.to_json()))) == made


@pytest.mark.parametrize("spoil", [{"form": 3}, {"unknown": 1}, {"judged_at": "yesterday"}, {"signatures": [{}]}])
def test_a_report_of_another_shape_is_refused(spoil: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Report.from_json(report(signature()).to_json() | spoil)


def test_a_suspended_certificate_is_not_refused_for_good_and_says_what_its_holder_can_do() -> None:
    suspended = signature(
        indication=Indication.INDETERMINATE, sub_indication=SubIndication.TRY_LATER,
        errors=(Message.of("certificate.on-hold", name="ILZE"),), qualification=Qualification.NOT_ADES,
    )  # fmt: skip
    verdict = QES_LV.judge(report(suspended))
    assert isinstance(verdict, Undetermined)
    assert "certificate.on-hold" in codes(verdict)
    assert "sertifikāta darbība būs atjaunota" in next_step(Message("certificate.on-hold"), "lv")
