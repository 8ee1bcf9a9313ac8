"""Which files of a container does a person read? All but its type and META-INF (EN 319 162-1 §4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signing.container import is_zip, open_archive
from signing.errors import UnreadableDocument
from workflows.evidence.guard.word_documents import Undrawable

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["files_in", "is_container"]

_LARGEST_FILE = 64 * 2**20
_MOST_FILES = 200
_NOT_READ = ("META-INF/", "mimetype")
# Office Open XML and OpenDocument are packages of one document, not containers of several.
_PACKAGE = "[Content_Types].xml"
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."


def is_container(document: bytes) -> bool:
    """Say whether it is a ZIP of files, and not the package of one document; a broken one is none."""
    if not is_zip(document):
        return False
    try:
        archive = open_archive(document)
        kind = archive.find("mimetype")
        package = archive.find(_PACKAGE) is not None
        return not package and (kind is None or not archive.read(kind, limit=200).startswith(_OPEN_DOCUMENT))
    except UnreadableDocument:
        return False


def files_in(document: bytes) -> Iterator[bytes]:
    """Unpack its files one by one. Raises Undrawable, while unpacking too."""
    try:
        archive = open_archive(document)
        for entry in archive.entries[:_MOST_FILES]:
            if not entry.name.startswith(_NOT_READ) and not entry.is_folder:
                yield archive.read(entry, limit=_LARGEST_FILE)
    except UnreadableDocument as error:
        raise Undrawable("the container cannot be read") from error
