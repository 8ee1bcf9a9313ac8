"""Two of pyHanko's token readers, made quick for what nearly always comes; whatever else comes, it reads itself.

pyHanko reads a file byte by byte. The hexadecimal contents of signatures are most of a signed PDF's bytes, and nobody
here needs their value from it: where it comes to one, it is given `Contents`, which know their place, and goes on
behind them. That happens only where pyHanko itself has found a string to begin. The same characters in a comment or
in another string are not passed over, or it would miss the end of a line and read what no viewer shows.
"""

from __future__ import annotations

import io
import re
import secrets
from typing import Any

from pyhanko.pdf_utils import generic

__all__ = ["Contents", "File"]

_LONG_CONTENTS = re.compile(rb"/Contents[\0\t\n\f\r ]*(<[0-9A-Fa-f\0\t\n\f\r ]{64,}>)")


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


def _hex_string(stream: Any) -> Any:  # noqa: ANN401 - pyHanko's, which has no types
    contents = stream.pass_over() if isinstance(stream, File) else None
    return contents if contents is not None else _read_hex_string(stream)


# There is no other way in: pyHanko looks its own functions up by these names.
generic.read_hex_string_from_stream = _hex_string
