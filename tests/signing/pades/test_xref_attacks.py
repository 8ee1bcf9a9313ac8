"""A signed PDF with cross-reference and object streams, and later revisions that shadow, free or misplace its objects.

Each is written by hand, octet by octet: no library would. None is accepted while a viewer shows another page.
"""

from __future__ import annotations

import io
import re
import time
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pikepdf
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from demo.pki import person
from demo.signer import Level, sign_pdf
from signing import Indication, UnreadableDocument
from tests.signing.pades.test_pdf_mutations import pictures

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from demo.pki import Pki
    from tests.signing.pades.conftest import JudgeForm

_SOON = 8.0
_IN_USE, _COMPRESSED, _FREE, _UNKNOWN = 1, 2, 0, 9
_WIDTHS = (1, 4, 2)
_OTHER_TEXT = b"BT /F1 24 Tf 100 500 Td (All rights to everything) Tj ET"


@pytest.fixture(scope="module")
def compressed_form() -> bytes:
    """Two pages as many programs save them: objects in streams, the table in a stream."""
    made = io.BytesIO()
    with pikepdf.new() as document:
        for text in (b"I undertake", b"the second page"):
            document.add_blank_page(page_size=(595, 842))
            font = pikepdf.Dictionary(
                Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
            )
            document.pages[-1].Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=document.make_indirect(font)))
            document.pages[-1].Contents = document.make_stream(b"BT /F1 24 Tf 100 500 Td (%s) Tj ET" % text)
        document.save(made, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert b"/ObjStm" in made.getvalue()
    assert b"/XRef" in made.getvalue()
    return made.getvalue()


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed file, and the numbers of what is attacked in it."""

    data: bytes
    root: int
    pages: int
    page: int
    contents: int
    streams: int
    size: int
    last: int

    @classmethod
    def of(cls, data: bytes) -> Signed:
        reader = PdfFileReader(io.BytesIO(data))
        kids = reader.root["/Pages"]["/Kids"]
        match = re.search(rb"(\d+) 0 obj\s*<<[^>]*?/Type\s*/ObjStm", data)
        assert match is not None
        return cls(
            data=data,
            root=reader.trailer.raw_get("/Root").idnum,
            pages=reader.root.raw_get("/Pages").idnum,
            page=kids.raw_get(0).idnum,
            contents=kids[0].raw_get("/Contents").idnum,
            streams=int(match[1]),
            size=int(reader.trailer["/Size"]),
            last=int(data[data.rindex(b"startxref") + 9 :].split()[0]),
        )

    @property
    def end(self) -> int:
        return len(self.data)

    def with_stream_table(
        self,
        entries: Mapping[int, tuple[int, int, int]],
        body: bytes = b"",
        *,
        size: int = 0,
        previous: int | None = -1,
        root: int = 0,
    ) -> bytes:
        """One more revision, its table a stream that has itself among its entries, under the last number."""
        own, at = self.size + 5, self.end + len(body)
        rows = {**entries, own: (_IN_USE, at, 0)}
        packed = b"".join(
            part.to_bytes(width) for one in sorted(rows) for part, width in zip(rows[one], _WIDTHS, strict=True)
        )
        index = b" ".join(b"%d 1" % one for one in sorted(rows))
        back = b"" if previous is None else b"/Prev %d" % (self.last if previous < 0 else previous)
        return (
            self.data
            + body
            + b"".join(
                [
                    b"%d 0 obj\n<< /Type /XRef /Size %d /Root %d 0 R " % (own, size or own + 1, root or self.root),
                    b"/W [1 4 2] /Index [%s] /Length %d %s >>\nstream\n" % (index, len(packed), back),
                    packed,
                    b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % at,
                ]
            )
        )

    def with_plain_table(self, entries: Mapping[int, bytes], body: bytes = b"", *, more: bytes = b"") -> bytes:
        """One more revision with a table of lines; `more` goes into its trailer."""
        at = self.end + len(body)
        rows = b"".join(b"%d 1\n%s\n" % (number, row) for number, row in sorted(entries.items())) or b"0 0\n"
        trailer = b"trailer\n<< /Size %d /Root %d 0 R /Prev %d %s >>" % (self.size + 5, self.root, self.last, more)
        return self.data + body + b"xref\n" + rows + trailer + b"\nstartxref\n%d\n%%%%EOF\n" % at


def stream(number: int, content: bytes, *, generation: int = 0, more: bytes = b"") -> bytes:
    head = b"%d %d obj\n<< /Length %d %s >>\nstream\n" % (number, generation, len(content), more)
    return head + content + b"\nendstream\nendobj\n"


def object_stream(number: int, holds: int, what: bytes, more: bytes = b"") -> bytes:
    head = b"%d 0 " % holds
    return stream(number, head + what, more=b"/Type /ObjStm /N 1 /First %d %s" % (len(head), more))


# The attacks, each from a signed file to another


def page_shadowed(one: Signed) -> bytes:
    """The page's number now leads into a new object stream, where it shows other text."""
    other = b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] /Contents %d 0 R >>" % (one.pages, one.size + 1)
    holder, text = object_stream(one.size, one.page, other), stream(one.size + 1, _OTHER_TEXT)
    rows = {
        one.page: (_COMPRESSED, one.size, 0),
        one.size: (_IN_USE, one.end, 0),
        one.size + 1: (_IN_USE, one.end + len(holder), 0),
    }
    return one.with_stream_table(rows, holder + text)


