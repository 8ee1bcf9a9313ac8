"""What does a later revision show or say that an earlier one did not? Their object graphs are compared by value.

Everything reachable from the catalog must be equal (`signing.pades.difference.graph`), except what signing adds and no
reader shows as the document:

    catalog     evidence (/DSS), metadata, /Extensions, /Version, /Perms; a /MarkInfo that says "tagged"
    form        new signature fields, and empty ones that were signed; fields filled in, which the result names
    page        widgets of signature fields in /Annots; the tab order; the time of modification
    page tree   /ITXT in the topmost node, where some programs write their name
    structure   an element /Form that holds nothing but a reference to a signature's widget (ISO 14289-1 §7.18.4)

Unreachable objects, object numbers and freed ones do not count. Who may do what is decided by the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pyhanko.pdf_utils import generic

from signing.model import Message
from signing.pades.difference.fields import Field, annotations_of, area, pages_in, place_of, signed_since
from signing.pades.difference.form import WAYS_TO_FIELDS, FormComparison
from signing.pades.difference.graph import Differs, Walk, items, names, number_of, refers, resolved
from signing.pades.difference.structure_tree import compare_structure
from signing.pades.difference.widgets import field_type_of, has_action, is_unsigned_picture
from signing.pades.reader.faults import value_of

if TYPE_CHECKING:
    from signing.pades.difference.graph import Rule

__all__ = ["Added", "added_between"]

_IN_CATALOG: Final = frozenset({"/AcroForm", "/DSS", "/Extensions", "/Metadata", "/Version", "/Perms"})
_IN_PAGE: Final = frozenset({"/Annots", "/Tabs", "/LastModified"})
_IN_TRAILER: Final = frozenset({"/Root", "/Info", "/ID", "/Prev", "/Size", "/XRefStm"})
_IN_STREAM: Final = frozenset({"/Type", "/W", "/Index", "/Filter", "/DecodeParms", "/Length"})
_WAYS_TO_PAGES: Final = WAYS_TO_FIELDS | {"pdf.differs-other", "pdf.differs-page", "pdf.differs-files"}
_CATALOG: Final = {
    "/OpenAction": "pdf.differs-action",
    "/AA": "pdf.differs-action",
    "/OCProperties": "pdf.differs-layers",
    "/StructTreeRoot": "pdf.differs-spoken",
    "/AF": "pdf.differs-files",
}


@dataclass(frozen=True, slots=True)
class Added:
    """What an update added to the form.

    `signatures` are fields signed or stamped since, `filled` the names of fields filled in, `pictures` the names of
    fields that draw something nobody signed. `empty` tells of a new field nobody signed; `visible`, of any of these
    with room on a page.
    """

    signatures: tuple[Field, ...] = ()
    filled: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    empty: bool = False
    visible: bool = False


def added_between(old: Any, new: Any) -> Added:  # noqa: ANN401 - pyHanko has no types
    """Compare pyHanko's views of two revisions; raises `Differs` at the first difference that signing does not make."""
    return _Comparison(old, new).run()


