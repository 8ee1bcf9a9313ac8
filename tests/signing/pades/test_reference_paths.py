"""Paths to an object: where they are computed here, they equal pyHanko's."""

from __future__ import annotations

import io
import random
from typing import TYPE_CHECKING

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader

from demo.pki import person
from demo.signer import Level, sign_again, sign_pdf
from signing.pades.reader.revisions import RevisionReader, _RevisionView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.pki import Pki
    from signing.pades.reader.reference_paths import Path

_KEYS = ("/Kids", "/Parent", "/P", "/K", "/K", "/A", "/Annots", "/Pages", "/Root", "/StructTreeRoot")


def view_of(document: bytes, revision: int = 0, *, strict: bool = True) -> _RevisionView:
    view = RevisionReader(io.BytesIO(document), strict=strict).get_historical_resolver(revision)
    assert isinstance(view, _RevisionView)
    return view


def told(document: bytes, *, strict: bool = True) -> Iterator[tuple[generic.Reference, set[Path] | None, set[Path]]]:
    """For every object of every revision: what we say leads to it, and what pyHanko says."""
    slow = PdfFileReader(io.BytesIO(document), strict=strict)
    for revision in range(slow.total_revisions):
        ours, theirs = view_of(document, revision, strict=strict), slow.get_historical_resolver(revision)
        theirs._load_reverse_xref_cache()  # type: ignore[no-untyped-call] # pyHanko has no types
        for number in range(1, int(slow.trailer["/Size"]) + 2):
            found = ours._reference_paths.of(generic.Reference(number, 0, ours))
            paths = theirs._get_usages_of_ref(generic.Reference(number, 0, theirs))
            yield generic.Reference(number, 0, ours), found, {tuple(path) for path in paths}


def test_what_leads_to_the_objects_of_a_signed_form(form: bytes, pki: Pki) -> None:
    signed = sign_pdf(form, person=person("head"), pki=pki, at=pki.epoch, level=Level.LTA)
    signed = sign_again(signed, person=person("user"), pki=pki, at=pki.epoch)
    answers = list(told(signed))
    assert all(found in (None, paths) for _, found, paths in answers)
    catalog = RevisionReader(io.BytesIO(signed)).root_ref.idnum
    assert {("/Root",)} in [found for ref, found, _ in answers if ref.idnum == catalog]
    quickly = [found for _, found, _ in answers if found is not None]
    assert any(len(paths) > 1 for paths in quickly), "a signature's field is on a page and in the form"
    assert set() in quickly, "what is not there yet"


