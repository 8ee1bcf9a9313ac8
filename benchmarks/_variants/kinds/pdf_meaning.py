"""What programs add to our form when they sign it: by meaning, not by spelling.

Every honest variant shows and says exactly the form; every dishonest one goes a step further than its neighbour.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from benchmarks._variants.environment import AT
from benchmarks._variants.kind import Variant, VariantKind
from benchmarks._variants.pdf_changes import (
    also,
    annotation,
    element,
    element_copied,
    empty_field,
    field_of_a_parent_that_acts,
    form_says,
    in_catalog,
    in_page,
    in_trailer,
    metadata,
    name_in_page,
    name_in_pages,
    named_by_path,
    order_changed,
    page_content,
    page_copied,
    page_of_an_element_copied,
    page_stream,
    pages_turned,
    parents_changed,
    text_field,
    tree_of_parents,
    widget_apart,
    widget_of_nobody,
    words_elsewhere,
)
from benchmarks._variants.pdf_witnesses import are_valid, drawn, kept, pdfsig
from benchmarks._variants.updates import Update
from demo.pki import person
from demo.signer import Level, sign_pdf
from signing import Indication

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks._variants.environment import Environment
    from benchmarks._variants.pdf_changes import Change
    from signing import Report

__all__ = ["KINDS", "alternating", "takes", "witness"]


def takes(variant: Variant, report: Report) -> bool:
    """Whether every signature passes and the first stands over exactly the form."""
    del variant
    first = report.signatures[0]
    return all(one.indication is Indication.TOTAL_PASSED for one in report.signatures) and bool(first.covers)


def witness(variant: Variant, environment: Environment, scratch: Path) -> bool | None:
    """Ask poppler for the signatures and PDFium for the pages; neither knows of structure, files or actions."""
    if not variant.honest:
        return None
    said = pdfsig(kept(variant, scratch))
    if "not signed" in said:
        return None  # it finds none in a field whose widget stands apart
    return are_valid(said) and drawn(variant.content, annotations=False) == drawn(environment.form, annotations=False)


def alternating(
    honest: dict[str, Change], dishonest: dict[str, Change], dice: random.Random, rounds: int
) -> Iterator[tuple[str, Change, bool]]:
    """Take honest and dishonest changes by turns, in another order each round."""
    for turn in range(rounds):
        good, bad = (dice.sample(list(ones.items()), len(ones)) for ones in (honest, dishonest))
        for index in range(max(len(good), len(bad))):
            for ones, is_honest in ((good, True), (bad, False)):
                if index < len(ones):
                    name, change = ones[index]
                    yield f"{name}, {turn + 1}", change, is_honest


_SIGNING: dict[str, Change] = {
    "an empty field that draws nothing": empty_field(b"/MK<<>>/BS<</W 0>>/Border[0 0 0]"),
    "parents with limits": also(tree_of_parents(b"<</Limits[LIMITS]/Nums[PAIRS]>>")),
    "an element for the widget": element,
    "an element first in its parent": partial(element, first=True),
    "an element below the root": partial(element, at_root=True),
    "an element with its page in the reference": partial(element, kid=b"[<</Type/OBJR/Obj %d 0 R>>]"),
    "an element nobody looks up": partial(element, tree=False),
    "the program's name in the pages": name_in_pages,
    "the form says its type": form_says(b"/Type/AcroForm"),
    "appearances are as they are": form_says(b"/NeedAppearances false"),
    "fonts for fields that are not there": form_says(b"/DA(/Helv 0 Tf 0 g)/DR<</Font<</Helv<</Type/Font>>>>>>"),
    "an entry that is null": form_says(b"/XFA null"),
    "a widget its field names": widget_apart,
    "a widget and its field": partial(widget_apart, parent=True),
    "other metadata": also(metadata),
    "the order of tabbing": also(in_page(1, Tabs=b"/S", LastModified=b"(D:2026)")),
    "a field with a path for a name": named_by_path,
}
_SIGNING_MORE: dict[str, Change] = {
    "an empty field with a background": empty_field(b"/MK<</BG[1 1 1]>>"),
    "an empty field with a border": empty_field(b"/MK<</BC[1 0 0]>>/BS<</W 2>>"),
    "an empty field with words": empty_field(b"/MK<</CA(all rights)>>"),
    "a field whose parent acts": field_of_a_parent_that_acts,
    "a page copied": also(page_copied),
    "an element on a copy of its page": also(page_of_an_element_copied),
    "an element copied": also(element_copied),
    "an element written into its parent": also(partial(element_copied, direct=True)),
    "parents beyond their limits": also(tree_of_parents(b"<</Limits[900 901]/Nums[PAIRS]>>")),
    "no heed to the structure": also(in_catalog(MarkInfo=b"<</Marked false>>")),
    "doubts of the structure": also(in_catalog(MarkInfo=b"<</Marked true/Suspects true>>")),
    "an element with words": partial(element, more=b"/ActualText(all rights)"),
    "an element with other words": partial(element, more=b"/Alt(all rights)"),
    "an element of a paragraph": partial(element, role=b"/P"),
    "an element of content": partial(element, kid=b"0"),
    "an element of two": partial(element, kid=b"[<</Type/OBJR/Obj %d 0 R>> 0]"),
    "words for another element": words_elsewhere,
    "elements in another order": order_changed,
    "content of other elements": parents_changed,
    "a name in a page": name_in_page,
    "pages in another order": pages_turned,
    "a form of another kind": form_says(b"/XFA(<x/>)"),
    "order of calculating": form_says(b"/CO[]"),
    "a widget nobody names": widget_of_nobody,
    "a field to fill in": text_field,
    "an action on opening": also(in_catalog(OpenAction=b"<</S/JavaScript/JS(1)>>")),
    "layers": also(in_catalog(OCProperties=b"<</OCGs[]/D<<>>>>")),
    "no attached file": also(in_catalog(Names=b"<</EmbeddedFiles<</Names[]>>>>")),
    "another page content": also(page_content),
    "a page's stream": also(page_stream),
    "a page turned": also(in_page(1, Rotate=b"180")),
    "a page cut": also(in_page(1, CropBox=b"[0 0 99 99]")),
    "a note": also(annotation(b"/Text")),
    "a drawing": also(annotation(b"/Square")),
    "a link": also(annotation(b"/Link")),
    "another document in the trailer": also(in_trailer),
}


def signed_anew(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    """Add to the form, then sign it."""
    for name, change, honest in alternating(_SIGNING, _SIGNING_MORE, dice, 2):
        update = Update(environment.form)
        change(update, dice)
        content = sign_pdf(update.write(), person=person("user"), pki=environment.pki, at=AT, level=Level.LT)
        yield Variant(name, content, honest, expected=environment.form)


KINDS = (VariantKind("pdf: what signing adds to a tagged form", signed_anew, takes, witness, "pdfsig"),)
