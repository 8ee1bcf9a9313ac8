"""Incremental updates of a PDF, written by hand: objects as bytes, a table, a trailer (ISO 32000-2 §7.5.6)."""

from __future__ import annotations

import io
from itertools import groupby
from typing import TYPE_CHECKING

import pikepdf

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Update"]


class Update:
    """One revision more, being made. What it asks about is the document as it is before."""

    def __init__(self, document: bytes) -> None:
        self._document = document
        self._pdf = pikepdf.open(io.BytesIO(document))
        self._next = int(self._pdf.trailer.Size)
        self._objects: dict[int, bytes] = {}
        self._edited: dict[int, tuple[dict[str, bytes], bytes]] = {}
        self._freed: set[int] = set()
        self._trailer: dict[str, bytes] = {}
        self.root = self._pdf.Root.objgen[0]
        self.pages = [page.obj.objgen[0] for page in self._pdf.pages]
        self.page_tree = self._pdf.Root.Pages.objgen[0]

    @property
    def pdf(self) -> pikepdf.Pdf:
        """The document as another library reads it."""
        return self._pdf

    def add(self, body: bytes) -> int:
        """Write a new object; return its number."""
        number = self._next
        self._next += 1
        self.put(number, body)
        return number

    def add_stream(self, content: bytes, entries: bytes = b"") -> int:
        """Write a new stream, as it is."""
        return self.add(b"<<%b/Length %d>>\nstream\n%b\nendstream" % (entries, len(content), content))

    def put(self, number: int, body: bytes) -> None:
        """Write an object under that number."""
        self._objects[number] = body

    def entries(self, number: int) -> dict[str, bytes]:
        """Give the entries of a dictionary, or a stream's, as they stand in the document or were edited."""
        if number not in self._edited:
            found = self._pdf.get_object(number, 0)
            content = b""
            if isinstance(found, pikepdf.Stream):
                raw = found.read_raw_bytes()
                content = b"\nstream\n%b\nendstream" % raw
                found = found.stream_dict
            self._edited[number] = {str(key): _written(value) for key, value in found.items()}, content
        return self._edited[number][0]

    def edit(self, number: int, **entries: bytes | None) -> None:
        """Write a dictionary again with other entries; None takes one out. A stream keeps its bytes."""
        kept = self.entries(number)
        for name, value in entries.items():
            kept.pop(f"/{name}", None)
            if value is not None:
                kept[f"/{name}"] = value
        self.put(number, self.body(number))

    def body(self, number: int) -> bytes:
        """Give a dictionary or stream as it would be written anew."""
        entries = b"".join(name.encode() + b" " + value for name, value in self.entries(number).items())
        return b"<<" + entries + b">>" + self._edited[number][1]

    def numbers(self, number: int, name: str) -> list[int]:
        """Give the numbers of the objects an array of the document refers to."""
        return [one.objgen[0] for one in self._pdf.get_object(number, 0)[f"/{name}"]]

    def free(self, number: int) -> None:
        """Say that the number is free."""
        self._freed.add(number)

    def trailer(self, name: str, value: bytes) -> None:
        """Write an entry more into the trailer."""
        self._trailer[name] = value

    def write(self) -> bytes:
        """Give the document with the revision behind it."""
        out = bytearray(self._document if self._document.endswith(b"\n") else self._document + b"\n")
        lines = {0: b"0000000000 65535 f \n"} | dict.fromkeys(self._freed, b"0000000000 00001 f \n")
        for number, body in self._objects.items():
            lines[number] = b"%010d 00000 n \n" % len(out)
            out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
        table = len(out)
        out += b"xref\n"
        for run in _runs(sorted(lines)):
            out += b"%d %d\n" % (run[0], len(run)) + b"".join(lines[number] for number in run)
        entries = {
            "Size": b"%d" % max(self._next, max(lines) + 1),
            "Root": b"%d 0 R" % self.root,
            "Prev": self._previous(),
        }
        if "/Info" in self._pdf.trailer:
            entries["Info"] = self._pdf.trailer.Info.unparse()
        entries |= self._trailer
        out += (
            b"trailer\n<<" + b"".join(b"/%b %b" % (name.encode(), value) for name, value in entries.items()) + b">>\n"
        )
        return bytes(out + b"startxref\n%d\n%%%%EOF\n" % table)

    def _previous(self) -> bytes:
        return self._document.rpartition(b"startxref")[2].split()[0]


def _runs(numbers: list[int]) -> Iterable[list[int]]:
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        yield [number for _, number in run]


def _written(value: object) -> bytes:
    if isinstance(value, bool):
        return b"true" if value else b"false"
    return value.unparse() if isinstance(value, pikepdf.Object) else str(value).encode()
