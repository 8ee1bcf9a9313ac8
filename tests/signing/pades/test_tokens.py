"""The replaced token readers read what pyHanko reads, except names that it decodes as UTF-8."""

from __future__ import annotations

import io
import random
import re
from typing import TYPE_CHECKING, Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from demo.pki import person
from demo.signer import Level, sign_pdf
from signing.pades.reader import tokens
from signing.pades.reader.revisions import RevisionReader

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.pki import Pki

ENDS = b"\0\t\n\f\r ()<>[]{}/%"


def outcome(read: Callable[[Any], Any], data: bytes) -> tuple[object, int]:
    """What a reader gives, or what it objects to; and where it stops."""
    stream = io.BytesIO(data)
    try:
        found = read(stream)
    except Exception as error:  # noqa: BLE001 - whatever it is, both have to object to the same
        return repr(error), -1
    return (type(found), str(found)), stream.tell()


def same(data: bytes) -> bool:
    """Whether a name is read as pyHanko reads it; one with octets above 127 as these octets, where pyHanko guesses."""
    ours, theirs = outcome(tokens._name, data), outcome(tokens._read_name, data)
    written = re.match(rb"/[^\0\t\n\f\r ()<>\[\]{}/%]*", data)
    if written is None or theirs == ours:
        return theirs == ours
    octets = re.sub(rb"#([0-9A-Fa-f]{2})", lambda match: bytes.fromhex(match[1].decode("ascii")), written[0])
    return not octets.isascii() and ours == ((generic.NameObject, octets.decode("latin-1")), written.end())


def test_every_byte_in_a_name_and_behind_it() -> None:
    for byte in range(256):
        one = bytes((byte,))
        assert same(b"/" + one + b" "), one
        assert same(b"/Name" + one + b"/Next"), one
        assert same(b"/Name" + one), one
        assert same(one + b"Name "), one


@pytest.mark.parametrize("end", [b"", b" ", b"/", b"\r", b"#20 ", b"\x80 ", b"\x0b ", b"#2"])
def test_names_of_every_length_around_what_is_looked_at_in_one_go(end: bytes) -> None:
    assert all(same(b"/" + b"a" * length + end) for length in range(120))


def test_names_of_any_bytes() -> None:
    chance = random.Random(7)  # noqa: S311 - the same ones each time
    letters = ENDS + b"#09AFaf!~\x7f\xc4\x81" + b"Name" * 4
    names = (bytes(chance.choices(letters, k=chance.randrange(12))) for _ in range(20_000))
    assert all(same(b"/" + name) for name in names)


def test_two_names_stay_two() -> None:
    """One is UTF-8 and one is Latin-1, which somebody may take for one letter; readers compare octets."""
    names = {outcome(tokens._name, one)[0] for one in (b"/#C3#A9 ", b"/\xc3\xa9 ", b"/#E9 ", b"/\xe9 ", b"/#e9 ")}
    assert len(names) == 2


def test_views_of_each_revision_hold_the_same_objects(form: bytes, pki: Pki) -> None:
    document = sign_pdf(form, person=person("user"), pki=pki, at=pki.epoch, level=Level.LTA)
    quick, slow = RevisionReader(io.BytesIO(document)), PdfFileReader(io.BytesIO(document))
    assert quick.total_revisions == slow.total_revisions > 2
    for revision in range(quick.total_revisions):
        ours, theirs = quick.get_historical_resolver(revision), slow.get_historical_resolver(revision)
        assert type(ours) is not type(theirs)
        assert ours is quick.get_historical_resolver(revision)
        references = {one for number in range(revision + 1) for one in slow.xrefs.explicit_refs_in_revision(number)}
        assert references
        for reference in references:
            assert_same_copy(ours.get_object(reference), theirs.get_object(reference), ours, theirs)


def assert_same_copy(ours: Any, theirs: Any, our_view: object, their_view: object) -> None:  # noqa: ANN401 - pyHanko's
    """Equal through and through; what refers to others does so within its own view, and is nobody else's copy."""
    assert type(ours) is type(theirs)
    if isinstance(ours, generic.IndirectObject):
        assert ours.reference == theirs.reference
        assert (ours.reference.pdf, theirs.reference.pdf) == (our_view, their_view)
    elif isinstance(ours, generic.DictionaryObject):
        assert ours.container_ref == theirs.container_ref
        assert isinstance(ours.container_ref, generic.Reference)
        assert ours.container_ref.pdf is our_view
        assert list(ours) == list(theirs)
        assert [type(key) for key in ours] == [type(key) for key in theirs]
        if isinstance(ours, generic.StreamObject):
            assert ours.data == theirs.data
        for key in ours:
            assert_same_copy(ours.raw_get(key), theirs.raw_get(key), our_view, their_view)
    elif isinstance(ours, generic.ArrayObject):
        assert ours.container_ref == theirs.container_ref
        assert len(ours) == len(theirs)
        for number in range(len(ours)):
            assert_same_copy(ours.raw_get(number), theirs.raw_get(number), our_view, their_view)
    else:
        assert ours == theirs
