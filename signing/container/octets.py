"""The bytes of a file, of which slices are read on demand."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Self

__all__ = ["FileOctets", "Octets", "slices"]


class FileOctets:
    """An open file with the length it had when it was opened, sliced like `bytes`.

    Where the file has become shorter since, slices are shorter too.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDONLY)
        self._length = os.fstat(self._descriptor).st_size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, wanted: slice) -> bytes:
        start, stop, _ = wanted.indices(self._length)
        parts = []
        while start < stop and (part := os.pread(self._descriptor, stop - start, start)):
            parts.append(part)
            start += len(part)
        return b"".join(parts)


Octets: TypeAlias = bytes | FileOctets


def slices(data: Octets, start: int, stop: int, size: int) -> Iterator[bytes | memoryview]:
    """Yield the octets between two positions in slices of a size; bytes in memory are not copied."""
    whole = memoryview(data) if isinstance(data, bytes) else data
    for position in range(start, stop, size):
        yield whole[position : min(position + size, stop)]
