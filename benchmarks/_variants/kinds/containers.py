"""Containers with XAdES: simple ones, lists of files that fit and do not, own parts that are signed, OpenDocument."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from benchmarks._variants.environment import AT
from benchmarks._variants.kind import Variant, VariantKind
from benchmarks._variants.xades import ALGORITHMS, Part, Signer, transform
from builders.signing.edits import Entries, pack
from demo.canonical import canonicalise

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks._variants.environment import Environment

__all__ = ["KINDS", "open_document", "signature_file", "signed_document"]

_ASIC = "application/vnd.etsi.asic-{}+zip"
_ROOT = '<asic:XAdESSignatures xmlns:asic="http://uri.etsi.org/02918/v1.2.1#">{}</asic:XAdESSignatures>'
_ODF_ROOT = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<document-signatures '
    'xmlns="urn:oasis:names:tc:opendocument:xmlns:digitalsignature:1.0">{}</document-signatures>'
)
_LIST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">'
    "{}</manifest:manifest>"
)
_LINE = '<manifest:file-entry manifest:full-path="{}" manifest:media-type="{}"/>'
_DATA = ("dati.txt", b"Apliecinu.")
_MANIFEST = "META-INF/manifest.xml"
_MOST = 56


def _signer(environment: Environment, number: int, dice: random.Random, *, identifier: str = "S1") -> Signer:
    return Signer(
        environment.pki, AT, who=dice.choice(("head", "user")), prefix=("ds:", "")[number % 2],
        method=list(ALGORITHMS)[number % len(ALGORITHMS)], mime_types={0: "text/plain"}, identifier=identifier,
    )  # fmt: skip


def signature_file(*signers: Signer, files: Entries, named: bool = True, root: str = _ROOT) -> bytes:
    """Sign files by their names, or one by none; each signer's signature stands in the one file."""
    parts = tuple(Part(quote(name) if named else None, octets=content) for name, content in files)
    document = root.format("".join(one.signature(parts) for one in signers))
    for one in signers:
        document = one.fill(document, parts).decode()
    return document.encode()


def _listed(form: str, files: Entries, media_type: str = "text/plain") -> bytes:
    lines = [_LINE.format("/", _ASIC.format(form)), *(_LINE.format(name, media_type) for name, _ in files)]
    return _LIST.format("".join(lines)).encode()


def _simple(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    """ASiC-S: one document, one file of signatures."""
    for number in range(_MOST):
        one = _signer(environment, number, dice)
        other = _signer(environment, number + 1, dice, identifier="S2")
        signed = signature_file(one, files=[_DATA], named=number % 3 > 0)
        entries: Entries = [("mimetype", _ASIC.format("s").encode()), _DATA, ("META-INF/signatures.xml", signed)]
        honest, reason = False, ""
        match number % 8:
            case 0 | 2:
                honest = True
            case 1:
                second = signature_file(other, files=[_DATA])
                entries.append((dice.choice(("META-INF/signatures2.xml", "META-INF/signatures001.xml")), second))
                reason = "container.simple-one-file"
            case 3:
                entries[1] = (_DATA[0], b"Noliedzu.")
                reason = "reference.changed"
            case 4:
                entries[2] = ("META-INF/signatures.xml", signature_file(one, other, files=[_DATA]))
                honest = True
            case 5:
                entries.insert(2, ("cits.txt", b"x"))
                reason = "container.simple-one-object"
            case 6:
                entries.append((_MANIFEST, _listed("s", [_DATA])))
                honest = True
            case _:
                both = [_DATA, _DATA]
                entries[2] = ("META-INF/signatures.xml", signature_file(one, files=both, named=False))
                reason = "reference.unnamed"
        yield Variant(f"{number}.asics", pack(entries), honest, reason=reason)


def _own_parts(environment: Environment, dice: random.Random) -> Iterator[Variant]:  # noqa: C901, PLR0912 - one case a change
    """ASiC-E: lists of files, and signatures over the container's own parts."""
    for number in range(_MOST):
        one, other = _signer(environment, number, dice), _signer(environment, number + 1, dice, identifier="S2")
        listed = (_MANIFEST, _listed("e", [_DATA]))
        signed = ("META-INF/signatures0.xml", signature_file(one, files=[_DATA]))
        entries: Entries = [("mimetype", _ASIC.format("e").encode()), _DATA, listed, signed]
        honest, reason = True, ""
        match number % 12:
            case 0:
                entries.remove(listed)
            case 1:
                entries[2] = ("META-INF/Manifest.xml", listed[1])
                honest, reason = False, "container.file-not-signed"
            case 2:
                entries[2] = (_MANIFEST, _listed("e", [_DATA], "application/pdf"))
            case 3:
                entries[3] = ("META-INF/signatures0.xml", signature_file(one, files=[("cits.txt", b"x")]))
                honest, reason = False, "reference.not-found"
            case 4:
                entries[2] = (_MANIFEST, _listed("s", [("cits.txt", b"")]))
            case 5:
                entries[3] = ("META-INF/signatures0.xml", signature_file(one, files=[listed]))
                honest, reason = False, "container.file-not-signed"
            case 6:
                entries[3] = ("META-INF/signatures0.xml", signature_file(one, files=[_DATA, listed]))
            case 7:
                entries[3] = ("META-INF/signatures0.xml", signature_file(one, files=[_DATA, listed]))
                entries[2] = (_MANIFEST, listed[1].replace(b"text/plain", b"text/html"))
                honest, reason = False, "reference.changed"
            case 8:
                entries.append(("META-INF/signatures1.xml", signature_file(other, files=[signed])))
            case 9:
                broken = ("META-INF/signatures0.xml", signed[1].replace(b"DigestValue>", b"DigestValue>A", 1))
                entries[3:] = [broken, ("META-INF/signatures1.xml", signature_file(other, files=[broken]))]
                honest, reason = False, "reference.changed"
            case 10:
                relations = ("META-INF/relations.xml", b"<relations/>")
                entries.append(relations)
                entries[3] = ("META-INF/signatures0.xml", signature_file(one, files=[_DATA, relations]))
            case _:
                entries[3:] = [("META-INF/signatures1.xml", signature_file(other, files=[listed, _DATA]))]
                entries.append(("META-INF/relations.xml", b"<relations/>"))
                honest, reason = False, "container.file-not-signed"
        yield Variant(f"{number}.asice", pack(entries), honest, reason=reason)


_CONTENT = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:'
    b'xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body>'
    b"<text:p>Apliecinu.</text:p></office:body></office:document-content>"
)


