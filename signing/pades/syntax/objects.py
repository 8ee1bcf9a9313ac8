"""PDF objects as ISO 32000-2 §7.2 and §7.3 write them, where every reader finds the same; anything else is refused.

Names are given with their escapes resolved, so that two spellings of one name are one name. Readers differ about:

    (1) a key that is given twice, in whatever spelling; an octet above 127 that stands in a key by itself
    (2) a word that programs look for in raw octets, and that is written with escapes; a zero octet in a name
    (3) a comment inside an object that holds anything but plain words, or does not end in a line feed
    (4) a number that is none, or too great for 32 bits; a number of an object above 8,388,607 (Annex C)
    (5) a carriage return alone behind `stream`; more than white space behind a stream's length
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "MOST_OBJECTS",
    "NotPlain",
    "Ref",
    "Value",
    "Written",
    "blanks",
    "dictionary",
    "number",
    "value",
    "written_object",
]

_BLANKS = re.compile(rb"[\0\t\n\f\r ]*+")
_WORDS = rb"(?:(?!obj|xref|trailer|stream|EOF)[\t !\"#$%&'*-.0-;=?-Z\\^-z|~])*+"  # (3)
_ONLY_BLANKS = re.compile(rb"[\0\t\n\f\r ]*+(?!%)")
_GAP = re.compile(rb"(?:[\0\t\n\f\r ]++|%" + _WORDS + rb"\r?\n)*+")
_KEY = re.compile(rb"/(?:[!\"$&'*-.0-;=?-Z\\^-z|~]|#[0-9A-Fa-f]{2})++")
_NAME = re.compile(rb"/(?:[!\"$&'*-.0-;=?-Z\\^-z|~\x80-\xff]|#[0-9A-Fa-f]{2})*+")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_END = rb"(?=[\0\t\n\f\r ()<>\[\]{}/%]|\Z)"
_REFERENCE = re.compile(rb"(\d{1,10})[\0\t\n\f\r ]+(\d{1,5})[\0\t\n\f\r ]+R" + _END)
_NUMBER = re.compile(rb"[+-]?(?:(\d++)(?:\.\d*+)?|\.\d++)" + _END)
_WORD = re.compile(rb"(?:true|false|null)" + _END)
_HEXADECIMAL = re.compile(rb"<[0-9A-Fa-f\0\t\n\f\r ]*+>")
_IN_STRING = re.compile(rb"[^()\\]*+(?:\\[\s\S][^()\\]*+)*+")
_HEADER = re.compile(rb"(\d{1,10})[\0\t\n\f\r ]+(\d{1,5})[\0\t\n\f\r ]+obj" + _END)
_STREAM = re.compile(rb"stream\r?\n")
_STREAM_END = re.compile(rb"[\0\t\n\f\r ]*+endstream[\0\t\n\f\r ]*+")
_OBJECT_END = re.compile(rb"endobj" + _END)
_INTEGER = re.compile(rb"\+?\d{1,10}")
_DEEPEST = 32
MOST_OBJECTS = 8_388_607  # no reader has to know more (Annex C)
_MOST_GENERATIONS = 65_535
_GREATEST_INTEGER = 2**31 - 1
_PLAIN_KEYS = frozenset(
    b"/" + one
    for one in (
        b"AA ByteRange Contents DecodeParms Encrypt Extends F Filter First ID Index Info JS JavaScript Length N "
        b"OpenAction Prev Root S Size Subtype Type W XRefStm"
    ).split()
)  # (2)
_PLAIN_VALUES = frozenset({b"/Filter", b"/Type"})


class NotPlain(ValueError):
    """Not written so that there is only one way to read it."""


class Ref(NamedTuple):
    """A reference to an object."""

    number: int
    generation: int


Value = dict[bytes, "Value"] | list["Value"] | Ref | bytes


@dataclass(frozen=True, slots=True)
class Written:
    """An object as it stands: where its header begins and where it ends; where a stream's octets do, if it is one."""

    number: int
    generation: int
    start: int
    end: int
    value: Value
    content: tuple[int, int] | None = None


