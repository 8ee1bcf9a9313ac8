"""How do bytes pass between a trusted process and an untrusted one?

A frame is four bytes of length, that many bytes of JSON, then the blobs whose sizes stand in the JSON under "blobs".
JSON, because reading it runs nothing; by hand, because a guard loads no library that it can do without. Every size is
checked against a limit before memory is taken for it.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

__all__ = ["BrokenFrame", "Frame", "read_frame", "write_frame"]

_LENGTH = struct.Struct(">I")


class BrokenFrame(Exception):
    """What arrived is no frame, or is larger than allowed; nothing more can be read from that pipe."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A message: JSON values and the bytes that belong to it."""

    words: Mapping[str, object]
    blobs: tuple[bytes, ...] = ()


class _Sink(Protocol):
    def write(self, data: bytes, /) -> object: ...

    def flush(self) -> object: ...


def write_frame(to: _Sink, words: Mapping[str, object], blobs: Sequence[bytes] = ()) -> None:
    """Write one frame and flush it."""
    head = json.dumps({**words, "blobs": [len(blob) for blob in blobs]}).encode()
    to.write(_LENGTH.pack(len(head)) + head)
    for blob in blobs:
        to.write(blob)
    to.flush()


def read_frame(source: BinaryIO, *, limit: int) -> Frame | None:
    """Read one frame of at most `limit` bytes; None at the end of the stream. Raises BrokenFrame."""
    start = source.read(_LENGTH.size)
    if not start:
        return None
    if len(start) < _LENGTH.size:
        raise BrokenFrame("cut short")
    (length,) = _LENGTH.unpack(start)
    if length > limit:
        raise BrokenFrame(f"{length} bytes of words")
    words, sizes = _parse(_exactly(source, length))
    if length + sum(sizes) > limit:
        raise BrokenFrame(f"{sum(sizes)} bytes of blobs")
    return Frame(words, tuple(_exactly(source, size) for size in sizes))


def _parse(head: bytes) -> tuple[dict[str, object], list[int]]:
    try:
        words = json.loads(head)
    except (ValueError, RecursionError) as error:
        raise BrokenFrame("not JSON") from error
    if not isinstance(words, dict):
        raise BrokenFrame("not an object")
    sizes = words.pop("blobs", None)
    if not isinstance(sizes, list) or not all(type(size) is int and size >= 0 for size in sizes):
        raise BrokenFrame("no sizes")
    return words, sizes


def _exactly(source: BinaryIO, size: int) -> bytes:
    data = source.read(size)
    if len(data) < size:
        raise BrokenFrame("cut short")
    return data
