"""How does an attachment look that is no PDF? Pictures and Word documents, and what stands in a container.

All of it is read inside the guard that draws pages.

A picture is one page. Of a Word document (ECMA-376, Office Open XML) a reader sees its text and the pictures in it, not
its layout: it is to be read, and never proves anything.
"""

from __future__ import annotations

import io
import re
import textwrap
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from PIL import Image, ImageDraw, ImageFont, ImageOps, JpegImagePlugin, PngImagePlugin, UnidentifiedImageError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Undrawable", "files_in", "is_container", "is_picture", "is_word", "pictures_of", "text_of"]

_FONTS = Path(__file__).parents[2] / "signed_forms" / "typesetting" / "fonts"
# Read before the sandbox is entered: afterwards no file outside Python's own folders can be.
_FONT = ImageFont.truetype(io.BytesIO((_FONTS / "SourceSans3-Regular.otf").read_bytes()), 22)
_FORMATS = (PngImagePlugin.PngImageFile.format, JpegImagePlugin.JpegImageFile.format)
_PICTURE = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_MOST_PIXELS = 64 * 1000 * 1000
_PAGE = (1240, 1754)  # A4 at 150 dots an inch
_MARGIN, _LINE, _LETTERS, _LINES = 100, 32, 96, 48
_BODY = "word/document.xml"
_MOST_XML = 16 * 2**20
_MOST_TEXT = 200_000
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MOST_FILES = 200
_MOST_FILE = 64 * 2**20
_MEDIA = re.compile(r"word/media/[^/]+\.(png|jpe?g)", re.IGNORECASE)


class Undrawable(Exception):
    """The attachment is broken, or larger than anything a person would send."""


def is_picture(document: bytes) -> bool:
    """Tell a JPEG or PNG by its first octets (ISO/IEC 10918-1, 15948)."""
    return document.startswith(_PICTURE)


def is_word(document: bytes) -> bool:
    """Tell a Word document by the part that holds its text (ECMA-376-1 §11.3.10)."""
    if not document.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(document)) as package:
            return _BODY in package.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return False


def is_container(document: bytes) -> bool:
    """Tell a ZIP, as signature containers are (EN 319 162-1 §4.3)."""
    return document.startswith(b"PK\x03\x04")


def files_in(document: bytes) -> Iterator[bytes]:
    """Give the files of a container that a person reads: all but its type and META-INF. Raises Undrawable."""
    try:
        with zipfile.ZipFile(io.BytesIO(document)) as package:
            names = [one.filename for one in package.infolist() if not one.is_dir()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise Undrawable("the container is broken") from error
    for name in names[:_MOST_FILES]:
        if name != "mimetype" and not name.startswith("META-INF/"):
            yield _part(document, name, _MOST_FILE)


def pictures_of(document: bytes, *, most: int) -> Iterator[Image.Image]:
    """Draw a picture or a Word document, at most `most` pages. Raises Undrawable."""
    if is_picture(document):
        yield _picture(document)
        return
    lines = [line for one in text_of(document) for line in (textwrap.wrap(one, _LETTERS) or [""])]
    pages = [lines[start : start + _LINES] for start in range(0, len(lines), _LINES)] if any(lines) else []
    media = list(_media(document))
    if not pages and not media:
        raise Undrawable("nothing to read")
    for page in pages[:most]:
        yield _written(page)
    for content in media[: max(0, most - len(pages))]:
        yield _picture(content)


def text_of(document: bytes) -> list[str]:
    """Read the paragraphs of a Word document. Raises Undrawable."""
    body = _part(document, _BODY, _MOST_XML)
    if b"<!DOCTYPE" in body:
        raise Undrawable("Office Open XML has no document type (ECMA-376-2 §9.1.4)")
    try:
        root = ET.fromstring(body)  # noqa: S314 - no document type, no entities; in the sandbox
    except ET.ParseError as error:
        raise Undrawable("the text is no XML") from error
    paragraphs: list[str] = []
    for paragraph in root.iter(f"{_W}p"):
        said = "".join(
            one.text or "" if one.tag == f"{_W}t" else " "
            for one in paragraph.iter()
            if one.tag in {f"{_W}t", f"{_W}tab", f"{_W}br"}
        )
        paragraphs.append(said)
        if sum(map(len, paragraphs)) > _MOST_TEXT:
            raise Undrawable("more text than anybody reads")
    return paragraphs


def _media(document: bytes) -> Iterator[bytes]:
    with zipfile.ZipFile(io.BytesIO(document)) as package:
        names = [name for name in package.namelist() if _MEDIA.fullmatch(name)]
    for name in names:
        content = _part(document, name, _MOST_XML)
        if is_picture(content):
            yield content


def _part(document: bytes, name: str, most: int) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(document)) as package, package.open(name) as part:
            content = part.read(most + 1)
    except (zipfile.BadZipFile, KeyError, ValueError, NotImplementedError, RuntimeError, OSError) as error:
        raise Undrawable("the package is broken") from error
    if len(content) > most:
        raise Undrawable("a part is too large")
    return content


def _picture(content: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(content), formats=[one for one in _FORMATS if one]) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise Undrawable("more pixels than any scan has")
            upright = ImageOps.exif_transpose(opened)
            flat = upright.convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise Undrawable("the picture is broken") from error
    flat.thumbnail(_PAGE)
    return flat


def _written(lines: list[str]) -> Image.Image:
    page = Image.new("RGB", _PAGE, "white")
    pen = ImageDraw.Draw(page)
    for number, line in enumerate(lines):
        pen.text((_MARGIN, _MARGIN + number * _LINE), line, fill="black", font=_FONT)
    return page
