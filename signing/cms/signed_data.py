"""Cryptographic Message Syntax (RFC 5652): a SignedData and its signers, for time stamps, CAdES and PAdES.

It is read by a small DER reader of our own: that takes a tenth of the time of a generic ASN.1 library, and the bytes
that are hashed are exactly those in the file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from signing.asn1 import tlv
from signing.asn1.canonical import as_der, sorted_set
from signing.pki.certificate_files import readable_certificates, unreadable_certificates
from signing.pki.keys import Scheme, UnknownScheme, verify
from signing.pki.schemes import DIGEST_OIDS, digest, digest_name, scheme_of_signer
from signing.pki.times import asn1_time
from signing.reading.facts import ValueCheck

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from signing.pki.certificates import Certificate

__all__ = ["DIGEST_OIDS", "CertificateBinding", "CmsSigner", "SignedData", "digest", "read_signed_data"]

SIGNED_DATA = "1.2.840.113549.1.7.2"
CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
SIGNING_TIME = "1.2.840.113549.1.9.5"
SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12"
SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
_ALGORITHM_PROTECTION = "1.2.840.113549.1.9.52"
_SIGNATURE_POLICY = "1.2.840.113549.1.9.16.2.15"
# Attributes that may occur once: RFC 5652 §11.1 to §11.3, RFC 5035 §3, §5, RFC 6211 §2, EN 319 122-1 §5.2.9.
# Any other may recur, as content time stamps do. Unknown ones are not used.
_ONCE = frozenset(
    {
        CONTENT_TYPE,
        MESSAGE_DIGEST,
        SIGNING_TIME,
        SIGNING_CERTIFICATE,
        SIGNING_CERTIFICATE_V2,
        _ALGORITHM_PROTECTION,
        _SIGNATURE_POLICY,
    }
)
_OCSP_RESPONSE = "1.3.6.1.5.5.7.16.2"
_OCSP_BASIC = "1.3.6.1.5.5.7.48.1.1"

# In DER: responseStatus successful, and the identifier of a BasicOCSPResponse.
_SUCCESSFUL = b"\x0a\x01\x00"
_BASIC_RESPONSE = bytes.fromhex("06092b0601050507300101")

_TAG_0, _TAG_1, _TAG_2 = 0xA0, 0xA1, 0xA2
_KEY_IDENTIFIER = 0x80


@dataclass(frozen=True, slots=True)
class CertificateBinding:
    """One entry of a signed SigningCertificate attribute: the digest a certificate must have (RFC 5035)."""

    digest_name: str
    value: bytes

    def fits(self, certificate: Certificate) -> bool:
        """Return whether the certificate has this digest."""
        return self.fits_octets(certificate.der)

    def fits_octets(self, der: bytes) -> bool:
        """Return whether these octets have this digest, readable as a certificate or not."""
        try:
            return digest(self.digest_name, der) == self.value
        except UnknownScheme:
            return False


@dataclass(frozen=True, slots=True)
class CmsSigner:
    """One SignerInfo. `signed_attributes` is their SET OF as encoded, None when the content itself was signed.

    `has_duplicate_attributes`: an attribute that may occur once occurs twice.
    """

    issuer_der: bytes | None
    serial: int | None
    key_identifier: bytes | None
    digest_name: str
    scheme: Scheme | None
    signature: bytes
    signed_attributes: bytes | None
    attributes: Mapping[str, tuple[tlv.Tlv, ...]]
    unsigned: Mapping[str, tuple[tlv.Tlv, ...]]
    has_duplicate_attributes: bool = False
    # Version, identifier, digest algorithm, signed attributes, signature algorithm and signature, as they stand.
    fields: bytes = field(repr=False, default=b"")
    unsigned_raw: tuple[tuple[bytes, bytes], ...] = field(repr=False, default=())

    def names(self, certificate: Certificate) -> bool:
        """Return whether the signer identifier names this certificate (RFC 5652 §5.3)."""
        if self.key_identifier is not None:
            return certificate.subject_key_identifier == self.key_identifier
        return certificate.serial == self.serial and certificate.issuer_der == self.issuer_der

    def one(self, attribute: str) -> tlv.Tlv | None:
        """Return the single value of a signed attribute, None when there is none or more than one."""
        values = self.attributes.get(attribute, ())
        return values[0] if len(values) == 1 else None

    def bindings(self) -> tuple[CertificateBinding, ...]:
        """Return what SigningCertificate (v1 or v2) binds; raises `ValueError` for an unreadable one."""
        found: list[CertificateBinding] = []
        for attribute, default in ((SIGNING_CERTIFICATE_V2, "sha256"), (SIGNING_CERTIFICATE, "sha1")):
            for value in self.attributes.get(attribute, ()):
                certs = tlv.children(value.content)[0]
                found += [_binding(entry, default) for entry in tlv.children(certs.content)]
        return tuple(found)

    def message_digest(self) -> bytes | None:
        """Return the signed digest of the content."""
        value = self.one(MESSAGE_DIGEST)
        return tlv.octets(value) if value is not None else None

    def content_type(self) -> str | None:
        """Return the signed type of the content."""
        value = self.one(CONTENT_TYPE)
        return tlv.oid(value) if value is not None else None

    def signing_time(self) -> datetime | None:
        """Return the time the signer claims (RFC 5652 §11.3); None when there is none that is written as one."""
        value = self.one(SIGNING_TIME)
        if value is None:
            return None
        try:
            return asn1_time(value)
        except ValueError:
            return None

    def check(self, certificate: Certificate | None, content: bytes | None) -> ValueCheck:
        """Compute the signature with that certificate's key; `content` is used when no attributes are signed."""
        signed = self.signed_attributes if self.signed_attributes is not None else content
        if certificate is None or self.scheme is None or signed is None:
            return ValueCheck.UNKNOWN
        forms = _encodings(signed) if self.signed_attributes is not None else (signed,)
        try:
            fits = any(verify(certificate.public_key, self.signature, form, self.scheme) for form in forms)
        except UnknownScheme:
            return ValueCheck.UNKNOWN
        return ValueCheck.VALID if fits else ValueCheck.INVALID


