"""What does a later revision show or say that an earlier one did not? Their object graphs are compared by value.

Everything reachable from the catalog must be equal (`signing.pades.difference.graph`), except what signing adds and no
reader shows as the document:

    catalog     evidence (/DSS), metadata, /Extensions, /Version, /Perms; a /MarkInfo that says "tagged"
    form        signature fields, new ones and such as were empty; fields filled in, which the result names
    page        widgets of signature fields in /Annots; the order of tabbing; when it was changed
    page tree   the topmost node's /ITXT, in which some programs say their name
    structure   an element /Form that holds nothing but a reference to a signature's widget (ISO 14289-1 §7.18.4)

What nothing reaches, numbers of objects and freed ones mean nothing. Who may do what is for the caller to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pyhanko.pdf_utils import generic

from signing.errors import TooLarge
from signing.model import Message
from signing.pades.difference.appearances import draws
from signing.pades.difference.fields import Field, annotations_of, area, fields_in, pages_of, place_of, signed_since
from signing.pades.difference.graph import Differs, Walk, items, names, number_of, refers, resolved
from signing.pades.difference.structure_tree import compare_structure
from signing.pades.reader.faults import value_of, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signing.pades.difference.graph import Rule

__all__ = ["Added", "added_between"]

_IN_CATALOG: Final = frozenset({"/AcroForm", "/DSS", "/Extensions", "/Metadata", "/Version", "/Perms"})
_IN_FORM: Final = frozenset({"/Fields", "/SigFlags", "/Type"})
_IN_PAGE: Final = frozenset({"/Annots", "/Tabs", "/LastModified"})
_WHEN_SIGNED: Final = frozenset({"/V", "/AP", "/F", "/MK", "/M", "/DA", "/DR", "/BS", "/StructParent"})
_WHEN_FILLED: Final = frozenset({"/V", "/AP", "/AS", "/M", "/I", "/RV", "/Ff"})
_IN_TRAILER: Final = frozenset({"/Root", "/Info", "/ID", "/Prev", "/Size", "/XRefStm"})
_IN_STREAM: Final = frozenset({"/Type", "/W", "/Index", "/Filter", "/DecodeParms", "/Length"})
_DRAWN_WITHOUT_PICTURE: Final = frozenset({"/Link", "/Popup", "/Widget"})
_WAYS_TO_FIELDS: Final = frozenset(
    {"pdf.differs-form", "pdf.differs-field", "pdf.differs-annotation", "pdf.differs-spoken", "pdf.differs-action"}
)
_WAYS_TO_PAGES: Final = _WAYS_TO_FIELDS | {"pdf.differs-other", "pdf.differs-page", "pdf.differs-files"}
_READ_ONLY: Final = 1
_NO_FLAGS: Final = 0
_MOST_APPEARANCES: Final = 1000
_DEEPEST: Final = 16
_CATALOG: Final = {
    "/OpenAction": "pdf.differs-action",
    "/AA": "pdf.differs-action",
    "/OCProperties": "pdf.differs-layers",
    "/StructTreeRoot": "pdf.differs-spoken",
    "/AF": "pdf.differs-files",
}


@dataclass(frozen=True, slots=True)
class Added:
    """What was added: signature fields that were signed, stamped or only put there, and names of fields filled in.

    `signatures` are those signed or stamped since; `pictures` names the fields that show one which nobody signed.
    `empty` says that a field was put there which nobody signed, `visible` that any of it takes room on a page.
    """

    signatures: tuple[Field, ...] = ()
    filled: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    empty: bool = False
    visible: bool = False


def added_between(old: Any, new: Any) -> Added:  # noqa: ANN401 - pyHanko has no types
    """Compare pyHanko's views of two revisions; raises `Differs` with what else there is."""
    return _Comparison(old, new).run()


