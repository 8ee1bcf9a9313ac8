"""Valid containers changed at random: accepted only if every signed byte and the set of files are what was signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders.signing import edits
from signing import QES_LV, SigningError, UnreadableDocument, verify
from tests.signing.conftest import APPLICATION, LETTER

if TYPE_CHECKING:
    from demo.pki import Pki
    from signing import TrustStore
    from tests.signing.conftest import Judge

_FILES = {APPLICATION, LETTER}
_QUIET = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def accepted(judge: Judge, document: bytes) -> bool:
    try:
        return bool(QES_LV.judge(judge(document)))
    except UnreadableDocument:
        return False


def same_files(document: bytes) -> bool:
    entries = edits.entries_or_none(document)
    if entries is None:
        return False
    data = [(name, content) for name, content in entries if name != "mimetype" and not name.startswith("META-INF/")]
    return set(data) == _FILES and len(data) == len(_FILES)


@_QUIET
@given(position=st.integers(0), value=st.integers(0, 255))
def test_one_byte_anywhere(judge: Judge, letter: bytes, position: int, value: int) -> None:
    position %= len(letter)
    mutant = letter[:position] + bytes([value]) + letter[position + 1 :]
    assert not accepted(judge, mutant) or same_files(mutant)


@_QUIET
@given(data=st.data())
def test_one_byte_of_the_signature_file(judge: Judge, letter: bytes, data: st.DataObject) -> None:
    xml = edits.signature_of(letter)
    position = data.draw(st.integers(0, len(xml) - 1))
    character = data.draw(st.characters(min_codepoint=32, max_codepoint=126))
    mutant = edits.replaced(letter, edits.SIGNATURE_FILE, (xml[:position] + character + xml[position + 1 :]).encode())
    start, end = xml.index("<ds:SignedInfo"), xml.index("</ds:SignatureValue>")
    inside = start <= position < end and xml[position] != character
    assert not (inside and accepted(judge, mutant)) or xml[position].isspace()


@_QUIET
@given(
    name=st.sampled_from([APPLICATION[0], LETTER[0]]),
    content=st.binary(max_size=60),
    how=st.sampled_from(["replace", "add", "remove", "rename", "swap"]),
    other=st.text(alphabet="abcž+% .", min_size=1, max_size=12),
)
def test_files_replaced_added_removed_renamed(
    judge: Judge, letter: bytes, name: str, content: bytes, how: str, other: str
) -> None:
    match how:
        case "replace":
            mutant = edits.replaced(letter, name, content)
        case "add":
            mutant = edits.added(letter, other, content)
        case "remove":
            mutant = edits.removed(letter, name)
        case "rename":
            mutant = edits.renamed(letter, name, other)
        case _:
            mutant = edits.replaced(edits.replaced(letter, APPLICATION[0], LETTER[1]), LETTER[0], APPLICATION[1])
    assert not accepted(judge, mutant)


@_QUIET
@given(cut=st.integers(0), junk=st.binary(max_size=40), at=st.integers(0))
def test_pieces_cut_out_and_put_in(judge: Judge, letter: bytes, cut: int, junk: bytes, at: int) -> None:
    at %= len(letter)
    mutant = letter[:at] + junk + letter[at + cut % 50 :]
    assert mutant == letter or not accepted(judge, mutant) or same_files(mutant)


@_QUIET
@given(
    document=st.binary(max_size=400),
    head=st.sampled_from([b"", b"PK\x03\x04", b"<a>", b"0\x82", b"<?xml version='1.0'?>"]),
)
def test_any_bytes_give_nothing_but_errors_of_our_own(
    pki: Pki, latvian_list: TrustStore, document: bytes, head: bytes
) -> None:
    try:
        verify(head + document, name="x", trust=latvian_list, at=pki.epoch)
    except SigningError as error:
        assert isinstance(error, UnreadableDocument)  # noqa: PT017 - whichever of the two it does, it is checked