@dataclass(frozen=True, slots=True)
class SignedData:
    """One SignedData. `content` is None when it is detached."""

    content_type: str
    content: bytes | None
    certificates: tuple[Certificate, ...]
    ocsps: tuple[bytes, ...]
    crls: tuple[bytes, ...]
    signers: tuple[CmsSigner, ...]
    content_type_der: bytes = field(repr=False, default=b"")
    certificate_ders: tuple[bytes, ...] = field(repr=False, default=())
    revocation_ders: tuple[bytes, ...] = field(repr=False, default=())

    def certificate_of(self, signer: CmsSigner, more: Iterable[Certificate] = ()) -> Certificate | None:
        """Find the certificate the signer identifier names, among those inside and `more`."""
        return next((one for one in (*self.certificates, *more) if signer.names(one)), None)

    def hides(self, signer: CmsSigner, certificate: Certificate | None) -> bool:
        """Return whether the signer's certificate is included but unreadable, so that no other may replace it.

        It is the one a signed attribute binds or, where no `certificate` was found, any unreadable one.
        """
        if len(self.certificates) == len(self.certificate_ders):
            return False
        hidden = unreadable_certificates(self.certificate_ders)
        try:
            bindings = signer.bindings()[:1]
        except (ValueError, IndexError):
            bindings = ()
        bound = any(one.fits_octets(der) for one in bindings for der in hidden)
        return bound or (certificate is None and bool(hidden))


def _encodings(attributes: bytes) -> Iterator[bytes]:
    """Yield signed attributes as they stand, then as the DER that is to be signed (RFC 5652 §5.4).

    Some signers sort the attributes and keep their values in BER; all three encodings have one meaning.
    """
    yield attributes
    known = {attributes}
    try:
        parts = tlv.children(tlv.only(attributes, tlv.SET).content)
        others = (sorted_set([as_der(one) for one in parts]), sorted_set([one.whole for one in parts]))
    except ValueError:
        return
    for form in others:
        if form not in known:
            known.add(form)
            yield form


def read_signed_data(data: bytes) -> SignedData:
    """Read a ContentInfo of type SignedData; raises `ValueError` for anything else."""
    try:
        outer, _ = tlv.read(data)
        kind, wrapped = tlv.children(tlv.expect(outer, tlv.SEQUENCE).content)
        if tlv.oid(kind) != SIGNED_DATA:
            raise ValueError("not a SignedData")
        (body,) = tlv.children(tlv.expect(wrapped, _TAG_0).content)
        return _read_body(tlv.children(tlv.expect(body, tlv.SEQUENCE).content))
    except (IndexError, RecursionError, UnicodeDecodeError) as error:
        raise ValueError("not a SignedData") from error


