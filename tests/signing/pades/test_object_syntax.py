"""What the strict syntax accepts, pyHanko reads alike: the same names, numbers, references and structure."""

from __future__ import annotations

import io
import random
import re
from decimal import Decimal
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.pades.reader.tokens import PdfStream
from signing.pades.syntax.objects import (
    AmbiguousSyntax,
    Ref,
    Value,
    read_dictionary,
    read_object,
    read_value,
    whole_number,
)

SPACES = [b" ", b"\n", b"\r\n", b"\r", b"\t", b"\0", b"\f", b"  ", b" % words\n", b"%% 1.5 R true, and more\r\n"]
NUMBERS = [b"0", b"00012", b"+5", b"-.5", b"4.", b"+.25", b"-0", b"00.50", b"-003", b"2147483647", b"0000000000.1"]
NAMES = [
    b"/A",
    b"/#41",
    b"/J#C4#81",
    b"/J#c4#81x",
    b"/ARX#20CoSign\xae",
    b"/\xc5\xa0",
    b"/#E9",
    b"/#23",
    b"/a!b*",
    b"/",
]
KEYS = [b"/A", b"/#42", b"/J#C4#81", b"/#E9", b"/#C3#A9", b"/C#23", b"/Da.ta", b"/E#2F"]
STRINGS = [
    b"()",
    b"(a(b)c)",
    b"(\\(\\\\)",
    b"(\\101\\7)",
    b"<>",
    b"<0a F>",
    b"(\xff\x00)",
    b"(% no comment)",
    b"(1 0 R)",
]
REFUSED = [
    b"<</A 1/A 2>>", b"<</A 1/#41 2>>", b"<</#C3#A9 1/#c3#a9 2>>", b"<</\xe9 1>>", b"<</A#00 1>>", b"[/A#00]",
    b"<</A#4 1>>", b"[/A#4]", b"[/A#GG]", b"<</#54ype/Page>>", b"<</Type/P#61ge>>", b"<</Leng#74h 1>>", b"[1 2 R R]",
    b"<</Filter[/Fl#61teDecode]>>", b"<</#43ontents 1 0 R>>", b"[--5]", b"[5-3]", b"[1e5]", b"[.]", b"[+]", b"[1.2.3]",
    b"[0x10]", b"[nul]", b"[True]", b"[1 0 RR]", b"<</A>>", b"<</A 1 /B>>", b"<<1 2>>", b"[(]", b"[<0g>]", b"[/\x0b]",
    b"[1\x0b2]", b"[% one\r2]", b"[% (\n2]", b"[%>>\n2]", b"[% endobj\n2]", b"[% 5 0 obj\n2]", b"[%%EOF\n]",
    b"[%xref\n]", b"[{}]", b"[1 2", b"<</A 1", b"[1 0R]", b"[" * 60 + b"]" * 60,
]  # fmt: skip


def written(dice: random.Random, depth: int = 0) -> bytes:
    """A value as anybody may write it."""
    kind = dice.randrange(8 if depth < 4 else 5)
    if kind < 5:
        plain = [NUMBERS, NAMES, STRINGS, [b"true", b"false", b"null"], [b"5 0 R", b"12\n0\tR", b"007 00 R"]][kind]
        return dice.choice(plain)
    many = dice.randrange(4)
    inside = (
        [part for key in dice.sample(KEYS, many) for part in (key, written(dice, depth + 1))]
        if kind == 5
        else [written(dice, depth + 1) for _ in range(many)]
    )
    joined = b"".join(dice.choice(SPACES) + part for part in inside) + dice.choice([b"", *SPACES])
    return b"<<" + joined + b">>" if kind == 5 else b"[" + joined + b"]"


def told_by_us(found: Value) -> object:  # noqa: PLR0911 - one return a kind
    if isinstance(found, dict):
        return {key: told_by_us(inner) for key, inner in found.items()}
    if isinstance(found, list):
        return [told_by_us(inner) for inner in found]
    if isinstance(found, Ref):
        return ("reference", *found)
    if re.fullmatch(rb"[+-]?[0-9.]+", found):
        return Decimal(found.decode("ascii"))
    if found.startswith(b"<"):
        digits = re.sub(rb"[^0-9A-Fa-f]", b"", found).decode("ascii")
        return b"string", bytes.fromhex(digits + "0" * (len(digits) % 2))
    if found.startswith(b"("):
        return b"string", re.sub(
            rb"\\([0-7]{1,3}|.)",
            lambda one: bytes((int(one[1], 8),)) if one[1].isdigit() else one[1],
            found[1:-1],
            flags=re.DOTALL,
        )
    return found


