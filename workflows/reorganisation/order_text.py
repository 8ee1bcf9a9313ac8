"""Turn the bytes of a file of orders into text, whatever program saved it, or say what the file is instead. Pure."""

import codecs
import re
from collections.abc import Iterator
from typing import Final

from workflows.reorganisation.faults import BadOrderFile, Fault, fault

__all__ = ["control_in", "text_of", "text_to_mend"]

# No text has them, and no database takes NUL; the last one stands for a letter that an earlier program lost.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd]")
_LINE_END = re.compile(rb"\r\n|\r|\n")
# UTF-32's mark begins like that of UTF-16.
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 512
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_BEGINNINGS: Final = (
    (b"%PDF-", "PDF"),
    (b"{\\rtf", "RTF"),
    (b"\x1f\x8b", "GZIP"),
    (b"7z\xbc\xaf\x27\x1c", "7Z"),
    (b"Rar!", "RAR"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
)
_INSIDE: Final = (
    (_ZIP, b"xl/", ".xlsx", True),
    (_ZIP, b"opendocument.spreadsheet", ".ods", True),
    (_ZIP, b"word/", ".docx", False),
    (_ZIP, b"opendocument.text", ".odt", False),
    (_ZIP, b"", "ZIP", False),
    (_OLE, "Workbook".encode("utf-16-le"), ".xls", True),
    (_OLE, "Book".encode("utf-16-le"), ".xls", True),
    (_OLE, "WordDocument".encode("utf-16-le"), ".doc", False),
    (_OLE, b"", ".xls / .doc", True),
)
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<[!?A-Za-z]")


def text_of(content: bytes) -> str:
    r"""Return the text, its lines ended by `\n`. Raises BadOrderFile, with every line that has a byte of no letter.

    UTF-8, and UTF-16 and UTF-32 by their marks or their zeros. Nothing else is guessed: other letters would be read.
    """
    if (other := _another_kind(content)) is not None:
        raise BadOrderFile((other,))
    text = _decoded(content).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = enumerate(text.split("\n"), start=1)
    if found := [one for number, line in lines if (one := control_in(number, line)) is not None]:
        raise BadOrderFile(found)
    return text


def text_to_mend(content: bytes) -> str:
    """Return what a field can show of a file at fault, what is no letter replaced; "" for a file that is no text."""
    if _another_kind(content) is not None:
        return ""
    return _CONTROL.sub("\ufffd", content.decode(_encoding(content), errors="replace").removeprefix("\ufeff"))


def control_in(line: int, text: str) -> Fault | None:
    """Name the first character that no text has."""
    found = _CONTROL.search(text)
    return None if found is None else fault(line, "control", character=f"U+{ord(found.group()):04X}")


def _another_kind(content: bytes) -> Fault | None:
    for beginning, inside, kind, workbook in _INSIDE:
        if content.startswith(beginning) and inside in content:
            return fault(1, "file.workbook" if workbook else "file.document", kind=kind)
    for beginning, kind in _BEGINNINGS:
        if content.startswith(beginning):
            return fault(1, "file.document", kind=kind)
    return fault(1, "file.workbook", kind="HTML / XML") if _MARKUP.match(content) else None


def _decoded(content: bytes) -> str:
    encoding = _encoding(content)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8":
            raise BadOrderFile((fault(1, "encoding.utf16"),)) from None
    raise BadOrderFile(_of_no_letter(content))


def _encoding(content: bytes) -> str:
    """Name the encoding: by its mark, or by where the zeros stand that ASCII's letters have in UTF-16."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding
    first, second = content[:_SAMPLE:2].count(0), content[1:_SAMPLE:2].count(0)
    if min(first, second) == 0 and 4 * max(first, second) > min(len(content), _SAMPLE):
        return "utf-16-be" if first else "utf-16-le"
    return "utf-8"


def _of_no_letter(content: bytes) -> Iterator[Fault]:
    for line, part in enumerate(_LINE_END.split(content), start=1):
        try:
            part.decode("utf-8")
        except UnicodeDecodeError as broken:
            yield fault(line, "encoding", byte=str(broken.start + 1))
