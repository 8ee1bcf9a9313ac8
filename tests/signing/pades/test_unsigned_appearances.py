"""Appearances added to a signed form: a signature that passes must answer for each of them."""

from __future__ import annotations

import asyncio
import io
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from asn1crypto import keys, x509  # type: ignore[import-untyped] # it has no types
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.timestamps import DummyTimeStamper

from benchmarks._variants.updates import Update
from demo.pki import person
from demo.signer import Level, sign_again, sign_pdf
from signing import Indication, SubIndication
from tests.signing.pades.fields import field

if TYPE_CHECKING:
    from demo.pki import Pki
    from signing import Report
    from tests.signing.pades.conftest import JudgeForm

LATER = timedelta(minutes=5)
PICTURE = b"/Type/XObject/Subtype/Form/BBox[0 0 200 60]"
SHOWN = b"60 60 260 120"


def drawn(update: Update, *, content: bytes = b"0 0 200 60 re f", value: bytes = b"") -> None:
    """A field that shows a picture, and what stands in it."""
    shown = update.add_stream(content, PICTURE)
    field(update, b"Over", SHOWN, b"/AP<</N %d 0 R>>" % shown + (b"/V " + value if value else b""))


def stamped_by_a_stranger(document: bytes, pki: Pki, *, in_field: str | None = None) -> bytes:
    """A document time stamp by a unit that nobody knows: any key will do."""
    certificate = x509.Certificate.load(pki.certificate("tsa-unlisted").public_bytes(serialization.Encoding.DER))
    secret = pki.key("tsa-unlisted").private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    stamps = DummyTimeStamper(certificate, keys.PrivateKeyInfo.load(secret), fixed_dt=pki.epoch + LATER)
    stamper = PdfTimeStamper(stamps, field_name=in_field)
    writer = IncrementalPdfFileWriter(io.BytesIO(document))
    return bytes(asyncio.run(stamper.async_timestamp_pdf(writer, "sha256")).getvalue())


def passes(report: Report) -> bool:
    first = report.signatures[0]
    return first.indication is Indication.TOTAL_PASSED or bool(report.contents[0].covered_by)


def value_of_the_signature(document: bytes) -> bytes:
    """What refers to the first signature's dictionary."""
    found = re.search(rb"(\d+) 0 obj\s*<<(?:(?!endobj).)*?/ByteRange", document, re.DOTALL)
    assert found is not None
    return found[1] + b" 0 R"


@pytest.mark.parametrize(
    "value", [b"", b"<</Type/Sig>>", b"<</Type/DocTimeStamp/SubFilter/ETSI.RFC3161>>", b"<<>>", b"the first's"]
)
def test_a_stranger_draws_over_a_signed_form_and_stamps_it(
    signed: bytes, pki: Pki, judge_form: JudgeForm, value: bytes
) -> None:
    """What he puts into the field is no signature of his: nothing, or somebody else's."""
    update = Update(signed)
    drawn(update, value=value_of_the_signature(signed) if value == b"the first's" else value)
    assert not passes(judge_form(stamped_by_a_stranger(update.write(), pki)))


def test_a_borrowed_signature_answers_for_nothing_even_under_a_valid_one(
    signed: bytes, pki: Pki, judge_form: JudgeForm
) -> None:
    update = Update(signed)
    drawn(update, value=value_of_the_signature(signed))
    document = sign_again(update.write(), person=person("head"), pki=pki, at=pki.epoch + LATER, level=Level.LT)
    report = judge_form(document)
    assert not passes(report)
    told = {message.code for message in report.signatures[0].warnings}
    assert "pdf.differs-unsigned-picture" in told


@pytest.mark.parametrize("more", [b"", b"picture"])
def test_a_stranger_stamps_in_a_field_that_has_room(
    signed: bytes, pki: Pki, judge_form: JudgeForm, more: bytes
) -> None:
    update = Update(signed)
    if more:
        shown = update.add_stream(b"0 0 200 60 re f", PICTURE)
        more = b"/AP<</N %d 0 R>>" % shown
    field(update, b"Stamp", SHOWN, more)
    report = judge_form(stamped_by_a_stranger(update.write(), pki, in_field="Stamp"))
    assert not passes(report)


