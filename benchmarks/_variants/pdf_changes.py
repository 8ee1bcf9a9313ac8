"""Changes to a PDF that programs make when they sign it, or that somebody makes later, each next to a dishonest one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

import pikepdf

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from benchmarks._variants.updates import Update

Change: TypeAlias = "Callable[[Update, random.Random], None]"

__all__ = [
    "Change",
    "also",
    "annotation",
    "copied",
    "element",
    "element_copied",
    "empty_field",
    "field",
    "field_of_a_parent_that_acts",
    "form_says",
    "in_catalog",
    "in_page",
    "in_trailer",
    "metadata",
    "name_in_page",
    "name_in_pages",
    "named_by_path",
    "order_changed",
    "page_content",
    "page_copied",
    "page_of_an_element_copied",
    "page_stream",
    "pages_turned",
    "parents_changed",
    "text_field",
    "tree_of_parents",
    "widget_apart",
    "widget_of_nobody",
    "words_elsewhere",
]

_FIELD = b"/FT/Sig/T(Signature1)/Type/Annot/Subtype/Widget/F 132/Rect[%b]"
_RDF = b"http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_NOWHERE = b"0 0 0 0"


def field(update: Update, rectangle: bytes = _NOWHERE, more: bytes = b"") -> int:
    """Put an empty signature field on the first page, for the signature to come."""
    page = update.pages[0]
    number = update.add(b"<<" + _FIELD % rectangle + b"/P %d 0 R%b>>" % (page, more))
    update.edit(page, Annots=b"[%d 0 R]" % number)
    update.edit(update.root, AcroForm=b"<</Fields[%d 0 R]/SigFlags 3>>" % number)
    return number


def _structure(update: Update) -> tuple[int, int]:
    root = update.pdf.Root.StructTreeRoot
    kids = root.K
    top = kids[0] if isinstance(kids, pikepdf.Array) else kids
    return root.objgen[0], top.objgen[0]


def element(
    update: Update,
    _: random.Random,
    *,
    role: bytes = b"/Form",
    more: bytes = b"",
    kid: bytes = b"<</Type/OBJR/Obj %d 0 R>>",
    at_root: bool = False,
    first: bool = False,
    tree: bool = True,
) -> None:
    """An element of the structure for the signature's widget, as PDF/UA asks for."""
    root, top = _structure(update)
    above = root if at_root else top
    key = max(update.pdf.Root.StructTreeRoot.ParentTree.Nums.as_list()[::2]) + 1
    widget = field(update, more=b"/StructParent %d" % key)
    number = update.add(
        b"<</Type/StructElem/S%b/P %d 0 R/Pg %d 0 R%b/K " % (role, above, update.pages[0], more)
        + (kid % widget if b"%d" in kid else kid)
        + b">>"
    )
    kids = update.entries(above)["/K"].strip()
    listed = kids[1:-1] if kids.startswith(b"[") else kids
    new = b"%d 0 R" % number
    update.edit(above, K=b"[" + (new + b" " + listed if first else listed + b" " + new) + b"]")
    if tree:
        nums = update.pdf.Root.StructTreeRoot.ParentTree.Nums.unparse().strip()[1:-1]
        update.edit(
            root, ParentTree=b"<</Nums[%b %d %d 0 R]>>" % (nums, key, number), ParentTreeNextKey=b"%d" % (key + 1)
        )


def words_elsewhere(update: Update, dice: random.Random) -> None:
    """The element for the widget, and beside it other words for one that was there."""
    element(update, dice)
    _, top = _structure(update)
    kid = next(one for one in update.pdf.get_object(top, 0).K if one.is_indirect)
    update.edit(kid.objgen[0], ActualText=b"(all rights)")


def order_changed(update: Update, dice: random.Random) -> None:
    """The element for the widget, and the others in another order."""
    element(update, dice)
    _, top = _structure(update)
    parts = re.findall(rb"\d+ 0 R", update.entries(top)["/K"])
    update.edit(top, K=b"[" + b" ".join(reversed(parts)) + b"]")


def parents_changed(update: Update, dice: random.Random) -> None:
    """The element for the widget, and the pages' content belongs to other elements."""
    element(update, dice)
    root, _ = _structure(update)
    tree = update.entries(root)["/ParentTree"]
    numbers = re.findall(rb"(?<=\[| )(\d+) 0 R", tree)
    update.edit(root, ParentTree=tree.replace(numbers[0] + b" 0 R", numbers[-1] + b" 0 R", 1))


