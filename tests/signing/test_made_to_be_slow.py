"""Files of a megabyte that cost next to nothing to make: each is done with in two seconds, whatever comes of it."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import pytest

from benchmarks._variants.cms_writer import indefinite
from builders.signing import edits
from demo.der import octets, oid, sequence, tlv
from signing import SigningError
from signing.asn1 import tlv as asn1
from signing.asn1.canonical import as_der
from signing.pki.certificate_files import readable_certificates

if TYPE_CHECKING:
    from tests.signing.conftest import Judge

_SOON = 2.0
_MEGABYTE = 1024 * 1024
_SIGNED_DATA = "1.2.840.113549.1.7.2"


def nested(depth: int, content: bytes) -> bytes:
    for _ in range(depth):
        content = indefinite(0x30, content)
    return content


def cms_with(certificates: bytes) -> bytes:
    body = tlv(0x02, b"\x01") + tlv(0x31, b"") + sequence(oid("1.2.840.113549.1.7.1")) + tlv(0xA0, certificates)
    return sequence(oid(_SIGNED_DATA), tlv(0xA0, sequence(body, tlv(0x31, b""))))


@pytest.mark.parametrize(
    "document",
    [
        b"-----BEGIN CMS-----" + b" " * _MEGABYTE + b"x",
        b"-----BEGIN PKCS7-----\n" + b"A" * 99 + b"\n" * _MEGABYTE + b"-----END CMS-----",
        cms_with(b"\x05\x00" * (_MEGABYTE // 2)),
        cms_with(b"\x05\x00" * 100_000),
        cms_with(sequence(sequence(), sequence(), tlv(0x03, b"")) * (_MEGABYTE // 8)),
        indefinite(0x30, oid(_SIGNED_DATA) + indefinite(0xA0, nested(9, b"\x05\x00" * 100_000))),
        indefinite(0x30, oid(_SIGNED_DATA) + indefinite(0xA0, nested(30, b"\x05\x00" * 1000))),
    ],
    ids=["blanks", "blanks before a foot", "nulls", "fewer nulls", "small sequences", "nine deep", "thirty deep"],
)
def test_a_cms_that_is_all_padding_is_soon_refused(document: bytes, judge: Judge) -> None:
    begun = time.process_time()
    with contextlib.suppress(SigningError):
        judge(document)
    assert time.process_time() - begun < _SOON


@pytest.mark.parametrize("word", ["DigestMethod ", "DigestMethod Algorithm", 'DigestMethod Algorithm="'])
def test_a_signature_file_full_of_names_of_methods_is_soon_read(word: str, letter: bytes, judge: Judge) -> None:
    entries = [
        (name, content.replace(b"</asic:", word.encode() * (_MEGABYTE // len(word)) + b"</asic:"))
        if name == edits.SIGNATURE_FILE
        else (name, content)
        for name, content in edits.entries_of(letter)
    ]
    assert b"</asic:" in dict(edits.entries_of(letter))[edits.SIGNATURE_FILE]
    begun = time.process_time()
    judge(edits.pack(entries, compression=0))
    assert time.process_time() - begun < _SOON


def test_an_element_whose_end_is_marked_ends_where_all_in_it_ends() -> None:
    element = indefinite(0x30, indefinite(0x24, octets(b"\0\0") + octets(b"")) + indefinite(0x31, b""))
    read, end = asn1.read(element + b"\0\0")
    assert (read.whole, end) == (element, len(element))
    with pytest.raises(ValueError, match="ends inside"):
        asn1.read(element[:-2])


def test_strings_in_strings_in_strings_are_no_octets() -> None:
    string = octets(b"a")
    for _ in range(4):
        string = indefinite(0x24, string)
    assert asn1.octets(asn1.read(string)[0]) == b"a"
    with pytest.raises(ValueError, match="expected tag"):
        asn1.octets(asn1.read(indefinite(0x24, string))[0])


def test_a_bit_string_in_pieces_has_one_reading() -> None:
    whole = indefinite(0x23, tlv(0x03, b"\0ab") + tlv(0x03, b"\4\xf0"))
    assert as_der(asn1.read(whole)[0]) == tlv(0x03, b"\4ab\xf0")
    for pieces in (tlv(0x04, b"\0ab"), tlv(0x03, b"\4\xf0") + tlv(0x03, b"\0a"), tlv(0x03, b"")):
        with pytest.raises(ValueError, match="bit"):
            as_der(asn1.read(indefinite(0x23, pieces))[0])


def test_what_is_encoded_anew_has_bounds() -> None:
    with pytest.raises(ValueError, match="too much"):
        as_der(asn1.read(sequence(*(sequence(b"\x05\x00" * 1000) for _ in range(140))))[0])


def test_what_is_too_small_for_a_certificate_is_none() -> None:
    assert readable_certificates([b"\x30\x00"] * 1000) == ()
