"""The comparison by meaning: unreachable objects do not count, and one with two paths is compared on both."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from benchmarks._variants.updates import Update
from demo.pki import person
from demo.signer import Level, sign_again, sign_pdf
from signing import Indication, Message, SubIndication
from signing.messages import text
from tests.signing.pades.fields import field

if TYPE_CHECKING:
    from demo.pki import Pki
    from tests.signing.pades.conftest import JudgeForm

LATER = timedelta(minutes=5)
PICTURE = b"/Type/XObject/Subtype/Form/BBox[0 0 600 850]"


def first_signed(update: Update, pki: Pki) -> bytes:
    return sign_pdf(update.write(), person=person("user"), pki=pki, at=pki.epoch, level=Level.LT)


@pytest.mark.parametrize(("box", "passes"), [(b"0 0 595 842", False), (b"60 60 260 120", True)])
def test_an_empty_field_over_the_page_signed_later_with_a_picture_that_hides_it(
    form: bytes, pki: Pki, judge_form: JudgeForm, box: bytes, *, passes: bool
) -> None:
    """The field lies where it lay when the page was signed; only its picture is new."""
    prepared = Update(form)
    field(prepared, b"Signature1", b"0 0 0 0")
    field(prepared, b"Signature2", box)
    first = first_signed(prepared, pki)
    document = sign_again(first, person=person("head"), pki=pki, at=pki.epoch + LATER, level=Level.LT)
    earlier, _ = judge_form(document, expected=prepared.write()).signatures
    assert (earlier.indication is Indication.TOTAL_PASSED) is passes
    assert passes or "pdf.differs-covered" in {warning.code for warning in earlier.warnings}


def test_a_page_that_several_later_signatures_hide_together(form: bytes, pki: Pki, judge_form: JudgeForm) -> None:
    """Each of them alone would take a third of the page."""
    prepared = Update(form)
    field(prepared, b"Signature1", b"0 0 0 0")
    document, passed = first_signed(prepared, pki), []
    for number, box in ((2, b"0 0 595 280"), (3, b"0 280 595 560"), (4, b"0 560 595 842")):
        update = Update(document)
        field(update, b"Signature%d" % number, box)
        at = pki.epoch + number * LATER
        document = sign_again(update.write(), person=person("head"), pki=pki, at=at, level=Level.LT)
        first = judge_form(document, expected=prepared.write()).signatures[0]
        passed.append(first.indication is Indication.TOTAL_PASSED)
    assert passed == [True, False, False]


@pytest.mark.parametrize("stamped", [False, True])
def test_a_picture_in_a_field_that_nobody_signs_needs_somebody_who_answers(
    form: bytes, pki: Pki, judge_form: JudgeForm, *, stamped: bool
) -> None:
    """A time stamp says when, never who: it does not make such a picture part of the document."""
    prepared = Update(form)
    field(prepared, b"Signature1", b"0 0 0 0")
    update = Update(first_signed(prepared, pki))
    shown = update.add_stream(b"0 0 200 60 re f", PICTURE)
    field(update, b"Over", b"60 60 260 120", b"/AP<</N %d 0 R>>" % shown)
    document = update.write()
    if stamped:
        document = sign_again(document, person=person("unqualified"), pki=pki, at=pki.epoch + LATER, level=Level.LTA)
    assert judge_form(document).signatures[0].indication is not Indication.TOTAL_PASSED


def test_a_field_that_is_something_else_as_well(form: bytes, pki: Pki, judge_form: JudgeForm) -> None:
    """Filled in as a field, it would be another attached file; on that way it has to stay as it was."""
    prepared = Update(form)
    stream = prepared.add_stream(b"[]", b"/Type/EmbeddedFile")
    field(prepared, b"Signature1", b"0 0 0 0")
    both = field(prepared, b"Signature2", b"0 0 0 0", b"/EF<</F %d 0 R>>/UF(a.json)" % stream)
    prepared.edit(prepared.root, Names=b"<</EmbeddedFiles<</Names[(a.json) %d 0 R]>>>>" % both)
    first = first_signed(prepared, pki)
    update = Update(first)
    update.edit(both, F=b"(b.json)")
    for document in (update.write(), sign_again(update.write(), person=person("head"), pki=pki, at=pki.epoch + LATER)):
        assert judge_form(document).signatures[0].indication is not Indication.TOTAL_PASSED


@pytest.mark.parametrize(("elsewhere", "passes"), [(False, True), (True, False)])
def test_a_picture_that_something_else_uses_too_is_not_the_fields_to_replace(
    form: bytes, pki: Pki, judge_form: JudgeForm, *, elsewhere: bool, passes: bool
) -> None:
    prepared = Update(form)
    field(prepared, b"Signature1", b"0 0 0 0")
    shown = prepared.add_stream(b"", PICTURE)
    pictures = prepared.add(b"<</N %d 0 R>>" % shown)
    field(prepared, b"Signature2", b"60 60 260 120", b"/AP %d 0 R" % pictures)
    if elsewhere:
        prepared.edit(prepared.root, Another=b"%d 0 R" % pictures)
    document = sign_again(first_signed(prepared, pki), person=person("head"), pki=pki, at=pki.epoch + LATER)
    assert (judge_form(document).signatures[0].indication is Indication.TOTAL_PASSED) is passes


def test_a_number_spelled_as_another_kind_of_number(form: bytes, pki: Pki, judge_form: JudgeForm) -> None:
    """Some readers take a whole number and nothing else, and would show the page otherwise."""
    prepared = Update(form)
    prepared.edit(prepared.pages[0], Rotate=b"0")
    update = Update(first_signed(prepared, pki))
    update.edit(update.pages[0], Rotate=b"0.0")
    assert judge_form(update.write()).signatures[0].indication is not Indication.TOTAL_PASSED


@pytest.mark.parametrize("again", [False, True])
def test_all_fields_are_to_be_drawn_anew(form: bytes, pki: Pki, judge_form: JudgeForm, *, again: bool) -> None:
    """Of a document that is not ours too: it is the first signature's revision that is compared."""
    update = Update(sign_pdf(form, person=person("user"), pki=pki, at=pki.epoch, level=Level.LT))
    fields = b" ".join(one.unparse() for one in update.pdf.Root.AcroForm.Fields)
    update.edit(update.root, AcroForm=b"<</Fields[%b]/SigFlags 3/NeedAppearances true>>" % fields)
    document = update.write()
    if again:
        document = sign_again(document, person=person("head"), pki=pki, at=pki.epoch + LATER, level=Level.LT)
    first = judge_form(document, expected=b"another").signatures[0]
    assert first.indication is Indication.TOTAL_FAILED


