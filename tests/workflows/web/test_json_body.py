"""The large value of a request, however its writer escapes it: the bytes any JSON reader makes of it, and soon."""

import base64
import json
import tempfile
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.web.api.json_body import read

PIECE = 1 << 18


class NotBase64(Exception):
    """The reader found a string that base64 does not write."""


def decoded(written: bytes) -> bytes:
    with tempfile.TemporaryFile() as file:
        file.write(b'{"document":"' + written + b'"}')
        file.flush()
        with read(file) as body:
            if body.not_base64:
                raise NotBase64
            return b"" if body.document is None else body.document.read()


@st.composite
def writings(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """Some content, and its base64 as some writer may write it in JSON."""
    content = draw(st.binary(min_size=1, max_size=200)) * draw(st.sampled_from([1, 1, 1, 4000]))
    ways = {
        "/": draw(st.sampled_from(["/", "\\/", "\\u002f", "\\u002F"])),
        "+": draw(st.sampled_from(["+", "\\u002b", "\\u002B"])),
        "=": draw(st.sampled_from(["=", "\\u003d", "\\u003D"])),
        "A": draw(st.sampled_from(["A", "\\u0041"])),
    }
    lines = draw(st.sampled_from(["", "\\n", "\\r\\n", "\\u000a"]))
    letters = base64.b64encode(content).decode("ascii")
    text = lines.join(letters[start : start + 76] for start in range(0, len(letters), 76))
    return content, "".join(ways.get(letter, letter) for letter in text).encode("ascii")


@given(writings())
def test_whatever_a_writer_escapes_is_read_as_any_reader_reads_it(case: tuple[bytes, bytes]) -> None:
    content, written = case
    assert decoded(written) == content
    assert base64.b64decode(json.loads(b'"' + written + b'"')) == content


@pytest.mark.parametrize("before", range(PIECE - 8, PIECE + 2))
def test_an_escape_that_lies_across_two_pieces_is_one(before: int) -> None:
    after = 4 + -before % 4
    assert decoded(b"A" * before + b"\\u002b" * after) == base64.b64decode("A" * before + "+" * after)


@pytest.mark.parametrize(
    "written",
    [b"\\\\u0041AAA", b"\\U00000041AAA", b"\\u0100AAA", b"\\u00e4AAA", b"\\u00", b"\\b\\f", b'\\"AAA', b"\\\\",
     b"\\\\/AA", "ā".encode(), b"\xff"],
)  # fmt: skip
def test_what_no_base64_is_written_with_is_refused(written: bytes) -> None:
    with pytest.raises(NotBase64):
        decoded(written)


@pytest.mark.parametrize("written", [b"\\u0041", b"\\nA", b"\\/", b"\\\\", b'\\"'])
def test_a_body_of_nothing_but_escapes_costs_little_more_than_a_plain_one(written: bytes) -> None:
    body = written * (12 * 2**20 // len(written))
    begun = time.process_time()
    with suppress(NotBase64):
        decoded(body)
    assert time.process_time() - begun < 1.5, "it took eight seconds for the largest there may be"
