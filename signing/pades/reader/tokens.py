"""Two token readers in place of pyHanko's, which read byte by byte: names, and hexadecimal strings.

names       Every third token is a name, nearly always regular characters alone and short: one expression matches
            it. A name is a sequence of octets (ISO 32000-2 §7.3.5), and each octet becomes one character (Latin-1).
            pyHanko decodes UTF-8, by which two names can become one. It refuses octets above 127 that are not
            escaped, which CoSign writes. What is no name is left to pyHanko to refuse.
contents    Hexadecimal /Contents are most of a signed PDF, and their value is not needed from pyHanko. It is given
            `Contents`, which hold their position, and continues behind them. That happens only where pyHanko has
            found that a string begins. The same characters in a comment or in another string are not skipped:
            skipping them would miss an end of line, and read what no viewer shows.
"""

from __future__ import annotations

import io
import os
import re
import secrets
from typing import Any

from pyhanko.pdf_utils import generic, misc

__all__ = ["Contents", "PdfStream", "replace_token_readers"]

_LONG_CONTENTS = re.compile(rb"/Contents[\0\t\n\f\r ]*(<[0-9A-Fa-f\0\t\n\f\r ]{64,}>)")
# Regular characters that may stand for themselves (ISO 32000-1 §7.3.5), up to a character that ends a name (§7.2.2).
_PLAIN_NAME = re.compile(rb"/[!\"$&'*-.0-;=?-Z\\^-z|~]*(?=[\0\t\n\f\r ()<>\[\]{}/%])")
_OCTETS = re.compile(rb"(?:[!\"$&'*-.0-;=?-Z\\^-z|~\x80-\xff]|#[0-9A-Fa-f]{2})*")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_AHEAD = 48


class Contents(generic.ByteStringObject):
    """Long hexadecimal /Contents as pyHanko sees them; `place` is their span in the file, with `<` and `>`.

    The value identifies the place and begins with a random nonce. So it equals no other string of the file, whose
    author cannot have known it.
    """

    place: tuple[int, int]


class PdfStream(io.BytesIO):
    """The octets of a PDF, and the spans of its long hexadecimal /Contents."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._ends = dict(match.span(1) for match in _LONG_CONTENTS.finditer(data))
        self._nonce = secrets.token_bytes(16)

    def skip_contents(self) -> Contents | None:
        """Return the contents that begin here and move behind them; return None and stay where none begin."""
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
    contents = stream.skip_contents() if isinstance(stream, PdfStream) else None
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


def replace_token_readers() -> None:
    """Put both readers in the place of pyHanko's, which looks its own functions up by these names."""
    generic.read_hex_string_from_stream = _hex_string
    generic.NameObject.read_from_stream = staticmethod(_name)  # type: ignore[method-assign] # pyHanko has no hook for it
