"""Revisions that two programs read in two ways: as it was by tables, and as another page by who looks for himself.

Each of these shows our page to the reader that judges, and "All rights" to poppler, mupdf or PDFium: tables that list a
number twice or in digits that are none, objects nobody lists, keys given twice, a size that has viewers look for
objects themselves. What was appended to a document has one reading, or it is not taken for that document.
"""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from builders.signing import attacks
from demo.pki import person
from demo.signer import Level, sign_pdf
from signing import Indication
from signing.pades.incremental_updates import why_ambiguous
from signing.pades.reader.pdf import Pdf

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.pki import Pki
    from tests.signing.pades.conftest import JudgeForm

    Attack = Callable[[bytes], bytes]

EVIL = b"BT 1 0 0 1 100 500 Tm (All rights) Tj ET"
_INIT = IncrementalPdfFileWriter.__init__
SPARE = 400  # a number no object of these documents has


class Appending:
    """One more revision, written byte by byte."""

    def __init__(self, document: bytes) -> None:
        self.before = PdfFileReader(io.BytesIO(document), strict=False)
        self.octets = bytearray(document + b"\n")
        self._lines: list[bytes] = []
        page = self.before.root["/Pages"]["/Kids"].raw_get(1)
        self.page, self.contents = page.idnum, page.get_object().raw_get("/Contents").idnum

    def shown(self, *, header: bytes = b"") -> int:
        """The second page's contents, as somebody wants them; nothing lists them yet."""
        return self.put(self.contents, b"<</Length %d>>stream\n%b\nendstream" % (len(EVIL), EVIL), header=header)

    def put(self, number: int, body: bytes, *, header: bytes = b"") -> int:
        place = len(self.octets)
        self.octets += b"%b\n%b\nendobj\n" % (header or b"%d 0 obj" % number, body)
        return place

    def line(self, number: int, place: int | bytes, kind: bytes = b"00000 n") -> None:
        """A line of the table; `place` as it is to be written, when it is no number."""
        written = place if isinstance(place, bytes) else b"%010d" % place
        self._lines.append(b"%d 1\n%b %b \n" % (number, written, kind))

    def done(self, *, size: int = SPARE + 1, root: bool = True) -> bytes:
        table = len(self.octets)
        catalog = b"/Root %d 0 R" % self.before.trailer.raw_get("/Root").idnum if root else b""
        previous = str(self.before.last_startxref).encode("ascii")
        self.octets += b"xref\n0 1\n0000000000 65535 f \n" + b"".join(self._lines)
        self.octets += b"trailer\n<</Size %d%b/Prev %b>>\nstartxref\n%d\n%%%%EOF\n" % (size, catalog, previous, table)
        return bytes(self.octets)

    def place_of_contents(self) -> int:
        return bytes(self.octets).index(b"\n%d 0 obj" % self.contents) + 1


def honest(document: bytes) -> bytes:
    one = Appending(document)
    one.line(SPARE, one.put(SPARE, b"<</Nothing(refers to \\(this\\))/A[1 -.5 true<00>/B#20C 4 0 R]>>"))
    return one.done()


def number_listed_twice(document: bytes) -> bytes:
    """Some take the first line and some the last."""
    one = Appending(document)
    place = one.place_of_contents()
    one.line(one.contents, one.shown())
    one.line(one.contents, place)
    return one.done()


def place_with_an_underscore(document: bytes) -> bytes:
    """Digits to Python alone; who cannot read the table looks for objects himself."""
    one = Appending(document)
    one.shown()
    digits = b"%d" % one.put(SPARE, b"<<>>")
    one.line(SPARE, (digits[:-2] + b"_" + digits[-2:]).rjust(10, b"0"))
    return one.done()


def place_with_a_sign(document: bytes) -> bytes:
    one = Appending(document)
    one.shown()
    one.line(SPARE, b"+%09d" % one.put(SPARE, b"<<>>"))
    return one.done()


def object_nobody_lists(document: bytes) -> bytes:
    one = Appending(document)
    one.shown()
    one.line(SPARE, one.put(SPARE, b"<<>>"))
    return one.done()


def object_in_a_comment(document: bytes) -> bytes:
    one = Appending(document)
    one.octets += b"% "
    one.shown()
    one.line(SPARE, one.put(SPARE, b"<<>>"))
    return one.done()


def trailer_without_a_catalog(document: bytes) -> bytes:
    one = Appending(document)
    one.line(SPARE, one.put(SPARE, b"<<>>"))
    return one.done(root=False)


def header_of_another_word(document: bytes) -> bytes:
    one = Appending(document)
    one.line(SPARE, one.put(SPARE, b"<<>>", header=b"%d 0 xyz" % SPARE))
    return one.done()


def size_too_small(document: bytes) -> bytes:
    return Appending(document).done(size=1)


