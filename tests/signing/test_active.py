"""Signed files that can show something else tomorrow are pointed out, and nothing more happens to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from builders.signing import edits
from demo.pki import person
from demo.signer import sign_asice
from signing import QES_LV
from signing.container import limits, open_archive
from signing.container.active_content import active_content

if TYPE_CHECKING:
    from demo.pki import Pki
    from tests.signing.conftest import Judge

_FIELD = b'<w:document><w:r><w:instrText> DATE \\@ "dd.MM.yyyy" </w:instrText></w:r></w:document>'
_TEMPLATE = b'<Relationship Type="x/attachedTemplate" Target="http://example.test/a.dotm" TargetMode="External"/>'
_LINK = b'<Relationship Type="x/hyperlink" Target="http://example.test/" TargetMode="External"/>'

PLAIN = edits.pack([("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w:document/>")])
MACRO = edits.pack([("word/document.xml", b"<w:document/>"), ("word/vbaProject.bin", b"x")])
FIELD = edits.pack([("word/document.xml", _FIELD)])
TEMPLATE = edits.pack([("word/document.xml", b"<w:document/>"), ("word/_rels/settings.xml.rels", _TEMPLATE)])
HYPERLINK = edits.pack([("word/document.xml", b"<w:document/>"), ("word/_rels/document.xml.rels", _LINK)])
ODT_MACRO = edits.pack([("content.xml", b"<a/>"), ("Basic/Standard/Module1.xml", b"<a/>")])
ODT_DATE = edits.pack([("content.xml", b'<text:p><text:date text:date-value="2026-01-01">1.1.</text:date></text:p>')])


@pytest.mark.parametrize(
    ("name", "content", "codes"),
    [
        ("a.docx", PLAIN, set()),
        ("a.docm", MACRO, {"active.macros"}),
        ("a.docx", FIELD, {"active.fields"}),
        ("a.docx", TEMPLATE, {"active.fields"}),
        ("a.docx", HYPERLINK, set()),
        ("a.odt", ODT_MACRO, {"active.macros"}),
        ("a.odt", ODT_DATE, {"active.fields"}),
        ("a.pdf", b"%PDF-1.7 << /S /JavaScript /JS (app.alert(1)) >>", {"pdf.script"}),
        ("a.pdf", b"%PDF-1.7 plain", set()),
        ("a.docx", b"PK\x03\x04 damaged", set()),
    ],
)
def test_what_can_change_is_pointed_out(name: str, content: bytes, codes: set[str]) -> None:
    archive = open_archive(edits.pack([(name, content)]))
    assert {message.code for message in active_content(archive, archive.entries[0])} == codes


def test_a_script_is_found_wherever_it_stands_in_a_large_file() -> None:
    for before in range(limits.SLICE - 12, limits.SLICE + 2):
        content = b"%PDF-1.7".ljust(before) + b" /JavaScript " + b" " * limits.SLICE
        archive = open_archive(edits.pack([("a.pdf", content)]))
        assert [message.code for message in active_content(archive, archive.entries[0])] == ["pdf.script"]


def test_a_signed_macro_is_a_warning_and_no_objection(judge: Judge, pki: Pki) -> None:
    signed = sign_asice([("iesniegums.docm", MACRO)], person=person("head"), pki=pki, at=pki.epoch)
    report = judge(signed)
    assert [message.code for message in report.warnings] == ["active.macros"]
    assert QES_LV.judge(report)