class _Comparison(Walk):
    """The two graphs side by side, from the trailers on."""

    def __init__(self, old: Any, new: Any) -> None:  # noqa: ANN401 - as above
        super().__init__()
        self._old, self._new = old, new
        self._form = FormComparison(self, old, new)
        self._pages: dict[int, int] = {}

    def run(self) -> Added:
        self._set_rules()
        self._trailers()
        self._catalogs(self._old.root, self._new.root)
        self.finish()
        form = self._form
        for number, where in form.replaced.items():
            if self.has_visited(number):
                raise Differs(where)
        return Added(
            signatures=signed_since(form.before, form.after),
            filled=tuple(dict.fromkeys(form.filled)),
            pictures=tuple(form.pictures),
            empty=form.empty,
            visible=form.visible,
        )

    def _set_rules(self) -> None:
        """Give the catalog, the pages and the page tree rules of their own; the form's fields have theirs."""
        root = self._old.root
        catalog = number_of(self._old.trailer_view.raw_get("/Root"))
        if catalog is not None:
            self.rules.setdefault(catalog, (self._reference_to_catalog, WAYS_TO_FIELDS))
        for page, (_, node, place) in enumerate(pages_in(self._old), 1):
            if place is not None:
                self._pages[place] = page
                self.by_identity.add(place)
                self.rules[place] = self._rule_of_page(page), _WAYS_TO_PAGES
            self.by_identity |= _numbers(annotations_of(node))
        layers = value_of(root, "/OCProperties")
        listed = layers.raw_get("/OCGs") if isinstance(layers, generic.DictionaryObject) and "/OCGs" in layers else None
        self.by_identity |= _numbers(items(listed))
        top = number_of(root.raw_get("/Pages"))
        if top is not None:
            self.rules[top] = self._page_tree, _WAYS_TO_PAGES

    def _trailers(self) -> None:
        """Compare the other entries of the trailers: some readers show what stands there (LibreOffice)."""
        old, new = self._old.trailer_view, self._new.trailer_view
        where = Message.of("pdf.differs-other", where="trailer")
        for name in sorted(names(new) - _IN_TRAILER - _IN_STREAM):
            if name in old:
                self.enqueue(old.raw_get(name), new.raw_get(name), where)
            elif refers(new.raw_get(name)):
                raise Differs(where)

    def _catalogs(self, old: Any, new: Any) -> None:  # noqa: ANN401 - as above
        before, after = names(old) - _IN_CATALOG, names(new) - _IN_CATALOG
        for name in sorted(before | after):
            code = _CATALOG.get(name)
            where = Message.of(code) if code else Message.of("pdf.differs-other", where=name.removeprefix("/"))
            if name == "/Names" and name in after:
                self._name_trees(value_of(old, name, generic.DictionaryObject()), value_of(new, name), where)  # type: ignore[no-untyped-call] # as above
            elif name == "/MarkInfo" and name not in before and _says_tagged(value_of(new, name)):
                continue
            elif name not in before or name not in after:
                raise Differs(where)
            elif name == "/Pages":
                self._page_trees(old, new, where)
            elif name == "/StructTreeRoot":
                compare_structure(
                    self, old.raw_get(name), new.raw_get(name), self._form.is_signature_widget, set(self._pages), where
                )
            else:
                self.enqueue(old.raw_get(name), new.raw_get(name), where)
        self._form.compare(value_of(old, "/AcroForm"), value_of(new, "/AcroForm"))

    def _reference_to_catalog(self, old: Any, new: Any, number: int | None, where: Message) -> None:  # noqa: ANN401 - as above
        """Compare what a reference to the catalog leads to, as in a field lock (§12.8.2.4): still the catalog."""
        if number is None or number != number_of(self._new.trailer_view.raw_get("/Root")):
            self.compare_entries(old, new, where)

    def _name_trees(self, old: Any, new: Any, where: Message) -> None:  # noqa: ANN401 - as above
        """Compare the name dictionaries (§7.7.4): they hold embedded files and scripts."""
        codes = {"/EmbeddedFiles": Message.of("pdf.differs-files"), "/JavaScript": Message.of("pdf.differs-action")}
        for name in sorted(names(old) | names(new)):
            if name not in names(old) or name not in names(new):
                raise Differs(codes.get(name, where))
            self.enqueue(old.raw_get(name), new.raw_get(name), codes.get(name, where))

    def _page_trees(self, old: Any, new: Any, where: Message) -> None:  # noqa: ANN401 - as above
        """Have the page trees of two catalogs compared; they must have the same number of pages."""
        before, after = len(pages_in(self._old)), len(pages_in(self._new))
        if before != after:
            raise Differs(Message.of("pdf.differs-page-count", ours=before, theirs=after))
        self.enqueue(old.raw_get("/Pages"), new.raw_get("/Pages"), where)

    def _page_tree(self, old: Any, new: Any, _: int | None, where: Message) -> None:  # noqa: ANN401 - as above
        """Compare the topmost node of the page tree, where old iText and OpenPDF write their name."""
        program = value_of(new, "/ITXT")
        if program is not None and not isinstance(program, generic.TextStringObject | generic.ByteStringObject):
            raise Differs(where)
        self.compare_entries(old, new, where, without=frozenset({"/ITXT"}))

    def _rule_of_page(self, page: int) -> Rule:
        return lambda old, new, _, __: self._page(page, old, new)

    def _page(self, page: int, old: Any, new: Any) -> None:  # noqa: ANN401 - as above
        self.compare_entries(old, new, Message.of("pdf.differs-page", page=page), without=_IN_PAGE)
        if str(value_of(new, "/Tabs", "/S")) not in {"/S", "/R", "/C", "/A", "/W"}:
            raise Differs(Message.of("pdf.differs-page", page=page))
        before, after = annotations_of(old), annotations_of(new)
        were = {number_of(one) for one in before} - {None}
        stayed = [one for one in after if number_of(one) is None or number_of(one) in were]
        for one in after:
            if number_of(one) is not None and number_of(one) not in were:
                self._new_annotation(page, one)
        if len(stayed) != len(before):
            raise Differs(Message.of("pdf.differs-annotation", page=page))
        self.compare_lists(before, stayed, Message.of("pdf.differs-annotation", page=page))

    def _new_annotation(self, page: int, raw: Any) -> None:  # noqa: ANN401 - as above
        """Allow the widget of a signature field; only a signature may give it an appearance, and is then reported."""
        form = self._form
        node, number = resolved(raw), number_of(raw)
        if not isinstance(node, generic.DictionaryObject) or value_of(node, "/Subtype") != "/Widget":
            raise Differs(Message.of("pdf.differs-annotation", page=page))
        field = form.fresh.get(number) if number is not None else None
        kind = field.kind if field is not None else field_type_of(node)
        if kind != "/Sig" or (field is None and "/Parent" in node):
            raise Differs(Message.of("pdf.differs-field", field=field.name if field is not None else ""))
        if has_action(node):
            raise Differs(Message.of("pdf.differs-action"))
        visible = "/Rect" in node and area(place_of(node["/Rect"])) > 0
        was = form.known.get(number) if number is not None else None
        if visible and was is not None and (was.signed or field is None or not field.signed):
            # An existing field is newly shown on this page.
            raise Differs(Message.of("pdf.differs-annotation", page=page))
        form.visible |= visible
        if visible and is_unsigned_picture(field, node):
            form.pictures.append(field.name if field is not None else "")


def _numbers(listed: list[Any]) -> set[int]:
    return {number for one in listed if (number := number_of(one)) is not None}


def _says_tagged(marks: Any) -> bool:  # noqa: ANN401 - as above
    """Whether /MarkInfo says what PDF/UA asks for, and nothing else (ISO 14289-1 §7.1)."""
    marked = value_of(marks, "/Marked") if isinstance(marks, generic.DictionaryObject) else None
    return (
        isinstance(marks, generic.DictionaryObject)
        and names(marks) <= {"/Type", "/Marked"}
        and value_of(marks, "/Type", "/MarkInfo") == "/MarkInfo"
        and isinstance(marked, generic.BooleanObject)
        and bool(marked.value)
    )
