"""The guard that makes page images and compares PDFs: `python -m workflows.evidence.guard.pages`.

Started by `evidence.judging` alone. PDFium and qpdf are large C++ programs that read hostile files: the main
reason for the sandbox.
"""

import hashlib
import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence

import pypdfium2  # type: ignore[import-untyped]  # has no type hints

from workflows.evidence.guard.attachments import is_drawable, pictures_of, pictures_of_text
from workflows.evidence.guard.compare import Incomparable, compare, references
from workflows.evidence.guard.containers import files_in, is_container
from workflows.evidence.guard.frames import Frame
from workflows.evidence.guard.plain_texts import read_text
from workflows.evidence.guard.server import ANSWER_LIMIT, serve
from workflows.evidence.guard.word_documents import Undrawable

__all__ = ["answer", "draw"]

_DOTS_PER_POINT = 110 / 72
_MOST_PIXELS = 4000 * 4000
_MOST_PAGES = 40
_MOST_BYTES = ANSWER_LIMIT - 2**20
_DEEPEST = 2  # a container that somebody put into another one is opened, no deeper one
# A personal code begins with a day or with 32 to 39; register numbers begin with 4 or 9. One may break over two lines.
_BETWEEN = "[^0-9A-Za-z]{0,4}"
_CODE = f"(?<![0-9])[0-3][0-9]{{5}}{_BETWEEN}[0-9]{{5}}(?![0-9])"
_MARGIN = 1.5  # points around a covered letter
_GREY = (120, 120, 120, 255)
_COMPRESSION = 2  # of 9: a page is 7 % larger than at 6, and drawn in half the processor time


def answer(request: Frame) -> Frame:
    """Do what the service asks for."""
    return _compared(request) if request.words.get("compare") is True else draw(request)


def _compared(request: Frame) -> Frame:
    """Compare the first blob with the others, which are forms of ours."""
    document, *forms = request.blobs
    mentioned = list(references(document))
    try:
        compared = [one.to_json() for one in compare(document, forms)]
    except Incomparable as why:
        return Frame({"incomparable": str(why), "references": mentioned})
    return Frame({"compared": compared, "references": mentioned})


def draw(request: Frame) -> Frame:
    """Draw the pages of the document in the first blob: one PNG a page, and how many there are.

    It is a PDF, a picture, a Word document, or a container of these and of texts; files in it whose digests are in
    `without` are left out. Of a form of ours, `cover` lists the personal codes it states: they are covered, as is what
    looks like one.
    """
    (document,) = request.blobs
    cover, without = request.words.get("cover"), request.words.get("without")
    hidden = _hidden([str(one) for one in cover]) if isinstance(cover, list) else None
    left_out = frozenset(map(str, without)) if isinstance(without, list) else frozenset()
    try:
        count, pictures = _drawn(document, hidden, left_out, _MOST_PAGES)
    except (Undrawable, pypdfium2.PdfiumError) as error:
        return Frame({"unreadable": str(error)[:200]})
    return Frame({"pages": count}, tuple(_that_fit(pictures)))


def _that_fit(pictures: Iterable[bytes]) -> Iterator[bytes]:
    """Give the first pictures, as many as one answer holds: photographs are large."""
    size = 0
    for picture in pictures:
        size += len(picture)
        if size > _MOST_BYTES:
            return
        yield picture


def _drawn(
    document: bytes, hidden: re.Pattern[str] | None, left_out: frozenset[str], most: int, depth: int = 0
) -> tuple[int, list[bytes]]:
    """Return how many pages there are, and pictures of at most so many. Raises Undrawable and PdfiumError."""
    if is_container(document):
        return _container(document, hidden, left_out, most, depth)
    # By itself a text is no attachment: it would answer what a picture or a document was asked for.
    text = read_text(document) if depth else None
    if text is not None or is_drawable(document):
        drawing = pictures_of(document, most=most) if text is None else pictures_of_text(text, most=most)
        return drawing.pages, [_png(one.tobytes(), one.width, one.height, one.width * 3, 3) for one in drawing.pictures]
    pdf = pypdfium2.PdfDocument(document)
    # Forms and annotations are drawn as a reader shows them; no script runs (PDFium without V8).
    pdf.init_forms()
    count = len(pdf)
    return count, [_picture(pdf[number], hidden) for number in range(min(count, most))]


def _container(
    document: bytes, hidden: re.Pattern[str] | None, left_out: frozenset[str], most: int, depth: int
) -> tuple[int, list[bytes]]:
    """Draw the files of a container one after the other; one that cannot be drawn counts as a page without picture."""
    if depth == _DEEPEST:
        raise Undrawable("containers in containers in containers")
    count, drawn = 0, list[bytes]()
    for content in files_in(document):
        if hashlib.sha256(content).hexdigest() in left_out:
            continue
        try:
            pages, pictures = _drawn(content, hidden, left_out, most - len(drawn), depth + 1)
        except (Undrawable, pypdfium2.PdfiumError):
            pages, pictures = 1, []
        count += pages
        drawn += pictures
    if not drawn:
        raise Undrawable("nothing to show")
    return count, drawn


def _hidden(codes: Sequence[str]) -> re.Pattern[str]:
    """Return what finds personal codes in the text of a page, however they are hyphenated."""
    letters = (re.findall("[0-9A-Za-z]", code) for code in codes)
    return re.compile("|".join([_CODE, *(_BETWEEN.join(one) for one in letters if one)]))


def _picture(page: pypdfium2.PdfPage, hidden: re.Pattern[str] | None) -> bytes:
    width, height = page.get_size()
    scale = min(_DOTS_PER_POINT, (_MOST_PIXELS / max(width * height, 1)) ** 0.5)
    bitmap = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=False, fill_color=(255, 255, 255, 255))
    try:
        if hidden is not None:
            for left, bottom, right, top in _places(page, hidden):
                across, down = max(round((left - _MARGIN) * scale), 0), max(round((height - top - _MARGIN) * scale), 0)
                wide = min(round((right - left + 2 * _MARGIN) * scale), bitmap.width - across)
                high = min(round((top - bottom + 2 * _MARGIN) * scale), bitmap.height - down)
                bitmap.fill_rect(_GREY, across, down, wide, high)
        return _png(bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride, bitmap.n_channels)
    finally:
        bitmap.close()
        page.close()


def _places(page: pypdfium2.PdfPage, hidden: re.Pattern[str]) -> Iterator[tuple[float, float, float, float]]:
    """Give the box of every letter of a personal code, in points from the lower left corner of the page."""
    text = page.get_textpage()
    try:
        # Letter by letter, so that an index of the text is an index of a box.
        letters = [text.get_text_range(index, 1)[:1] or " " for index in range(text.count_chars())]
        for found in hidden.finditer("".join(letters)):
            for index in range(*found.span()):
                if letters[index].isalnum():
                    yield text.get_charbox(index, loose=True)
    finally:
        text.close()


def _png(pixels: bytes, width: int, height: int, stride: int, channels: int) -> bytes:
    """Write a PNG (ISO/IEC 15948): one IDAT, rows unfiltered: pages are mostly white and compress well as they are.

    By hand, because Pillow always filters: a page of our form is then 20 % larger and takes half as long again.
    """
    colour = {1: 0, 3: 2, 4: 6}[channels]
    row = width * channels
    rows = b"".join(b"\0" + pixels[start : start + row] for start in range(0, stride * height, stride))
    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(rows, _COMPRESSION))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


if __name__ == "__main__":
    serve(answer)
