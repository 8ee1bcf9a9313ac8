"""Does a PDF show what a form of ours shows, though a program wrote it anew?

(1) Both are opened by two readers, qpdf and PDFium, which must agree on the pages.
(2) Page by page: size, text, and the picture of the page itself, without what annotations draw over it.
(3) Over the pages: only fields for signatures may draw, and only on a part of a page.
(4) The attached data, by name and content.
(5) What may show differently elsewhere: programs, fields, layers, links, fonts, texts that are read out.

Everything is bounded by the form, which is ours and small: the first look at a larger file ends the comparison.
"""

import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing

import pikepdf
import pypdfium2  # type: ignore[import-untyped]  # has no type hints

from workflows.evidence.guard.comparison import MOST_DIFFERENCES, Comparison, Difference

__all__ = ["Incomparable", "compare", "references"]

_DOTS_PER_POINT = 110 / 72
_NOTICEABLE = 48  # of 255, in one colour
_SPECKS = 3  # pixels of a page; a full stop covers more
_POINTS = 0.5
_LARGEST_SIGNATURES = 0.4  # of a page, as signing allows them (decision 22)
_MOST_OBJECTS = 20_000
_MOST_METADATA = 2**20
_EXCERPT = 100
_AROUND = 3  # words before and behind a difference

_REFERENCE = re.compile(r"(?<![0-9A-Z-])[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}(?![0-9A-Z-])")
_MOST_REFERENCES = 50
_CODE = re.compile(r"(?<!\d)\d{6}-?\d(\d{4})(?!\d)")

_HIDDEN = 0x2 | 0x20  # an annotation's flags (ISO 32000-2 table 167): hidden, or not shown on a screen
_KEYS_BESIDE = {
    "/JS": "scripts",
    "/AA": "scripts",
    "/OpenAction": "scripts",
    "/XFA": "fields",
    "/OCProperties": "layers",
    "/OC": "layers",
    "/Alternates": "other-views",
    "/AlternatePresentations": "other-views",
    "/Collection": "other-views",
    "/OPI": "other-views",
    "/Requirements": "other-views",
}
_SPOKEN = ("/ActualText", "/Alt", "/E")
_FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")


class Incomparable(Exception):
    """The file cannot be compared: not read alike by both readers, or far larger than any form."""


class _Pdf:
    """A PDF as both readers see it."""

    def __init__(self, content: bytes) -> None:
        self.sha256 = hashlib.sha256(content).hexdigest()
        try:
            self.drawn = pypdfium2.PdfDocument(content)
            self.read = pikepdf.open(io.BytesIO(content))
            pages = len(self.read.pages)
        except (pypdfium2.PdfiumError, pikepdf.PdfError) as error:
            raise Incomparable("cannot be read") from error
        if pages != len(self.drawn) or len(self.read.objects) > _MOST_OBJECTS:
            raise Incomparable("read in two ways, or too large")
        self.pages = pages

    def words(self, number: int) -> list[str]:
        """Give the words of a page, in the order they are written; annotations have no part in them."""
        with closing(self.drawn[number]) as page, closing(page.get_textpage()) as text:
            return str(text.get_text_range()).split()

    def signs(self, annotation: pikepdf.Object) -> bool:
        """Whether it is the widget of a signature field: by itself, its parent, or the field that names it."""
        return annotation.get("/Subtype") == "/Widget" and self._field(annotation).get("/FT") == "/Sig"

    def signed(self, annotation: pikepdf.Object) -> bool:
        """Whether the signature field of this widget holds a signature."""
        return isinstance(self._field(annotation).get("/V"), pikepdf.Dictionary)

    def _field(self, widget: pikepdf.Object) -> pikepdf.Object:
        if "/FT" in widget or "/Parent" in widget:
            return widget if "/FT" in widget else widget["/Parent"]
        form = self.read.Root.get("/AcroForm", pikepdf.Dictionary())
        naming = (one for one in form.get("/Fields", ()) if widget.objgen in _kids(one))
        return next(naming, widget)

    def close(self) -> None:
        self.drawn.close()
        self.read.close()


