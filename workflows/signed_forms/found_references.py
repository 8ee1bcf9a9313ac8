"""Which reference numbers stand in a file whose contents are no forms of ours, and which PDFs does it hold?

A form that was changed keeps, as a rule, the title we gave it (the PDF's XMP metadata, which PDF/A leaves
uncompressed), and with it its reference number. That tells a changed form from one we never made, and says whose it
was. It proves nothing, and nothing is decided by it but which sentence the sender reads. Where a program packed the
title away, the guard finds it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from signing.container import is_zip, open_archive
from signing.errors import UnreadableDocument
from workflows.signed_forms.errors import BadReference
from workflows.signed_forms.references import parse_reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from signing.model import Content, Report

__all__ = ["pdfs_in", "real_references", "references_in"]

_SHAPE = re.compile(rb"(?<![0-9A-Z-])[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}(?![0-9A-Z-])")
_LARGEST = 30 * 2**20
_MOST_FILES = 20
_MOST_PDFS = 4
_LARGEST_PDF = 4 * 2**20  # of the forms' kind; they have some 30 KB
_OVERLAP = 16  # a number and what stands around it


def references_in(document: bytes, report: Report) -> frozenset[str]:
    """Find reference numbers in the document or, in a container, in its files. Never raises."""
    found = _references(document)
    for _, pieces in _files(document, report.contents[:_MOST_FILES]):
        found |= _references_in_pieces(pieces)
    return frozenset(found)


def pdfs_in(document: bytes, report: Report) -> Iterator[tuple[str, bytes]]:
    """Give the PDF itself, or the first few PDFs of a container, by name; none that is far larger than a form."""
    if not is_zip(document):
        if len(document) <= _LARGEST_PDF and b"%PDF-" in document[:1024]:
            yield report.file_name, document
        return
    named = [one for one in report.contents if one.name.lower().endswith(".pdf") and one.size <= _LARGEST_PDF]
    for name, pieces in _files(document, named[:_MOST_PDFS]):
        try:
            yield name, b"".join(pieces)
        except UnreadableDocument:
            continue


def _files(document: bytes, contents: Sequence[Content]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Give files of a container in pieces; none of another document. The guard has accepted it and told the sizes."""
    if not is_zip(document):
        return
    try:
        archive = open_archive(document)
    except UnreadableDocument:
        return
    for content in contents:
        if entry := archive.find(content.name):
            yield content.name, archive.stream(entry)


def _references_in_pieces(pieces: Iterator[bytes]) -> set[str]:
    """Look through a file piece by piece: it may be as large as an upload."""
    found: set[str] = set()
    before, size = b"", 0
    try:
        for piece in pieces:
            joined = before + piece
            found |= _references(joined)
            before, size = joined[-_OVERLAP:], size + len(piece)
            if size >= _LARGEST:
                break
    except UnreadableDocument:
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
