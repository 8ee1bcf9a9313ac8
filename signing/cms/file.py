"""A CMS file of its own (.p7m, .p7s): DER or BER, also as PEM or base64.

It is recognised by its outermost format. PDF viewers search for `%PDF-` in the first 1024 octets: a file that is a PDF
to them is read only if all they can show is the encapsulated content.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from signing.asn1 import tlv
from signing.cms.signed_data import digest
from signing.errors import BrokenDocument
from signing.reading.polyglots import begins_like_a_pdf, has_parts_of_a_pdf

if TYPE_CHECKING:
    from signing.cms.signed_data import CmsSigner, SignedData

__all__ = ["der_of", "enclosed_by", "is_cms", "is_in_two_formats"]

_HEAD = 1024
_SIGNED_DATA = rb"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
_BINARY = re.compile(rb"\x30(?:[\x00-\x80]|\x81.|\x82.{2}|\x83.{3}|\x84.{4})" + _SIGNED_DATA, re.DOTALL)
_PEM_HEAD = re.compile(rb"\s*-----BEGIN (PKCS7|CMS|PKCS #7 SIGNED DATA)-----")
_BASE64 = re.compile(rb"\s*[A-Za-z0-9+/\s]+={0,2}\s*")
_BLANKS = b" \t\r\n\x0b\x0c"
_HEAD_IN_BASE64 = 64
# The end record of a ZIP, by which readers find an archive from the end of the file.
_END_OF_A_ZIP = b"PK\x05\x06\0\0\0\0"


def is_cms(document: bytes) -> bool:
    """Return whether the outermost format is CMS SignedData: DER, BER, PEM (RFC 7468 §9), or bare base64."""
    return (
        _BINARY.match(document) is not None or _PEM_HEAD.match(document, 0, _HEAD) is not None or _is_base64(document)
    )


def _is_base64(document: bytes) -> bool:
    head = document[:_HEAD].translate(None, _BLANKS)[:_HEAD_IN_BASE64]
    if not head.startswith(b"MI") or _BASE64.fullmatch(head) is None:
        return False
    return _BINARY.match(base64.b64decode(head[: len(head) // 4 * 4])) is not None


def der_of(document: bytes) -> bytes:
    """Unwrap the DER or BER; raises `BrokenDocument` for text that is not base64 from end to end."""
    if _BINARY.match(document):
        return document
    text = document
    if head := _PEM_HEAD.match(document):
        # Plain search: a regular expression over unlimited white space would take quadratic time.
        text = document.rstrip(_BLANKS)[head.end() :]
        if not text.endswith(foot := b"-----END " + head[1] + b"-----"):
            raise BrokenDocument("cms.unreadable")
        text = text.removesuffix(foot)
    try:
        return base64.b64decode(text.translate(None, _BLANKS), validate=True)
    except ValueError as error:
        raise BrokenDocument("cms.unreadable") from error


def is_in_two_formats(document: bytes) -> bool:
    """Return whether a PDF viewer or ZIP reader would show something not encapsulated, and so not signed."""
    pdf, archive = begins_like_a_pdf(document[:_HEAD]), _END_OF_A_ZIP in document
    if not pdf and not archive:
        return False
    try:
        _, wrapped = tlv.children(tlv.read(document)[0].content)
        (body,) = tlv.children(wrapped.content)
        enclosed = tlv.children(body.content)[2].whole
    except (ValueError, IndexError):
        return True
    before, _, after = document.partition(enclosed)
    outside = (before, after)
    return (pdf and has_parts_of_a_pdf(outside)) or any(_END_OF_A_ZIP in part for part in outside)


def enclosed_by(signed: SignedData) -> bytes | None:
    """Return the encapsulated content; None for an empty one that is not signed: the content is then detached."""
    if signed.content == b"" and not any(map(_is_over_nothing, signed.signers)):
        return None
    return signed.content


def _is_over_nothing(signer: CmsSigner) -> bool:
    try:
        return signer.message_digest() == digest(signer.digest_name, b"")
    except ValueError:
        return False
