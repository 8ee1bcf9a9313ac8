"""A signed PDF, changed: what was signed has to be what is shown, to the last byte and the last page."""

from __future__ import annotations

import hashlib
import io
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from builders.signing import attacks
from builders.signing.attacks import appended, byte_range, with_byte_range
from demo.pki import person
from demo.signer import Level, Wrong, sign_again, sign_pdf
from signing import (
    EncryptedDocument,
    Indication,
    NotASignedDocument,
    Qualification,
    SubIndication,
    UnreadableDocument,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    from demo.pki import Pki
    from signing import Report
    from tests.signing.pades.conftest import JudgeForm

    Change = Callable[[IncrementalPdfFileWriter], None]


MINUTES = timedelta(minutes=5)


def codes(report: Report) -> set[str]:
    return {message.code for signature in report.signatures for message in signature.errors}


def assert_not_passed(report: Report) -> None:
    assert all(signature.indication is not Indication.TOTAL_PASSED for signature in report.signatures)
    assert not any(content.covered_by for content in report.contents)


# What is signed as it should be


@pytest.mark.parametrize(
    ("level", "indication", "found"),
    [
        (Level.B, Indication.INDETERMINATE, "B"),
        (Level.T, Indication.INDETERMINATE, "T"),
        (Level.LT, Indication.TOTAL_PASSED, "LT"),
        (Level.LTA, Indication.TOTAL_PASSED, "LTA"),
    ],
)
def test_each_baseline_level_is_told_and_needs_revocation_data_to_pass(
    form: bytes, pki: Pki, judge_form: JudgeForm, level: Level, indication: Indication, found: str
) -> None:
    report = judge_form(sign_pdf(form, person=person("head"), pki=pki, at=pki.epoch, level=level))
    (signature,) = report.signatures
    assert (signature.indication, signature.level, report.form) == (indication, found, "PAdES")
    assert bool(report.needs) is (indication is Indication.INDETERMINATE)


def test_a_form_of_ours_signed_and_nothing_else_is_exactly_our_form(
    form: bytes, signed: bytes, judge_form: JudgeForm
) -> None:
    report = judge_form(signed)
    (signature,), (content,) = report.signatures, report.contents
    assert (signature.qualification, signature.covers_everything) == (Qualification.QESIG, True)
    assert (content.size, content.sha256) == (len(form), hashlib.sha256(form).hexdigest())
    assert content.covered_by == (signature.id,)
    assert report.warnings == ()


def test_two_people_sign_one_after_the_other_and_both_stand(signed: bytes, pki: Pki, judge_form: JudgeForm) -> None:
    twice = sign_again(signed, person=person("head"), pki=pki, at=pki.epoch + MINUTES)
    report = judge_form(twice)
    assert [signature.indication for signature in report.signatures] == [Indication.TOTAL_PASSED] * 2
    assert report.contents[0].covered_by == tuple(signature.id for signature in report.signatures)


def test_a_revision_that_shows_nothing_may_follow(signed: bytes, judge_form: JudgeForm) -> None:
    (signature,) = judge_form(appended(signed, attacks.metadata_touched)).signatures
    assert (signature.indication, signature.covers_everything) == (Indication.TOTAL_PASSED, True)


# Incremental saving, shadow attacks, pages


@pytest.mark.parametrize(
    "change",
    [
        attacks.page_rewritten,
        attacks.content_overwritten,
        attacks.page_added,
        attacks.page_removed,
        attacks.note_added,
        attacks.catalog_replaced,
        attacks.visible_field(0, 0, 595, 842),
        attacks.visible_field(50, 50, 150, 100),
    ],
    ids=lambda change: change.__name__,
)
def test_incremental_saving_that_shows_something_else(signed: bytes, judge_form: JudgeForm, change: Change) -> None:
    report = judge_form(appended(signed, change))
    assert_not_passed(report)
    assert "pdf.changed-after-signing" in codes(report)
    assert report.signatures[0].sub_indication is SubIndication.FORMAT_FAILURE


@pytest.mark.parametrize("change", [attacks.page_rewritten, attacks.note_added, attacks.page_removed])
def test_a_change_hidden_under_somebodys_later_signature_condemns_both(
    signed: bytes, pki: Pki, judge_form: JudgeForm, change: Change
) -> None:
    changed = sign_again(appended(signed, change), person=person("head"), pki=pki, at=pki.epoch + MINUTES)
    report = judge_form(changed)
    assert len(report.signatures) == 2
    assert_not_passed(report)


def test_a_later_signature_whose_picture_hides_the_page(signed: bytes, pki: Pki, judge_form: JudgeForm) -> None:
    overlaid = appended(signed, attacks.visible_field(0, 0, 595, 842))
    report = judge_form(sign_again(overlaid, person=person("head"), pki=pki, at=pki.epoch + MINUTES))
    assert report.signatures[0].indication is Indication.TOTAL_FAILED
    assert_not_passed(report)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (attacks.page_rewritten, "pdf.differs-page"),
        (attacks.content_overwritten, "pdf.differs-page"),
        (attacks.note_added, "pdf.differs-annotation"),
        (attacks.page_added, "pdf.differs-page-count"),
        (attacks.page_removed, "pdf.differs-page-count"),
        (attacks.catalog_replaced, "pdf.differs-page-count"),
        (attacks.xfa_added, "pdf.differs-action"),
        (attacks.acting_widget, "pdf.differs-action"),
    ],
)
def test_a_page_changed_before_signing_although_the_file_begins_with_our_bytes(
    form: bytes, pki: Pki, judge_form: JudgeForm, change: Change, what: str
) -> None:
    """The signature is valid over what was signed, and what was signed is not our form."""
    altered = sign_pdf(appended(form, change), person=person("user"), pki=pki, at=pki.epoch)
    report = judge_form(altered)
    (signature,) = report.signatures
    assert signature.indication is Indication.TOTAL_PASSED
    assert not signature.covers_everything
    assert report.contents[0].covered_by == ()
    assert {warning.code for warning in report.warnings} - {"pdf.script"} == {what}, (
        "not changed after signing, but before"
    )
    assert what in {warning.code for warning in signature.warnings}


