"""Objects that only some readers find: harmless while nothing reachable refers to them, in any revision."""

from __future__ import annotations

import io
import random
from typing import TYPE_CHECKING

import pytest
from pyhanko.pdf_utils import generic

from benchmarks._variants.pdf_revision import Paper, Revision, Style
from signing.pades.incremental_updates import why_ambiguous
from signing.pades.reader.pdf import Pdf
from signing.pades.reader.revisions import RevisionReader

if TYPE_CHECKING:
    from collections.abc import Callable

    Step = Callable[[Revision], None]

FOUND_BY_SOME = "found by some readers only"


def written(paper: Paper, *steps: Step, style: Style | None = None) -> Paper:
    """The paper with one revision more for each step."""
    for step in steps:
        one = Revision(paper, style or Style(), random.Random(3))  # noqa: S311 - the same each time
        step(one)
        paper = one.finish()
    return paper


def why(paper: Paper, *, base: Paper) -> str:
    pdf = Pdf(paper.octets)
    first = pdf.revision_ending_at(len(base.octets))
    assert first is not None
    return why_ambiguous(pdf, len(base.octets), first + 1, pdf.revisions - 1)


@pytest.fixture(scope="module")
def base(form: bytes) -> Paper:
    """A form with an object that nobody refers to, and one more that refers to it."""
    return written(Paper.of(form), lambda one: _put_all(one, b"(nobody's)", b"[%d 0 R]" % (one.size)))


def _put_all(one: Revision, *bodies: bytes) -> None:
    for body in bodies:
        one.put(one.new(), body)


def target(base: Paper) -> int:
    return base.size - 2


def leads_to(number: int, generation: int = 0) -> Step:
    """The catalog says something more."""

    def step(one: Revision) -> None:
        catalog = one.latest(one.paper.root)
        one.put(one.paper.root, catalog[:-2] + b"/Xx %d %d R>>" % (number, generation))

    return step


def frees(number: int, generation: int = 1) -> Step:
    def step(one: Revision) -> None:
        one.freed[number] = generation

    return step


def nothing(one: Revision) -> None:
    one.put(one.new(), b"null")


@pytest.mark.parametrize("generation", [0, 1, 5, 65535])
def test_freeing_what_nothing_leads_to(base: Paper, generation: int) -> None:
    assert why(written(base, frees(target(base), generation), nothing), base=base) == ""
    assert why(written(base, frees(base.size + 40, generation), style=Style()), base=base) != "", (
        "the size leaves it out"
    )


def test_freeing_a_number_that_never_was_in_use(base: Paper) -> None:
    def step(one: Revision) -> None:
        one.freed[one.new()] = 1

    paper = written(base, step)
    assert why(paper, base=base) == ""
    reader = RevisionReader(io.BytesIO(paper.octets))
    assert reader.get_historical_resolver(reader.total_revisions - 1).refs_freed_in_revision() == set()  # type: ignore[no-untyped-call] # pyHanko has no types


@pytest.mark.parametrize("generation", [0, 1, 5, 65535])
def test_freeing_what_the_pages_need(base: Paper, generation: int) -> None:
    paper = written(base, frees(base.contents, generation))
    assert FOUND_BY_SOME in why(paper, base=base)
    if generation == 1:
        reader = RevisionReader(io.BytesIO(paper.octets))
        view = reader.get_historical_resolver(reader.total_revisions - 1)
        assert view.refs_freed_in_revision() == {generic.Reference(base.contents, 0, reader)}  # type: ignore[no-untyped-call] # as above


@pytest.mark.parametrize("to", [0, 1])
def test_what_was_freed_and_is_led_to_later(base: Paper, to: int) -> None:
    """By itself, or by an object that lay there unused and is used now."""
    assert why(written(base, leads_to(target(base) + to)), base=base) == ""
    assert FOUND_BY_SOME in why(written(base, frees(target(base)), leads_to(target(base) + to)), base=base)
    assert FOUND_BY_SOME in why(written(base, leads_to(target(base) + to), frees(target(base))), base=base)


