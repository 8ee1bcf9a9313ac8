"""A ZIP (APPNOTE 6.3.10) that all readers read alike; others are refused.

Readers disagree about a ZIP that is prefixed or padded, has records hidden between records, a local header that differs
from the central directory, or two entries of one name. Each of these is `BrokenDocument`:

    (1) the end record closes the file, and there is one of it;
    (2) the central directory ends where the end record begins and holds as many entries as announced;
    (3) every local header repeats its central entry, and no extra field gives another name, or the size twice;
    (4) local records follow one another from byte 0 to the central directory without a gap;
    (5) no two names are equal, none leaves the container, none is encrypted, none is a link to another file;
    (6) what is unpacked has the announced size and checksum, and stays within bounds.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signing.container import limits
from signing.container.entry_names import check_name, decode_name
from signing.container.octets import slices
from signing.errors import BrokenDocument, EncryptedDocument, TooLarge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signing.container.octets import Octets

__all__ = ["Archive", "ArchiveEntry", "is_zip", "open_archive"]

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_END64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR64 = struct.Struct("<4sIQI")
_LOCAL_MARK, _CENTRAL_MARK, _END_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_END64_MARK, _LOCATOR64_MARK, _DESCRIPTOR_MARK = b"PK\x06\x06", b"PK\x06\x07", b"PK\x07\x08"
_STORED, _DEFLATED = 0, 8
_NEWEST_VERSION = 63
_EMPTY_DEFLATED = 2
_ENCRYPTED, _STREAMED, _STRONG_ENCRYPTION, _UTF8, _MASKED = 0x1, 0x8, 0x40, 0x800, 0x2000
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
_ZIP64_EXTRA, _UNICODE_NAME_EXTRA = 0x0001, 0x7075
_UNIX, _KIND_OF_FILE, _LINK = 3, 0o170000, 0o120000


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """One file of the archive; `has_extra` tells whether its local header carries an extra field."""

    name: str
    size: int
    packed_size: int
    checksum: int
    method: int
    offset: int
    data_offset: int
    has_extra: bool

    @property
    def is_folder(self) -> bool:
        """A name that ends in a slash is a folder, and holds nothing."""
        return self.name.endswith("/")


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive whose structure has been checked; contents are unpacked on demand."""

    data: Octets
    entries: tuple[ArchiveEntry, ...]
    comment: bytes

    def find(self, name: str) -> ArchiveEntry | None:
        """Return the entry of exactly that name."""
        return next((entry for entry in self.entries if entry.name == name), None)

    def stream(self, entry: ArchiveEntry, *, limit: int = limits.MAX_DECLARED) -> Iterator[bytes]:
        """Unpack in slices; raises `TooLarge` and `BrokenDocument` as soon as (6) does not hold."""
        if entry.size > limit:
            raise TooLarge("document.too-large", {"name": entry.name})
        packed = slices(self.data, entry.data_offset, entry.data_offset + entry.packed_size, limits.SLICE)
        total, checksum = 0, 0
        for part in _unpack(packed, entry):
            total += len(part)
            if total > entry.size:
                raise BrokenDocument("container.size-differs", {"name": entry.name})
            checksum = zlib.crc32(part, checksum)
            yield part
        if total != entry.size or checksum != entry.checksum:
            raise BrokenDocument("container.size-differs", {"name": entry.name})

    def read(self, entry: ArchiveEntry, *, limit: int = limits.MAX_METADATA) -> bytes:
        """Unpack at once what is known to be small."""
        return b"".join(self.stream(entry, limit=limit))


def is_zip(data: Octets) -> bool:
    """Return whether the bytes begin like an archive, an empty one included."""
    return data[:4] in {_LOCAL_MARK, _END_MARK}


def open_archive(data: Octets) -> Archive:
    """Check the structure of a ZIP; raises `BrokenDocument`, `EncryptedDocument` or `TooLarge`."""
    try:
        return _open(data)
    except (struct.error, IndexError, OverflowError) as error:  # a ZIP64 offset may be larger than any file
        raise BrokenDocument("container.damaged") from error


