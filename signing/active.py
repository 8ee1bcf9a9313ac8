"""Signed files that can show something else tomorrow: macros, fields and links. A warning, never a verdict.

The signature is over the bytes; what a person sees is made of them by a program, and these parts let the program
decide. Office documents are looked into one level deep and within bounds; anything unreadable is left alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from signing.container.archive import is_zip, open_archive
from signing.errors import UnreadableDocument
from signing.model import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signing.container.archive import Archive

__all__ = ["active_content", "may_be_active"]

_OFFICE = (".docx", ".docm", ".xlsx", ".xlsm", ".pptx", ".pptm", ".odt", ".ods", ".odp", ".dotm", ".xltm")
_PART_LIMIT = 8 * 1024 * 1024
_MACRO_PARTS = re.compile(r"(.*/)?vbaProject\.bin|Basic/.+|Scripts/.+", re.IGNORECASE)
_TEXT_PARTS = re.compile(r"word/(document|header\d*|footer\d*)\.xml|content\.xml|.*\.rels", re.IGNORECASE)
# Fields and links whose shown text is made anew when the document is opened.
_CHANGING = re.compile(
    rb"""instrText|<w:fldSimple|TargetMode\s*=\s*["']External["'][^>]*(attachedTemplate|oleObject|frame|image)"""
    rb"""|(attachedTemplate|oleObject|/frame|/image)["'][^>]*TargetMode\s*=\s*["']External["']"""
    rb"""|<text:(date|time|user-defined|expression|conditional-text|hidden-text|database-display)[\s>]"""
)
_PDF_SCRIPT = re.compile(rb"/JavaScript\b|/JS\b|/Launch\b")


def may_be_active(name: str) -> bool:
    """Return whether a file of that name is worth looking into."""
    return name.lower().endswith((*_OFFICE, ".pdf"))


def active_content(name: str, data: bytes) -> Iterator[Message]:
    """Warn of parts that can change what a signed file shows."""
    if data.startswith(b"%PDF-"):
        if _PDF_SCRIPT.search(data):
            yield Message.of("pdf.script", file=name)
        return
    if not is_zip(data):
        return
    try:
        archive = open_archive(data)
        if any(_MACRO_PARTS.fullmatch(entry.name) for entry in archive.entries):
            yield Message.of("active.macros", file=name)
        if _changes_itself(archive):
            yield Message.of("active.fields", file=name)
    except UnreadableDocument:
        return


def _changes_itself(archive: Archive) -> bool:
    return any(
        _CHANGING.search(archive.read(entry, limit=_PART_LIMIT))
        for entry in archive.entries
        if _TEXT_PARTS.fullmatch(entry.name) and entry.size <= _PART_LIMIT
    )
