"""What a signature's field locks stays locked, also where the signing program did not copy it into the signature."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pyhanko.sign.signers.cms_embedder import SigMDPSetup
from pyhanko.sign.signers.pdf_signer import PdfSigningSession

from benchmarks._variants.updates import Update
from demo.pki import person
from demo.signer import Level, sign_again, sign_pdf
from signing import Indication

if TYPE_CHECKING:
    from demo.pki import Pki
    from tests.signing.pades.conftest import JudgeForm

LATER = timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _writers_that_copy_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(session: Any) -> SigMDPSetup:  # noqa: ANN401 - pyHanko's own
        return SigMDPSetup(md_algorithm=session.md_algorithm, certify=False, field_lock=None, docmdp_perms=None)

    monkeypatch.setattr(PdfSigningSession, "_apply_locking_rules", nothing)


def with_fields(form: bytes, lock: bytes) -> bytes:
    """The form with a field for a signature, which locks, and one to fill in."""
    update = Update(form)
    page = update.pages[0]
    first = update.add(
        b"<</FT/Sig/T(Signature1)/Type/Annot/Subtype/Widget/F 132/Rect[0 0 0 0]/P %d 0 R/Lock<<%b>>>>" % (page, lock)
    )
    text = update.add(b"<</FT/Tx/T(role)/V(view)/Type/Annot/Subtype/Widget/F 4/Rect[60 200 260 220]/P %d 0 R>>" % page)
    update.edit(page, Annots=b"[%d 0 R %d 0 R]" % (first, text))
    update.edit(update.root, AcroForm=b"<</Fields[%d 0 R %d 0 R]/SigFlags 3>>" % (first, text))
    return update.write()


def filled_in(document: bytes) -> bytes:
    update = Update(document)
    update.edit(update.pdf.Root.AcroForm.Fields[1].objgen[0], V=b"(edit)")
    return update.write()


@pytest.mark.parametrize(
    ("lock", "holds"),
    [
        (b"/Action/Include/Fields[(other)]", True),
        (b"/Action/Include/Fields[(role)]", False),
        (b"/Action/Exclude/Fields[(role)]", True),
        (b"/Action/Exclude/Fields[(other)]", False),
        (b"/Action/All", False),
        (b"/Action/Include/Fields[]/P 1", False),
        (b"/Action/Include/Fields[]/P 2", True),
    ],
)
def test_a_field_locked_by_the_field_of_a_signature_alone(
    form: bytes, pki: Pki, judge_form: JudgeForm, lock: bytes, *, holds: bool
) -> None:
    first = sign_pdf(with_fields(form, lock), person=person("user"), pki=pki, at=pki.epoch, level=Level.LT)
    assert b"/Reference" not in first[len(form) :]
    assert judge_form(first).signatures[0].indication is Indication.TOTAL_PASSED
    document = sign_again(filled_in(first), person=person("head"), pki=pki, at=pki.epoch + LATER)
    earlier, _ = judge_form(document).signatures
    assert (earlier.indication is Indication.TOTAL_PASSED) is holds
    assert holds or "pdf.differs-not-allowed" in {warning.code for warning in earlier.warnings}


def test_a_lock_nobody_can_read_allows_nothing(form: bytes, pki: Pki, judge_form: JudgeForm) -> None:
    first = sign_pdf(with_fields(form, b"/Action/Whatever"), person=person("user"), pki=pki, at=pki.epoch)
    document = sign_again(first, person=person("head"), pki=pki, at=pki.epoch + LATER)
    assert judge_form(document).signatures[0].indication is not Indication.TOTAL_PASSED


@pytest.mark.parametrize("level", [Level.LT, Level.LTA])
def test_evidence_and_stamps_may_follow_whatever_is_locked(
    form: bytes, pki: Pki, judge_form: JudgeForm, level: Level
) -> None:
    locked = with_fields(form, b"/Action/All/P 1")
    (signature,) = judge_form(
        sign_pdf(locked, person=person("user"), pki=pki, at=pki.epoch, level=level), expected=locked
    ).signatures
    assert signature.indication is Indication.TOTAL_PASSED
    assert signature.covers
