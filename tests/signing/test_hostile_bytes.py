"""Mutants of everything that is parsed below the container: each reader fails in its own one way, or not at all."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signing.asn1 import tlv as asn1
from signing.cms.signed_data import read_signed_data
from signing.cms.timestamp_tokens import read_stamp, read_token
from signing.pki.certificates import Certificate, UnreadableCertificate
from signing.pki.revocation import read_crl, read_ocsp
from signing.reading.facts import StampKind, ValueCheck
from signing.xml.tree import NotXml, decode_base64, parse_tree

if TYPE_CHECKING:
    from demo.pki import Pki

# What `cryptography` remarks on a mutant and reads all the same; any other warning is an error, as everywhere.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Parsed a serial number"),
    pytest.mark.filterwarnings("ignore:Attribute's length must be"),
]

_QUIET = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
mutations = st.lists(st.tuples(st.integers(0), st.integers(0, 255), st.sampled_from("sdi")), min_size=1, max_size=4)


def mutated(data: bytes, changes: list[tuple[int, int, str]]) -> bytes:
    changed = bytearray(data)
    for position, value, how in changes:
        position %= max(1, len(changed))  # noqa: PLW2901 - taken into range
        if how == "s" and changed:
            changed[position] = value
        elif how == "d":
            del changed[position : position + 1 + value % 8]
        else:
            changed[position:position] = bytes([value])
    return bytes(changed)


@pytest.fixture(scope="module")
def token(pki: Pki) -> bytes:
    return pki.stamp(hashlib.sha256(b"x").digest(), at=pki.epoch)


@_QUIET
@given(changes=mutations)
def test_stamps(token: bytes, changes: list[tuple[int, int, str]]) -> None:
    mutant = mutated(token, changes)
    for reader in (read_signed_data, read_token):
        try:
            reader(mutant)
        except ValueError:
            continue
    stamp = read_stamp(mutant, kind=StampKind.SIGNATURE, over=b"x")
    if stamp.imprint_matches and stamp.value_check is ValueCheck.VALID and not stamp.faults:
        assert stamp.time == read_token(token).time, "only what nobody signed may differ"


@_QUIET
@given(changes=mutations)
def test_certificates(pki: Pki, changes: list[tuple[int, int, str]]) -> None:
    original = pki.certificate("head").public_bytes(Encoding.DER)
    issuer = Certificate.from_der(pki.certificate("eid").public_bytes(Encoding.DER))
    try:
        certificate = Certificate.from_der(mutated(original, changes))
    except UnreadableCertificate:
        return
    certificate.signer()
    certificate.key_bits  # noqa: B018 - reading is the test
    if certificate.signed_by(issuer):
        assert certificate.x509.tbs_certificate_bytes == Certificate.from_der(original).x509.tbs_certificate_bytes


@_QUIET
@given(changes=mutations)
def test_answers(pki: Pki, changes: list[tuple[int, int, str]]) -> None:
    read_ocsp(mutated(pki.ocsp(pki.certificate("head"), at=pki.epoch), changes))
    read_crl(mutated(pki.crl("eid", at=pki.epoch), changes))


def test_a_list_of_a_version_there_is_not(pki: Pki) -> None:
    crl = pki.crl("eid", at=pki.epoch)
    version = crl.index(bytes.fromhex("020101")) + 2
    assert read_crl(crl) is not None
    assert read_crl(crl[:version] + b"\x07" + crl[version + 1 :]) is None


@_QUIET
@given(data=st.binary(max_size=200))
def test_der(data: bytes) -> None:
    try:
        element, end = asn1.read(data)
    except ValueError:
        return
    assert end <= len(data)
    assert element.whole == data[:end]


def test_der_nested_without_end() -> None:
    with pytest.raises(ValueError, match="nested"):
        asn1.read(b"\x30\x80" * 100_000)


@_QUIET
@given(text=st.text(max_size=100), data=st.binary(max_size=100))
def test_xml_and_base64(text: str, data: bytes) -> None:
    for candidate in (data, text.encode(), f"<a>{text}</a>".encode()):
        try:
            parse_tree(candidate)
        except NotXml:
            continue
    try:
        decode_base64(text)
    except ValueError:
        return


def test_a_cms_whose_version_is_no_number(token: bytes) -> None:
    """Nobody signs these tags; a reader that does not look at them reads what others cannot."""
    at = token.index(b"\x02\x01\x03")
    with pytest.raises(ValueError, match="expected tag"):
        read_signed_data(token[:at] + b"\xa1" + token[at + 1 :])


def test_a_cms_whose_content_stands_in_no_sequence(token: bytes) -> None:
    at = token.index(bytes.fromhex("060b2a864886f70d0109100104"))
    start = token.rindex(b"\x30", 0, at)
    with pytest.raises(ValueError, match="expected tag"):
        read_signed_data(token[:start] + b"\x24" + token[start + 1 :])