def test_somebody_elses_form_is_not_ours(form: bytes, pki: Pki, judge_form: JudgeForm) -> None:
    other = form.replace(b"%%EOF", b"%%EOF\n")
    report = judge_form(sign_pdf(other, person=person("user"), pki=pki, at=pki.epoch), expected=form[:-40])
    assert report.contents[0].sha256 not in {hashlib.sha256(form).hexdigest(), hashlib.sha256(form[:-40]).hexdigest()}


def test_a_page_that_announces_an_object_which_is_made_up_later(form: bytes, pki: Pki, judge_form: JudgeForm) -> None:
    """A shadow attack: the signed page refers to an object that does not exist, and a later revision supplies it."""
    later = 500

    def announce(writer: IncrementalPdfFileWriter) -> None:
        page = attacks.page_of(writer)
        nothing = generic.IndirectObject(later, 0, writer)  # type: ignore[no-untyped-call] # pyHanko has no types
        contents = generic.ArrayObject([page.raw_get("/Contents"), nothing])
        page[attacks.name("/Contents")] = contents
        writer.update_container(page)

    def supply(writer: IncrementalPdfFileWriter) -> None:
        writer.objects[(0, later)] = attacks.text_stream("All rights to everything")
        writer._lastobj_id = later
        writer._force_write_when_empty = True

    before = sign_pdf(appended(form, announce), person=person("user"), pki=pki, at=pki.epoch)
    assert judge_form(before).signatures[0].indication is Indication.TOTAL_PASSED
    report = judge_form(appended(before, supply))
    assert_not_passed(report)
    assert "pdf.changed-after-signing" in codes(report)


# What looks like a signature's contents and is none


def test_a_page_that_ends_in_a_comment_for_viewers_alone(signed: bytes, judge_form: JudgeForm) -> None:
    attacked = attacks.page_ending_in_a_comment(signed)
    with pikepdf.open(io.BytesIO(attacked)) as viewed:
        assert "/Contents" not in viewed.pages[0]
    report = judge_form(attacked)
    assert_not_passed(report)
    assert "pdf.unclear-after-signing" in codes(report)


def test_a_note_in_hexadecimal_emptied_after_signing(form: bytes, pki: Pki, judge_form: JudgeForm) -> None:
    """A note's text is written like a signature's contents, and no short text is taken for it."""
    text = "Not valid without the annex".encode("utf-16").hex().encode("ascii")
    note = b"<</Type/Annot/Subtype/FreeText/Rect[50 50 300 300]/DA(/Helv 12 Tf 0 g)/Contents <%b>>>"
    with_note = appended(form, attacks.note_added)
    reference = PdfFileReader(io.BytesIO(with_note)).root["/Pages"]["/Kids"][0]["/Annots"].raw_get(0)
    before = sign_pdf(
        attacks.rewritten(with_note, reference, note % text), person=person("user"), pki=pki, at=pki.epoch
    )
    assert judge_form(before).signatures[0].indication is Indication.TOTAL_PASSED
    for number in range(8):
        report = judge_form(attacks.rewritten(before, reference, note % (b"%08x" % number)))
        assert_not_passed(report)
        assert "pdf.changed-after-signing" in codes(report), number


