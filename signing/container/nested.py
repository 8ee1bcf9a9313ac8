"""Containers inside a container: extracted to be judged separately, one level deep.

They share the limits of one container, so a ZIP bomb gains nothing by nesting. One that exceeds a limit is named, and
does not affect the judgement of the outer container.

    (1) at most twenty are opened, each of at most 64 MiB;
    (2) all their entries together count against the limit of one container;
    (3) so do their declared sizes, also in ratio to the size of the outer file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signing.container import is_zip, limits, open_archive, open_container
from signing.errors import TooLarge, UnreadableDocument
from signing.model import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signing.container import Archive, ArchiveEntry, Container, Octets

__all__ = ["InnerContainer", "has_container_name", "inner_containers"]

_NAMES: Final = (".asice", ".sce", ".edoc", ".bdoc", ".asics", ".scs", ".ddoc", ".adoc")
_TYPES: Final = (b"application/vnd.etsi.asic-", b"application/vnd.bdoc-")
_MOST: Final = 20
_LARGEST: Final = 64 * 1024 * 1024  # in memory at once; the outer one is there already


@dataclass(frozen=True, slots=True)
class InnerContainer:
    """A container found in another one: its bytes, or why it is not opened."""

    name: str
    content: bytes
    refusal: Message | None = None


@dataclass(slots=True)
class _Budget:
    """What all of them together have used of the limits."""

    outer: int
    containers: int = 0
    entries: int = 0
    declared: int = 0

    def spend(self, archive: Archive) -> None:
        """Count one more; raises `TooLarge` when it is one too many."""
        self.entries += len(archive.entries)
        self.declared += sum(entry.size for entry in archive.entries)
        if self.entries > limits.MAX_ENTRIES:  # (2)
            raise TooLarge("container.too-many-entries", {"limit": str(limits.MAX_ENTRIES)})
        if self.declared > limits.MAX_DECLARED:  # (3)
            raise TooLarge("document.too-large")
        if self.declared > limits.RATIO_FREE and self.declared > self.outer * limits.MAX_RATIO:
            raise TooLarge("container.bomb")


def has_container_name(name: str) -> bool:
    """Return whether a file's name is that of a container.

    >>> has_container_name("Līgums.EDOC"), has_container_name("līgums.pdf")
    (True, False)
    """
    return name.lower().endswith(_NAMES)


def inner_containers(document: Octets) -> Iterator[InnerContainer]:
    """Yield the containers inside a container, one at a time; none when the document is no ZIP itself."""
    if not is_zip(document[:4]):
        return
    outer = open_container(document)
    budget = _Budget(len(document))
    for entry in outer.data:
        if not _is_one(outer, entry):
            continue
        budget.containers += 1
        if budget.containers > _MOST:  # (1)
            yield InnerContainer(entry.name, b"", Message.of("nested.too-many", file=entry.name, limit=_MOST))
            continue
        try:
            content = outer.archive.read(entry, limit=_LARGEST)
            if is_zip(content):
                budget.spend(open_archive(content))
        except UnreadableDocument as error:
            yield InnerContainer(entry.name, b"", Message(error.code, {"name": entry.name, **error.params}))
        else:
            yield InnerContainer(entry.name, content)


def _is_one(outer: Container, entry: ArchiveEntry) -> bool:
    """Recognise one by its name, or by the media type in its first entry."""
    if has_container_name(entry.name):
        return True
    head = next(outer.archive.stream(entry), b"")
    return is_zip(head) and head[30:38] == b"mimetype" and any(kind in head[38:200] for kind in _TYPES)
