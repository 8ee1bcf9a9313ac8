"""Does a rewritten PDF still show what the expected document shows? Differences as data, for a person to confirm.

Some programs rewrite the whole document before they sign it, so the file no longer begins with the expected bytes.
Nothing is decided here; a person sees both documents, and these differences beside them:

    pages        how many there are on each side
    text         of each page, without white space, as PDFium extracts it
    picture      of each page, as PDFium renders it: once without annotations, once with them outside signature widgets
    attached     names and hashes of all embedded files
    additions    annotations, form fields, scripts and other actions, layers, alternate text

Both documents are hostile: call this in the sandbox that renders pages. Importing this module loads PDFium and qpdf.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

import pikepdf
import pypdfium2  # type: ignore[import-untyped] # it has no types

from signing.errors import BrokenDocument
from signing.model import Message
from signing.pades.inventory import Inventory
from signing.report import codec

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Mapping

    from signing.pades.inventory import Box

__all__ = ["AttachedFile", "DocumentComparison", "PageComparison", "compare"]

_MOST_PAGES: Final = 40
_DOTS_PER_POINT: Final = 1.5
_MOST_PIXELS: Final = 2_000_000
# Edges of glyphs may be a shade lighter when a font is embedded again.
_SHADES_APART: Final = 64
_LONGEST_WORDS: Final = 500
_MOST_WORDS: Final = 20_000
_SEEN_AS_COVERED: Final = 0.4
_COLOURS: Final = 3


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """An embedded file by name; the hash is "" on the side that lacks it."""

    name: str
    ours: str
    theirs: str

    @property
    def same(self) -> bool:
        """Whether both sides have it, with the same bytes."""
        return self.ours == self.theirs


@dataclass(frozen=True, slots=True)
class PageComparison:
    """One page of both documents, counted from 1.

    `missing` and `added` are words of ours not in theirs, and of theirs not in ours, shortened. `picture` is the
    share of differing pixels outside signature widgets, from 0 to 1; None where one side has no such page. `covered`
    is the share of the page under signature widgets. `annotations` are subtypes only theirs has.
    """

    page: int
    missing: str = ""
    added: str = ""
    picture: float | None = 0.0
    covered: float = 0.0
    annotations: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether text and picture are equal, and at most 40 % of the page lies under signature widgets."""
        return (
            not (self.missing or self.added or self.annotations)
            and self.picture == 0
            and self.covered <= _SEEN_AS_COVERED
        )


