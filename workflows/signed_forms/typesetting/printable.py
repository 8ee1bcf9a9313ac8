"""Which letters can stand on a form? Those all of its fonts have; a form with any other cannot be made (PDF/A).

Some letters that programs paste stand for others and are replaced: bullets of symbol fonts, hyphens that do not break.
"""

import unicodedata
from functools import cache
from pathlib import Path

from workflows.signed_forms.typesetting.opentype import glyphs

__all__ = ["printable", "replaced", "without_glyph"]

_FONTS = Path(__file__).parent / "fonts"
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
    fonts = [frozenset(glyphs(font.read_bytes())) for font in sorted(_FONTS.glob("*.otf"))]
    found = map(chr, frozenset.intersection(*fonts))
    # PDF/A-3a takes no text with code points that only direct the text around them (U+FEFF).
    return frozenset(letter for letter in found if unicodedata.category(letter) not in _UNSEEN)
