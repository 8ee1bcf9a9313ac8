"""Which reference numbers stand in a file whose contents are no forms of ours, and which PDFs does it hold?

A form that was changed keeps, as a rule, the title we gave it (the PDF's XMP metadata, which PDF/A leaves
uncompressed), and with it its reference number. That tells a changed form from one we never made, and says whose it
was. It proves nothing, and nothing is decided by it but which sentence the sender reads. Where a program packed the
title away, the guard finds it.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import TYPE_CHECKING

from workflows.signed_forms.errors import BadReference
from workflows.signed_forms.references import parse_reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from signing.model import Report

__all__ = ["pdfs_in", "real_references", "references_in"]

_SHAPE = re.compile(rb"(?<![0-9A-Z-])[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}(?![0-9A-Z-])")
_LARGEST = 30 * 2**20
_MOST_FILES = 20
_MOST_PDFS = 4
_LARGEST_PDF = 4 * 2**20  # of the forms' kind; they have some 30 KB
_PIECE = 2**20
_ZIP = b"PK\x03\x04"
_BROKEN = (zipfile.BadZipFile, KeyError, zlib.error, OSError, RuntimeError, NotImplementedError, ValueError)
_OVERLAP = 16  # a number and what stands around it


def references_in(document: bytes, report: Report) -> frozenset[str]:
    """Find reference numbers in the document or, in a container, in its files. Never raises."""
    found = _references(document)
    if document.startswith(_ZIP):
        # The guard has accepted this container and told its files' sizes; no more than that is unpacked here.
        for content in report.contents[:_MOST_FILES]:
            found |= _references_in_file(document, content.name, min(content.size, _LARGEST))
    return frozenset(found)


def pdfs_in(document: bytes, report: Report) -> Iterator[tuple[str, bytes]]:
    """Give the PDF itself, or the first few PDFs of a container, by name; none that is far larger than a form."""
    if not document.startswith(_ZIP):
        if len(document) <= _LARGEST_PDF and b"%PDF-" in document[:1024]:
            yield report.file_name, document
        return
    named = [one for one in report.contents if one.name.lower().endswith(".pdf") and one.size <= _LARGEST_PDF]
    for content in named[:_MOST_PDFS]:
        try:
            with zipfile.ZipFile(io.BytesIO(document)) as container, container.open(content.name) as file:
                yield content.name, file.read(content.size)
        except _BROKEN:
            continue


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
    except _BROKEN:
        return found
    return found


def real_references(found: Iterable[str]) -> set[str]:
    """Keep what has the check character of a reference number."""
    real = set()
    for one in found:
        try:
            real.add(parse_reference(one))
        except BadReference:
            continue
    return real


def _references(content: bytes) -> set[str]:
    return real_references(match.group().decode("ascii") for match in _SHAPE.finditer(content))
