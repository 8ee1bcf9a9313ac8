"""What do the bytes of a form say? Read by our rules, whatever the client names (RFC 7578, URL Standard §5.1).

    (1) head    one media type of ours; `charset` is UTF-8 or absent, `Content-Encoding` absent: anything else is 415
    (2) fields  UTF-8 without NUL, so many and so long; anything else is 400
    (3) files   as many as the page asks for, each written to a temporary file as it comes

A charset the client may choose is a decoder the client may choose: `punycode` takes the square of its input.
"""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import chain
from typing import Final
from urllib.parse import parse_qsl

from anyio import to_thread
from multipart import (  # type: ignore[import-untyped] # it has none
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)
from starlette.datastructures import Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from workflows.web.http.body import BodyTooLargeError
from workflows.web.http.spool import Spooled, spooling

__all__ = ["URLENCODED", "WITH_FILE", "Read", "read"]

URLENCODED: Final = frozenset({"application/x-www-form-urlencoded"})
WITH_FILE: Final = URLENCODED | {"multipart/form-data"}

_FIELDS = 300
_FIELD_BYTES = 64 * 1024
_NAME = 200
_PARAMETERS = frozenset({"charset", "boundary"})
_LONGEST_BOUNDARY = 70  # RFC 2046 §5.1.1
_IN_MEMORY = 1024 * 1024

Read = tuple[dict[str, tuple[str, ...]], dict[str, list[UploadFile]]]


@asynccontextmanager
async def read(request: Request, *, types: frozenset[str], most_files: int = 1) -> AsyncIterator[Read]:
    """Read the fields and files of a form; the files are closed when the block ends.

    Raises `HTTPException` 415 for another kind of body, 400 for one that is not well-formed, and `BodyTooLargeError`,
    which then says what came before the file that was too much.
    """
    kind, boundary = _head(request.headers, types)  # (1)
    files: dict[str, list[UploadFile]] = {}
    with spooling() as spooled:
        try:
            if kind == "multipart/form-data":
                values = await _multipart(request, boundary, _Parts(files, spooled, most_files))
            else:
                values = _urlencoded(await request.body())
            yield values, files
        finally:
            for file in chain.from_iterable(files.values()):
                file.file.close()


def _head(headers: Headers, types: frozenset[str]) -> tuple[str, str]:
    """Return media type and boundary; a body without a type is an empty form."""
    declared = headers.getlist("content-type")
    if not declared:
        return "application/x-www-form-urlencoded", ""
    kind, named = parse_options_header(declared[0])
    boundary = named.get("boundary", "")
    # What the parser passes over is a parameter too: RFC 2231 has other spellings of `charset`.
    foreign = (
        len(named) != declared[0].count(";")
        or set(named) - _PARAMETERS
        or named.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}
    )
    if len(declared) > 1 or kind not in types or foreign or "content-encoding" in headers:
        raise HTTPException(415)
    if kind == "multipart/form-data" and not 0 < len(boundary) <= _LONGEST_BOUNDARY:
        raise HTTPException(400)
    return kind, boundary


def _urlencoded(body: bytes) -> dict[str, tuple[str, ...]]:
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_FIELDS, separator="&"
        )
    except ValueError as error:
        raise HTTPException(400) from error
    values: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        _add(values, name, value)
    return values


async def _multipart(request: Request, boundary: str, parts: "_Parts") -> dict[str, tuple[str, ...]]:
    try:
        parser = PushMultipartParser(boundary, max_segment_count=_FIELDS)
        async for chunk in request.stream():
            for event in parser.parse(chunk) if chunk else ():
                await parts.take(event)
        parser.close()
    except (MultipartError, UnicodeDecodeError) as error:
        raise HTTPException(400) from error
    except BodyTooLargeError as error:
        error.values, error.files = parts.values, parts.names
        raise
    return parts.values


class _Parts:
    """Sorts the parts of a form into fields and files; `files` is filled at once, so that each can be closed."""

    def __init__(self, files: dict[str, list[UploadFile]], spooled: Spooled, most_files: int) -> None:
        self.values: dict[str, tuple[str, ...]] = {}
        self._files = files
        self._spooled = spooled
        self._most_files = most_files
        self._name = ""
        self._file: UploadFile | None = None
        self._text = bytearray()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the files that came, the last one perhaps not whole."""
        return tuple(file.filename or "" for file in chain.from_iterable(self._files.values()))

    async def take(self, event: MultipartSegment | bytes | bytearray | None) -> None:
        """Take the next event of the parser: a part's head, some of its content, or (None) its end."""
        if isinstance(event, MultipartSegment):
            self._begin(event)
        elif event is None:
            await self._end()
        elif self._file is not None:
            self._spooled.add(len(event))
            await _write(self._file, bytes(event))
        else:
            self._text += event
            if len(self._text) > _FIELD_BYTES:
                raise HTTPException(400)

    def _begin(self, segment: MultipartSegment) -> None:
        self._name, self._file, self._text = segment.name or "", None, bytearray()
        if not self._name or len(self._name) > _NAME:
            raise HTTPException(400)
        if segment.filename is not None:
            if sum(map(len, self._files.values())) == self._most_files:
                raise HTTPException(400)
            spooled = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed with the page's answer
            self._file = UploadFile(spooled, filename=segment.filename, size=0)  # type: ignore[arg-type] # a binary file
            self._files.setdefault(self._name, []).append(self._file)

    async def _end(self) -> None:
        if self._file is not None:
            await self._file.seek(0)
        else:
            _add(self.values, self._name, self._text.decode("utf-8"))


async def _write(file: UploadFile, data: bytes) -> None:
    """Append to the file: in memory at once, on disk in a thread."""
    file.size = (file.size or 0) + len(data)
    if file.size > _IN_MEMORY:
        await to_thread.run_sync(file.file.write, data)
    else:
        file.file.write(data)


def _add(values: dict[str, tuple[str, ...]], name: str, value: str) -> None:
    if "\0" in value or "\0" in name or len(name) > _NAME or len(value) > _FIELD_BYTES:
        raise HTTPException(400)
    values[name] = (*values.get(name, ()), value)
