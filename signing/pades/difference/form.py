"""The interactive form of two revisions (ISO 32000-2 §12.7), compared field by field.

An update may add signature fields, sign empty ones and fill in others. What it did is recorded for the caller, who
decides whether it was allowed; anything else raises `Differs`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pyhanko.pdf_utils import generic

from signing.model import Message
from signing.pades.difference.fields import annotations_of, fields_in, pages_in
from signing.pades.difference.graph import Differs, Walk, items, names, number_of, resolved
from signing.pades.difference.widgets import (
    appearance_objects,
    has_action,
    is_unsigned_picture,
    lacks_appearance,
    needs_generated_appearance,
)
from signing.pades.reader.faults import value_of, whole

if TYPE_CHECKING:
    from signing.pades.difference.fields import Field
    from signing.pades.difference.graph import Rule

__all__ = ["WAYS_TO_FIELDS", "FormComparison"]

WAYS_TO_FIELDS: Final = frozenset(
    {"pdf.differs-form", "pdf.differs-field", "pdf.differs-annotation", "pdf.differs-spoken", "pdf.differs-action"}
)
_IN_FORM: Final = frozenset({"/Fields", "/SigFlags", "/Type"})
_WHEN_SIGNED: Final = frozenset({"/V", "/AP", "/F", "/MK", "/M", "/DA", "/DR", "/BS", "/StructParent"})
_WHEN_FILLED: Final = frozenset({"/V", "/AP", "/AS", "/M", "/I", "/RV", "/Ff"})
_READ_ONLY: Final = 1
_NO_FLAGS: Final = 0
_DEEPEST: Final = 16


class FormComparison:
    """Both forms side by side, and what the later one adds.

    `known` and `fresh` are the fields of the older and the newer revision by object number. `replaced` are appearance
    objects of changed widgets, which nothing else of the older revision may use. `filled` and `pictures` name fields
    that were filled in, and such as draw something nobody signed. `empty` tells of a new field nobody signed,
    `visible` of a new or signed field that has room on a page.
    """

    def __init__(self, walk: Walk, old: Any, new: Any) -> None:  # noqa: ANN401 - pyHanko has no types
        self._walk = walk
        self.before, self.after = list(fields_in(old)), list(fields_in(new))
        self.known = {field.number: field for field in self.before if field.number is not None}
        self.fresh = {field.number: field for field in self.after if field.number is not None}
        self.replaced: dict[int, Message] = {}
        self.filled: list[str] = []
        self.pictures: list[str] = []
        self.empty = False
        self.visible = False
        self._has_other_fields = any(field.kind not in {"", "/Sig"} for field in self.before)
        self._uses_form_fonts = any(needs_generated_appearance(field) for field in self.before) or any(
            lacks_appearance(resolved(one)) for _, page, _ in pages_in(old) for one in annotations_of(page)
        )
        walk.by_identity |= self.known.keys()
        for number, field in self.known.items():
            walk.rules[number] = self._rule_of(field), WAYS_TO_FIELDS

    def compare(self, old: Any, new: Any) -> None:  # noqa: ANN401 - as above
        """Compare two /AcroForm dictionaries; either may be None."""
        if old is None and new is None:
            return
        where = Message.of("pdf.differs-form")
        if not isinstance(new, generic.DictionaryObject) or value_of(new, "/Type", "/AcroForm") != "/AcroForm":
            raise Differs(where)
        old = old if isinstance(old, generic.DictionaryObject) else generic.DictionaryObject()  # type: ignore[no-untyped-call] # as above
        free = _IN_FORM | self._resources_that_may_change(old, new, where)
        before, after = _settings(old) - free, _settings(new) - free
        if "/XFA" in after - before:
            raise Differs(Message.of("pdf.differs-action"))
        if before != after:
            raise Differs(where)
        for name in sorted(before):
            self._walk.enqueue(old.raw_get(name), new.raw_get(name), where)
        self._kids(*(items(one.raw_get("/Fields")) if "/Fields" in one else [] for one in (old, new)))

    def is_signature_widget(self, number: int | None) -> bool:
        """Whether the newer revision has a signature field or widget of that object number."""
        field = self.fresh.get(number) if number is not None else None
        return field is not None and field.kind == "/Sig"

    def _resources_that_may_change(self, old: Any, new: Any, where: Message) -> frozenset[str]:  # noqa: ANN401 - as above
        """Name the entries for drawing that may change: all where nothing is drawn by them, else fonts may be added."""
        if self._uses_form_fonts or _is_true(value_of(old, "/NeedAppearances")):
            return frozenset()
        if not self._has_other_fields:
            return frozenset({"/DA", "/DR"})
        before, after = value_of(old, "/DR"), value_of(new, "/DR")
        if not isinstance(before, generic.DictionaryObject) or not isinstance(after, generic.DictionaryObject):
            return frozenset()
        for kind in sorted(names(before)):
            had, has = before[kind], value_of(after, kind)
            if not isinstance(had, generic.DictionaryObject) or not isinstance(has, generic.DictionaryObject):
                return frozenset()
            self._walk.compare_entries(had, has, where, without=frozenset(names(has) - names(had)))
        return frozenset({"/DR"})

    def _kids(self, old: list[Any], new: list[Any]) -> None:
        """Compare two lists of fields by object number: each old one stays, a new one has to be for a signature."""
        before, after = {number_of(one): one for one in old}, {number_of(one): one for one in new}
        if None in before or None in after or len(before) != len(old) or len(after) != len(new):
            if len(old) != len(new):
                raise Differs(Message.of("pdf.differs-form"))
            return self._walk.compare_lists(old, new, Message.of("pdf.differs-form"))
        for number, raw in before.items():
            if number not in after:
                raise Differs(
                    Message.of("pdf.differs-field", field=self.known[number].name if number in self.known else "")
                )
            self._walk.enqueue(raw, after[number], Message.of("pdf.differs-form"))
        for number in after.keys() - before.keys():
            self._new_field(number, 0)
        return None

    def _new_field(self, number: int | None, depth: int) -> None:
        """Allow a new signature field, or a node that only names those below it; neither may have an action."""
        field = self.fresh.get(number) if number is not None and number not in self.known else None
        if field is None or depth > _DEEPEST:
            raise Differs(Message.of("pdf.differs-field", field=""))
        if has_action(field.node):
            raise Differs(Message.of("pdf.differs-action"))
        kids = items(field.node.raw_get("/Kids")) if "/Kids" in field.node else []
        if field.kind != "/Sig" and not (kids and not field.kind):
            raise Differs(Message.of("pdf.differs-field", field=field.name))
        self.visible |= field.shows
        self.empty |= field.is_empty_signature
        for kid in kids:
            self._new_field(number_of(kid), depth + 1)

    def _rule_of(self, field: Field) -> Rule:
        return lambda old, new, number, _: self._field(field, old, new, number)

    def _field(self, field: Field, old: Any, new: Any, number: int | None) -> None:  # noqa: ANN401 - as above
        """Compare a field or widget of the older revision with its newer state (§12.7.4.1)."""
        fresh = self.fresh.get(number) if number is not None else None
        where = Message.of("pdf.differs-field", field=field.name)
        if fresh is None or (fresh.name, fresh.kind, fresh.is_widget) != (field.name, field.kind, field.is_widget):
            raise Differs(where)
        changing = frozenset({"/Kids"})
        if field.is_empty_signature:
            changing |= _WHEN_SIGNED if isinstance(value_of(old, "/F", _NO_FLAGS), int) else frozenset()
            if not self._alike(old, new, _WHEN_SIGNED):
                self.visible |= field.shows
                self.pictures += [field.name] if field.shows and is_unsigned_picture(fresh, new) else []
        elif field.kind in {"/Tx", "/Btn", "/Ch"}:
            changing |= _WHEN_FILLED
            self._fill(field, old, new, where)
        if "/AP" in changing and not self._alike(old, new, frozenset({"/AP"})):
            self.replaced |= dict.fromkeys(appearance_objects(old), where)
        self._walk.compare_entries(old, new, where, without=changing)
        before, after = (items(one.raw_get("/Kids")) if "/Kids" in one else [] for one in (old, new))
        if field.kind and {number_of(one) for one in after} - {number_of(one) for one in before}:
            raise Differs(where)  # one more widget for an existing field
        self._kids(before, after)

    def _fill(self, field: Field, old: Any, new: Any, where: Message) -> None:  # noqa: ANN401 - as above
        """Record a field that was filled in; it may also have become read-only."""
        flags, later = (whole(value_of(one, "/Ff", 0)) for one in (old, new))
        if later not in {flags, flags | _READ_ONLY}:
            raise Differs(where)
        if not self._alike(old, new, _WHEN_FILLED - {"/Ff"}):
            self.filled.append(field.name)

    def _alike(self, old: Any, new: Any, keys: frozenset[str]) -> bool:  # noqa: ANN401 - as above
        """Whether two dictionaries are equal in these entries, by value."""
        walk = Walk(self._walk)
        try:
            walk.compare_entries(
                old, new, Message.of("pdf.differs-form"), without=frozenset((names(old) | names(new)) - keys)
            )
            walk.finish()
        except Differs:
            return False
        return True


def _settings(form: Any) -> set[str]:  # noqa: ANN401 - pyHanko has no types
    """Return the names of a form's entries, without a /NeedAppearances that states the default (§12.7.3)."""
    wanted = value_of(form, "/NeedAppearances")
    is_default = isinstance(wanted, generic.BooleanObject) and not wanted.value
    return names(form) - ({"/NeedAppearances"} if is_default else set())


def _is_true(value: Any) -> bool:  # noqa: ANN401 - as above
    return isinstance(value, generic.BooleanObject) and bool(value.value)
