"""CMS says the same in many encodings: what is signed is DER, whatever stands in the file (RFC 5652 §5.4)."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from asn1crypto import algos, cms  # type: ignore[import-untyped] # it has no types
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa

from builders.signing.other_keys import Identity, cades, identity
from signing import Indication, SubIndication
from signing.asn1 import tlv as asn1
from signing.asn1.canonical import as_der
from signing.cms.cades import CmsContent, read_signer
from signing.cms.signed_data import read_signed_data
from signing.cms.timestamp_tokens import read_stamp
from signing.pki.schemes import digest_name
from signing.reading.facts import StampKind, ValueCheck

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.pki import Pki
    from tests.signing.conftest import Judge

LETTER = b"I undertake."


@pytest.fixture(scope="module")
def signed(pki: Pki) -> bytes:
    """A letter in a CMS signature of the head's."""
    key = pki.key("head")
    return cades(
        identity(pki, key.public_key()), LETTER, "sha256_ecdsa", lambda data: pki.sign("head", data, digest="sha256")
    )


def attributes_of(der: bytes) -> list[bytes]:
    return [one.dump() for one in cms.ContentInfo.load(der)["content"]["signer_infos"][0]["signed_attrs"]]


def stored(der: bytes, change: Callable[[list[bytes]], bytes]) -> bytes:
    """Put other octets in the place of the signed attributes; they must be as many."""
    parts = attributes_of(der)
    other = change(parts)
    assert len(other) == len(b"".join(parts))
    return der.replace(b"".join(parts), other)


@pytest.mark.parametrize(
    ("ber", "der"),
    [
        ("3180 0201 02 0281 0101 0000", "3106020101020102"),
        ("2480 0402 6162 0401 63 0000", "0403616263"),
        ("2380 0302 0061 0302 0462 0000", "0303046162"),
        ("0101 01", "0101ff"),
        ("2c80 0c01 61 0401 62 0000", "0c026162"),
        ("a080 8001 61 0000", "a003800161"),
        ("3184 0000 0003 0201 05", "3103020105"),
    ],
)
def test_what_stands_in_ber_is_encoded_as_der(ber: str, der: str) -> None:
    assert as_der(asn1.read(bytes.fromhex(ber))[0]).hex() == der


def test_what_is_nested_too_deep_is_not_encoded_at_all() -> None:
    deep = b"\x02\x01\x01"
    for _ in range(40):
        deep = bytes((0x30, len(deep))) + deep
    with pytest.raises(ValueError, match="deep"):
        as_der(asn1.read(deep)[0])


def test_attributes_stored_in_another_order_are_those_that_were_signed(signed: bytes, judge: Judge) -> None:
    turned = stored(signed, lambda parts: b"".join(reversed(parts)))
    assert turned != signed
    assert judge(turned).signatures[0].sub_indication is SubIndication.TRY_LATER  # for want of revocation alone


def test_an_attribute_that_says_something_else_is_not_what_was_signed(signed: bytes, judge: Judge) -> None:
    lie = hashlib.sha256(b"other").digest()
    honest = hashlib.sha256(LETTER).digest()
    turned = stored(signed, lambda parts: b"".join(reversed(parts)).replace(honest, lie))
    one = judge(signed.replace(LETTER, b"I promise ..")).signatures[0]
    assert one.sub_indication is SubIndication.HASH_FAILURE
    data = read_signed_data(turned)
    checked = data.signers[0].check(data.certificate_of(data.signers[0]), None)
    assert checked is ValueCheck.INVALID


def test_a_stamp_whose_attributes_are_stored_unsorted_holds(pki: Pki) -> None:
    token = pki.stamp(hashlib.sha256(LETTER).digest(), at=pki.epoch)
    turned = stored(token, lambda parts: b"".join(reversed(parts)))
    facts = read_stamp(turned, kind=StampKind.CONTENT, over=LETTER)
    assert (facts.value_check, facts.imprint_matches) == (ValueCheck.VALID, True)
    other = read_stamp(turned.replace(LETTER, b"other"), kind=StampKind.CONTENT, over=b"other")
    assert other.imprint_matches is False


@pytest.mark.parametrize("kind", ["content_type", "message_digest", "signing_time"])
def test_what_may_be_said_once_and_is_said_twice_is_a_contradiction(pki: Pki, signed: bytes, kind: str) -> None:
    info = cms.ContentInfo.load(signed)
    signer = info["content"]["signer_infos"][0]
    attributes = list(signer["signed_attrs"])
    twice = [one for one in attributes if one["type"].native == kind]
    made = cms.CMSAttribute({"type": kind, "values": [cms.Time({"utc_time": pki.epoch})]}) if not twice else twice[0]
    signer["signed_attrs"] = cms.CMSAttributes([*attributes, made, *([made] if not twice else [])])
    data = read_signed_data(info.dump(force=True))
    facts = read_signer(data, data.signers[0], CmsContent.of(LETTER), format_name="CAdES", identifier="1")
    assert [fault.code for fault in facts.format_faults] == ["cms.attributes"]


def test_a_signature_without_a_signed_digest_does_not_call_the_content_changed(signed: bytes, judge: Judge) -> None:
    info = cms.ContentInfo.load(signed)
    signer = info["content"]["signer_infos"][0]
    kept = [one for one in signer["signed_attrs"] if one["type"].native != "message_digest"]
    signer["signed_attrs"] = cms.CMSAttributes(kept)
    one = judge(info.dump(force=True)).signatures[0]
    assert (one.indication, one.sub_indication) == (Indication.TOTAL_FAILED, SubIndication.FORMAT_FAILURE)
    assert "reference.changed" not in {message.code for message in one.errors}


def test_a_digest_named_by_a_scheme_is_the_digest_in_it() -> None:
    by_scheme, by_digest = (
        asn1.only(algos.AlgorithmIdentifier({"algorithm": oid}).dump(), asn1.SEQUENCE)
        for oid in ("1.2.840.113549.1.1.11", "2.16.840.1.101.3.4.2.1")
    )
    assert digest_name(by_scheme) == digest_name(by_digest) == "sha256"


def test_a_dsa_key_named_without_its_hash_takes_the_signers(pki: Pki) -> None:
    key = dsa.generate_private_key(2048)
    who: Identity = identity(pki, key.public_key())
    algorithm = {"algorithm": "1.2.840.10040.4.1"}
    data = read_signed_data(cades(who, LETTER, algorithm, lambda octets: key.sign(octets, hashes.SHA256())))
    signer = data.signers[0]
    assert signer.check(data.certificate_of(signer), None) is ValueCheck.VALID
    assert replace(signer, signature=b"0").check(data.certificate_of(signer), None) is not ValueCheck.VALID
