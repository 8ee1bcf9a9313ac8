"""Containers somebody tampered with. Each attack by its name, with a file of its own."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zipfile
import zlib
from typing import TYPE_CHECKING

import pytest

from builders.signing import edits
from signing import (
    QES_LV,
    BrokenDocument,
    EncryptedDocument,
    Indication,
    Report,
    SubIndication,
    TooLarge,
    UnreadableDocument,
)
from tests.signing.conftest import APPLICATION, LETTER

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.signing.conftest import Judge


def verdict(report: Report) -> tuple[Indication, SubIndication | None]:
    return report.signatures[0].indication, report.signatures[0].sub_indication


def error_codes(report: Report) -> set[str]:
    return {message.code for signature in report.signatures for message in signature.errors}


def test_an_untouched_letter_is_accepted(judge: Judge, letter: bytes) -> None:
    report = judge(letter)
    assert verdict(report) == (Indication.TOTAL_PASSED, None)
    assert QES_LV.judge(report)
    assert [content.covered_by for content in report.contents] == [("S1",), ("S1",)]


def test_packing_it_anew_changes_nothing_that_is_signed(judge: Judge, letter: bytes) -> None:
    assert QES_LV.judge(judge(edits.pack(edits.entries_of(letter), compression=zipfile.ZIP_STORED)))


def test_a_data_file_swapped(judge: Judge, letter: bytes) -> None:
    report = judge(edits.replaced(letter, APPLICATION[0], b"Something else."))
    assert verdict(report) == (Indication.TOTAL_FAILED, SubIndication.HASH_FAILURE)
    assert not any(content.covered_by for content in report.contents)


def test_a_data_file_removed(judge: Judge, letter: bytes) -> None:
    report = judge(edits.removed(letter, LETTER[0]))
    assert verdict(report) == (Indication.INDETERMINATE, SubIndication.SIGNED_DATA_NOT_FOUND)


def test_a_data_file_renamed(judge: Judge, letter: bytes) -> None:
    report = judge(edits.renamed(letter, LETTER[0], "cits.txt"))
    assert verdict(report) == (Indication.INDETERMINATE, SubIndication.SIGNED_DATA_NOT_FOUND)


def test_two_files_that_exchanged_their_contents(judge: Judge, letter: bytes) -> None:
    crossed = edits.replaced(edits.replaced(letter, APPLICATION[0], LETTER[1]), LETTER[0], APPLICATION[1])
    assert verdict(judge(crossed)) == (Indication.TOTAL_FAILED, SubIndication.HASH_FAILURE)


def test_a_changed_file_beside_a_twin_that_still_has_the_old_content(judge: Judge, letter: bytes) -> None:
    changed = edits.replaced(letter, APPLICATION[0], b"Something else.")
    report = judge(edits.added(changed, "kopija.txt", APPLICATION[1]))
    assert verdict(report) == (Indication.TOTAL_FAILED, SubIndication.HASH_FAILURE)


def test_an_extra_file_nobody_signed(judge: Judge, letter: bytes) -> None:
    report = judge(edits.added(letter, "pielikums.txt", b"and also this"))
    assert verdict(report) == (Indication.INDETERMINATE, SubIndication.SIG_CONSTRAINTS_FAILURE)
    assert "container.file-not-signed" in error_codes(report)
    assert not QES_LV.judge(report)


def test_a_name_in_another_case_is_another_file(judge: Judge, letter: bytes) -> None:
    report = judge(edits.renamed(letter, APPLICATION[0], APPLICATION[0].upper()))
    assert report.signatures[0].indication is not Indication.TOTAL_PASSED


def test_a_second_signature_that_fails_does_not_spoil_the_first(judge: Judge, two_signatures: bytes) -> None:
    broken = edits.with_signature(
        two_signatures,
        lambda xml: xml.replace("<ds:SignatureValue", "<ds:SignatureValue x='1'"),
        edits.SECOND_SIGNATURE_FILE,
    )
    report = judge(broken)
    assert [one.indication for one in report.signatures] == [Indication.TOTAL_PASSED, Indication.TOTAL_PASSED]
    broken = edits.with_signature(
        two_signatures, lambda xml: xml.replace("<ds:SignedInfo>", "<ds:SignedInfo> "), edits.SECOND_SIGNATURE_FILE
    )
    report = judge(broken)
    assert [one.indication for one in report.signatures] == [Indication.TOTAL_PASSED, Indication.TOTAL_FAILED]


@pytest.mark.parametrize(
    "name",
    ["../izbēgts.txt", "/etc/passwd", "C:evil.txt", "a//b.txt", "./a.txt", "a/../b.txt", "a\\b.txt", "a\x01b.txt"],
)
def test_names_that_leave_the_container(judge: Judge, letter: bytes, name: str) -> None:
    with pytest.raises(BrokenDocument) as refused:
        judge(edits.added(letter, name, b"x"))
    assert refused.value.code == "container.bad-name"


def test_an_empty_name(judge: Judge, letter: bytes) -> None:
    with pytest.raises(BrokenDocument):
        judge(edits.added(letter, "", b"x"))


def test_one_name_twice(judge: Judge, letter: bytes) -> None:
    with pytest.raises(BrokenDocument) as refused:
        judge(edits.added(letter, APPLICATION[0], b"the other one"))
    assert refused.value.code == "container.duplicate-name"


def test_a_local_header_that_tells_another_story_than_the_central_directory(judge: Judge, letter: bytes) -> None:
    with pytest.raises(BrokenDocument) as refused:
        judge(edits.with_local_header(letter, APPLICATION[0], b"iesniegums.exe"))
    assert refused.value.code == "container.headers-differ"


def repacked(container: bytes, change: Callable[[zipfile.ZipInfo], None]) -> bytes:
    """The same files; `change` is done to the headers of the first data file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in edits.entries_of(container):
            info = zipfile.ZipInfo(name)
            info.create_system = 3
            if name == APPLICATION[0]:
                change(info)
            archive.writestr(info, content)
    return buffer.getvalue()