def object_stream_overwritten(one: Signed) -> bytes:
    """No entry of a page is touched; the stream they all lie in is another one."""
    other = b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 100 100] >>" % one.pages
    return one.with_stream_table({one.streams: (_IN_USE, one.end, 0)}, object_stream(one.streams, one.page, other))


def object_stream_extended(one: Signed) -> bytes:
    """The page is not in the stream it should be in, but in the one that is extended."""
    body = object_stream(one.size, 9999, b"null", b"/Extends %d 0 R" % one.streams)
    return one.with_stream_table({one.page: (_COMPRESSED, one.size, 0), one.size: (_IN_USE, one.end, 0)}, body)


def contents_overwritten(one: Signed) -> bytes:
    return one.with_stream_table({one.contents: (_IN_USE, one.end, 0)}, stream(one.contents, _OTHER_TEXT))


def contents_of_another_generation(one: Signed) -> bytes:
    body = stream(one.contents, _OTHER_TEXT, generation=1)
    return one.with_stream_table({one.contents: (_IN_USE, one.end, 1)}, body)


def contents_of_a_generation_the_table_does_not_say(one: Signed) -> bytes:
    body = stream(one.contents, _OTHER_TEXT, generation=1)
    return one.with_stream_table({one.contents: (_IN_USE, one.end, 0)}, body)


def contents_freed(one: Signed) -> bytes:
    return one.with_stream_table({one.contents: (_FREE, 0, 1)})


def contents_freed_for_good(one: Signed) -> bytes:
    return one.with_stream_table({one.contents: (_FREE, 0, 65535)})


def contents_of_no_known_type(one: Signed) -> bytes:
    """Such an entry makes the object null (ISO 32000-2 §7.5.8.3); common viewers pass it over."""
    return one.with_stream_table({one.contents: (_UNKNOWN, 7, 7)})


def contents_in_a_plain_table(one: Signed) -> bytes:
    return one.with_plain_table({one.contents: b"%010d 00000 n " % one.end}, stream(one.contents, _OTHER_TEXT))


def contents_in_a_plain_table_of_another_generation(one: Signed) -> bytes:
    body = stream(one.contents, _OTHER_TEXT, generation=1)
    return one.with_plain_table({one.contents: b"%010d 00001 n " % one.end}, body)


def contents_freed_in_a_plain_table(one: Signed) -> bytes:
    return one.with_plain_table({one.contents: b"0000000000 00001 f "})


def hybrid(one: Signed) -> bytes:
    """The plain table says nothing; a stream beside it, for newer readers, has other contents."""
    text = stream(one.contents, _OTHER_TEXT)
    row = b"".join(part.to_bytes(width) for part, width in zip((_IN_USE, one.end, 0), _WIDTHS, strict=True))
    more = b"/Type /XRef /Size %d /Root %d 0 R /W [1 4 2] /Index [%d 1]" % (one.size + 5, one.root, one.contents)
    at = one.end + len(text)
    return one.with_plain_table({}, text + stream(one.size, row, more=more), more=b"/XRefStm %d" % at)


def hybrid_that_leads_nowhere(one: Signed) -> bytes:
    return one.with_plain_table({}, more=b"/XRefStm 5")


def another_document_without_a_past(one: Signed) -> bytes:
    catalog = b"%d 0 obj\n<< /Type /Catalog /Pages %d 0 R >>\nendobj\n" % (one.size, one.size + 1)
    pages = b"%d 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n" % (one.size + 1)
    rows = {one.size: (_IN_USE, one.end, 0), one.size + 1: (_IN_USE, one.end + len(catalog), 0)}
    return one.with_stream_table(rows, catalog + pages, previous=None, root=one.size)


def past_without_the_signature(one: Signed) -> bytes:
    first = re.search(rb"startxref\s+(\d+)", one.data)
    assert first is not None
    return one.with_stream_table({}, previous=int(first[1]))


