"""Encryption with permissions only (ISO 32000-2 §7.6.4): who opens such a file is asked for no password.

The empty user password opens it. What is signed are the bytes as they stand, encrypted; what is read here are strings
and streams decrypted, as every viewer does. A signature's /Contents are never encrypted (§7.6.2).

Whoever appends a revision could have the same bytes read with another key, or with none. So all revisions name the same
encryption dictionary, no later one writes it again, and the identifier its key is made with stays.
"""

from __future__ import annotations

from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.crypt import AuthStatus

from signing.errors import BrokenDocument, EncryptedDocument
from signing.pades.reader.faults import Malformed, is_of_the_file

__all__ = ["unlock"]


def unlock(reader: Any) -> None:  # noqa: ANN401 - pyHanko has no types
    """Open an encrypted file that needs no password, and leave one that is not encrypted.

    Raises `EncryptedDocument` for one that needs a password or another means, `BrokenDocument` for one whose revisions
    do not agree.
    """
    if "/Encrypt" not in reader.trailer:
        return
    try:
        opened = reader.decrypt("").status is not AuthStatus.FAILED
    except Exception as error:
        if not is_of_the_file(error):
            raise
        # A handler, a cipher or a way of writing it that is not known here: nobody opens it without more.
        raise EncryptedDocument("pdf.encrypted") from error
    if not opened:
        raise EncryptedDocument("pdf.encrypted")
    if not _agreed(reader):
        raise BrokenDocument("pdf.damaged", {"error": "revisions that are not encrypted alike"})


def _agreed(reader: Any) -> bool:  # noqa: ANN401 - pyHanko has no types
    trailers = list(reader.trailer._trailer_revisions)  # noqa: SLF001 - nothing public tells what each one says itself
    newest = trailers[0]
    if _is_linearised(reader) and "/Encrypt" not in trailers[-1]:
        trailers.pop()  # the main table's trailer needs say nothing but its size (ISO 32000-2 annex F.3.4)
    if "/Encrypt" not in newest:
        return False
    for one in trailers:
        if "/Encrypt" not in one or _told(one, "/Encrypt") != _told(newest, "/Encrypt"):
            return False
        if _identifier(one) != _identifier(newest):
            return False
    named = _told(newest, "/Encrypt")
    if not isinstance(named, generic.IndirectObject):
        return True
    xrefs = reader.xrefs
    written = [named.reference in xrefs.explicit_refs_in_revision(one) for one in range(xrefs.total_revisions)]
    return sum(written) == 1


def _is_linearised(reader: Any) -> bool:  # noqa: ANN401 - pyHanko has no types
    """Whether the oldest table stands behind the next one: the two are of one revision, written at once."""
    xrefs = reader.xrefs
    if xrefs.total_revisions < 2:  # noqa: PLR2004 - the two
        return False
    first, second = (xrefs.get_xref_container_info(number).start_location for number in (0, 1))
    return bool(first > second)


def _told(trailer: Any, key: str) -> Any:  # noqa: ANN401 - pyHanko has no types
    return trailer.raw_get(key, decrypt=generic.EncryptedObjAccess.RAW)


def _identifier(trailer: Any) -> bytes | None:  # noqa: ANN401 - pyHanko has no types
    if "/ID" not in trailer:
        return None
    found = _told(trailer, "/ID").get_object()
    if not isinstance(found, generic.ArrayObject):
        raise Malformed("an identifier that is no array")
    first = found.raw_get(0, decrypt=generic.EncryptedObjAccess.RAW).get_object()
    if not isinstance(first, generic.TextStringObject | generic.ByteStringObject):
        raise Malformed("an identifier that is no string")
    return bytes(first.original_bytes)