def test_nothing_is_asked_of_pyhanko_over_a_form_that_was_signed_twice(
    form: bytes, pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = sign_pdf(form, person=person("head"), pki=pki, at=pki.epoch, level=Level.LTA)
    signed = sign_again(signed, person=person("user"), pki=pki, at=pki.epoch, level=Level.LTA)
    asked: list[int] = []
    monkeypatch.setattr(HistoricalResolver, "_load_reverse_xref_cache", lambda view: asked.append(view.revision))
    view = view_of(signed, 1)
    fields = {field.reference for field in view.root["/AcroForm"]["/Fields"]}
    later = {one for number in range(2, 7) for one in view.reader.xrefs.explicit_refs_in_revision(number)}
    assert all(view._get_usages_of_ref(ref) for ref in fields)
    assert any(len(view._get_usages_of_ref(ref)) > 5 for ref in later), "the page: every element of the text names it"
    assert asked == []


@pytest.mark.parametrize("seed", range(300))
def test_what_leads_to_the_objects_of_any_document(seed: int) -> None:
    document = tangled(random.Random(seed))  # noqa: S311 - the same ones each time
    try:
        answers = list(told(document))
    except (PdfReadError, RecursionError):
        return  # pyHanko itself says nothing about a tree that goes round
    for ref, found, paths in answers:
        assert found in (None, paths), ref


def test_most_of_the_tangled_documents_are_told_about() -> None:
    quick = [
        view_of(tangled(random.Random(seed)))._reference_paths._finder  # noqa: S311 - see above
        for seed in range(100)
    ]
    assert sum(one is not None for one in quick) > 40


def tangled(chance: random.Random) -> bytes:
    """Write a document whose objects refer to one another as it comes, with trees that are some, or nearly."""
    count = chance.randrange(4, 12)
    numbers = range(1, count + 1)

    def ref() -> bytes:
        return b"%d 0 R" % chance.choice(numbers)

    def value(depth: int = 0) -> bytes:
        kind = chance.random()
        if kind < 0.55 or depth > 2:
            return ref()
        if kind < 0.75:
            return b"[" + b" ".join(value(depth + 1) for _ in range(chance.randrange(3))) + b"]"
        if kind < 0.9:
            keys = sorted(set(chance.sample(_KEYS, k=chance.randrange(3))))
            return b"<<" + b" ".join(key.encode() + b" " + value(depth + 1) for key in keys) + b">>"
        return chance.choice([b"7", b"(1 0 R)", b"/Name", b"null"])

    objects = {}
    for number in numbers:
        keys = sorted(set(chance.sample(_KEYS, k=chance.randrange(1, 4))))
        kind = chance.choice([b"", b"", b"/Type /Page ", b"/Type /StructElem "])
        objects[number] = b"<<" + kind + b" ".join(key.encode() + b" " + value() for key in keys) + b">>"
    kids = chance.sample(numbers[2:], k=chance.randrange(1, count - 2))
    below = [one for one in kids if chance.random() < 0.3]
    objects[2] = b"<</Type /Pages /Kids [" + b" ".join(b"%d 0 R" % one for one in kids) + b"]>>"
    for one in below:
        others = [other for other in numbers[2:] if other not in kids and other != one][:2]
        objects[one] = b"<</Type /Pages /Kids [" + b" ".join(b"%d 0 R" % other for other in others) + b"]>>"
    structure = b""
    if chance.random() < 0.7:
        tree, *elements = chance.sample(numbers[2:], k=chance.randrange(1, count - 2))
        structure = b"/StructTreeRoot %d 0 R" % tree
        for above, one in zip((tree, *elements), (*elements, chance.choice(numbers)), strict=True):
            kids_of = [b"%d 0 R" % one, *chance.choice([[], [ref()], [b"7", value()]])]
            objects[above] = b"<</P %s /Pg %s /K [%s] /A %s>>" % (ref(), ref(), b" ".join(kids_of), value())
    objects[1] = b"<</Type /Catalog /Pages 2 0 R /A " + value() + structure + b">>"
    return written(objects, extra=b"/Info " + ref() if chance.random() < 0.5 else b"")


def written(objects: dict[int, bytes], *, extra: bytes = b"", places: dict[int, bytes] | None = None) -> bytes:
    """Write a PDF of one revision; `places` are listed where these words stand."""
    out = bytearray(b"%PDF-1.7\n")
    listed = []
    for number, content in objects.items():
        listed.append((number, len(out)))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    listed += [(number, out.index(words)) for number, words in (places or {}).items()]
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in listed:
        out += b"%d 1\n%010d 00000 n \n" % (number, place)
    out += b"trailer\n<</Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n" % (max(objects) + 1, extra, start)
    return bytes(out)


PAGES = {2: b"<</Type /Pages /Kids [3 0 R]>>", 3: b"<</Type /Page /Parent 2 0 R /A 4 0 R>>", 4: b"<<>>"}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({4: b"<</A 1 1 R>>"}, "another generation"),
        ({4: b"<</A 1 0 R /A 2 0 R>>"}, "a key given twice"),
        ({4: b"<</A 1 %\n0 R>>"}, "a comment inside a reference"),
        ({4: b"<</A %(\n1 0 R>>"}, "a comment of more than words"),
        ({4: b"<</A 01.0 0 R>>"}, "a number that is none"),
        ({2: b"<</Type /Pages /Kids 5 0 R>>", 5: b"[3 0 R]"}, "kids in an object of their own"),
        ({2: b"<</Type /Pages /Kids [<</Type /Page>>]>>"}, "a page that is no object"),
        ({2: b"<</Type /Pages /Kids [3 0 R 3 0 R]>>"}, "a page twice"),
        ({1: b"<</Pages 2 0 R /StructTreeRoot <</K 4 0 R>>>>"}, "a structure tree in the catalog"),
        ({3: b"<</Type (/Pages) /Kids [4 0 R]>>"}, "a type that only some take for one"),
        ({1: b"<</Pages 2 0 R /StructTreeRoot 5 0 R>>", 5: b"<</K [<</Type null>>]>>"}, "a type that is none"),
        ({1: b"<</Pages 2 0 R /StructTreeRoot 5 0 R>>", 5: b"<</K [<</Type /Struct#45lem>>]>>"}, "with escapes"),
        ({5: b"<</Length 99 0 R>>stream\nx\nendstream"}, "a length that is not there"),
        ({5: b"<</Length 5 0 R>>stream\nx\nendstream"}, "a length that is the stream itself"),
        ({5: b"<</Length 4 0 R>>stream\nx\nendstream"}, "a length that is a dictionary"),
        ({5: b"<</Length 99999999999999999999999>>stream\nx\nendstream"}, "a length beyond all numbers"),
        ({5: b"<</Length " + b"9" * 5000 + b">>stream\nx\nendstream"}, "a length that Python refuses to read"),
        ({5: b"4 0 R"}, "an object that is another one"),
        (
            {1: b"<</Pages 2 0 R /StructTreeRoot 5 0 R>>", 5: b"<</K [" + b"<</K 5 0 R>>" * 900 + b"]>>"},
            "a tree of itself",
        ),
        ({2: b"<</Kids [" + b"3 0 R " * 60_000 + b"]>>"}, "more kids than anybody has"),
    ],
)
def test_what_is_not_plain_is_left_to_pyhanko(change: dict[int, bytes], why: str) -> None:
    document = written({1: b"<</Type /Catalog /Pages 2 0 R>>", **PAGES, **change})
    view = view_of(document, strict=False)
    assert view._reference_paths.of(generic.Reference(4, 0, view)) is None, why


