"""The outermost format counts, whatever a file's first octets show besides; two readings are none."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from builders.signing.other_keys import cades, identity
from signing import BrokenDocument
from signing.reading.recognise import FileType, recognise

if TYPE_CHECKING:
    from demo.pki import Pki
    from tests.signing.conftest import Judge

PAGE = b"%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\nstartxref\n9\n%%EOF\n"


@pytest.fixture(scope="module")
def around_a_pdf(pki: Pki) -> bytes:
    """The usual .pdf.p7m."""
    who = identity(pki, pki.key("head").public_key())
    return cades(who, PAGE, "sha256_ecdsa", lambda data: pki.sign("head", data, digest="sha256"))


def test_a_signed_file_with_a_pdf_in_it_is_no_pdf(around_a_pdf: bytes, judge: Judge) -> None:
    assert recognise(around_a_pdf) is FileType.CMS
    report = judge(around_a_pdf)
    assert (report.form, report.contents[0].size) == ("CAdES", len(PAGE))
    assert report.signatures[0].covers_everything


@pytest.mark.parametrize("behind", [PAGE, b"startxref\n0\n%%EOF\n", b"\n1 0 obj\n<<>>\nendobj\n"])
def test_what_a_viewer_of_pdf_would_show_and_nobody_signed_makes_two_readings(
    around_a_pdf: bytes, behind: bytes, judge: Judge
) -> None:
    with pytest.raises(BrokenDocument, match=r"cms\.two-readings"):
        judge(around_a_pdf + behind)


def test_base64_without_a_header_is_read_and_other_text_is_not(around_a_pdf: bytes, judge: Judge) -> None:
    assert judge(base64.encodebytes(around_a_pdf)).signatures
    with pytest.raises(BrokenDocument, match=r"cms\.unreadable"):
        judge(base64.encodebytes(around_a_pdf) + b"%PDF-1.4")


def test_a_pdf_behind_a_few_other_octets_stays_one() -> None:
    assert recognise(b"0 junk\n" + PAGE) is FileType.PDF
