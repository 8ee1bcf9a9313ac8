"""What fuzzing found once, by name: each is now refused as its reader refuses everything else."""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from signing import BrokenDocument
from signing.cms.timestamp_tokens import read_stamp
from signing.container.archive import open_archive
from signing.pki.certificates import Certificate, UnreadableCertificate
from signing.reading.facts import StampKind, ValueCheck
from signing.xml.tree import C14N, CannotCanonicalise, canonical

if TYPE_CHECKING:
    from demo.pki import Pki


def test_a_zip64_locator_that_points_beyond_any_file_is_a_damaged_container() -> None:
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 2**64 - 1, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    with pytest.raises(BrokenDocument):
        open_archive(b"PK\x03\x04" + bytes(60) + locator + end)


def test_a_stamp_whose_content_type_is_none_is_a_stamp_that_proves_nothing(pki: Pki) -> None:
    token = pki.stamp(hashlib.sha256(b"x").digest(), at=pki.epoch)
    attribute = bytes.fromhex("06092a864886f70d010903310d")  # contentType, then the set that holds its value
    assert token.count(attribute) == 1
    changed = token.replace(attribute + b"\x06", attribute + b"\x0e")
    assert changed != token
    stamp = read_stamp(changed, kind=StampKind.SIGNATURE, over=b"x")
    assert stamp.value_check is ValueCheck.INVALID


def test_a_certificate_whose_name_is_a_bit_string_is_unreadable(pki: Pki) -> None:
    der = pki.certificate("head").public_bytes(Encoding.DER)
    name = "PARAUDZIŅA".encode()
    assert der.count(name)
    changed = der.replace(b"\x0c" + bytes([len(name)]) + name, b"\x03" + bytes([len(name)]) + b"\0" + name[1:])
    assert changed != der
    with pytest.raises(UnreadableCertificate):
        Certificate.from_der(changed)


@pytest.mark.parametrize("algorithm", sorted(C14N))
def test_an_element_in_a_namespace_that_is_no_address_has_no_canonical_form(algorithm: str) -> None:
    element = etree.fromstring('<letter xmlns="letters/ours"/>')
    with pytest.raises(CannotCanonicalise):
        canonical(element, algorithm)
