"""Names of entries: decoded in one way, confined to the container, compared exactly."""

from __future__ import annotations

import unicodedata
from urllib.parse import unquote_to_bytes

from signing.container import limits
from signing.errors import BrokenDocument

__all__ = ["check_name", "confusable_names", "decode_name", "name_of_reference"]


def decode_name(raw: bytes, *, is_utf8: bool) -> str:
    """Decode an entry's name: UTF-8 when flagged or valid as such, code page 437 otherwise.

    Many writers of signed containers write UTF-8 without the flag.
    """
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        if is_utf8:
            raise BrokenDocument("container.bad-name", {"name": raw.decode("utf-8", "replace")}) from None
        return raw.decode("cp437")


def check_name(name: str) -> None:
    """Refuse a name that is empty, leaves the container, or means another file on another system.

    >>> check_name("META-INF/signatures0.xml")
    >>> check_name("../etc/passwd")
    Traceback (most recent call last):
    ...
    signing.errors.BrokenDocument: container.bad-name (name=../etc/passwd)
    """
    segments = name.removesuffix("/").split("/")
    bad = (
        not name
        or len(name) > limits.MAX_NAME
        or "\\" in name
        or name[1:2] == ":"
        or any(segment in {"", ".", ".."} for segment in segments)
        or any(unicodedata.category(character) in {"Cc", "Cs"} for character in name)
    )
    if bad:
        raise BrokenDocument("container.bad-name", {"name": name})


def name_of_reference(uri: str) -> str | None:
    """Return the entry a reference names: percent-decoded once, never more, and `+` is a plus.

    None for what cannot name an entry: a fragment, an absolute address, bytes that are no UTF-8.

    >>> name_of_reference("a%20b%252F.txt")
    'a b%2F.txt'
    >>> name_of_reference("a+b.txt")
    'a+b.txt'
    >>> name_of_reference("#id") is None
    True
    """
    if not uri or uri.startswith("#"):
        return None
    try:
        return unquote_to_bytes(uri).decode("utf-8")
    except UnicodeDecodeError:
        return None


def confusable_names(names: list[str]) -> list[tuple[str, str]]:
    """Return pairs of names a person could confuse: they differ in case, composition or spaces only.

    >>> confusable_names(["līgums.pdf", "LĪGUMS.PDF", "cits.pdf"])
    [('līgums.pdf', 'LĪGUMS.PDF')]
    """
    seen: dict[str, str] = {}
    pairs: list[tuple[str, str]] = []
    for name in names:
        key = "".join(
            character
            for character in unicodedata.normalize("NFKC", name).casefold()
            if not character.isspace() and unicodedata.category(character) != "Cf"
        )
        if key in seen:
            pairs.append((seen[key], name))
        seen.setdefault(key, name)
    return pairs
