"""A fault of ours says nothing of the file: it is no damage, and it does not end in a verdict."""

from __future__ import annotations

import contextlib
import io
import json
from typing import TYPE_CHECKING, NoReturn

import pytest
from pyhanko.pdf_utils import generic

from demo.pki import lv_list, person
from demo.signer import sign_edoc, sign_pdf
from signing import BrokenDocument, Indication, UnreadableDocument, verify
from signing.cli import main
from signing.errors import place_of
from signing.pades import reading as pdf_reading
from signing.pades.reader.faults import attempted, guarded, is_of_the_file
from signing.reading.document import read_document

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from demo.pki import Pki
    from signing import TrustStore
    from signing.container import Octets
    from signing.reading.facts import DocumentFacts

_BUGS = (AttributeError, MemoryError, TypeError, KeyError, NameError)


def raiser(kind: type[Exception]) -> Callable[..., NoReturn]:
    def fail(*_: object, **__: object) -> NoReturn:
        raise kind("what a hostile document says")

    return fail


@pytest.mark.parametrize("kind", _BUGS)
@pytest.mark.parametrize("where", ["_read_all", "permissions_of", "steps_after"])
def test_a_bug_in_the_pdf_reader_is_no_damage_of_the_file(
    monkeypatch: pytest.MonkeyPatch,
    pki: Pki,
    latvian_list: TrustStore,
    signed: bytes,
    kind: type[Exception],
    where: str,
) -> None:
    twice = sign_pdf(signed, person=person("user"), pki=pki, at=pki.epoch)
    monkeypatch.setattr(pdf_reading, where, raiser(kind))
    with pytest.raises(kind):
        verify(twice, name="form.pdf", trust=latvian_list, at=pki.epoch)


@pytest.mark.parametrize("kind", _BUGS)
def test_a_bug_in_the_container_reader_is_no_damage_of_the_file(
    monkeypatch: pytest.MonkeyPatch, pki: Pki, latvian_list: TrustStore, letter: bytes, kind: type[Exception]
) -> None:
    monkeypatch.setattr("signing.reading.containers.open_container", raiser(kind))
    with pytest.raises(kind):
        verify(letter, name="letter.edoc", trust=latvian_list, at=pki.epoch)


def test_a_fault_inside_a_container_in_a_container_is_a_fault(
    monkeypatch: pytest.MonkeyPatch, pki: Pki, latvian_list: TrustStore, letter: bytes
) -> None:
    outer = sign_edoc([("letter.edoc", letter)], person=person("head"), pki=pki, at=pki.epoch)
    report = verify(outer, name="outer.edoc", trust=latvian_list, at=pki.epoch, nested=True)
    assert report.nested[0].report is not None

    def read(document: Octets, **given: object) -> DocumentFacts:
        if isinstance(document, bytes) and document == letter:
            raise AttributeError("a bug")
        return read_document(document, name=str(given["name"]))

    monkeypatch.setattr("signing.verification.read_document", read)
    with pytest.raises(AttributeError):
        verify(outer, name="outer.edoc", trust=latvian_list, at=pki.epoch, nested=True)


def test_what_pyhanko_stumbles_over_is_damage_and_the_same_error_of_ours_is_not() -> None:
    empty: dict[str, str] = {}
    with pytest.raises(BrokenDocument):
        guarded(lambda: generic.ArrayObject([])[7])()
    assert attempted(lambda: generic.ArrayObject([])[7]) is None
    with pytest.raises(KeyError):
        guarded(lambda: empty["/Missing"])()
    with pytest.raises(KeyError):
        attempted(lambda: empty["/Missing"])
    assert not is_of_the_file(MemoryError())
    assert not is_of_the_file(AttributeError("no such name"))
    assert is_of_the_file(RecursionError("values nested in values"))


def test_values_nested_without_end_are_damage(pki: Pki, latvian_list: TrustStore, signed: bytes) -> None:
    deep = signed.replace(b"/Type /Catalog", b"/Type /Catalog /X " + b"[" * 50_000 + b"]" * 50_000, 1)
    assert deep != signed
    with pytest.raises(BrokenDocument):
        verify(deep, name="form.pdf", trust=latvian_list, at=pki.epoch)


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content).to_bytes(4, "big")
    return bytes((tag, 0x84)) + size + content


def _nested(depth: int) -> bytes:
    found = b""
    for _ in range(depth):
        found = _tlv(0x30, found)
    return found


@pytest.mark.parametrize("depth", [50, 3000])
def test_elements_nested_without_end_are_damage_in_every_other_kind_of_file(
    pki: Pki, latvian_list: TrustStore, depth: int
) -> None:
    signed_data = bytes.fromhex("06092a864886f70d010702")
    inside = b'xmlns="http://www.w3.org/2000/09/xmldsig#">' + b"<Object>" * depth + b"</Object>" * depth
    for document in (
        _tlv(0x30, signed_data + _tlv(0xA0, _nested(depth))),
        _tlv(0x30, signed_data + _tlv(0xA0, _tlv(0x30, b"\x02\x01\x01" + _nested(depth) * 3))),
        b"\x30\x80" * depth + b"\0\0" * depth,
        b"<Signature " + inside + b"</Signature>",
    ):
        with contextlib.suppress(UnreadableDocument):
            report = verify(document, name="deep", trust=latvian_list, at=pki.epoch)
            assert all(one.indication is not Indication.TOTAL_PASSED for one in report.signatures)


def test_the_command_says_whose_fault_it_is_and_judges_the_other_files(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], pki: Pki, tmp_path: Path, letter: bytes,
    signed: bytes,
) -> None:  # fmt: skip
    (tmp_path / "list.xml").write_bytes(lv_list(pki, at=pki.epoch))
    (tmp_path / "form.pdf").write_bytes(signed)
    (tmp_path / "letter.edoc").write_bytes(letter)
    monkeypatch.setattr(pdf_reading, "_read_all", raiser(AttributeError))
    arguments = ["--trust", str(tmp_path / "list.xml"), str(tmp_path / "form.pdf"), str(tmp_path / "letter.edoc")]

    out = io.StringIO()
    assert main(arguments, out=out, now=pki.epoch) != 0
    assert "the fault lies with this program" in out.getvalue()
    assert "qes-lv: accepted" in out.getvalue()
    told = capsys.readouterr().err
    assert "AttributeError at tests.signing.pades.test_faults:" in told
    assert "hostile" not in told

    out = io.StringIO()
    assert main(["--json", *arguments], out=out, now=pki.epoch) != 0
    first, second = map(json.loads, out.getvalue().splitlines())
    assert (first["report"], first["error"]["code"]) == (None, "document.not-judged")
    assert first["policyVerdict"]["verdict"] == "undetermined"
    assert second["policyVerdict"]["verdict"] == "accepted"


def test_a_fault_is_told_by_its_place_alone() -> None:
    try:
        raiser(ValueError)()
    except ValueError as error:
        told = place_of(error)
    assert told.startswith("ValueError at tests.signing.pades.test_faults:")
    assert "hostile" not in told
