"""Unsigned attachments: a photograph and a Word document, as small as they can be."""

import io
import zipfile
from html import escape

from PIL import Image

__all__ = ["photo", "word"]

_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def photo(kind: str = "JPEG") -> bytes:
    """Make a picture of that format of Pillow's."""
    made = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(made, kind)
    return made.getvalue()


def word(*paragraphs: str) -> bytes:
    """Make a Word document (ECMA-376-1 §11.3.10) of these paragraphs."""
    text = "".join(f"<w:p><w:r><w:t>{escape(one)}</w:t></w:r></w:p>" for one in paragraphs)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        package.writestr(zipfile.ZipInfo("[Content_Types].xml"), "<Types/>")
        body = zipfile.ZipInfo("word/document.xml")  # of no date: the same paragraphs are the same bytes
        package.writestr(body, f'<w:document xmlns:w="{_MAIN}"><w:body>{text}</w:body></w:document>')
    return made.getvalue()
