"""SiVa's rules for algorithms hold under SiVa's policies, in containers with a warning, and under no other policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from builders.signing.hand_made import report, signature
from builders.signing.other_keys import identity, long_term, xades
from demo.pki import person
from demo.signer import Wrong, sign_asice, sign_pdf
from signing import NAMED, QES_LV, Indication, Qualification, Rejected, Report, verify
from signing.judging.algorithms import SIVA, TS_119_312, too_weak
from signing.pki.keys import KeyFacts, Scheme, SchemeKind
from signing.siva.conclusion import conclusion
from tests.signing.test_siva_cases import NOTE, page

if TYPE_CHECKING:
    from demo.pki import Pki
    from signing import TrustStore

MORE = "http://www.w3.org/2001/04/xmldsig-more#"
NOW = datetime(2026, 3, 2, tzinfo=UTC)
RSA_SHA256 = Scheme(SchemeKind.RSA, "sha256")
SIVAS = ("POLv3", "POLv4")
OURS = ("ades", "qes-lv")


def judged(pki: Pki, trust: TrustStore, document: bytes, policy: str) -> Report:
    at = pki.epoch + timedelta(hours=1)
    return verify(document, name="a", trust=trust, at=at, algorithms=NAMED[policy].algorithms)


def told(pki: Pki, trust: TrustStore, document: bytes, policy: str) -> dict[str, Any]:
    (one,) = conclusion(judged(pki, trust, document, policy), policy=policy)["signatures"]
    found: dict[str, Any] = one
    return found


def made_with_rsa(pki: Pki, bits: int) -> bytes:
    key = rsa.generate_private_key(65537, bits)
    who = identity(pki, key.public_key())
    basic = xades(pki, who, f"{MORE}rsa-sha256", lambda data: key.sign(data, padding.PKCS1v15(), hashes.SHA256()))
    return long_term(pki, basic, who)


@pytest.mark.parametrize("policy", SIVAS)
@pytest.mark.parametrize("bits", [1024, 1536, 2047, 2048])
def test_a_short_rsa_key_passes_from_1024_bits(pki: Pki, latvian_list: TrustStore, bits: int, policy: str) -> None:
    one = told(pki, latvian_list, made_with_rsa(pki, bits), policy)
    assert (one["indication"], one["signatureLevel"]) == ("TOTAL-PASSED", "QESIG")
    assert any("rsa" in said["content"] for said in one.get("warnings", ())) is (bits < 1900)


@pytest.mark.parametrize("policy", OURS)
@pytest.mark.parametrize("bits", [1024, 1536])
def test_ours_refuse_it_as_before(pki: Pki, latvian_list: TrustStore, bits: int, policy: str) -> None:
    found = judged(pki, latvian_list, made_with_rsa(pki, bits), policy)
    assert found.algorithms == TS_119_312.name
    assert found.signatures[0].sub_indication == "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
    assert not NAMED[policy].policy.judge(found)


@pytest.mark.parametrize("policy", SIVAS)
def test_a_key_one_bit_too_short_passes_nowhere(policy: str) -> None:
    table = NAMED[policy].algorithms
    assert too_weak(RSA_SHA256, KeyFacts("rsa", 1023), NOW, table=table) == "rsa 1023"
    assert too_weak(RSA_SHA256, KeyFacts("rsa", 1024), NOW, table=table) == ""


@pytest.mark.parametrize("policy", SIVAS)
def test_sha1_passes_with_a_warning_in_a_container_and_without_one_in_a_pdf(
    pki: Pki, latvian_list: TrustStore, policy: str
) -> None:
    who, at, weak = person("user"), pki.epoch, Wrong(digest="sha1")
    container = told(pki, latvian_list, sign_asice([NOTE], person=who, pki=pki, at=at, wrong=weak), policy)
    assert container["indication"] == "TOTAL-PASSED"
    assert [said["content"] for said in container["warnings"]] == [
        "The signature was made in a way (sha1) that no longer counts as secure; the rules asked for accept it."
    ]
    pdf = told(pki, latvian_list, sign_pdf(page(), person=who, pki=pki, at=at, wrong=weak), policy)
    assert pdf["indication"] == "TOTAL-PASSED"
    assert "warnings" not in pdf


@pytest.mark.parametrize("policy", OURS)
def test_sha1_of_today_passes_no_policy_of_ours(pki: Pki, latvian_list: TrustStore, policy: str) -> None:
    document = sign_asice([NOTE], person=person("user"), pki=pki, at=pki.epoch, wrong=Wrong(digest="sha1"))
    assert judged(pki, latvian_list, document, policy).signatures[0].indication is Indication.INDETERMINATE


@pytest.mark.parametrize(
    ("name", "kind", "bits", "weak"),
    [
        ("md5", "rsa", 2048, "md5"),
        ("sha1", "ec", 224, "ec 224"),
        ("sha256", "ec", 192, "ec 192"),
        ("sha256", "ec", 256, ""),
        ("sha256", "dsa", 1024, "dsa 1024"),
        ("ripemd160", "rsa", 4096, "ripemd160"),
        ("sha224", "rsa", 4096, ""),
    ],
)
def test_what_sivas_rules_refuse_as_well(name: str, kind: str, bits: int, weak: str) -> None:
    assert too_weak(Scheme(SchemeKind.RSA, name), KeyFacts(kind, bits), NOW, table=SIVA) == weak


@pytest.mark.parametrize("policy", OURS)
def test_a_report_made_by_sivas_rules_proves_nothing_to_a_policy_of_ours(policy: str) -> None:
    sound = signature(qualification=Qualification.QESIG)
    assert NAMED[policy].policy.judge(report(sound))
    lenient = replace(report(sound), algorithms=SIVA.name)
    verdict = NAMED[policy].policy.judge(lenient)
    assert isinstance(verdict, Rejected)
    assert [one.code for one in verdict.reasons] == ["report.other-algorithms"]
    assert not QES_LV.judge(lenient)


def test_a_report_made_by_the_stricter_rules_is_good_for_sivas() -> None:
    assert NAMED["POLv4"].policy.judge(report(signature(qualification=Qualification.QESIG)))


def test_a_report_that_was_stored_before_there_were_two_tables_was_made_by_the_first() -> None:
    kept = report(signature()).to_json()
    del kept["algorithms"]
    assert Report.from_json(kept).algorithms == TS_119_312.name
