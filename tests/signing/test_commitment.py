"""What a certificate's key is for: asked in one place, and the same at every door."""

from __future__ import annotations

import json
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from builders.signing.hand_made import report, signature, stamp
from builders.signing.other_keys import Identity, cades
from signing import Indication, SubIndication
from signing.cli import main
from signing.judging.commitment import commits
from signing.model import Qualification
from signing.pki.certificates import Certificate
from signing.policies.named import NAMED
from signing.policies.requirements import StampedAsQualified, Timestamped
from signing.siva.conclusion import conclusion

if TYPE_CHECKING:
    from pathlib import Path

    from demo.pki import Pki
    from tests.signing.conftest import Judge

LETTER = b"I undertake."
_BITS = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip
_BODY = x509.Name(
    [
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Paraugu skola"),
        x509.NameAttribute(x509.ObjectIdentifier("2.5.4.97"), "NTRLV-90000000000"),
    ]
)
_NOBODY = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Signer")])


def certificate(pki: Pki, *bits: str, subject: x509.Name | None = None) -> x509.Certificate:
    """The head's certificate once more, for another use."""
    like, issuer = pki.certificate("head"), pki.certificate("eid")
    builder = x509.CertificateBuilder(
        issuer.subject, subject or like.subject, like.public_key(), like.serial_number,
        like.not_valid_before_utc, like.not_valid_after_utc,
    )  # fmt: skip
    for one in like.extensions:
        if not isinstance(one.value, x509.KeyUsage) and one.oid.dotted_string != "1.3.6.1.5.5.7.1.3":
            builder = builder.add_extension(one.value, one.critical)
    if bits:
        usage = x509.KeyUsage(**{bit: bit in bits for bit in _BITS})
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(pki.key("eid"), hashes.SHA384())


@pytest.mark.parametrize(
    ("bits", "subject", "expected"),
    [
        (("content_commitment",), None, True),
        (("content_commitment", "digital_signature"), None, True),
        (("digital_signature",), None, False),
        (("digital_signature", "key_encipherment"), None, False),
        (("key_encipherment",), None, False),
        ((), None, True),
        (("digital_signature",), _NOBODY, False),
        (("digital_signature",), _BODY, True),
        (("content_commitment",), _BODY, True),
        (("key_encipherment",), _BODY, False),
    ],
)
def test_a_persons_key_commits_with_nonrepudiation_and_a_bodys_with_either(
    pki: Pki, bits: tuple[str, ...], subject: x509.Name | None, *, expected: bool
) -> None:
    der = certificate(pki, *bits, subject=subject).public_bytes(Encoding.DER)
    assert commits(Certificate.from_der(der)) is expected


def test_a_key_for_proving_who_is_there_signs_nothing_at_any_door(pki: Pki, judge: Judge, tmp_path: Path) -> None:
    who = Identity(certificate(pki, "digital_signature"), b"")
    signed = cades(who, LETTER, "sha256_ecdsa", lambda data: pki.sign("head", data, digest="sha256"))
    anchor = tmp_path / "anchor.der"
    anchor.write_bytes(who.der)
    file = tmp_path / "letter.p7m"
    file.write_bytes(signed)
    for policy in NAMED:
        out = StringIO()
        main(["--json", "--policy", policy, "--trust", str(anchor), str(file)], out=out, now=pki.epoch)
        line = json.loads(out.getvalue())
        (one,) = line["report"]["signatures"]
        assert (one["indication"], one["subIndication"]) == ("INDETERMINATE", "CHAIN_CONSTRAINTS_FAILURE")
        assert line["policyVerdict"]["verdict"] == "rejected"
    judged = judge(signed)
    assert judged.signatures[0].sub_indication is SubIndication.CHAIN_CONSTRAINTS_FAILURE
    (shown,) = conclusion(judged, policy="POLv3")["signatures"]
    assert (shown["indication"], judged.signatures[0].indication) == ("TOTAL-FAILED", Indication.INDETERMINATE)


@pytest.mark.parametrize("policy", ["POLv3", "POLv4"])
@pytest.mark.parametrize("qualified", [True, False, None])
def test_a_qualified_signature_needs_a_qualified_stamp_at_the_command_as_for_sivas_clients(
    *, policy: str, qualified: bool | None
) -> None:
    judged = report(signature(stamps=(stamp(qualified=qualified),)))
    (shown,) = conclusion(judged, policy=policy)["signatures"]
    assert bool(NAMED[policy].policy.judge(judged)) is (shown["indication"] == "TOTAL-PASSED") is (qualified is True)


@pytest.mark.parametrize("policy", ["POLv3", "POLv4"])
def test_a_basic_signature_is_not_enough_at_the_command_either(policy: str) -> None:
    judged = report(signature(level="B", stamps=()))
    (shown,) = conclusion(judged, policy=policy)["signatures"]
    assert not NAMED[policy].policy.judge(judged)
    assert shown["indication"] == "TOTAL-FAILED"


def test_an_unqualified_signature_needs_a_stamp_but_no_qualified_one() -> None:
    judged = report(signature(qualification=Qualification.ADESIG_QC, stamps=(stamp(qualified=False),)))
    assert StampedAsQualified().objections(judged.signatures[0], judged) == ()
    assert Timestamped().objections(judged.signatures[0], judged) == ()


def test_a_stamp_that_failed_is_named_where_the_level_is_basic() -> None:
    failed = stamp(indication=Indication.TOTAL_FAILED)
    judged = report(signature(level="B", stamps=(failed,)))
    (objection,) = Timestamped().objections(judged.signatures[0], judged)
    assert objection.message.code == "stamp.not-valid"
