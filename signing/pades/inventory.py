"""An inventory of a PDF besides page content: annotations, fields, actions, embedded files, alternate text.

Read with qpdf, which repairs what viewers repair. It is shown to a person and never part of a verdict.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pikepdf

from signing.errors import TooLarge

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Box", "Inventory"]

Box: TypeAlias = tuple[float, float, float, float]

_MOST_OBJECTS: Final = 200_000
_LARGEST_FILE: Final = 64_000_000
_LONGEST_WORDS: Final = 500
_ACTIONS: Final = frozenset(
    {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/Hide", "/SetOCGState", "/ResetForm"}
)
_SPOKEN: Final = ("/ActualText", "/Alt", "/E")


class Inventory:
    """What is reachable from the catalog of a document, besides page content."""

    def __init__(self, file: pikepdf.Pdf) -> None:
        self._pages = list(file.pages)
        self.files: dict[str, set[str]] = {}
        self.fields: Counter[str] = Counter()
        self.actions: Counter[str] = Counter()
        self.spoken: Counter[str] = Counter()
        self.layers = "/OCProperties" in file.Root
        self.actions.update(key for key in ("/OpenAction", "/AA") if key in file.Root)
        self._signature_kids: set[tuple[int, int]] = set()
        form = file.Root.get("/AcroForm")
        if isinstance(form, pikepdf.Dictionary):
            self.actions.update(key for key in ("/XFA",) if key in form)
            self.actions.update(["/NeedAppearances"] if bool(form.get("/NeedAppearances")) else [])
        for one in _reachable(file.Root):
            self._record(one)

    def _record(self, one: pikepdf.Object) -> None:
        if "/EF" in one:
            for name, digest in _embedded(one):
                self.files.setdefault(name, set()).add(digest)
        if str(one.get("/FT", "")) == "/Sig" and isinstance(one.get("/Kids"), pikepdf.Array):
            self._signature_kids |= {kid.objgen for kid in one.Kids if kid.is_indirect}
        if "/T" in one and str(_inherited(one, "/FT")) in {"/Tx", "/Btn", "/Ch"}:
            self.fields[str(one.T)] += 1
        if str(one.get("/S", "")) in _ACTIONS or "/JS" in one:
            self.actions[str(one.get("/S", "/JavaScript"))] += 1
        if "/AA" in one:
            self.actions["/AA"] += 1
        for key in _SPOKEN:
            if isinstance(one.get(key), pikepdf.String):
                self.spoken[str(one[key])[:_LONGEST_WORDS]] += 1

    def annotations(self, number: int) -> Counter[str]:
        """Count the page's annotations by subtype, without signature widgets."""
        found = (one for one in self._annotations(number) if not self._is_signature(one))
        return Counter(str(one.get("/Subtype", "")) for one in found)

    def widgets(self, number: int) -> list[Box]:
        """Return the page's signature widgets as left, top, right, bottom, in points from the upper left."""
        page = self._pages[number]
        left, bottom, right, top = _box(page.cropbox)
        if int(_inherited(page.obj, "/Rotate") or 0) % 360:
            return []  # on a rotated page nothing is exempt from the comparison
        boxes = [_box(one.Rect) for one in self._annotations(number) if self._is_signature(one) and "/Rect" in one]
        return [
            (max(one[0], left) - left, top - min(one[3], top), min(one[2], right) - left, top - max(one[1], bottom))
            for one in boxes
        ]

    def _is_signature(self, annotation: pikepdf.Object) -> bool:
        """Whether it is a signature widget; some programs link it only from its field's /Kids."""
        of_a_signature = str(_inherited(annotation, "/FT")) == "/Sig" or (
            annotation.is_indirect and annotation.objgen in self._signature_kids
        )
        return of_a_signature and str(annotation.get("/Subtype", "")) == "/Widget"

    def _annotations(self, number: int) -> list[pikepdf.Object]:
        found = self._pages[number].obj.get("/Annots")
        return [one for one in found or () if isinstance(one, pikepdf.Dictionary)]


def _reachable(root: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """Walk all dictionaries, including those of streams, each once."""
    pending: list[Any] = [root]
    met: set[tuple[int, int]] = set()
    for _ in range(_MOST_OBJECTS):
        if not pending:
            return
        one = pending.pop()
        if not isinstance(one, pikepdf.Object) or (one.is_indirect and one.objgen in met):
            continue
        if one.is_indirect:
            met.add(one.objgen)
        if isinstance(one, pikepdf.Array):
            pending += list(one)
        elif isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            yield one
            pending += [value for _, value in one.items()]
    raise TooLarge("document.too-much-work")


def _embedded(specification: pikepdf.Object) -> Iterator[tuple[str, str]]:
    name = str(specification.get("/UF") or specification.get("/F") or "")
    for key, stream in specification.EF.items():
        if isinstance(stream, pikepdf.Stream):
            data = stream.read_bytes()
            if len(data) > _LARGEST_FILE:
                raise TooLarge("document.too-much-work")
            yield name or str(key), hashlib.sha256(data).hexdigest()


def _inherited(node: pikepdf.Object, key: str) -> Any:  # noqa: ANN401 - any value
    for _ in range(32):
        if key in node:
            return node[key]
        parent = node.get("/Parent")
        if not isinstance(parent, pikepdf.Dictionary):
            break
        node = parent
    return None


def _box(box: pikepdf.Object) -> Box:
    one, two, three, four = (float(number) for number in box)
    return min(one, three), min(two, four), max(one, three), max(two, four)