def _read_body(parts: list[tlv.Tlv]) -> SignedData:
    version, algorithms, encapsulated, *rest = parts
    tlv.integer(version)
    tlv.expect(algorithms, tlv.SET)
    tlv.expect(encapsulated, tlv.SEQUENCE)
    if len({part.tag for part in rest}) != len(rest):
        raise ValueError("an element of SignedData twice")
    inner = tlv.children(encapsulated.content)
    content = tlv.octets(tlv.children(inner[1].content)[0]) if len(inner) > 1 else None
    certificates: tuple[bytes, ...] = ()
    revocation: tuple[tlv.Tlv, ...] = ()
    signers: tuple[CmsSigner, ...] = ()
    for part in rest:
        match part.tag:
            case 0xA0:
                certificates = tuple(one.whole for one in tlv.children(part.content))
            case 0xA1:
                revocation = tuple(tlv.children(part.content))
            case tlv.SET:
                signers = tuple(_signer(one) for one in tlv.children(part.content))
            case _:
                raise ValueError("an element of SignedData out of place")
    ocsps: list[bytes] = []
    crls: list[bytes] = []
    for one in revocation:
        _sort_revocation(one, ocsps, crls)
    return SignedData(
        content_type=tlv.oid(inner[0]),
        content=content,
        certificates=readable_certificates(certificates),
        ocsps=tuple(ocsps),
        crls=tuple(crls),
        signers=signers,
        content_type_der=inner[0].whole,
        certificate_ders=certificates,
        revocation_ders=tuple(one.whole for one in revocation),
    )


def _sort_revocation(element: tlv.Tlv, ocsps: list[bytes], crls: list[bytes]) -> None:
    if element.tag == tlv.SEQUENCE:
        crls.append(element.whole)
    elif element.tag == _TAG_1:  # OtherRevocationInfoFormat (RFC 5940)
        kind, value = tlv.children(element.content)[:2]
        if tlv.oid(kind) == _OCSP_RESPONSE:
            ocsps.append(value.whole)
        elif tlv.oid(kind) == _OCSP_BASIC:
            ocsps.append(ocsp_response_around(value.whole))


def ocsp_response_around(basic: bytes) -> bytes:
    """Put the OCSPResponse envelope (RFC 6960 §4.2.1) around a BasicOCSPResponse."""
    body = tlv.write(tlv.SEQUENCE, _BASIC_RESPONSE, tlv.write(tlv.OCTETS, basic))
    return tlv.write(tlv.SEQUENCE, _SUCCESSFUL, tlv.write(_TAG_0, body))


def _signer(element: tlv.Tlv) -> CmsSigner:
    parts = tlv.children(tlv.expect(element, tlv.SEQUENCE).content)
    version, identifier, digest_algorithm, *rest = parts
    tlv.integer(version)
    issuer_der, serial, key_identifier = None, None, None
    if identifier.tag == _KEY_IDENTIFIER:
        key_identifier = identifier.content
    else:
        issuer, number = tlv.children(tlv.expect(identifier, tlv.SEQUENCE).content)
        issuer_der, serial = issuer.whole, tlv.integer(number)
    signed = rest.pop(0) if rest[0].tag == _TAG_0 else None
    algorithm, signature, *last = rest
    hash_name = digest_name(digest_algorithm)
    attributes, twice = _attributes(signed)
    unsigned, _ = _attributes(last[0] if last else None)
    return CmsSigner(
        issuer_der=issuer_der,
        serial=serial,
        key_identifier=key_identifier,
        digest_name=hash_name,
        scheme=scheme_of_signer(algorithm, hash_name),
        signature=tlv.octets(signature),
        # What is signed is the SET OF, not the [0] it stands under (RFC 5652 §5.4).
        signed_attributes=tlv.write(tlv.SET, signed.content) if signed is not None else None,
        attributes=attributes,
        unsigned=unsigned,
        has_duplicate_attributes=twice,
        fields=b"".join(part.whole for part in parts[: len(parts) - len(last)]),
        unsigned_raw=_raw_values(last[0]) if last else (),
    )


def _raw_values(element: tlv.Tlv) -> tuple[tuple[bytes, bytes], ...]:
    """Return every value of every attribute with its type, as they stand."""
    found = []
    for attribute in tlv.children(element.content):
        kind, values = tlv.children(attribute.content)
        found += [(kind.whole, value.whole) for value in tlv.children(values.content)]
    return tuple(found)


def _attributes(element: tlv.Tlv | None) -> tuple[dict[str, tuple[tlv.Tlv, ...]], bool]:
    found: dict[str, tuple[tlv.Tlv, ...]] = {}
    twice = False
    for attribute in tlv.children(element.content) if element is not None else ():
        kind, values = tlv.children(attribute.content)
        name = tlv.oid(kind)
        found[name] = (*found.get(name, ()), *tlv.children(values.content))
        twice = twice or (name in _ONCE and len(found[name]) > 1)
    return found, twice


def _binding(entry: tlv.Tlv, default: str) -> CertificateBinding:
    parts = tlv.children(entry.content)
    name = default
    if parts[0].tag == tlv.SEQUENCE:
        name = digest_name(parts.pop(0))
    return CertificateBinding(name, tlv.octets(parts[0]))
