"""Unsigned attachments: a photograph and a Word document, as small as they can be."""

import io
import zipfile
from html import escape

from PIL import Image

__all__ = ["package", "photo", "word"]

_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def photo(kind: str = "JPEG") -> bytes:
    """Make a picture of that format of Pillow's."""
    made = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(made, kind)
    return made.getvalue()


def word(*paragraphs: str) -> bytes:
    """Make a Word document (ECMA-376-1 §11.3.10) of these paragraphs."""
    return package("".join(f"<w:p><w:r><w:t>{escape(one)}</w:t></w:r></w:p>" for one in paragraphs))


def package(body: str, *others: tuple[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """Make a Word document of the elements of its body, and of other parts by name."""
    text = f'<w:document xmlns:w="{_MAIN}"><w:body>{body}</w:body></w:document>'
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in (("[Content_Types].xml", b"<Types/>"), ("word/document.xml", text.encode()), *others):
            part = zipfile.ZipInfo(name)  # of no date: the same parts are the same bytes
            part.compress_type = method
            archive.writestr(part, content)
    return made.getvalue()
