"""PDF objects in strict syntax (ISO 32000-2 §7.2, §7.3): what readers parse differently is refused.

Escapes in names are resolved, so two spellings of a name are one name. Readers differ about:

    (1) a key given twice, in whatever spelling; an unescaped octet above 127 in a key
    (2) a name that programs search for in raw octets, written with escapes; a zero octet in a name
    (3) a comment inside an object that holds anything but plain words, or does not end in a line feed
    (4) a malformed number, or one beyond 32 bits; an object number above 8,388,607 (Annex C)
    (5) a lone carriage return behind `stream`; more than white space behind a stream's /Length
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "MAX_OBJECT_NUMBER",
    "AmbiguousSyntax",
    "ParsedObject",
    "Ref",
    "Value",
    "read_dictionary",
    "read_object",
    "read_value",
    "skip_white_space",
    "whole_number",
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
MAX_OBJECT_NUMBER = 8_388_607  # the limit of Annex C
_MOST_GENERATIONS = 65_535
_GREATEST_INTEGER = 2**31 - 1
_MOST_DIGITS = len(str(_GREATEST_INTEGER))
_PLAIN_KEYS = frozenset(
    b"/" + one
    for one in (
        b"AA ByteRange Contents DecodeParms Encrypt Extends F Filter First ID Index Info JS JavaScript Length N "
        b"OpenAction Prev Root S Size Subtype Type W XRefStm"
    ).split()
)  # (2)
_PLAIN_VALUES = frozenset({b"/Filter", b"/Type"})


class AmbiguousSyntax(ValueError):
    """Syntax that readers parse differently."""


class Ref(NamedTuple):
    """A reference to an object."""

    number: int
    generation: int


Value = dict[bytes, "Value"] | list["Value"] | Ref | bytes


@dataclass(frozen=True, slots=True)
class ParsedObject:
    """An indirect object: the span from its header to `endobj`, and of a stream's octets in `content`."""

    number: int
    generation: int
    start: int
    end: int
    value: Value
    content: tuple[int, int] | None = None


def skip_white_space(data: bytes, position: int) -> int:
    """Return the position behind white space; the end of the data for a position behind it."""
    match = _BLANKS.match(data, min(position, len(data)))  # a cross-reference stream may state any offset
    return match.end() if match else position


def _gap(data: bytes, position: int) -> int:
    """Return the position behind white space and plain comments inside an object (§7.2.4)."""
    match = _ONLY_BLANKS.match(data, position) or _GAP.match(data, position)
    return match.end() if match else position


def whole_number(found: Value | None) -> int:
    """Read an integer that is not negative, with sign and leading zeros as in §7.3.3; raises `AmbiguousSyntax`."""
    if not isinstance(found, bytes) or _INTEGER.fullmatch(found) is None:
        raise AmbiguousSyntax("no whole number")
    return int(found)


def read_value(data: bytes, position: int, depth: int = 0) -> tuple[Value, int]:
    """Read one value and return it with the position behind it; raises `AmbiguousSyntax`."""
    if depth > _DEEPEST:
        raise AmbiguousSyntax("nested too deep")
    if data.startswith(b"<<", position):
        return read_dictionary(data, position, depth)
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
            if pattern is _NUMBER and _is_beyond_32_bits(match[1] or b""):
                raise AmbiguousSyntax(f"a number beyond 32 bits at {position}")
            return match[0], match.end()
    raise AmbiguousSyntax(f"no plain value at {position}")


def _is_beyond_32_bits(digits: bytes) -> bool:
    """Compare digits with the greatest integer; Python refuses to read more than 4,300 of them."""
    plain = digits.lstrip(b"0")
    return len(plain) > _MOST_DIGITS or int(plain or b"0") > _GREATEST_INTEGER


def _identified(match: re.Match[bytes]) -> Ref:
    """Return the object and generation number of a header or reference, within the limits of Annex C."""
    found = Ref(int(match[1]), int(match[2]))
    if found.number > MAX_OBJECT_NUMBER or found.generation > _MOST_GENERATIONS:
        raise AmbiguousSyntax(f"a number of an object that few readers know at {match.start()}")
    return found


def _name(written: bytes) -> bytes:
    """Resolve the escapes of a name (§7.3.5)."""
    found = _ESCAPE.sub(lambda match: bytes((int(match[1], 16),)), written)
    if b"\0" in found:
        raise AmbiguousSyntax("a name with a zero octet")
    return found


def read_dictionary(data: bytes, position: int, depth: int = 0) -> tuple[dict[bytes, Value], int]:
    """Read a dictionary in which each key is given once; raises `AmbiguousSyntax`."""
    if not data.startswith(b"<<", position):
        raise AmbiguousSyntax(f"no dictionary at {position}")
    found: dict[bytes, Value] = {}
    position = _gap(data, position + 2)
    while not data.startswith(b">>", position):
        written = _KEY.match(data, position)
        if written is None:
            raise AmbiguousSyntax(f"no key at {position}")
        key = spelt = written[0]
        if b"#" in spelt:
            key = _name(spelt)
        if key in found:
            raise AmbiguousSyntax(f"a key given twice at {position}")
        start = _gap(data, written.end())
        found[key], position = read_value(data, start, depth + 1)
        if (key is not spelt and key in _PLAIN_KEYS) or (key in _PLAIN_VALUES and b"#" in data[start:position]):
            raise AmbiguousSyntax(f"a word that is not said plainly at {written.start()}")
        position = _gap(data, position)
    return found, position + 2


def _array(data: bytes, position: int, depth: int) -> tuple[list[Value], int]:
    found: list[Value] = []
    position = _gap(data, position + 1)
    while not data.startswith(b"]", position):
        one, position = read_value(data, position, depth + 1)
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
            raise AmbiguousSyntax("a string that does not end")


def read_object(data: bytes, position: int, length_of: Callable[[Ref], int]) -> ParsedObject | None:
    """Read the object that begins here, None when none does; `length_of` resolves an indirect /Length.

    Raises `AmbiguousSyntax`.
    """
    header = _HEADER.match(data, position)
    if header is None:
        return None
    found, end = read_value(data, _gap(data, header.end()))
    if isinstance(found, dict) and not isinstance(found.get(b"/Type", b""), bytes):
        raise AmbiguousSyntax(f"a type that is not said plainly at {position}")
    content: tuple[int, int] | None = None
    stream = _STREAM.match(data, skip_white_space(data, end)) if isinstance(found, dict) else None
    if isinstance(found, dict) and stream is not None:
        length = found.get(b"/Length")
        size = length_of(length) if isinstance(length, Ref) else whole_number(length)
        closing = _STREAM_END.match(data, stream.end() + size) if 0 <= size <= len(data) else None
        if closing is None:
            raise AmbiguousSyntax(f"a stream of another length at {position}")
        content, end = (stream.end(), stream.end() + size), closing.end()
    else:
        end = _gap(data, end)
    last = _OBJECT_END.match(data, end)
    if last is None:
        raise AmbiguousSyntax(f"no end of the object at {position}")
    return ParsedObject(*_identified(header), position, last.end(), found, content)
