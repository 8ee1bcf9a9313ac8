"""What does a plain text say? Its lines, in the encoding its mark names, else UTF-8, else Windows' Baltic one.

Whether a file is a text is told by its octets, as of any other kind: its name is the sender's.
"""

import codecs
import re

from workflows.evidence.guard.word_documents import Undrawable

__all__ = ["read_text"]

# Looked up before the sandbox is entered; a longer mark before one that it begins with.
_MARKED = (
    (codecs.BOM_UTF8, codecs.lookup("utf-8-sig")),
    (codecs.BOM_UTF16_LE, codecs.lookup("utf-16")),
    (codecs.BOM_UTF16_BE, codecs.lookup("utf-16")),
)
_UNMARKED = (codecs.lookup("utf-8"), codecs.lookup("cp1257"))
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
# A PDF may be all letters (ISO 32000-2 §7.5.2), and so is rich text: neither is read as it stands.
_PDF = b"%PDF-"
_PDF_WITHIN = 1024
_RICH_TEXT = b"{\\rtf"
_LINE = re.compile(r"\r\n|[\n\r\f]")
_MOST_TEXT = 200_000


def read_text(document: bytes) -> tuple[str, ...] | None:
    """Return the lines of a plain text, None for a file of another kind. Raises Undrawable."""
    if not document.strip() or _PDF in document[:_PDF_WITHIN] or document.startswith(_RICH_TEXT):
        return None
    known = next((encoding for mark, encoding in _MARKED if document.startswith(mark)), None)
    for encoding in _UNMARKED if known is None else (known,):
        try:
            text, _ = encoding.decode(document, "strict")
        except UnicodeDecodeError:
            continue
        if _NO_TEXT.search(text):
            return None
        if len(text) > _MOST_TEXT:
            raise Undrawable("more text than anybody reads")
        return tuple(_LINE.split(text))
    return None
