"""PDFs of ours whose later revisions are written as software writes them, and others in which two readers differ.

Honest variants take liberties of ISO 32000-2 with white space, names, tables and packed objects, one or more at a time;
the hostile ones take the same liberties and hide another page, for readers of another kind.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

from benchmarks._variants.environment import AT
from benchmarks._variants.kind import Kind, Variant, passed
from benchmarks._variants.pdf_revision import Paper, Revision, Style, respelled
from benchmarks._variants.pdf_witnesses import are_valid, drawn, is_well_written, kept, pdfsig
from demo.pki import person
from demo.signer.pdf import PlainSigner

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from benchmarks._variants.environment import Environment
    from signing import Report

    Trick = Callable[[Revision], None]

__all__ = ["KINDS"]

_EVIL = b"BT 1 0 0 1 100 500 Tm (All rights) Tj ET"
_PLACEHOLDER = b"0" * 16384
_BESIDES = 2  # of five
_SPACES = (b"", b" ", b"\n", b"\r\n", b"\r", b"\t", b"\0", b"\f", b"  \r\n ")
_REMARKS = (*_SPACES, b" % a remark\n", b"%%words - and 1.5 numbers\r\n")
_NAMES = (
    b"/J#C4#81/Off", b"/Name/ARX#20CoSign\xae", b"/Name/#41dobe", b"/Bez#20atstarpes true", b"/N#c4#93/#E9",
    b"/Na#6De/\xc5\xa0is", b"/A#2FB[/C#28D /\xff]", b"/#23/#23#23", b"/Names<</J#C4#81 1/J#C4#93 2/#C3#A9 3/#E9 4>>",
)  # fmt: skip
_NUMBERS = b"/Zero[00012 +5 -.5 4. -0 +.25 00.50 2147483647]"
_DATA = (b"(\x00\xff\\(\\\\)", b"<0>", b"<>", b"()", b"(a(b)c)", b"null", b"true", b"[[] <<>>]")

# Each: what is set in a style, by the area it belongs to.
_WHITE: tuple[dict[str, Any], ...] = (
    {"early": 1}, {"early": 3}, {"blank": (b"\n\n", b"\r\n", b" \n")}, {"blank": (b"\r",)},
    {"before_trailer": b"\n"}, {"before_trailer": b" \r\n\r\n"}, {"stream_end": b"\n\n"},
    {"stream_end": b"\r\n\r\n \n"}, {"stream_end": b""}, {"gaps": _SPACES}, {"gaps": _REMARKS},
    {"header": b"%d %d obj"}, {"header": b"%d  %d\tobj\r\n"}, {"footer": b"endobj"}, {"footer": b"\r\n\r\nendobj"},
    {"finish": b"startxref\r\n%d\r\n%%%%EOF"}, {"finish": b"startxref\n\n%d \n\n%%%%EOF  \n"},
    {"finish": b"\n \nstartxref \r\n%d\r%%%%EOF\r"}, {"number": b"000%d"}, {"number": b"+%d"}, {"trailer": _NUMBERS},
    {"line": b"\r\n"}, {"line": b" \r"}, {"section": b"%d  %d \r\n"}, {"section": b"\n%d %d\n\n"},
    {"section": b"%d\t%d "}, {"finish": b"%% a remark\nstartxref\n%d\n%%%%EOF\n\n"},
)  # fmt: skip
_SPELT: tuple[dict[str, Any], ...] = tuple(
    {"trailer": one}
    for one in (*_NAMES, *(b"/Xx " + data for data in _DATA), b"/ID[<00><FF>]", b"/ID[(\xfe\xff)(\\000)]/Doc 1")
)
_TABLES: tuple[dict[str, Any], ...] = (
    {"table": "stream"}, {"table": "stream", "itself": "free"}, {"table": "stream", "itself": "absent"},
    {"table": "both"}, {"table": "both", "itself": "free"}, {"table": "both", "itself": "absent"}, {"table": "beside"},
    {"table": "stream", "early": 2}, {"table": "stream", "itself": "free", "stream_end": b"\n\n"},
)  # fmt: skip
_PACKED: tuple[dict[str, Any], ...] = tuple(
    {"table": "stream", "packed": True, "index": index, "itself": itself}
    for index in (b"%d %d ", b"%d\n%d\n", b"\r\n%d  %d\t", b"%d\0%d\f", b"000%d 00%d ")
    for itself in ("used", "free", "absent")
)


# What honest software does besides


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


_HABITS: tuple[Trick, ...] = (
    _frees_nothing,
    _frees_what_nothing_reaches,
    _lists_again,
    _orphan_of_a_generation,
    _orphan_of_none,
)


# What is hidden: each shows the page's contents, or a whole page, otherwise to somebody


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


_TRICKS: tuple[Trick, ...] = (
    _listed_by_nobody, _in_a_string, _in_a_stream, _in_a_comment, _behind_a_length, _a_stream_that_ends_twice,
    _another_generation, _freed_contents, _freed_and_there, _listed_again_elsewhere, _another_listed_in_its_place,
    _a_key_twice, _a_key_that_ends_in_nought, _a_key_in_a_comment, _a_line_twice, _a_trailer_in_a_string,
    _beside_the_catalog, _contents_nobody_can_read, _size_that_leaves_out, _a_broken_end, _an_end_before_a_comment,
    _the_table_is_the_contents,
    _a_stream_for_new_readers, _another_page_packed_for_new_readers, _packed_and_not_listed, _type_in_other_letters,
    _lines_of_another_length, _a_number_few_readers_know,
)  # fmt: skip


# How a form is signed


def _orphan(paper: Paper) -> int:
    return int(re.findall(rb"\n(\d+) 0 obj\n\(nobody's\)", paper.octets)[0])


def _form(environment: Environment, dice: random.Random) -> Paper:
    """Our form, and in a second revision an object nobody refers to."""
    one = Revision(Paper.of(environment.form), Style(), dice)
    one.put(one.new(), b"(nobody's)")
    return one.finish()


@dataclass(frozen=True, slots=True)
class _Recipe:
    """Up to four revisions: a signature, its evidence, another signature, its evidence; and what each does besides."""

    styles: Sequence[Style]
    besides: Sequence[Sequence[Trick]]

    def write(self, environment: Environment, paper: Paper, dice: random.Random) -> bytes:
        """Append the revisions."""
        for number, (style, besides) in enumerate(zip(self.styles, self.besides, strict=True)):
            one = Revision(paper, style, dice)
            key = ("head", "user")[number // 2]
            paper = (_store if number % 2 else _sign)(environment, one, besides, key)
        return paper.octets


def _sign(environment: Environment, one: Revision, besides: Sequence[Trick], key: str) -> Paper:
    """Add a signature without a picture, over all that is there and this revision."""
    paper = one.paper
    signature, widget = one.new(), one.new()
    form = paper.form or one.new()
    quiet = [gap for gap in one.style.gaps if b"%" not in gap] or [b""]
    body = b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(D:20260302100000Z)/Prop_Build<</App<<"
    body += b"/Name/Test>>>>/ByteRange[0 0000000001 0000000002 0000000003]/Contents<%b>>>" % _PLACEHOLDER
    one.put(signature, respelled(body, quiet, one.dice), plain=True)
    name = b"Signature%d" % (len(paper.fields) + 1)
    field = b"<</Type/Annot/Subtype/Widget/FT/Sig/T(%b)/V %d 0 R/Rect[0 0 0 0]/F 132/P %d 0 R>>"
    one.put(widget, field % (name, signature, paper.page))
    widgets = b" ".join(b"%d 0 R" % number for number in (*paper.fields, widget))
    one.put(form, b"<</Fields[%b]/SigFlags 3>>" % widgets)
    if not paper.form:
        one.put(paper.root, paper.body(paper.root)[:-2] + b"/AcroForm %d 0 R>>" % form)
    page = re.sub(rb"/Annots\[[^]]*\]", b"", paper.body(paper.page))
    one.put(paper.page, page[:-2] + b"/Annots[%b]>>" % widgets)
    for trick in besides:
        trick(one)
    done = one.finish()
    done.form, done.fields = form, [*paper.fields, widget]
    done.octets = _filled(environment, done.octets, len(paper.octets), key)
    return done


def _filled(environment: Environment, octets: bytes, behind: int, key: str) -> bytes:
    start = octets.index(_PLACEHOLDER, behind) - 1
    after = start + len(_PLACEHOLDER) + 2
    for mark, number in ((1, start), (2, after), (3, len(octets) - after)):
        at = octets.index(b"%010d" % mark, behind)
        octets = octets[:at] + b"%010d" % number + octets[at + 10 :]
    signer = PlainSigner(person(key), environment.pki)
    digest = hashlib.sha256(octets[:start] + octets[after:]).digest()
    attributes = PdfCMSSignedAttributes(signing_time=AT)
    signed = asyncio.run(signer.async_sign(digest, "sha256", use_pades=True, signed_attr_settings=attributes))
    contents = signed.dump().hex().encode("ascii")
    filled: bytes = octets[: start + 1] + contents.ljust(len(_PLACEHOLDER), b"0") + octets[after - 1 :]
    return filled


def _store(environment: Environment, one: Revision, besides: Sequence[Trick], key: str) -> Paper:
    """Add a security store with all that a verifier needs."""
    pki, paper = environment.pki, one.paper
    certificate = pki.certificate(person(key).key)
    helpers = pki.chain(certificate)
    answer = pki.ocsp(certificate, at=AT)
    found = {
        b"Certs": [each.public_bytes(Encoding.DER) for each in (certificate, *helpers)],
        b"OCSPs": [answer],
        b"CRLs": [],
    }
    store = b""
    for name, blobs in found.items():
        numbers = [one.new() for _ in blobs]
        for number, blob in zip(numbers, blobs, strict=True):
            one.put_stream(number, blob)
        store += b"/%b[%b]" % (name, b" ".join(b"%d 0 R" % number for number in numbers))
    place = one.new()
    one.put(place, b"<<%b>>" % store)
    one.put(paper.root, re.sub(rb"/DSS \d+ 0 R", b"", paper.body(paper.root))[:-2] + b"/DSS %d 0 R>>" % place)
    for trick in besides:
        trick(one)
    return one.finish()


# The kinds


def _made(
    liberties: Sequence[dict[str, Any]], environment: Environment, dice: random.Random, count: int
) -> Iterator[Variant]:
    """Make honest and hostile variants in turn; each liberty alone first, then several and more revisions."""
    paper = _form(environment, dice)
    for number in range(count):
        honest = number % 2 == 0
        first = liberties[(number // 2) % len(liberties)]
        few = (
            [first, *(dice.choice(liberties) for _ in range(dice.randrange(3)))]
            if number >= len(liberties)
            else [first]
        )
        styles = [Style(**_safe(few)) for _ in range(2 + 2 * (number % 5 == 0))]
        habits: list[list[Trick]] = [[dice.choice(_HABITS)] if dice.randrange(5) < _BESIDES else [] for _ in styles]
        trick = _TRICKS[(number // 2) % len(_TRICKS)]
        if not honest:
            habits[dice.randrange(2)].append(trick)
        besides = ", ".join(one.__name__.strip("_") for ones in habits for one in ones)
        name = f"{number}: {'; '.join(f'{key}={value!r}' for one in few for key, value in one.items())} {besides}"
        content = _Recipe(styles, habits).write(environment, paper, dice)
        yield Variant(name, content, honest, expected=environment.form)


def _safe(few: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Join liberties; trailers are added to one another as long as no key comes twice."""
    joined: dict[str, Any] = {}
    for one in few:
        joined |= {key: value for key, value in one.items() if key != "trailer" or key not in joined}
    return joined


def _takes(variant: Variant, report: Report) -> bool:
    return passed(variant, report) and bool(report.contents[0].covered_by)


def _seen_by_others(variant: Variant, environment: Environment, scratch: Path) -> bool | None:
    """Whether poppler finds the signatures intact, qpdf finds the file sound and PDFium shows our pages.

    None where one of them was not asked.
    """
    if not variant.honest:
        return None
    file = kept(variant, scratch)
    sound = is_well_written(file)
    if sound is None:
        return None
    same = drawn(variant.content, annotations=True) == drawn(environment.form, annotations=True)
    return same and are_valid(pdfsig(file)) and sound


def _kind(name: str, liberties: Sequence[dict[str, Any]], count: int) -> Kind:
    return Kind(
        name,
        make=lambda environment, dice: _made(liberties, environment, dice, count),
        takes=_takes,
        witness=_seen_by_others,
        asks="pdfsig",
    )


KINDS = (
    _kind("pdf-revisions-white-space", _WHITE, 108),
    _kind("pdf-revisions-names-and-values", _SPELT, 80),
    _kind("pdf-revisions-tables", _TABLES, 104),
    _kind("pdf-revisions-packed", _PACKED, 104),
)
