"""Objects compared by identity: a copy of a layer, page or element is not that layer, page or element."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

import pikepdf
import pytest

from benchmarks._variants.updates import Update
from demo.pki import person
from demo.signer import Level, sign_pdf

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.pki import Pki
    from tests.signing.pades.conftest import JudgeForm

LAYERED = b"/OC /Hidden BDC 0 0 99 99 re f EMC /OC /Shown BDC 9 9 99 99 re f EMC"


@pytest.fixture(scope="module")
def layered(form: bytes) -> bytes:
    """The form with two layers of one name, one of them hidden, and a link from page to page."""
    update = Update(form)
    first, second = update.pages
    hidden, shown = update.add(b"<</Type/OCG/Name(Layer)>>"), update.add(b"<</Type/OCG/Name(Layer)>>")
    content = update.add_stream(LAYERED)
    properties = update.add(b"<</Hidden %d 0 R/Shown %d 0 R>>" % (hidden, shown))
    contents = update.entries(second)["/Contents"]
    resources = update.pdf.get_object(second, 0).Resources
    fonts = resources.Font.unparse(resolved=False) if "/Font" in resources else b"<<>>"
    link = update.add(b"<</Subtype/Link/Rect[9 9 99 99]/Border[0 0 0]/Dest[%d 0 R/Fit]>>" % first)
    update.edit(
        second,
        Contents=b"[%b %d 0 R]" % (contents, content),
        Resources=b"<</Font %b/Properties %d 0 R>>" % (fonts, properties),
        Annots=b"[%d 0 R]" % link,
    )
    listed = b"%d 0 R %d 0 R" % (hidden, shown)
    update.edit(update.root, OCProperties=b"<</OCGs[%b]/D<</OFF[%d 0 R]/Order[%b]>>>>" % (listed, hidden, listed))
    return update.write()


def copied(update: Update, number: int) -> int:
    """The same once more, under another number."""
    return update.add(update.body(number)) if update.entries(number) else 0


def layers_of(update: Update) -> tuple[int, int, int]:
    """The numbers of the page's properties, of the hidden layer and of the one that is shown."""
    properties = update.pdf.pages[1].obj.Resources.Properties
    return properties.objgen[0], properties.Hidden.objgen[0], properties.Shown.objgen[0]


def layer_copied(update: Update) -> None:
    """The hidden content belongs to a copy of its layer, which nobody hides."""
    properties, hidden, shown = layers_of(update)
    update.put(properties, b"<</Hidden %d 0 R/Shown %d 0 R>>" % (copied(update, hidden), shown))


def layer_exchanged(update: Update) -> None:
    """The hidden content belongs to the layer that is shown."""
    properties, _, shown = layers_of(update)
    update.put(properties, b"<</Hidden %d 0 R/Shown %d 0 R>>" % (shown, shown))


def other_layer_hidden(update: Update) -> None:
    _, hidden, shown = layers_of(update)
    both = b"%d 0 R %d 0 R" % (hidden, shown)
    update.edit(update.root, OCProperties=b"<</OCGs[%b]/D<</OFF[%d 0 R]/Order[%b]>>>>" % (both, shown, both))


def copy_of_a_layer_hidden(update: Update) -> None:
    _, hidden, shown = layers_of(update)
    both = b"%d 0 R %d 0 R" % (hidden, shown)
    other = copied(update, hidden)
    update.edit(update.root, OCProperties=b"<</OCGs[%b]/D<</OFF[%d 0 R]/Order[%b]>>>>" % (both, other, both))


def page_copied(update: Update) -> None:
    """The page tree names a copy of a page; what leads to the page leads to none of the tree."""
    first, second = update.pages
    update.edit(update.page_tree, Kids=b"[%d 0 R %d 0 R]" % (copied(update, first), second))


def destination_copied(update: Update) -> None:
    link = update.pdf.pages[1].obj.Annots[0].objgen[0]
    update.edit(link, Dest=b"[%d 0 R/Fit]" % copied(update, update.pages[0]))


def annotation_copied(update: Update) -> None:
    link = update.pdf.pages[1].obj.Annots[0].objgen[0]
    update.edit(update.pages[1], Annots=b"[%d 0 R]" % copied(update, link))


def annotation_written_into_its_list(update: Update) -> None:
    link = update.pdf.pages[1].obj.Annots[0].objgen[0]
    update.edit(update.pages[1], Annots=b"[%b]" % update.body(link))


def _elements(update: Update) -> list[int]:
    """The elements of the structure that say which page they are on."""
    found = (update.pdf.get_object(number, 0) for number in range(1, int(update.pdf.trailer.Size)))
    return [
        one.objgen[0] for one in found if isinstance(one, pikepdf.Dictionary) and {"/Pg", "/S", "/P"} <= set(one.keys())
    ]


