"""Does a later revision still show what an earlier one showed: a document of ours, and nothing on it but signatures?

The two object graphs are walked side by side from the catalog. Everything must be equal, value by value and stream by
stream, except what signing adds: entries of the catalog that hold signatures and their evidence, and signature
widgets at the end of a page's annotations. Equality is asked of what is reached, not of what was written, so it does
not matter how or in how many steps a change was made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyhanko.pdf_utils import generic

from signing.errors import SigningError
from signing.pades._pdf import guarded, value_of
from signing.pades.changes import hides_a_page
from signing.pades.updates import why_ambiguous

if TYPE_CHECKING:
    from signing.pades._pdf import Pdf

__all__ = ["shows_the_same"]

_MAY_APPEAR_IN_CATALOG = frozenset({"/AcroForm", "/DSS", "/Extensions", "/Metadata", "/Version", "/MarkInfo", "/Perms"})
# XFA would be shown instead of the pages; NeedAppearances lets a viewer draw fields anew.
_MAY_STAND_IN_FORM = frozenset({"/Fields", "/SigFlags", "/DA", "/DR"})
_MOST_OBJECTS = 200_000


def shows_the_same(pdf: Pdf, earlier: int, later: int, *, end: int) -> bool:
    """Compare two revisions; what cannot be read, or in more than one way, is not the same.

    `end` is where the bytes of the earlier one end.
    """
    if why_ambiguous(pdf, end, earlier + 1, later):
        return False
    for reader in dict.fromkeys((pdf, pdf.forgiving)):
        try:
            return _same_document(reader, earlier, later)
        except SigningError:
            continue
    return False


@guarded
def _same_document(pdf: Pdf, earlier: int, later: int) -> bool:
    old, new = pdf.reader.get_historical_resolver(earlier), pdf.reader.get_historical_resolver(later)
    if any(pdf.is_hybrid(number) for number in range(earlier + 1, later + 1)):
        return False
    walk = _Walk()
    if not walk.catalogs(old.root, new.root):
        return False
    while walk.pending:
        if not walk.same(*walk.pending.pop()):
            return False
    return not hides_a_page(old, new)


class _Walk:
    """Pairs still to be compared, and those of references that already were."""

    def __init__(self) -> None:
        self.pending: list[tuple[Any, Any]] = []
        self._met: set[tuple[int, int, int, int]] = set()

    def catalogs(self, old: Any, new: Any) -> bool:  # noqa: ANN401 - pyHanko has no types
        """Compare the entries of the catalog that are not there for signatures."""
        before, after = (set(catalog) - _MAY_APPEAR_IN_CATALOG for catalog in (old, new))
        return _only_signatures_in(new, old) and self._entries(old, new, before, after)

    def same(self, old: Any, new: Any) -> bool:  # noqa: ANN401, PLR0911 - pyHanko has no types; one return a kind
        """Compare two values, leaving what they refer to for later."""
        if isinstance(old, generic.IndirectObject) and isinstance(new, generic.IndirectObject):
            pair = old.idnum, old.generation, new.idnum, new.generation
            if pair in self._met:
                return True
            self._met.add(pair)
            if len(self._met) > _MOST_OBJECTS:
                return False
        old, new = _resolved(old), _resolved(new)
        if isinstance(old, generic.StreamObject) or isinstance(new, generic.StreamObject):
            both = isinstance(old, generic.StreamObject) and isinstance(new, generic.StreamObject)
            return both and old.encoded_data == new.encoded_data and self._entries(old, new, set(old), set(new))
        if isinstance(old, generic.DictionaryObject) and isinstance(new, generic.DictionaryObject):
            if value_of(old, "/Type") == "/Page":
                names = set(old) - {"/Annots"}, set(new) - {"/Annots"}
                return self._annotations(old, new) and self._entries(old, new, *names)
            return self._entries(old, new, set(old), set(new))
        if isinstance(old, generic.ArrayObject) and isinstance(new, generic.ArrayObject):
            self.pending += zip(_items(old), _items(new), strict=False)
            return len(old) == len(new)
        return type(old) is type(new) and old == new

    def _entries(self, old: Any, new: Any, before: set[str], after: set[str]) -> bool:  # noqa: ANN401 - as above
        if before != after:
            return False
        self.pending += [(old.raw_get(name), new.raw_get(name)) for name in before]
        return True

    def _annotations(self, old: Any, new: Any) -> bool:  # noqa: ANN401 - pyHanko has no types
        before, after = _listed(old), _listed(new)
        if len(after) < len(before):
            return False
        self.pending += list(zip(before, after, strict=False))
        return all(_is_signature_widget(_resolved(one)) for one in after[len(before) :])


def _resolved(value: Any) -> Any:  # noqa: ANN401 - pyHanko has no types
    return value.get_object() if isinstance(value, generic.IndirectObject) else value  # type: ignore[no-untyped-call] # pyHanko has no types


def _listed(page: Any) -> list[Any]:  # noqa: ANN401 - pyHanko has no types
    return _items(value_of(page, "/Annots", generic.ArrayObject()))


def _only_signatures_in(new: Any, old: Any) -> bool:  # noqa: ANN401 - pyHanko has no types
    """Whether the form holds nothing but signature fields, or what it held before."""
    form, before = value_of(new, "/AcroForm"), value_of(old, "/AcroForm")
    if form is None:
        return before is None
    had = set(before) if before is not None else set()
    fields = value_of(form, "/Fields", ())
    known = {one.idnum for one in _items(value_of(before, "/Fields", ()))} if before is not None else set()
    return set(form) - had <= _MAY_STAND_IN_FORM and all(
        one.idnum in known or value_of(one.get_object(), "/FT") == "/Sig" for one in _items(fields)
    )


def _items(array: Any) -> list[Any]:  # noqa: ANN401 - pyHanko has no types
    return [array.raw_get(number) for number in range(len(array))]


def _is_signature_widget(annotation: Any) -> bool:  # noqa: ANN401 - pyHanko has no types
    """Whether it is a signature field's; it has a picture only with a signature, which then stands in the report."""
    if value_of(annotation, "/Subtype") != "/Widget" or "/A" in annotation or "/AA" in annotation:
        return False
    field = annotation if "/FT" in annotation else value_of(annotation, "/Parent", annotation)
    return value_of(field, "/FT") == "/Sig" and ("/AP" not in annotation or "/V" in field)
