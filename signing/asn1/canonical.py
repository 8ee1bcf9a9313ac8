"""BER encoded anew as DER (X.690 §10, §11), which is what RFC 5652 §5.4 has signed.

    lengths      definite, in the fewest octets
    strings      primitive, whole
    TRUE         all bits set
    SET OF       in ascending order of the encodings

Contents under a context-specific tag are read by their constructed bit, since no schema is known. Default values that
BER writes out stay.
"""

from __future__ import annotations

from dataclasses import dataclass

from signing.asn1 import tlv

__all__ = ["as_der", "sorted_set"]

_CONSTRUCTED = 0x20
_CLASS = 0xC0
_BIT_STRING = 0x03
_TRUE_OR_FALSE = 0x01
# Universal string and time types, which BER may encode constructed (X.690 §8.6, §8.7, §8.23).
_STRINGS = frozenset({0x03, 0x04, 0x0C, *range(0x12, 0x1F)})
_DEEPEST = 32
_MOST_ELEMENTS = 1 << 17


def sorted_set(encodings: list[bytes]) -> bytes:
    """Write a SET OF from the encodings of its members (X.690 §11.6)."""
    return tlv.write(tlv.SET, b"".join(sorted(encodings)))


def as_der(element: tlv.Tlv) -> bytes:
    """Encode an element as DER; raises `ValueError` for one that is not BER, or beyond the bounds of depth and number.

    >>> as_der(tlv.read(bytes.fromhex("3180 0201 02 0281 0101 0000"))[0]).hex()
    '3106020101020102'
    """
    return _Encoder().encoded(element, 0)


@dataclass(slots=True)
class _Encoder:
    """Encodes one element with all that is in it; `left` is how many more elements it will take."""

    left: int = _MOST_ELEMENTS

    def encoded(self, element: tlv.Tlv, depth: int) -> bytes:
        self.left -= 1
        if depth > _DEEPEST or self.left < 0:
            raise ValueError("nested too deep, or too much")
        tag = element.tag
        if not tag & _CONSTRUCTED:
            if tag == _TRUE_OR_FALSE and element.content != b"\x00":
                return tlv.write(tag, b"\xff")
            return tlv.write(tag, element.content)
        if not tag & _CLASS and tag & ~_CONSTRUCTED in _STRINGS:
            return self._joined(element, tag & ~_CONSTRUCTED, depth)
        parts = [self.encoded(one, depth + 1) for one in tlv.children(element.content)]
        return sorted_set(parts) if tag == tlv.SET else tlv.write(tag, b"".join(parts))

    def _joined(self, element: tlv.Tlv, tag: int, depth: int) -> bytes:
        """Join the segments of a constructed string; those of a bit string begin with their count of unused bits."""
        pieces = [tlv.read(self.encoded(one, depth + 1))[0] for one in tlv.children(element.content)]
        if tag == _BIT_STRING:
            return _joined_bits(pieces)
        # Segments of text are octet strings (X.690 §8.23.6), or strings of the same type.
        if any(one.tag not in {tag, tlv.OCTETS} for one in pieces):
            raise ValueError("a string of other things")
        return tlv.write(tag, b"".join(one.content for one in pieces))


def _joined_bits(pieces: list[tlv.Tlv]) -> bytes:
    """Join bit strings; only the last may end inside an octet (X.690 §8.6.4)."""
    if any(one.tag != _BIT_STRING or not one.content for one in pieces):
        raise ValueError("a bit string of other things")
    if any(one.content[0] for one in pieces[:-1]):
        raise ValueError("bits left over inside a bit string")
    unused = pieces[-1].content[:1] if pieces else b"\x00"
    return tlv.write(_BIT_STRING, unused + b"".join(one.content[1:] for one in pieces))
