"""Shadow attacks: what will be shown later lies in the file before it is signed, and a later revision uncovers it.

The third of them, hide and replace, stands with the other objects made up later (`test_pdf_attacks`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyhanko.pdf_utils import generic

from builders.signing import attacks
from builders.signing.attacks import appended, dictionary, name, number
from demo.pki import person
from demo.signer import Level, sign_pdf
from signing import Indication, SubIndication

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    from demo.pki import Pki
    from tests.signing.pades.conftest import JudgeForm

    Change = Callable[[IncrementalPdfFileWriter], None]


def overlay_removed(writer: IncrementalPdfFileWriter) -> None:
    """Hide: what lay over the true text when it was signed is taken away."""
    page = attacks.page_of(writer)
    page[name("/Annots")] = generic.ArrayObject(list(page["/Annots"])[1:])
    writer.update_container(page)


def overlay_emptied(writer: IncrementalPdfFileWriter) -> None:
    """Hide: it stays in the page's list, under its own number, and shows nothing any more."""
    page = attacks.page_of(writer)
    reference = page["/Annots"].raw_get(0).reference
    writer.objects[(reference.generation, reference.idnum)] = generic.NullObject()
    writer._force_write_when_empty = True


def font_redefined(writer: IncrementalPdfFileWriter) -> None:
    """Replace: the letters of the signed text look like others."""
    fonts = attacks.page_of(writer)["/Resources"]["/Font"]
    reference = fonts.raw_get(next(iter(fonts))).reference
    other = {"/Type": name("/Font"), "/Subtype": name("/Type1"), "/BaseFont": name("/Symbol")}
    writer.objects[(reference.generation, reference.idnum)] = dictionary({name(k): v for k, v in other.items()})
    writer._force_write_when_empty = True


def field_added(writer: IncrementalPdfFileWriter) -> None:
    """A text field with what it shows when it is signed."""
    field = dictionary(
        {
            name("/Type"): name("/Annot"),
            name("/Subtype"): name("/Widget"),
            name("/FT"): name("/Tx"),
            name("/T"): generic.pdf_string("level"),
            name("/V"): generic.pdf_string("view"),
            name("/Rect"): generic.ArrayObject(map(number, (50, 50, 300, 80))),
        }
    )
    reference = writer.add_object(field)
    page = attacks.page_of(writer)
    page[name("/Annots")] = generic.ArrayObject([reference])
    writer.update_container(page)
    form = dictionary({name("/Fields"): generic.ArrayObject([reference])})
    writer.root[name("/AcroForm")] = writer.add_object(form)
    writer.update_root()  # type: ignore[no-untyped-call] # pyHanko has no types here


def field_says_another(writer: IncrementalPdfFileWriter) -> None:
    """Replace: the field shows one value and holds another, or the other way round."""
    field = attacks.page_of(writer)["/Annots"][0]
    field[name("/V")] = generic.pdf_string("edit")
    field[name("/AP")] = dictionary({name("/N"): writer.add_object(attacks.text_stream("view"))})
    writer.update_container(field)


@pytest.mark.parametrize("level", [Level.B, Level.LT, Level.LTA])
@pytest.mark.parametrize(
    ("prepared", "uncovered"),
    [
        (attacks.note_added, overlay_removed),
        (attacks.note_added, overlay_emptied),
        (None, font_redefined),
        (field_added, field_says_another),
    ],
    ids=["hide: removed", "hide: emptied", "replace: font", "replace: field"],
)
def test_what_a_later_revision_uncovers_was_not_signed(
    form: bytes, pki: Pki, judge_form: JudgeForm, prepared: Change | None, uncovered: Change, level: Level
) -> None:
    before = appended(form, prepared) if prepared is not None else form
    signed = sign_pdf(before, person=person("user"), pki=pki, at=pki.epoch, level=level)
    assert judge_form(signed, expected=before).signatures[0].indication is not Indication.TOTAL_FAILED
    report = judge_form(appended(signed, uncovered), expected=before)
    assert report.signatures[0].indication is not Indication.TOTAL_PASSED
    assert not report.contents[0].covered_by
    told = {one.code for one in (*report.signatures[0].errors, *report.signatures[0].warnings, *report.warnings)}
    assert told & {"pdf.changed-after-signing", "pdf.form-changed", "pdf.damaged"}, told


def filled_in(writer: IncrementalPdfFileWriter) -> None:
    """Fill the field in, as a form program does."""
    field = attacks.page_of(writer)["/Annots"][0]
    field[name("/V")] = generic.pdf_string("edit")
    writer.update_container(field)


@pytest.mark.parametrize(("who", "stands"), [("head", True), ("unqualified", False), ("revoked", False)])
def test_what_is_filled_in_stands_under_a_later_signature_that_passes_itself(
    form: bytes, pki: Pki, judge_form: JudgeForm, who: str, *, stands: bool
) -> None:
    first = sign_pdf(appended(form, field_added), person=person("user"), pki=pki, at=pki.epoch, level=Level.LT)
    document = sign_pdf(appended(first, filled_in), person=person(who), pki=pki, at=pki.epoch, level=Level.LT)
    earlier, later = judge_form(document).signatures
    assert (earlier.indication is Indication.TOTAL_PASSED) is (later.indication is Indication.TOTAL_PASSED) is stands
    assert not earlier.covers_everything
    assert "pdf.filled-in" in {message.code for message in earlier.warnings}
    assert {message.code for message in earlier.errors} == (set() if stands else {"pdf.filled-in-unanswered"})
    assert stands or not earlier.covers
    # What was signed is as it was: nobody says that it was changed.
    assert earlier.sub_indication is (None if stands else SubIndication.SIG_CONSTRAINTS_FAILURE)
