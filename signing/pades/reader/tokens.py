"""Two of pyHanko's token readers, made quick for what nearly always comes, and names made what they are: octets.

pyHanko reads a file byte by byte.

    names     every third token is one, and nearly each is written with plain letters and ends within a few bytes: that
              is looked at in one go. A name is a sequence of octets (ISO 32000-2 §7.3.5), and each octet becomes one
              character here (Latin-1): pyHanko guesses at UTF-8, by which two names can become one, and refuses octets
              above 127 that are not escaped, which CoSign writes. What is no name is pyHanko's to say
    contents  hexadecimal contents of signatures are most of a signed PDF's bytes, and nobody here needs their value
              from it: where it comes to one, it is given `Contents`, which know their place, and goes on behind them.
              That happens only where pyHanko itself has found a string to begin. The same characters in a comment or
              in another string are not passed over, or it would miss the end of a line and read what no viewer shows
"""

from __future__ import annotations

import io
import os
import re
import secrets
from typing import Any

from pyhanko.pdf_utils import generic, misc

__all__ = ["Contents", "File"]

_LONG_CONTENTS = re.compile(rb"/Contents[\0\t\n\f\r ]*(<[0-9A-Fa-f\0\t\n\f\r ]{64,}>)")
# Regular characters that may stand for themselves (ISO 32000-1 §7.3.5), up to a character that ends a name (§7.2.2).
_PLAIN_NAME = re.compile(rb"/[!\"$&'*-.0-;=?-Z\\^-z|~]*(?=[\0\t\n\f\r ()<>\[\]{}/%])")
_OCTETS = re.compile(rb"(?:[!\"$&'*-.0-;=?-Z\\^-z|~\x80-\xff]|#[0-9A-Fa-f]{2})*")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_AHEAD = 48


class Contents(generic.ByteStringObject):
    """Long hexadecimal contents as pyHanko is given them; `place` is where they stand, `<` and `>` included.

    The value stands for the place: to pyHanko no two places look alike, and neither does anything else in the file,
    because nobody who wrote it can have known the value.
    """

    place: tuple[int, int]


class File(io.BytesIO):
    """A PDF's bytes, and where its long contents stand."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._ends = dict(match.span(1) for match in _LONG_CONTENTS.finditer(data))
        self._nonce = secrets.token_bytes(16)

    def pass_over(self) -> Contents | None:
        """Give the contents that begin here and go on behind them; None, and stay, where none do."""
        start = self.tell()
        end = self._ends.get(start)
        if end is None:
            return None
        self.seek(end)
        contents = Contents(self._nonce + start.to_bytes(8, "big"))
        contents.place = start, end
        return contents


_read_hex_string = generic.read_hex_string_from_stream
_read_name = generic.NameObject.read_from_stream


def _hex_string(stream: Any) -> Any:  # noqa: ANN401 - pyHanko's, which has no types
    contents = stream.pass_over() if isinstance(stream, File) else None
    return contents if contents is not None else _read_hex_string(stream)


def _name(stream: Any) -> Any:  # noqa: ANN401 - pyHanko's, which has no types
    ahead = stream.read(_AHEAD)
    plain = _PLAIN_NAME.match(ahead)
    if plain is None:
        stream.seek(-len(ahead), os.SEEK_CUR)
        return _escaped_name(stream)
    stream.seek(plain.end() - len(ahead), os.SEEK_CUR)
    return generic.NameObject(plain[0].decode("ascii"))


def _escaped_name(stream: Any) -> Any:  # noqa: ANN401 - pyHanko's, which has no types
    start = stream.tell()
    octets = misc.read_until_delimiter(stream) if stream.read(1) == b"/" else b"#"
    if _OCTETS.fullmatch(octets) is None:
        stream.seek(start)
        return _read_name(stream)  # type: ignore[no-untyped-call] # likewise
    return generic.NameObject("/" + _ESCAPE.sub(lambda match: bytes((int(match[1], 16),)), octets).decode("latin-1"))


# There is no other way in: pyHanko looks its own functions up by these names.
generic.read_hex_string_from_stream = _hex_string
generic.NameObject.read_from_stream = staticmethod(_name)  # type: ignore[method-assign] # see above