def open_document(kind: str = "text") -> Entries:
    """Write a small package as LibreOffice lays it out."""
    media_type = f"application/vnd.oasis.opendocument.{kind}"
    names = (("/", media_type), ("content.xml", "text/xml"), ("styles.xml", "text/xml"), ("Thumbnails/a.png", ""))
    return [
        ("mimetype", media_type.encode()),
        ("content.xml", _CONTENT),
        ("styles.xml", _CONTENT.replace(b"Apliecinu.", b"stils")),
        ("Thumbnails/a.png", b"\x89PNG\r\n"),
        (_MANIFEST, _LIST.format("".join(_LINE.format(*one) for one in names)).encode()),
    ]


def signed_document(signer: Signer, entries: Sequence[tuple[str, bytes]]) -> bytes:
    """Sign a package as OpenDocument 1.2 part 3 §5 says: XML in canonical form, all else as it is."""
    algorithm = next(iter(ALGORITHMS))
    p = signer.prefix
    steps = f"<{p}Transforms>{transform(p, algorithm)}</{p}Transforms>"
    parts = tuple(
        Part(quote(name), steps, octets=canonicalise(content))
        if name.endswith(".xml")
        else Part(quote(name), octets=content)
        for name, content in entries
    )
    return signer.fill(_ODF_ROOT.format(signer.signature(parts)), parts)


def _documents(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    changes: tuple[tuple[bool, str, Callable[[Entries], Entries]], ...] = (
        (True, "", lambda them: them),
        (False, "reference.changed", lambda them: _exchanged(them, "content.xml", b"Apliecinu", b"Noliedzu")),
        (True, "", lambda them: _exchanged(them, "content.xml", b"<office:body>", b"<office:body ><!-- x -->")),
        (False, "container.file-not-signed", lambda them: [*them, ("Basic/script.xml", b"<a/>")]),
        (True, "", lambda them: [them[0], *reversed(them[1:])]),
        (False, "reference.changed", lambda them: _exchanged(them, "mimetype", b"document.", b"document.x-")),
        (False, "reference.not-found", lambda them: [one for one in them if one[0] != "styles.xml"]),
        (False, "reference.not-computed", lambda them: _exchanged(them, "styles.xml", b"\n<", b"\n<!DOCTYPE a><")),
        (False, "reference.changed", lambda them: _exchanged(them, "Thumbnails/a.png", b"PNG", b"GIF")),
        (False, "reference.changed", lambda them: _exchanged(them, _MANIFEST, b"text/xml", b"text/plain")),
    )
    for number in range(_MOST):
        signer = _signer(environment, number + 1, dice)
        entries = open_document(dice.choice(("text", "spreadsheet", "presentation")))
        honest, reason, change = changes[number % len(changes)]
        without = number % 12 == 11  # noqa: PLR2004
        signed = signed_document(signer, [one for one in entries if not (without and one[0] == _MANIFEST)])
        if without:
            honest, reason, change = False, "container.file-not-signed", changes[0][2]
        made = pack([*change(entries), ("META-INF/documentsignatures.xml", signed)])
        yield Variant(f"{number}.odt", made, honest, reason=reason)


def _exchanged(entries: Entries, name: str, old: bytes, new: bytes) -> Entries:
    return [(one, content.replace(old, new, 1) if one == name else content) for one, content in entries]


KINDS = (
    VariantKind("containers of the simple kind", _simple),
    VariantKind("containers and their own parts", _own_parts),
    VariantKind("OpenDocument", _documents),
)
