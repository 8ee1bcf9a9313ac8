"""Is this a telephone number people can be called at? Says what is wrong with one that is not (ITU-T E.164 §6.2)."""

from __future__ import annotations

import re

from workflows.i18n import later

__all__ = ["what_is_wrong"]

_ALLOWED = re.compile(r"[0-9+ ()/-]")
_FEWEST = 7
_MOST = 15  # of country code and number together
_LATVIAN = 8
_LATVIAN_CODE = "371"
_LONGEST_SHOWN = 40


def what_is_wrong(typed: str) -> tuple[str, dict[str, str]] | None:
    """Return the sentence, with what is filled into it; None for a number that can be dialled.

    >>> what_is_wrong("+371 2000 0000"), what_is_wrong("67047817"), what_is_wrong("00371 20000000")
    (None, None, None)
    >>> what_is_wrong("+371 2000000")[1]
    {'count': '7'}
    """
    if foreign := "".join(dict.fromkeys(_ALLOWED.sub("", typed))):
        sentence = later("Remove “%(letters)s”: a telephone number has only digits, spaces and the signs + ( ) / -")
        return sentence, {"letters": foreign[:_LONGEST_SHOWN]}
    if "+" in typed[1:]:
        return later("Write + only at the beginning of the number, before the country code"), {}
    digits = re.sub(r"[^0-9]", "", typed)
    if typed.startswith("+") or digits.startswith("00"):
        return _with_code(digits.removeprefix("00"))
    if len(digits) == _LATVIAN:
        return None
    sentence = later(
        "A number of Latvia has 8 digits, and this one has %(count)s. Begin that of another country with + and the "
        "country code"
    )
    return sentence, {"count": str(len(digits))}


def _with_code(digits: str) -> tuple[str, dict[str, str]] | None:
    if digits.startswith("0"):
        return later("Check the country code: none begins with 0. That of Latvia is +371"), {}
    if digits.startswith(_LATVIAN_CODE):
        count, right = len(digits) - len(_LATVIAN_CODE), range(_LATVIAN, _LATVIAN + 1)
        sentence = later("A number of Latvia has 8 digits after +371: this one has %(count)s")
    else:
        count, right = len(digits), range(_FEWEST, _MOST + 1)
        sentence = later("A number with its country code has 7 to 15 digits: this one has %(count)s")
    return None if count in right else (sentence, {"count": str(count)})
