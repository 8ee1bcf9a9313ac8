"""What kind of file is this? Told by its content; its name and extension are not asked.

The outermost format counts: what a CMS file or a container holds may show in its first octets too. Readers of PDF look
for `%PDF-` anywhere in the first 1024 octets, so the other formats are told first.
"""

from __future__ import annotations

from enum import StrEnum

from signing.cms.file import is_cms
from signing.container.archive import is_zip
from signing.errors import EmptyDocument, EncryptedDocument, LegacyFormat, NotASignedDocument

__all__ = ["FileType", "recognise"]

_HEAD = 1024
_BOM = b"\xef\xbb\xbf"
_BLANKS = b" \t\r\n\x00"
_DDOC = b"SignedDoc"
_CDOC = b"EncryptedData"
_CDOC2 = b"CDOC\x02"


class FileType(StrEnum):
    """The kinds that can hold a signature."""

    ZIP = "zip"
    XML = "xml"
    CMS = "cms"
    PDF = "pdf"


def recognise(document: bytes) -> FileType:
    """Return the kind; raises `EmptyDocument`, `LegacyFormat`, `EncryptedDocument` or `NotASignedDocument`.

    >>> recognise(b"%PDF-1.7 ...")
    <FileType.PDF: 'pdf'>
    """
    head = document[:_HEAD]
    text = head.removeprefix(_BOM).lstrip()
    if not head.strip(_BLANKS) and not document.strip(_BLANKS):
        raise EmptyDocument
    if is_zip(document):
        return FileType.ZIP
    if document.startswith(_CDOC2):
        raise EncryptedDocument
    if text.startswith(b"<"):
        if _DDOC in head and b"digidoc" in head.lower():
            raise LegacyFormat.named("DDOC")
        if _CDOC in head:
            raise EncryptedDocument
        return FileType.XML
    if is_cms(document):
        return FileType.CMS
    if b"%PDF-" in head:
        return FileType.PDF
    raise NotASignedDocument
