"""Mutations of containers: of their records, and of the files in them, repacked as a careful attacker would."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import struct
import unicodedata
import warnings
import zipfile
from typing import TYPE_CHECKING

from benchmarks._mutation import asn1, xml
from benchmarks._mutation.octets import flipped, padded, spliced
from builders.signing.edits import Entries, entries_of

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from benchmarks._mutation.seeds import Seed

__all__ = ["CHANGES", "donors_of"]

_META = "META-INF/"
_FOREIGN = (
    "new.txt", "META-INF/x.txt", "META-INF/", "META-INF/signatures9.xml", "META-INF/sub/signatures1.xml",
    "meta-inf/signatures0.xml", "META-INF/manifest.xml", "META-INF/container.xml", "META-INF/ASiCManifest9.xml",
    "META-INF/ASiCArchiveManifest.xml", "META-INF/timestamp.tst", "META-INF/signature.p7s", "mimetype", "Mimetype",
    "folder/", "a\u0301.txt", "word/document.xml", "[Content_Types].xml", "EDOC/x", " ", "\u200b.txt",
)  # fmt: skip


def _packed(entries: Entries, dice: random.Random | None = None) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # duplicate names are one of the points
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, data in entries:
                info = zipfile.ZipInfo(name)
                if dice is not None:
                    info.compress_type = dice.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
                    info.extra = dice.choice((b"", b"", b"\x99\x99\x04\x00abcd"))
                    info.comment = dice.choice((b"", b"", b"comment", b"PK\x03\x04"))
                archive.writestr(info, data)
            if dice is not None:
                archive.comment = dice.choice((b"", b"", b"", b"mimetype=application/pdf", b"PK\x05\x06" + b"\0" * 18))
    return buffer.getvalue()


def donors_of(seeds: Sequence[Seed]) -> dict[str, list[bytes]]:
    """Gather what can be put into another file: signature files, manifests and tokens, by the end of their names."""
    found: dict[str, list[bytes]] = {}
    for seed in seeds:
        if seed.content[:4] == b"PK\x03\x04":
            for name, data in entries_of(seed.content):
                if name.startswith(_META):
                    found.setdefault(name.rpartition(".")[2].lower(), []).append(data)
    return found


def file_changed(content: bytes, dice: random.Random, donors: dict[str, list[bytes]]) -> bytes:
    """Change the bytes of any one file."""
    del donors
    entries = entries_of(content)
    at = dice.randrange(len(entries))
    name, data = entries[at]
    entries[at] = (name, dice.choice((flipped, spliced, padded))(data, dice))
    return _packed(entries)


def signature_changed(content: bytes, dice: random.Random, donors: dict[str, list[bytes]]) -> bytes:
    """Change one of the container's own parts as what it is: XML or ASN.1."""
    entries = entries_of(content)
    own = [at for at, (name, data) in enumerate(entries) if name.startswith(_META) and data]
    if not own:
        return _packed(entries)
    at = dice.choice(own)
    name, data = entries[at]
    if name.lower().endswith(".xml"):
        entries[at] = (name, xml.changed(data, dice, donors.get("xml", [])))
    else:
        entries[at] = (name, asn1.changed(data, dice, donors.get(name.rpartition(".")[2].lower(), [])))
    return _packed(entries)


def part_exchanged(content: bytes, dice: random.Random, donors: dict[str, list[bytes]]) -> bytes:
    """Put another document's signature file, manifest or token in this one's place, or beside it."""
    entries = entries_of(content)
    own = [at for at, (name, _) in enumerate(entries) if name.startswith(_META) and not name.endswith("/")]
    if not own:
        return _packed(entries)
    at = dice.choice(own)
    name, _ = entries[at]
    donor = dice.choice(donors.get(name.rpartition(".")[2].lower()) or [b"x"])
    if dice.random() < 0.5:  # noqa: PLR2004 - one way or the other
        entries[at] = (name, donor)
    else:
        entries.append((re.sub(r"(\d*)(\.\w+)$", rf"{dice.randrange(2, 99)}\2", name), donor))
    return _packed(entries)


def files_exchanged(content: bytes, dice: random.Random, donors: dict[str, list[bytes]]) -> bytes:
    """Exchange the contents of two files, or their names."""
    del donors
    entries = entries_of(content)
    if len(entries) > 1:
        one, two = dice.sample(range(len(entries)), 2)
        (name, data), (other, more) = entries[one], entries[two]
        entries[one], entries[two] = (name, more), (other, data)
    return _packed(entries, dice)


