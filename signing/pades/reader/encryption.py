"""Encryption with the empty user password (ISO 32000-2 §7.6.4): viewers open such a file without asking.

A signature covers the encrypted bytes as they stand in the file; strings and streams are decrypted to be read, as in
every viewer. A signature's /Contents are never encrypted (§7.6.2).

An update could make the same bytes decrypt with another key, or with none. So all revisions must name the same
encryption dictionary, no later one may rewrite it, and the file identifier, from which the key is derived, must stay.
"""

from __future__ import annotations

from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.crypt import AuthStatus

from signing.errors import BrokenDocument, EncryptedDocument
from signing.pades.reader.faults import Malformed, is_of_the_file

__all__ = ["unlock"]


def unlock(reader: Any) -> None:  # noqa: ANN401 - pyHanko has no types
    """Authenticate with the empty user password; a file that is not encrypted stays as it is.

    Raises `EncryptedDocument` for one that needs a password or an unknown handler, `BrokenDocument` for one whose
    revisions do not agree.
    """
    if "/Encrypt" not in reader.trailer:
        return
    try:
        opened = reader.decrypt("").status is not AuthStatus.FAILED
    except Exception as error:
        if not is_of_the_file(error):
            raise
        # An unknown security handler, cipher or spelling: it cannot be opened without more.
        raise EncryptedDocument("pdf.encrypted") from error
    if not opened:
        raise EncryptedDocument("pdf.encrypted")
    if not _revisions_agree(reader):
        raise BrokenDocument("pdf.damaged", {"error": "revisions that are not encrypted alike"})


def _revisions_agree(reader: Any) -> bool:  # noqa: ANN401 - pyHanko has no types
    trailers = list(reader.trailer._trailer_revisions)  # noqa: SLF001 - no public API for the trailer of each revision
    newest = trailers[0]
    if _is_linearised(reader) and "/Encrypt" not in trailers[-1]:
        trailers.pop()  # its trailer need state nothing but /Size (ISO 32000-2 annex F.3.4)
    if "/Encrypt" not in newest:
        return False
    for one in trailers:
        if "/Encrypt" not in one or _raw_entry(one, "/Encrypt") != _raw_entry(newest, "/Encrypt"):
            return False
        if _identifier(one) != _identifier(newest):
            return False
    named = _raw_entry(newest, "/Encrypt")
    if not isinstance(named, generic.IndirectObject):
        return True
    xrefs = reader.xrefs
    written = [named.reference in xrefs.explicit_refs_in_revision(one) for one in range(xrefs.total_revisions)]
    return sum(written) == 1


def _is_linearised(reader: Any) -> bool:  # noqa: ANN401 - pyHanko has no types
    """Whether the first two tables are those of a linearised file: one revision, the oldest table behind the next."""
    xrefs = reader.xrefs
    if xrefs.total_revisions < 2:  # noqa: PLR2004 - two tables
        return False
    first, second = (xrefs.get_xref_container_info(number).start_location for number in (0, 1))
    return bool(first > second)


def _raw_entry(trailer: Any, key: str) -> Any:  # noqa: ANN401 - pyHanko has no types
    return trailer.raw_get(key, decrypt=generic.EncryptedObjAccess.RAW)


def _identifier(trailer: Any) -> bytes | None:  # noqa: ANN401 - pyHanko has no types
    if "/ID" not in trailer:
        return None
    found = _raw_entry(trailer, "/ID").get_object()
    if not isinstance(found, generic.ArrayObject):
        raise Malformed("an identifier that is no array")
    first = found.raw_get(0, decrypt=generic.EncryptedObjAccess.RAW).get_object()
    if not isinstance(first, generic.TextStringObject | generic.ByteStringObject):
        raise Malformed("an identifier that is no string")
    return bytes(first.original_bytes)
