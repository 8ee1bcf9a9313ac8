"""Five things a known reader of trusted lists gets wrong, each with the list on which it shows."""

from __future__ import annotations

import pytest

from builders.signing.trusted_lists import (
    COMPLIANCE,
    EIDAS,
    ESEAL,
    ESIGN,
    QUALIFIED_PERSON,
    SSCD,
    Entry,
    ListText,
    ServiceEntry,
    authority,
    person,
    pointer,
    sign,
    statement,
    types,
    uses,
    when,
)
from signing import Indication, Qualification, TrustState
from signing.pki.trust_protocol import Purpose
from signing.trust import SupersededList, TrustStore, UnverifiedList, load_lotl, read_list, verify_list


def test_defect_1_a_withdrawn_service_keeps_its_certificates_in_the_history() -> None:
    """National lists do not repeat certificates in the history: read naively, the authority never existed."""
    ca = authority("Old CA")
    text = ListText(
        services=(
            ServiceEntry(
                "Old CA",
                Entry("withdrawn", when("2019-05-29"), certificates=(ca.certificate,)),
                history=(Entry("granted", EIDAS), Entry("accredited", when("2013-04-26"))),
            ),
        )
    )
    trusted_list = read_list(text.xml())
    assert [period.certificates for period in trusted_list.services[0].periods] == [(ca.certificate.der,)] * 3
    store = TrustStore.of_anchors([], [trusted_list])
    assert store.is_anchor(ca.certificate, purpose=Purpose.SIGNER, at=when("2014-01-01"))


def test_defect_2_an_anchor_is_judged_at_the_moment_asked_about_not_by_its_newest_status() -> None:
    ca = authority("Old CA")
    text = ListText(
        services=(
            ServiceEntry(
                "Old CA",
                Entry("withdrawn", when("2019-05-29"), certificates=(ca.certificate,)),
                history=(Entry("granted", EIDAS),),
            ),
        )
    )
    store = TrustStore.of_anchors([], [read_list(text.xml())])
    trusted_on = {
        day: store.is_anchor(ca.certificate, purpose=Purpose.SIGNER, at=when(day))
        for day in ("2016-01-01", "2018-01-01", "2019-05-28", "2019-05-30", "2026-01-01")
    }
    assert trusted_on == {
        "2016-01-01": False,
        "2018-01-01": True,
        "2019-05-28": True,
        "2019-05-30": False,
        "2026-01-01": False,
    }
    assert store.anchors_named(ca.certificate.subject_key, purpose=Purpose.SIGNER, at=when("2018-01-01")) == (
        ca.certificate,
    )


def test_defect_3a_an_expired_list_is_stale_not_fresh_and_not_untrusted() -> None:
    ca = authority("CA")
    text = ListText(services=(ServiceEntry("CA", Entry("granted", EIDAS, certificates=(ca.certificate,))),))
    store = TrustStore.of_anchors([], [read_list(text.xml())])
    assert store.state(when("2026-07-31")) is TrustState.FRESH
    assert store.state(when("2026-08-02")) is TrustState.STALE
    assert store.is_anchor(ca.certificate, purpose=Purpose.SIGNER, at=when("2026-08-02"))


def test_defect_3b_a_list_with_a_lower_sequence_number_is_a_rollback() -> None:
    operator, state_operator = authority("Operator of the list of lists"), authority("State operator")

    def lotl(number: int) -> bytes:
        to_state = pointer("https://lv.example/list.xml", [state_operator.certificate])
        return sign(
            ListText(kind="EUlistofthelists", territory="EU", sequence=number, pointers=(to_state,)).xml(), operator
        )

    national = {number: sign(ListText(sequence=number).xml(), state_operator) for number in (7, 8)}
    signers = [operator.certificate]
    now = load_lotl(lotl(3), signers=signers, fetch=lambda _: national[8], at=when("2026-04-01"))
    with pytest.raises(SupersededList, match=r"list\.rollback"):
        load_lotl(lotl(2), signers=signers, fetch=lambda _: national[8], at=when("2026-04-01"), previous=now)
    then = load_lotl(lotl(3), signers=signers, fetch=lambda _: national[7], at=when("2026-04-01"), previous=now)
    refused = then.states[1]
    assert refused.problem is not None
    assert (refused.problem.code, refused.sequence, refused.source) == ("list.rollback", 8, "previous")


def test_defect_3c_a_signer_whose_certificate_was_not_valid_when_the_list_was_issued_signs_nothing() -> None:
    former = authority("Former operator", until="2025-12-31")
    signed = sign(ListText(issued=when("2026-03-01")).xml(), former)
    with pytest.raises(UnverifiedList, match=r"list\.signer-not-valid"):
        verify_list(signed, [former.certificate], at=when("2026-04-01"))


