"""How does an unsigned attachment look? Pictures, Word documents and texts, drawn inside the guard that draws pages.

A picture is one page. Of a Word document a reader sees the text and the pictures: it is to be read, and proves nothing.
"""

from __future__ import annotations

import io
import struct
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import ExifTags, Image, ImageDraw, ImageFont, JpegImagePlugin, PngImagePlugin

from signing.container import is_zip
from workflows.evidence.guard.word_documents import Undrawable, read_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["DrawnAttachment", "is_drawable", "pictures_of", "pictures_of_text"]

_FONTS = Path(__file__).parents[2] / "signed_forms" / "typesetting" / "fonts"
# Read before the sandbox is entered: afterwards no file outside Python's own folders can be.
_FONT = ImageFont.truetype(io.BytesIO((_FONTS / "SourceSans3-Regular.otf").read_bytes()), 22)
_FORMATS = (PngImagePlugin.PngImageFile.format, JpegImagePlugin.JpegImageFile.format)
_PICTURE = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_MOST_MEMORY = 128 * 2**20
# Octets of a pixel, at most, while Pillow reads it and makes the picture smaller, by Pillow's mode.
_PIXEL = {"1": 2, "L": 2, "I;16": 5, "P": 5, "RGB": 4, "CMYK": 4}
_TRANSPARENT = 8
_WIDTH, _HEIGHT = 1240, 1754  # A4 at 150 dots an inch
_BOUND = (_HEIGHT, _HEIGHT)  # of a picture: an A4 page either way up
_MARGIN, _LINE, _LINES = 100, 32, 48
_LONGEST_WORD = 40  # letters that fit a line however wide they are
# What Pillow is known to raise on damaged PNG, JPEG and EXIF; damage breaks its asserts too.
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    IndexError,
    AssertionError,
    struct.error,
    Image.DecompressionBombError,
)
# How a picture is turned upright, by its Orientation (CIPA DC-008 §4.6.5.1, tag 274).
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class DrawnAttachment:
    """How many pages an attachment has, and the first of them, drawn as they are asked for."""

    pages: int
    pictures: Iterator[Image.Image]


def is_drawable(document: bytes) -> bool:
    """Tell a PNG, a JPEG or a ZIP by its first octets (ISO/IEC 15948, 10918-1): no PDF begins like that."""
    return document.startswith(_PICTURE) or is_zip(document)


def pictures_of(document: bytes, *, most: int) -> DrawnAttachment:
    """Draw a picture or a Word document, at most `most` pages. Raises Undrawable, while drawing too."""
    if document.startswith(_PICTURE):
        return DrawnAttachment(1, iter([_drawn(document)]))
    word = read_word(document)
    pages = _pages(word.paragraphs)
    media = [content for content in word.media() if content.startswith(_PICTURE)]
    if not pages and not media:
        raise Undrawable("nothing to read")
    pictures = chain(map(_written, pages), map(_drawn, media))
    return DrawnAttachment(len(pages) + len(media), islice(pictures, most))


def pictures_of_text(paragraphs: Sequence[str], *, most: int) -> DrawnAttachment:
    """Draw a plain text, at most `most` pages. Raises Undrawable."""
    pages = _pages(paragraphs)
    if not pages:
        raise Undrawable("nothing to read")
    return DrawnAttachment(len(pages), islice(map(_written, pages), most))


def _pages(paragraphs: Sequence[str]) -> list[list[str]]:
    lines = [line for paragraph in paragraphs for line in _wrapped(paragraph)]
    return [lines[start : start + _LINES] for start in range(0, len(lines), _LINES)] if any(lines) else []


def _drawn(content: bytes) -> Image.Image:
    try:
        with _no_warnings(), Image.open(io.BytesIO(content), formats=[one for one in _FORMATS if one]) as opened:
            opened.draft(None, _BOUND)  # of a photograph, hardly more is decoded than is shown
            pixel = _TRANSPARENT if opened.has_transparency_data else _PIXEL.get(opened.mode, _TRANSPARENT)
            if opened.width * opened.height * pixel > _MOST_MEMORY:
                raise Undrawable("more pixels than any scan has")
            opened.load()
            turn = _UPRIGHT.get(_orientation(opened))
            small = _averageable(opened)
            small.thumbnail(_BOUND)
    except _DAMAGE as error:
        raise Undrawable("the picture is broken") from error
    flat = _on_paper(small)
    return flat if turn is None else flat.transpose(turn)


@contextmanager
def _no_warnings() -> Iterator[None]:
    """Keep quiet what Pillow warns of: damage that it reads past, and sizes that are bounded here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _orientation(opened: Image.Image) -> int:
    """Read the EXIF orientation; a picture with broken EXIF is shown as it lies, as browsers show it."""
    try:
        orientation = opened.getexif().get(ExifTags.Base.Orientation)
    except _DAMAGE:
        return 1
    return orientation if isinstance(orientation, int) else 1


def _averageable(image: Image.Image) -> Image.Image:
    """Bring a picture into a mode whose colours can be averaged: no palette, no transparent colour, 8 bits."""
    if image.mode == "I;16":  # a plain conversion cuts off at 255 instead of dividing
        return image.point(lambda grey: grey / 256).convert("L")
    if image.mode == "1":
        return image.convert("L")
    if image.has_transparency_data:
        return image if image.mode in {"LA", "RGBA"} else image.convert("RGBA")
    return image if image.mode in {"L", "RGB", "CMYK"} else image.convert("RGB")


def _on_paper(image: Image.Image) -> Image.Image:
    """Lay a picture on white paper: what is transparent would be black."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    over = image.convert("RGBA")
    paper = Image.new("RGBA", over.size, "white")
    paper.alpha_composite(over)
    return paper.convert("RGB")


def _wrapped(paragraph: str) -> Iterator[str]:
    """Break a paragraph into lines that fit the page, measured in the font they are written in."""
    line: list[str] = []
    length = 0.0
    for piece in _pieces(paragraph):
        shown = piece if line else piece.lstrip()
        width = _FONT.getlength(shown)
        if line and length + width > _WIDTH - 2 * _MARGIN:
            yield "".join(line)
            line, length, shown = [], 0.0, piece.lstrip()
        line.append(shown)
        length += width
    yield "".join(line)


def _pieces(paragraph: str) -> Iterator[str]:
    """Give words with the space before them; the letters of a word that may be wider than a line one by one."""
    for word in paragraph.split():
        if len(word) <= _LONGEST_WORD:
            yield f" {word}"
        else:
            yield f" {word[0]}"
            yield from word[1:]


def _written(lines: Sequence[str]) -> Image.Image:
    page = Image.new("RGB", (_WIDTH, _HEIGHT), "white")
    pen = ImageDraw.Draw(page)
    for number, line in enumerate(lines):
        pen.text((_MARGIN, _MARGIN + number * _LINE), line, fill="black", font=_FONT)
    return page
