"""From bytes to `DocumentFacts`, one function for each kind of file.

PDF is read by `signing.pades`, loaded when the first PDF comes: its library takes longer to load than everything
else here to run, and judging one container does not need it.
"""

from __future__ import annotations

import hashlib
import importlib
import mimetypes
from dataclasses import replace
from typing import TYPE_CHECKING

from signing.cms.cades import CmsContent, read_cades
from signing.cms.file import der_of, enclosed_by, is_in_two_formats
from signing.cms.signed_data import read_signed_data
from signing.container import FileOctets
from signing.errors import BrokenDocument, NotASignedDocument
from signing.model import Content
from signing.reading.containers import read_container
from signing.reading.facts import DocumentFacts, SignatureForm
from signing.reading.naming import unique_ids
from signing.reading.polyglots import begins_like_a_pdf, has_parts_of_a_pdf
from signing.reading.recognise import FileType, recognise
from signing.xades import DetachedFiles, NoData
from signing.xades.document import XmlDocument
from signing.xades.reading import read_signatures
from signing.xml.tree import NotXml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signing.container import Octets
    from signing.model import ExpectedContent

__all__ = ["read_document"]


def read_document(
    document: Octets,
    *,
    name: str,
    detached: Sequence[tuple[str, bytes]] = (),
    expected: Sequence[ExpectedContent] = (),
) -> DocumentFacts:
    """Read what a file shows; a container need not be in memory. Raises members of the `UnreadableDocument` tree."""
    if isinstance(document, FileOctets):
        return read_container(document)
    kind = recognise(document)
    match kind:
        case FileType.ZIP:
            return read_container(document)
        case FileType.XML:
            return read_xml(document, name, detached)
        case FileType.CMS:
            return read_cms(document, name, detached)
        case FileType.PDF:
            reader = importlib.import_module("signing.pades")
            facts: DocumentFacts = reader.read_pdf(document, name=name, expected=expected)
            return facts


def read_xml(document: bytes, name: str, detached: Sequence[tuple[str, bytes]]) -> DocumentFacts:
    """Read an XML file that holds signatures: over itself, over what is inside them, or over files beside it."""
    try:
        parsed = XmlDocument(document)
    except NotXml as error:
        raise BrokenDocument(f"xml.{error.reason}", {"name": name}) from error
    if begins_like_a_pdf(document) and has_parts_of_a_pdf((document,)):
        raise BrokenDocument("cms.two-readings", {"name": name})
    source = DetachedFiles(detached) if detached else NoData()
    signatures = unique_ids(list(read_signatures(parsed, source)))
    if not signatures:
        raise NotASignedDocument
    if detached:
        contents = tuple(_content(label, data) for label, data in detached)
    else:
        contents = (_content(name, document, "application/xml"),)
        signatures = [replace(one, covers=(name,) if one.covers_everything else one.covers) for one in signatures]
    return DocumentFacts(SignatureForm.XADES, contents, tuple(signatures))


def _content(name: str, data: bytes, media_type: str = "") -> Content:
    kind = media_type or mimetypes.guess_type(name)[0] or ""
    return Content(name, len(data), hashlib.sha256(data).hexdigest(), kind)


def read_cms(document: bytes, name: str, detached: Sequence[tuple[str, bytes]]) -> DocumentFacts:
    """Read a CMS file that stands alone: over the one file handed in beside it, or over what it encloses.

    Who hands a file in asks about that one, whatever the CMS encloses.
    """
    if is_in_two_formats(document):
        raise BrokenDocument("cms.two-readings", {"name": name})
    der = der_of(document)
    try:
        enclosed = enclosed_by(read_signed_data(der))
        files = detached or ([(name, enclosed)] if enclosed is not None else [])
        content = CmsContent.of(files[0][1], files[0][0]) if len(files) == 1 else None
        signatures = list(read_cades(der, content, name=name))
    except (ValueError, IndexError) as error:
        raise BrokenDocument("cms.unreadable", {"name": name}) from error
    if not signatures:
        raise NotASignedDocument("cms.no-signer")
    contents = tuple(_content(*one) for one in files)
    return DocumentFacts(SignatureForm.CADES, contents, tuple(unique_ids(signatures)))
