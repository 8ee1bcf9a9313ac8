"""Containers packed in every way honest writers pack them: the same signed letter, whatever wrote the archive.

Data descriptors, ZIP64, comments and folders are ordinary in a ZIP (ISO/IEC 21320-1). Where `mimetype` should stand
EN 319 162-1 says; a container in which it stands otherwise is read all the same, with a warning.
"""

from __future__ import annotations

import io
import re
import struct
import unicodedata
import zipfile
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from builders.signing import edits
from demo.pki import person
from demo.signer import Level, sign_again, sign_asice, sign_edoc
from signing import QES_LV, Indication, Report, SubIndication
from tests.signing.conftest import APPLICATION, LETTER

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.pki import Pki
    from tests.signing.conftest import Judge

_STAMP_EXTRA = b"UT\x05\x00\x01\x00\x00\x00\x60"  # Info-ZIP's extended timestamp
_LATVIAN = ("Šķūņa jumta īre + ēka.txt", "Ar ž, ķ un ņ.".encode())


@dataclass(frozen=True, slots=True)
class Packed:
    """How an archive is written; as it stands here, as most writers do."""

    streamed: bool = False
    large: bool = False
    method: int = zipfile.ZIP_DEFLATED
    mimetype_method: int = zipfile.ZIP_STORED
    mimetype_extra: bytes = b""
    mimetype_last: bool = False
    extra: bytes = b""
    folders: tuple[str, ...] = ()
    entry_comment: bytes = b""
    comment: bytes = b""
    rewrite: Callable[[str, bytes], bytes] = field(default=lambda _, content: content)

    def __call__(self, container: bytes) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(_Pipe(buffer) if self.streamed else buffer, "w") as archive:
            for name, content in self._entries(container):
                info = zipfile.ZipInfo(name)
                is_type = name == "mimetype"
                info.compress_type = self.mimetype_method if is_type else self.method
                info.extra = self.mimetype_extra if is_type else self.extra
                info.comment = self.entry_comment
                with archive.open(info, "w", force_zip64=self.large and not is_type) as entry:
                    entry.write(self.rewrite(name, content))
            archive.comment = self.comment
        return buffer.getvalue()

    def _entries(self, container: bytes) -> edits.Entries:
        mimetype, *others = edits.entries_of(container)
        others = [*((folder, b"") for folder in self.folders), *others]
        return [*others, mimetype] if self.mimetype_last else [mimetype, *others]


class _Pipe(io.RawIOBase):
    """Goes forward only, so that sizes have to follow the contents, in data descriptors."""

    def __init__(self, behind: io.BytesIO) -> None:
        super().__init__()
        self._behind = behind

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # all that zipfile hands over
        return self._behind.write(data)


def with_bom(name: str, content: bytes) -> bytes:
    return b"\xef\xbb\xbf" + content if name.endswith(".xml") else content


def with_crlf(name: str, content: bytes) -> bytes:
    """End the XML declaration's line as Windows does; nothing signed is touched."""
    return re.sub(rb"\?>\s*", b"?>\r\n", content, count=1) if name.endswith(".xml") else content


def without_utf8_mark(container: bytes) -> bytes:
    """Clear bit 11 in every record: names stay UTF-8, and say so no more."""
    cleared = bytearray(container)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for found in re.finditer(re.escape(mark), container):
            cleared[found.start() + at + 1] &= ~0x08
    return bytes(cleared)


def with_large_directory(container: bytes) -> bytes:
    """Say where the directory is in the ZIP64 end record alone (APPNOTE §4.3.14, §4.3.15)."""
    end = container[-22:]
    count, size, offset = struct.unpack_from("<H2I", end, 10)
    large = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, len(container) - 22, 1)
    return container[:-22] + large + locator + end[:8] + b"\xff" * 12 + end[20:]


def passed(report: Report) -> list[Indication]:
    assert QES_LV.judge(report)
    return [one.indication for one in report.signatures]


