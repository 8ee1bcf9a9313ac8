"""Active content in signed files: macros, fields and links that can change what is shown. A warning, no verdict.

A signature covers the bytes; with active content, what a person sees depends on the program that opens them. Office
documents are searched one level deep and within bounds; unreadable ones are skipped.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from signing.container.archive import is_zip, open_archive
from signing.errors import UnreadableDocument
from signing.model import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signing.container.archive import Archive, ArchiveEntry

__all__ = ["active_content", "active_parts"]

_OFFICE = (".docx", ".docm", ".xlsx", ".xlsm", ".pptx", ".pptm", ".odt", ".ods", ".odp", ".dotm", ".xltm")
_LARGEST = 32 * 1024 * 1024
_LONGEST_NAME = 16  # of a key that is looked for
_PART_LIMIT = 8 * 1024 * 1024
_MACRO_PARTS = re.compile(r"(.*/)?vbaProject\.bin|Basic/.+|Scripts/.+", re.IGNORECASE)
_TEXT_PARTS = re.compile(r"word/(document|header\d*|footer\d*)\.xml|content\.xml|.*\.rels", re.IGNORECASE)
# Fields and links whose text is computed when the document is opened.
_CHANGING = re.compile(
    rb"""instrText|<w:fldSimple|TargetMode\s*=\s*["']External["'][^>]*(attachedTemplate|oleObject|frame|image)"""
    rb"""|(attachedTemplate|oleObject|/frame|/image)["'][^>]*TargetMode\s*=\s*["']External["']"""
    rb"""|<text:(date|time|user-defined|expression|conditional-text|hidden-text|database-display)[\s>]"""
)
_PDF_SCRIPT = re.compile(rb"/JavaScript\b|/JS\b|/Launch\b")


def active_content(archive: Archive, entry: ArchiveEntry) -> Iterator[Message]:
    """Warn of active content in a file of a container; unreadable files are skipped."""
    name = entry.name.lower()
    try:
        if name.endswith(".pdf") and _has_script(archive.stream(entry)):
            yield Message.of("pdf.script", file=entry.name)
        elif name.endswith(_OFFICE) and entry.size <= _LARGEST:
            data = archive.read(entry, limit=_LARGEST)
            if is_zip(data):
                yield from active_parts(entry.name, open_archive(data))
    except UnreadableDocument:
        return


def active_parts(name: str, archive: Archive) -> Iterator[Message]:
    """Warn of active content in an office document; `name` is the one in the message."""
    if any(_MACRO_PARTS.fullmatch(entry.name) for entry in archive.entries):
        yield Message.of("active.macros", file=name)
    if _changes_itself(archive):
        yield Message.of("active.fields", file=name)


def _has_script(parts: Iterator[bytes]) -> bool:
    """Search for a script slice by slice, so that a large file is not held in memory."""
    tail = next(parts, b"")
    if not tail.startswith(b"%PDF-"):
        return False
    for part in chain((b"",), parts):
        window = tail + part
        if _PDF_SCRIPT.search(window):
            return True
        tail = window[-_LONGEST_NAME:]
    return False


def _changes_itself(archive: Archive) -> bool:
    return any(
        _CHANGING.search(archive.read(entry, limit=_PART_LIMIT))
        for entry in archive.entries
        if _TEXT_PARTS.fullmatch(entry.name) and entry.size <= _PART_LIMIT
    )
