"""From bytes to `DocumentFacts`, one function for each kind of file."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from signing.container import open_container
from signing.container.names import look_alikes
from signing.errors import BrokenDocument, NotASignedDocument
from signing.facts import DocumentFacts, Form
from signing.model import Content, Message
from signing.recognise import Kind, recognise
from signing.xades import DetachedFiles, NoData
from signing.xades.document import XmlDocument
from signing.xades.reading import read_signatures, unique_ids
from signing.xades.sources import ContainerFiles
from signing.xmltree import DIGESTS, NotXml

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from signing.container import Container
    from signing.facts import SignatureFacts
    from signing.model import ExpectedContent

__all__ = ["read"]

_METHOD = re.compile(rb"""DigestMethod\b[^>]*\bAlgorithm\s*=\s*["']([^"']+)["']""")


def read(
    document: bytes,
    *,
    name: str,
    detached: Sequence[tuple[str, bytes]] = (),
    expected: Sequence[ExpectedContent] = (),
) -> DocumentFacts:
    """Read what a file shows; raises members of the `UnreadableDocument` tree."""
    kind = recognise(document)
    match kind:
        case Kind.ZIP:
            return read_container(document)
        case Kind.XML:
            return read_xml(document, name, detached)
        case Kind.CMS | Kind.PDF:
            del expected
            raise NotASignedDocument


def read_xml(document: bytes, name: str, detached: Sequence[tuple[str, bytes]]) -> DocumentFacts:
    """Read an XML file that holds signatures: over itself, over what is inside them, or over files beside it."""
    try:
        parsed = XmlDocument(document)
    except NotXml as error:
        raise _not_xml(error, name) from error
    source = DetachedFiles(detached) if detached else NoData()
    signatures = unique_ids(list(read_signatures(parsed, source)))
    if not signatures:
        raise NotASignedDocument
    if detached:
        contents = tuple(_content(label, data) for label, data in detached)
    else:
        contents = (_content(name, document, "application/xml"),)
        signatures = [replace(one, covers=(name,) if one.covers_everything else one.covers) for one in signatures]
    return DocumentFacts(Form.XADES, contents, tuple(signatures))


def _content(name: str, data: bytes, media_type: str = "") -> Content:
    kind = media_type or mimetypes.guess_type(name)[0] or ""
    return Content(name, len(data), hashlib.sha256(data).hexdigest(), kind)


def _not_xml(error: NotXml, name: str) -> BrokenDocument:
    return BrokenDocument(f"xml.{error.reason}", {"name": name})


def read_container(document: bytes) -> DocumentFacts:
    """Read an ASiC container: every signature file in it, over the data files beside it."""
    container = open_container(document)
    names = [entry.name for entry in container.data]
    blobs = [(entry, container.archive.read(entry)) for entry in container.xades]
    source = ContainerFiles(container, _digest_names(blob for _, blob in blobs))
    signatures: list[SignatureFacts] = []
    for entry, blob in blobs:
        try:
            parsed = XmlDocument(blob)
        except NotXml as error:
            raise _not_xml(error, entry.name) from error
        signatures += read_signatures(parsed, source)
    signatures = unique_ids(signatures)
    warnings = [Message.of("names.look-alike", one=one, other=other) for one, other in look_alikes(names)]
    if not container.mimetype:
        warnings.append(Message.of("container.no-mimetype"))
    elif not container.mimetype_exact:
        warnings.append(Message.of("container.mimetype-place"))
    return DocumentFacts(
        form=container.form,
        contents=tuple(
            Content(entry.name, entry.size, source.sha256(entry.name), mimetypes.guess_type(entry.name)[0] or "")
            for entry in container.data
        ),
        signatures=tuple(signatures),
        faults=tuple(_container_faults(container, signatures)),
        warnings=tuple(warnings),
    )


def _digest_names(blobs: Iterable[bytes]) -> frozenset[str]:
    found = set()
    for blob in blobs:
        found |= {DIGESTS.get(method.decode("ascii", "replace"), "") for method in _METHOD.findall(blob)}
    return frozenset(found - {""})


def _container_faults(container: Container, signatures: Sequence[SignatureFacts]) -> list[Message]:
    """Object to what concerns the whole container: a file nobody signed, more than one object in ASiC-S."""
    signed = {name for one in signatures if not one.counter_signature for name in one.covers}
    named = {reference.covers[0] for one in signatures for reference in one.references if reference.covers}
    faults = [
        Message.of("container.file-not-signed", file=entry.name)
        for entry in container.data
        if entry.name not in signed | named
    ]
    if container.form is Form.ASIC_S:
        faults += _simple_faults(container)
    return faults


def _simple_faults(container: Container) -> list[Message]:
    """ASiC-S holds one data object at the root and one kind of signature (EN 319 162-1 §4.3.3.2)."""
    faults = []
    if len(container.data) != 1 or any("/" in entry.name for entry in container.data):
        faults.append(Message.of("container.simple-one-object"))
    kinds = [bool(container.xades), bool(container.cades), bool(container.stamps)]
    if sum(kinds) > 1 or (container.manifests and not container.stamps):
        faults.append(Message.of("container.simple-one-kind"))
    return faults
