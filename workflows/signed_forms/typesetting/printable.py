"""Which letters can stand on a form? Those all of its fonts have; a form with any other cannot be made (PDF/A).

Some letters that programs paste stand for others and are replaced: bullets of symbol fonts, hyphens that do not break.
"""

import struct
import unicodedata
from functools import cache
from pathlib import Path

__all__ = ["printable", "replaced", "without_glyph"]

_FONTS = Path(__file__).parent / "fonts"
_HEAD, _RECORD, _SUBTABLE = 12, 16, 8
_BY_SEGMENTS, _BY_GROUPS = 4, 12  # OpenType, cmap subtable formats
_UNICODE = frozenset({(0, 3), (0, 4), (3, 1), (3, 10)})  # platform and encoding
_NO_GLYPH = "□"
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs"})
_LOOK_ALIKES = {
    **dict.fromkeys("\uf0b7\uf0a7\uf0d8\uf0a8\uf0fc\uf076\u25cf\u25aa\u2023\u2043", "•"),
    **dict.fromkeys("\u2010\u2011\u2212\uf02d", "-"),
    "\u02bc": "\u2019",
}


def replaced(text: str) -> str:
    r"""Return the text with letters no font has replaced by those they stand for, where there is one.

    >>> replaced("\uf0b7 Rīga, Cēsis")
    '• Rīga, Cēsis'
    """
    if not without_glyph(text):
        return text
    return "".join(letter if letter in _letters() else _like(letter) for letter in text)


def printable(text: str) -> str:
    """Return the text as it can be printed whatever is in it: letters that no font has become boxes.

    For texts of strangers that nobody can be asked to write otherwise; on a form a field names the letter.

    >>> printable("王 līgums 🙂.edoc")
    '□ līgums □.edoc'
    """
    text = replaced(unicodedata.normalize("NFC", text))
    return "".join(letter if letter.isspace() or letter in _letters() else _NO_GLYPH for letter in text)


def _like(letter: str) -> str:
    plain = _LOOK_ALIKES.get(letter) or unicodedata.normalize("NFKC", letter)
    return letter if without_glyph(plain) else plain


def without_glyph(text: str) -> str:
    """Return the letters of the text that a font of the forms lacks, each once, in their order.

    >>> without_glyph("Jānis Mēģinātājs, Олена"), without_glyph("王 aizstāj 🙂")
    ('', '王🙂')
    """
    return "".join(dict.fromkeys(letter for letter in text if not letter.isspace() and letter not in _letters()))


@cache
def _letters() -> frozenset[str]:
    fonts = [_letters_of(font.read_bytes()) for font in sorted(_FONTS.glob("*.otf"))]
    found = map(chr, frozenset.intersection(*fonts))
    # PDF/A-3a takes no text with code points that only direct the text around them (U+FEFF).
    return frozenset(letter for letter in found if unicodedata.category(letter) not in _UNSEEN)


def _letters_of(font: bytes) -> frozenset[int]:
    """Read the code points a font has glyphs for (OpenType 1.9, cmap)."""
    (count,) = struct.unpack_from(">H", font, 4)
    records = (struct.unpack_from(">4sLLL", font, _HEAD + _RECORD * number) for number in range(count))
    start = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    (tables,) = struct.unpack_from(">H", font, start + 2)
    found: set[int] = set()
    for number in range(tables):
        platform, encoding, offset = struct.unpack_from(">HHL", font, start + 4 + _SUBTABLE * number)
        if (platform, encoding) in _UNICODE:
            found |= _listed(font, start + offset)
    return frozenset(found)


def _listed(font: bytes, at: int) -> set[int]:
    (kind,) = struct.unpack_from(">H", font, at)
    if kind == _BY_GROUPS:
        (count,) = struct.unpack_from(">L", font, at + 12)
        groups = (struct.unpack_from(">LLL", font, at + 16 + 12 * number) for number in range(count))
        return {code for first, last, glyph in groups for code in range(first, last + 1) if glyph + code - first}
    return _segments(font, at) if kind == _BY_SEGMENTS else set()


def _segments(font: bytes, at: int) -> set[int]:
    """Read format 4: segments of code points, each with a delta or with a place of its glyphs."""
    size = struct.unpack_from(">H", font, at + 6)[0] // 2
    ends, starts, deltas, places = (
        struct.unpack_from(f">{size}H", font, at + 14 + 2 * size * part + (2 if part else 0)) for part in range(4)
    )
    where = at + 16 + 6 * size
    found = set()
    for number, (first, last, delta, place) in enumerate(zip(starts, ends, deltas, places, strict=True)):
        for code in range(first, last + 1):
            glyph = code
            if place:
                (glyph,) = struct.unpack_from(">H", font, where + 2 * number + place + 2 * (code - first))
            if (glyph + delta) & 0xFFFF if glyph or not place else 0:
                found.add(code)
    return found - {0xFFFF}
