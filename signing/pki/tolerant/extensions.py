"""Extensions one by one (RFC 5280 §4.2): what can be read is read, and what cannot is named.

Only a *critical* extension that cannot be processed refuses a certificate (§4.2), and so does one of the few whose
silence would widen what a certificate may do. An extension that stands twice refuses it as well: of two readers one
takes the first and one the last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from signing.asn1 import tlv
from signing.pki.tolerant.names import general_names

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ReadExtensions", "distribution_point_names", "read_extensions"]

_MOST = 256  # extensions, or entries of one
_KEY_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip
# Needed: taken for absent, they would let a certificate do more than its issuer allowed.
_NEEDED = frozenset({ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE, ExtensionOID.EXTENDED_KEY_USAGE})
_DISTRIBUTION_POINT, _FULL_NAME = 0xA0, 0xA0


class _PartlyRead(Exception):
    """Some of its entries could be read."""

    def __init__(self, value: x509.ExtensionType) -> None:
        super().__init__()
        self.value = value


@dataclass(frozen=True, slots=True)
class ReadExtensions:
    """The extensions that were read; `unreadable` are the identifiers of those whose value was not.

    An unreadable one stands among them too, with its octets as they are, so that its criticality is not lost.
    """

    found: x509.Extensions
    unreadable: frozenset[str] = frozenset()


def read_extensions(element: tlv.Tlv | None) -> ReadExtensions:
    """Read Extensions; raises `ValueError` when the list itself, or one that is needed, cannot be read."""
    found: list[x509.Extension[x509.ExtensionType]] = []
    unreadable: set[str] = set()
    listed = tlv.children(tlv.expect(element, tlv.SEQUENCE).content, most=_MOST) if element is not None else []
    seen: set[str] = set()
    for one in listed:
        identifier, critical, octets = _taken_apart(one)
        name = identifier.dotted_string
        if name in seen:
            raise ValueError("an extension twice")
        seen.add(name)
        value: x509.ExtensionType = x509.UnrecognizedExtension(identifier, octets)
        reader = _READERS.get(identifier)
        if reader is not None:
            try:
                value = reader(octets) or value
            except _PartlyRead as partly:
                value = partly.value
                unreadable.add(name)
            except (ValueError, IndexError, TypeError) as error:
                if identifier in _NEEDED:
                    raise ValueError(f"extension {name} cannot be read: {error}") from error
                unreadable.add(name)
        found.append(x509.Extension(identifier, critical, value))
    return ReadExtensions(x509.Extensions(found), frozenset(unreadable))


def _taken_apart(element: tlv.Tlv) -> tuple[x509.ObjectIdentifier, bool, bytes]:
    identifier, *middle, octets = tlv.children(tlv.expect(element, tlv.SEQUENCE).content)
    if len(middle) > 1:
        raise ValueError("an extension of another shape")
    # DER does not write out the default FALSE (X.690 §11.5); written out, it means the same.
    critical = tlv.boolean(middle[0]) if middle else False
    return x509.ObjectIdentifier(tlv.oid(identifier)), critical, tlv.octets(octets)


def _sequence(octets: bytes) -> list[tlv.Tlv]:
    return tlv.children(tlv.only(octets, tlv.SEQUENCE).content, most=_MOST)


def _basic_constraints(octets: bytes) -> x509.BasicConstraints:
    parts = _sequence(octets)
    ca = tlv.boolean(parts.pop(0)) if parts and parts[0].tag == tlv.BOOLEAN else False
    length = tlv.integer(parts.pop(0)) if parts else None
    if parts or (length is not None and length < 0):
        raise ValueError("BasicConstraints of another shape")
    return x509.BasicConstraints(ca=ca, path_length=length if ca else None)  # §4.2.1.9: it means nothing without cA


def _key_usage(octets: bytes) -> x509.KeyUsage:
    element, end = tlv.read(octets)
    if end != len(octets):
        raise ValueError("bytes behind KeyUsage")
    numbers = tlv.named_bits(element)
    said = {name: number in numbers for number, name in enumerate(_KEY_USAGES)}
    if not said["key_agreement"]:
        said |= {"encipher_only": False, "decipher_only": False}  # §4.2.1.3: undefined without it
    return x509.KeyUsage(**said)


def _extended_key_usage(octets: bytes) -> x509.ExtendedKeyUsage:
    return x509.ExtendedKeyUsage([x509.ObjectIdentifier(tlv.oid(one)) for one in _sequence(octets)])


def _subject_key_identifier(octets: bytes) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier(tlv.octets(tlv.only(octets, tlv.OCTETS)))


def _authority_key_identifier(octets: bytes) -> x509.AuthorityKeyIdentifier:
    parts = {one.tag: one for one in _sequence(octets)}
    key = parts[0x80].content if 0x80 in parts else None  # noqa: PLR2004 - [0] keyIdentifier
    return x509.AuthorityKeyIdentifier(key, None, None)


def _no_check(octets: bytes) -> x509.OCSPNoCheck:
    del octets  # RFC 6960 §4.2.2.2.1: that it is there says all; the NULL in it says nothing more
    return x509.OCSPNoCheck()


def _policies(octets: bytes) -> x509.CertificatePolicies:
    """Read which policies there are; what their qualifiers say to people is nothing a verdict rests on."""
    found = [tlv.children(tlv.expect(one, tlv.SEQUENCE).content)[0] for one in _sequence(octets)]
    return x509.CertificatePolicies(
        [x509.PolicyInformation(x509.ObjectIdentifier(tlv.oid(one)), None) for one in found]
    )


def _access(octets: bytes) -> x509.AuthorityInformationAccess:
    found, whole = [], True
    for one in _sequence(octets):
        method, _ = tlv.children(tlv.expect(one, tlv.SEQUENCE).content)
        names, complete = general_names(one.content[len(method.whole) :])
        found += [x509.AccessDescription(x509.ObjectIdentifier(tlv.oid(method)), name) for name in names]
        whole = whole and complete
    value = x509.AuthorityInformationAccess(found)
    if not whole:
        raise _PartlyRead(value)
    return value


def distribution_point_names(holder: tlv.Tlv) -> tuple[list[x509.GeneralName], bool]:
    """Read the fullName of a DistributionPoint's [0]; the second value is False where not all of it was read."""
    (name,) = tlv.children(holder.content)
    return general_names(name.content) if name.tag == _FULL_NAME else ([], False)


