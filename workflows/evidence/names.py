"""What may a file be called here? One line that shows as it is, and never so long that its ending is lost."""

import re
import unicodedata

from signing.sentences.formatting import legible

__all__ = ["clean_name", "short_name"]

_LONGEST = 255
_SHOWN = 60
# However long a name is, what is behind the dot tells people what the file is.
_ENDING = re.compile(r"\.[^.\s]{1,10}$")
_GAP = "…"
_BEFORE_THE_ENDING = 12


def clean_name(name: str) -> str:
    r"""Return a file's name as it is kept: without folders, without what is not seen, at most 255 characters.

    >>> clean_name("C:\\Dokumenti\\rīkojums\u202efdp.edoc\n")
    'rīkojumsfdp.edoc'
    >>> clean_name("\u202e"), len(clean_name("ā" * 500 + ".edoc")), clean_name("ā" * 500 + ".edoc")[-6:]
    ('?', 255, 'ā.edoc')
    """
    return _shortened(_tidy(re.split(r"[\\/]", name)[-1]), _LONGEST, gap="") or "?"


def short_name(name: str) -> str:
    """Return a kept name as it is shown: a long one shortened in the middle, its ending whole.

    >>> short_name("iesniegums.edoc")
    'iesniegums.edoc'
    >>> short_name("a" * 200 + "-beigas.edoc")
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…aaaaa-beigas.edoc'
    """
    return _shortened(_tidy(name), _SHOWN, gap=_GAP) or "?"


def _tidy(name: str) -> str:
    return " ".join(legible(re.sub(r"\s", " ", unicodedata.normalize("NFC", name))).split())


def _shortened(name: str, longest: int, *, gap: str) -> str:
    if len(name) <= longest:
        return name
    ending = _ENDING.search(name)
    kept = len(ending[0]) if ending else 0
    if gap:
        kept += _BEFORE_THE_ENDING
    return name[: longest - kept - len(gap)] + gap + name[len(name) - kept :]
