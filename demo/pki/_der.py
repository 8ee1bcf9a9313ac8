"""The few lines of DER that qualified certificate statements need (ITU-T X.690).

>>> oid("2.5.4.3").hex()
'0603550403'
>>> oid("2.999.1").hex()
'0603883701'
"""

__all__ = ["boolean", "ia5", "oid", "printable", "sequence"]

_LONG_FORM = 0x80


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < _LONG_FORM:
        return bytes((tag, size)) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, _LONG_FORM | len(octets))) + octets + content


def sequence(*parts: bytes) -> bytes:
    """A SEQUENCE of what is already DER."""
    return _tlv(0x30, b"".join(parts))


def boolean(value: bool) -> bytes:  # noqa: FBT001 - the value itself, not a switch
    """A BOOLEAN."""
    return _tlv(0x01, b"\xff" if value else b"\x00")


def ia5(text: str) -> bytes:
    """An IA5String, as URLs are."""
    return _tlv(0x16, text.encode("ascii"))


def printable(text: str) -> bytes:
    """A PrintableString, as language and country codes are."""
    return _tlv(0x13, text.encode("ascii"))


def oid(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER; the first two arcs share one number."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    content = b""
    for arc in (first * 40 + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(arc & 0x7F | 0x80)
        content += bytes(reversed(groups))
    return _tlv(0x06, content)
