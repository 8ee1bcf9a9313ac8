"""PDF objects in the plainest writing (ISO 32000-2 §7.2, §7.3), on which every reader agrees; anything else is refused.

Readers differ about a key that is given twice, a key written with escapes, a comment inside an object, a number that
is none, the first and the last byte of a stream. Signing software writes none of these.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["NotPlain", "Ref", "Value", "Written", "blanks", "dictionary", "value", "written_object"]

_BLANKS = re.compile(rb"[\0\t\n\f\r ]*+")
_KEY = re.compile(rb"/[!\"$&'*-.0-;=?-Z\\^-z|~]++")
_NAME = re.compile(rb"/(?:[!\"$&'*-.0-;=?-Z\\^-z|~]|#[0-9A-Fa-f]{2})*+")
_END = rb"(?=[\0\t\n\f\r ()<>\[\]{}/%]|\Z)"
_REFERENCE = re.compile(rb"(\d{1,10})[\0\t\n\f\r ]+(\d{1,5})[\0\t\n\f\r ]+R" + _END)
_NUMBER = re.compile(rb"[+-]?(?:\d++(?:\.\d*+)?|\.\d++)" + _END)
_WORD = re.compile(rb"(?:true|false|null)" + _END)
_HEXADECIMAL = re.compile(rb"<[0-9A-Fa-f\0\t\n\f\r ]*+>")
_IN_STRING = re.compile(rb"[^()\\]*+(?:\\[\s\S][^()\\]*+)*+")
_HEADER = re.compile(rb"(\d{1,10})[\0\t\n\f\r ]+(\d{1,5})[\0\t\n\f\r ]+obj" + _END)
_STREAM = re.compile(rb"stream\r?\n")
_STREAM_END = re.compile(rb"(?:\r\n|\n|\r)?endstream[\0\t\n\f\r ]*+")
_OBJECT_END = re.compile(rb"endobj" + _END)
_DEEPEST = 32


class NotPlain(ValueError):
    """Not written so that there is only one way to read it."""


class Ref(NamedTuple):
    """A reference to an object."""

    number: int
    generation: int


Value = dict[bytes, "Value"] | list["Value"] | Ref | bytes


@dataclass(frozen=True, slots=True)
class Written:
    """An object as it stands: where its header begins and where it ends."""

    number: int
    generation: int
    start: int
    end: int
    value: Value


def blanks(data: bytes, position: int) -> int:
    """Pass over white space."""
    match = _BLANKS.match(data, position)
    return match.end() if match else position


def value(data: bytes, position: int, depth: int = 0) -> tuple[Value, int]:
    """Read one value, and say where it ends; raises `NotPlain`."""
    if depth > _DEEPEST:
        raise NotPlain("nested too deep")
    if data.startswith(b"<<", position):
        return dictionary(data, position, depth)
    if data.startswith(b"[", position):
        return _array(data, position, depth)
    if data.startswith(b"(", position):
        end = _string_end(data, position)
        return data[position:end], end
    if match := _REFERENCE.match(data, position):
        return Ref(int(match[1]), int(match[2])), match.end()
    for pattern in (_NAME, _NUMBER, _HEXADECIMAL, _WORD):
        if match := pattern.match(data, position):
            return match[0], match.end()
    raise NotPlain(f"no plain value at {position}")


def dictionary(data: bytes, position: int, depth: int = 0) -> tuple[dict[bytes, Value], int]:
    """Read a dictionary, each key of it given once and without escapes; raises `NotPlain`."""
    if not data.startswith(b"<<", position):
        raise NotPlain(f"no dictionary at {position}")
    found: dict[bytes, Value] = {}
    position = blanks(data, position + 2)
    while not data.startswith(b">>", position):
        key = _KEY.match(data, position)
        if key is None or key[0] in found:
            raise NotPlain(f"no key, or one given twice, at {position}")
        found[key[0]], position = value(data, blanks(data, key.end()), depth + 1)
        position = blanks(data, position)
    return found, position + 2


def _array(data: bytes, position: int, depth: int) -> tuple[list[Value], int]:
    found: list[Value] = []
    position = blanks(data, position + 1)
    while not data.startswith(b"]", position):
        one, position = value(data, position, depth + 1)
        found.append(one)
        position = blanks(data, position)
    return found, position + 1


def _string_end(data: bytes, position: int) -> int:
    opened = 0
    while True:
        match = _IN_STRING.match(data, position)
        position = match.end() if match else position
        opened += {b"(": 1, b")": -1}.get(data[position : position + 1], len(data) + 1)
        position += 1
        if opened == 0:
            return position
        if opened > len(data):
            raise NotPlain("a string that does not end")


def written_object(data: bytes, position: int, length_of: Callable[[Ref], int]) -> Written | None:
    """Read the object that begins here, None when none does; `length_of` follows the length of a stream.

    Raises `NotPlain`.
    """
    header = _HEADER.match(data, position)
    if header is None:
        return None
    found, end = value(data, blanks(data, header.end()))
    end = blanks(data, end)
    if isinstance(found, dict) and not _is_plain_type(found.get(b"/Type", b"")):
        raise NotPlain(f"a type that is not said plainly at {position}")
    if isinstance(found, dict) and (stream := _STREAM.match(data, end)):
        length = found.get(b"/Length")
        size = length_of(length) if isinstance(length, Ref) else _length(length)
        closing = _STREAM_END.match(data, stream.end() + size)
        if size < 0 or closing is None:
            raise NotPlain(f"a stream of another length at {position}")
        end = closing.end()
    last = _OBJECT_END.match(data, end)
    if last is None:
        raise NotPlain(f"no end of the object at {position}")
    return Written(int(header[1]), int(header[2]), position, last.end(), found)


def _is_plain_type(found: Value) -> bool:
    """Whether everybody sees by it what has objects in it, and what is a table."""
    return isinstance(found, bytes) and b"#" not in found


def _length(found: Value | None) -> int:
    if not isinstance(found, bytes) or not found.isdigit():
        raise NotPlain("a stream without a length")
    return int(found)
