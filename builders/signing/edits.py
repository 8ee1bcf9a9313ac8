"""Ways to spoil a signed container, each in one place, so that a test reads as what was done."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Entries = list[tuple[str, bytes]]

SIGNATURE_FILE = "META-INF/edoc-signatures-S1.xml"
SECOND_SIGNATURE_FILE = "META-INF/edoc-signatures-S2.xml"


def entries_of(container: bytes) -> Entries:
    with zipfile.ZipFile(io.BytesIO(container)) as archive:
        return [(info.filename, archive.read(info)) for info in archive.infolist()]


def entries_or_none(container: bytes) -> Entries | None:
    """Read what can be read by the standard library; None where that cannot, whichever way it says so."""
    try:
        return entries_of(container)
    except (zipfile.BadZipFile, zlib.error, ValueError, RuntimeError, EOFError, KeyError, NotImplementedError, OSError):
        return None


def pack(entries: Iterable[tuple[str, bytes]], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # zipfile warns of duplicate names; here they are the point
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, content in entries:
                info = zipfile.ZipInfo(name)
                info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else compression
                archive.writestr(info, content)
    return buffer.getvalue()


def replaced(container: bytes, name: str, content: bytes) -> bytes:
    return pack((one, content if one == name else data) for one, data in entries_of(container))


def removed(container: bytes, name: str) -> bytes:
    return pack((one, data) for one, data in entries_of(container) if one != name)


def renamed(container: bytes, name: str, new: str) -> bytes:
    return pack((new if one == name else one, data) for one, data in entries_of(container))


def added(container: bytes, name: str, content: bytes) -> bytes:
    return pack([*entries_of(container), (name, content)])


def signature_of(container: bytes, name: str = SIGNATURE_FILE) -> str:
    return dict(entries_of(container))[name].decode()


def with_signature(container: bytes, edit: Callable[[str], str], name: str = SIGNATURE_FILE) -> bytes:
    before = signature_of(container, name)
    after = edit(before)
    assert after != before, "the edit has to change something"
    return replaced(container, name, after.encode())


def with_local_header(container: bytes, name: str, new: bytes) -> bytes:
    """Change the name in the local header only; the central directory keeps the old one."""
    at = container.index(b"PK\x03\x04")
    while True:
        size = struct.unpack_from("<H", container, at + 26)[0]
        if container[at + 30 : at + 30 + size] == name.encode():
            break
        at = container.index(b"PK\x03\x04", at + 4)
    assert len(new) == size
    return container[: at + 30] + new + container[at + 30 + size :]