def name_in_pages(update: Update, dice: random.Random) -> None:
    """The program's name in the topmost node of the page tree."""
    update.edit(update.page_tree, ITXT=b"(%d.%d)" % (dice.randrange(1, 6), dice.randrange(10)))
    field(update)


def name_in_page(update: Update, _: random.Random) -> None:
    """The same in a page, where nobody writes it."""
    field(update)
    update.edit(update.pages[1], ITXT=b"(5.0)")


def pages_turned(update: Update, dice: random.Random) -> None:
    """The program's name, and the pages in another order."""
    name_in_pages(update, dice)
    kids = re.findall(rb"\d+ 0 R", update.entries(update.page_tree)["/Kids"])
    update.edit(update.page_tree, Kids=b"[" + b" ".join(reversed(kids)) + b"]")


def form_says(more: bytes) -> Change:
    """Entries more in the form."""

    def change(update: Update, _: random.Random) -> None:
        number = field(update)
        update.edit(update.root, AcroForm=b"<</Fields[%d 0 R]/SigFlags 3%b>>" % (number, more))

    return change


def widget_apart(update: Update, _: random.Random, *, parent: bool = False) -> None:
    """A widget that its field names, without naming it back."""
    page = update.pages[0]
    looks = b"/Type/Annot/Subtype/Widget/Rect[0 0 0 0]/F 132/P %d 0 R" % page
    widget = update.add(b"<<" + looks + b">>")
    number = update.add(b"<</FT/Sig/T(Signature1)/Kids[%d 0 R]>>" % widget)
    if parent:
        update.put(widget, b"<<" + looks + b"/Parent %d 0 R>>" % number)
    update.edit(page, Annots=b"[%d 0 R]" % widget)
    update.edit(update.root, AcroForm=b"<</Fields[%d 0 R]/SigFlags 3>>" % number)


def widget_of_nobody(update: Update, _: random.Random) -> None:
    """A widget with a picture that no field names."""
    field(update)
    picture = update.add_stream(b"0 0 100 20 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 100 20]")
    widget = update.add(
        b"<</Type/Annot/Subtype/Widget/FT/Sig/V<</Type/Sig>>/Rect[100 100 200 120]/F 4/AP<</N %d 0 R>>>>" % picture
    )
    update.edit(update.pages[0], Annots=update.entries(update.pages[0])["/Annots"][:-1] + b" %d 0 R]" % widget)


def also(change: Change) -> Change:
    """A field for the signature, and a change beside it."""

    def both(update: Update, dice: random.Random) -> None:
        field(update)
        change(update, dice)

    return both


def metadata(update: Update, dice: random.Random) -> None:
    """Other metadata, other information."""
    packet = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><r:RDF xmlns:r='%b'/></x:xmpmeta>" % _RDF
    number = update.add_stream(packet, b"/Type/Metadata/Subtype/XML")
    update.edit(update.root, Metadata=b"%d 0 R" % number, Version=b"/2.0", Extensions=b"<</ESIC<</ExtensionLevel 1>>>>")
    update.trailer("Info", b"%d 0 R" % update.add(b"<</Producer(A tool %d)>>" % dice.randrange(100)))


def in_catalog(**entries: bytes | None) -> Change:
    """Entries more in the catalog."""
    return lambda update, _: update.edit(update.root, **entries)


def in_page(number: int, **entries: bytes | None) -> Change:
    """Other entries in a page."""
    return lambda update, _: update.edit(update.pages[number], **entries)


def page_content(update: Update, dice: random.Random) -> None:
    """A page shows another line."""
    page = update.pages[dice.randrange(2)]
    number = update.add_stream(b"BT ET 0 0 1 1 re f")
    update.edit(page, Contents=b"[%b %d 0 R]" % (update.entries(page)["/Contents"], number))


def page_stream(update: Update, dice: random.Random) -> None:
    """What a page shows is written anew under its own number."""
    content = update.pdf.get_object(update.pages[dice.randrange(2)], 0).Contents
    update.put(content.objgen[0], b"<</Length 16>>\nstream\n0 0 99 99 re f  \nendstream")


def in_trailer(update: Update, _: random.Random) -> None:
    """Another document beside the catalog, which some programs open instead."""
    number = update.add_stream(b"PK", b"/Type/EmbeddedFile")
    update.trailer("AdditionalStreams", b"[/application#2Fvnd.oasis.opendocument.text %d 0 R]" % number)


