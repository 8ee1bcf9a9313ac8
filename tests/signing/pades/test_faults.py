"""A fault of ours says nothing of the file: it is no damage, and it does not end in a verdict."""

from __future__ import annotations

import contextlib
import io
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

import pikepdf
import pytest
from pyhanko.pdf_utils import generic

from demo.pki import lv_list, person
from demo.signer import sign_edoc, sign_pdf
from signing import BrokenDocument, Indication, UnreadableDocument, verify
from signing.cli import main
from signing.errors import place_of
from signing.pades import reading as pdf_reading
from signing.pades.difference.number_tree import number_tree
from signing.pades.permissions import permissions_of
from signing.pades.reader.faults import Malformed, attempted, guarded, is_of_the_file
from signing.pades.reader.pdf import Pdf
from signing.pades.syntax.objects import AmbiguousSyntax, read_object, read_value, skip_white_space
from signing.reading.document import read_document

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from demo.pki import Pki
    from signing import TrustStore
    from signing.container import Octets
    from signing.reading.facts import DocumentFacts

_BUGS = (AttributeError, MemoryError, TypeError, KeyError, NameError, ValueError, ZeroDivisionError, RecursionError)


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


@pytest.mark.parametrize("kind", _BUGS)
def test_an_error_of_a_line_of_ours_is_no_damage(kind: type[Exception]) -> None:
    with pytest.raises(kind):
        guarded(raiser(kind))()
    with pytest.raises(kind):
        attempted(raiser(kind))


def test_a_function_of_ours_that_calls_itself_without_end_is_no_damage() -> None:
    def endless() -> NoReturn:
        endless()
        raise AssertionError

    with pytest.raises(RecursionError):
        guarded(endless)()


def test_a_value_that_no_line_of_ours_can_use_is_damage_at_that_line(signed: bytes) -> None:
    odd, loose = generic.DictionaryObject(), generic.DictionaryObject()  # type: ignore[no-untyped-call]
    odd[generic.NameObject("/Nums")] = generic.ArrayObject([generic.NumberObject(1)])  # type: ignore[no-untyped-call]
    with pytest.raises(Malformed):
        number_tree(odd)
    with pytest.raises(AmbiguousSyntax):
        read_value(b"9" * 5000 + b" ", 0)
    assert read_value(b"0" * 5000 + b"7 ", 0) == (b"0" * 5000 + b"7", 5001)
    assert skip_white_space(b"1 ", 2**70) == 2
    stream = b"1 0 obj << /Length 2 0 R >> stream\nA\nendstream endobj"
    for length in (2**70, -(2**70)):
        with pytest.raises(AmbiguousSyntax):
            read_object(stream, 0, lambda _, length=length: length)  # type: ignore[misc]
    parameters, transform, entry = loose, generic.DictionaryObject(), generic.DictionaryObject()  # type: ignore[no-untyped-call]
    parameters[generic.NameObject("/P")] = generic.NumberObject(7)  # type: ignore[no-untyped-call]
    transform[generic.NameObject("/TransformMethod")] = generic.NameObject("/DocMDP")
    transform[generic.NameObject("/TransformParams")] = parameters
    entry[generic.NameObject("/Reference")] = generic.ArrayObject([transform])
    pdf = Pdf(signed)
    with pytest.raises(BrokenDocument, match="Malformed"):
        permissions_of(pdf, replace(pdf.signatures()[0], raw=entry), 0)


@pytest.mark.parametrize("depth", [150, 250, 300, 350, 400, 450, 500])
def test_values_nested_at_every_depth_are_judged_or_damage(
    pki: Pki, latvian_list: TrustStore, signed: bytes, depth: int
) -> None:
    start = len(signed) + 1
    object_ = b"9000 0 obj " + b"[" * depth + b"]" * depth + b" endobj\n"
    table = b"xref\n9000 1\n%010d 00000 n \n" % start
    root = re.findall(rb"/Root (\d+ 0 R)", signed)[-1]
    previous = re.findall(rb"startxref\s+(\d+)", signed)[-1]
    trailer = b"trailer << /Size 9001 /Root %b /Prev %b >>\n" % (root, previous)
    deep = signed + b"\n" + object_ + table + trailer + b"startxref\n%d\n%%%%EOF\n" % (start + len(object_))
    with contextlib.suppress(UnreadableDocument):
        verify(deep, name="form.pdf", trust=latvian_list, at=pki.epoch)
    pdf = Pdf(deep)
    view = pdf.reader.get_historical_resolver(pdf.revisions - 1)
    call = guarded(lambda: view.get_object(generic.Reference(9000, 0, view)))
    if depth < 200:
        assert len(call()) == 1
    else:
        with pytest.raises(BrokenDocument):
            call()


@pytest.mark.parametrize(
    ("known", "unknown"),
    [
        (b"/FlateDecode", b"/LZWDecode  "),
        (b"/FlateDecode", b"/DCTDecode  "),
        (b"/FlateDecode", b"/Unknown1234"),
        (b"/Predictor 12", b"/Predictor 2 "),
        (b"/Predictor 12", b"/Predictor 99"),
    ],
)
def test_objects_packed_in_a_way_that_pyhanko_does_not_unpack_are_no_fault_of_ours(
    pki: Pki, latvian_list: TrustStore, form: bytes, known: bytes, unknown: bytes
) -> None:
    packed = io.BytesIO()
    with pikepdf.open(io.BytesIO(form)) as pdf:
        pdf.save(packed, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    signed = sign_pdf(packed.getvalue(), person=person("user"), pki=pki, at=pki.epoch)
    assert known in signed
    with pytest.raises(BrokenDocument, match="NotImplementedError"):
        verify(signed.replace(known, unknown), name="form.pdf", trust=latvian_list, at=pki.epoch)


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