def compare(document: bytes, forms: Sequence[bytes]) -> tuple[Comparison, ...]:
    """Compare the document with each form. Raises Incomparable, also where a library stumbles over the document."""
    try:
        with closing(_Pdf(document)) as theirs:
            return tuple(_with_form(theirs, form) for form in forms)
    except (pikepdf.PdfError, pypdfium2.PdfiumError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Incomparable("cannot be compared") from error


def references(document: bytes) -> tuple[str, ...]:
    """Find what looks like a reference number in texts and metadata, also where the file keeps them packed."""
    found: set[str] = set()
    try:
        with closing(_Pdf(document)) as pdf:
            said = [" ".join(pdf.words(number)) for number in range(min(pdf.pages, 8))]
            metadata = pdf.read.Root.get("/Metadata")
            if isinstance(metadata, pikepdf.Stream):
                said.append(metadata.read_bytes()[:_MOST_METADATA].decode("utf-8", "replace"))
            said += [str(value) for value in dict(pdf.read.docinfo).values()]
    except (Incomparable, pikepdf.PdfError, pypdfium2.PdfiumError, ValueError, TypeError, KeyError, AttributeError):
        return ()
    for text in said:
        found |= set(_REFERENCE.findall(text))
    return tuple(sorted(found)[:_MOST_REFERENCES])


def _with_form(theirs: _Pdf, form: bytes) -> Comparison:
    with closing(_Pdf(form)) as ours:
        found = list(_differences(ours, theirs))[:MOST_DIFFERENCES]
        return Comparison(
            file=theirs.sha256,
            form=ours.sha256,
            differences=tuple(found),
            beside=tuple(sorted(_beside(ours, theirs))),
            likeness=_likeness(ours, theirs),
        )


def _differences(ours: _Pdf, theirs: _Pdf) -> Iterator[Difference]:
    if ours.pages != theirs.pages:
        yield Difference("pages", 0, str(ours.pages), str(theirs.pages))
    for number in range(min(ours.pages, theirs.pages)):
        yield from _on_page(ours, theirs, number)
    attached = _attached(ours.read), _attached(theirs.read)
    for name in sorted(attached[0].keys() | attached[1].keys()):
        if attached[0].get(name) != attached[1].get(name):
            state = tuple("" if one.get(name) is None else name[:_EXCERPT] for one in attached)
            yield Difference("attachment", 0, *state)


def _on_page(ours: _Pdf, theirs: _Pdf, number: int) -> Iterator[Difference]:  # (2)
    page = number + 1
    with closing(ours.drawn[number]) as one, closing(theirs.drawn[number]) as other:
        sizes = one.get_size(), other.get_size()
        if any(abs(mine - their) > _POINTS for mine, their in zip(*sizes, strict=True)):
            yield Difference("page-size", page, *(f"{width:.0f} × {height:.0f}" for width, height in sizes))
            return
        words = ours.words(number), theirs.words(number)
        if words[0] != words[1]:
            yield Difference("text", page, *_excerpts(*words))
        if not _alike(_picture(one), _picture(other)):
            yield Difference("picture", page)
    yield from _over_page(ours, theirs, number)


def _over_page(ours: _Pdf, theirs: _Pdf, number: int) -> Iterator[Difference]:  # (3)
    known = Counter(_shape(one) for one in _annotations(ours.read, number))
    under_signatures = 0.0
    drawn = False
    for annotation in _annotations(theirs.read, number):
        if theirs.signs(annotation):
            under_signatures += _area(annotation)
            # An empty field has nothing to show: a picture without a signature is a drawing.
            drawn |= "/AP" in annotation and not theirs.signed(annotation)
        elif known[_shape(annotation)] > 0:
            known[_shape(annotation)] -= 1
        elif annotation.get("/Subtype") not in {"/Link", "/Popup"} and not int(annotation.get("/F", 0)) & _HIDDEN:
            drawn = True
    if drawn:
        yield Difference("drawn-over", number + 1)
    with closing(theirs.drawn[number]) as page:
        width, height = page.get_size()
    if under_signatures > _LARGEST_SIGNATURES * width * height:
        yield Difference("covered", number + 1)


def _beside(ours: _Pdf, theirs: _Pdf) -> set[str]:  # (5)
    found: set[str] = set()
    had, has = _keys(ours.read), _keys(theirs.read)
    found |= {word for key, word in _KEYS_BESIDE.items() if has[key] > had[key]}
    if _texts(ours.read) != _texts(theirs.read):
        found.add("spoken")
    if _fonts(theirs.read) - _fonts(ours.read):
        found.add("fonts")
    if any(field for field in _fields(theirs.read) if field != "/Sig"):
        found.add("fields")
    if theirs.read.get_warnings():
        found.add("repaired")
    for number in range(min(ours.pages, theirs.pages)):
        known = Counter(_shape(one) for one in _annotations(ours.read, number))
        if any(known[_shape(one)] == 0 and not theirs.signs(one) for one in _annotations(theirs.read, number)):
            found.add("links")
        if _text_under_signatures(theirs, number):
            found.add("over-text")
    return found


def _picture(page: pypdfium2.PdfPage) -> tuple[bytes, int]:
    bitmap = page.render(scale=_DOTS_PER_POINT, draw_annots=False, fill_color=(255, 255, 255, 255))
    try:
        return bytes(bitmap.buffer), bitmap.stride
    finally:
        bitmap.close()


def _alike(one: tuple[bytes, int], other: tuple[bytes, int]) -> bool:
    """Compare two pictures row by row; a few faint specks are how a page was rounded."""
    (mine, row), (their, other_row) = one, other
    if mine == their:
        return True
    if row != other_row or len(mine) != len(their):
        return False
    specks = 0
    for start in range(0, len(mine), row):
        left, right = mine[start : start + row], their[start : start + row]
        if left != right:
            specks += sum(abs(a - b) > _NOTICEABLE for a, b in zip(left, right, strict=True))
            if specks > _SPECKS:
                return False
    return True


def _excerpts(ours: list[str], theirs: list[str]) -> tuple[str, str]:
    """Give what stands between the common beginning and the common end, with a few words around it."""
    most = min(len(ours), len(theirs))
    begin = next((at for at in range(most) if ours[at] != theirs[at]), most)
    end = next((at for at in range(most - begin) if ours[-1 - at] != theirs[-1 - at]), most - begin)
    first = max(begin - _AROUND, 0)
    mine, their = (
        " ".join(words[first : min(len(words) - end + _AROUND, len(words))]) for words in (ours, theirs)
    )
    return _masked(mine), _masked(their)


def _masked(text: str) -> str:
    masked = _CODE.sub(r"******-*\1", text)
    return masked if len(masked) <= _EXCERPT else masked[: _EXCERPT - 1] + "…"


def _likeness(ours: _Pdf, theirs: _Pdf) -> int:
    mine, their = (
        Counter(word for number in range(min(pdf.pages, ours.pages)) for word in pdf.words(number))
        for pdf in (ours, theirs)
    )
    return 1000 * (mine & their).total() // max(mine.total(), 1)


def _attached(pdf: pikepdf.Pdf) -> dict[str, Counter[str]]:  # (4)
    """Name the attached files, wherever they hang, each by the digests of its content."""
    found: dict[str, Counter[str]] = {}
    for one in _dictionaries(pdf):
        if isinstance(streams := one.get("/EF"), pikepdf.Dictionary):
            name = str(one.get("/UF", one.get("/F", "?")))
            contents = {hashlib.sha256(stream.read_bytes()).hexdigest() for _, stream in streams.items()}
            found.setdefault(name, Counter()).update(contents)
    return found


def _annotations(pdf: pikepdf.Pdf, number: int) -> list[pikepdf.Object]:
    listed = pdf.pages[number].obj.get("/Annots", pikepdf.Array())
    return [one for one in listed if isinstance(one, pikepdf.Dictionary)]  # type: ignore[union-attr] # an array


def _kids(field: pikepdf.Object) -> set[tuple[int, int]]:
    return {kid.objgen for kid in field.get("/Kids", ()) if kid.is_indirect}


def _shape(annotation: pikepdf.Object) -> tuple[str, tuple[int, ...]]:
    return str(annotation.get("/Subtype")), tuple(round(float(one)) for one in annotation.get("/Rect", ()))


def _area(annotation: pikepdf.Object) -> float:
    left, bottom, right, top = (float(one) for one in annotation.get("/Rect", (0, 0, 0, 0)))
    return abs(right - left) * abs(top - bottom)


def _text_under_signatures(pdf: _Pdf, number: int) -> bool:
    for annotation in _annotations(pdf.read, number):
        if pdf.signs(annotation) and _area(annotation) > 1:
            left, bottom, right, top = (float(one) for one in annotation.get("/Rect"))
            with closing(pdf.drawn[number]) as page, closing(page.get_textpage()) as text:
                under = text.get_text_bounded(min(left, right), min(bottom, top), max(left, right), max(bottom, top))
            if str(under).strip():
                return True
    return False


def _keys(pdf: pikepdf.Pdf) -> Counter[str]:
    return Counter(key for one in _dictionaries(pdf) for key in one.keys() if key in _KEYS_BESIDE)


def _texts(pdf: pikepdf.Pdf) -> Counter[str]:
    """Gather the texts that are read out in place of what is drawn."""
    return Counter(
        f"{key} {one[key]}"
        for one in _dictionaries(pdf)
        for key in _SPOKEN
        if isinstance(one.get(key), pikepdf.String)
    )


def _fields(pdf: pikepdf.Pdf) -> list[str]:
    return [str(one["/FT"]) for one in _dictionaries(pdf) if "/FT" in one]


def _fonts(pdf: pikepdf.Pdf) -> set[str]:
    """Name the fonts the pages are written with, each by its outlines; one without outlines by its name."""
    found = set()
    for page in pdf.pages:
        fonts = page.resources.get("/Font", pikepdf.Dictionary())
        for font in (font for _, font in fonts.items()):
            descendants = font.get("/DescendantFonts", pikepdf.Array([font]))
            for one in descendants:  # type: ignore[union-attr] # an array
                descriptor = one.get("/FontDescriptor", pikepdf.Dictionary())
                outlines = [descriptor[key].read_bytes() for key in _FONT_FILES if key in descriptor]
                digests = [hashlib.sha256(content).hexdigest() for content in outlines]
                found.add(digests[0] if digests else str(font.get("/BaseFont", "")))
    return found


def _dictionaries(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Walk every dictionary of the file, those that stand inside others too, to a fair depth."""
    pending = [(one, 0) for one in pdf.objects]
    seen = 0
    while pending:
        one, depth = pending.pop()
        seen += 1
        if seen > 10 * _MOST_OBJECTS or depth > 50:
            raise Incomparable("too large")
        if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            yield one
            inner = [value for _, value in one.items()]
        elif isinstance(one, pikepdf.Array):
            inner = list(one)
        else:
            continue
        pending += [
            (value, depth + 1)
            for value in inner
            if isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect
        ]
