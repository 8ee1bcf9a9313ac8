"""What does a Word document say? Its text in the order of its parts, and the pictures in it; not its layout.

Transitional and Strict documents (ECMA-376-1, ISO/IEC 29500-1) in a ZIP that all readers read alike
(`signing.container`): encrypted, damaged and bomb-like ones are refused there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

from signing.container import is_zip, open_archive
from signing.errors import UnreadableDocument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signing.container import Archive

__all__ = ["Undrawable", "WordDocument", "read_word"]

# Where a reader meets them: above the text, the text, below it.
_PARTS = tuple(
    re.compile(rf"word/{name}\d*\.xml", re.IGNORECASE)
    for name in ("header", "document", "footnotes", "endnotes", "footer")
)
_BODY = _PARTS[1]
_MEDIA = re.compile(r"word/media/[^/]+\.(png|jpe?g)", re.IGNORECASE)
_LARGEST_PART = 16 * 2**20
_MOST_TEXT = 200_000  # letters and paragraphs
_DEEPEST = 400  # open elements; documents of Word have some 30
_ENCODINGS = {None, "UTF-8", "UTF-16"}
_WORD = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
}
# Extensions that Word itself understands (ECMA-376-3 §9.3).
_UNDERSTOOD = (
    "http://schemas.microsoft.com/office/",
    "http://schemas.openxmlformats.org/",
    "http://purl.oclc.org/ooxml/",
)
_WRITTEN = {"w:t": "", "w:tab": " ", "w:ptab": " ", "w:br": " ", "w:cr": " ", "w:noBreakHyphen": "-"}
_REMOVED = {"w:del", "w:moveFrom"}  # tracked changes (ECMA-376-1 §17.13.5)


class Undrawable(Exception):
    """The attachment is broken, or larger than anything a person would send."""


@dataclass(frozen=True, slots=True)
class WordDocument:
    """The paragraphs of a Word document; its pictures stay packed until they are asked for."""

    paragraphs: tuple[str, ...]
    _archive: Archive

    def media(self) -> Iterator[bytes]:
        """Unpack PNG and JPEG files in the order of the package. Raises Undrawable."""
        for entry in self._archive.entries:
            if _MEDIA.fullmatch(entry.name):
                yield _unpacked(self._archive, entry.name)


def read_word(document: bytes) -> WordDocument:
    """Read the text of a Word document. Raises Undrawable."""
    if not is_zip(document):
        raise Undrawable("no package")
    try:
        archive = open_archive(document)
    except UnreadableDocument as error:
        raise Undrawable(f"the package cannot be read: {error}") from error
    if not any(_BODY.fullmatch(entry.name) for entry in archive.entries):
        raise Undrawable("a package without the text of a Word document (ECMA-376-1 §11.3.10)")
    reader = _Reader()
    for part in _PARTS:
        for entry in archive.entries:
            if part.fullmatch(entry.name):
                reader.read(_unpacked(archive, entry.name), keeps_blank=part is _BODY)
    return WordDocument(tuple(reader.paragraphs), archive)


def _unpacked(archive: Archive, name: str) -> bytes:
    entry = archive.find(name)
    try:
        return archive.read(entry, limit=_LARGEST_PART) if entry else b""
    except UnreadableDocument as error:
        raise Undrawable(f"a part cannot be read: {error}") from error


@dataclass(slots=True)
class _Reader:
    """Collects paragraphs from the events of expat, one pass a part.

    `open` are the elements around, `unseen` how many of them stand in what is not shown. `begun` are the paragraphs
    around (a text box in a paragraph has its own); `taken` says of each AlternateContent whether a branch was read.
    """

    paragraphs: list[str] = field(default_factory=list)
    size: int = 0
    open: list[str] = field(default_factory=list)
    unseen: int = 0
    found: list[list[str]] = field(default_factory=list)
    begun: list[list[str]] = field(default_factory=list)
    taken: list[bool] = field(default_factory=list)
    prefixes: dict[str | None, list[str | None]] = field(default_factory=dict)

    def read(self, part: bytes, *, keeps_blank: bool) -> None:
        """Read one part; blank paragraphs of a header or footer are left out. Raises Undrawable."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.XmlDeclHandler = self.declaration
        parser.StartDoctypeDeclHandler = self.document_type
        parser.StartNamespaceDeclHandler = self.namespace
        parser.EndNamespaceDeclHandler = self.namespace_ended
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        try:
            parser.Parse(part, True)
        except expat.ExpatError as error:
            raise Undrawable("the text is no XML") from error
        said = ["".join(one) for one in self.found]
        self.paragraphs += said if keeps_blank else [one for one in said if one.strip()]
        self.found = []

    def declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        """Refuse what expat would ask Python's codecs for (ECMA-376-2 §9.1.4)."""
        if encoding and encoding.upper() not in _ENCODINGS:
            raise Undrawable("Office Open XML is UTF-8 or UTF-16")

    def document_type(self, *_: object) -> None:
        """Refuse entities before any is declared."""
        raise Undrawable("Office Open XML has no document type (ECMA-376-2 §9.1.4)")

    def namespace(self, prefix: str | None, uri: str | None) -> None:
        """Keep what a prefix stands for: AlternateContent names prefixes in the values of attributes."""
        self.prefixes.setdefault(prefix, []).append(uri)

    def namespace_ended(self, prefix: str | None) -> None:
        """Return to the namespace around."""
        self.prefixes[prefix].pop()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Begin an element."""
        uri, _, local = name.rpartition(" ")
        tag, around = f"{_WORD.get(uri, '')}:{local}", self.open[-1] if self.open else ""
        self.open.append(tag)
        if len(self.open) > _DEEPEST:
            raise Undrawable("elements nested deeper than any program writes")
        if self.unseen or tag in _REMOVED or (around == "mc:AlternateContent" and not self._is_taken(tag, attributes)):
            self.unseen += 1
        elif tag == "mc:AlternateContent":
            self.taken.append(False)
        elif tag == "w:p":
            self.begun.append([])
            self.found.append(self.begun[-1])
            self._count(1)
        elif around == "w:r":  # a tab also stands among the properties of a paragraph
            self._write(_WRITTEN.get(tag, ""))

    def end(self, _name: str) -> None:
        """End an element."""
        tag = self.open.pop()
        if self.unseen:
            self.unseen -= 1
        elif tag == "mc:AlternateContent":
            self.taken.pop()
        elif tag == "w:p":
            self.begun.pop()

    def text(self, data: str) -> None:
        """Take text that is shown."""
        if not self.unseen and self.open[-1] == "w:t":
            self._write(data)

    def _is_taken(self, branch: str, attributes: dict[str, str]) -> bool:
        """Take the first Choice whose extensions Word understands, else the Fallback (ECMA-376-3 §10.2)."""
        required = attributes.get("Requires", "").split() if branch == "mc:Choice" else []
        uris = [(self.prefixes.get(one) or [None])[-1] or "" for one in required]
        taken = not self.taken[-1] and all(uri.startswith(_UNDERSTOOD) for uri in uris)
        self.taken[-1] |= taken
        return taken

    def _write(self, data: str) -> None:
        if data and self.begun:
            self.begun[-1].append(data)
            self._count(len(data))

    def _count(self, more: int) -> None:
        self.size += more
        if self.size > _MOST_TEXT:
            raise Undrawable("more text than anybody reads")