@pytest.mark.parametrize(
    ("packed", "remarks"),
    [
        pytest.param(with_large_directory, set(), id="ZIP64 directory"),
        pytest.param(Packed(streamed=True), set(), id="data descriptors"),
        pytest.param(Packed(streamed=True, method=zipfile.ZIP_STORED), set(), id="data descriptors, stored"),
        pytest.param(Packed(large=True), set(), id="ZIP64"),
        pytest.param(Packed(streamed=True, large=True), set(), id="ZIP64 with data descriptors"),
        pytest.param(Packed(mimetype_method=zipfile.ZIP_DEFLATED), {"compression"}, id="mimetype deflated"),
        pytest.param(Packed(mimetype_last=True), {"place"}, id="mimetype last"),
        pytest.param(Packed(mimetype_extra=_STAMP_EXTRA), {"extra"}, id="mimetype with an extra field"),
        pytest.param(Packed(extra=_STAMP_EXTRA), set(), id="extra fields elsewhere"),
        pytest.param(Packed(folders=("META-INF/", "pielikumi/")), set(), id="entries of folders"),
        pytest.param(Packed(rewrite=with_bom), set(), id="a byte order mark before the XML"),
        pytest.param(Packed(rewrite=with_crlf), set(), id="CRLF after the XML declaration"),
        pytest.param(Packed(entry_comment=b"komentars"), set(), id="comments on entries"),
        pytest.param(Packed(comment="mimetype=… Ž".encode()), set(), id="a comment on the archive"),
    ],
)
def test_however_it_is_packed_it_passes(
    judge: Judge, letter: bytes, packed: Callable[[bytes], bytes], remarks: set[str]
) -> None:
    again = packed(letter)
    assert again != letter
    report = judge(again)
    assert passed(report) == [Indication.TOTAL_PASSED]
    assert {content.name: content.covered_by for content in report.contents} == {
        name: ("S1",) for name, _ in (APPLICATION, LETTER)
    }
    told = [one.params["how"] for one in report.warnings if one.code == "container.mimetype-place"]
    assert told == sorted(remarks)
    assert {one.code for one in report.warnings} <= {"container.mimetype-place"}


@pytest.mark.parametrize(
    "spelt",
    [
        pytest.param(quote, id="every byte encoded"),
        pytest.param(lambda name: re.sub("%..", lambda one: one[0].lower(), quote(name)), id="in small letters"),
        pytest.param(lambda name: quote(name, safe="+"), id="a plus as it is"),
        pytest.param(str, id="nothing encoded"),
    ],
)
@pytest.mark.parametrize("packing", [bytes, without_utf8_mark], ids=["marked as UTF-8", "UTF-8 without the mark"])
def test_a_latvian_name_with_a_space_and_a_plus_is_found_however_it_is_spelt(
    judge: Judge,
    pki: Pki,
    monkeypatch: pytest.MonkeyPatch,
    spelt: Callable[[str], str],
    packing: Callable[[bytes], bytes],
) -> None:
    monkeypatch.setattr("demo.signer.container.quote", spelt)
    report = judge(packing(sign_edoc([_LATVIAN], person=person("head"), pki=pki, at=pki.epoch)))
    assert passed(report) == [Indication.TOTAL_PASSED]
    assert [(one.name, one.covered_by) for one in report.contents] == [(_LATVIAN[0], ("S1",))]


def test_two_signatures_kept_for_the_archive(judge: Judge, pki: Pki) -> None:
    later = pki.epoch + timedelta(minutes=5)
    first = sign_asice([APPLICATION, _LATVIAN], person=person("head"), pki=pki, at=pki.epoch, level=Level.LTA)
    both = sign_again(first, person=person("user"), pki=pki, at=later, level=Level.LTA)
    report = judge(Packed(streamed=True)(both))
    assert passed(report) == [Indication.TOTAL_PASSED, Indication.TOTAL_PASSED]
    assert [one.level for one in report.signatures] == ["LTA", "LTA"]


def test_a_name_decomposed_on_the_way_is_another_name(judge: Judge, letter: bytes) -> None:
    """A reference names an entry byte by byte; two spellings that look the same could be two files."""
    name, _ = LETTER
    decomposed = unicodedata.normalize("NFD", name)
    assert decomposed != name
    (found,) = judge(edits.renamed(letter, name, decomposed)).signatures
    assert (found.indication, found.sub_indication) == (
        Indication.INDETERMINATE,
        SubIndication.SIGNED_DATA_NOT_FOUND,
    )