def annotation(kind: bytes) -> Change:
    """An annotation on the second page."""

    def change(update: Update, _: random.Random) -> None:
        number = update.add(b"<</Type/Annot/Subtype%b/Rect[9 9 99 99]/Contents(x)/F 4>>" % kind)
        update.edit(update.pages[1], Annots=b"[%d 0 R]" % number)

    return change


def text_field(update: Update, _: random.Random) -> None:
    """A field to fill in beside the signature's."""
    number = field(update)
    other = update.add(b"<</FT/Tx/T(role)/V(all)/Type/Annot/Subtype/Widget/Rect[9 9 99 29]/F 4>>")
    update.edit(update.pages[1], Annots=b"[%d 0 R]" % other)
    update.edit(update.root, AcroForm=b"<</Fields[%d 0 R %d 0 R]/SigFlags 3>>" % (number, other))


def named_by_path(update: Update, _: random.Random) -> None:
    """A second, invisible field deep in a tree of names, one with a period in it."""
    number = field(update)
    inner = update.add(b"<</FT/Sig/T(head.second)/Type/Annot/Subtype/Widget/Rect[0 0 0 0]/F 132>>")
    outer = update.add(b"<</T(form)/Kids[%d 0 R]>>" % inner)
    update.put(inner, b"<</FT/Sig/T(head.second)/Type/Annot/Subtype/Widget/Rect[0 0 0 0]/Parent %d 0 R>>" % outer)
    update.edit(update.root, AcroForm=b"<</Fields[%d 0 R %d 0 R]/SigFlags 3>>" % (number, outer))


def empty_field(looks: bytes) -> Change:
    """A second field, with room on the page, that nobody signs; viewers draw what it says."""

    def change(update: Update, _: random.Random) -> None:
        number = field(update)
        other = update.add(b"<</FT/Sig/T(Over)/Type/Annot/Subtype/Widget/F 4/Rect[9 9 199 99]%b>>" % looks)
        update.edit(update.pages[1], Annots=b"[%d 0 R]" % other)
        update.edit(update.root, AcroForm=b"<</Fields[%d 0 R %d 0 R]/SigFlags 3>>" % (number, other))

    return change


def field_of_a_parent_that_acts(update: Update, _: random.Random) -> None:
    """A field that does nothing, below one that does."""
    number = field(update)
    above = update.add(b"<</T(over)/AA<</K<</S/JavaScript/JS(1)>>>>/Kids[%d 0 R]>>" % number)
    update.put(number, b"<<" + _FIELD % _NOWHERE + b"/P %d 0 R/Parent %d 0 R>>" % (update.pages[0], above))


def copied(update: Update, number: int) -> bytes:
    """The same object under another number."""
    update.entries(number)
    return b"%d 0 R" % update.add(update.body(number))


def page_copied(update: Update, dice: random.Random) -> None:
    """A page of the tree is a copy; what leads to the page leads to none."""
    pages = [b"%d 0 R" % one for one in update.pages]
    which = dice.randrange(len(pages))
    pages[which] = copied(update, update.pages[which])
    update.edit(update.page_tree, Kids=b"[" + b" ".join(pages) + b"]")


def _element_of(update: Update) -> int:
    _, top = _structure(update)
    number: int = next(one for one in update.pdf.get_object(top, 0).K if one.is_indirect).objgen[0]
    return number


def page_of_an_element_copied(update: Update, _: random.Random) -> None:
    """An element is on a copy of its page."""
    update.edit(_element_of(update), Pg=copied(update, update.pages[0]))


def element_copied(update: Update, _: random.Random, *, direct: bool = False) -> None:
    """An element is a copy in its parent, and the tree of parents names the old one."""
    top = _structure(update)[1]
    element_ = _element_of(update)
    other = copied(update, element_)
    new = update.body(element_) if direct else other
    update.edit(top, K=update.entries(top)["/K"].replace(b"%d 0 R" % element_, new, 1))


def tree_of_parents(made: bytes) -> Change:
    """The tree of parents, written with limits."""

    def change(update: Update, _: random.Random) -> None:
        tree = update.pdf.Root.StructTreeRoot.ParentTree.Nums
        pairs, keys = tree.unparse().strip()[1:-1], tree.as_list()[::2]
        limits = b"%d %d" % (min(keys), max(keys))
        leaf = made.replace(b"PAIRS", pairs).replace(b"LIMITS", limits)
        update.edit(_structure(update)[0], ParentTree=b"<</Kids[%d 0 R]>>" % update.add(leaf))

    return change
