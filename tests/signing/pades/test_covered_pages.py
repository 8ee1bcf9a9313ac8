"""Signature widgets must not cover most of a page, however they are put there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyhanko.pdf_utils import generic

from builders.signing import attacks
from builders.signing.attacks import appended, dictionary, name, number
from demo.pki import person
from demo.signer import Level, sign_pdf
from signing import Indication

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    from demo.pki import Pki
    from tests.signing.pades.conftest import JudgeForm

    Change = Callable[[IncrementalPdfFileWriter], None]
    Box = tuple[int, int, int, int]

PAGE = (0, 0, 595, 842)


def box_of(box: Box) -> generic.ArrayObject:
    return generic.ArrayObject(map(number, box))


def picture(writer: IncrementalPdfFileWriter, box: Box, label: str) -> generic.DictionaryObject:
    """A signature field that nobody signs, with a picture of its own."""
    shown = attacks.text_stream("All rights to everything")
    shown[name("/Type")], shown[name("/Subtype")] = name("/XObject"), name("/Form")
    shown[name("/BBox")] = box_of((0, 0, box[2] - box[0], box[3] - box[1]))
    return dictionary(
        {
            name("/Type"): name("/Annot"),
            name("/Subtype"): name("/Widget"),
            name("/FT"): name("/Sig"),
            name("/T"): generic.pdf_string(label),
            name("/Rect"): box_of(box),
            name("/AP"): dictionary({name("/N"): writer.add_object(shown)}),
        }
    )


def put(
    writer: IncrementalPdfFileWriter, pictures: list[generic.IndirectObject], fields: list[generic.IndirectObject]
) -> None:
    page = attacks.page_of(writer)
    page[name("/Annots")] = generic.ArrayObject(pictures)
    writer.update_container(page)
    form = dictionary({name("/Fields"): generic.ArrayObject(fields), name("/SigFlags"): number(1)})
    writer.root[name("/AcroForm")] = writer.add_object(form)
    writer.update_root()  # type: ignore[no-untyped-call] # pyHanko has no types here


def pictures_at(*boxes: Box) -> Change:
    def change(writer: IncrementalPdfFileWriter) -> None:
        references = [writer.add_object(picture(writer, box, f"P{place}")) for place, box in enumerate(boxes)]
        put(writer, references, references)

    return change


def unknown_to_the_form(writer: IncrementalPdfFileWriter) -> None:
    """It stands in the page's list, which is what is drawn, and in no form."""
    put(writer, [writer.add_object(picture(writer, PAGE, "Overlay"))], [])


def said_to_be_on_a_larger_page(writer: IncrementalPdfFileWriter) -> None:
    field = picture(writer, PAGE, "Overlay")
    field[name("/P")] = writer.add_object(
        dictionary({name("/Type"): name("/Page"), name("/MediaBox"): box_of((0, 0, 9999, 9999))})
    )
    references = [writer.add_object(field)]
    put(writer, references, references)


def deep_in_the_form(writer: IncrementalPdfFileWriter) -> None:
    """The form's fields are a tree, and the picture is two levels down."""
    shown = reference = writer.add_object(picture(writer, PAGE, "Overlay"))
    for label in ("middle", "top"):
        parent = {"/FT": name("/Sig"), "/T": generic.pdf_string(label), "/Kids": generic.ArrayObject([reference])}
        reference = writer.add_object(dictionary({name(key): value for key, value in parent.items()}))
    put(writer, [shown], [reference])


@pytest.mark.parametrize(
    "change",
    [
        pictures_at(PAGE),
        pictures_at((595, 842, 0, 0)),
        pictures_at((0, 0, 595, 280), (0, 280, 595, 560), (0, 560, 595, 842)),
        pictures_at(*((0, place, 595, place + 4) for place in range(0, 842, 4))),
        unknown_to_the_form,
        said_to_be_on_a_larger_page,
        deep_in_the_form,
    ],
    ids=["one", "from the other corner", "three", "many", "not in the form", "another page named", "deep in the form"],
)
def test_a_page_under_pictures_is_another_page(form: bytes, pki: Pki, judge_form: JudgeForm, change: Change) -> None:
    document = sign_pdf(appended(form, change), person=person("head"), pki=pki, at=pki.epoch, level=Level.LT)
    report = judge_form(document)
    assert report.contents[0].covered_by == ()
    assert not report.signatures[0].covers_everything
    assert {warning.code for warning in report.warnings} == {"pdf.differs-covered"}


CORNERS = ((50, 50, 250, 110), (300, 50, 500, 110), (0, 0, 0, 0))


def place_for_a_signature(writer: IncrementalPdfFileWriter) -> None:
    """The field the signature goes into, small and in a corner, and another that stays empty."""
    references = []
    for label, box in zip(("Signature1", "Signature2", "Signature3"), CORNERS, strict=True):
        field = picture(writer, box, label)
        if label != "Signature1":
            del field["/AP"]
        references.append(writer.add_object(field))
    put(writer, references, references)


def test_a_picture_in_a_corner_leaves_the_page_what_it_is(form: bytes, pki: Pki, judge_form: JudgeForm) -> None:
    before = appended(form, place_for_a_signature)
    report = judge_form(sign_pdf(before, person=person("head"), pki=pki, at=pki.epoch, level=Level.LT))
    assert report.signatures[0].indication is Indication.TOTAL_PASSED
    assert report.contents[0].covered_by


def test_a_small_picture_that_belongs_to_no_signature_could_hide_a_line(
    form: bytes, pki: Pki, judge_form: JudgeForm
) -> None:
    document = sign_pdf(appended(form, pictures_at(CORNERS[0])), person=person("head"), pki=pki, at=pki.epoch)
    assert judge_form(document).contents[0].covered_by == ()


def test_no_two_signatures_of_a_file_have_one_name(form: bytes, pki: Pki, judge_form: JudgeForm) -> None:
    """What covers a document is told by names: fields may have any, also those that were given to tell others apart."""
    signed = form
    for _ in range(3):
        signed = sign_pdf(signed, person=person("head"), pki=pki, at=pki.epoch)
    for given, told in ((b"1)", b")  "), (b"2)", b")  "), (b"3)", b"-2)")):
        signed = signed.replace(b"(Signature" + given, b"(Signatur" + told)
    names = [one.id for one in judge_form(signed).signatures]
    assert len(set(names)) == len(names) == 3