def _distribution_points(octets: bytes) -> x509.CRLDistributionPoints:
    found, whole = [], True
    for point in _sequence(octets):
        for part in tlv.children(tlv.expect(point, tlv.SEQUENCE).content):
            if part.tag == _DISTRIBUTION_POINT:
                names, complete = distribution_point_names(part)
                found += [x509.DistributionPoint(names, None, None, None)] if names else []
                whole = whole and complete
    value = x509.CRLDistributionPoints(found)
    if not whole:
        raise _PartlyRead(value)
    return value


def _names(octets: bytes) -> None:
    """Check that it is GeneralNames; their values are not used."""
    general_names(tlv.only(octets, tlv.SEQUENCE).content)


def _any_sequence(octets: bytes) -> None:
    _sequence(octets)


def _any_integer(octets: bytes) -> None:
    tlv.integer(tlv.only(octets, tlv.INTEGER))


_READERS: dict[x509.ObjectIdentifier, Callable[[bytes], x509.ExtensionType | None]] = {
    ExtensionOID.BASIC_CONSTRAINTS: _basic_constraints,
    ExtensionOID.KEY_USAGE: _key_usage,
    ExtensionOID.EXTENDED_KEY_USAGE: _extended_key_usage,
    ExtensionOID.SUBJECT_KEY_IDENTIFIER: _subject_key_identifier,
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER: _authority_key_identifier,
    ExtensionOID.OCSP_NO_CHECK: _no_check,
    ExtensionOID.CERTIFICATE_POLICIES: _policies,
    ExtensionOID.AUTHORITY_INFORMATION_ACCESS: _access,
    ExtensionOID.CRL_DISTRIBUTION_POINTS: _distribution_points,
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME: _names,
    ExtensionOID.ISSUER_ALTERNATIVE_NAME: _names,
    ExtensionOID.POLICY_MAPPINGS: _any_sequence,
    ExtensionOID.POLICY_CONSTRAINTS: _any_sequence,
    ExtensionOID.INHIBIT_ANY_POLICY: _any_integer,
}