def test_objects_that_lie_in_one_another_are_left_to_pyhanko() -> None:
    around = b"".join(b"%d 0 obj (" % number for number in range(5, 105)) + b") endobj " * 100
    objects = {1: b"<</Pages 2 0 R>>", **PAGES, 200: b"(%s)" % around}
    document = written(objects, places={number: b"%d 0 obj (" % number for number in range(5, 105)})
    view = view_of(document)
    assert view._reference_paths.of(generic.Reference(4, 0, view)) is None


def test_keys_with_escapes_and_in_other_letters_are_told_as_pyhanko_tells_them() -> None:
    document = written(
        {1: b"<</Pages 2 0 R /#41 % words\n4 0 R /J#C4#81 4 0 R /#E9 4 0 R>>", **PAGES}, extra=b"/#E9 4 0 R"
    )
    view = view_of(document)
    found = view._reference_paths.of(generic.Reference(4, 0, view))
    assert found is not None
    assert {("/Root", "/A"), ("/Root", "/J\xc4\x81"), ("/Root", "/\xe9"), ("/\xe9",)} < found
    assert all(paths == found for _, found, paths in told(document))


def test_after_a_question_that_takes_too_long_pyhanko_is_asked_at_once() -> None:
    ladder = {
        number: b"[%d 0 R %d 0 R]" % (number + 2 - number % 2, number + 3 - number % 2) for number in range(6, 90)
    }
    ladder |= {90: b"7", 91: b"7", 92: b"[4 0 R]"}
    view = view_of(written({1: b"<</Pages 2 0 R /B 6 0 R>>", **PAGES, **ladder}))
    assert view._reference_paths.of(generic.Reference(90, 0, view)) is None
    assert view._reference_paths.of(generic.Reference(4, 0, view)) is None


def test_an_element_of_the_structure_tree_is_entered_in_the_tree_alone() -> None:
    objects = {
        1: b"<</Pages 2 0 R /StructTreeRoot 5 0 R /A 6 0 R>>",
        **PAGES,
        5: b"<</K [6 0 R] /ParentTree 7 0 R>>",
        6: b"<</Type /StructElem /P 5 0 R /K [<</Type /OBJR /Obj 4 0 R>>]>>",
        7: b"[6 0 R]",
    }
    view = view_of(written(objects))
    assert view._reference_paths.of(generic.Reference(4, 0, view)) == {
        ("/Root", "/Pages", "/Kids", 0, "/A"),
        ("/Root", "/StructTreeRoot", "/K", 0, "/K", 0, "/Obj"),
    }
    assert view._reference_paths.of(generic.Reference(5, 0, view)) == {("/Root", "/StructTreeRoot")}
    assert all(found == paths for _, found, paths in told(written(objects)))


def test_long_ways_and_many_are_left_to_pyhanko() -> None:
    chain = {number: b"<</A %d 0 R>>" % (number + 1) for number in range(5, 900)}
    view = view_of(written({1: b"<</Pages 2 0 R /A 5 0 R>>", **PAGES, **chain}))
    assert view._reference_paths.of(generic.Reference(20, 0, view)) == {("/Root", *["/A"] * 16)}
    assert view._reference_paths.of(generic.Reference(900, 0, view)) is None
    mesh = {number: b"[%s]" % b" ".join(b"%d 0 R" % other for other in range(5, 30)) for number in range(5, 30)}
    view = view_of(written({1: b"<</Pages 2 0 R /A 5 0 R>>", **PAGES, **mesh}))
    assert view._reference_paths.of(generic.Reference(20, 0, view)) is None
