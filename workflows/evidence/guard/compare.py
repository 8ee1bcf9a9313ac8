"""Is a PDF one of our forms, written anew by a program? What differs, and what another program may show differently.

(1) Which form? Each is compared; the service takes the one that shows the same, or the most alike.
(2) `signing.pades.compare` compares pages, text, pictures and attached data, and finds what was added.
(3) What makes it another document is told apart from what only may show differently elsewhere.
(4) More of the latter: other fonts, signature pictures over text, files that a reader had to repair.

The forms are ours and small. What the document makes of it is bounded by the guard's seconds and memory.
"""

import codecs
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing

import pikepdf
import pypdfium2  # type: ignore[import-untyped]  # has no type hints

from signing.errors import SigningError
from signing.model import Message
from signing.pades import compare as pades
from signing.pades.compare import PageComparison
from workflows.evidence.guard.comparison import Comparison, Excerpt

__all__ = ["Incomparable", "compare", "references"]

_REFERENCE = re.compile(r"(?<![0-9A-Z-])[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}(?![0-9A-Z-])")
_MOST_REFERENCES = 50
_MOST_PAGES_SEARCHED = 8
_MOST_METADATA = 2**20
_CODE = re.compile(r"(?<!\d)\d{6}-?\d(\d{4})(?!\d)")
_EXCERPT = 200
_MOST = 40

_WITHOUT_PICTURE = {"/Link", "/Popup"}
_LEADS_ELSEWHERE = frozenset({"pdf.differs-field", "pdf.differs-action", "pdf.differs-layers", "pdf.differs-spoken"})
_OTHER_VIEWS = ("/Collection", "/AlternatePresentations", "/Requirements", "/OC", "/Alternates", "/OPI")
_FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")
_STUMBLES = (pikepdf.PdfError, pypdfium2.PdfiumError, ValueError, TypeError, KeyError, AttributeError, IndexError)

codecs.lookup("utf-16-le")  # PDFium's texts: loaded before the sandbox is entered, not in every child


class Incomparable(Exception):
    """The file cannot be compared: a reader stumbles over it, or it is far larger than any form."""


def compare(document: bytes, forms: Sequence[bytes]) -> tuple[Comparison, ...]:
    """Compare the document with each form. Raises Incomparable."""
    try:
        return tuple(_with_form(document, form) for form in forms)  # (1)
    except (SigningError, *_STUMBLES) as error:
        raise Incomparable("cannot be compared") from error


def references(document: bytes) -> tuple[str, ...]:
    """Find what looks like a reference number in texts and metadata, also where the file keeps them packed."""
    found: set[str] = set()
    try:
        for text in _texts_of(document):
            found |= set(_REFERENCE.findall(text))
    except _STUMBLES:
        pass  # what was found so far still says whose it may be
    return tuple(sorted(found)[:_MOST_REFERENCES])


def _texts_of(document: bytes) -> Iterator[str]:
    with pikepdf.open(io.BytesIO(document)) as pdf:
        metadata = pdf.Root.get("/Metadata")
        if isinstance(metadata, pikepdf.Stream):
            yield metadata.read_bytes()[:_MOST_METADATA].decode("utf-8", "replace")
        yield from (str(value) for _, value in pdf.docinfo.items())
    with closing(pypdfium2.PdfDocument(document)) as drawn:
        for number in range(min(len(drawn), _MOST_PAGES_SEARCHED)):
            yield " ".join(_words_on(drawn, number))


def _with_form(document: bytes, form: bytes) -> Comparison:
    found = pades.compare(form, document)  # (2)
    linked = {one.page for one in found.pages if one.annotations and set(one.annotations) <= _WITHOUT_PICTURE}
    differences: list[Message] = []
    told: list[Message] = []
    for message in found.messages():  # (3)
        elsewhere = message.code in _LEADS_ELSEWHERE or (
            message.code == "pdf.differs-annotation" and int(message.params["page"]) in linked
        )
        (told if elsewhere else differences).append(message)
    return Comparison(
        file=hashlib.sha256(document).hexdigest(),
        form=hashlib.sha256(form).hexdigest(),
        differences=tuple(differences[:_MOST]),
        told=tuple([*told, *_beside(form, document)][:_MOST]),
        words=tuple(_excerpts(found.pages))[:_MOST],
        likeness=_likeness(form, document),
    )


