"""Letters of names: folded for finding, keyed for sorting in Latvian order; in Python: our PostgreSQL has no ICU."""

import re
import unicodedata

__all__ = ["fold", "search_words", "sort_key", "words"]

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
# Each word of a search is a condition of its own; nobody looks for more, and a stranger's thousands would be work.
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
    """Give the folded words of a text, in its order.

    >>> words("  Ādažu  vidusskola ")
    ('adazu', 'vidusskola')
    """
    return tuple(fold(text).split())


def search_words(text: str) -> tuple[str, ...]:
    """Give the folded words somebody looks for: the first dozen of a text of sane length."""
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
