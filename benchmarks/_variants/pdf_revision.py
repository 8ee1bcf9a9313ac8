"""A revision appended to a PDF octet by octet, with every liberty that ISO 32000-2 leaves to who writes it."""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

__all__ = ["Paper", "Revision", "Style", "respelled"]

_REGULAR = rb"[^\0\t\n\f\r ()<>\[\]{}/%]"
_STRING = rb"\((?:[^()\\]|\\.|\([^()\\]*\))*\)"
_TOKEN = re.compile(rb"\d+ \d+ R|<<|>>|\[|\]|" + _STRING + rb"|<[0-9A-Fa-f]*>|/" + _REGULAR + rb"*|" + _REGULAR + rb"+")
_DELIMITERS = b"()<>[]{}/%"


@dataclass(frozen=True, slots=True)
class Style:
    """How a revision is written.

    `gaps` are what may stand between two tokens, and `blank` what may wherever a line ends; `table` is "table",
    "stream", "both" (a table that names its stream) or "beside" (one that does not); `itself` says how a stream lists
    itself: "used", "free" or "absent". `early` is how many octets of white space the end points before the table.
    """

    gaps: Sequence[bytes] = (b"",)
    blank: Sequence[bytes] = (b"\n",)
    line: bytes = b" \n"
    header: bytes = b"%d %d obj\n"
    footer: bytes = b"\nendobj"
    stream_end: bytes = b"\n"
    before_trailer: bytes = b""
    finish: bytes = b"startxref\n%d\n%%%%EOF\n"
    section: bytes = b"%d %d\n"
    number: bytes = b"%d"
    early: int = 0
    table: str = "table"
    itself: str = "used"
    packed: bool = False
    index: bytes = b"%d %d "
    trailer: bytes = b""


def respelled(body: bytes, gaps: Sequence[bytes], dice: random.Random) -> bytes:
    """Write the tokens of an object anew, with any of the gaps between them; references stay in one piece."""
    made = bytearray()
    for token in _TOKEN.findall(body):
        gap = dice.choice(gaps)
        if made and made[-1] not in _DELIMITERS and token[0] not in _DELIMITERS and not gap:
            gap = b" "
        made += gap + token if made else token
    return bytes(made)


@dataclass(slots=True)
class Paper:
    """A document as far as it was written: its octets, and the bodies of those objects that are written again."""

    octets: bytes
    size: int
    root: int
    page: int
    contents: int
    startxref: int
    bodies: dict[int, bytes] = field(default_factory=dict)
    fields: list[int] = field(default_factory=list)
    form: int = 0

    @classmethod
    def of(cls, form: bytes) -> Paper:
        """Look up what is written again in a form of ours, which has one plain table."""
        trailer = form[form.rindex(b"trailer") :]
        root, size = (int(re.findall(rb"/%b (\d+)" % key, trailer)[0]) for key in (b"Root", b"Size"))
        paper = cls(form, size, root, 0, 0, int(form[form.rindex(b"startxref") + 9 :].split()[0]))
        pages = int(re.findall(rb"/Pages (\d+)", paper.body(root))[0])
        paper.page = int(re.findall(rb"/Kids\s*\[\s*(\d+)", paper.body(pages))[0])
        paper.contents = int(re.findall(rb"/Contents (\d+)", paper.body(paper.page))[0])
        return paper

    def body(self, number: int) -> bytes:
        """Give what stands in an object, without its header and its end."""
        if number not in self.bodies:
            start = self.octets.index(b"\n%d 0 obj\n" % number) + len(b"\n%d 0 obj\n" % number)
            self.bodies[number] = self.octets[start : self.octets.index(b"\nendobj", start)]
        return self.bodies[number]

    def place(self, number: int) -> int:
        """Say where the object stood first."""
        return self.octets.index(b"\n%d 0 obj\n" % number) + 1