class _Comparison(Walk):
    """The two graphs side by side, from the trailers on."""

    def __init__(self, old: Any, new: Any) -> None:  # noqa: ANN401 - as above
        super().__init__()
        self._old, self._new = old, new
        self._before = list(fields_in(old))
        self._after = list(fields_in(new))
        self._known = {field.number: field for field in self._before if field.number is not None}
        self._fresh = {field.number: field for field in self._after if field.number is not None}
        self._replaced: dict[int, Message] = {}
        self._filled: list[str] = []
        self._pictures: list[str] = []
        self._empty = False
        self._visible = False
        self._pages: dict[int, int] = {}
        self._others = any(field.kind not in {"", "/Sig"} for field in self._before)
        self._undrawn = any(_is_undrawn(field) for field in self._before)

    def run(self) -> Added:
        self._prepare()
        self._trailers()
        self._catalogs(self._old.root, self._new.root)
        self.finish()
        for number, where in self._replaced.items():
            if self.has_met(number):
                raise Differs(where)
        return Added(
            signatures=signed_since(self._before, self._after),
            filled=tuple(dict.fromkeys(self._filled)),
            pictures=tuple(self._pictures),
            empty=self._empty,
            visible=self._visible,
        )

    def _prepare(self) -> None:
        """Note which objects have rules of their own."""
        root = self._old.root
        catalog = number_of(self._old.trailer_view.raw_get("/Root"))
        if catalog is not None:
            self.special[catalog] = self._reference_to_catalog, _WAYS_TO_FIELDS
        for number, field in self._known.items():
            self.special[number] = self._rule_of_field(field), _WAYS_TO_FIELDS
        self.kept |= self._known.keys()
        for page, (_, node, place) in enumerate(pages_of(root), 1):
            if place is not None:
                self._pages[place] = page
                self.kept.add(place)
                self.special[place] = self._rule_of_page(page), _WAYS_TO_PAGES
            self.kept |= _numbers(annotations_of(node))
            self._undrawn |= any(_is_drawn_from_its_words(resolved(one)) for one in annotations_of(node))
        layers = value_of(root, "/OCProperties")
        listed = layers.raw_get("/OCGs") if isinstance(layers, generic.DictionaryObject) and "/OCGs" in layers else None
        self.kept |= _numbers(items(listed))
        top = number_of(root.raw_get("/Pages"))
        if top is not None:
            self.special[top] = self._page_tree, _WAYS_TO_PAGES

    # Trailer and catalog

    def _trailers(self) -> None:
        """Compare what the trailers lead to beside the catalog: some readers show what stands there (LibreOffice)."""
        old, new = self._old.trailer_view, self._new.trailer_view
        where = Message.of("pdf.differs-other", where="trailer")
        for name in names(new) - _IN_TRAILER - _IN_STREAM:
            if name in old:
                self.later(old.raw_get(name), new.raw_get(name), where)
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
                    self, old.raw_get(name), new.raw_get(name), self._is_signature_widget, set(self._pages), where
                )
            else:
                self.later(old.raw_get(name), new.raw_get(name), where)
        self._form(value_of(old, "/AcroForm"), value_of(new, "/AcroForm"))

    def _reference_to_catalog(self, old: Any, new: Any, number: int | None, where: Message) -> None:  # noqa: ANN401 - as above
        """Compare what refers to the catalog, as a lock of fields does (§12.8.2.4): it still does."""
        if number is None or number != number_of(self._new.trailer_view.raw_get("/Root")):
            self.entries(old, new, where)

    def _name_trees(self, old: Any, new: Any, where: Message) -> None:  # noqa: ANN401 - as above
        """Compare names' trees (§7.7.4): embedded files and scripts stand there."""
        codes = {"/EmbeddedFiles": Message.of("pdf.differs-files"), "/JavaScript": Message.of("pdf.differs-action")}
        for name in sorted(names(old) | names(new)):
            if name not in names(old) or name not in names(new):
                raise Differs(codes.get(name, where))
            self.later(old.raw_get(name), new.raw_get(name), codes.get(name, where))

    # Form

    def _form(self, old: Any, new: Any) -> None:  # noqa: ANN401 - as above
        if old is None and new is None:
            return
        where = Message.of("pdf.differs-form")
        if not isinstance(new, generic.DictionaryObject) or value_of(new, "/Type", "/AcroForm") != "/AcroForm":
            raise Differs(where)
        old = old if isinstance(old, generic.DictionaryObject) else generic.DictionaryObject()  # type: ignore[no-untyped-call] # as above
        free = _IN_FORM | self._for_drawing(old, new, where)
        before, after = _settings(old) - free, _settings(new) - free
        if "/XFA" in after - before:
            raise Differs(Message.of("pdf.differs-action"))
        if before != after:
            raise Differs(where)
        for name in before:
            self.later(old.raw_get(name), new.raw_get(name), where)
        self._kids(*(items(one.raw_get("/Fields")) if "/Fields" in one else [] for one in (old, new)))

    def _for_drawing(self, old: Any, new: Any, where: Message) -> frozenset[str]:  # noqa: ANN401 - as above
        """Say which settings for drawing may change: all where nothing is drawn by them; else fonts may be added."""
        if self._undrawn or _is_true(value_of(old, "/NeedAppearances")):
            return frozenset()
        if not self._others:
            return frozenset({"/DA", "/DR"})
        before, after = value_of(old, "/DR"), value_of(new, "/DR")
        if not isinstance(before, generic.DictionaryObject) or not isinstance(after, generic.DictionaryObject):
            return frozenset()
        for kind in names(before):
            had, has = before[kind], value_of(after, kind)
            if not isinstance(had, generic.DictionaryObject) or not isinstance(has, generic.DictionaryObject):
                return frozenset()
            self.entries(had, has, where, without=frozenset(names(has) - names(had)))
        return frozenset({"/DR"})

    def _kids(self, old: list[Any], new: list[Any]) -> None:
        """Compare two lists of fields by their numbers: what was there still is, what is new is for a signature."""
        before, after = {number_of(one): one for one in old}, {number_of(one): one for one in new}
        if None in before or None in after or len(before) != len(old) or len(after) != len(new):
            if len(old) != len(new):
                raise Differs(Message.of("pdf.differs-form"))
            return self.lists(old, new, Message.of("pdf.differs-form"))
        for number, raw in before.items():
            if number not in after:
                raise Differs(
                    Message.of("pdf.differs-field", field=self._known[number].name if number in self._known else "")
                )
            self.later(raw, after[number], Message.of("pdf.differs-form"))
        for number in after.keys() - before.keys():
            self._new_field(number, 0)
        return None

    def _new_field(self, number: int | None, depth: int) -> None:
        """Allow a field for a signature, or one that only names those below it; neither may do anything."""
        field = self._fresh.get(number) if number is not None and number not in self._known else None
        if field is None or depth > _DEEPEST:
            raise Differs(Message.of("pdf.differs-field", field=""))
        if _acts(field.node):
            raise Differs(Message.of("pdf.differs-action"))
        kids = items(field.node.raw_get("/Kids")) if "/Kids" in field.node else []
        if field.kind != "/Sig" and not (kids and not field.kind):
            raise Differs(Message.of("pdf.differs-field", field=field.name))
        self._visible |= field.shows
        self._empty |= field.is_empty_signature
        for kid in kids:
            self._new_field(number_of(kid), depth + 1)

    def _field(self, field: Field, old: Any, new: Any, number: int | None) -> None:  # noqa: ANN401 - as above
        """Compare a field or widget that was there (§12.7.4.1)."""
        fresh = self._fresh.get(number) if number is not None else None
        where = Message.of("pdf.differs-field", field=field.name)
        if fresh is None or (fresh.name, fresh.kind, fresh.is_widget) != (field.name, field.kind, field.is_widget):
            raise Differs(where)
        changing = frozenset({"/Kids"})
        if field.is_empty_signature:
            changing |= _WHEN_SIGNED if isinstance(value_of(old, "/F", _NO_FLAGS), int) else frozenset()
            if not self._alike(old, new, _WHEN_SIGNED):
                self._visible |= field.shows
                self._pictures += [field.name] if field.shows and _is_unsigned_picture(fresh, new) else []
        elif field.kind in {"/Tx", "/Btn", "/Ch"}:
            changing |= _WHEN_FILLED
            self._fill(field, old, new, where)
        if "/AP" in changing and not self._alike(old, new, frozenset({"/AP"})):
            self._replaced |= dict.fromkeys(_appearances(old), where)
        self.entries(old, new, where, without=changing)
        before, after = (items(one.raw_get("/Kids")) if "/Kids" in one else [] for one in (old, new))
        if field.kind and {number_of(one) for one in after} - {number_of(one) for one in before}:
            raise Differs(where)  # a picture more for a field that was there
        self._kids(before, after)

    def _fill(self, field: Field, old: Any, new: Any, where: Message) -> None:  # noqa: ANN401 - as above
        """Note that a field was filled in; beside its value and picture, it may have been made read-only."""
        flags, later = (whole(value_of(one, "/Ff", 0)) for one in (old, new))
        if later not in {flags, flags | _READ_ONLY}:
            raise Differs(where)
        if not self._alike(old, new, _WHEN_FILLED - {"/Ff"}):
            self._filled.append(field.name)

    # Pages

    def _page_trees(self, old: Any, new: Any, where: Message) -> None:  # noqa: ANN401 - as above
        """Have the trees of two catalogs compared, if there are as many pages in them."""
        before, after = (sum(1 for _ in pages_of(root)) for root in (old, new))
        if before != after:
            raise Differs(Message.of("pdf.differs-page-count", ours=before, theirs=after))
        self.later(old.raw_get("/Pages"), new.raw_get("/Pages"), where)

    def _page_tree(self, old: Any, new: Any, _: int | None, where: Message) -> None:  # noqa: ANN401 - as above
        """Compare the topmost node of the page tree, in which old iText and OpenPDF say their name."""
        said = value_of(new, "/ITXT")
        if said is not None and not isinstance(said, generic.TextStringObject | generic.ByteStringObject):
            raise Differs(where)
        self.entries(old, new, where, without=frozenset({"/ITXT"}))

    def _page(self, page: int, old: Any, new: Any) -> None:  # noqa: ANN401 - as above
        self.entries(old, new, Message.of("pdf.differs-page", page=page), without=_IN_PAGE)
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
        self.lists(before, stayed, Message.of("pdf.differs-annotation", page=page))

    def _new_annotation(self, page: int, raw: Any) -> None:  # noqa: ANN401 - as above
        """Allow a signature field's widget; it has a picture only with a signature, which then stands in the report."""
        node, number = resolved(raw), number_of(raw)
        if not isinstance(node, generic.DictionaryObject) or value_of(node, "/Subtype") != "/Widget":
            raise Differs(Message.of("pdf.differs-annotation", page=page))
        field = self._fresh.get(number) if number is not None else None
        kind = field.kind if field is not None else _kind_above(node)
        if kind != "/Sig" or (field is None and "/Parent" in node):
            raise Differs(Message.of("pdf.differs-field", field=field.name if field is not None else ""))
        if _acts(node):
            raise Differs(Message.of("pdf.differs-action"))
        visible = "/Rect" in node and area(place_of(node["/Rect"])) > 0
        was = self._known.get(number) if number is not None else None
        if visible and was is not None and (was.signed or field is None or not field.signed):
            raise Differs(Message.of("pdf.differs-annotation", page=page))  # an old field, shown where it was not
        self._visible |= visible
        if visible and _is_unsigned_picture(field, node):
            self._pictures.append(field.name if field is not None else "")

    def _is_signature_widget(self, number: int | None) -> bool:
        field = self._fresh.get(number) if number is not None else None
        return field is not None and field.kind == "/Sig"

    def _alike(self, old: Any, new: Any, keys: frozenset[str]) -> bool:  # noqa: ANN401 - as above
        """Whether two dictionaries are equal in these entries, by value."""
        walk = Walk(self)
        try:
            walk.entries(old, new, Message.of("pdf.differs-form"), without=frozenset((names(old) | names(new)) - keys))
            walk.finish()
        except Differs:
            return False
        return True

    # Rules by number

    def _rule_of_field(self, field: Field) -> Rule:
        return lambda old, new, number, _: self._field(field, old, new, number)

    def _rule_of_page(self, page: int) -> Rule:
        return lambda old, new, _, __: self._page(page, old, new)


