"""Mutations of signed PDFs: revisions after the signature in every part of a document, and the signature itself."""

from __future__ import annotations

import contextlib
import io
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from benchmarks._mutation import asn1
from benchmarks._mutation.octets import flipped, padded, spliced
from benchmarks._mutation.pdf_edits import EDITS

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from benchmarks._mutation.seeds import Seed

__all__ = ["CHANGES", "donors_of"]

_RANGE = re.compile(rb"/ByteRange\s*\[[^\]]*\]")
_CONTENTS = re.compile(rb"/Contents\s*<([0-9A-Fa-f]{64,})>")
_END = re.compile(rb"%%EOF\r?\n?")
_OBJECT = re.compile(rb"(?m)^(\d+) 0 obj\b((?:(?!endobj|stream\b).){1,4000})(endobj|stream)", re.DOTALL)
_VALUE = re.compile(
    rb"(?<=[A-Za-z0-9\[ ])[ ]*(?:\d+ \d+ R\b|-?\d[\d.]*|\[[^\[\]]{0,200}\]|\([^()]{0,200}\)|/\w+|true|false|null)"
)
_OTHER_VALUES = (
    b" null",
    b" 0",
    b" -1",
    b" 99999999999",
    b" 1.5",
    b" true",
    b" []",
    b" [1]",
    b" [null]",
    b" [[[]]]",
    b" <<>>",
    b" <</Type/Page>>",
    b" ()",
    b" (x)",
    b" /X",
    b" 99999 0 R",
    b" 1 0 R",
    b" 2 0 R",
    b" 3 0 R",
    b" [1 0 R 2 0 R]",
    b"",
)
_BODIES = (
    b"<< /Type /Page /MediaBox [0 0 200 200] >>", b"<< /Length 5 >>\nstream\nq Q q\nendstream", b"<< /Type /Catalog >>",
    b"null", b"[ ]", b"<< /Length 31 >>\nstream\nq 0 0 0 rg 60 400 300 60 re f Q\nendstream",
    b"<< /Type /Annot /Subtype /FreeText /Rect [0 0 300 300] /Contents (x) >>", b"(text)", b"17",
)  # fmt: skip


def donors_of(seeds: Sequence[Seed]) -> dict[str, list[bytes]]:
    """Gather signatures and whole later revisions that can be put into another file."""
    found: dict[str, list[bytes]] = {"contents": [], "revisions": []}
    for seed in seeds:
        if seed.content.startswith(b"%PDF"):
            found["contents"] += [bytes.fromhex(one[1].decode()) for one in _CONTENTS.finditer(seed.content)]
            ends = [one.end() for one in _END.finditer(seed.content)]
            found["revisions"] += [seed.content[a:b] for a, b in pairwise(ends)]
    return found


def _anywhere(content: bytes, dice: random.Random, donors: dict[str, list[bytes]]) -> bytes:
    del donors
    return dice.choice((flipped, flipped, spliced, padded))(content, dice)


def _in_contents(content: bytes, dice: random.Random, donors: dict[str, list[bytes]]) -> bytes:
    """Change a signature's ASN.1 in the room it has, or the room itself."""
    found = list(_CONTENTS.finditer(content))
    if not found:
        return content
    start, end = dice.choice(found).span(1)
    if dice.random() < 0.2:  # noqa: PLR2004
        piece = dice.choice((spliced, flipped))(content[start:end], dice)[: end - start].ljust(end - start, b"0")
        return content[:start] + piece + content[end:]
    der = bytes.fromhex(content[start:end].decode("ascii"))
    new = asn1.changed(der, dice, donors["contents"]) if dice.random() < 0.8 else dice.choice(donors["contents"])  # noqa: PLR2004
    digits = new.hex().encode()[: end - start].ljust(end - start, b"0")
    return content[:start] + digits + content[end:]


def _range_shifted(content: bytes, dice: random.Random, donors: dict[str, list[bytes]]) -> bytes:
    """Write other numbers into a ByteRange, in the same room."""
    del donors
    found = list(_RANGE.finditer(content))
    if not found:
        return content
    start, end = dice.choice(found).span()
    numbers = [int(one) for one in re.findall(rb"\d+", content[start:end])]
    at = dice.randrange(len(numbers))
    numbers[at] = max(0, numbers[at] + dice.choice((-1, 1, -100, 100, 10**6, -numbers[at])))
    if dice.random() < 0.2:  # noqa: PLR2004
        numbers += numbers[-2:]
    text = b"/ByteRange [" + b" ".join(b"%d" % one for one in numbers) + b"]"
    return content[:start] + text.ljust(end - start) + content[end:]


