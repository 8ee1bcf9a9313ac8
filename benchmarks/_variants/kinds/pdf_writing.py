"""PDFs of ours whose later revisions are written as software writes them, and others in which two readers differ.

Honest variants take liberties of ISO 32000-2 with white space, names, tables and packed objects, one or more at a time;
the hostile ones take the same liberties and hide another page, for readers of another kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks._variants.kind import Variant, VariantKind, passed
from benchmarks._variants.pdf_revision import Style
from benchmarks._variants.pdf_signed_revisions import Recipe, form_with_orphan
from benchmarks._variants.pdf_tricks import HABITS, TRICKS
from benchmarks._variants.pdf_witnesses import are_valid, drawn, is_well_written, kept, pdfsig

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from benchmarks._variants.environment import Environment
    from benchmarks._variants.pdf_revision import Revision
    from signing import Report

    Trick = Callable[[Revision], None]

__all__ = ["KINDS"]

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


def _made(
    liberties: Sequence[dict[str, Any]], environment: Environment, dice: random.Random, count: int
) -> Iterator[Variant]:
    """Make honest and hostile variants in turn; each liberty alone first, then several and more revisions."""
    paper = form_with_orphan(environment, dice)
    for number in range(count):
        honest = number % 2 == 0
        first = liberties[(number // 2) % len(liberties)]
        few = (
            [first, *(dice.choice(liberties) for _ in range(dice.randrange(3)))]
            if number >= len(liberties)
            else [first]
        )
        styles = [Style(**_safe(few)) for _ in range(2 + 2 * (number % 5 == 0))]
        habits: list[list[Trick]] = [[dice.choice(HABITS)] if dice.randrange(5) < _BESIDES else [] for _ in styles]
        trick = TRICKS[(number // 2) % len(TRICKS)]
        if not honest:
            habits[dice.randrange(2)].append(trick)
        besides = ", ".join(one.__name__.strip("_") for ones in habits for one in ones)
        name = f"{number}: {'; '.join(f'{key}={value!r}' for one in few for key, value in one.items())} {besides}"
        content = Recipe(styles, habits).write(environment, paper, dice)
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


def _kind(name: str, liberties: Sequence[dict[str, Any]], count: int) -> VariantKind:
    return VariantKind(
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