def past_that_is_itself(one: Signed) -> bytes:
    return one.with_stream_table({}, previous=one.end)


def two_pasts_of_each_other(one: Signed) -> bytes:
    earlier = one.with_stream_table({}, previous=99_999_999)
    earlier = earlier.replace(b"/Prev 99999999", b"/Prev %08d" % len(earlier))
    return Signed(earlier, one.root, one.pages, one.page, one.contents, one.streams, one.size + 6, 0).with_stream_table(
        {}, previous=one.end
    )


def fewer_objects_than_there_are(one: Signed) -> bytes:
    """PDFium passes it over; poppler then looks for objects itself, and may find some that no table knows."""
    return one.with_stream_table({}, size=3)


def page_in_a_stream_that_is_itself(one: Signed) -> bytes:
    return one.with_stream_table({one.page: (_COMPRESSED, one.page, 0)})


def page_in_streams_that_lie_in_each_other(one: Signed) -> bytes:
    rows = {one.page: one.size, one.size: one.size + 1, one.size + 1: one.size}
    return one.with_stream_table({number: (_COMPRESSED, holder, 0) for number, holder in rows.items()})


def page_in_a_bomb(one: Signed) -> bytes:
    packed = zlib.compress(b"0" * 200_000_000)
    body = stream(one.size, packed, more=b"/Type /ObjStm /N 1 /First 8 /Filter /FlateDecode")
    return one.with_stream_table({one.page: (_COMPRESSED, one.size, 0), one.size: (_IN_USE, one.end, 0)}, body)


def _announcing(one: Signed, widths: bytes) -> bytes:
    more = b"/Type /XRef /Size 2000000000 /Root %d 0 R /Prev %d /W [%s] /Index [100 1999999900]"
    table = stream(one.size, b"", more=more % (one.root, one.last, widths))
    return one.data + table + b"startxref\n%d\n%%%%EOF\n" % one.end


def more_objects_than_there_is_room_for(one: Signed) -> bytes:
    return _announcing(one, b"1 4 2")


def more_objects_of_no_octets(one: Signed) -> bytes:
    return _announcing(one, b"0 0 0")


ATTACKS = [
    page_shadowed, object_stream_overwritten, object_stream_extended, contents_overwritten,
    contents_of_another_generation, contents_of_a_generation_the_table_does_not_say, contents_freed,
    contents_freed_for_good, contents_of_no_known_type, contents_in_a_plain_table,
    contents_in_a_plain_table_of_another_generation, contents_freed_in_a_plain_table, hybrid, hybrid_that_leads_nowhere,
    another_document_without_a_past, past_without_the_signature, past_that_is_itself, two_pasts_of_each_other,
    fewer_objects_than_there_are, page_in_a_stream_that_is_itself, page_in_streams_that_lie_in_each_other,
    page_in_a_bomb, more_objects_than_there_is_room_for, more_objects_of_no_octets,
]  # fmt: skip


@pytest.fixture(scope="module")
def signed(compressed_form: bytes, pki: Pki) -> Signed:
    return Signed.of(sign_pdf(compressed_form, person=person("head"), pki=pki, at=pki.epoch, level=Level.LT))


def test_a_file_saved_with_streams_is_signed_like_any_other(
    compressed_form: bytes, signed: Signed, judge_form: JudgeForm
) -> None:
    report = judge_form(signed.data, expected=compressed_form)
    assert report.signatures[0].indication is Indication.TOTAL_PASSED
    assert report.contents[0].covered_by


def test_a_revision_that_adds_what_nobody_refers_to_changes_nothing(
    compressed_form: bytes, signed: Signed, judge_form: JudgeForm
) -> None:
    made = signed.with_stream_table({signed.size: (_IN_USE, signed.end, 0)}, stream(signed.size, _OTHER_TEXT))
    assert judge_form(made, expected=compressed_form).signatures[0].indication is Indication.TOTAL_PASSED
    assert pictures(made) == pictures(signed.data)


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_a_later_table_says_of_signed_objects_is_never_accepted(
    compressed_form: bytes, signed: Signed, judge_form: JudgeForm, attack: Callable[[Signed], bytes]
) -> None:
    document = attack(signed)
    for expected in (compressed_form, b"another document of ours"):
        begun = time.process_time()
        try:
            report = judge_form(document, expected=expected)
        except UnreadableDocument:
            continue
        finally:
            assert time.process_time() - begun < _SOON
        assert all(one.indication is not Indication.TOTAL_PASSED for one in report.signatures)
        assert not report.contents[0].covered_by
