"""Which reference numbers stand in a file whose contents are no forms of ours?

A form that was changed keeps, as a rule, the title we gave it (the PDF's XMP metadata, which PDF/A leaves
uncompressed), and with it its reference number. That tells a changed form from one we never made, and says whose it
was. It proves nothing, and nothing is decided by it but which sentence the sender reads.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import TYPE_CHECKING

from workflows.application.errors import BadReference
from workflows.application.references import parse_reference

if TYPE_CHECKING:
    from signing.model import Report

__all__ = ["references_in"]

_SHAPE = re.compile(rb"(?<![0-9A-Z-])[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}(?![0-9A-Z-])")
_LARGEST = 30 * 2**20
_MOST_FILES = 20
_PIECE = 2**20
_OVERLAP = 16  # a number and what stands around it


def references_in(document: bytes, report: Report) -> frozenset[str]:
    """Find reference numbers in the document or, in a container, in its files. Never raises."""
    found = _references(document)
    if document.startswith(b"PK\x03\x04"):
        # The guard has accepted this container and told its files' sizes; no more than that is unpacked here.
        for content in report.contents[:_MOST_FILES]:
            found |= _references_in_file(document, content.name, min(content.size, _LARGEST))
    return frozenset(found)


def _references_in_file(document: bytes, name: str, size: int) -> set[str]:
    """Look through a file of the container piece by piece: it may be as large as an upload."""
    found: set[str] = set()
    try:
        with zipfile.ZipFile(io.BytesIO(document)) as container, container.open(name) as file:
            before = b""
            while size > 0 and (piece := file.read(min(_PIECE, size))):
                size -= len(piece)
                found |= _references(before + piece)
                before = piece[-_OVERLAP:]
    except (zipfile.BadZipFile, KeyError, zlib.error, OSError, RuntimeError, NotImplementedError, ValueError):
        return found
    return found


def _references(content: bytes) -> set[str]:
    found = set()
    for match in _SHAPE.finditer(content):
        try:
            found.add(parse_reference(match.group().decode("ascii")))
        except BadReference:
            continue
    return found
