"""Sources of detached data: files of a container, or files passed beside the signature."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Protocol

from signing.cms.signed_data import digest
from signing.errors import UnreadableDocument
from signing.reading.facts import SignatureForm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signing.container import Container

__all__ = ["ContainerFiles", "DataSource", "DetachedFiles", "NoData"]

_TRANSFORM_LIMIT = 32 * 1024 * 1024


class DataSource(Protocol):
    """Data by exact name."""

    @property
    def names(self) -> Sequence[str]:
        """All names there are."""
        ...

    @property
    def unnamed(self) -> str | None:
        """The name of the data a reference without a URI identifies: the one file beside a signature, or in ASiC-S."""
        ...

    @property
    def signature_files(self) -> frozenset[str]:
        """Names of files that hold signatures: over one of them is a counter-signature."""
        ...

    @property
    def in_canonical_form(self) -> bool:
        """Whether XML files are signed in canonical form, as OpenDocument does; elsewhere as the bytes they are."""
        ...

    def has(self, name: str) -> bool:
        """Return whether there is data, or another file of the container, of exactly that name."""
        ...

    def digest(self, name: str, digest_name: str) -> bytes | None:
        """Hash the named data; None when there is none of exactly that name. `UnknownScheme` for an unknown hash."""
        ...

    def content(self, name: str) -> bytes | None:
        """Return the named data itself, for a transform; None when there is none, or too much of it."""
        ...


class NoData:
    """Nothing outside the document."""

    names: Sequence[str] = ()
    unnamed: str | None = None
    signature_files: frozenset[str] = frozenset()
    in_canonical_form = False

    def has(self, name: str) -> bool:
        """Return False: there is no data."""
        del name
        return False

    def digest(self, name: str, digest_name: str) -> bytes | None:
        """Return None: there is no data."""
        del name, digest_name
        return None

    def content(self, name: str) -> bytes | None:
        """Return None: there is no data."""
        del name
        return None


class DetachedFiles:
    """Files passed beside the signature."""

    signature_files: frozenset[str] = frozenset()
    in_canonical_form = False

    def __init__(self, files: Sequence[tuple[str, bytes]]) -> None:
        self._files = dict(files)
        self.names: Sequence[str] = tuple(self._files)
        self.unnamed = self.names[0] if len(self.names) == 1 else None
        self._digests: dict[tuple[str, str], bytes] = {}

    def has(self, name: str) -> bool:
        """Return whether a file of exactly that name was passed."""
        return name in self._files

    def digest(self, name: str, digest_name: str) -> bytes | None:
        """Hash a file, once for each algorithm."""
        data = self._files.get(name)
        if data is None:
            return None
        key = name, digest_name
        if key not in self._digests:
            self._digests[key] = digest(digest_name, data)
        return self._digests[key]

    def content(self, name: str) -> bytes | None:
        """Return a file."""
        return self._files.get(name)


class ContainerFiles:
    """Files of a container. Each is unpacked once and hashed with every algorithm the signatures use.

    `names` are the data files; the container's own parts can be signed as well (EN 319 162-1 §4.4.3.2).
    """

    def __init__(self, container: Container, digest_names: frozenset[str]) -> None:
        self._container = container
        self._entries = {entry.name: entry for entry in container.archive.entries if not entry.is_folder}
        self.names: Sequence[str] = tuple(entry.name for entry in container.data)
        self.signature_files = frozenset(entry.name for entry in (*container.xades, *container.cades))
        self.in_canonical_form = container.form is SignatureForm.ODF
        simple = container.form is SignatureForm.ASIC_S and len(self.names) == 1
        self.unnamed = self.names[0] if simple else None
        self._wanted = digest_names | {"sha256"}
        self._digests: dict[str, dict[str, bytes]] = {}

    def has(self, name: str) -> bool:
        """Return whether there is a file of exactly that name."""
        return name in self._entries

    def digest(self, name: str, digest_name: str) -> bytes | None:
        """Hash an entry; all wanted algorithms are computed in the one pass."""
        entry = self._entries.get(name)
        if entry is None:
            return None
        if name not in self._digests:
            self._digests[name] = self._container.digests(entry, self._wanted)
        known = self._digests[name]
        if digest_name not in known:
            digest(digest_name, b"")  # raises for a hash nobody knows, before the file is unpacked for it once more
            known |= self._container.digests(entry, frozenset({digest_name}))
        return known[digest_name]

    def sha256(self, name: str) -> str:
        """Return the SHA-256 of an entry that exists, hex."""
        found = self.digest(name, "sha256")
        return (found or hashlib.sha256().digest()).hex()

    def content(self, name: str) -> bytes | None:
        """Unpack an entry, if it is not too large to be transformed."""
        entry = self._entries.get(name)
        if entry is None or entry.size > _TRANSFORM_LIMIT:
            return None
        try:
            return self._container.archive.read(entry, limit=_TRANSFORM_LIMIT)
        except UnreadableDocument:
            return None
