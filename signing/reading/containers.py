"""ASiC containers (EN 319 162-1) as facts: every signature and time stamp, and what they leave unsigned.

`signing.container` lists the entries with their roles; here their signatures are read.

XAdES references data files itself. CAdES and time-stamp tokens cover the one data object (ASiC-S), or an ASiCManifest
that lists files with their digests (ASiC-E): then every digest in it must match too.
"""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from signing.cms.cades import CmsContent, read_cades
from signing.cms.timestamp_tokens import read_stamp
from signing.container import open_container
from signing.container.active_content import active_content, active_parts
from signing.container.entry_names import confusable_names
from signing.container.manifests import read_manifest
from signing.container.nested import has_container_name
from signing.container.odf_manifest import manifest_remarks
from signing.errors import BrokenDocument, TooLarge
from signing.model import Content, Message
from signing.pki.keys import UnknownScheme
from signing.reading.facts import (
    DocumentFacts,
    Reference,
    SignatureFacts,
    SignatureForm,
    StampFacts,
    StampKind,
    ValueCheck,
)
from signing.reading.naming import unique_ids
from signing.reading.polyglots import begins_like_a_pdf, has_parts_of_a_pdf
from signing.xades.data_sources import ContainerFiles
from signing.xades.document import XmlDocument
from signing.xades.properties import media_types
from signing.xades.reading import read_signatures
from signing.xml.tree import DIGESTS, NotXml, parse, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from signing.container import ArchiveEntry, Container, Manifest, Octets

__all__ = ["read_container"]

_MAX_SIGNATURES = 256
# Allowed under META-INF beside signatures and manifests (EN 319 162-1 §4.4.3.2); all else counts as a file.
_USUAL_METADATA = frozenset({"META-INF/manifest.xml", "META-INF/container.xml", "META-INF/metadata.xml"})


def read_container(document: Octets) -> DocumentFacts:
    """Read a container; raises members of the `UnreadableDocument` tree."""
    container = open_container(document)
    if begins_like_a_pdf(document[:1024]) and has_parts_of_a_pdf(_beside_data(container)):
        raise BrokenDocument("cms.two-readings")
    return _Reading.of(container).facts()


def _beside_data(container: Container) -> Iterator[bytes]:
    """Return how many octets no data file takes up: headers, the container's own parts, the central directory.

    For OpenDocument it is all of them: canonical forms are signed there, not the files' octets.
    """
    octets, position = container.archive.data, 0
    signed_as_they_are = () if container.form is SignatureForm.ODF else container.data
    for entry in sorted(signed_as_they_are, key=lambda one: one.offset):
        yield octets[position : entry.data_offset]
        position = entry.data_offset + entry.packed_size
    yield octets[position : len(octets)]