def _cut(content: bytes, dice: random.Random, donors: dict[str, list[bytes]]) -> bytes:
    """Cut later revisions off, and sometimes put another document's behind."""
    ends = [one.end() for one in _END.finditer(content)]
    kept = content[: dice.choice(ends)] if ends else content
    return kept + dice.choice((b"", b"\n", dice.choice(donors["revisions"] or [b""])))


def _raw_revision(content: bytes, dice: random.Random, donors: dict[str, list[bytes]]) -> bytes:
    """Append a revision by hand that redefines a random object, with a table readers accept."""
    del donors
    for _ in range(dice.choice((1, 1, 1, 2, 5))):
        numbers = [int(found) for found in re.findall(rb"(?m)^(\d+) 0 obj", content)] or [1]
        number = dice.choice((*numbers[:200], max(numbers) + 1))
        previous = int((re.findall(rb"startxref\s+(\d+)", content) or [b"0"])[-1])
        root = re.findall(rb"/Root\s+(\d+ 0 R)", content)
        start = len(content) + 1
        new = b"\n%d 0 obj\n%s\nendobj\n" % (number, dice.choice(_BODIES))
        table = b"xref\n%d 1\n%010d 00000 n \n" % (number, start)
        size = max(numbers) + 2
        trailer = b"trailer\n<< /Size %d /Prev %d /Root %s >>\n" % (size, previous, root[-1] if root else b"1 0 R")
        content = content + new + table + trailer + b"startxref\n%d\n%%%%EOF\n" % (len(content) + len(new))
    return content


def _mistyped(content: bytes, dice: random.Random, donors: dict[str, list[bytes]]) -> bytes:
    """Write a value of another type where one stands: in its place, or in a later revision of its object."""
    del donors
    objects = list(_OBJECT.finditer(content))
    for _ in range(dice.choice((1, 1, 2, 4))):
        if not objects:
            return content
        found = dice.choice(objects)
        values = list(_VALUE.finditer(found[2]))
        if not values:
            continue
        start, end = dice.choice(values).span()
        new = dice.choice(_OTHER_VALUES)
        if (found[3] == b"stream" or dice.random() < 0.5) and len(new) <= end - start:  # noqa: PLR2004
            at = found.start(2) + start
            content = content[:at] + new.ljust(end - start) + content[at + end - start :]
        elif found[3] == b"endobj":
            content = _appended(content, int(found[1]), found[2][:start] + new + found[2][end:])
    return content


def _appended(content: bytes, number: int, body: bytes) -> bytes:
    """Append a revision by hand that writes one object, with a table readers accept."""
    numbers = [int(found) for found in re.findall(rb"(?m)^(\d+) 0 obj", content)] or [1]
    previous = int((re.findall(rb"startxref\s+(\d+)", content) or [b"0"])[-1])
    root = re.findall(rb"/Root\s+(\d+ 0 R)", content)
    start = len(content) + 1
    new = b"\n%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"xref\n%d 1\n%010d 00000 n \n" % (number, start)
    trailer = b"trailer\n<< /Size %d /Prev %d /Root %s >>\n" % (
        max(*numbers, number) + 1, previous, root[-1] if root else b"1 0 R",
    )  # fmt: skip
    return content + new + table + trailer + b"startxref\n%d\n%%%%EOF\n" % (len(content) + len(new))


def _revision(content: bytes, dice: random.Random, donors: dict[str, list[bytes]]) -> bytes:
    """Append one to three revisions as an editor writes them."""
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        with contextlib.suppress(Exception):  # an editor that gives up has changed nothing
            stream = io.BytesIO(content)
            writer = IncrementalPdfFileWriter(stream, strict=False)
            for _ in range(dice.choice((1, 1, 2))):
                dice.choice(EDITS)(writer, dice, donors)
            writer.write_in_place()  # type: ignore[no-untyped-call] # pyHanko has no types
            content = stream.getvalue()
    return content


CHANGES: tuple[Callable[[bytes, random.Random, dict[str, list[bytes]]], bytes], ...] = (
    _anywhere, _anywhere, _in_contents, _range_shifted, _cut, _raw_revision, _raw_revision, _revision, _revision,
    _revision, _mistyped, _mistyped, _mistyped,
)  # fmt: skip