def _numbers(listed: list[Any]) -> set[int]:
    return {number for one in listed if (number := number_of(one)) is not None}


def _settings(form: Any) -> set[str]:  # noqa: ANN401 - pyHanko has no types
    """Give the form's entries, but for one that says what is so anyway (§12.7.3)."""
    wanted = value_of(form, "/NeedAppearances")
    as_ever = isinstance(wanted, generic.BooleanObject) and not wanted.value
    return names(form) - ({"/NeedAppearances"} if as_ever else set())


def _appearances(widget: Any) -> Iterator[int]:  # noqa: ANN401 - as above
    """Give the objects a widget is drawn by: what is used elsewhere too was not only the widget's to replace."""
    pending = [widget.raw_get("/AP")] if "/AP" in widget else []
    for _ in range(_MOST_APPEARANCES):
        if not pending:
            return
        raw = pending.pop()
        number, value = number_of(raw), resolved(raw)
        if number is not None:
            yield number
        if isinstance(value, generic.DictionaryObject) and not isinstance(value, generic.StreamObject):
            pending += [value.raw_get(name) for name in value]
    raise TooLarge("document.too-much-work")


def _is_true(value: Any) -> bool:  # noqa: ANN401 - as above
    return isinstance(value, generic.BooleanObject) and bool(value.value)