@dataclass(frozen=True, slots=True)
class DocumentComparison:
    """How a signed document (theirs) differs from the expected one (ours).

    `pages` holds the compared pages, at most forty; `our_pages` and `their_pages` count all of them. The others tell
    what theirs has and ours has not: `fields` names of form fields that are no signatures, `actions` kinds of actions
    ("JavaScript", "AA", "OpenAction", "XFA", …), `layers` optional content, `spoken` alternate text.
    """

    our_pages: int
    their_pages: int
    pages: tuple[PageComparison, ...] = ()
    attached: tuple[AttachedFile, ...] = ()
    fields: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    layers: bool = False
    spoken: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether nothing compared differs; a person still has to confirm it."""
        return not self.messages()

    def messages(self) -> tuple[Message, ...]:
        """Return each difference, with the codes `read_pdf` uses for additions to an expected document."""
        found: list[Message] = []
        if self.our_pages != self.their_pages:
            found.append(Message.of("pdf.differs-page-count", ours=self.our_pages, theirs=self.their_pages))
        if max(self.our_pages, self.their_pages) > _MOST_PAGES:
            found.append(Message.of("pdf.differs-not-compared", page=_MOST_PAGES + 1))
        for one in self.pages:
            if one.missing or one.added:
                found.append(Message.of("pdf.differs-text", page=one.page))
            if one.picture:
                found.append(Message.of("pdf.differs-picture", page=one.page))
            if one.annotations:
                found.append(Message.of("pdf.differs-annotation", page=one.page))
            if one.covered > _SEEN_AS_COVERED:
                found.append(Message.of("pdf.differs-covered", page=one.page))
        found += [Message.of("pdf.differs-attached", file=one.name) for one in self.attached if not one.same]
        found += [Message.of("pdf.differs-field", field=name) for name in self.fields]
        found += [Message.of("pdf.differs-action")] if self.actions else []
        found += [Message.of("pdf.differs-layers")] if self.layers else []
        found += [Message.of("pdf.differs-spoken")] if self.spoken else []
        return tuple(found)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values, to leave the sandbox."""
        return codec.encode_dataclass(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> DocumentComparison:
        """Rebuild it; raises `ValueError` for anything `to_json` did not make."""
        return codec.decode_dataclass(cls, data)


def compare(ours: bytes, theirs: bytes) -> DocumentComparison:
    """Compare the expected document with a signed file; raises `BrokenDocument` or `TooLarge`.

    Compared is what a viewer shows now. What was done after the signature is judged by `read_pdf`.
    """
    try:
        one, other = _drawn(ours), _drawn(theirs)
        with pikepdf.open(io.BytesIO(ours)) as our_file, pikepdf.open(io.BytesIO(theirs)) as their_file:
            before, after = Inventory(our_file), Inventory(their_file)
            pages = tuple(
                _page(number, one, other, before, after)
                for number in range(min(max(len(one), len(other)), _MOST_PAGES))
            )
            return DocumentComparison(
                our_pages=len(one),
                their_pages=len(other),
                pages=pages,
                attached=_attached(before.files, after.files),
                fields=_more(after.fields, before.fields),
                actions=_more(after.actions, before.actions),
                layers=after.layers and not before.layers,
                spoken=_more(after.spoken, before.spoken),
            )
    except (pypdfium2.PdfiumError, pikepdf.PdfError, ValueError, TypeError, KeyError, IndexError) as error:
        raise BrokenDocument("pdf.damaged", {"error": f"{type(error).__name__}: {error}"[:300]}) from error


def _drawn(document: bytes) -> Any:  # noqa: ANN401 - PDFium has no types
    pdf = pypdfium2.PdfDocument(document)
    pdf.init_forms()
    return pdf


def _page(number: int, ours: Any, theirs: Any, before: Inventory, after: Inventory) -> PageComparison:  # noqa: ANN401 - as above
    if number >= len(ours) or number >= len(theirs):
        words = _words((ours if number < len(ours) else theirs)[number])
        text = " ".join(words)[:_LONGEST_WORDS]
        added, missing = ("", text) if number < len(ours) else (text, "")
        return PageComparison(number + 1, missing, added, picture=None)
    one, other = ours[number], theirs[number]
    missing, added = _words_apart(_words(one), _words(other))
    widgets = after.widgets(number)
    return PageComparison(
        number + 1,
        missing,
        added,
        picture=max(_pictures_apart(one, other, [], annotations=False), _pictures_apart(one, other, widgets)),
        covered=_covered(widgets, other.get_size()),
        annotations=_more(after.annotations(number), before.annotations(number)),
    )


def _words(page: Any) -> list[str]:  # noqa: ANN401 - PDFium has no types
    text: str = page.get_textpage().get_text_range()
    return text.split()


def _words_apart(ours: list[str], theirs: list[str]) -> tuple[str, str]:
    """Return the words that only one side has, in order; white space does not count."""
    if "".join(ours) == "".join(theirs):
        return "", ""
    missing: list[str] = []
    added: list[str] = []
    matcher = SequenceMatcher(a=ours[:_MOST_WORDS], b=theirs[:_MOST_WORDS], autojunk=True)
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        if kind != "equal":
            missing += ours[start:end]
            added += theirs[other_start:other_end]
    one, other = (" ".join(words)[:_LONGEST_WORDS] for words in (missing, added))
    return (one, other) if one or other else ("…", "…")


def _pictures_apart(one: Any, other: Any, without: list[Box], *, annotations: bool = True) -> float:  # noqa: ANN401 - PDFium has no types
    """Return the share of pixels that differ, from 0 to 1, outside the boxes (in points)."""
    if any(abs(mine - yours) > 1 for mine, yours in zip(one.get_size(), other.get_size(), strict=True)):
        return 1.0
    width, height = one.get_size()
    scale = min(_DOTS_PER_POINT, (_MOST_PIXELS / max(width * height, 1)) ** 0.5)
    mine, yours = (_picture(page, scale, annotations=annotations) for page in (one, other))
    if mine[0] != yours[0]:
        return 1.0
    (columns, rows, stride), ours, theirs = mine[0], mine[1], yours[1]
    differing = 0
    for row in range(rows):
        start, end = row * stride, row * stride + columns * _COLOURS
        if ours[start:end] != theirs[start:end]:
            exempt = [
                _columns(box, scale, columns) for box in without if box[1] * scale <= row + 1 <= box[3] * scale + 2
            ]
            differing += sum(
                1
                for column in _columns_apart(ours[start:end], theirs[start:end])
                if not any(left <= column <= right for left, right in exempt)
            )
    return differing / max(columns * rows, 1)


def _picture(page: Any, scale: float, *, annotations: bool) -> tuple[tuple[int, int, int], bytes]:  # noqa: ANN401 - PDFium has no types
    bitmap = page.render(
        scale=scale, may_draw_forms=annotations, draw_annots=annotations, fill_color=(255, 255, 255, 255)
    )
    try:
        return (bitmap.width, bitmap.height, bitmap.stride), bytes(bitmap.buffer)
    finally:
        bitmap.close()


def _columns(box: Box, scale: float, columns: int) -> tuple[int, int]:
    return max(0, int(box[0] * scale) - 1), min(columns, int(box[2] * scale) + 1)


def _columns_apart(one: bytes, other: bytes) -> Iterator[int]:
    """Yield the columns of a row that differ in some colour by more than 64 of 255."""
    apart = (
        index for index, (mine, yours) in enumerate(zip(one, other, strict=True)) if abs(mine - yours) > _SHADES_APART
    )
    yield from dict.fromkeys(index // _COLOURS for index in apart)


def _covered(widgets: list[Box], size: tuple[float, float]) -> float:
    width, height = size
    area = sum(
        max(0.0, min(right, width) - max(left, 0)) * max(0.0, min(low, height) - max(top, 0))
        for left, top, right, low in widgets
    )
    return min(1.0, area / max(width * height, 1))


def _attached(ours: dict[str, set[str]], theirs: dict[str, set[str]]) -> tuple[AttachedFile, ...]:
    """Pair the files by name; one name may stand for several files."""
    found: list[AttachedFile] = []
    for name in sorted({*ours, *theirs}):
        mine, yours = ours.get(name, set()), theirs.get(name, set())
        found += [AttachedFile(name, digest, digest) for digest in sorted(mine & yours)]
        apart = zip_longest(sorted(mine - yours), sorted(yours - mine), fillvalue="")
        found += [AttachedFile(name, one, other) for one, other in apart]
    return tuple(found)


def _more(theirs: Counter[str], ours: Counter[str]) -> tuple[str, ...]:
    return tuple(sorted((theirs - ours).keys()))