@dataclass(frozen=True, slots=True)
class _Reading:
    """One container being read: its files hashed once, with every algorithm its signatures name."""

    container: Container
    xades: tuple[tuple[ArchiveEntry, bytes], ...]
    manifests: tuple[Manifest, ...]
    files: ContainerFiles
    data_names: frozenset[str]
    hashed: dict[tuple[str, str], bytes] = field(default_factory=dict)
    signed_types: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, container: Container) -> _Reading:
        if len(container.cades) + len(container.stamps) + len(container.manifests) > 2 * _MAX_SIGNATURES:
            raise TooLarge("document.too-much-work")
        xades = tuple((entry, container.archive.read(entry)) for entry in container.xades)
        manifests = tuple(read_manifest(container, entry) for entry in container.manifests)
        for entry in container.others:
            # Folders hold nothing, but their records must be valid as well.
            for _ in container.archive.stream(entry):
                pass
        texts = (*(blob for _, blob in xades), *(manifest.data for manifest in manifests))
        files = ContainerFiles(container, _digest_names(texts))
        return cls(container, xades, manifests, files, frozenset(files.names))

    def facts(self) -> DocumentFacts:
        stamped = _over_each_other(list(self._stamps()))
        found = (*self._xades(), *self._cades())
        signatures = unique_ids(_archived(one, entry.name, stamped) for entry, one in found)
        named = _named(signatures)
        return DocumentFacts(
            form=self.container.form,
            contents=tuple(
                Content(
                    entry.name, entry.size, self.files.sha256(entry.name), mimetypes.guess_type(entry.name)[0] or ""
                )
                for entry in self.container.data
            ),
            signatures=tuple(signatures),
            stamps=tuple(one.stamp for one in stamped),
            faults=tuple(self._faults(signatures, named, frozenset(entry.name for entry, _ in found))),
            warnings=tuple(self._warnings(named)),
        )

    def _xades(self) -> Iterator[tuple[ArchiveEntry, SignatureFacts]]:
        number = 0
        for entry, blob in self.xades:
            try:
                parsed = XmlDocument(blob)
            except NotXml as error:
                raise BrokenDocument(f"xml.{error.reason}", {"name": entry.name}) from error
            self.signed_types.update(media_types(parsed.root))
            for one in read_signatures(parsed, self.files):
                number += 1
                if number > _MAX_SIGNATURES:
                    raise TooLarge("document.too-much-work")
                yield entry, one

    # CAdES

    def _cades(self) -> Iterator[tuple[ArchiveEntry, SignatureFacts]]:
        for entry in self.container.cades:
            der = self.container.archive.read(entry)
            manifest = self._manifest_of(entry)
            # Encapsulated content is no file of the container, so the signature covers nothing here.
            content = self._content(entry, manifest)
            try:
                for one in read_cades(der, content, name=entry.name):
                    yield entry, one if manifest is None else self._with_lines(one, manifest)
            except (ValueError, IndexError):
                unreadable = SignatureFacts(
                    id=entry.name, format="CAdES", value_check=ValueCheck.UNKNOWN, certificate=None, scheme=None,
                    format_faults=(Message.of("cms.unreadable"),),
                )  # fmt: skip
                yield entry, unreadable

    def _manifest_of(self, entry: ArchiveEntry) -> Manifest | None:
        """Return the one manifest that names this file as its signature; several are ambiguous."""
        found = [manifest for manifest in self.manifests if manifest.signature_name == entry.name]
        return found[0] if len(found) == 1 else None

    def _content(self, entry: ArchiveEntry, manifest: Manifest | None) -> CmsContent | None:
        if manifest is not None:
            return CmsContent.of(manifest.data, manifest.entry.name)
        data = self.container.data
        if self.container.form is SignatureForm.ASIC_S and len(data) == 1:
            return self._content_of(data[0])
        del entry
        return None

    def _content_of(self, entry: ArchiveEntry) -> CmsContent:
        return CmsContent(
            entry.name, lambda name: self.files.digest(entry.name, name), lambda: self.files.content(entry.name)
        )

    def _with_lines(self, one: SignatureFacts, manifest: Manifest) -> SignatureFacts:
        """Add the files the manifest lists: each must be present and unchanged."""
        lines, faults = self._lines(manifest)
        signed = bool(one.covers)
        covers = tuple(name for line in lines if signed and line.intact for name in line.covers)
        return replace(
            one,
            references=(*(replace(reference, covers=()) for reference in one.references), *lines),
            covers=covers,
            covers_everything=set(self.files.names) <= set(covers),
            reference_faults=(*one.reference_faults, *faults),
        )

    def _lines(self, manifest: Manifest) -> tuple[tuple[Reference, ...], tuple[Message, ...]]:
        lines: list[Reference] = []
        faults: list[Message] = []
        for line in manifest.lines:
            found = self._digest(line.name, line.digest_name) if line.name is not None else None
            intact = found is not None and bool(line.digest) and found == line.digest
            covers = (line.name,) if line.name in self.data_names else ()
            lines.append(Reference(line.uri, found is not None, intact, line.digest_name, covers))
            if found is None:
                faults.append(Message.of("reference.not-found", file=line.name or line.uri))
            elif not intact:
                code = "reference.changed" if line.digest_name else "reference.digest-unknown"
                faults.append(Message.of(code, file=line.name or line.uri))
        if not manifest.lines:
            faults.append(Message.of("xades.signs-nothing"))
        return tuple(lines), tuple(faults)

    def _digest(self, name: str, digest_name: str) -> bytes | None:
        """Hash any entry of the container by name: manifests may name signatures and stamps too."""
        entry = self.container.archive.find(name)
        if entry is None or entry.is_folder:
            return None
        try:
            if name in self.data_names:
                return self.files.digest(name, digest_name) or b""
            if (name, digest_name) not in self.hashed:
                hashes = self.container.digests(entry, frozenset({digest_name})) if digest_name else {}
                self.hashed[name, digest_name] = hashes.get(digest_name, b"")
            return self.hashed[name, digest_name]
        except UnknownScheme:
            return b""

    # Stamps

    def _stamps(self) -> Iterator[_Stamped]:
        """Read every token file, each with the names of the files its manifest puts under it."""
        for entry in self.container.stamps:
            der = self.container.archive.read(entry)
            manifest = self._manifest_of(entry)
            if manifest is None:
                content = self._content(entry, None)
                over = content.digest if content is not None else None
                stamp = read_stamp(der, kind=StampKind.CONTAINER, over=over)
                yield _Stamped(entry.name, replace(stamp, covers=(content.name,) if content is not None else ()))
                continue
            lines, faults = self._lines(manifest)
            stamp = read_stamp(der, kind=StampKind.CONTAINER, over=manifest.data)
            matches = stamp.imprint_matches
            if faults:
                # An absent file cannot be compared (SIGNED_DATA_NOT_FOUND); one that differs fails.
                changed = any(line.found and not line.intact for line in lines)
                matches = False if changed or matches is False else None
            under = tuple(line.name for line in manifest.lines if line.name is not None)
            stamp = replace(
                stamp,
                imprint_matches=matches,
                # It covers the files through these digests alone.
                digest_names=(*stamp.digest_names, *dict.fromkeys(line.digest_name for line in lines)),
                faults=(*stamp.faults, *faults),
                covers=(manifest.entry.name, *under),
            )
            yield _Stamped(entry.name, stamp, frozenset(under))

    # The container as a whole

    def _faults(
        self, signatures: list[SignatureFacts], named: frozenset[str], holding: frozenset[str]
    ) -> Iterator[Message]:
        """Report faults of the whole container: an unsigned file, more than one data object in ASiC-S."""
        if signatures:
            # A file among the container's own parts is visible to anyone who unpacks it, and unsigned as well.
            for entry in (*self.container.data, *self._strange_metadata(), *self._without_signatures(holding)):
                if entry.name not in named:
                    yield Message.of("container.file-not-signed", file=entry.name)
        if self.container.form is SignatureForm.ASIC_S:
            yield from self._simple_faults()

    def _simple_faults(self) -> Iterator[Message]:
        """ASiC-S holds one data object at the root and one kind of signature (EN 319 162-1 §4.3.3)."""
        data, container = self.container.data, self.container
        if len(data) != 1 or "/" in data[0].name:
            yield Message.of("container.simple-one-object")
        kinds = sum(map(bool, (container.xades, container.cades, container.stamps)))
        if kinds > 1 or (container.manifests and not container.stamps):
            yield Message.of("container.simple-one-kind")
        # A time stamp over an ASiCArchiveManifest renews the first one and does not count as a second.
        first = [one for one in container.stamps if self._manifest_of(one) is None]
        if max(len(container.xades), len(container.cades), len(first)) > 1:
            yield Message.of("container.simple-one-file")

    def _without_signatures(self, holding: frozenset[str]) -> Iterator[ArchiveEntry]:
        """Return files named like signatures that hold something else; `holding` names those that hold signatures."""
        for entry, blob in self.xades:
            root = parse(blob) if entry.name not in holding else None
            if root is not None and (len(root) or text_of(root).strip()):
                yield entry

    def _strange_metadata(self) -> list[ArchiveEntry]:
        return [entry for entry in self.container.others if entry.name not in _USUAL_METADATA]

    def _warnings(self, named: frozenset[str]) -> Iterator[Message]:
        names = [entry.name for entry in self.container.data]
        for one, other in confusable_names(names):
            yield Message.of("names.look-alike", one=one, other=other)
        for name in names:
            if has_container_name(name):
                yield Message.of("container.inner", file=name)
        for entry in self.container.data:
            yield from active_content(self.container.archive, entry)
        if self.container.form is SignatureForm.ODF:
            yield from active_parts("content.xml", self.container.archive)
        yield from self._remarks_on_own_parts(named)

    def _remarks_on_own_parts(self, named: frozenset[str]) -> Iterator[Message]:
        for entry in self._strange_metadata():
            if entry.name not in named:
                yield Message.of("container.extra-metadata", file=entry.name)
        if self.container.xades and self.container.form is not SignatureForm.ODF:
            yield from manifest_remarks(self.container, self.signed_types)
        if self.container.evidence_records:
            yield Message.of("container.evidence-record")
        if not self.container.mimetype:
            yield Message.of("container.no-mimetype")
        elif self.container.mimetype_faults:
            yield Message.of("container.mimetype-place", how=",".join(self.container.mimetype_faults))