@pytest.mark.parametrize("rectangle", [b"0 0 0 0", b"100 100 100 100"])
def test_a_stranger_stamps_where_nothing_is_seen(
    signed: bytes, pki: Pki, judge_form: JudgeForm, rectangle: bytes
) -> None:
    update = Update(signed)
    field(update, b"Stamp", rectangle)
    assert passes(judge_form(stamped_by_a_stranger(update.write(), pki, in_field="Stamp")))


@pytest.mark.parametrize(("who", "stands"), [("head", True), ("unqualified", False), ("revoked", False)])
def test_a_visible_signature_answers_for_its_picture_if_it_passes(
    signed: bytes, pki: Pki, judge_form: JudgeForm, who: str, *, stands: bool
) -> None:
    """Nothing of what was signed has changed, and nobody says so."""
    update = Update(signed)
    field(update, b"Signature2", SHOWN)
    document = sign_again(update.write(), person=person(who), pki=pki, at=pki.epoch + LATER, level=Level.LT)
    report = judge_form(document)
    first, second = report.signatures
    assert (first.indication is Indication.TOTAL_PASSED) is (second.indication is Indication.TOTAL_PASSED) is stands
    assert ("Signature1" in report.contents[0].covered_by) is stands
    assert first.sub_indication is (None if stands else SubIndication.SIG_CONSTRAINTS_FAILURE)
    assert {message.code for message in first.errors} == (set() if stands else {"pdf.shown-unanswered"})
    assert "pdf.changed-after-signing" not in {message.code for message in (*first.warnings, *report.warnings)}


@pytest.mark.parametrize("who", ["unqualified", "revoked"])
def test_an_invisible_signature_that_does_not_pass_takes_nothing_from_the_first(
    signed: bytes, pki: Pki, judge_form: JudgeForm, who: str
) -> None:
    document = sign_again(signed, person=person(who), pki=pki, at=pki.epoch + LATER, level=Level.LT)
    assert judge_form(document).signatures[0].indication is Indication.TOTAL_PASSED


@pytest.mark.parametrize(
    "looks",
    [b"/MK<</BG[1 1 1]>>", b"/MK<</BC[1 0 0]>>", b"/MK<</CA(words)>>", b"/BS<</W 3>>", b"/Border[0 0 2]"],
)
def test_a_field_without_a_picture_that_viewers_draw_themselves(
    form: bytes, signed: bytes, pki: Pki, judge_form: JudgeForm, looks: bytes
) -> None:
    before, after = Update(form), Update(signed)
    for update in (before, after):
        field(update, b"Box", SHOWN, looks)
    first = sign_pdf(before.write(), person=person("user"), pki=pki, at=pki.epoch, level=Level.LT)
    assert not judge_form(first).contents[0].covered_by
    assert not passes(judge_form(stamped_by_a_stranger(after.write(), pki)))


@pytest.mark.parametrize("value", [b"", b"<</Type/Sig>>", b"<</Type/DocTimeStamp/Contents<00>/ByteRange[0 1 2 3]>>"])
def test_a_form_with_a_picture_that_nobody_signs_is_not_ours_when_it_is_signed(
    form: bytes, pki: Pki, judge_form: JudgeForm, value: bytes
) -> None:
    update = Update(form)
    drawn(update, value=value)
    document = sign_again(update.write(), person=person("user"), pki=pki, at=pki.epoch, level=Level.LT)
    report = judge_form(document)
    assert not report.contents[0].covered_by
    told = {message.code for one in report.signatures for message in one.warnings}
    # A field that claims no signature is one left empty, whatever it draws.
    assert ("pdf.differs-unsigned-picture" if value else "pdf.differs-empty-field") in told


def test_a_form_stamped_visibly_before_it_is_signed_is_not_ours(form: bytes, pki: Pki, judge_form: JudgeForm) -> None:
    update = Update(form)
    field(update, b"Stamp", SHOWN)
    stamped = stamped_by_a_stranger(update.write(), pki, in_field="Stamp")
    document = sign_again(stamped, person=person("user"), pki=pki, at=pki.epoch + LATER, level=Level.LT)
    assert not judge_form(document).contents[0].covered_by


def test_a_field_of_no_height_whose_border_viewers_may_draw(signed: bytes, pki: Pki, judge_form: JudgeForm) -> None:
    update = Update(signed)
    field(update, b"Line", b"50 300 550 300", b"/MK<</BC[0 0 0]>>/BS<</W 260>>")
    assert not passes(judge_form(stamped_by_a_stranger(update.write(), pki)))