def _open(data: Octets) -> Archive:
    end, count, directory_offset, directory_size, comment = _end_record(data)  # (1)
    if count > limits.MAX_ENTRIES:
        raise TooLarge("container.too-many-entries", {"limit": str(limits.MAX_ENTRIES)})
    if directory_offset + directory_size != end:  # (2)
        raise BrokenDocument("container.damaged")
    entries: list[ArchiveEntry] = []
    position = directory_offset
    for _ in range(count):
        entry, position = _central(data, position)  # (3)
        entries.append(entry)
    if position != end:
        raise BrokenDocument("container.damaged")
    _check_gaps(data, entries, directory_offset)  # (4)
    _check_names(entries)  # (5)
    _check_sizes(entries)
    return Archive(data, tuple(entries), comment)


def _end_record(data: Octets) -> tuple[int, int, int, int, bytes]:
    """Find the end record, whose comment closes the file; return where the central directory must end."""
    start = max(0, len(data) - _END.size - _FULL16)
    tail = data[start:]
    position = tail.rfind(_END_MARK)
    while position >= 0:
        if position + _END.size <= len(tail):
            _, disk, first_disk, here, count, size, offset, comment_size = _END.unpack_from(tail, position)
            if position + _END.size + comment_size == len(tail):
                break
        position = tail.rfind(_END_MARK, 0, position)
    else:
        raise BrokenDocument("container.damaged")
    comment = tail[position + _END.size :]
    position += start
    if _END_MARK in comment:
        raise BrokenDocument("container.ambiguous")
    if _FULL16 in {count, here} or _FULL32 in {size, offset}:
        return _end_record64(data, position, comment)
    if disk or first_disk or here != count:
        raise BrokenDocument("container.damaged")
    end = position
    if data[position - _LOCATOR64.size : position][:4] == _LOCATOR64_MARK:
        end, count, offset, size, _ = _end_record64(data, position, comment)
    return end, count, offset, size, comment


def _end_record64(data: Octets, position: int, comment: bytes) -> tuple[int, int, int, int, bytes]:
    locator = position - _LOCATOR64.size
    mark, _, end, disks = _LOCATOR64.unpack(data[locator : locator + _LOCATOR64.size])
    mark64, _, _, _, _, _, here, count, size, offset = _END64.unpack(data[end : end + _END64.size])
    if mark != _LOCATOR64_MARK or mark64 != _END64_MARK or disks > 1 or here != count:
        raise BrokenDocument("container.damaged")
    if end + _END64.size != locator:
        raise BrokenDocument("container.ambiguous")
    return end, count, offset, size, comment


def _central(data: Octets, position: int) -> tuple[ArchiveEntry, int]:
    (
        mark,
        made_by,
        version,
        flags,
        method,
        _,
        _,
        checksum,
        packed,
        size,
        name_size,
        extra_size,
        comment_size,
        _,
        _,
        attributes,
        offset,
    ) = _CENTRAL.unpack(data[position : position + _CENTRAL.size])
    if mark != _CENTRAL_MARK or version & 0xFF > _NEWEST_VERSION:
        raise BrokenDocument("container.damaged")
    names = position + _CENTRAL.size
    raw_name = data[names : names + name_size]
    extra = data[names + name_size : names + name_size + extra_size]
    size, packed, offset = _zip64(extra, size, packed, offset)
    name = decode_name(raw_name, is_utf8=bool(flags & _UTF8))
    if made_by >> 8 == _UNIX and attributes >> 16 & _KIND_OF_FILE == _LINK:
        raise BrokenDocument("container.bad-name", {"name": name})
    if flags & (_ENCRYPTED | _STRONG_ENCRYPTION | _MASKED):
        raise EncryptedDocument(params={"name": name})
    if method not in {_STORED, _DEFLATED}:
        raise BrokenDocument("container.compression-unknown", {"name": name})
    if method == _STORED and size != packed:
        raise BrokenDocument("container.size-differs", {"name": name})
    data_offset, local_extra = _check_local(data, offset, raw_name, flags, method, (checksum, packed, size))
    for fields in (extra, local_extra):
        _check_extra(fields, name)
    has_extra = bool(local_extra)
    entry = ArchiveEntry(name, size, packed, checksum, method, offset, data_offset, has_extra)
    return entry, names + name_size + extra_size + comment_size


def _fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the extra fields that are whole (APPNOTE §4.5.1)."""
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, position)
        yield kind, extra[position + 4 : position + 4 + length]
        position += 4 + length


def _zip64(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Read the sizes and offset that the 32-bit fields leave to the ZIP64 extra field (APPNOTE §4.5.3)."""
    values = [size, packed, offset]
    if _FULL32 not in values:
        return size, packed, offset
    for kind, content in _fields(extra):
        if kind == _ZIP64_EXTRA:
            field = iter(struct.unpack_from(f"<{len(content) // 8}Q", content))
            values = [next(field, _FULL32) if value == _FULL32 else value for value in values]
            break
    return values[0], values[1], values[2]


