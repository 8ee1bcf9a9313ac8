"""Letters of names: seen or not, folded for finding, keyed for sorting; in Python: our PostgreSQL has no ICU."""

import re
import unicodedata

__all__ = ["fold", "is_name", "search_words", "seen", "sort_key", "words"]

# Default_Ignorable_Code_Point (UAX #44, DerivedCoreProperties.txt) beside the category Cf, which Python knows.
_IGNORABLE = frozenset(
    chr(code)
    for first, last in (
        (0x034F, 0x034F),
        (0x115F, 0x1160),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x2065, 0x2065),
        (0x3164, 0x3164),
        (0xFE00, 0xFE0F),
        (0xFFA0, 0xFFA0),
        (0xFFF0, 0xFFF8),
        (0xE0000, 0xE0FFF),
    )
    for code in range(first, last + 1)
)
# Neither white space nor ignorable to Unicode, and yet nothing is seen of them.
_BLANK = "\u2800\ufffe\uffff"
_APART = frozenset({"Cc", "Cs", "Zl", "Zp"})
_LETTERS = frozenset({"Lu", "Ll", "Lt", "Lo", "Lm"})
_MARKS = frozenset({"Mn", "Mc"})
_BETWEEN = frozenset(" -'.\u2019\u2018\u00b7\u2010\u2011")
_MOST_MARKS = 4  # UTS #39 §5.4
# Written together in one name (UTS #39 §5.1).
_TOGETHER = (frozenset({"CJK", "HIRAGANA", "KATAKANA"}), frozenset({"CJK", "HANGUL"}), frozenset({"CJK", "BOPOMOFO"}))

# Letters that no decomposition takes apart, and Cyrillic as Latvian passports transliterate it (MK 114/2004, roughly).
_WHOLE = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "ħ": "h",
        "ŋ": "n",
        **dict(zip("абвгдеёзийклмнопрстуфхыэ", "abvgdeeziiklmnoprstufhie", strict=True)),
        **dict(zip("жцчшщъьюя", ("z", "c", "c", "s", "sc", "", "", "ju", "ja"), strict=True)),
    }
)
# Each word of a search is a condition of its own, so their number is limited: thousands would be work.
_MOST_WORDS = 12
_LONGEST_SEARCH = 200
_NOT_A_WORD = re.compile(r"[^0-9a-z]+")

# Own letters of the Latvian alphabet come after all words with the plain letter; a long vowel only breaks ties.
_OWN_LETTERS = str.maketrans({"č": "c~", "ģ": "g~", "ķ": "k~", "ļ": "l~", "ņ": "n~", "š": "s~", "ž": "z~"})
_LONG_VOWELS = str.maketrans("āēīōū", "aeiou")


def fold(text: str) -> str:
    """Reduce text to lower-case ASCII words separated by single spaces, so that accents, case and quotes do not matter.

    >>> fold('Rīgas "Ķekavas" PII')
    'rigas kekavas pii'
    >>> fold("Łukasz Groß-Müller")
    'lukasz gross muller'
    """
    lowered = unicodedata.normalize("NFKD", text.casefold().translate(_WHOLE))
    plain = "".join(letter for letter in lowered if not unicodedata.combining(letter)).translate(_WHOLE)
    return _NOT_A_WORD.sub(" ", plain).strip()


def words(text: str) -> tuple[str, ...]:
    """Return the folded words of a text, in its order.

    >>> words("  Ādažu  vidusskola ")
    ('adazu', 'vidusskola')
    """
    return tuple(fold(text).split())


def seen(text: str) -> str:
    r"""Return the visible part of a text: words with one space between, without invisible code points.

    >>> seen(" An\u00adna\u2063 \u3164\t Liepa\u200b ")
    'Anna Liepa'
    """
    kept = (
        " " if letter in _BLANK or unicodedata.category(letter) in _APART else letter
        for letter in text
        if letter not in _IGNORABLE and unicodedata.category(letter) != "Cf"
    )
    return " ".join("".join(kept).split())


def is_name(text: str) -> bool:
    r"""Whether the text can be a person's name: letters of one script with their marks, and what stands between them.

    The identifier profile of UAX #31 and UTS #39, by general category: a letter that looks like one of another script
    makes another name of it.

    >>> is_name("Anna Kalniņa-Bērziņa"), is_name("Олена"), is_name("\N{CYRILLIC CAPITAL LETTER A}nna"), is_name("R2")
    (True, True, False, False)
    """
    marks, scripts = _MOST_MARKS, set()
    for letter in unicodedata.normalize("NFKD", text):
        category = unicodedata.category(letter)
        if category in _LETTERS:
            marks = 0
            if category != "Lm":
                scripts.add(unicodedata.name(letter, "").partition(" ")[0])
        elif category in _MARKS and marks < _MOST_MARKS:
            marks += 1
        elif letter in _BETWEEN:
            marks = _MOST_MARKS
        else:
            return False
    return len(scripts) == 1 or (bool(scripts) and any(scripts <= one for one in _TOGETHER))


def search_words(text: str) -> tuple[str, ...]:
    """Return the folded words of a search: the first dozen of a text of sane length."""
    return words(text[:_LONGEST_SEARCH])[:_MOST_WORDS]


def sort_key(*texts: str) -> str:
    """Make a key by which bytes sort as Latvians do; several texts sort by the first, then the second, and so on.

    >>> sorted(["Čakste", "Cukurs", "Āboliņa", "Abols"], key=sort_key)
    ['Āboliņa', 'Abols', 'Cukurs', 'Čakste']
    """
    lowered = [" ".join(unicodedata.normalize("NFC", text.casefold()).split()) for text in texts]
    primary = "\t".join(_plain(text.translate(_LONG_VOWELS).translate(_OWN_LETTERS)) for text in lowered)
    return "\t".join([primary, *lowered])


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.translate(_WHOLE))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter) and letter not in "\"'„“”«»")