def page_of_an_element_copied(update: Update) -> None:
    """An element of the structure belongs to a copy of its page: readers look for it there in vain."""
    element = _elements(update)[0]
    update.edit(element, Pg=b"%d 0 R" % copied(update, update.pages[0]))


def _in_its_parent(update: Update, element: int, new: bytes) -> None:
    parent = update.pdf.get_object(element, 0).P.objgen[0]
    kids = update.entries(parent)["/K"]
    update.edit(parent, K=re.sub(rb"\b%d 0 R" % element, lambda _: new, kids))


def element_copied(update: Update) -> None:
    element = _elements(update)[0]
    _in_its_parent(update, element, b"%d 0 R" % copied(update, element))


def element_written_into_its_parent(update: Update) -> None:
    element = _elements(update)[0]
    _in_its_parent(update, element, update.body(element))


def marked(value: bytes, update: Update) -> None:
    """Whether readers heed the structure at all."""
    update.edit(update.root, MarkInfo=value)


def tree_of_parents(made: bytes, update: Update) -> None:
    """Who searches the tree of parents by its limits and order finds nothing."""
    root = update.pdf.Root.StructTreeRoot
    pairs = root.ParentTree.Nums.unparse().strip()[1:-1]
    leaf = update.add(b"<</Limits[7 9]/Nums[%b]>>" % pairs)
    update.edit(root.objgen[0], ParentTree=made.replace(b"PAIRS", pairs).replace(b"LEAF", b"%d 0 R" % leaf))


def name_of_a_program(update: Update) -> None:
    number = update.add_stream(b"0 0 99 99 re f")
    update.edit(update.page_tree, ITXT=b"%d 0 R" % number)


CHANGES: tuple[Callable[[Update], None], ...] = (
    layer_copied,
    layer_exchanged,
    other_layer_hidden,
    copy_of_a_layer_hidden,
    page_copied,
    destination_copied,
    annotation_copied,
    annotation_written_into_its_list,
    page_of_an_element_copied,
    element_copied,
    element_written_into_its_parent,
    partial(marked, b"<</Marked false>>"),
    partial(marked, b"<</Marked true/Suspects true>>"),
    partial(tree_of_parents, b"<</Limits[7 9]/Nums[PAIRS]>>"),
    partial(tree_of_parents, b"<</Kids[LEAF]>>"),
    name_of_a_program,
)


def _named(change: Callable[[Update], None]) -> str:
    return change.func.__name__ if isinstance(change, partial) else change.__name__


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("change", CHANGES, ids=_named)
def test_what_is_replaced_by_something_of_equal_value(
    layered: bytes, pki: Pki, judge_form: JudgeForm, change: Callable[[Update], None], *, before: bool
) -> None:
    update = Update(layered if before else _signed(layered, pki))
    change(update)
    document = _signed(update.write(), pki) if before else update.write()
    assert not judge_form(document, expected=layered).contents[0].covered_by


def test_the_form_with_layers_is_signed_as_it_is(layered: bytes, pki: Pki, judge_form: JudgeForm) -> None:
    assert judge_form(_signed(layered, pki), expected=layered).contents[0].covered_by


def _resource_renumbered(update: Update) -> None:
    """Names of layers stand in another object; the layers are the same."""
    properties, _, _ = layers_of(update)
    entries = update.entries(update.pages[1])["/Resources"]
    update.edit(
        update.pages[1], Resources=entries.replace(b"%d 0 R" % properties, b"%d 0 R" % copied(update, properties))
    )


def _tree_in_order(update: Update) -> None:
    root = update.pdf.Root.StructTreeRoot
    pairs = root.ParentTree.Nums.unparse().strip()[1:-1]
    numbers = root.ParentTree.Nums.as_list()[::2]
    leaf = update.add(b"<</Limits[%d %d]/Nums[%b]>>" % (min(numbers), max(numbers), pairs))
    update.edit(root.objgen[0], ParentTree=b"<</Kids[%d 0 R]>>" % leaf)


@pytest.mark.parametrize(
    "change", [_resource_renumbered, _tree_in_order, lambda update: update.edit(update.page_tree, ITXT=b"(5.0)")]
)
def test_what_is_written_otherwise_and_means_the_same(
    layered: bytes, pki: Pki, judge_form: JudgeForm, change: Callable[[Update], None]
) -> None:
    for before in (True, False):
        update = Update(layered if before else _signed(layered, pki))
        change(update)
        document = _signed(update.write(), pki) if before else update.write()
        assert judge_form(document, expected=layered).contents[0].covered_by


def _signed(document: bytes, pki: Pki) -> bytes:
    return sign_pdf(document, person=person("user"), pki=pki, at=pki.epoch, level=Level.LT)