def _says_tagged(marks: Any) -> bool:  # noqa: ANN401 - as above
    """Whether /MarkInfo says what PDF/UA asks for, and nothing else (ISO 14289-1 §7.1)."""
    return (
        isinstance(marks, generic.DictionaryObject)
        and names(marks) <= {"/Type", "/Marked"}
        and value_of(marks, "/Type", "/MarkInfo") == "/MarkInfo"
        and _is_true(value_of(marks, "/Marked"))
    )


def _acts(node: Any) -> bool:  # noqa: ANN401 - as above
    """Whether a widget or field does anything, or a parent does whose actions it has (§12.6.3)."""
    for _ in range(_DEEPEST):
        if "/A" in node or "/AA" in node:
            return True
        node = value_of(node, "/Parent")
        if not isinstance(node, generic.DictionaryObject):
            return False
    return True


def _is_unsigned_picture(field: Field | None, widget: Any) -> bool:  # noqa: ANN401 - as above
    """Whether nobody signed in the field of a widget that has room and shows anything, or may be clicked as a stamp."""
    if field is not None and field.is_stamp:
        return True
    return draws(widget) and (field is None or not field.signed)


def _kind_above(node: Any) -> str:  # noqa: ANN401 - as above
    for _ in range(_DEEPEST):
        if "/FT" in node:
            return str(node["/FT"])
        node = value_of(node, "/Parent")
        if not isinstance(node, generic.DictionaryObject):
            break
    return ""


def _is_drawn_from_its_words(annotation: Any) -> bool:  # noqa: ANN401 - as above
    """Whether viewers draw it themselves, with the fonts of the form."""
    return (
        isinstance(annotation, generic.DictionaryObject)
        and str(value_of(annotation, "/Subtype")) not in _DRAWN_WITHOUT_PICTURE
        and "/AP" not in annotation
    )


def _is_undrawn(field: Field) -> bool:
    """Whether viewers draw it themselves, with the fonts of the form."""
    return field.kind not in {"", "/Sig"} and "/Kids" not in field.node and "/AP" not in field.node
