"""Names and general names (RFC 5280 §4.1.2.4, §4.2.1.6), with strings of every kind that authorities wrote."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.x509.oid import NameOID

from signing.asn1 import tlv

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["general_names", "read_name"]

_ENCODINGS = {
    0x0C: "utf-8",
    0x1E: "utf-16-be",
    0x1C: "utf-32-be",
    # One octet a character; beyond ASCII it is Latin-1, as openssl, Java and NSS read it.
    **dict.fromkeys((0x12, 0x13, 0x14, 0x15, 0x16, 0x19, 0x1A, 0x1B), "latin-1"),
}
# Attributes by which a person is shown and identified; X.520 has them as DirectoryString or PrintableString.
_ALWAYS_TEXT = frozenset(
    {
        NameOID.COMMON_NAME, NameOID.SURNAME, NameOID.GIVEN_NAME, NameOID.PSEUDONYM, NameOID.SERIAL_NUMBER,
        NameOID.COUNTRY_NAME, NameOID.ORGANIZATION_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME,
        NameOID.ORGANIZATION_IDENTIFIER,
    }
)  # fmt: skip
_NOT_READ = frozenset({0xA0, 0xA3, 0xA5})  # otherName, x400Address, ediPartyName
_LONGEST_NAME = 256


def read_name(element: tlv.Tlv) -> x509.Name:
    """Read a Name; attributes of one RDN in the order DER has them. Raises `ValueError` for what is no name."""
    parts = tlv.children(tlv.expect(element, tlv.SEQUENCE).content, most=_LONGEST_NAME)
    return x509.Name([x509.RelativeDistinguishedName(_attributes(part)) for part in parts])


def _attributes(part: tlv.Tlv) -> list[x509.NameAttribute[str | bytes]]:
    found = sorted(tlv.children(tlv.expect(part, tlv.SET).content, most=_LONGEST_NAME), key=lambda one: one.whole)
    return [_attribute(one) for one in found]


def _attribute(element: tlv.Tlv) -> x509.NameAttribute[str]:
    kind, value = tlv.children(tlv.expect(element, tlv.SEQUENCE).content)
    identifier = x509.ObjectIdentifier(tlv.oid(kind))
    encoding = _ENCODINGS.get(value.tag)
    if encoding is not None:
        # Octets that are invalid in the string's encoding become escapes.
        text = value.content.decode(encoding, "backslashreplace")
    elif identifier in _ALWAYS_TEXT:
        raise ValueError("a name that is no text")
    else:
        text = f"#{value.whole.hex()}"  # RFC 4514 §2.4
    # The library's limits of length apply to names that are written, not to those that are read.
    return x509.NameAttribute(identifier, text, _validate=False)


def general_names(content: bytes) -> tuple[list[x509.GeneralName], bool]:
    """Read the content of a GeneralNames; the second value is False when one of them could not be read."""
    found = [_general_name(one) for one in tlv.children(content, most=_LONGEST_NAME)]
    return [one for one in found if one is not None], None not in found


def _general_name(element: tlv.Tlv) -> x509.GeneralName | None:
    """Read one; None for a kind nothing here compares, and for a broken one."""
    reader = _GENERAL_NAMES.get(element.tag)
    if reader is None and element.tag not in _NOT_READ:
        raise ValueError("no general name")
    try:
        return reader(element.content) if reader is not None else None
    except (ValueError, IndexError):
        return None


_GENERAL_NAMES: dict[int, Callable[[bytes], x509.GeneralName]] = {
    0x81: lambda content: x509.RFC822Name(content.decode("ascii")),
    0x82: lambda content: x509.DNSName(content.decode("ascii")),
    0xA4: lambda content: x509.DirectoryName(read_name(tlv.only(content, tlv.SEQUENCE))),
    0x86: lambda content: x509.UniformResourceIdentifier(content.decode("ascii")),
    0x87: lambda content: x509.IPAddress(ipaddress.ip_address(content)),
    0x88: lambda content: x509.RegisteredID(x509.ObjectIdentifier(tlv.oid(tlv.Tlv(tlv.OID, content, b"")))),
}
