"""A JSON body with one very large value in it, read without ever being whole in memory.

SiVa's request carries the document as base64 in a JSON string: parsed the usual way, 25 MB of document are a hundred in
memory, several requests at a time. So:

    (1) the body streams to a file on disk as it comes;
    (2) its tokens are walked through in place (`mmap`); of the member `document` only the place is noted;
    (3) what is left, a small object, is parsed by `json`, which also judges its grammar;
    (4) the noted string is decoded piece by piece into a second file.
"""

import binascii
import json
import mmap
import re
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import IO, Final

from starlette.requests import Request

from workflows.web.http.spool import spooling

__all__ = ["Body", "NotJsonError", "read", "spooled"]

_PIECE: Final = 1 << 18
_SMALL: Final = 1 << 20  # the rest of the request: names, and whatever a client adds
_LONGEST_KEY: Final = 100
# Possessive throughout: each byte is looked at once, whatever stands there.
_TOKEN: Final = re.compile(rb'[ \t\r\n]*+(?:(?P<mark>["{}\[\]:,])|(?P<bare>[^ \t\r\n"{}\[\]:,]++))')
_INSIDE: Final = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
_BLANK: Final = b" \t\r\n"
_SHORT_ESCAPES: Final = ((b"\\/", b"/"), (b"\\n", b"\n"), (b"\\r", b"\n"), (b"\\t", b"\n"))
_LONGEST_ESCAPE: Final = 6
_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_FROM_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")


class NotJsonError(Exception):
    """The body is no JSON object, or says one thing twice."""


class NotBase64Error(Exception):
    """The document is a string, but none that base64 writes."""


@dataclass(frozen=True, slots=True)
class Body:
    """The request's members, and its document's bytes on disk; None when there is none or it is blank.

    `document` in `values` is "" when it was a string. `not_base64` tells of a string that base64 does not write.
    """

    values: Mapping[str, object]
    document: IO[bytes] | None
    not_base64: bool = False


@asynccontextmanager
async def spooled(request: Request) -> AsyncIterator[IO[bytes]]:
    """Stream the body into a file that goes when the block ends (1): the one asynchronous step."""
    with spooling() as counted, tempfile.TemporaryFile() as file:
        async for chunk in request.stream():
            counted.add(len(chunk))
            file.write(chunk)
        file.flush()
        yield file


@contextmanager
def read(file: IO[bytes]) -> Iterator[Body]:
    """Read a spooled body. Raises NotJsonError."""
    with _mapped(file) as data, tempfile.SpooledTemporaryFile(max_size=_SMALL) as document:
        rest, place = _skeleton(data)  # (2)
        values = _parse(rest)  # (3)
        if place is None or place[0] == place[1]:
            yield Body(values, None)
            return
        try:
            blank = _decode(data, *place, into=document)  # (4)
        except NotBase64Error:
            yield Body(values, None, not_base64=True)
            return
        document.seek(0)
        yield Body(values, None if blank else document)


@contextmanager
def _mapped(file: IO[bytes]) -> Iterator[mmap.mmap]:
    try:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except ValueError as empty:
        raise NotJsonError("empty") from empty
    with data:
        yield data


def _skeleton(data: mmap.mmap) -> tuple[bytes, tuple[int, int] | None]:
    """Return the body without the document's characters, and where those stand."""
    rest = bytearray()
    place: tuple[int, int] | None = None
    depth, before, key = 0, b"", b""
    at = 0
    while (token := _TOKEN.match(data, at)) is not None:
        at = token.end()
        mark = token["mark"]
        begun = at
        if mark == b'"':
            at = _end_of_string(data, begun) + 1
            if depth == 1 and before == b":" and _names_the_document(key):
                if place is not None:
                    raise NotJsonError("two documents")
                place = begun, at - 1
                rest += b'""'
                before = mark
                continue
        if at - token.start() + len(rest) > _SMALL:
            raise NotJsonError("too much beside the document")
        rest += data[token.start() : at]
        if depth == 1 and mark == b'"' and before in {b"{", b","}:
            key = data[begun : at - 1]
        depth += {b"{": 1, b"[": 1, b"}": -1, b"]": -1}.get(mark or b"", 0)
        before = mark or b"value"
    if data[at:].strip(_BLANK):
        raise NotJsonError("not a token")
    return bytes(rest), place


