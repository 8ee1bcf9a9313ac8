"""What a mutant that passes must still contain, read with other libraries than `signing` uses, on purpose.

In every file: whoever the report says signed, said the same of themselves, at no higher level and at no other proven
time, over the same files. Then

    container   names and bytes of all files that are not the container's own, read from the central directory and
                again record by record; no file more under META-INF; signed manifests byte by byte
    XML         everything outside the signatures, every object in them, SignedInfo and SignedProperties; where a
                signature does not say that it covers all, what it refers to
    CMS         content and signed attributes
    PDF         the bytes under a signature, and every page: its picture, its text, its drawing instructions, its
                annotations and the values of the form
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
import zipfile
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

import pikepdf
import pypdfium2  # type: ignore[import-untyped] # it has no types
from asn1crypto import cms, parser  # type: ignore[import-untyped] # likewise
from lxml import etree

from builders.signing.edits import entries_or_none
from signing import Indication
from signing.reading.recognise import FileType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from benchmarks._mutation.seeds import Seed
    from signing import Report, SignatureReport

__all__ = ["objection"]

_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_IDENTIFIERS = ("Id", "ID", "id", "{http://www.w3.org/XML/1998/namespace}id")
_LEVELS = ("", "B", "T", "LT", "LTA")
_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)")
_USUAL = {"META-INF/manifest.xml", "META-INF/container.xml", "META-INF/metadata.xml"}
_OWN_PARTS = re.compile(r"META-INF/[^/]*(signature|timestamp|manifest|evidencerecord)[^/]*\.\w+", re.IGNORECASE)
_HIGHEST = 3
_SET = 17


def objection(mutant: bytes, report: Report, seed: Seed, seeds: Sequence[Seed] = ()) -> str:
    """Return why it was wrong to accept this mutant; "" when it was right.

    `seeds` are all files of which parts may have come. What became another of them is right, and so is, in a container,
    a valid signature of another over the very same files.
    """
    alike = [one for one in seeds if one.kind is seed.kind and one.report is not None]
    if seed.kind is FileType.ZIP:
        return _compared(mutant, report, seed, alike)
    if not (why := _compared(mutant, report, seed, [seed] if seed.report else [])):
        return ""
    return "" if any(not _compared(mutant, report, one, [one]) for one in alike) else why


def _compared(mutant: bytes, report: Report, seed: Seed, lenders: Sequence[Seed]) -> str:
    originals = [one.report for one in lenders if one.report is not None]
    if not originals:
        return "what never was valid"
    if why := _other_words(report, originals):
        return why
    match seed.kind:
        case FileType.ZIP:
            return _container(mutant, seed.content, frozenset(one.content for one in lenders))
        case FileType.XML:
            everything = not seed.detached and _all_covered(originals[0]) and _all_covered(report)
            return _xml(mutant, seed.content, everything=everything)
        case FileType.CMS:
            return "" if _attributes(mutant) & _attributes(seed.content) else "no signed attributes of the original"
        case FileType.PDF:
            return _pdf(mutant, seed.content)


def _all_covered(report: Report) -> bool:
    passed = [one for one in report.signatures if one.indication is Indication.TOTAL_PASSED]
    return all(one.covers_everything for one in passed)


def _other_words(report: Report, originals: Sequence[Report]) -> str:
    # Elsewhere a signature covers the file, or says that it does not; CAdES in ASiC-S signs no name.
    named = report.form.startswith("ASiC") and {one.format for one in report.signatures} == {"XAdES"}

    def said(one: SignatureReport) -> tuple[object, ...]:
        claims = one.particulars.claims if one.particulars else None
        # Adobe's old form binds no certificate, which the report says: another of the same key and name will do.
        unbound = any(warning.code == "certificate.not-bound" for warning in one.warnings)
        who = (one.signer.serial_hex, one.signer.distinguished_name) if one.signer and unbound else one.signer
        return (who, one.claimed_signing_time, tuple(sorted(one.covers)) if named else (), claims)

    signatures = [one for original in originals for one in original.signatures]
    known = [one for one in signatures if one.indication is Indication.TOTAL_PASSED]
    for one in report.signatures:
        if one.indication is not Indication.TOTAL_PASSED or one.counter_signature:
            continue
        same = [other for other in known if said(other) == said(one)]
        if not same:
            return "says something that nobody signed"
        proven = one.best_signature_time is not None
        if proven and _LEVELS.index(one.level) > max(_LEVELS.index(other.level) for other in same):
            return f"rose to level {one.level}"
        times = {other.best_signature_time for other in same} | {stamp.time for other in same for stamp in other.stamps}
        if one.best_signature_time not in {*times, report.judged_at, None}:
            return "has another proven time"
    return ""


def _container(mutant: bytes, original: bytes, valid: frozenset[bytes]) -> str:
    before, after = entries_or_none(original), entries_or_none(mutant)
    if after is None or before is None:
        return "another reader cannot read it"
    nameless = not any("manifest" in name.lower() or name.endswith(".xml") for name, _ in after)
    if sorted(_data(after, nameless=nameless)) != sorted(_data(before, nameless=nameless)):
        return "another set of files"
    if sorted(_in_records(mutant)) != sorted(name for name, _ in after):
        return "records and directory differ"
    more = {name for name, _ in after if name.upper().startswith("META-INF/")} - {name for name, _ in before} - _USUAL
    if strange := [name for name in more if not _OWN_PARTS.fullmatch(name) and not name.endswith("/")]:
        return f"a file more: {strange[0]!r}"
    return "" if _signed_parts(after) & _known_parts(valid) else "no signed part of the original"


@lru_cache(maxsize=256)
def _known_parts(valid: frozenset[bytes]) -> frozenset[tuple[object, ...]]:
    """Gather the signed parts of all that passes."""
    return frozenset(part for content in valid for part in _signed_parts(entries_or_none(content) or ()))


def _data(entries: Iterable[tuple[str, bytes]], *, nameless: bool = False) -> Iterator[tuple[str, bytes]]:
    """Give the data files; CAdES in ASiC-S lies over the one file's bytes and says nothing of its name."""
    for name, content in entries:
        if name != "mimetype" and not name.upper().startswith("META-INF/") and not name.endswith("/"):
            yield "" if nameless else name, content