# Byte ranges


def test_byte_ranges_that_leave_room(signed: bytes, judge_form: JudgeForm) -> None:
    _, length, second, rest = byte_range(signed)
    ranges = {
        "gap too wide": (0, length - 10, second, rest),
        "gap too wide behind": (0, length, second + 10, rest - 10),
        "overlap": (0, length, length - 10, rest),
        "not from the start": (10, length - 10, second, rest),
        "not to the end of the revision": (0, length, second, rest - 20),
        "beyond the file": (0, length, 99999, rest),
        "nothing": (0, 0, 0, 0),
    }
    for name, numbers in ranges.items():
        report = judge_form(with_byte_range(signed, *numbers))
        assert report.signatures[0].sub_indication is SubIndication.FORMAT_FAILURE, name
        assert codes(report) & {"pdf.byte-range", "pdf.not-covering"}, name
        assert_not_passed(report)


@pytest.mark.parametrize(
    "junk", [b"x", b"%%EOF", b"\nstartxref\n9\n%%EOF\n", b"1 0 obj<</Type/Catalog>>endobj\n%%EOF\n"]
)
@pytest.mark.parametrize("level", [Level.B, Level.LT, Level.LTA])
def test_unsigned_bytes_behind_the_last_revision(
    form: bytes, pki: Pki, judge_form: JudgeForm, level: Level, junk: bytes
) -> None:
    document = sign_pdf(form, person=person("user"), pki=pki, at=pki.epoch, level=level)
    try:
        report = judge_form(document + junk)
    except UnreadableDocument:
        return
    assert_not_passed(report)
    assert report.signatures[0].errors


def test_blank_bytes_behind_the_end_change_nothing(signed: bytes, judge_form: JudgeForm) -> None:
    assert judge_form(signed + b"\r\n \n").signatures[0].indication is Indication.TOTAL_PASSED


def test_an_unsigned_prefix_before_the_header(signed: bytes, judge_form: JudgeForm) -> None:
    with pytest.raises(UnreadableDocument):
        judge_form(b"%!PS-Adobe\n" + signed)


# The signature itself


def test_a_changed_byte_under_the_signature(signed: bytes, judge_form: JudgeForm) -> None:
    at = signed.index(b"/MediaBox") + 12
    changed = signed[:at] + bytes((signed[at] ^ 1,)) + signed[at + 1 :]
    report = judge_form(changed, expected=signed)
    assert report.signatures[0].sub_indication in {SubIndication.HASH_FAILURE, SubIndication.FORMAT_FAILURE}
    assert "reference.changed" in codes(report)


def test_a_signature_copied_from_another_document(form: bytes, signed: bytes, pki: Pki, judge_form: JudgeForm) -> None:
    other = sign_pdf(
        appended(form, attacks.page_rewritten), person=person("user"), pki=pki, at=pki.epoch, level=Level.LT
    )
    _, length, second, _ = byte_range(signed)
    _, other_length, other_second, _ = byte_range(other)
    assert second - length == other_second - other_length
    copied = other[:other_length] + signed[length:second] + other[other_second:]
    report = judge_form(copied)
    assert report.signatures[0].sub_indication is SubIndication.HASH_FAILURE
    assert_not_passed(report)


def test_a_stamp_over_something_else_proves_nothing(form: bytes, pki: Pki, judge_form: JudgeForm) -> None:
    wrong = Wrong(stamp_over=b"another signature")
    document = sign_pdf(form, person=person("user"), pki=pki, at=pki.epoch, wrong=wrong)
    (signature,) = judge_form(document).signatures
    (stamp,) = signature.stamps
    assert stamp.sub_indication is SubIndication.HASH_FAILURE
    assert signature.best_signature_time is None


def test_a_stamp_from_an_unlisted_unit_is_not_qualified(form: bytes, pki: Pki, judge_form: JudgeForm) -> None:
    wrong = Wrong(unit="tsa-unlisted")
    document = sign_pdf(form, person=person("user"), pki=pki, at=pki.epoch, wrong=wrong)
    (stamp,) = judge_form(document).signatures[0].stamps
    assert not stamp.qualified