def _check_extra(extra: bytes, name: str) -> None:
    """Refuse a different Unicode path (APPNOTE §4.6.9), which unpackers use, and sizes given twice."""
    met: set[int] = set()
    for kind, content in _fields(extra):
        if kind == _UNICODE_NAME_EXTRA and content[5:] != name.encode("utf-8"):
            raise BrokenDocument("container.headers-differ")
        if kind == _ZIP64_EXTRA and kind in met:
            raise BrokenDocument("container.headers-differ")
        met.add(kind)


def _check_local(
    data: Octets, offset: int, raw_name: bytes, flags: int, method: int, sizes: tuple[int, int, int]
) -> tuple[int, bytes]:
    mark, _, local_flags, local_method, _, _, checksum, packed, size, name_size, extra_size = _LOCAL.unpack(
        data[offset : offset + _LOCAL.size]
    )
    names = offset + _LOCAL.size
    if mark != _LOCAL_MARK:
        raise BrokenDocument("container.damaged")
    if data[names : names + name_size] != raw_name or local_method != method or (local_flags ^ flags) & ~0x6:
        raise BrokenDocument("container.headers-differ")
    extra = data[names + name_size : names + name_size + extra_size]
    size, packed, _ = _zip64(extra, size, packed, 0)
    if not local_flags & _STREAMED and (checksum, packed, size) != sizes:
        raise BrokenDocument("container.headers-differ")
    if local_flags & _STREAMED and any(
        local not in {0, announced} for local, announced in zip((checksum, packed, size), sizes, strict=True)
    ):
        raise BrokenDocument("container.headers-differ")
    return names + name_size + extra_size, extra


def _check_gaps(data: Octets, entries: list[ArchiveEntry], directory_offset: int) -> None:
    expected = 0
    for entry in sorted(entries, key=lambda one: one.offset):
        if entry.offset != expected:
            raise BrokenDocument("container.ambiguous")
        expected = entry.data_offset + entry.packed_size
        expected += _descriptor_size(data, entry, expected)
    if expected != directory_offset:
        raise BrokenDocument("container.ambiguous")


def _descriptor_size(data: Octets, entry: ArchiveEntry, position: int) -> int:
    """Return the size of the data descriptor behind a streamed entry; it has to repeat the central entry."""
    flags = _LOCAL.unpack(data[entry.offset : entry.offset + _LOCAL.size])[2]
    if not flags & _STREAMED:
        return 0
    start = 4 if data[position : position + 4] == _DESCRIPTOR_MARK else 0
    announced = (entry.checksum, entry.packed_size, entry.size)
    for layout in ("<3I", "<I2Q"):
        end = start + struct.calcsize(layout)
        if struct.unpack(layout, data[position + start : position + end]) == announced:
            return end
    raise BrokenDocument("container.headers-differ")


def _check_names(entries: list[ArchiveEntry]) -> None:
    seen: set[str] = set()
    for entry in entries:
        check_name(entry.name)
        if entry.name.rstrip("/") in seen:
            raise BrokenDocument("container.duplicate-name", {"name": entry.name})
        seen.add(entry.name.rstrip("/"))
        if entry.is_folder and (entry.size or entry.packed_size > _EMPTY_DEFLATED):
            raise BrokenDocument("container.bad-name", {"name": entry.name})


def _check_sizes(entries: list[ArchiveEntry]) -> None:
    declared = sum(entry.size for entry in entries)
    packed = sum(entry.packed_size for entry in entries)
    if declared > limits.MAX_DECLARED:
        raise TooLarge("document.too-large")
    if declared > limits.RATIO_FREE and declared > packed * limits.MAX_RATIO:
        raise TooLarge("container.bomb")


def _unpack(packed: Iterator[bytes | memoryview], entry: ArchiveEntry) -> Iterator[bytes]:
    if entry.method == _STORED:
        yield from map(bytes, packed)
        return
    machine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for part in packed:
            pending = part
            while pending:
                yield machine.decompress(pending, limits.SLICE)
                pending = machine.unconsumed_tail
        yield machine.flush()
    except zlib.error as error:
        raise BrokenDocument("container.damaged", {"name": entry.name}) from error
    if not machine.eof or machine.unused_data:
        raise BrokenDocument("container.damaged", {"name": entry.name})
