"""What the guard finds when a program has saved one of our forms anew, honestly or not."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest

from builders.workflows.rewriting import DISHONEST, HONEST, REFERENCE, TOLD, rewritten, two_forms
from demo.pki import Pki, person
from demo.signer import sign_pdf
from workflows.evidence.guard.comparison import Comparison, read_comparison
from workflows.evidence.judging import Compared, CouldNotBeJudged, Judge


@pytest.fixture(scope="module")
def forms() -> tuple[bytes, bytes]:
    """The application and the letter."""
    return two_forms()


@pytest.fixture(scope="module")
def guards() -> Iterator[Judge]:
    with Judge(seconds=20, memory_mb=192) as judge:
        yield judge


def found(guards: Judge, document: bytes, *forms: bytes) -> Compared:
    compared = guards.compare(document, forms)
    assert isinstance(compared, Compared), compared
    return compared


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_program_leaves_everything_that_is_compared_as_it_was(
    guards: Judge, forms: tuple[bytes, bytes], pki: Pki, name: str
) -> None:
    application, letter = forms
    document = sign_pdf(rewritten(letter, HONEST[name].change), person=person("user"), pki=pki, at=pki.epoch)
    with_application, with_letter = found(guards, document, application, letter).comparisons
    assert not with_application.same
    assert with_letter.same
    assert with_letter.told == ()
    assert (with_letter.file, with_letter.form) == tuple(hashlib.sha256(one).hexdigest() for one in (document, letter))
    assert with_letter.likeness == 1000 > with_application.likeness


@pytest.mark.parametrize("name", DISHONEST)
def test_every_change_of_what_is_shown_or_attached_is_a_difference(
    guards: Judge, forms: tuple[bytes, bytes], name: str
) -> None:
    (comparison,) = found(guards, rewritten(forms[1], DISHONEST[name].change), forms[1]).comparisons
    assert set(DISHONEST[name].named) <= {message.code for message in comparison.differences}


@pytest.mark.parametrize("name", TOLD)
def test_what_another_program_may_show_differently_is_told_apart(
    guards: Judge, forms: tuple[bytes, bytes], name: str
) -> None:
    (comparison,) = found(guards, rewritten(forms[1], TOLD[name].change), forms[1]).comparisons
    assert comparison.same, comparison.differences
    assert {message.code for message in comparison.told} == set(TOLD[name].named)


def test_a_number_that_is_packed_away_is_found(guards: Judge, forms: tuple[bytes, bytes]) -> None:
    anew = rewritten(forms[1])
    assert REFERENCE in found(guards, anew, forms[1]).references


def test_words_that_differ_are_shown_without_personal_codes(guards: Judge, forms: tuple[bytes, bytes]) -> None:
    application, letter = forms
    (comparison,) = found(guards, application, letter).comparisons
    said = json.dumps(comparison.to_json())
    assert comparison.words
    assert "320000-000" not in said
    assert "******-*00" in said


def test_what_is_no_pdf_is_not_compared(guards: Judge, forms: tuple[bytes, bytes]) -> None:
    for garbage in (b"", b"%PDF-1.7 and then nothing", b"PK\x03\x04"):
        assert found(guards, garbage, *forms) == Compared((), ())
    half = found(guards, forms[0][: len(forms[0]) // 2], forms[0])
    assert not any(comparison.same for comparison in half.comparisons)


def test_a_file_that_takes_too_much_ends_with_its_child(forms: tuple[bytes, bytes], tmp_path: Path) -> None:
    path = tmp_path / "slow.pdf"
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        pdf.pages[0].Contents = pdf.make_stream(b"q 0 0 1 rg 1 1 500 700 re f Q " * 2_000_000)
        pdf.save(path)
    with Judge(seconds=1, memory_mb=192) as impatient:
        assert isinstance(impatient.compare(path.read_bytes(), forms), CouldNotBeJudged)
        assert found(impatient, forms[1], forms[1]).comparisons[0].same, "the next one is served"


def test_what_a_child_says_is_read_as_data_and_its_digest_names_all_of_it() -> None:
    comparison = Comparison("a" * 64, "b" * 64, (), (), (), 1000)
    assert read_comparison(comparison.to_json()) == comparison
    other = Comparison("a" * 64, "b" * 64, (), (), (), 999)
    assert comparison.digest != other.digest
    for nonsense in (None, {}, {**comparison.to_json(), "told": "nothing"}, {**comparison.to_json(), "words": [{}]}):
        with pytest.raises(ValueError, match="no "):
            read_comparison(nonsense)