def told_by_pyhanko(found: Any) -> object:  # noqa: ANN401, PLR0911 - pyHanko has no types; one return a kind
    if isinstance(found, generic.DictionaryObject):
        return {key.encode("latin-1"): told_by_pyhanko(found.raw_get(key)) for key in found}
    if isinstance(found, generic.ArrayObject):
        return [told_by_pyhanko(found.raw_get(index)) for index in range(len(found))]
    if isinstance(found, generic.IndirectObject):
        return "reference", found.idnum, found.generation
    if isinstance(found, generic.NameObject):
        return found.encode("latin-1")
    if isinstance(found, generic.BooleanObject):
        return b"true" if found else b"false"
    if isinstance(found, generic.NullObject):
        return b"null"
    if isinstance(found, generic.TextStringObject | generic.ByteStringObject):
        return b"string", found.original_bytes
    return Decimal(str(found))


def read_by_pyhanko(data: bytes, form: bytes) -> object:
    reader = PdfFileReader(io.BytesIO(form))
    found = generic.read_object(PdfStream(data), generic.Reference(1, 0, reader))
    return told_by_pyhanko(found)


def test_values_are_read_as_pyhanko_reads_them(form: bytes) -> None:
    dice = random.Random(11)  # noqa: S311 - the same ones each time
    for _ in range(3000):
        data = written(dice) + b" "
        found, end = read_value(data, 0)
        assert end == len(data) - 1, data
        assert told_by_us(found) == read_by_pyhanko(data, form), data


@pytest.mark.parametrize("data", REFUSED)
def test_what_readers_differ_about_is_not_taken(data: bytes) -> None:
    with pytest.raises(AmbiguousSyntax):
        read_value(data + b" ", 0)


def test_two_spellings_of_one_name_are_one() -> None:
    assert read_dictionary(b"<</J#C4#81/\xc4\x81/#41/#42>>", 0)[0] == {b"/J\xc4\x81": b"/\xc4\x81", b"/A": b"/B"}


def test_whole_numbers_are_read_with_signs_and_leading_zeros() -> None:
    assert [whole_number(one) for one in (b"+5", b"00012", b"0")] == [5, 12, 0]
    for one in (b"-5", b"5.", b"", None, [b"5"], b"+", b"99999999999"):
        with pytest.raises(AmbiguousSyntax):
            whole_number(one)  # type: ignore[arg-type] # what a dictionary may hold


def read(data: bytes) -> Value | None:
    found = read_object(data, 0, lambda _: 1)
    return found.value if found is not None else None


@pytest.mark.parametrize(
    "data",
    [
        b"1 0 obj<</Length 1>>stream\nq\nendstream\nendobj ",
        b"1 0 obj<</Length +01>>\r\nstream\r\nq\r\n\n \0endstream\n endobj\n",
        b"01\t000\nobj<</Length 5 0 R>>stream\nqendstream endobj",
        b"1 0 obj % words\n<</Length 1>>stream\nq endstream\rendobj%",
    ],
)
def test_a_stream_ends_behind_its_length_and_white_space(data: bytes) -> None:
    assert isinstance(read(data), dict)


@pytest.mark.parametrize(
    "data",
    [
        b"1 0 obj<</Length 1>>stream\rq\nendstream\nendobj ",  # a carriage return alone (§7.3.8.1)
        b"1 0 obj<</Length 1>>stream \nq\nendstream\nendobj ",
        b"1 0 obj<</Length 1>>streamq\nendstream\nendobj ",
        b"1 0 obj<</Length 1>>stream\nqq\nendstream\nendobj ",
        b"1 0 obj<</Length 1>>stream\nq\n%\nendstream\nendobj ",
        b"1 0 obj<</Length 3>>stream\nq\nendstream\nendobj ",
        b"1 0 obj<</Length -1>>stream\nq\nendstream\nendobj ",
        b"1 0 obj<</Length 1.0>>stream\nq\nendstream\nendobj ",
        b"1 0 obj<<>>stream\nq\nendstream\nendobj ",
        b"1 0 obj<</Length 1>>% words\nstream\nq\nendstream\nendobj ",
        b"1 0 obj<</Length 1>>stream\nq\nendstream\nendobj2 ",
        b"1 0 obj 5 6 endobj ",
        b"1 0 obj endobj ",
        b"1 0 obj<</Type 5 0 R>>endobj ",
    ],
)
def test_an_object_of_which_two_readers_see_two_ends_is_not_taken(data: bytes) -> None:
    with pytest.raises(AmbiguousSyntax):
        read(data)


@pytest.mark.parametrize("data", [b"1 0 obj5 endobj", b"1 0 object", b"1 0 R", b"x", b""])
def test_what_is_no_object_is_none(data: bytes) -> None:
    assert read(data) is None