def freed_for_others(document: bytes) -> bytes:
    """A generation the reader passes over: to it the contents are still there, to others they are gone."""
    one = Appending(document)
    one.line(one.contents, 0, b"00005 f")
    return one.done()


def key_given_twice(document: bytes) -> bytes:
    """Some take the first value and some the last."""
    one = Appending(document)
    page = attacks.dictionary(dict(one.before.root["/Pages"]["/Kids"][1]))
    body = io.BytesIO()
    page.write_to_stream(body)
    evil = SPARE - 1
    one.line(evil, one.put(evil, b"<</Length %d>>stream\n%b\nendstream" % (len(EVIL), EVIL)))
    twice = body.getvalue().removesuffix(b">>") + b"/Contents %d 0 R>>" % evil
    one.line(one.page, one.put(one.page, twice))
    return one.done()


ATTACKS = [
    number_listed_twice, place_with_an_underscore, place_with_a_sign, object_nobody_lists, object_in_a_comment,
    trailer_without_a_catalog, header_of_another_word, size_too_small, freed_for_others, key_given_twice,
]  # fmt: skip


def packed(document: bytes, how: bytes = b"") -> bytes:
    """An object in a stream, and the table in another: as honest software writes them when `how` says nothing."""
    one = Appending(document)
    inside = zlib.compress(b"%d 0 <</Nothing true>>" % SPARE)
    holder, table = SPARE + 1, SPARE + 2
    head = b"<</Type/ObjStm/N 1/First 6/Filter/FlateDecode/Length %d%b>>stream\n%b\nendstream"
    place = one.put(holder, head % (len(inside), how, inside))
    end = len(one.octets)
    rows = zlib.compress(b"".join(struct.pack(">BIB", *row) for row in ((2, holder, 0), (1, place, 0), (1, end, 0))))
    root, previous = one.before.trailer.raw_get("/Root").idnum, str(one.before.last_startxref).encode("ascii")
    body = b"<</Type/XRef/W[1 4 1]/Index[%d 3]/Size %d/Root %d 0 R/Prev %b/Filter/FlateDecode/Length %d>>"
    body %= SPARE, table + 1, root, previous, len(rows)
    one.put(table, b"%b\nstream\n%b\nendstream" % (body, rows))
    return bytes(one.octets) + b"startxref\n%d\n%%%%EOF\n" % end


def test_objects_in_a_stream_are_unpacked_alike_by_everybody(signed: bytes, judge_form: JudgeForm) -> None:
    """A way of packing that the reader passes over, and others follow, would make other objects of the same bytes."""
    assert judge_form(packed(signed)).contents[0].covered_by
    for how in (b"/DecodeParms<</Predictor 2>>", b"/DecodeParms<</Predictor 12/Colors 3>>", b"/F(elsewhere.bin)"):
        assert not judge_form(packed(signed, how)).contents[0].covered_by, how


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_revision_with_two_readings_after_signing(signed: bytes, judge_form: JudgeForm, attack: Attack) -> None:
    report = judge_form(attack(signed))
    (signature,) = report.signatures
    assert signature.indication is Indication.TOTAL_FAILED
    assert not report.contents[0].covered_by
    assert "pdf.unclear-after-signing" in {message.code for message in signature.errors}


# What the signing software writes ends in a size of its own.
@pytest.mark.parametrize("attack", [attack for attack in ATTACKS if attack is not size_too_small])
def test_a_revision_with_two_readings_between_our_form_and_the_signature(
    form: bytes, pki: Pki, judge_form: JudgeForm, attack: Attack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signer saw another page; the file begins with exactly our bytes."""
    monkeypatch.setattr("pyhanko.pdf_utils.incremental_writer.IncrementalPdfFileWriter.__init__", _forgiving)
    report = judge_form(sign_pdf(attack(form), person=person("head"), pki=pki, at=pki.epoch, level=Level.LT))
    assert report.contents[0].covered_by == ()
    assert "pdf.differs-unclear" in {warning.code for warning in report.warnings}


def _forgiving(self: IncrementalPdfFileWriter, input_stream: io.BytesIO, **options: object) -> None:
    _INIT(self, input_stream, **{**options, "strict": False})  # type: ignore[arg-type] # pyHanko's own


def test_a_plain_revision_that_shows_nothing_changes_nothing(signed: bytes, judge_form: JudgeForm) -> None:
    report = judge_form(honest(signed))
    assert report.signatures[0].indication is Indication.TOTAL_PASSED
    assert report.contents[0].covered_by


def test_what_stands_where_is_told(signed: bytes, form: bytes) -> None:
    assert why_ambiguous(Pdf(signed), len(form), 1, 2) == ""
    assert "listed" in why_ambiguous(Pdf(object_nobody_lists(signed)), len(signed), 3, 3)