@pytest.mark.parametrize("who", ["revoked", "expired"])
def test_a_certificate_that_was_not_good_does_not_pass(form: bytes, pki: Pki, judge_form: JudgeForm, who: str) -> None:
    document = sign_pdf(form, person=person(who), pki=pki, at=pki.epoch)
    assert judge_form(document).signatures[0].indication is not Indication.TOTAL_PASSED


def test_a_seal_is_a_seal(form: bytes, pki: Pki, judge_form: JudgeForm) -> None:
    document = sign_pdf(form, person=person("seal"), pki=pki, at=pki.epoch)
    assert judge_form(document).signatures[0].qualification is Qualification.QESEAL


# What is no signed PDF to look at


def test_a_pdf_nobody_signed(form: bytes, judge_form: JudgeForm) -> None:
    with pytest.raises(NotASignedDocument, match=re.escape("pdf.unsigned")):
        judge_form(form)


def test_a_pdf_with_a_password_is_told_by_name(form: bytes, judge_form: JudgeForm) -> None:
    stream = io.BytesIO()
    with pikepdf.open(io.BytesIO(form)) as document:
        document.save(stream, encryption=pikepdf.Encryption(owner="o", user="parole"))
    with pytest.raises(EncryptedDocument, match=re.escape("pdf.encrypted")):
        judge_form(stream.getvalue())


def test_javascript_is_warned_of(form: bytes, pki: Pki, judge_form: JudgeForm) -> None:
    stream = io.BytesIO()
    with pikepdf.open(io.BytesIO(form)) as document:
        script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
        document.Root.OpenAction = script
        document.save(stream)
    report = judge_form(sign_pdf(stream.getvalue(), person=person("user"), pki=pki, at=pki.epoch))
    assert "pdf.script" in {warning.code for warning in report.warnings}


@pytest.mark.parametrize(
    "document",
    [
        b"%PDF-1.7\n",
        b"%PDF-1.7\n%%EOF",
        b"%PDF-1.7\nstartxref\n0\n%%EOF",
        b"%PDF-1.7\n" + b"<<" * 100_000 + b"\nstartxref\n9\n%%EOF",
        b"%PDF-1.7\nxref\n0 1\ntrailer<</Root 1 0 R/Prev 9>>\nstartxref\n9\n%%EOF",
        b"%PDF-1.7\n" + b"startxref\n9\n%%EOF\n" * 1001,
        b"%PDF-1.7\n/Contents <" + b"0" * 100 + b"> startxref\n9\n",
        b"%PDF-1.7\n/Contents <" + b"0" * 100 + b">\n%%EOF",
    ],
    ids=["header", "end", "no table", "deep", "loop", "a thousand revisions", "no end", "contents at the end"],
)
def test_garbage_is_an_error_of_our_own_tree(document: bytes, judge_form: JudgeForm) -> None:
    with pytest.raises(UnreadableDocument):
        judge_form(document)


def test_revisions_without_end_are_refused_before_they_are_compared(signed: bytes, judge_form: JudgeForm) -> None:
    grown = signed
    for _ in range(70):
        grown = appended(grown, attacks.metadata_touched)
    assert_not_passed(judge_form(grown))


def test_the_same_file_gives_the_same_report_each_time(signed: bytes, judge_form: JudgeForm) -> None:
    document = appended(signed, attacks.pages_lost)
    report = judge_form(document)
    assert_not_passed(report)
    assert "object at 0x" not in str(report.to_json()), "where Python keeps it is no reason"
    assert report == judge_form(document)


def test_a_document_stamp_over_something_else_makes_no_signature_last(
    form: bytes, judge_form: JudgeForm, pki: Pki
) -> None:
    archived = sign_pdf(form, person=person("user"), pki=pki, at=pki.epoch, level=Level.LTA)
    assert judge_form(archived).signatures[0].level == "LTA"
    # A digit of the file's identifier, which only the document stamp covers.
    digit = archived.index(b"<", archived.index(b"<", archived.rindex(b"/ID")) + 1) + 1
    other = b"1" if archived[digit : digit + 1] == b"0" else b"0"
    (signature,) = judge_form(archived[:digit] + other + archived[digit + 1 :]).signatures
    assert "stamp.over-other-data" in {warning.code for warning in signature.warnings}
    assert signature.level == "LT"
