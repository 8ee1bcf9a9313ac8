"""What a signature's ByteRange covers: it must be everything up to its end, except its own hexadecimal /Contents.

A range with a hole, an overlap, a part beyond the file or a gap larger than /Contents leaves room for unsigned bytes
(ISO 32000-2 §12.8.1; attacks: universal signature forgery, signature wrapping).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from signing.model import Message
from signing.pki.keys import hasher

if TYPE_CHECKING:
    from signing.pades.reader.pdf import Pdf, SignatureEntry

__all__ = ["Coverage", "coverage_of"]

_PARTS = 4


@dataclass(frozen=True, slots=True)
class Coverage:
    """The signed spans and their end. `fault` says why they do not stand for a whole document.

    `revision` is the revision that ends there; None where none does. `digests` are kept for all fields of the file.
    """

    pieces: tuple[tuple[int, int], ...]
    end: int
    revision: int | None
    fault: Message | None = None
    digests: dict[tuple[str, tuple[tuple[int, int], ...]], bytes] = field(
        default_factory=dict, compare=False, repr=False
    )

    def digest(self, data: bytes, name: str) -> bytes:
        """Hash the spans with the named hash, once for all fields that claim them; raises `UnknownScheme`."""
        if (name, self.pieces) not in self.digests:
            self.digests[name, self.pieces] = self._digest(data, name)
        return self.digests[name, self.pieces]

    def _digest(self, data: bytes, name: str) -> bytes:
        machine = hasher(name)
        view = memoryview(data)
        for start, end in self.pieces:
            machine.update(view[start:end])
        return machine.digest()

    def signed_bytes(self, data: bytes) -> bytes:
        """Return the signed bytes themselves, for signatures without signed attributes."""
        return b"".join(data[start:end] for start, end in self.pieces)


def coverage_of(entry: SignatureEntry, pdf: Pdf) -> Coverage:
    """Determine what `entry` covers; every other shape than the one required is a fault."""
    numbers = entry.byte_range
    pieces = tuple(
        (start, start + length) for start, length in zip(numbers[::2], numbers[1::2], strict=False) if length >= 0
    )
    end = max((end for _, end in pieces), default=0)
    fault = _shape(entry, pdf.data)
    revision = pdf.revision_ending_at(end) if fault is None else None
    if fault is None and revision is None:
        fault = Message.of("pdf.not-covering")
    elif revision is not None and entry.changed_in > revision:
        # The signature dictionary in use was written after the bytes it signs.
        fault = Message.of("pdf.byte-range", reason="written after what it signs")
    return Coverage(pieces, end, revision, fault, pdf.digests)


def _shape(entry: SignatureEntry, data: bytes) -> Message | None:
    numbers = entry.byte_range
    if len(numbers) != _PARTS or min(numbers) < 0:
        return Message.of("pdf.byte-range", reason="malformed")
    first, length, second, rest = numbers
    if first != 0 or second <= length or second + rest > len(data):
        return Message.of("pdf.byte-range", reason="malformed")
    if (length, second) != entry.contents:
        return Message.of("pdf.byte-range", reason="gap")
    return None
