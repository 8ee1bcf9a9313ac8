"""What a revision does besides signing: habits of honest software, and tricks that show another page to some reader."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks._variants.pdf_revision import Paper, Revision

    Trick = Callable[[Revision], None]

__all__ = ["HABITS", "TRICKS"]

_EVIL = b"BT 1 0 0 1 100 500 Tm (All rights) Tj ET"


def _orphan(paper: Paper) -> int:
    return int(re.findall(rb"\n(\d+) 0 obj\n\(nobody's\)", paper.octets)[0])


def _frees_nothing(one: Revision) -> None:
    one.freed[one.new()] = one.dice.choice((0, 1, 65535))


def _frees_what_nothing_reaches(one: Revision) -> None:
    """The form holds an object nobody refers to; see `_form`."""
    one.freed[_orphan(one.paper)] = 1


def _lists_again(one: Revision) -> None:
    number = one.dice.choice((1, 2, 3, one.paper.contents))
    one.used.setdefault(number, (0, one.paper.place(number)))


def _orphan_of_a_generation(one: Revision) -> None:
    one.put(one.new(), b"<</Subtype/Form/BBox[0 0 0 0]>>", generation=one.dice.choice((1, 2, 7)))


def _orphan_of_none(one: Revision) -> None:
    one.put(one.new(), b"<</Nothing[1 0 R]>>")


HABITS: tuple[Trick, ...] = (
    _frees_nothing,
    _frees_what_nothing_reaches,
    _lists_again,
    _orphan_of_a_generation,
    _orphan_of_none,
)


def _evil(number: int, generation: int = 0) -> bytes:
    return b"%d %d obj\n<</Length %d>>stream\n%b\nendstream\nendobj\n" % (number, generation, len(_EVIL), _EVIL)


def _listed_by_nobody(one: Revision) -> None:
    one.put_stream(one.paper.contents, _EVIL, listed=False)


def _in_a_string(one: Revision) -> None:
    one.put(one.new(), b"(\n%b)" % _evil(one.paper.contents), plain=True)


def _in_a_stream(one: Revision) -> None:
    one.put_stream(one.new(), b"\n" + _evil(one.paper.contents))


def _in_a_comment(one: Revision) -> None:
    one.octets += b"% " + _evil(one.paper.contents)


def _behind_a_length(one: Revision) -> None:
    body = one.paper.body(one.paper.contents)
    at = body.rindex(b"endstream")
    one.put(one.paper.contents, body[:at] + b"\n0 0 m\nendstream" + body[at + 9 :], plain=True)


def _a_stream_that_ends_twice(one: Revision) -> None:
    one.put_stream(one.new(), b"q\nendstream\nendobj\n" + _evil(one.paper.contents)[:-7])


def _another_generation(one: Revision) -> None:
    place = len(one.octets)
    one.octets += _evil(one.paper.contents, 1)
    one.used[one.paper.contents] = 1, place


def _freed_contents(one: Revision) -> None:
    one.freed[one.paper.contents] = one.dice.choice((1, 5, 65535))


def _freed_and_there(one: Revision) -> None:
    one.put_stream(one.paper.contents, _EVIL, listed=False)
    one.freed[one.paper.contents] = 1


def _listed_again_elsewhere(one: Revision) -> None:
    place = one.put_stream(one.paper.contents, _EVIL, listed=False)
    one.used[one.paper.contents] = 0, place + one.dice.choice((-1, 0))


def _another_listed_in_its_place(one: Revision) -> None:
    one.used[one.paper.contents] = 0, one.paper.place(one.paper.page)


def _a_key_twice(one: Revision) -> None:
    evil = one.new()
    one.put_stream(evil, _EVIL)
    key = one.dice.choice((b"/#43ontents", b"/Contents", b"/Content#73"))
    one.put(one.paper.page, one.latest(one.paper.page)[:-2] + b"%b %d 0 R>>" % (key, evil), plain=True)


def _a_key_that_ends_in_nought(one: Revision) -> None:
    evil = one.new()
    one.put_stream(evil, _EVIL)
    one.put(one.paper.page, one.latest(one.paper.page)[:-2] + b"/Contents#00 %d 0 R>>" % evil, plain=True)


def _a_key_in_a_comment(one: Revision) -> None:
    """Who ends a comment at a line feed alone shows other contents than who ends it at a carriage return."""
    evil, page = one.new(), one.latest(one.paper.page)
    one.put_stream(evil, _EVIL)
    old = b"/Contents %d 0 R" % one.paper.contents
    one.put(one.paper.page, page.replace(old, b"%%\r%b\n%%%%\r/Contents %d 0 R\n" % (b"", evil)), plain=True)


def _a_line_twice(one: Revision) -> None:
    place = one.put_stream(one.paper.contents, _EVIL, listed=False)
    one.used[one.paper.contents] = 0, one.paper.place(one.paper.contents)
    one.twice.append((one.paper.contents, place))


def _a_trailer_in_a_string(one: Revision) -> None:
    root = _another_document(one)
    one.put(one.new(), b"(\ntrailer\n<</Size %d/Root %d 0 R>>\nstartxref\n0\n%%%%EOF\n)" % (one.size, root), plain=True)


def _another_document(one: Revision) -> int:
    """Another catalog beside ours: who looks for a catalog himself may take it."""
    root, pages, page, evil = one.new(), one.new(), one.new(), one.new()
    one.put_stream(evil, _EVIL)
    one.put(page, b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 595 842]/Contents %d 0 R>>" % (pages, evil))
    one.put(pages, b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % page)
    one.put(root, b"<</Type/Catalog/Pages %d 0 R>>" % pages)
    return root


def _beside_the_catalog(one: Revision) -> None:
    _another_document(one)


def _contents_nobody_can_read(one: Revision) -> None:
    one.put(one.paper.contents, b"<</A 1/A 2>>", plain=True)


def _size_that_leaves_out(one: Revision) -> None:
    one.lost_size = one.dice.choice((1, 3, one.paper.size - 1))


def _a_broken_end(one: Revision) -> None:
    one.style = replace(
        one.style, finish=b"startxref\n%d\n" + one.dice.choice((b"", b"%%%%EO\n", b"endstream\n%%%%EOF\n"))
    )


def _an_end_before_a_comment(one: Revision) -> None:
    one.style = replace(one.style, finish=b"startxref\n%d1\n%%%%EOF\n")


def _the_table_is_the_contents(one: Revision) -> None:
    """The table's stream has the number of the page's contents, and does not list itself."""
    itself = one.dice.choice(("free", "absent"))
    one.style = replace(one.style, table="stream", itself=itself, packed=False)
    one.stream_number = one.paper.contents


def _a_stream_for_new_readers(one: Revision) -> None:
    place = one.put_stream(one.paper.contents, _EVIL, listed=False)
    one.style = replace(one.style, table=one.dice.choice(("both", "beside")), packed=False)
    one.hidden[one.paper.contents] = -1, place


def _another_page_packed_for_new_readers(one: Revision) -> None:
    evil, holder = one.new(), one.new()
    one.put_stream(evil, _EVIL)
    page = b"<</Type/Page/MediaBox[0 0 595 842]/Contents %d 0 R>>" % evil
    index = b"%d 0 " % one.paper.page
    one.put_stream(holder, index + page, b"/Type/ObjStm/N 1/First %d" % len(index))
    one.style = replace(one.style, table="both", packed=False)
    one.hidden[one.paper.page] = holder, 0


def _packed_and_not_listed(one: Revision) -> None:
    evil, holder = one.new(), one.new()
    one.put_stream(evil, _EVIL)
    index = b"%d 0 " % one.paper.page
    page = b"<</Type/Page/MediaBox[0 0 595 842]/Contents %d 0 R>>" % evil
    one.put_stream(holder, index + page, b"/Type/ObjStm/N 1/First %d" % len(index))


def _type_in_other_letters(one: Revision) -> None:
    index = b"%d 0 " % one.new()
    one.put_stream(one.new(), index + b"<<>>", b"/Type/Obj#53tm/N 1/First %d" % len(index))


def _lines_of_another_length(one: Revision) -> None:
    """Who reads lines of twenty octets reads other numbers from the second section on."""
    one.style = replace(one.style, table="table", packed=False, line=one.dice.choice((b"\n", b"\r", b"   \n")))


def _a_number_few_readers_know(one: Revision) -> None:
    """The page's contents under a number beyond Annex C: some draw nothing, others another object."""
    number = one.size = one.dice.choice((8_388_608, 9_999_999, 2**31))
    one.put_stream(one.new(), b"0 0 1 1 re f")
    page = one.latest(one.paper.page)
    one.put(one.paper.page, page.replace(b"/Contents %d 0 R" % one.paper.contents, b"/Contents %d 0 R" % number))


TRICKS: tuple[Trick, ...] = (
    _listed_by_nobody, _in_a_string, _in_a_stream, _in_a_comment, _behind_a_length, _a_stream_that_ends_twice,
    _another_generation, _freed_contents, _freed_and_there, _listed_again_elsewhere, _another_listed_in_its_place,
    _a_key_twice, _a_key_that_ends_in_nought, _a_key_in_a_comment, _a_line_twice, _a_trailer_in_a_string,
    _beside_the_catalog, _contents_nobody_can_read, _size_that_leaves_out, _a_broken_end, _an_end_before_a_comment,
    _the_table_is_the_contents,
    _a_stream_for_new_readers, _another_page_packed_for_new_readers, _packed_and_not_listed, _type_in_other_letters,
    _lines_of_another_length, _a_number_few_readers_know,
)  # fmt: skip