def _end_of_string(data: mmap.mmap, begun: int) -> int:
    """Return where the quote stands that ends the string; raises NotJsonError when none does."""
    at = begun
    while True:
        inside = _INSIDE.match(data, at, at + _PIECE)
        reached = at if inside is None else inside.end()
        if reached >= len(data) or (reached == at and data[at] != ord('"')):
            raise NotJsonError("a string without an end")
        if data[reached] == ord('"'):
            return reached
        _release(data, at, reached)
        at = reached


def _release(data: mmap.mmap, start: int, end: int) -> None:
    """Let go of pages that have been read: they are on disk, and counted as ours as long as they are mapped."""
    first = -(-start // mmap.PAGESIZE) * mmap.PAGESIZE
    if end - first >= mmap.PAGESIZE:
        data.madvise(mmap.MADV_DONTNEED, first, end - first)


def _names_the_document(key: bytes) -> bool:
    if len(key) > _LONGEST_KEY:
        return False
    try:
        return bool(json.loads(b'"' + key + b'"') == "document")
    except ValueError:
        return False


def _parse(rest: bytes) -> Mapping[str, object]:
    try:
        values = json.loads(rest.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise NotJsonError("not JSON") from error
    if not isinstance(values, dict):
        raise NotJsonError("not an object")
    return values


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse what two readers may read differently."""
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a member twice")
    return values


def _decode(data: mmap.mmap, start: int, end: int, *, into: IO[bytes] | tempfile.SpooledTemporaryFile[bytes]) -> bool:
    """Decode base64, in lines or in one, plain or URL-safe, padded or not: all of it occurs among clients.

    Returns whether there was no letter at all.
    """
    pending, ended, blank = b"", False, True
    for piece in _unescaped(data, start, end):
        letters = piece.translate(_FROM_URL_SAFE, _BLANK)
        body = letters.rstrip(b"=")
        blank = blank and not letters
        if (ended and body) or body.translate(None, _ALPHABET):
            raise NotBase64Error
        ended = ended or len(body) < len(letters)
        pending += body
        whole = len(pending) // 4 * 4
        into.write(binascii.a2b_base64(pending[:whole]))
        pending = pending[whole:]
    if len(pending) == 1:
        raise NotBase64Error
    if pending:
        into.write(binascii.a2b_base64(pending + b"=" * (4 - len(pending))))
    return blank


def _unescaped(data: mmap.mmap, start: int, end: int) -> Iterator[bytes]:
    r"""Yield the string's characters; some writers escape "/", "=" and "+", and line ends have to be."""
    at = start
    while at < end:
        stop = min(at + _PIECE, end)
        piece = data[at:stop]
        # An escape that this piece cuts in two is left for the next.
        cut = piece.rfind(b"\\", max(1, len(piece) - _LONGEST_ESCAPE)) if stop < end else -1
        if cut > 0:
            piece, stop = piece[:cut], at + cut
        if b"\\" in piece:
            piece = _without_escapes(piece)
        yield piece  # a backslash that is left is no letter of base64
        _release(data, at, stop)
        at = stop


def _without_escapes(piece: bytes) -> bytes:
    """Resolve what base64 may be written with; letter by letter in Python, a body full of them takes eight seconds."""
    for written, meant in _SHORT_ESCAPES:
        piece = piece.replace(written, meant)
    if b"\\U" in piece:  # Python's, not JSON's
        raise NotBase64Error
    try:
        return piece.decode("raw_unicode_escape").encode("latin-1")
    except UnicodeError:
        raise NotBase64Error from None