def set_changed(content: bytes, dice: random.Random, donors: dict[str, list[bytes]]) -> bytes:
    """Take a file out, put one in, double one, rename one, or put all in another order."""
    entries = entries_of(content)
    at = dice.randrange(len(entries))
    name, data = entries[at]
    match dice.randrange(6):
        case 0:
            entries.pop(at)
        case 1:
            entries[at] = (_other_name(name, dice), data)
        case 2:
            put = dice.choice((b"", dice.randbytes(20), data, *donors.get("xml", [])[:3]))
            entries.insert(dice.randrange(len(entries) + 1), (dice.choice((*_FOREIGN, name)), put))
        case 3:
            entries.append((name, dice.choice((data, b"other"))))
        case 4:
            entries.append((_other_name(name, dice), data))
        case _:
            dice.shuffle(entries)
    return _packed(entries, dice)


def _other_name(name: str, dice: random.Random) -> str:
    return dice.choice(
        (
            name.upper(), name.lower(), name.swapcase(), f"./{name}", f"/{name}", f"{name} ", f"{name}/",
            f"{name}\0.txt",
            name.replace(" ", "%20"), name.replace(" ", "+"), f"x/{name}", f"../{name}", name.replace("/", "\\"),
            unicodedata.normalize("NFD", name), unicodedata.normalize("NFKC", name), name.replace(".", "\u2024"),
            f"{name}\u200b", name.rpartition("/")[2], f"META-INF/{name}", name.removeprefix(_META), f"{name}.bak",
        )
    )  # fmt: skip


def changed_with_its_digest(content: bytes, dice: random.Random, donors: dict[str, list[bytes]]) -> bytes:
    """Change a data file and write its new digest wherever the old one stood."""
    del donors
    entries = entries_of(content)
    data_files = [at for at, (name, data) in enumerate(entries) if not name.startswith(_META) and data]
    if not data_files:
        return _packed(entries)
    at = dice.choice(data_files)
    name, old = entries[at]
    new = flipped(old, dice)
    entries[at] = (name, new)
    for position, (other, data) in enumerate(entries):
        if not other.startswith(_META):
            continue
        changed = data
        for algorithm in ("sha256", "sha512", "sha384", "sha1"):
            before, after = (hashlib.new(algorithm, blob, usedforsecurity=False).digest() for blob in (old, new))
            changed = changed.replace(base64.b64encode(before), base64.b64encode(after)).replace(before, after)
        entries[position] = (other, changed)
    return _packed(entries)


def record_changed(content: bytes, dice: random.Random, donors: dict[str, list[bytes]]) -> bytes:
    """Change one field of one record: local header, central entry or end record."""
    del donors
    marks = [one.start() for one in re.finditer(rb"PK(\x03\x04|\x01\x02|\x05\x06)", content)]
    at = dice.choice(marks)
    fields = {b"PK\x03\x04": (4, 30), b"PK\x01\x02": (4, 46), b"PK\x05\x06": (4, 22)}[content[at : at + 4]]
    changed = bytearray(content)
    if dice.random() < 0.3 and content[at + 2] != 5:  # noqa: PLR2004 - the name, in this place alone
        start = at + fields[1]
        size = struct.unpack_from("<H", content, at + (26 if content[at + 2] == 3 else 28))[0]  # noqa: PLR2004
        if size:
            changed[start + dice.randrange(size)] = dice.choice(b"aA/.\\\0% ")
        return bytes(changed)
    position = at + dice.randrange(*fields)
    if position < len(changed):
        changed[position] = dice.choice((0, 1, 8, 0xFF, dice.randrange(256)))
    return bytes(changed)


def record_hidden(content: bytes, dice: random.Random, donors: dict[str, list[bytes]]) -> bytes:
    """Put a record between two others, or a second directory behind, that one of two readers sees."""
    del donors
    other = _packed([(dice.choice(("evil.txt", *(name for name, _ in entries_of(content)))), b"other")])
    local = other[: other.index(b"PK\x01\x02")]
    directory = content.index(b"PK\x01\x02")
    match dice.randrange(4):
        case 0:
            return _moved(content[:directory] + local + content[directory:], len(local))
        case 1:
            return content + other
        case 2:
            return other + content
        case _:
            return content[:directory] + other + content[directory:]


def _moved(content: bytes, by: int) -> bytes:
    """Correct the end record for a directory that begins later."""
    at = content.rindex(b"PK\x05\x06")
    offset = struct.unpack_from("<I", content, at + 16)[0]
    return content[: at + 16] + struct.pack("<I", offset + by) + content[at + 20 :]


CHANGES: tuple[Callable[[bytes, random.Random, dict[str, list[bytes]]], bytes], ...] = (
    file_changed, file_changed, signature_changed, signature_changed, signature_changed, part_exchanged,
    files_exchanged, set_changed, set_changed, changed_with_its_digest, record_changed, record_hidden,
)  # fmt: skip
