"""DER, and the BER that signers really write, read element by element; every byte that is hashed is taken as it stands.

Small on purpose: it knows headers, nesting, identifiers, integers and octets. Bounds are checked at every
step, depth is limited, and whatever does not fit is `ValueError`.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "Tlv",
    "algorithm",
    "bits",
    "boolean",
    "children",
    "expect",
    "integer",
    "named_bits",
    "octets",
    "oid",
    "only",
    "read",
    "write",
]

SEQUENCE, SET, OCTETS, OID, INTEGER = 0x30, 0x31, 0x04, 0x06, 0x02
BOOLEAN, BITS, NULL, ENUMERATED = 0x01, 0x03, 0x05, 0x0A
_CONSTRUCTED_OCTETS = 0x24
_LONG_FORM = 0x80
_HIGH_TAG = 0x1F
_CONSTRUCTED = 0x20
_MAX_LENGTH_BYTES = 4
_MAX_DEPTH = 12  # of elements without a length, one inside the other; each level is gone through once more
_MOST_ELEMENTS = 1 << 17  # side by side, or inside one element without a length
_DEEPEST_STRING = 4  # of strings in a string
_LONGEST_OID = 64  # longer ones take the square of their length, and nobody has been given one


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
    start, length = _header(data, offset)
    if length is None:
        end = _end_of_contents(data, start)
        return Tlv(data[offset], data[start:end], data[offset : end + 2]), end + 2
    end = start + length
    return Tlv(data[offset], data[start:end], data[offset:end]), end


def _header(data: bytes, offset: int) -> tuple[int, int | None]:
    """Return where an element's content begins and how long it is; None for one whose end is marked."""
    if offset + 2 > len(data):
        raise ValueError("ends inside a header")
    tag, length = data[offset], data[offset + 1]
    if tag & _HIGH_TAG == _HIGH_TAG:
        raise ValueError("a tag of a kind not read here")
    start = offset + 2
    if length == _LONG_FORM:
        if not tag & _CONSTRUCTED:
            raise ValueError("a primitive element without a length")
        return start, None
    if length > _LONG_FORM:
        count = length - _LONG_FORM
        if count > _MAX_LENGTH_BYTES:
            raise ValueError("a length of a kind not read here")
        length = int.from_bytes(data[start : start + count], "big")
        start += count
    if start + length > len(data):
        raise ValueError("ends inside an element")
    return start, length


def _end_of_contents(data: bytes, position: int) -> int:
    """Find the mark that ends the content which begins at `position` (X.690 §8.1.5)."""
    depth = 1
    for _ in range(_MOST_ELEMENTS):
        if data[position : position + 2] == b"\x00\x00":
            depth -= 1
            if not depth:
                return position
            position += 2
            continue
        position, length = _header(data, position)
        if length is not None:
            position += length
            continue
        depth += 1
        if depth > _MAX_DEPTH:
            raise ValueError("nested too deep")
    raise ValueError("more elements than belong there")


def children(content: bytes, *, most: int = _MOST_ELEMENTS) -> list[Tlv]:
    """Read all elements of a constructed element's content; `ValueError` for more than `most`."""
    found: list[Tlv] = []
    offset = 0
    while offset < len(content):
        if len(found) == most:
            raise ValueError("more elements than belong there")
        element, offset = read(content, offset)
        found.append(element)
    return found


def only(data: bytes, tag: int) -> Tlv:
    """Read data that is one element of that tag and nothing behind it."""
    element, end = read(data)
    if element.tag != tag or end != len(data):
        raise ValueError(f"expected one element of tag {tag:#x}")
    return element


def expect(element: Tlv, tag: int) -> Tlv:
    """Return the element if it has that tag."""
    if element.tag != tag:
        raise ValueError(f"expected tag {tag:#x}, found {element.tag:#x}")
    return element


def octets(element: Tlv, *, depth: int = 0) -> bytes:
    """Return the content of an OCTET STRING, put together when BER split it."""
    if element.tag == _CONSTRUCTED_OCTETS and depth < _DEEPEST_STRING:
        return b"".join(octets(part, depth=depth + 1) for part in children(element.content))
    return expect(element, OCTETS).content


def integer(element: Tlv) -> int:
    """Return an INTEGER; longer than its value needs is read as well."""
    if not element.content:
        raise ValueError("an integer without content")
    return int.from_bytes(expect(element, INTEGER).content, "big", signed=True)


def oid(element: Tlv) -> str:
    """Return an OBJECT IDENTIFIER as dotted text.

    >>> oid(read(bytes.fromhex("06092a864886f70d010702"))[0])
    '1.2.840.113549.1.7.2'
    """
    content = expect(element, OID).content
    if not content or content[-1] & 0x80 or len(content) > _LONGEST_OID:
        raise ValueError("an identifier that does not end")
    arcs, value = [], 0
    for byte in content:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


def algorithm(element: Tlv) -> tuple[str, Tlv | None]:
    """Return an AlgorithmIdentifier as its identifier and its parameters, if any."""
    parts = children(expect(element, SEQUENCE).content)
    return oid(parts[0]), parts[1] if len(parts) > 1 else None


def boolean(element: Tlv) -> bool:
    """Return a BOOLEAN; BER knows more than one TRUE (X.690 §8.2.2)."""
    content = expect(element, BOOLEAN).content
    if len(content) != 1:
        raise ValueError("a boolean of another length")
    return content != b"\x00"


def bits(element: Tlv) -> bytes:
    """Return the octets of a BIT STRING that holds octets: a key or a signature.

    Some encoders left off the last bits of a signature because they were zero; all octets are there all the same.
    """
    content = expect(element, BITS).content
    if not content or content[0] > 7 or (content[0] and content[-1] & ((1 << content[0]) - 1)):  # noqa: PLR2004 - bits
        raise ValueError("a bit string that does not fit")
    return content[1:]


def named_bits(element: Tlv) -> frozenset[int]:
    """Return the numbers of the bits that are set in a BIT STRING (X.690 §8.6); bit 0 stands first."""
    content = expect(element, BITS).content
    if not content or content[0] > 7 or (content[0] and len(content) == 1):  # noqa: PLR2004 - bits of an octet
        raise ValueError("a bit string that does not fit")
    count = (len(content) - 1) * 8 - content[0]
    return frozenset(number for number in range(count) if content[1 + number // 8] << number % 8 & 0x80)


def write(tag: int, *parts: bytes) -> bytes:
    """Write an element whose content are these parts, in DER."""
    content = b"".join(parts)
    length = len(content)
    if length < _LONG_FORM:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, _LONG_FORM | size)) + length.to_bytes(size, "big") + content
