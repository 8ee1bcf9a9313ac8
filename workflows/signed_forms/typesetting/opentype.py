"""What do the forms' fonts hold? The few tables that forms need (OpenType 1.9; Adobe Technical Note 5176 for CFF)."""

import itertools
import struct
from collections.abc import Mapping, Sequence

__all__ = ["advances", "font_table", "glyph_names", "glyphs", "measures"]

_HEAD, _RECORD, _SUBTABLE = 12, 16, 8
_BY_SEGMENTS, _BY_GROUPS = 4, 12  # cmap subtable formats
_UNICODE = frozenset({(0, 3), (0, 4), (3, 1), (3, 10)})  # platform and encoding


def font_table(font: bytes, tag: str) -> bytes:
    """Return a table of the font by its tag; raises StopIteration where there is none."""
    (count,) = struct.unpack_from(">H", font, 4)
    records = (struct.unpack_from(">4sLLL", font, _HEAD + _RECORD * number) for number in range(count))
    start, size = next((offset, length) for name, _, offset, length in records if name == tag.encode())
    return font[start : start + size]


def glyphs(font: bytes) -> Mapping[int, int]:
    """Read which glyph each code point has (cmap)."""
    cmap = font_table(font, "cmap")
    (tables,) = struct.unpack_from(">H", cmap, 2)
    found: dict[int, int] = {}
    for number in range(tables):
        platform, encoding, offset = struct.unpack_from(">HHL", cmap, 4 + _SUBTABLE * number)
        if (platform, encoding) in _UNICODE:
            found |= _listed(cmap, offset)
    return found


def _listed(cmap: bytes, at: int) -> dict[int, int]:
    (kind,) = struct.unpack_from(">H", cmap, at)
    if kind == _BY_GROUPS:
        (count,) = struct.unpack_from(">L", cmap, at + 12)
        groups = (struct.unpack_from(">LLL", cmap, at + 16 + 12 * number) for number in range(count))
        return {
            code: glyph + code - first
            for first, last, glyph in groups
            for code in range(first, last + 1)
            if glyph + code - first
        }
    return _segments(cmap, at) if kind == _BY_SEGMENTS else {}


def _segments(cmap: bytes, at: int) -> dict[int, int]:
    """Read format 4: segments of code points, each with a delta or with a place of its glyphs."""
    size = struct.unpack_from(">H", cmap, at + 6)[0] // 2
    ends, starts, deltas, places = (
        struct.unpack_from(f">{size}H", cmap, at + 14 + 2 * size * part + (2 if part else 0)) for part in range(4)
    )
    where = at + 16 + 6 * size
    found = {}
    for number, (first, last, delta, place) in enumerate(zip(starts, ends, deltas, places, strict=True)):
        for code in range(first, last + 1):
            glyph = code
            if place:
                (glyph,) = struct.unpack_from(">H", cmap, where + 2 * number + place + 2 * (code - first))
            if glyph or not place:
                found[code] = (glyph + delta) & 0xFFFF
    return {code: glyph for code, glyph in found.items() if glyph and code != 0xFFFF}  # noqa: PLR2004 - no character


def advances(font: bytes) -> Sequence[int]:
    """Read how wide each glyph is, in units of the font (hmtx); those beyond the last are as wide as it."""
    (count,) = struct.unpack_from(">H", font_table(font, "hhea"), 34)
    table = font_table(font, "hmtx")
    return [struct.unpack_from(">H", table, 4 * number)[0] for number in range(count)]


def measures(font: bytes) -> Mapping[str, int | tuple[int, int, int, int]]:
    """Read ascent, descent, height of capitals and the box around all glyphs, in units of the font."""
    ascent, descent = struct.unpack_from(">hh", font_table(font, "hhea"), 4)
    box = struct.unpack_from(">hhhh", font_table(font, "head"), 36)
    (capitals,) = struct.unpack_from(">h", font_table(font, "OS/2"), 88)
    return {"ascent": ascent, "descent": descent, "capitals": capitals, "box": (box[0], box[1], box[2], box[3])}


def glyph_names(font: bytes) -> frozenset[str]:
    """Read the names of glyphs that are not among CFF's standard strings (its String INDEX)."""
    cff = font_table(font, "CFF ")
    at = cff[2]  # the header's own length
    for _ in range(2):  # Name INDEX, Top DICT INDEX
        at, _skipped = _index(cff, at)
    _, strings = _index(cff, at)
    return frozenset(one.decode("ascii", "replace") for one in strings)


def _index(cff: bytes, at: int) -> tuple[int, list[bytes]]:
    """Read an INDEX; return where it ends, and what it holds."""
    (count,) = struct.unpack_from(">H", cff, at)
    if not count:
        return at + 2, []
    width = cff[at + 2]
    first = at + 3
    offsets = [
        int.from_bytes(cff[first + width * number : first + width * (number + 1)]) for number in range(count + 1)
    ]
    base = first + width * (count + 1) - 1
    return base + offsets[-1], [cff[base + start : base + end] for start, end in itertools.pairwise(offsets)]
