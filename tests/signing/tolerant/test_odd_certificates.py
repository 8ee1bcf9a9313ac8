"""Certificates as real authorities write them: read for what they say, or said not to be readable, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

import pytest
from asn1crypto import algos  # type: ignore[import-untyped] # it has no types
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from benchmarks._variants.der_tree import Node, parse, tlv
from benchmarks._variants.environment import Environment
from benchmarks._variants.odd_x509 import container, issued, reanswered
from benchmarks._variants.oddities import certificate_oddities
from builders.signing import edits
from builders.signing.other_keys import NOTE, cades, identity, xades
from demo.pki import Answer, lv_list
from signing import Indication, Report, SubIndication, TrustStore
from signing.pki.certificates import Certificate, UnreadableCertificate
from signing.pki.keys import Scheme, SchemeKind, verify
from signing.pki.revocation import read_crl
from signing.trust import read_list

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks._variants.oddities import Odd
    from demo.pki import Pki
    from tests.signing.conftest import Judge

OPEN, FAILED, PASSED = Indication.INDETERMINATE, Indication.TOTAL_FAILED, Indication.TOTAL_PASSED


@pytest.fixture(scope="module")
def environment(pki: Pki, latvian_list: TrustStore, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    folder: Path = tmp_path_factory.mktemp("environment")
    return Environment(folder, pki, latvian_list, b"")


def der(pki: Pki, label: str) -> bytes:
    return pki.certificate(label).public_bytes(Encoding.DER)


def minute_of_60_seconds(tree: Node) -> None:
    tree[0][4][0].tag, tree[0][4][0].content = 0x17, b"240101000060Z"


def outcome(report: Report) -> tuple[Indication, SubIndication | None, set[str]]:
    (one,) = report.signatures
    return one.indication, one.sub_indication, {message.code for message in one.errors}


UNREADABLE = (OPEN, SubIndication.NO_SIGNING_CERTIFICATE_FOUND, {"certificate.unreadable"})


def with_issuer_in_key_info(signed: bytes, pki: Pki, edit: str) -> bytes:
    """The same with the issuer's certificate in KeyInfo, before or behind the signer's."""
    issuer = f"<ds:X509Certificate>{base64.b64encode(der(pki, 'eid')).decode()}</ds:X509Certificate>"
    name = "META-INF/signatures1.xml"
    xml = dict(edits.entries_of(signed))[name].decode()
    put = rf"{issuer}\g<0>" if edit == "before" else rf"\g<0>{issuer}"
    return edits.replaced(
        signed, name, re.sub(r"<ds:X509Certificate>[^<]+</ds:X509Certificate>", put, xml, count=1).encode()
    )


@pytest.mark.parametrize("where", ["before", "behind", ""])
def test_no_other_certificate_stands_in_for_one_that_cannot_be_read(
    environment: Environment, pki: Pki, judge: Judge, where: str
) -> None:
    leaf = issued(environment, "head", "eid", minute_of_60_seconds)
    with pytest.raises(UnreadableCertificate):
        Certificate.from_der(leaf)
    signed = container(environment, "head", leaf, certificates=[der(pki, "eid")])
    report = judge(with_issuer_in_key_info(signed, pki, where) if where else signed)
    assert outcome(report) == UNREADABLE


@pytest.mark.parametrize("where", ["before", "behind"])
def test_the_order_of_certificates_in_a_file_means_nothing(
    environment: Environment, pki: Pki, judge: Judge, where: str
) -> None:
    answer = pki.ocsp(pki.certificate("head"), at=pki.epoch)
    signed = container(environment, "head", der(pki, "head"), ocsps=[answer])
    assert outcome(judge(with_issuer_in_key_info(signed, pki, where)))[0] is PASSED


@pytest.mark.parametrize("where", ["before", "behind"])
def test_a_signature_that_binds_no_certificate_is_computed_with_the_persons(
    environment: Environment, pki: Pki, judge: Judge, where: str
) -> None:
    plain = with_issuer_in_key_info(container(environment, "head", der(pki, "head")), pki, where)

    def unbound(xml: str) -> str:
        return re.sub(r"<xades:SigningCertificate>.*</xades:SigningCertificate>", "", xml)

    def torn(xml: str) -> str:
        return re.sub(
            r"(<ds:SignatureValue[^>]*>.{8})(.)", lambda found: found[1] + ("A" if found[2] != "A" else "B"), xml
        )

    name = "META-INF/signatures1.xml"
    assert "signature.broken" not in outcome(judge(edits.with_signature(plain, unbound, name)))[2]
    found = outcome(judge(edits.with_signature(plain, lambda xml: torn(unbound(xml)), name)))
    assert found[0] is FAILED
    assert {"signature.broken", "certificate.not-bound"} <= found[2]


def test_nor_in_cms(pki: Pki, judge: Judge) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    who = identity(pki, key.public_key())
    signed = cades(who, NOTE[1], "sha256_ecdsa", lambda data: key.sign(data, ec.ECDSA(hashes.SHA256())))
    until = who.certificate.not_valid_after_utc
    spelt = f"{until:%y%m%d%H%M%S}Z".encode()
    assert signed.count(spelt) == 1
    torn = signed.replace(spelt, spelt[:10] + b"60Z")
    assert outcome(judge(torn)) == UNREADABLE


def test_a_key_on_a_curve_of_its_own_cannot_be_computed_with(environment: Environment, pki: Pki, judge: Judge) -> None:
    def explicit(tree: Node) -> None:
        tree[0][6][0].parts[1] = Node(0x30, parts=[Node(0x02, b"\1")])

    leaf = issued(environment, "head", "eid", explicit)
    answer = pki.ocsp(pki.certificate("head"), at=pki.epoch)
    found = outcome(judge(container(environment, "head", leaf, ocsps=[answer])))
    assert found == (OPEN, SubIndication.CRYPTO_CONSTRAINTS_FAILURE, {"signature.key-unknown"})


def block(key: rsa.RSAPrivateKey, info: bytes, *, behind: bytes = b"", padding_octet: bytes = b"\xff") -> bytes:
    """RSA over EMSA-PKCS1-v1_5 by hand."""
    size, numbers = key.key_size // 8, key.private_numbers()
    fill = padding_octet * (size - 3 - len(info) - len(behind))
    number = int.from_bytes(b"\0\1" + fill + b"\0" + info + behind, "big")
    return pow(number, numbers.d, numbers.public_numbers.n).to_bytes(size, "big")


SHA256, SHA384 = (bytes.fromhex(f"060960864801650304020{last}") for last in (1, 2))


def info(data: bytes, *, identifier: bytes = SHA256, parameters: bytes = b"", name: str = "sha256") -> bytes:
    return tlv(0x30, tlv(0x30, identifier + parameters) + tlv(0x04, hashlib.new(name, data).digest()))


def test_a_card_that_leaves_null_out_of_its_digest_is_believed(pki: Pki, judge: Judge) -> None:
    key = rsa.generate_private_key(65537, 2048)
    who = identity(pki, key.public_key())
    method = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
    signed = xades(pki, who, method, lambda data: block(key, info(data)))
    assert judge(signed, revocation=(who.good,)).signatures[0].indication is PASSED
    signed = cades(who, NOTE[1], "sha256_rsa", lambda data: block(key, info(data)))
    assert judge(signed, revocation=(who.good,)).signatures[0].indication is PASSED


def test_nothing_but_one_of_the_two_blocks_is_believed() -> None:
    key, data = rsa.generate_private_key(65537, 2048), b"I undertake."
    scheme = Scheme(SchemeKind.RSA, "sha256")
    good = info(data)
    assert verify(key.public_key(), block(key, good), data, scheme)
    assert verify(key.public_key(), block(key, info(data, parameters=b"\5\0")), data, scheme)
    forged = [
        block(key, good, behind=b"\0"),
        block(key, good, behind=b"\xff" * 40),
        block(key, good, padding_octet=b"\xfe"),
        block(key, info(b"other")),
        block(key, info(data, parameters=b"\4\0")),
        block(key, info(data, parameters=b"\5\1\0")),
        block(key, info(data, parameters=tlv(0x04, b"\xff" * 90))),
        block(key, info(data, identifier=SHA384)),
        block(key, info(data, name="sha384", identifier=SHA384)),
        block(key, hashlib.sha256(data).digest()),
        block(key, tlv(0x30, good)),
        block(key, good + b"\0"),
        b"\0" + block(key, good),
        block(key, good)[1:],
        b"",
    ]
    for value in forged:
        assert not verify(key.public_key(), value, data, scheme)


def test_a_digest_named_by_a_signature_algorithm_is_that_digest(pki: Pki, judge: Judge) -> None:
    key = rsa.generate_private_key(65537, 2048)
    who = identity(pki, key.public_key())

    def sign(data: bytes) -> bytes:
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256())

    signed = cades(who, NOTE[1], "sha256_rsa", sign)
    digest, signature = (bytes.fromhex(one) for one in ("0609608648016503040201", "06092a864886f70d01010b"))
    signer = signed.rindex(digest)
    named = signed[:signer] + signature + signed[signer + len(signature) :]
    assert len(digest) == len(signature)
    assert judge(named, revocation=(who.good,)).signatures[0].indication is PASSED


def test_a_signature_named_by_its_kind_of_key_alone_takes_the_signers_digest(pki: Pki, judge: Judge) -> None:
    key = dsa.generate_private_key(2048)
    who = identity(pki, key.public_key())
    named = algos.SignedDigestAlgorithm({"algorithm": "1.2.840.10040.4.1"})
    signed = cades(who, NOTE[1], {"algorithm": named["algorithm"]}, lambda data: key.sign(data, hashes.SHA256()))
    assert judge(signed, revocation=(who.good,)).signatures[0].indication is PASSED


# These say something of a person, or take the right to issue away.
_NOT_FOR_ISSUERS = frozenset(
    {"cA FALSE written out", "length of path without cA", "private statement", "key usage with bits to spare"}
)
_FOR_ISSUERS = [one for one in certificate_oddities(rsa=True) if one.honest and one.name not in _NOT_FOR_ISSUERS]


@pytest.mark.parametrize("odd", _FOR_ISSUERS, ids=lambda one: one.name)
def test_an_authority_on_a_list_may_be_written_so(environment: Environment, pki: Pki, judge: Judge, odd: Odd) -> None:
    """The list holds the odd certificate; the signer's names its issuer in the list's words."""
    listed = issued(environment, "eparaksts", "root", odd.change, how=odd.how)
    text = lv_list(pki, at=pki.epoch)
    plain = base64.b64encode(der(pki, "eparaksts"))
    assert text.count(plain) >= 1
    trust = TrustStore.of_anchors([], [read_list(text.replace(plain, base64.b64encode(listed)))])
    subject = Certificate.from_der(listed).subject_der

    def same_words(tree: Node) -> None:
        tree[0].parts[3] = parse(subject)

    leaf = issued(environment, "user", "eparaksts", same_words)
    report = judge(container(environment, "user", leaf), trust=trust)
    # Nobody has been asked about revocation; that is all that is open.
    assert outcome(report) == (OPEN, SubIndication.TRY_LATER, {"ocsp.missing"})


def test_a_listed_certificate_that_cannot_be_read_is_named_with_its_service(environment: Environment, pki: Pki) -> None:
    unit = issued(environment, "tsa", "root", minute_of_60_seconds)
    text = lv_list(pki, at=pki.epoch)
    plain = base64.b64encode(der(pki, "tsa"))
    assert plain in text
    found = read_list(text.replace(plain, base64.b64encode(unit)))
    (remark,) = found.remarks
    assert "DEMO eParaksts TSA 2024" in remark
    assert hashlib.sha256(unit).hexdigest() in remark
    assert remark.endswith("second must be in 0..59")


def test_an_unreadable_critical_extension_is_named(environment: Environment, judge: Judge) -> None:
    broken = next(one for one in certificate_oddities(rsa=False) if one.name == "broken critical name")
    leaf = issued(environment, "head", "eid", broken.change)
    found = outcome(judge(container(environment, "head", leaf)))
    assert found[:2] == (OPEN, SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE)
    assert "chain.unknown-critical-extension" in found[2]


def test_policies_that_cannot_be_read_leave_the_standing_open(environment: Environment, pki: Pki, judge: Judge) -> None:
    def broken(tree: Node) -> None:
        extensions = next(one for one in tree[0].parts if one.tag == 0xA3)[0]
        held = next(one for one in extensions.parts if one[0].content == b"\x55\x1d\x20")
        held.parts[-1].content = b"\x30\x03\x02\x01\x05"

    leaf = issued(environment, "head", "eid", broken)
    answer = pki.ocsp(pki.certificate("head"), at=pki.epoch)
    (one,) = judge(container(environment, "head", leaf, ocsps=[answer])).signatures
    assert one.indication is PASSED
    assert "qualification.certificate-unreadable" in {message.code for message in one.warnings}


@pytest.mark.parametrize("reason", [7, 11, 99])
def test_a_reason_nobody_knows_leaves_a_certificate_revoked(
    environment: Environment, pki: Pki, judge: Judge, reason: int
) -> None:
    def other_reason(basic: Node) -> None:
        responses = next(one for one in basic[0].parts if one.tag == 0x30)
        revoked = responses[0][1]
        revoked.parts[1:] = [Node(0xA0, parts=[Node(0x0A, bytes((reason,)))])]

    answer = pki.ocsp(pki.certificate("head"), at=pki.epoch, answer=Answer.REVOKED)
    odd = reanswered(environment, answer, other_reason, key="ocsp-eid")
    report = judge(container(environment, "head", der(pki, "head"), ocsps=[odd]))
    assert outcome(report) == (OPEN, SubIndication.REVOKED_NO_POE, {"certificate.revoked"})


@pytest.mark.parametrize("number", [b"\x80\x01", b"\xff", b"\0", b"\0\0\x05"])
def test_numbers_that_are_no_positive_ones_are_numbers(
    environment: Environment, pki: Pki, judge: Judge, number: bytes
) -> None:
    def numbered(tree: Node) -> None:
        tree[0][1].content = number

    def about(value: bytes) -> bytes:
        def change(basic: Node) -> None:
            responses = next(one for one in basic[0].parts if one.tag == 0x30)
            responses[0][0][3].content = value

        return reanswered(environment, pki.ocsp(pki.certificate("head"), at=pki.epoch), change, key="ocsp-eid")

    leaf = issued(environment, "head", "eid", numbered)
    assert outcome(judge(container(environment, "head", leaf, ocsps=[about(number)])))[0] is PASSED
    other = about(b"\x06")
    assert outcome(judge(container(environment, "head", leaf, ocsps=[other])))[1] is SubIndication.TRY_LATER


@pytest.mark.parametrize("size", [200_000, 2_000_000])
def test_a_certificate_of_very_many_elements_is_not_taken_apart(size: int) -> None:
    inside = tlv(0x30, b"\5\0" * (size // 2))
    with pytest.raises(UnreadableCertificate):
        Certificate.from_der(tlv(0x30, inside + tlv(0x30, b"") + tlv(0x03, b"\0")))
    assert read_crl(tlv(0x30, inside + tlv(0x30, b"") + tlv(0x03, b"\0"))) is None
