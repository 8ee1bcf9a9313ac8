"""The demo's values in ASN.1: the same octets as asn1crypto's, each level encoded once and only where it changed."""

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from asn1crypto import core, x509  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.serialization import Encoding

from demo.pki import Pki

_DEPTH = 9
#: Lengths on both sides of each that ends in 0x80, in one to three octets.
_LENGTHS = sorted({0, *(end - more for end in (0x80, 0x180, 0x1080, 0xFF80, 0x10080) for more in range(10))})


class _Level(core.Sequence):  # type: ignore[misc] # asn1crypto has no types
    _fields: ClassVar[list[Any]] = [("number", core.Integer)]


_Level._fields.append(("inside", _Level, {"optional": True}))


class _Explicit(core.Sequence):  # type: ignore[misc] # likewise
    _fields: ClassVar = [("octets", core.OctetString, {"explicit": 3}), ("number", core.Integer)]


class _Octets(core.SequenceOf):  # type: ignore[misc] # likewise
    _child_spec = core.OctetString


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[type]:
    """What was encoded anew, one type a time."""
    seen: list[type] = []

    def told(set_contents: Callable[..., None]) -> Callable[..., None]:
        def setting(value: Any, *args: Any, **named: Any) -> None:  # noqa: ANN401 - asn1crypto's
            seen.append(type(value))
            set_contents(value, *args, **named)

        return setting

    for kind in (core.Sequence, core.SequenceOf):
        monkeypatch.setattr(kind, "_set_contents", told(kind._set_contents))
    return seen


@pytest.mark.parametrize("length", _LENGTHS)
def test_what_was_read_is_written_as_it_was_whatever_its_length(length: int, encoded: list[type]) -> None:
    for made in (
        _Octets([b"x" * length]),
        _Octets([b"x" * length, b"y"]),
        _Explicit({"octets": b"x" * length, "number": 7}),
    ):
        octets = made.dump()
        read = type(made).load(octets)
        assert read.native == made.native
        encoded.clear()
        assert read.dump() == octets
        assert not encoded
        assert read.dump(force=True) == octets


def test_a_changed_value_is_encoded_once_a_level(encoded: list[type]) -> None:
    innermost = value = _Level({"number": 0})
    for number in range(1, _DEPTH):
        value = _Level({"number": number, "inside": value})
    value.dump()
    encoded.clear()
    innermost["number"] = 1000
    value["number"] = 1000
    octets = value.dump()
    assert len(encoded) <= _DEPTH
    assert octets.count((1000).to_bytes(2)) == 2


@pytest.mark.parametrize("label", ["root", "eid", "user", "head", "tsa", "tsa-plain", "list-lv"])
def test_a_certificate_encoded_anew_is_the_same(label: str, pki: Pki) -> None:
    certificate = x509.Certificate.load(pki.certificate(label).public_bytes(Encoding.DER))
    assert certificate.dump(force=True) == certificate.dump() == pki.certificate(label).public_bytes(Encoding.DER)


@pytest.mark.parametrize("inside", [b"", b"\x04\x01x", b"\x04\x81\x80" + b"x" * 128])
def test_a_value_of_indefinite_length_gets_one(inside: bytes) -> None:
    assert (
        _Octets.load(b"\x30\x80" + inside + b"\x00\x00").dump()
        == _Octets.load(
            b"\x30" + (bytes([len(inside)]) if len(inside) < 128 else b"\x81" + bytes([len(inside)])) + inside
        ).dump()
    )
