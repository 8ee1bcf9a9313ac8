"""The roles of entries in ASiC (EN 319 162-1 and -2): data objects, signatures, time stamps, manifests.

Entries under META-INF are never data, all others are, whatever their names. A file with the name of a signature under
META-INF is one of the container's own parts even when it cannot be read. `signing.reading.containers` reads the
signatures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signing.container.archive import Archive, ArchiveEntry, open_archive
from signing.container.entry_names import name_of_reference
from signing.errors import BrokenDocument, LegacyFormat, NotASignedDocument, TooLarge
from signing.pki.keys import HASHES, hasher
from signing.reading.facts import SignatureForm
from signing.xml.tree import DIGESTS, NotXml, decode_base64, local_name, parse

if TYPE_CHECKING:
    from lxml.etree import _Element

    from signing.container.octets import Octets

__all__ = ["Container", "Manifest", "ManifestEntry", "is_manifest", "open_container", "read_manifest"]

_MIMETYPES = {
    "application/vnd.etsi.asic-e+zip": SignatureForm.ASIC_E,
    "application/vnd.etsi.asic-s+zip": SignatureForm.ASIC_S,
}
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_OLD_BDOC = "application/vnd.bdoc-"
_META = "META-INF/"
_XADES_NAME = re.compile(r"META-INF/[^/]*signatures[^/]*\.xml", re.IGNORECASE)
_CADES_NAME = re.compile(r"META-INF/[^/]*signature[^/]*\.p7s", re.IGNORECASE)
_STAMP_NAME = re.compile(r"META-INF/[^/]*timestamp[^/]*\.tst", re.IGNORECASE)
_MANIFEST_NAME = re.compile(r"META-INF/[^/]*ASiC[^/]*Manifest[^/]*\.xml", re.IGNORECASE)
_EVIDENCE_NAME = re.compile(r"META-INF/[^/]*evidencerecord[^/]*\.(xml|ers)", re.IGNORECASE)
_OFFICE_PART = re.compile(r"(word|xl|ppt)/|content\.xml$")
_MAX_LINES = 5000
_CONTENT_TYPES = "[Content_Types].xml"
_PACKAGE_SIGNATURES = "_xmlsignatures/"


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """One line of an ASiCManifest: which file, which digest."""

    name: str | None
    uri: str
    digest_name: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Manifest:
    """An ASiCManifest: the file of its signature or time stamp, and the files it lists."""

    entry: ArchiveEntry
    data: bytes
    signature_name: str | None
    lines: tuple[ManifestEntry, ...]


@dataclass(frozen=True, slots=True)
class Container:
    """An ASiC container: its entries by role. `form` is what its mimetype says, or what its parts show."""

    archive: Archive
    form: SignatureForm
    mimetype: str
    data: tuple[ArchiveEntry, ...]
    xades: tuple[ArchiveEntry, ...]
    cades: tuple[ArchiveEntry, ...]
    stamps: tuple[ArchiveEntry, ...]
    manifests: tuple[ArchiveEntry, ...]
    evidence_records: tuple[ArchiveEntry, ...]
    others: tuple[ArchiveEntry, ...]
    mimetype_faults: tuple[str, ...]

    def digests(self, entry: ArchiveEntry, names: frozenset[str]) -> dict[str, bytes]:
        """Hash one entry with every named algorithm in one pass, slice by slice."""
        machines = {name: hasher(name) for name in names if name in HASHES}
        for part in self.archive.stream(entry):
            for machine in machines.values():
                machine.update(part)
        return {name: machine.digest() for name, machine in machines.items()}


def open_container(data: Octets) -> Container:
    """Open a ZIP and sort its entries; raises members of the `UnreadableDocument` tree."""
    archive = open_archive(data)
    names = [entry.name for entry in archive.entries]
    if _CONTENT_TYPES in names and any(name.lower().startswith("edoc/") for name in names):
        raise LegacyFormat.named("eDoc 1.0")
    if _CONTENT_TYPES in names and any(name.lower().startswith(_PACKAGE_SIGNATURES) for name in names):
        raise LegacyFormat.named_other("Office Open XML")
    roles: dict[str, list[ArchiveEntry]] = {
        role: [] for role in ("data", "xades", "cades", "stamps", "manifests", "evidence", "others")
    }
    for entry in archive.entries:
        if not entry.is_folder and entry.name != "mimetype":
            roles[_role(entry.name)].append(entry)
    mimetype, mimetype_faults = _mimetype(archive)
    form = _form(mimetype, roles)
    if form is SignatureForm.ODF:
        # The whole package is signed, its own parts too, except signatures (OpenDocument 1.2 part 3 §5.2).
        signatures = roles["xades"]
        roles = {role: [] for role in roles} | {"xades": signatures}
        roles["data"] = [one for one in archive.entries if not one.is_folder and one not in signatures]
    return Container(
        archive=archive,
        form=form,
        mimetype=mimetype,
        data=tuple(roles["data"]),
        xades=tuple(roles["xades"]),
        cades=tuple(roles["cades"]),
        stamps=tuple(roles["stamps"]),
        manifests=tuple(roles["manifests"]),
        evidence_records=tuple(roles["evidence"]),
        others=tuple(roles["others"]),
        mimetype_faults=mimetype_faults,
    )


def is_manifest(name: str) -> bool:
    """Return whether an entry of that name is an ASiCManifest.

    >>> is_manifest("META-INF/ASiCManifest001.xml"), is_manifest("META-INF/manifest.xml")
    (True, False)
    """
    return _MANIFEST_NAME.fullmatch(name) is not None


def _role(name: str) -> str:
    if not name.upper().startswith(_META):
        return "data"
    for role, pattern in (
        ("evidence", _EVIDENCE_NAME),
        ("manifests", _MANIFEST_NAME),
        ("xades", _XADES_NAME),
        ("cades", _CADES_NAME),
        ("stamps", _STAMP_NAME),
    ):
        if pattern.fullmatch(name):
            return role
    return "others"


def _mimetype(archive: Archive) -> tuple[str, tuple[str, ...]]:
    """Return the content of the mimetype entry, and which rules of EN 319 162-1 §4.4.1 it breaks."""
    entry = archive.find("mimetype")
    if entry is None:
        return "", ()
    if entry.size > 256:  # noqa: PLR2004 - no media type is longer
        raise BrokenDocument("container.mimetype", {"mimetype": "…"})
    text = archive.read(entry).decode("latin-1")
    asked = {"place": entry.offset == 0, "compression": entry.method == 0, "extra": not entry.has_extra}
    return text, tuple(what for what, kept in asked.items() if not kept)


def _form(mimetype: str, roles: dict[str, list[ArchiveEntry]]) -> SignatureForm:
    signed = any(roles[role] for role in ("xades", "cades", "stamps", "evidence"))
    if mimetype in _MIMETYPES:
        return _MIMETYPES[mimetype]
    if mimetype.startswith(_OPEN_DOCUMENT) and signed:
        if roles["xades"] and not any(roles[role] for role in ("cades", "stamps", "evidence")):
            return SignatureForm.ODF
        raise LegacyFormat.named_other("OpenDocument")
    if mimetype.startswith(_OLD_BDOC):
        raise LegacyFormat.named("BDOC 1.0")
    if mimetype and (signed or "asic" in mimetype.lower()):
        raise BrokenDocument("container.mimetype", {"mimetype": mimetype[:100]})
    if not signed:
        office = any(_OFFICE_PART.match(entry.name) for entry in roles["data"])
        raise NotASignedDocument("document.office" if office else "container.not-asic")
    # The standard allows a container without mimetype entry; its parts then tell the kind.
    simple = len(roles["data"]) == 1 and not roles["manifests"] and _has_simple_name(roles)
    return SignatureForm.ASIC_S if simple else SignatureForm.ASIC_E


def _has_simple_name(roles: dict[str, list[ArchiveEntry]]) -> bool:
    entries = [entry.name.lower() for role in ("xades", "cades", "stamps", "evidence") for entry in roles[role]]
    return entries in (["meta-inf/signatures.xml"], ["meta-inf/signature.p7s"], ["meta-inf/timestamp.tst"])


def read_manifest(container: Container, entry: ArchiveEntry) -> Manifest:
    """Read an ASiCManifest (EN 319 162-1 annex A.4); raises `BrokenDocument` or `TooLarge`."""
    data = container.archive.read(entry)
    try:
        root = parse(data)
    except NotXml as error:
        raise BrokenDocument("container.manifest", {"name": entry.name}) from error
    signature = next((one for one in root if local_name(one) == "SigReference"), None)
    listed = [one for one in root if local_name(one) == "DataObjectReference"]
    if len(listed) > _MAX_LINES:
        raise TooLarge("document.too-much-work")
    lines = tuple(_line(one) for one in listed)
    uri = signature.get("URI") if signature is not None else None
    return Manifest(entry, data, name_of_reference(uri) if uri else None, lines)


def _line(element: _Element) -> ManifestEntry:
    uri = element.get("URI") or ""
    method = next((one.get("Algorithm") or "" for one in element if local_name(one) == "DigestMethod"), "")
    value = next((one.text for one in element if local_name(one) == "DigestValue"), None)
    try:
        digest = decode_base64(value)
    except ValueError:
        digest = b""
    return ManifestEntry(name_of_reference(uri), uri, DIGESTS.get(method, ""), digest)
