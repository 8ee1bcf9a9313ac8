"""Containers inside a container: taken out for a judgement of their own, one level deep, never deeper.

They are bounded together as if their files lay in the outer container itself: a bomb gains nothing by a second
wrapping. What passes a bound is named, and does not spoil the judgement of the outer one.

    (1) at most so many of them are opened, each of so many bytes;
    (2) all their entries count against the limit of one container;
    (3) all their declared sizes count against that limit too, and against the ratio to the bytes that came in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signing.container import is_zip, limits, open_archive, open_container
from signing.errors import TooLarge, UnreadableDocument
from signing.model import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signing.container import Archive, Container, Entry, Octets

__all__ = ["Inner", "inner_containers", "sounds_like_one"]

_NAMES: Final = (".asice", ".sce", ".edoc", ".bdoc", ".asics", ".scs", ".ddoc", ".adoc")
_TYPES: Final = (b"application/vnd.etsi.asic-", b"application/vnd.bdoc-")
_MOST: Final = 20
_LARGEST: Final = 64 * 1024 * 1024  # in memory at once; the outer one is there already


@dataclass(frozen=True, slots=True)
class Inner:
    """A container found in another one: its bytes, or why it is not opened."""

    name: str
    content: bytes
    refusal: Message | None = None


@dataclass(slots=True)
class _Budget:
    """What is left for all of them together."""

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


def sounds_like_one(name: str) -> bool:
    """Return whether a file's name is that of a container.

    >>> sounds_like_one("Līgums.EDOC"), sounds_like_one("līgums.pdf")
    (True, False)
    """
    return name.lower().endswith(_NAMES)


def inner_containers(document: Octets) -> Iterator[Inner]:
    """Take the containers out of a container, one at a time; nothing when the document is none itself."""
    if not is_zip(document[:4]):
        return
    outer = open_container(document)
    budget = _Budget(len(document))
    for entry in outer.data:
        if not _is_one(outer, entry):
            continue
        budget.containers += 1
        if budget.containers > _MOST:  # (1)
            yield Inner(entry.name, b"", Message.of("nested.too-many", file=entry.name, limit=_MOST))
            continue
        try:
            content = outer.archive.read(entry, limit=_LARGEST)
            if is_zip(content):
                budget.spend(open_archive(content))
        except UnreadableDocument as error:
            yield Inner(entry.name, b"", Message(error.code, {"name": entry.name, **error.params}))
        else:
            yield Inner(entry.name, content)


def _is_one(outer: Container, entry: Entry) -> bool:
    """Tell by the name, or by the media type a container names itself with in its first entry."""
    if sounds_like_one(entry.name):
        return True
    head = next(outer.archive.stream(entry), b"")
    return is_zip(head) and head[30:38] == b"mimetype" and any(kind in head[38:200] for kind in _TYPES)
