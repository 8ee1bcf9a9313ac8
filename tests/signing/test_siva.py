"""SiVa's answer made of our report: its shape, its names, and what its two policies make of a passed signature."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from builders.signing.hand_made import report, signature
from demo.pki import person
from demo.signer import Level, sign_asice, sign_edoc
from signing import Indication, Qualification, Report, SubIndication
from signing.judging.particulars import method_of
from signing.report.particulars import Claims, Particulars
from signing.sentences.wording import Wording, using_wording
from signing.siva.conclusion import conclusion, with_digest
from signing.xades.algorithms import _METHODS

if TYPE_CHECKING:
    from demo.pki import Pki
    from tests.signing.conftest import Judge

FILES = [("iesniegums.txt", b"Iesniegums"), ("pielikums.txt", b"Pielikums")]


def test_a_qualified_signature_reads_as_siva_writes_it(pki: Pki, judge: Judge) -> None:
    document = sign_edoc(FILES, person=person("head"), pki=pki, at=pki.epoch, role="direktore")
    found = conclusion(judge(document))
    assert found["policy"]["policyName"] == "POLv4"
    assert (found["signatureForm"], found["validationLevel"]) == ("ASiC-E", "ARCHIVAL_DATA")
    assert (found["signaturesCount"], found["validSignaturesCount"]) == (1, 1)
    (one,) = found["signatures"]
    assert one["signatureFormat"] == "XAdES_BASELINE_LT"
    assert one["signatureMethod"].startswith("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha")
    assert (one["signatureLevel"], one["indication"]) == ("QESIG", "TOTAL-PASSED")
    assert "subIndication" not in one
    assert "errors" not in one
    assert one["signedBy"] == "PARAUDZIŅA,ILZE,320000-00101"
    assert one["subjectDistinguishedName"] == {
        "commonName": one["certificates"][1]["commonName"],
        "serialNumber": "PNOLV-320000-00101",
        "givenName": "ILZE",
        "surname": "PARAUDZIŅA",
    }
    assert one["signatureScopes"] == [{"name": name, "scope": "FULL", "content": "Full document"} for name, _ in FILES]
    assert one["info"]["signerRole"] == [{"claimedRole": "direktore"}]
    assert one["info"]["bestSignatureTime"] == one["info"]["timestampCreationTime"]
    imprint = base64.b64decode(one["info"]["timeAssertionMessageImprint"])
    assert imprint[0] == 0x30, "a MessageImprint, DER"
    uses = {used["type"]: used for used in one["certificates"]}
    assert set(uses) == {"SIGNING", "REVOCATION", "SIGNATURE_TIMESTAMP"}
    assert uses["SIGNING"]["issuer"]["commonName"] == "DEMO LV eID ICA 2021"
    assert "counterSignature" not in one


def test_what_is_left_out_is_in_no_scope(pki: Pki, judge: Judge) -> None:
    document = sign_asice(FILES, person=person("user"), pki=pki, at=pki.epoch, covers=("iesniegums.txt",))
    (one,) = conclusion(judge(document))["signatures"]
    assert [scope["name"] for scope in one["signatureScopes"]] == ["iesniegums.txt"]
    assert one["indication"] != "TOTAL-PASSED"


def test_a_report_with_all_of_it_survives_the_evidence_store(pki: Pki, judge: Judge) -> None:
    judged = judge(sign_edoc(FILES, person=person("user"), pki=pki, at=pki.epoch, role="lietvedis", level=Level.LTA))
    assert Report.from_json(judged.to_json()) == judged


@pytest.mark.parametrize(
    ("qualification", "polv4", "valid"),
    [
        (Qualification.QESIG, "TOTAL-PASSED", 1),
        (Qualification.QESEAL, "TOTAL-PASSED", 1),
        (Qualification.ADESEAL_QC, "TOTAL-PASSED", 1),
        (Qualification.ADESIG_QC, "TOTAL-PASSED", 1),
        (Qualification.UNKNOWN_QC_QSCD, "TOTAL-FAILED", 0),
        (Qualification.ADESIG, "TOTAL-FAILED", 0),
        (Qualification.ADES, "TOTAL-FAILED", 0),
    ],
)
def test_polv4_fails_what_is_below_its_level_and_polv3_does_not(
    qualification: Qualification, polv4: str, valid: int
) -> None:
    judged = report(signature(qualification=qualification))
    strict, lenient = conclusion(judged, policy="POLv4"), conclusion(judged, policy="POLv3")
    assert (strict["signatures"][0]["indication"], strict["validSignaturesCount"]) == (polv4, valid)
    assert (lenient["signatures"][0]["indication"], lenient["validSignaturesCount"]) == ("TOTAL-PASSED", 1)
    if not valid:
        assert strict["signatures"][0]["errors"] == [
            {"content": "Signature/seal level do not meet the minimal level required by applied policy"}
        ]


def test_a_signature_on_no_qualified_device_passes_polv4_with_a_warning() -> None:
    (one,) = conclusion(report(signature(qualification=Qualification.ADESIG_QC)))["signatures"]
    assert [said["content"] for said in one["warnings"]] == [
        "The private key does not reside in a QSCD at issuance time!",
        "The private key does not reside in a QSCD at (best) signing time!",
        "The signature is not in the Qualified Electronic Signature level",
    ]


@pytest.mark.parametrize("policy", ["POLv3", "POLv4"])
def test_a_basic_signature_passes_neither(policy: str) -> None:
    (one,) = conclusion(report(signature(level="B", stamps=())), policy=policy)["signatures"]
    assert (one["indication"], one["subIndication"]) == ("TOTAL-FAILED", "FORMAT_FAILURE")


def test_our_own_policies_leave_the_indication_alone_and_speak_beside_it() -> None:
    judged = report(signature(qualification=Qualification.ADESIG))
    found = conclusion(judged, policy="qes-lv")
    assert found["signatures"][0]["indication"] == "TOTAL-PASSED"
    assert found["policyVerdict"]["verdict"] == "rejected"
    assert found["policy"]["policyUrl"] == "urn:signing:policy:qes-lv"
    with using_wording(Wording(policy_url="urn:ours:{name}")):
        assert conclusion(judged, policy="qes-lv")["policy"]["policyUrl"] == "urn:ours:qes-lv"
    assert conclusion(judged, policy="ades")["policyVerdict"] == {"verdict": "accepted", "reasons": []}


def test_no_policy_makes_a_failed_signature_pass() -> None:
    failed = signature(indication=Indication.TOTAL_FAILED, sub_indication=SubIndication.HASH_FAILURE)
    undecided = signature(id="S2", indication=Indication.INDETERMINATE, sub_indication=SubIndication.TRY_LATER)
    for policy in ("POLv3", "POLv4", "qes-lv", "ades"):
        found = conclusion(report(failed, undecided), policy=policy)
        assert [one["indication"] for one in found["signatures"]] == ["TOTAL-FAILED", "INDETERMINATE"]
        assert found["validSignaturesCount"] == 0
        assert [one["signatureLevel"] for one in found["signatures"]] == ["NOT_ADES", "INDETERMINATE_UNKNOWN"]


def test_a_counter_signature_is_not_among_them() -> None:
    found = conclusion(report(signature(), signature(id="S1-counter", counter_signature=True)))
    assert [one["id"] for one in found["signatures"]] == ["S1"]
    assert found["signaturesCount"] == 1


def test_place_reason_and_the_digest_of_the_file_are_told() -> None:
    claims = Claims(city="Rīga", country="Latvija", reason="Apstiprinu")
    found = conclusion(report(signature(particulars=Particulars(claims=claims))))
    info = found["signatures"][0]["info"]
    assert info["signatureProductionPlace"] == {"countryName": "Latvija", "city": "Rīga"}
    assert info["signingReason"] == "Apstiprinu"
    document = with_digest(found, name="dokumenti.edoc", sha256="00" * 32)["validatedDocument"]
    assert document == {"filename": "dokumenti.edoc", "hashAlgo": "SHA256", "fileHash": "A" * 43 + "="}


def test_every_scheme_that_xml_signatures_name_is_named_so() -> None:
    for uri, scheme in _METHODS.items():
        if "eddsa" not in uri:  # which of the two curves stands in the key, not in the scheme
            assert method_of(scheme) == uri
