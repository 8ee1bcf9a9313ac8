"""DER written element by element (ITU-T X.690): for the demo's certificates, and for variants of signed files.

It shares nothing with the verifier.

>>> oid("2.5.4.3").hex()
'0603550403'
>>> oid("2.999.1").hex()
'0603883701'
"""

__all__ = ["ia5", "octets", "oid", "printable", "sequence", "tlv"]

_LONG_FORM = 0x80


def tlv(tag: int, content: bytes) -> bytes:
    """An element with a definite length in the fewest octets (X.690 §10.1)."""
    size = len(content)
    if size < _LONG_FORM:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, _LONG_FORM | len(length))) + length + content


def sequence(*parts: bytes) -> bytes:
    """A SEQUENCE of what is already DER."""
    return tlv(0x30, b"".join(parts))


def octets(content: bytes) -> bytes:
    """An OCTET STRING."""
    return tlv(0x04, content)


def ia5(text: str) -> bytes:
    """An IA5String, as URLs are."""
    return tlv(0x16, text.encode("ascii"))


def printable(text: str) -> bytes:
    """A PrintableString, as language and country codes are."""
    return tlv(0x13, text.encode("ascii"))


def oid(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER; the first two arcs share one number."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    content = b""
    for arc in (first * 40 + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(arc & 0x7F | 0x80)
        content += bytes(reversed(groups))
    return tlv(0x06, content)