def test_looking_for_what_leads_to_them_is_bounded(base: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    paper = written(base, frees(target(base)), *[nothing] * 20)
    assert why(paper, base=base) == ""
    monkeypatch.setattr("signing.pades.reader.revisions._MOST_VALUES", 3000)
    assert "more values than any honest file has" in why(paper, base=base)


def test_what_was_freed_and_is_taken_out_of_use_in_one_revision(base: Paper) -> None:
    before = written(base, leads_to(target(base)))

    def step(one: Revision) -> None:
        one.put(one.paper.root, base.body(base.root))
        one.freed[target(base)] = 1

    assert FOUND_BY_SOME in why(written(before, step), base=before), "it was in use in the revision that was signed"


def test_a_number_in_use_again_is_found_by_everybody(base: Paper) -> None:
    def again(one: Revision) -> None:
        one.put(target(base), b"(again)")

    assert why(written(base, frees(target(base), 0), again, leads_to(target(base))), base=base) == ""


@pytest.mark.parametrize("named", [0, 1, 2])
def test_a_new_object_of_another_generation(base: Paper, named: int) -> None:
    def step(one: Revision) -> None:
        one.put(one.new(), b"<<>>", generation=1)

    assert why(written(base, step, nothing), base=base) == ""
    assert FOUND_BY_SOME in why(written(base, step, leads_to(base.size, named)), base=base)


def frees_for_later(generation: int) -> Step:
    """A number that never was in use is free, and has that generation when it is used."""

    def step(one: Revision) -> None:
        one.freed[one.new()] = generation

    return step


def uses(number: int, generation: int, body: bytes = b"<<>>") -> Step:
    def step(one: Revision) -> None:
        one.put(number, body, generation=generation)

    return step


@pytest.mark.parametrize("generation", [1, 2, 7])
def test_a_free_number_used_first_with_the_generation_it_had(base: Paper, generation: int) -> None:
    """Everybody finds the object, whether he heeds generations or not."""
    number = base.size
    steps = frees_for_later(generation), uses(number, generation)
    assert why(written(base, *steps, leads_to(number, generation)), base=base) == ""
    for other in {0, 1, 2, 3} - {generation}:
        assert FOUND_BY_SOME in why(written(base, *steps, leads_to(number, other)), base=base)
        both = written(base, *steps, leads_to(number, generation), uses(number, other))
        assert why(both, base=base) != ""


def test_a_free_number_used_with_another_generation(base: Paper) -> None:
    number = base.size
    paper = written(base, frees_for_later(2), uses(number, 1), leads_to(number, 1))
    assert FOUND_BY_SOME in why(paper, base=base)


def test_a_free_number_of_which_an_object_lies_hidden_in_the_form(base: Paper) -> None:
    """Who looks for objects himself finds the other one."""

    def hides(one: Revision) -> None:
        one.put(one.new(), b"(x)", listed=False)

    hidden = written(base, hides)
    number = base.size
    paper = written(hidden, lambda one: one.freed.update({number: 1}), uses(number, 1), leads_to(number, 1))
    assert why(paper, base=hidden) != ""


def test_an_object_of_another_generation_under_a_number_of_ours(base: Paper) -> None:
    def step(one: Revision) -> None:
        one.put(one.paper.contents, b"<<>>", generation=1)

    assert FOUND_BY_SOME in why(written(base, step), base=base)


UNREADABLE = [b"<</A 1/A 2>>", b"<</A 1 /B>>", b"<</A#zz 1>>", b"<</\xae 1>>", b"[1 2", b"", b"nothing", b"[--5]"]


@pytest.mark.parametrize("body", UNREADABLE)
def test_an_object_that_cannot_be_read_in_one_way(base: Paper, body: bytes) -> None:
    """It may lie there as long as nothing leads to it, before or after."""

    def step(one: Revision) -> None:
        one.put(one.new(), body, plain=True)

    def in_the_place_of_ours(one: Revision) -> None:
        one.put(base.contents, body, plain=True)

    assert why(written(base, step, nothing), base=base) == ""
    for steps in ((step, leads_to(base.size)), (leads_to(base.size), step), (in_the_place_of_ours,)):
        said = why(written(base, *steps), base=base)
        assert FOUND_BY_SOME in said or "pdf.damaged" in said


@pytest.mark.parametrize(
    "body",
    [
        b"(", b"<", b"[1 2 % ]", b"{", b"<</A 1/A 2/Type/Catalog>>", b"<</A 1/A 2/Type/#43atalog>>",
        b"<</Type/ObjStm/A 1/A 2>>", b"<</Length 9>>stream\nq\nendstream", b"[1 2 5 0 obj", b"trailer<<>>",
    ],
)  # fmt: skip
def test_an_object_of_which_nobody_knows_where_it_ends(base: Paper, body: bytes) -> None:
    def step(one: Revision) -> None:
        one.put(one.new(), body, plain=True)

    assert why(written(base, step), base=base) != ""


@pytest.mark.parametrize("itself", ["free", "absent"])
def test_a_table_that_does_not_list_itself(base: Paper, itself: str) -> None:
    style = Style(table="stream", itself=itself)
    assert why(written(base, nothing, nothing, style=style), base=base) == ""
    assert FOUND_BY_SOME in why(written(base, leads_to(base.size), style=style), base=base)
    assert FOUND_BY_SOME in why(written(written(base, nothing, style=style), leads_to(base.size + 1)), base=base)


def test_an_old_object_listed_again(base: Paper) -> None:
    def step(one: Revision) -> None:
        one.used[base.contents] = 0, base.place(base.contents)

    def replaced(one: Revision) -> None:
        one.put_stream(base.contents, b"q")

    assert why(written(base, step), base=base) == ""
    assert why(written(base, replaced), base=base) == "", "what changed is for others to say"
    assert "do not stand" in why(written(base, replaced, step), base=base), "the last of that number is another one"


def test_white_space_before_a_table(base: Paper) -> None:
    for style in (Style(early=3), Style(table="stream", early=3)):
        assert why(written(base, nothing, nothing, style=style), base=base) == ""


def test_a_comment_before_a_table(base: Paper) -> None:
    octets = written(base, nothing, style=Style(early=3)).octets
    paper = written(base, nothing, style=Style(early=3))
    paper.octets = octets.replace(b"   xref", b" %\nxref")
    assert paper.octets != octets
    assert "points elsewhere" in why(paper, base=base)


def test_two_tables_that_say_the_same(base: Paper) -> None:
    for itself in ("used", "free", "absent"):
        for table in ("both", "beside"):
            paper = written(base, nothing, style=Style(table=table, itself=itself))
            assert why(paper, base=base) == ""
            pdf = Pdf(paper.octets)
            assert not pdf.is_hybrid(pdf.revisions - 1)


def test_two_tables_that_say_different_things(base: Paper) -> None:
    def step(one: Revision) -> None:
        one.hidden[base.contents] = -1, one.put_stream(base.contents, b"q", listed=False)

    for table in ("both", "beside"):
        paper = written(base, step, style=Style(table=table))
        assert "different things" in why(paper, base=base)
        pdf = Pdf(paper.octets)
        assert pdf.is_hybrid(pdf.revisions - 1) is (table == "both")
