"""Incremental updates by many programs are unambiguous, except those of two files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from builders.shared import SHARED
from signing.pades.incremental_updates import why_ambiguous
from signing.pades.reader.pdf import Pdf

if TYPE_CHECKING:
    from pathlib import Path

CASES = SHARED / "cases"
FILES = sorted((CASES / "signers").glob("*honest/*.pdf"))
TWO_READINGS = {"n7-stream-with-more-behind-its-length.pdf", "n8-object-of-ours-freed.pdf"}

pytestmark = pytest.mark.shared


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_was_appended_to_our_form(file: Path) -> None:
    form, pdf = (CASES / "signers" / "form.pdf").read_bytes(), Pdf(file.read_bytes())
    ours = pdf.revision_ending_at(len(form))
    if not pdf.data.startswith(form) or ours is None:
        assert file.name.startswith("after-"), "written anew"
        return
    assert bool(why_ambiguous(pdf, len(form), ours + 1, pdf.revisions - 1)) is (file.name in TWO_READINGS)


@pytest.mark.parametrize("name", ["signed-twice", "signed-once-LT", "control-signed-twice"])
def test_an_end_that_points_to_white_space(name: str) -> None:
    pdf = Pdf((CASES / "pdf-early-startxref" / f"{name}.pdf").read_bytes())
    first = pdf.signatures()[0]
    end = sum(first.byte_range[2:4])
    signed = pdf.revision_ending_at(end)
    assert signed is not None
    assert why_ambiguous(pdf, end, signed + 1, pdf.revisions - 1) == ""
    assert pdf.ends_with_revisions_only(end, signed)