def blanks(data: bytes, position: int) -> int:
    """Pass over white space."""
    match = _BLANKS.match(data, position)
    return match.end() if match else position


def _gap(data: bytes, position: int) -> int:
    """Pass over white space and plain comments inside an object (§7.2.4)."""
    match = _ONLY_BLANKS.match(data, position) or _GAP.match(data, position)
    return match.end() if match else position


def number(found: Value | None) -> int:
    """Give a whole number that is not negative, its sign and leading zeros read as §7.3.3 says; raises `NotPlain`."""
    if not isinstance(found, bytes) or _INTEGER.fullmatch(found) is None:
        raise NotPlain("no whole number")
    return int(found)


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
        return _identified(match), match.end()
    if match := _NAME.match(data, position):
        name = match[0]
        return name if b"#" not in name else _name(name), match.end()
    for pattern in (_NUMBER, _HEXADECIMAL, _WORD):
        if match := pattern.match(data, position):
            if pattern is _NUMBER and int(match[1] or 0) > _GREATEST_INTEGER:
                raise NotPlain(f"a number beyond 32 bits at {position}")
            return match[0], match.end()
    raise NotPlain(f"no plain value at {position}")


def _identified(match: re.Match[bytes]) -> Ref:
    """Give the number and generation that stand in a header or reference, if every reader knows such (Annex C)."""
    found = Ref(int(match[1]), int(match[2]))
    if found.number > MOST_OBJECTS or found.generation > _MOST_GENERATIONS:
        raise NotPlain(f"a number of an object that few readers know at {match.start()}")
    return found


def _name(written: bytes) -> bytes:
    """Resolve the escapes of a name (§7.3.5)."""
    found = _ESCAPE.sub(lambda match: bytes((int(match[1], 16),)), written)
    if b"\0" in found:
        raise NotPlain("a name with a zero octet")
    return found


def dictionary(data: bytes, position: int, depth: int = 0) -> tuple[dict[bytes, Value], int]:
    """Read a dictionary, each key of it given once; raises `NotPlain`."""
    if not data.startswith(b"<<", position):
        raise NotPlain(f"no dictionary at {position}")
    found: dict[bytes, Value] = {}
    position = _gap(data, position + 2)
    while not data.startswith(b">>", position):
        written = _KEY.match(data, position)
        if written is None:
            raise NotPlain(f"no key at {position}")
        key = spelt = written[0]
        if b"#" in spelt:
            key = _name(spelt)
        if key in found:
            raise NotPlain(f"a key given twice at {position}")
        start = _gap(data, written.end())
        found[key], position = value(data, start, depth + 1)
        if (key is not spelt and key in _PLAIN_KEYS) or (key in _PLAIN_VALUES and b"#" in data[start:position]):
            raise NotPlain(f"a word that is not said plainly at {written.start()}")
        position = _gap(data, position)
    return found, position + 2


def _array(data: bytes, position: int, depth: int) -> tuple[list[Value], int]:
    found: list[Value] = []
    position = _gap(data, position + 1)
    while not data.startswith(b"]", position):
        one, position = value(data, position, depth + 1)
        found.append(one)
        position = _gap(data, position)
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
    found, end = value(data, _gap(data, header.end()))
    if isinstance(found, dict) and not isinstance(found.get(b"/Type", b""), bytes):
        raise NotPlain(f"a type that is not said plainly at {position}")
    content: tuple[int, int] | None = None
    stream = _STREAM.match(data, blanks(data, end)) if isinstance(found, dict) else None
    if isinstance(found, dict) and stream is not None:
        length = found.get(b"/Length")
        size = length_of(length) if isinstance(length, Ref) else number(length)
        closing = _STREAM_END.match(data, stream.end() + size)
        if size < 0 or closing is None:
            raise NotPlain(f"a stream of another length at {position}")
        content, end = (stream.end(), stream.end() + size), closing.end()
    else:
        end = _gap(data, end)
    last = _OBJECT_END.match(data, end)
    if last is None:
        raise NotPlain(f"no end of the object at {position}")
    return Written(*_identified(header), position, last.end(), found, content)
