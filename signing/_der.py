"""The few bytes of DER that have to be taken exactly as they stand, because they are hashed or compared."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Tlv", "children", "read", "tbs_parts"]

_CONTEXT_0 = 0xA0
_LONG_FORM = 0x80
_MAX_LENGTH_BYTES = 4


@dataclass(frozen=True, slots=True)
class Tlv:
    """One element: its tag byte, its content, and the whole of it, header included."""

    tag: int
    content: bytes
    whole: bytes


def read(data: bytes, offset: int = 0) -> tuple[Tlv, int]:
    r"""Read the element at `offset`; returns it and the offset behind it. `ValueError` when it does not fit.

    >>> read(bytes.fromhex("020105ff"))
    (Tlv(tag=2, content=b'\x05', whole=b'\x02\x01\x05'), 3)
    """
    try:
        tag, first = data[offset], data[offset + 1]
    except IndexError:
        raise ValueError("DER ends inside a header") from None
    position = offset + 2
    if first < _LONG_FORM:
        length = first
    else:
        count = first - _LONG_FORM
        if not 0 < count <= _MAX_LENGTH_BYTES:
            raise ValueError("DER length of a kind not read here")
        length = int.from_bytes(data[position : position + count], "big")
        position += count
    end = position + length
    if end > len(data):
        raise ValueError("DER ends inside an element")
    return Tlv(tag, data[position:end], data[offset:end]), end


def children(content: bytes) -> list[Tlv]:
    """Read all elements of a constructed element's content."""
    found, offset = [], 0
    while offset < len(content):
        element, offset = read(content, offset)
        found.append(element)
    return found


def tbs_parts(tbs_certificate: bytes) -> tuple[bytes, bytes, bytes]:
    """Return issuer, subject and subjectPublicKeyInfo of a TBSCertificate, each as it stands."""
    outer, _ = read(tbs_certificate)
    parts = children(outer.content)
    first = 1 if parts[0].tag == _CONTEXT_0 else 0
    return parts[first + 2].whole, parts[first + 4].whole, parts[first + 5].whole
