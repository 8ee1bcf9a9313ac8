"""Numbers beyond the limits of ISO 32000-2 Annex C: some readers draw an empty page instead of the expected one."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from benchmarks._variants.pdf_revision import Paper, Revision, Style
from signing.pades.incremental_updates import why_ambiguous
from signing.pades.reader.pdf import Pdf
from signing.pades.syntax.objects import AmbiguousSyntax, read_value

if TYPE_CHECKING:
    from collections.abc import Callable

GREATEST = 8_388_607
STYLES = [Style(), Style(table="stream"), Style(table="stream", packed=True)]


def why(form: bytes, change: Callable[[Revision], None], style: Style) -> str:
    """What is said of the form with one revision more."""
    paper = Paper.of(form)
    one = Revision(paper, style, random.Random(3))  # noqa: S311 - the same each time
    change(one)
    pdf = Pdf(one.finish().octets)
    first = pdf.revision_ending_at(len(form))
    assert first is not None
    return why_ambiguous(pdf, len(form), first + 1, pdf.revisions - 1)


def contents_under(number: int) -> Callable[[Revision], None]:
    """The page's contents once more, under that number; the page refers to it."""

    def change(one: Revision) -> None:
        one.size = number
        one.put(one.new(), one.latest(one.paper.contents), plain=True)
        page = one.latest(one.paper.page)
        one.put(one.paper.page, page.replace(b"%d 0 R" % one.paper.contents, b"%d 0 R" % number))

    return change


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("number", [4_194_305, GREATEST - 3])
def test_contents_under_a_number_that_every_reader_knows(form: bytes, number: int, style: Style) -> None:
    assert why(form, contents_under(number), style) == ""


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("number", [GREATEST + 1, 9_999_999, 16_777_216, 2**31 - 1, 2**31])
def test_contents_under_a_number_that_some_readers_do_not_know(form: bytes, number: int, style: Style) -> None:
    assert why(form, contents_under(number), style) != ""


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("size", [GREATEST + 2, 2**31, 2**32 + 100])
def test_a_size_beyond_all_numbers(form: bytes, size: int, style: Style) -> None:
    def change(one: Revision) -> None:
        one.put(one.new(), b"<<>>")
        one.lost_size = size

    assert why(form, change, style) != ""


@pytest.mark.parametrize(
    "written", [b"8388607 0 R", b"1 65535 R", b"2147483647", b"-2147483647", b"0.25", b"2147483647.5", b"0000000007"]
)
def test_values_that_every_reader_knows(written: bytes) -> None:
    assert read_value(written, 0)[1] == len(written)


@pytest.mark.parametrize(
    "written", [b"8388608 0 R", b"1 65536 R", b"2147483648", b"-4294967296", b"+9999999999", b"4294967297.0"]
)
def test_values_that_some_readers_do_not_know(written: bytes) -> None:
    with pytest.raises(AmbiguousSyntax):
        read_value(written, 0)