def test_defect_4a_statuses_of_the_years_before_eidas_count_in_those_years() -> None:
    ca = authority("Estonian-like CA")
    supervised = Entry("undersupervision", when("2011-03-08"), certificates=(ca.certificate,))
    text = ListText(
        services=(ServiceEntry("CA", Entry("granted", EIDAS, certificates=(ca.certificate,)), (supervised,)),)
    )
    store = TrustStore.of_anchors([], [read_list(text.xml())])
    signer = person(ca, since="2014-02-01", statements=[statement(COMPLIANCE), statement(SSCD)])
    standing = store.standing(
        signer, [signer, ca.certificate], indication=Indication.TOTAL_PASSED, signed_at=when("2015-06-01")
    )
    assert standing.qualification is Qualification.QESIG


def test_defect_4b_a_listed_ocsp_responder_is_an_anchor_for_ocsp_and_for_nothing_else() -> None:
    responder = authority("Responder")
    entry = Entry("granted", EIDAS, kind="Certstatus/OCSP/QC", certificates=(responder.certificate,))
    store = TrustStore.of_anchors([], [read_list(ListText(services=(ServiceEntry("Responder", entry),)).xml())])
    trusted_for = {
        purpose: store.is_anchor(responder.certificate, purpose=purpose, at=when("2020-01-01")) for purpose in Purpose
    }
    assert trusted_for == {Purpose.OCSP: True, Purpose.SIGNER: False, Purpose.STAMP: False}


def test_defect_4c_an_authority_is_no_ocsp_responder_for_the_certificates_of_others() -> None:
    ca = authority("CA")
    entry = Entry("granted", EIDAS, certificates=(ca.certificate,))
    store = TrustStore.of_anchors([], [read_list(ListText(services=(ServiceEntry("CA", entry),)).xml())])
    assert store.is_anchor(ca.certificate, purpose=Purpose.SIGNER, at=when("2020-01-01"))
    assert store.ocsp_anchors(at=when("2020-01-01")) == ()


@pytest.mark.parametrize(
    ("said", "body", "expected"),
    [
        ([types(ESIGN, ESEAL)], False, Qualification.UNKNOWN_QC_QSCD),
        ([], False, Qualification.QESIG),
        ([], True, Qualification.UNKNOWN_QC_QSCD),
        ([types(ESEAL)], True, Qualification.QESEAL),
    ],
    ids=["two types", "no type, a person", "no type, a body", "a seal"],
)
def test_defect_5a_several_types_or_none_are_read_and_a_body_is_never_taken_for_a_person(
    said: list[bytes],
    *,
    body: bool,
    expected: Qualification,
) -> None:
    ca = authority("CA")
    entry = Entry("granted", EIDAS, certificates=(ca.certificate,))
    store = TrustStore.of_anchors([], [read_list(ListText(services=(ServiceEntry("CA", entry),)).xml())])
    signer = person(ca, since="2024-01-01", statements=[statement(COMPLIANCE), statement(SSCD), *said], body=body)
    standing = store.standing(
        signer, [signer, ca.certificate], indication=Indication.TOTAL_PASSED, signed_at=when("2026-03-15")
    )
    assert standing.qualification is expected


@pytest.mark.parametrize(
    ("issued", "signed", "expected"),
    [
        ("2018-06-01", "2019-01-01", Qualification.QESIG),
        ("2018-06-01", "2019-09-01", Qualification.ADESIG),
        ("2016-10-01", "2019-01-01", Qualification.ADESIG),
    ],
    ids=["granted at both moments", "withdrawn before signing", "not yet granted at issuance"],
)
def test_defect_5b_qualification_is_judged_at_issuance_and_again_at_signing(
    issued: str, signed: str, expected: Qualification
) -> None:
    ca = authority("CA")
    text = ListText(
        services=(
            ServiceEntry(
                "CA",
                Entry(
                    "withdrawn",
                    when("2019-05-29"),
                    certificates=(ca.certificate,),
                    extensions=(uses("ForeSignatures"),),
                ),
                history=(Entry("granted", when("2017-01-01"), extensions=(uses("ForeSignatures"),)),),
            ),
        )
    )
    store = TrustStore.of_anchors([], [read_list(text.xml())])
    signer = person(ca, since=issued, statements=QUALIFIED_PERSON)
    standing = store.standing(
        signer, [signer, ca.certificate], indication=Indication.TOTAL_PASSED, signed_at=when(signed)
    )
    assert standing.qualification is expected