class Revision:
    """One more revision of a paper; `finish` makes the paper as it then is."""

    def __init__(self, paper: Paper, style: Style, dice: random.Random) -> None:
        self.paper, self.style, self.dice = paper, style, dice
        self.octets = bytearray(paper.octets + self._blank())
        self.used: dict[int, tuple[int, int]] = {}  # generation and place
        self.freed: dict[int, int] = {}
        self.twice: list[tuple[int, int]] = []  # numbers with second lines
        self.hidden: dict[int, tuple[int, int]] = {}  # what the stream beside a table lists, and the table does not
        self.size = paper.size
        self.stream_number = 0
        self.lost_size = 0
        self._bodies = dict(paper.bodies)
        self._later: dict[int, bytes] = {}

    def new(self) -> int:
        """Give a number that was never in use."""
        self.size += 1
        return self.size - 1

    def latest(self, number: int) -> bytes:
        """Give an object's body as this revision or the one before it wrote it."""
        return self._bodies.get(number) or self.paper.body(number)

    def put(self, number: int, body: bytes, *, generation: int = 0, listed: bool = True, plain: bool = False) -> int:
        """Write an object; `plain` leaves its octets as they are. Says where it stands."""
        spelt = body if plain else respelled(body, self.style.gaps, self.dice)
        if listed and not generation:
            self._bodies[number] = body
            self.used.pop(number, None)
        if self.style.packed and not plain and listed and not generation:
            self._later[number] = spelt
            return 0
        place = len(self.octets)
        header = self.style.header if spelt[:1] in (b"<", b"[") else b"%d %d obj\n"
        self.octets += header % (number, generation) + spelt + self.style.footer + self._blank()
        if listed:
            self.used[number] = generation, place
        return place

    def put_stream(self, number: int, content: bytes, entries: bytes = b"", **how: bool) -> int:
        """Write a stream; its length is written as the style writes numbers."""
        head = respelled(b"<<%b/Length %b>>" % (entries, self.style.number % len(content)), self.style.gaps, self.dice)
        return self.put(number, head + b"stream\n" + content + self.style.stream_end + b"endstream", plain=True, **how)

    def finish(self, *, root: int = 0) -> Paper:
        """Write what is packed, the tables, the trailer and the end."""
        if self._later:
            self._pack()
        style, table, beside = self.style, 0, b""
        if style.table != "table":
            table = self._stream_table()
            beside = b"/XRefStm %d" % table if style.table == "both" else b""
        if style.table != "stream":
            self.octets += b" " * style.early
            table = self._plain_table(beside)
        pointer = table - (style.early if style.table != "stream" else 0)
        self.octets += style.finish % pointer
        paper = self.paper
        return Paper(
            bytes(self.octets), self.size, root or paper.root, paper.page, paper.contents, pointer,
            self._bodies, list(paper.fields), paper.form,
        )  # fmt: skip

    def _blank(self) -> bytes:
        return self.dice.choice(self.style.blank)

    def _trailer(self) -> bytes:
        size = self.style.number % (self.lost_size or self.size)
        previous = self.style.number % self.paper.startxref
        return b"/Size %b/Root %d 0 R/Prev %b%b" % (size, self.paper.root, previous, self.style.trailer)

    def _pack(self) -> None:
        holder, inside, index = self.new(), b"", b""
        for number, body in self._later.items():
            index += self.style.index % (number, len(inside))
            inside += body + b" "
        content = zlib.compress(index + inside)
        head = b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode" % (len(self._later), len(index))
        self.put_stream(holder, content, head)
        self.hidden |= {number: (holder, place) for place, number in enumerate(self._later)}

    def _stream_table(self) -> int:
        number = self.stream_number or self.new()
        self.octets += b" " * self.style.early if self.style.table == "stream" else b""
        table = len(self.octets)
        rows = {one: (1, place, generation) for one, (generation, place) in self.used.items()}
        rows |= {one: (0, 0, generation) for one, generation in self.freed.items()}
        for one, (holder, place) in self.hidden.items():
            rows[one] = (1, place, 0) if holder < 0 else (2, holder, place)
        if self.style.itself != "absent":
            rows[number] = (1, table, 0) if self.style.itself == "used" else (0, 0, 1)
        packed = zlib.compress(b"".join(struct.pack(">BIH", *rows[one]) for one in sorted(rows)))
        index = b" ".join(b"%d 1" % one for one in sorted(rows))
        head = b"/Type/XRef/W[1 4 2]/Index[%b]/Filter/FlateDecode%b" % (index, self._trailer())
        listed = self.style.table == "beside" or (self.style.table == "both" and self.style.itself == "used")
        self.put_stream(number, packed, head, listed=listed)
        return table

    def _plain_table(self, beside: bytes) -> int:
        table = len(self.octets)
        lines = [(0, b"%010d %05d f" % (0, 65535))]
        lines += [(one, b"%010d %05d n" % (place, generation)) for one, (generation, place) in self.used.items()]
        lines += [(one, b"%010d %05d f" % (0, generation)) for one, generation in self.freed.items()]
        lines += [(one, b"%010d %05d n" % (place, 0)) for one, place in self.twice]
        self.octets += b"xref" + (self._blank() or b"\n")
        for one, line in sorted(lines, key=lambda pair: pair[0]):
            self.octets += self.style.section % (one, 1) + line + self.style.line
        self.octets += self.style.before_trailer + b"trailer" + self._blank()
        self.octets += respelled(b"<<%b%b>>" % (self._trailer(), beside), self.style.gaps, self.dice) + self._blank()
        return table
