"""What kind of file is this? Told by its content; its name and extension are not asked."""

from __future__ import annotations

from enum import StrEnum

from signing.container.archive import is_zip
from signing.errors import EmptyDocument, EncryptedDocument, LegacyFormat, NotASignedDocument

__all__ = ["Kind", "recognise"]

_HEAD = 1024
_BOM = b"\xef\xbb\xbf"
_BLANKS = b" \t\r\n\x00"
_DDOC = b"SignedDoc"
_CDOC = b"EncryptedData"
_CDOC2 = b"CDOC\x02"
_PEM_CMS = (b"-----BEGIN PKCS7-----", b"-----BEGIN CMS-----")


class Kind(StrEnum):
    """The kinds that can hold a signature."""

    ZIP = "zip"
    XML = "xml"
    CMS = "cms"
    PDF = "pdf"


def recognise(document: bytes) -> Kind:
    """Return the kind; raises `EmptyDocument`, `LegacyFormat`, `EncryptedDocument` or `NotASignedDocument`.

    >>> recognise(b"%PDF-1.7 ...")
    <Kind.PDF: 'pdf'>
    """
    head = document[:_HEAD]
    text = head.removeprefix(_BOM).lstrip()
    if not head.strip(_BLANKS) and not document.strip(_BLANKS):
        raise EmptyDocument
    if is_zip(document):
        return Kind.ZIP
    if document.startswith(_CDOC2):
        raise EncryptedDocument
    if text.startswith(b"<"):
        if _DDOC in head and b"digidoc" in head.lower():
            raise LegacyFormat.named("DDOC")
        if _CDOC in head:
            raise EncryptedDocument
        return Kind.XML
    if b"%PDF-" in head:
        return Kind.PDF
    if document[:1] == b"\x30" and b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" in head[:40]:
        return Kind.CMS
    if text.startswith(_PEM_CMS):
        return Kind.CMS
    raise NotASignedDocument