def unicode_name(raw: str, name: str) -> bytes:
    field = struct.pack("<BI", 1, zlib.crc32(raw.encode())) + name.encode()
    return struct.pack("<2H", 0x7075, len(field)) + field


def test_a_second_name_in_an_extra_field(judge: Judge, letter: bytes) -> None:
    """Info-ZIP unpacks under that one: two signed files could change places."""

    def renamed(info: zipfile.ZipInfo) -> None:
        info.extra = unicode_name(APPLICATION[0], LETTER[0])

    def confirmed(info: zipfile.ZipInfo) -> None:
        info.extra = unicode_name(APPLICATION[0], APPLICATION[0])

    with pytest.raises(BrokenDocument) as refused:
        judge(repacked(letter, renamed))
    assert refused.value.code == "container.headers-differ"
    assert judge(repacked(letter, confirmed)).signatures[0].indication is Indication.TOTAL_PASSED


def test_a_file_that_is_a_link_to_another(judge: Judge, letter: bytes) -> None:
    """What was signed is then where the file that is opened lies."""

    def linked(info: zipfile.ZipInfo) -> None:
        info.external_attr = 0o120777 << 16

    def ordinary(info: zipfile.ZipInfo) -> None:
        info.external_attr = 0o100644 << 16

    with pytest.raises(BrokenDocument) as refused:
        judge(repacked(letter, linked))
    assert refused.value.code == "container.bad-name"
    assert judge(repacked(letter, ordinary)).signatures[0].indication is Indication.TOTAL_PASSED


@pytest.mark.parametrize("prefix", [b"#!/bin/sh\n", b"\x00" * 30, b"%PDF-1.7\n"])
def test_bytes_before_the_archive(judge: Judge, letter: bytes, prefix: bytes) -> None:
    with pytest.raises(UnreadableDocument):
        judge(prefix + letter)


def test_bytes_behind_the_archive(judge: Judge, letter: bytes) -> None:
    with pytest.raises(BrokenDocument):
        judge(letter + b"more")


def test_an_archive_hidden_in_front_of_the_archive(judge: Judge, letter: bytes) -> None:
    with pytest.raises(BrokenDocument):
        judge(edits.pack([("cits.txt", b"x")]) + letter)


def test_an_end_record_hidden_in_the_comment(judge: Judge, letter: bytes) -> None:
    buffer = io.BytesIO(letter)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = edits.pack([("cits.txt", b"x")])
    with pytest.raises(BrokenDocument):
        judge(buffer.getvalue())


def test_a_zip_bomb_is_refused_at_once_and_costs_no_memory(judge: Judge, letter: bytes) -> None:
    bomb = edits.added(letter, "liels.txt", b"\x00" * (40 * 1024 * 1024))
    tracemalloc.start()
    begun = time.perf_counter()
    with pytest.raises(TooLarge) as refused:
        judge(bomb)
    spent, peak = time.perf_counter() - begun, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refused.value.code == "container.bomb"
    assert spent < 0.5
    assert peak < 2 * 1024 * 1024


def test_a_bomb_that_lies_about_its_size(judge: Judge, letter: bytes) -> None:
    bomb = edits.added(letter, "liels.txt", b"\x00" * (4 * 1024 * 1024))
    lying = bomb.replace((4 * 1024 * 1024).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    with pytest.raises(BrokenDocument) as refused:
        judge(lying)
    assert refused.value.code == "container.size-differs"


def test_ten_thousand_entries(judge: Judge) -> None:
    many = edits.pack((f"{number}.txt", b"") for number in range(10_000))
    begun = time.perf_counter()
    with pytest.raises(TooLarge) as refused:
        judge(many)
    assert refused.value.code == "container.too-many-entries"
    assert time.perf_counter() - begun < 0.5


def test_an_encrypted_entry(judge: Judge, letter: bytes) -> None:
    at = letter.rindex(b"PK\x01\x02")
    with pytest.raises(EncryptedDocument):
        judge(letter[: at + 8] + b"\x01" + letter[at + 9 :])


@pytest.mark.parametrize(
    "text", [b"application/vnd.etsi.asic-e+zip\n", b"application/zip", b"application/vnd.etsi.asic"]
)
def test_a_mimetype_that_is_nearly_right(judge: Judge, letter: bytes, text: bytes) -> None:
    with pytest.raises(BrokenDocument) as refused:
        judge(edits.replaced(letter, "mimetype", text))
    assert refused.value.code == "container.mimetype"


def test_names_that_look_alike_are_pointed_out(judge: Judge, letter: bytes) -> None:
    report = judge(edits.added(letter, "iesniegums\u200b.txt", b"x"))
    assert "names.look-alike" in {message.code for message in report.warnings}


@pytest.mark.parametrize(
    "name",
    [
        "META-INF/slepens.txt",
        "META-INF/sub/signatures1.xml",
        "META-INF/edoc-signatures-S2\u2024xml",
        "META-INF/MANIFEST.XML",
        "META-INF/META-INF/manifest.xml",
    ],
)
def test_a_file_hidden_among_the_metadata_is_signed_by_nobody(judge: Judge, letter: bytes, name: str) -> None:
    report = judge(edits.added(letter, name, b"x"))
    assert verdict(report) == (Indication.INDETERMINATE, SubIndication.SIG_CONSTRAINTS_FAILURE)
    assert "container.file-not-signed" in error_codes(report)
    assert "container.extra-metadata" in {message.code for message in report.warnings}
    assert "slepens.txt" not in " ".join(content.name for content in report.contents)
