"""What can be done to a signed PDF afterwards: each attack as a function from its bytes to others."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

if TYPE_CHECKING:
    from collections.abc import Callable

_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")
name = generic.pdf_name


def dictionary(entries: dict[str, object]) -> generic.DictionaryObject:
    """A PDF dictionary."""
    return generic.DictionaryObject(entries)  # type: ignore[no-untyped-call] # pyHanko has no types here


def number(value: int) -> generic.NumberObject:
    """A PDF number."""
    return generic.NumberObject(value)  # type: ignore[no-untyped-call] # pyHanko has no types here


def appended(document: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """Incremental saving: one more revision with whatever `change` does."""
    stream = io.BytesIO(document)
    writer = IncrementalPdfFileWriter(stream, strict=False)
    change(writer)
    writer.write_in_place()  # type: ignore[no-untyped-call] # pyHanko has no types here
    return stream.getvalue()


def text_stream(text: str) -> generic.StreamObject:
    """A content stream that writes a line."""
    return generic.StreamObject(stream_data=f"BT /F1 24 Tf 100 500 Td ({text}) Tj ET".encode("ascii"))


def page_of(writer: IncrementalPdfFileWriter, number: int = 0) -> generic.DictionaryObject:
    """One page, however deep the tree."""
    reference, _ = writer.find_page_for_modification(number)  # type: ignore[no-untyped-call] # as above
    page = reference.get_object()
    assert isinstance(page, generic.DictionaryObject)
    return page


def page_rewritten(writer: IncrementalPdfFileWriter) -> None:
    """The first page shows something else."""
    page = page_of(writer)
    page[name("/Contents")] = writer.add_object(text_stream("All rights to everything"))
    writer.update_container(page)


def content_overwritten(writer: IncrementalPdfFileWriter) -> None:
    """The page stays; the stream it shows is written anew under the same number."""
    page = page_of(writer)
    reference = page.raw_get("/Contents").reference
    writer.objects[(reference.generation, reference.idnum)] = text_stream("All rights to everything")
    writer._force_write_when_empty = True  # noqa: SLF001 - pyHanko offers no public way


def page_added(writer: IncrementalPdfFileWriter) -> None:
    """A third page."""
    page = dictionary(page_of(writer))
    page[name("/Contents")] = writer.add_object(text_stream("And one more thing"))
    page.pop("/Annots", None)
    pages = writer.root["/Pages"]
    pages["/Kids"].append(writer.add_object(page))
    pages[name("/Count")] = number(pages["/Count"] + 1)
    writer.update_container(pages)
    writer.update_container(pages["/Kids"])


def page_removed(writer: IncrementalPdfFileWriter) -> None:
    """Only the first page is left."""
    pages = writer.root["/Pages"]
    del pages["/Kids"][1:]
    pages[name("/Count")] = number(1)
    writer.update_container(pages)
    writer.update_container(pages["/Kids"])


def pages_lost(writer: IncrementalPdfFileWriter) -> None:
    """The catalog leads to no pages any more."""
    writer.root[name("/Pages")] = generic.NullObject()
    writer.update_root()  # type: ignore[no-untyped-call] # pyHanko has no types


def note_added(writer: IncrementalPdfFileWriter) -> None:
    """A text lies over the page as an annotation."""
    page = page_of(writer)
    note = dictionary(
        {
            name("/Type"): name("/Annot"),
            name("/Subtype"): name("/FreeText"),
            name("/Rect"): generic.ArrayObject(map(number, (50, 50, 300, 300))),
            name("/Contents"): generic.pdf_string("All rights to everything"),
            name("/DA"): generic.pdf_string("/Helv 12 Tf 0 g"),
        }
    )
    annotations = generic.ArrayObject(page["/Annots"] if "/Annots" in page else ())  # noqa: SIM401 - a plain get gives the reference
    annotations.append(writer.add_object(note))
    page[name("/Annots")] = annotations
    writer.update_container(page)


def catalog_replaced(writer: IncrementalPdfFileWriter) -> None:
    """Hide and replace: the file's new root is another document altogether."""
    page = dictionary(
        {
            name("/Type"): name("/Page"),
            name("/MediaBox"): generic.ArrayObject(map(number, (0, 0, 595, 842))),
            name("/Contents"): writer.add_object(text_stream("All rights to everything")),
        }
    )
    pages = dictionary(
        {
            name("/Type"): name("/Pages"),
            name("/Kids"): generic.ArrayObject([writer.add_object(page)]),
            name("/Count"): number(1),
        }
    )
    writer.root[name("/Pages")] = writer.add_object(pages)
    writer.update_root()  # type: ignore[no-untyped-call] # pyHanko has no types here