def _excerpts(pages: Sequence[PageComparison]) -> Iterator[Excerpt]:
    for one in pages:
        if one.missing or one.added:
            yield Excerpt(one.page, _masked(one.missing), _masked(one.added))


def _masked(text: str) -> str:
    masked = _CODE.sub(r"******-*\1", text)
    return masked if len(masked) <= _EXCERPT else masked[: _EXCERPT - 1] + "…"


def _likeness(form: bytes, document: bytes) -> int:
    with closing(pypdfium2.PdfDocument(form)) as ours, closing(pypdfium2.PdfDocument(document)) as theirs:
        pages = range(min(len(ours), len(theirs)))
        mine, their = (Counter(word for number in pages for word in _words_on(pdf, number)) for pdf in (ours, theirs))
        return 1000 * (mine & their).total() // max(mine.total(), 1)


def _words_on(pdf: pypdfium2.PdfDocument, number: int) -> list[str]:
    with closing(pdf[number]) as page, closing(page.get_textpage()) as text:
        return str(text.get_text_range()).split()


def _beside(form: bytes, document: bytes) -> Iterator[Message]:  # (4)
    with pikepdf.open(io.BytesIO(form)) as ours, pikepdf.open(io.BytesIO(document)) as theirs:
        if _fonts(theirs) - _fonts(ours):
            yield Message.of("form.compared-fonts")
        if any(_has(theirs, key) and not _has(ours, key) for key in _OTHER_VIEWS):
            yield Message.of("form.compared-other-views")
        over = [number + 1 for number in range(len(theirs.pages)) if _text_under_signatures(theirs, document, number)]
        for page in over:
            yield Message.of("form.compared-over-text", page=page)
        if theirs.get_warnings():
            yield Message.of("form.compared-repaired")


def _fonts(pdf: pikepdf.Pdf) -> set[str]:
    """Name the fonts the pages are written with, each by its outlines; one without outlines by its name."""
    found = set()
    for page in pdf.pages:
        fonts = page.resources.get("/Font", pikepdf.Dictionary())
        for font in (font for _, font in fonts.items()):
            for one in list(font.get("/DescendantFonts", pikepdf.Array([font]))):
                descriptor = one.get("/FontDescriptor", pikepdf.Dictionary())
                outlines = [descriptor[key].read_bytes() for key in _FONT_FILES if key in descriptor]
                digests = [hashlib.sha256(content).hexdigest() for content in outlines]
                found.add(digests[0] if digests else str(font.get("/BaseFont", "")))
    return found


def _has(pdf: pikepdf.Pdf, key: str) -> bool:
    return key in pdf.Root or any(
        isinstance(one, pikepdf.Dictionary | pikepdf.Stream) and key in one for one in pdf.objects
    )


def _text_under_signatures(pdf: pikepdf.Pdf, document: bytes, number: int) -> bool:
    """Whether a widget that can be seen, of a signature or not, lies over words of the page."""
    boxes = [
        [float(side) for side in one["/Rect"]]
        for one in list(pdf.pages[number].obj.get("/Annots", pikepdf.Array()))
        if one.get("/Subtype") == "/Widget" and "/Rect" in one
    ]
    with (
        closing(pypdfium2.PdfDocument(document)) as drawn,
        closing(drawn[number]) as page,
        closing(page.get_textpage()) as text,
    ):
        return any(
            str(text.get_text_bounded(min(a, c), min(b, d), max(a, c), max(b, d))).strip()
            for a, b, c, d in boxes
            if abs(c - a) * abs(d - b) > 1
        )