def test_an_array_of_annotations_that_two_pages_share(form: bytes, pki: Pki, judge_form: JudgeForm) -> None:
    """What is added to one is added to both; only pictures of signatures may be."""
    prepared = Update(form)
    shared = prepared.add(b"[]")
    for page in prepared.pages:
        prepared.edit(page, Annots=b"%d 0 R" % shared)
    update = Update(first_signed(prepared, pki))
    note = update.add(b"<</Type/Annot/Subtype/FreeText/Rect[9 9 99 99]/Contents(all)/DA(/Helv 9 Tf)>>")
    update.put(shared, b"[%d 0 R]" % note)
    (signature,) = judge_form(update.write()).signatures
    assert signature.indication is Indication.TOTAL_FAILED


def test_a_form_that_names_an_opening_page_is_signed_visibly_by_a_second_person(
    form: bytes, pki: Pki, judge_form: JudgeForm
) -> None:
    """The page it opens with has a widget more, and is the page it was."""
    prepared = Update(form)
    prepared.edit(prepared.root, OpenAction=b"[%d 0 R /Fit]" % prepared.pages[0])
    ours = prepared.write()
    first = sign_pdf(ours, person=person("user"), pki=pki, at=pki.epoch, level=Level.LT)
    update = Update(first)
    update.free(int(update.pdf.trailer.Size) + 9)
    listed = b" ".join(one.unparse() for one in update.pdf.Root.AcroForm.Fields)
    number = update.add(b"<</FT/Sig/T(Signature2)/Type/Annot/Subtype/Widget/F 132/Rect[60 60 260 120]>>")
    update.edit(update.pages[0], Annots=b"[%b %d 0 R]" % (listed, number))
    update.edit(update.root, AcroForm=b"<</Fields[%b %d 0 R]/SigFlags 3>>" % (listed, number))
    document = sign_again(update.write(), person=person("head"), pki=pki, at=pki.epoch + LATER)
    report = judge_form(document, expected=ours)
    assert [one.indication for one in report.signatures] == [Indication.TOTAL_PASSED] * 2
    assert len(report.contents[0].covered_by) == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Contents": b"null"}, "pdf.differs-page"),
        ({"MediaBox": b"[0 0 300 300]"}, "pdf.differs-page"),
        ({"Annots": b"[<</Type/Annot/Subtype/Square/Rect[9 9 99 99]>>]"}, "pdf.differs-annotation"),
    ],
)
def test_the_report_names_the_page_that_was_changed_after_signing(
    form: bytes, pki: Pki, judge_form: JudgeForm, change: dict[str, bytes], code: str
) -> None:
    update = Update(sign_pdf(form, person=person("user"), pki=pki, at=pki.epoch, level=Level.LT))
    update.edit(update.pages[1], **change)
    report = judge_form(update.write())
    (signature,) = report.signatures
    assert signature.sub_indication is SubIndication.FORMAT_FAILURE
    assert Message.of(code, page=2) in signature.warnings
    assert "page 2" in " ".join(text(warning, "en") for warning in signature.warnings)