@dataclass(frozen=True, slots=True)
class _Stamped:
    """A token file by its name, and the names of the files its manifest puts under it."""

    name: str
    stamp: StampFacts
    under: frozenset[str] = frozenset()


def _named(signatures: Iterable[SignatureFacts]) -> frozenset[str]:
    """Return all files that the signature itself references."""
    return frozenset(
        name
        for one in signatures
        if not one.counter_signature
        for reference in one.references
        for name in reference.covers
    )


def _over_each_other(stamped: list[_Stamped]) -> list[_Stamped]:
    """Let each time stamp prove the tokens it covers and their evidence, which renews them (annex A.7)."""
    tokens = {one.name: _inside(one.stamp) for one in stamped}
    return [
        replace(one, stamp=replace(one.stamp, proves=frozenset().union(*(tokens.get(name, ()) for name in one.under))))
        for one in stamped
    ]


def _archived(one: SignatureFacts, file_name: str, stamped: list[_Stamped]) -> SignatureFacts:
    """Add to a signature the container's time stamps over its file: its content existed at their time (annex A.7).

    Stamps over those tokens alone are added too: they prove nothing about the signature, but renew the others.
    """
    over = [other for other in stamped if file_name in other.under]
    if not over or one.counter_signature:
        return one
    inside = {certificate.sha256 for certificate in one.certificates}
    inside |= {hashlib.sha256(blob).hexdigest() for blob in (*one.ocsps, *one.crls)}
    inside |= set().union(*map(_inside, one.stamps))
    archive = [replace(other.stamp, kind=StampKind.ARCHIVE, proves=other.stamp.proves | inside) for other in over]
    reached = {other.name for other in over}
    while above := [other for other in stamped if other.name not in reached and other.under & reached]:
        archive += [replace(other.stamp, kind=StampKind.REFERENCES) for other in above]
        reached |= {other.name for other in above}
    return replace(one, stamps=(*one.stamps, *archive))


def _inside(stamp: StampFacts) -> set[str]:
    """Return the SHA-256 of a token and of all evidence in it."""
    blobs = {hashlib.sha256(blob).hexdigest() for blob in (*stamp.ocsps, *stamp.crls)}
    return blobs | {stamp.sha256, *(certificate.sha256 for certificate in stamp.certificates)}


def _digest_names(texts: Iterable[bytes]) -> frozenset[str]:
    """Return the digest algorithms named in these files; one spelt otherwise is computed on demand."""
    return frozenset(name for uri, name in DIGESTS.items() if any(uri.encode() in text for text in texts))