def _in_records(content: bytes) -> Iterator[str]:
    """Read names record by record from the first byte, as a reader does that gets the file through a pipe."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sizes = {one.header_offset: one.compress_size for one in archive.infolist()}
        coded = {one.header_offset: one.flag_bits for one in archive.infolist()}
    at = 0
    while content[at : at + 4] == b"PK\x03\x04":
        name_size, extra_size = struct.unpack_from("<2H", content, at + 26)
        raw = content[at + 30 : at + 30 + name_size]
        yield raw.decode("utf-8" if coded.get(at, 0) & 0x800 else "cp437", "replace")
        at += 30 + name_size + extra_size + sizes.get(at, 0)
        if content[at : at + 4] == b"PK\x07\x08":
            at += 16 if content[at + 16 : at + 18] == b"PK" else 24


def _signed_parts(entries: Iterable[tuple[str, bytes]]) -> set[tuple[object, ...]]:
    parts: set[tuple[object, ...]] = set()
    listed = [(name, data) for name, data in entries if name.upper().startswith("META-INF/")]
    for name, data in listed:
        if name.lower().endswith(".p7s"):
            naming = re.compile(rb"""SigReference[^>]*URI=["'][^"']*""" + re.escape(name.encode()))
            manifests = [blob for _, blob in listed if naming.search(blob)]
            parts |= {("cms", one, *sorted(manifests)) for one in _attributes(data)}
        elif "signatures" in name.lower() and (root := _root(data)) is not None:
            parts |= {one[:2] for one in _signatures(root)}
    return parts


def _root(data: bytes) -> etree._Element | None:
    try:
        return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except (etree.XMLSyntaxError, ValueError):
        return None


def _written(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


def _signatures(root: etree._Element) -> Iterator[tuple[bytes, bytes, frozenset[tuple[str, bytes]]]]:
    """Give SignedInfo, SignedProperties and, with its place, whatever else a signature refers to."""
    for signature in root.iter(f"{_DS}Signature"):
        info = signature.find(f"{_DS}SignedInfo")
        if info is None:
            continue
        wanted = {one.get("URI", "") for one in info.iter(f"{_DS}Reference")}
        own = [
            part
            for holder in signature.findall(f"{_DS}Object")
            for one in holder
            if str(one.tag).endswith("}QualifyingProperties")
            for part in one
            if str(part.tag).endswith("}SignedProperties")
        ]
        targets = [
            one
            for one in root.iter("*")
            if any(f"#{one.get(key)}" in wanted for key in _IDENTIFIERS)
            and not str(one.tag).endswith(("Properties", "KeyInfo"))
            and f"{_DS}Signature" not in {part.tag for part in one.iter("*")}
        ]
        placed = frozenset((_place(one), _text_or_all(one)) for one in targets)
        yield _written(info), b"".join(_written(one) for one in own), placed


def _place(element: etree._Element) -> str:
    """Say where an element stands: in its signature, wherever that is, or in the document."""
    names = []
    for one in (element, *element.iterancestors()):
        names.append(str(one.tag))
        if one.tag == f"{_DS}Signature":
            break
    return "/".join(names)


def _text_or_all(element: etree._Element) -> bytes:
    """Give an object's text, of which base64 is decoded and its attributes are signed by nobody, or all of it."""
    return _written(element) if element.find("*") is not None else "".join(_text(element).split()).encode()


def _text(element: etree._Element) -> str:
    return (element.text or "") + "".join(one.tail or "" for one in element)


def _whole(root: etree._Element) -> tuple[bytes, ...]:
    """Give all that is outside signatures, and the objects in them that are not about the signature itself."""
    copy = etree.fromstring(etree.tostring(root))
    for one in copy.iter("*"):
        one.attrib.pop("Id", "")  # a signature over a named part says nothing about what is around it
    objects: list[bytes] = []
    found = list(copy.iter(f"{_DS}Signature"))
    for signature in found:
        if len(found) == 1:  # of several signatures, one may pass while another holds unsigned data
            objects += [_text_or_all(one) for one in signature.findall(f"{_DS}Object") if not _about_itself(one)]
        parent = signature.getparent()
        if parent is None:
            return tuple(objects)
        before = signature.getprevious()
        tail = signature.tail or ""
        if before is not None:
            before.tail = (before.tail or "") + tail
        else:
            parent.text = (parent.text or "") + tail
        parent.remove(signature)
    return (_written(copy), *objects)


def _about_itself(holder: etree._Element) -> bool:
    return any(str(part.tag).endswith("}QualifyingProperties") for part in holder)


def _xml(mutant: bytes, original: bytes, *, everything: bool) -> str:
    before, after = _root(original), _root(mutant)
    if before is None or after is None:
        return "another reader cannot read it"
    kept = any(
        (info, properties) == (one, other) and targets <= others
        for info, properties, targets in _signatures(before)
        for one, other, others in _signatures(after)
    )
    if not kept:
        return "no signed part of the original"
    if everything and _whole(before) != _whole(after):
        return "another document"
    return ""


def _attributes(data: bytes) -> set[bytes]:
    try:
        signed = cms.ContentInfo.load(data)["content"]
        inside = signed["encap_content_info"]["content"]
        content = inside.native or b"" if inside is not None else b""
        return {content + _in_der(one["signed_attrs"].untag().dump()) for one in signed["signer_infos"]}
    except (ValueError, TypeError, KeyError):
        return set()


def _in_der(data: bytes) -> bytes:
    """Encode as DER, which is what is signed in whatever order and lengths the attributes stand (RFC 5652 §5.4)."""
    class_, method, tag, _, content, _ = parser.parse(data, strict=True)
    if method == 0:
        return bytes(parser.emit(class_, method, tag, content))
    parts, offset = [], 0
    while offset < len(content):
        size = parser.peek(content[offset:])
        parts.append(_in_der(content[offset : offset + size]))
        offset += size
    is_set = class_ == 0 and tag == _SET
    return bytes(parser.emit(class_, method, tag, b"".join(sorted(parts) if is_set else parts)))


def _pdf(mutant: bytes, original: bytes) -> str:
    shown = _shown(mutant)
    if shown is None:
        return "another reader cannot read it"
    for end, digest in _signed_ranges(original):
        if digest in _digests(mutant, original) and shown in {_shown(original), _shown(original[:end])}:
            return ""
    return "other pages, or other signed bytes"


def _signed_ranges(original: bytes) -> Iterator[tuple[int, bytes]]:
    for found in _RANGE.finditer(original):
        start, size, second, tail = map(int, found.groups())
        yield second + tail, _digest(original, start, size, second, tail)


def _digests(mutant: bytes, original: bytes) -> set[bytes]:
    return {_digest(mutant, *map(int, found.groups())) for found in _RANGE.finditer(original)}


def _digest(content: bytes, start: int, size: int, second: int, tail: int) -> bytes:
    return hashlib.sha256(content[start : start + size] + content[second : second + tail]).digest()


@lru_cache(maxsize=256)
def _shown(content: bytes) -> tuple[object, ...] | None:
    try:
        return (*_pictures(content), *_objects(content))
    except (pypdfium2.PdfiumError, pikepdf.PdfError, ValueError, RuntimeError, TypeError, KeyError, IndexError):
        return None


def _pictures(content: bytes) -> Iterator[str]:
    document = pypdfium2.PdfDocument(content)
    try:
        document.init_forms()
        for page in document:
            yield hashlib.sha256(bytes(page.render(scale=0.7).buffer)).hexdigest()
            yield page.get_textpage().get_text_bounded()
    finally:
        document.close()


def _objects(content: bytes) -> Iterator[object]:
    with pikepdf.open(io.BytesIO(content)) as document:
        for page in document.pages:
            contents = page.obj.get("/Contents")
            parts = contents if isinstance(contents, pikepdf.Array) else [contents] if contents is not None else []
            yield hashlib.sha256(b"\n".join(bytes(one.read_bytes()) for one in parts)).hexdigest()
            yield tuple(sorted(Counter(_annotations(page)).items()))
        form = document.Root.get("/AcroForm")
        fields = form.get("/Fields") if form is not None else None
        yield tuple(_values(fields, 0)) if fields is not None else ()


def _annotations(page: pikepdf.Page) -> Iterator[str]:
    for one in page.obj.get("/Annots") or ():
        parent = one.get("/Parent")
        kind = one.get("/FT") or (parent.get("/FT") if parent is not None else None)
        if kind != "/Sig":
            yield f"{one.get('/Subtype')} {one.get('/Contents')} {one.get('/Rect')}"


def _values(fields: pikepdf.Object, depth: int) -> Iterator[str]:
    for one in fields:
        if "/V" in one and one.get("/FT") != "/Sig":
            yield f"{one.get('/T')}={one.get('/V')!s:.200}"
        if "/Kids" in one and depth < _HIGHEST:
            yield from _values(one.Kids, depth + 1)
