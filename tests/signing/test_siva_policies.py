"""SiVa's rules on stamps and answers, and its words for what went wrong, on reports made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from builders.signing import edits
from builders.signing.hand_made import report, signature, stamp
from demo.pki import person
from demo.signer import Level, Wrong, sign_asice
from signing import Indication, Message, Qualification, SubIndication
from signing.report.particulars import CertificateUse, Particulars, UsedCertificate
from signing.siva.conclusion import conclusion
from tests.signing.test_siva_cases import NOTE

if TYPE_CHECKING:
    from demo.pki import Pki
    from signing import Report, SignatureReport
    from tests.signing.conftest import Judge

POLICIES = ("POLv3", "POLv4")
FAILED, OPEN, PASSED = Indication.TOTAL_FAILED, Indication.INDETERMINATE, Indication.TOTAL_PASSED
NO_CHAIN = "NO_CERTIFICATE_CHAIN_FOUND"
NOT_A_TSA = {
    "The certificate is not related to a TSA/QTST!",
    "The trust service(s) related to the time-stamp does not have the expected type identifier!",
}
NOT_FRESH = (
    "The time difference between the signature timestamp and the OCSP response exceeds 15 minutes, rendering the OCSP "
    "response not 'fresh'."
)
OPEN_CERTIFICATE = "The certificate validation is not conclusive!"


def only(judged: Report, policy: str = "POLv4") -> dict[str, Any]:
    (one,) = conclusion(judged, policy=policy)["signatures"]
    found: dict[str, Any] = one
    return found


def said(one: dict[str, Any], what: str = "errors") -> list[str]:
    return [each["content"] for each in one.get(what, ())]


# Stamps of qualified services alone


def archived(*, over: bool | None, above: bool | None) -> SignatureReport:
    first, later = stamp(qualified=over), stamp(qualified=above)
    return signature(level="LTA", stamps=(first, replace(later, kind="archive")))


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(("over", "above"), [(True, False), (False, True), (False, False), (False, None)])
def test_an_archived_signature_fails_for_one_stamp_of_another_service(
    policy: str, *, over: bool | None, above: bool | None
) -> None:
    one = only(report(archived(over=over, above=above)), policy)
    assert (one["indication"], one["signatureLevel"]) == ("TOTAL-FAILED", "NOT_ADES_QC_QSCD")
    assert set(said(one)) == NOT_A_TSA
    assert "warnings" not in one
    (kept,) = one["info"]["archiveTimeStamps"]
    expected = ("INDETERMINATE", NO_CHAIN) if above is False else ("PASSED", None)
    assert (kept["indication"], kept.get("subIndication")) == expected


@pytest.mark.parametrize(
    ("over", "above", "indication"), [(True, True, PASSED), (True, None, PASSED), (None, None, OPEN)]
)
def test_one_of_qualified_services_passes_and_one_that_lists_cannot_tell_waits(
    *, over: bool | None, above: bool | None, indication: Indication
) -> None:
    assert only(report(archived(over=over, above=above)))["indication"] == indication


@pytest.mark.parametrize("policy", POLICIES)
def test_below_that_level_it_has_no_chain(pki: Pki, judge: Judge, policy: str) -> None:
    document = sign_asice([NOTE], person=person("user"), pki=pki, at=pki.epoch, wrong=Wrong(unit="tsa-plain"))
    one = only(judge(document), policy)
    assert (one["indication"], one["subIndication"], one["signatureLevel"]) == (OPEN, NO_CHAIN, "INDETERMINATE_QESIG")
    assert set(said(one)) > NOT_A_TSA


# What Estonian rules ask of answers


def answered(after: timedelta, *, country: str = "EE", **changes: Any) -> Report:  # noqa: ANN401 - any field
    made = signature(**changes)
    assert made.signer is not None
    assert made.stamps[0].time is not None
    return report(replace(made, signer=replace(made.signer, country=country), ocsp_time=made.stamps[0].time + after))


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(
    ("after", "indication", "errors", "warnings"),
    [
        (timedelta(seconds=-1), FAILED, ["OCSP response production time is before timestamp time"], []),
        (timedelta(0), PASSED, [], []),
        (timedelta(minutes=15), PASSED, [], []),
        (timedelta(minutes=15, seconds=6), PASSED, [], [NOT_FRESH]),
        (timedelta(hours=24), PASSED, [], [NOT_FRESH]),
        (timedelta(hours=28), FAILED, [NOT_FRESH], []),
    ],
)
def test_an_estonian_answer_is_made_within_a_day_after_the_stamp(
    policy: str, after: timedelta, indication: str, errors: list[str], warnings: list[str]
) -> None:
    one = only(answered(after), policy)
    assert (one["indication"], said(one), said(one, "warnings")) == (indication, errors, warnings)
    elsewhere = only(answered(after, country="LV"), policy)
    assert (elsewhere["indication"], said(elsewhere, "warnings")) == (PASSED, []), "of others nobody asks it"
    assert conclusion(answered(after), policy="qes-lv")["signatures"][0]["indication"] == PASSED


def test_an_answer_that_was_fetched_later_is_not_held_against_it() -> None:
    assert only(answered(timedelta(days=900), level="T"))["indication"] == PASSED


def test_remarks_on_the_time_of_answers_are_sivas_alone() -> None:
    remark = Message.of("ocsp.before-stamp", seconds=4)
    judged = report(signature(warnings=(remark,)))
    assert "warnings" not in only(judged)
    assert conclusion(judged, policy="ades")["signatures"][0]["warnings"]


# Words


@pytest.mark.parametrize(
    ("code", "sub", "expected"),
    [
        ("reference.changed", SubIndication.HASH_FAILURE, "The reference data object is not intact!"),
        ("reference.not-found", SubIndication.SIGNED_DATA_NOT_FOUND, "The reference data object has not been found!"),
        ("signature.broken", SubIndication.SIG_CRYPTO_FAILURE, "The signature is not intact!"),
        ("certificate.none", SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
         "There is no candidate for the signing certificate!"),
        ("chain.not-found", SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
         "The certificate chain for signature is not trusted, it does not contain a trust anchor."),
        ("certificate.revoked", SubIndication.REVOKED_NO_POE, "The past signature validation is not conclusive!"),
        ("ocsp.missing", SubIndication.TRY_LATER, "No revocation data found for the certificate!"),
        ("ocsp.unknown", SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE,
         "The revocation status is unknown (Unknown response from OCSP)!"),
        ("ocsp.responder-expired", SubIndication.TRY_LATER, "No acceptable revocation data for the certificate!"),
    ],
)  # fmt: skip
def test_each_cause_is_told_in_sivas_words_and_then_in_ours(code: str, sub: SubIndication, expected: str) -> None:
    failed = sub in {SubIndication.HASH_FAILURE, SubIndication.SIG_CRYPTO_FAILURE}
    cause = signature(indication=FAILED if failed else OPEN, sub_indication=sub, errors=(Message.of(code, name="A"),))
    one = only(report(cause))
    assert expected in said(one)[:-1]
    assert said(one)[-1] == said(only(report(cause), "ades"))[-1]
    assert expected not in said(only(report(cause), "ades"))
    assert said(one, "warnings")[0] == (
        "The signature/seal is not a valid AdES digital signature!"
        if failed
        else "The signature/seal is an INDETERMINATE AdES digital signature!"
    )


def test_a_key_that_is_too_short_is_named_with_its_size() -> None:
    weak = Message.of("algorithm.too-weak", algorithm="ec 224")
    sub = SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE
    one = only(report(signature(indication=OPEN, sub_indication=sub, errors=(weak,))))
    assert "The algorithm ECDSA with key size 224 is too small for signature creation!" in said(one)
    hashed = signature(indication=OPEN, sub_indication=sub, errors=(Message.of("algorithm.too-weak", algorithm="md5"),))
    assert not any("key size" in each for each in said(only(report(hashed))))


def test_a_sound_signature_is_told_nothing() -> None:
    one = only(report(signature()))
    assert not {"errors", "warnings"} & set(one)


def test_a_stamp_over_something_else_is_told_with_the_signature_it_was_meant_for(pki: Pki, judge: Judge) -> None:
    wrong = Wrong(stamp_over=b"something else")
    one = only(judge(sign_asice([NOTE], person=person("user"), pki=pki, at=pki.epoch, wrong=wrong)))
    assert (one["indication"], one["subIndication"]) == (FAILED, "FORMAT_FAILURE")
    assert "The time-stamp message imprint is not intact!" in said(one)
    assert said(one, "warnings")[0] == "The signature/seal is not a valid AdES digital signature!"


@pytest.mark.parametrize(
    ("indication", "if_sound", "level"),
    [
        (OPEN, Qualification.QESIG, "INDETERMINATE_QESIG"),
        (OPEN, Qualification.ADESEAL_QC, "INDETERMINATE_ADESEAL_QC"),
        (OPEN, Qualification.ADES_QC, "INDETERMINATE_UNKNOWN_QC"),
        (OPEN, Qualification.ADESIG, "INDETERMINATE_ADESIG"),
        (OPEN, Qualification.ADES, "INDETERMINATE_UNKNOWN"),
        (OPEN, Qualification.NOT_ADES, "INDETERMINATE_UNKNOWN"),
        (OPEN, Qualification.UNDETERMINED, "INDETERMINATE_UNKNOWN"),
        (FAILED, Qualification.QESEAL, "NOT_ADES_QC_QSCD"),
        (FAILED, Qualification.ADESIG_QC, "NOT_ADES_QC"),
        (FAILED, Qualification.ADESIG, "NOT_ADES"),
        (FAILED, Qualification.UNDETERMINED, "NOT_ADES"),
    ],
)
def test_what_did_not_pass_is_named_by_what_its_certificate_would_make_of_it(
    indication: Indication, if_sound: Qualification, level: str
) -> None:
    sub = SubIndication.TRY_LATER if indication is OPEN else SubIndication.HASH_FAILURE
    one = signature(
        indication=indication, sub_indication=sub, qualification=Qualification.UNDETERMINED, if_sound=if_sound
    )
    assert only(report(one))["signatureLevel"] == level


def test_the_time_of_a_broken_signature_is_that_of_its_stamp(judge: Judge, letter: bytes) -> None:
    one = only(judge(edits.replaced(letter, "iesniegums.txt", b"Cits")))
    assert one["info"]["bestSignatureTime"] == one["info"]["timestampCreationTime"]


def test_one_certificate_of_each_kind_is_shown(pki: Pki, judge: Judge) -> None:
    document = sign_asice([NOTE], person=person("user"), pki=pki, at=pki.epoch, level=Level.LTA)
    kinds = [one["type"] for one in only(judge(document))["certificates"]]
    assert sorted(kinds) == ["ARCHIVE_TIMESTAMP", "REVOCATION", "SIGNATURE_TIMESTAMP", "SIGNING"]
    uses = (
        CertificateUse.ARCHIVE_STAMP,
        CertificateUse.ARCHIVE_STAMP,
        CertificateUse.REVOCATION,
        CertificateUse.REVOCATION,
    )
    many = Particulars(certificates=tuple(UsedCertificate(use, f"{n}", bytes([n])) for n, use in enumerate(uses)))
    names = {one["type"]: one["commonName"] for one in only(report(signature(particulars=many)))["certificates"]}
    assert names == {"ARCHIVE_TIMESTAMP": "1", "REVOCATION": "2"}