def visible_field(*box: int) -> Callable[[IncrementalPdfFileWriter], None]:
    """An empty signature field whose picture is drawn over the first page, signed by nobody."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        picture = text_stream("All rights to everything")
        picture[name("/Type")], picture[name("/Subtype")] = name("/XObject"), name("/Form")
        picture[name("/BBox")] = generic.ArrayObject(map(number, (0, 0, box[2] - box[0], box[3] - box[1])))
        page = page_of(writer)
        field = dictionary(
            {
                name("/Type"): name("/Annot"),
                name("/Subtype"): name("/Widget"),
                name("/FT"): name("/Sig"),
                name("/T"): generic.pdf_string("Overlay"),
                name("/Rect"): generic.ArrayObject(map(number, box)),
                name("/AP"): dictionary({name("/N"): writer.add_object(picture)}),
            }
        )
        reference = writer.add_object(field)
        annotations = generic.ArrayObject(page["/Annots"] if "/Annots" in page else ())  # noqa: SIM401 - a plain get gives the reference
        annotations.append(reference)
        page[name("/Annots")] = annotations
        writer.update_container(page)
        fields = writer.root["/AcroForm"]["/Fields"]
        fields.append(reference)
        writer.update_container(fields)

    return change


def xfa_added(writer: IncrementalPdfFileWriter) -> None:
    """A form of another kind, which some viewers show instead of the pages."""
    packet = generic.StreamObject(stream_data=b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'/>")
    writer.root[name("/AcroForm")] = dictionary(
        {name("/Fields"): generic.ArrayObject(), name("/XFA"): writer.add_object(packet)}
    )
    writer.update_root()  # type: ignore[no-untyped-call] # pyHanko has no types here


def acting_widget(writer: IncrementalPdfFileWriter) -> None:
    """A signature field that does something when the page is opened."""
    page = page_of(writer)
    action = dictionary({name("/S"): name("/JavaScript"), name("/JS"): generic.pdf_string("this.x = 1")})
    field = dictionary(
        {
            name("/Type"): name("/Annot"),
            name("/Subtype"): name("/Widget"),
            name("/FT"): name("/Sig"),
            name("/T"): generic.pdf_string("Acting"),
            name("/Rect"): generic.ArrayObject(map(number, (0, 0, 0, 0))),
            name("/AA"): dictionary({name("/PO"): action}),
        }
    )
    reference = writer.add_object(field)
    page[name("/Annots")] = generic.ArrayObject([reference])
    writer.update_container(page)
    writer.root[name("/AcroForm")] = dictionary({name("/Fields"): generic.ArrayObject([reference])})
    writer.update_root()  # type: ignore[no-untyped-call] # pyHanko has no types here


def rewritten(document: bytes, reference: generic.IndirectObject, body: bytes) -> bytes:
    """One more revision, written by hand: that object, with exactly these bytes."""
    reader = PdfFileReader(io.BytesIO(document))
    before = document + b"\n"
    object_ = b"%d 0 obj\n%b\nendobj\n" % (reference.idnum, body)
    table = b"xref\n0 1\n0000000000 65535 f \n%d 1\n%010d 00000 n \n" % (reference.idnum, len(before))
    size, root, previous = reader.trailer["/Size"], reader.trailer.raw_get("/Root").idnum, reader.last_startxref
    trailer = b"trailer\n<</Size %d/Root %d 0 R/Prev %b>>\n" % (size, root, str(previous).encode("ascii"))
    end = b"startxref\n%d\n%%%%EOF\n" % (len(before) + len(object_))
    return before + object_ + table + trailer + end


def page_ending_in_a_comment(document: bytes) -> bytes:
    """The first page written anew; in the middle of it a comment, which holds what looks like a signature's contents.

    The line ends inside those contents, and so do comment and page: viewers find a page that shows nothing. Who steps
    over the contents as a whole misses the end of the line, and finds the page as it was.
    """
    page = PdfFileReader(io.BytesIO(document)).root["/Pages"]["/Kids"].raw_get(0)
    shown = dictionary({"/Contents": page.get_object().raw_get("/Contents")})
    rest = dictionary({key: page.get_object().raw_get(key) for key in page.get_object() if key != "/Contents"})
    head, tail = io.BytesIO(), io.BytesIO()
    rest.write_to_stream(head)
    shown.write_to_stream(tail)
    comment = b"% /Contents <" + b"30" * 32 + b"\n>> endobj\n"
    body = head.getvalue().removesuffix(b">>") + comment + tail.getvalue().removeprefix(b"<<")
    return rewritten(document, page, body)


def metadata_touched(writer: IncrementalPdfFileWriter) -> None:
    """Nothing that shows: the information dictionary says who produced it."""
    writer.set_info(dictionary({name("/Producer"): generic.pdf_string("A tool")}))


def byte_range(document: bytes) -> tuple[int, ...]:
    """The ByteRange of the first signature."""
    match = _BYTE_RANGE.search(document)
    assert match is not None
    return tuple(map(int, match.groups()))


def with_byte_range(document: bytes, *numbers: int) -> bytes:
    """The same file claiming to have signed other bytes; nothing moves."""
    match = _BYTE_RANGE.search(document)
    assert match is not None
    text = f"/ByteRange[{' '.join(map(str, numbers))}]".encode("ascii")
    assert len(text) <= len(match[0])
    return document[: match.start()] + text.ljust(len(match[0])) + document[match.end() :]
