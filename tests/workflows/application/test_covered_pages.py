"""Pictures of our forms show no personal code; whoever needs one is shown it as text, and that is recorded."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pypdfium2  # type: ignore[import-untyped]  # it ships no types
import pytest
from PIL import Image

from workflows.application.kinds.grant import forms
from workflows.application.kinds.grant.forms import Form, FormKind
from workflows.application.kinds.grant.stated import Stated
from workflows.evidence.guard.frames import Frame
from workflows.evidence.guard.pages import draw

REFERENCE = "K7M2-4PQX-9D3F"
GREY = (120, 120)


@pytest.mark.parametrize("code", ["320000-00202", "PNOEE-38001085718", "PASLV-AB1234567"])
@pytest.mark.parametrize("kind", [FormKind.APPLICATION, FormKind.LETTER])
def test_every_letter_of_a_code_is_covered_and_nothing_beside_it(
    stated: Stated, at: datetime, kind: FormKind, code: str
) -> None:
    facts = replace(stated, user=replace(stated.user, personal_code=code))
    form = forms.make(Form(kind, REFERENCE, facts), at=at)
    letters = list(_letters_of(form, facts.head.personal_code)) + list(_letters_of(form, code))
    assert len(letters) >= len(code.replace("-", ""))
    before = [_picture(png) for png in draw(Frame({}, (form,))).blobs]
    after = [_picture(png) for png in draw(Frame({"cover": [facts.head.personal_code, code]}, (form,))).blobs]
    for page, box in letters:
        assert before[page].crop(box).getextrema() != GREY
        assert after[page].crop(box).getextrema() == GREY
    for name in (facts.user.surname, facts.applicant.name, "Personas kods"):
        for page, box in _letters_of(form, name):
            assert after[page].crop(box).getextrema() == before[page].crop(box).getextrema(), name


def test_a_code_in_free_text_is_covered_and_a_register_number_is_not(stated: Stated, at: datetime) -> None:
    facts = replace(stated, basis_detail="Aizstāj 010180-12345 un 32000000303, reģ. Nr. 90000012345.")
    form = forms.make(Form(FormKind.APPLICATION, REFERENCE, facts), at=at)
    pictures = [_picture(png) for png in draw(Frame({"cover": []}, (form,))).blobs]
    for text, hidden in (("010180-12345", True), ("32000000303", True), ("90000012345", False)):
        boxes = list(_letters_of(form, text))
        assert boxes, text
        assert {pictures[page].crop(box).getextrema() == GREY for page, box in boxes} == {hidden}, text


def _picture(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("L")


def _letters_of(form: bytes, words: str) -> Iterator[tuple[int, tuple[int, int, int, int]]]:
    """Give page and place, in dots, of each letter of these words wherever they stand."""
    pdf: Any = pypdfium2.PdfDocument(form)
    scale = 110 / 72
    for number in range(len(pdf)):
        text, height = pdf[number].get_textpage(), pdf[number].get_height()
        searcher = text.search(words, match_case=True)
        while (found := searcher.get_next()) is not None:
            for index in range(found[0], found[0] + found[1]):
                if text.get_text_range(index, 1).isalnum():
                    left, bottom, right, top = text.get_charbox(index)
                    box = (left * scale, (height - top) * scale, right * scale, (height - bottom) * scale)
                    yield number, (round(box[0]), round(box[1]), round(box[2]), round(box[3]))
