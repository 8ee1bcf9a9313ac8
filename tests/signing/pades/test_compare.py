"""A PDF that a program saved anew, beside our form: what differs is named, what does not is not."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pikepdf
import pytest

from builders.signing import attacks
from demo.pki import person
from demo.signer import Level, sign_pdf
from signing.errors import UnreadableDocument
from signing.messages import text
from signing.pades.compare import DocumentComparison, compare

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.pki import Pki


def saved_anew(document: bytes, change: Callable[[pikepdf.Pdf], None] = lambda _: None) -> bytes:
    """The whole document written again, objects in streams, as desktop programs do at the first signature."""
    stream = io.BytesIO()
    with pikepdf.open(io.BytesIO(document)) as pdf:
        change(pdf)
        pdf.save(stream, linearize=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return stream.getvalue()


def codes(found: DocumentComparison) -> set[str]:
    return {message.code for message in found.messages()}


def test_a_form_saved_anew_and_signed_shows_the_same(form: bytes, pki: Pki) -> None:
    theirs = sign_pdf(saved_anew(form), person=person("user"), pki=pki, at=pki.epoch, level=Level.LT)
    assert not theirs.startswith(form)
    found = compare(form, theirs)
    assert found.same, found.messages()
    assert (found.our_pages, found.their_pages) == (2, 2)
    assert DocumentComparison.from_json(found.to_json()) == found


def stamped(pdf: pikepdf.Pdf) -> None:
    square = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Square, Rect=[50, 50, 300, 300], C=[1, 0, 0], F=4
    )
    pdf.pages[1].obj.Annots = pdf.make_indirect(pikepdf.Array([pdf.make_indirect(square)]))


def overwritten(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].contents_add(pdf.make_stream(b"q 1 1 1 rg 0 0 600 900 re f Q"))


def said_otherwise(pdf: pikepdf.Pdf) -> None:
    pdf.pages[1].obj.Contents = pdf.pages[0].obj.Contents
    pdf.pages[1].obj.Resources = pdf.pages[0].obj.Resources


def page_dropped(pdf: pikepdf.Pdf) -> None:
    del pdf.pages[1]


def file_attached(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["form.json"] = b"{}"


def scripted(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("this.x = 1"))


def layered(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OCProperties = pikepdf.Dictionary(OCGs=[], D=pikepdf.Dictionary())


def field_added(pdf: pikepdf.Pdf) -> None:
    field = pikepdf.Dictionary(
        Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T=pikepdf.String("role"), Rect=[0, 0, 9, 9]
    )
    widget = pdf.make_indirect(field)
    pdf.pages[0].obj.Annots = pdf.make_indirect(pikepdf.Array([widget]))
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[widget])


def spoken_otherwise(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Lie = pikepdf.Dictionary(ActualText=pikepdf.String("all rights"))


@pytest.mark.parametrize(
    ("change", "code", "named"),
    [
        (stamped, "pdf.differs-annotation", "page 2"),
        (stamped, "pdf.differs-picture", "Page 2"),
        (overwritten, "pdf.differs-picture", "Page 1"),
        (said_otherwise, "pdf.differs-text", "page 2"),
        (page_dropped, "pdf.differs-page-count", "instead of 2"),
        (file_attached, "pdf.differs-attached", "form.json"),
        (scripted, "pdf.differs-action", "program"),
        (layered, "pdf.differs-layers", "Layers"),
        (field_added, "pdf.differs-field", "role"),
        (spoken_otherwise, "pdf.differs-spoken", "screen reader"),
    ],
)
def test_what_was_changed_while_saving_is_named(
    form: bytes, change: Callable[[pikepdf.Pdf], None], code: str, named: str
) -> None:
    found = compare(form, saved_anew(form, change))
    assert code in codes(found), found
    assert named in " ".join(text(message, "en") for message in found.messages())
    assert not found.same


def test_words_that_differ_are_shown(form: bytes) -> None:
    page = compare(form, saved_anew(form, said_otherwise)).pages[1]
    assert "Otrā" in page.missing
    assert "Saistību" in page.added


def test_a_form_of_another_kind_is_an_action(form: bytes) -> None:
    found = compare(form, attacks.appended(saved_anew(form), attacks.xfa_added))
    assert "/XFA" in found.actions


def test_what_is_no_pdf_is_told_as_such(form: bytes) -> None:
    for garbage in (b"", b"%PDF-1.7\n", form[: len(form) // 2]):
        with pytest.raises(UnreadableDocument):
            compare(form, garbage)
