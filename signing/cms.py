"""Cryptographic Message Syntax (RFC 5652): what a SignedData says, and whether its signatures fit.

Serves time stamps, CAdES and PAdES alike. Read with our own few lines over DER: it costs a tenth of a generic
ASN.1 library, and the bytes that are hashed are exactly those that stand in the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from signing import _der
from signing._canonical import as_der, sorted_set, wrap
from signing.certificates import Certificate, readable_certificates
from signing.facts import Mathematics
from signing.keys import Scheme, SchemeKind, UnknownScheme, hasher, scheme_of_signature_oid, verify

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["DIGEST_OIDS", "CertificateBinding", "CmsSigner", "SignedData", "digest", "read_signed_data"]

SIGNED_DATA = "1.2.840.113549.1.7.2"
CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
SIGNING_TIME = "1.2.840.113549.1.9.5"
SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12"
SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
_ALGORITHM_PROTECTION = "1.2.840.113549.1.9.52"
_SIGNATURE_POLICY = "1.2.840.113549.1.9.16.2.15"
# Attributes that say one thing, once: RFC 5652 §11.1 to §11.3, RFC 5035 §3 and §5, RFC 6211 §2, EN 319 122-1 §5.2.9.
# Any other may recur: content time stamps do, and nothing here rests on those nobody knows.
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

_DIGESTS = {
    "1.2.840.113549.2.5": "md5",
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "2.16.840.1.101.3.4.2.7": "sha3-224",
    "2.16.840.1.101.3.4.2.8": "sha3-256",
    "2.16.840.1.101.3.4.2.9": "sha3-384",
    "2.16.840.1.101.3.4.2.10": "sha3-512",
    "2.16.840.1.101.3.4.2.12": "shake256",
    "2.16.840.1.101.3.4.2.18": "shake256",  # with its length beside it; another than 512 bits is no digest in any CMS
}
# Signature algorithms that name their hash (RFC 4055, 5758, 8017, 9688); the others take the signer's digest.
_SIGNATURE_HASHES = {
    "1.2.840.113549.1.1.4": "md5",
    "1.2.840.113549.1.1.5": "sha1",
    "1.2.840.113549.1.1.14": "sha224",
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
    "1.2.840.10045.4.1": "sha1",
    "1.2.840.10045.4.3.1": "sha224",
    "1.2.840.10045.4.3.2": "sha256",
    "1.2.840.10045.4.3.3": "sha384",
    "1.2.840.10045.4.3.4": "sha512",
    "1.2.840.10040.4.3": "sha1",
    **{
        f"2.16.840.1.101.3.4.3.{first + number}": name
        for first, names in (
            (1, ("sha224", "sha256", "sha384", "sha512")),  # DSA
            *((first, ("sha3-224", "sha3-256", "sha3-384", "sha3-512")) for first in (5, 9, 13)),  # DSA, ECDSA, RSA
        )
        for number, name in enumerate(names)
    },
}
# Some signers name the digest by the signature scheme that holds it; it means that digest and no other.
DIGEST_OIDS = {**_SIGNATURE_HASHES, **_DIGESTS}
# Schemes by their key alone (RFC 5480 §2.1, RFC 3279 §2.3.2): the digest is the signer's own.
_KEY_ALONE = {"1.2.840.10045.2.1": SchemeKind.ECDSA, "1.2.840.10040.4.1": SchemeKind.DSA}
# RFC 8419 §3.1: what is signed names no other digest of the content.
_EDDSA_DIGESTS = {"1.3.101.112": "sha512", "1.3.101.113": "shake256"}
_PSS = "1.2.840.113549.1.1.10"
_MGF1 = "1.2.840.113549.1.1.8"
_TAG_0, _TAG_1, _TAG_2 = 0xA0, 0xA1, 0xA2
_UTC_TIME = 0x17
_UTC = re.compile(rb"\d{12}Z")
_KEY_IDENTIFIER = 0x80


def digest(name: str, data: bytes) -> bytes:
    """Hash data with the named hash; raises `UnknownScheme` for a name there is no hash for."""
    machine = hasher(name)
    machine.update(data)
    return machine.digest()


@dataclass(frozen=True, slots=True)
class CertificateBinding:
    """One entry of a signed SigningCertificate attribute: the digest a certificate must have (RFC 5035)."""

    digest_name: str
    value: bytes

    def fits(self, certificate: Certificate) -> bool:
        """Has the certificate this digest?"""
        try:
            return digest(self.digest_name, certificate.der) == self.value
        except UnknownScheme:
            return False


@dataclass(frozen=True, slots=True)
class CmsSigner:
    """One SignerInfo. `signed_attributes` is their SET OF as it stands, None when the content itself was signed.

    `contradicts_itself`: an attribute that may be there once is there twice.
    """

    issuer_der: bytes | None
    serial: int | None
    key_identifier: bytes | None
    digest_name: str
    scheme: Scheme | None
    signature: bytes
    signed_attributes: bytes | None
    attributes: Mapping[str, tuple[_der.Tlv, ...]]
    unsigned: Mapping[str, tuple[_der.Tlv, ...]]
    contradicts_itself: bool = False
    # Version, identifier, digest algorithm, signed attributes, signature algorithm and signature, as they stand.
    fields: bytes = field(repr=False, default=b"")
    unsigned_raw: tuple[tuple[bytes, bytes], ...] = field(repr=False, default=())

    def names(self, certificate: Certificate) -> bool:
        """Does the signer identifier mean this certificate?"""
        if self.key_identifier is not None:
            return certificate.subject_key_identifier == self.key_identifier
        return certificate.x509.serial_number == self.serial and certificate.issuer_der == self.issuer_der

    def one(self, attribute: str) -> _der.Tlv | None:
        """Return the single value of a signed attribute, None when there is none or more than one."""
        values = self.attributes.get(attribute, ())
        return values[0] if len(values) == 1 else None

    def bindings(self) -> tuple[CertificateBinding, ...]:
        """Return what SigningCertificate (v1 or v2) binds; raises `ValueError` for an unreadable one."""
        found: list[CertificateBinding] = []
        for attribute, default in ((SIGNING_CERTIFICATE_V2, "sha256"), (SIGNING_CERTIFICATE, "sha1")):
            for value in self.attributes.get(attribute, ()):
                certs = _der.children(value.content)[0]
                found += [_binding(entry, default) for entry in _der.children(certs.content)]
        return tuple(found)

    def message_digest(self) -> bytes | None:
        """Return the signed digest of the content."""
        value = self.one(MESSAGE_DIGEST)
        return _der.octets(value) if value is not None else None

    def content_type(self) -> str | None:
        """Return the signed type of the content."""
        value = self.one(CONTENT_TYPE)
        return _der.oid(value) if value is not None else None

    def signing_time(self) -> datetime | None:
        """Return the time the signer claims (RFC 5652 §11.3); None when there is none that is written as one."""
        value = self.one(SIGNING_TIME)
        if value is None:
            return None
        try:
            return _der.generalized_time(value) if value.tag == _der.GENERALIZED_TIME else _utc_time(value)
        except ValueError:
            return None

    def check(self, certificate: Certificate | None, content: bytes | None) -> Mathematics:
        """Compute the signature with that certificate's key; `content` is used when no attributes are signed."""
        signed = self.signed_attributes if self.signed_attributes is not None else content
        if certificate is None or self.scheme is None or signed is None:
            return Mathematics.UNKNOWN
        forms = _encodings(signed) if self.signed_attributes is not None else (signed,)
        try:
            fits = any(verify(certificate.public_key, self.signature, form, self.scheme) for form in forms)
        except UnknownScheme:
            return Mathematics.UNKNOWN
        return Mathematics.VALID if fits else Mathematics.INVALID


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
        """Find the certificate the signer identifier means, among those inside and `more`."""
        return next((one for one in (*self.certificates, *more) if signer.names(one)), None)


def _encodings(attributes: bytes) -> Iterator[bytes]:
    """Yield signed attributes as they stand, then as the DER that is signed whatever stands there (RFC 5652 §5.4).

    Some signers order the attributes and keep their values as they were; all three say the same.
    """
    yield attributes
    known = {attributes}
    try:
        parts = _der.children(_der.only(attributes, _der.SET).content)
        others = (sorted_set([as_der(one) for one in parts]), sorted_set([one.whole for one in parts]))
    except ValueError:
        return
    for form in others:
        if form not in known:
            known.add(form)
            yield form


def _utc_time(value: _der.Tlv) -> datetime:
    """Read a UTCTime as DER has it (X.690 §11.8); its century is RFC 5652 §11.3's."""
    if value.tag != _UTC_TIME or not _UTC.fullmatch(value.content):
        raise ValueError("not a time in UTC")
    text = value.content.decode("ascii")
    century = "20" if int(text[:2]) < 50 else "19"  # noqa: PLR2004 - likewise
    return datetime.strptime(century + text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def read_signed_data(data: bytes) -> SignedData:
    """Read a ContentInfo of type SignedData; raises `ValueError` for anything else."""
    try:
        outer, _ = _der.read(data)
        kind, wrapped = _der.children(_der.expect(outer, _der.SEQUENCE).content)
        if _der.oid(kind) != SIGNED_DATA:
            raise ValueError("not a SignedData")
        (body,) = _der.children(_der.expect(wrapped, _TAG_0).content)
        return _read_body(_der.children(_der.expect(body, _der.SEQUENCE).content))
    except (IndexError, RecursionError, UnicodeDecodeError) as error:
        raise ValueError("not a SignedData") from error


def _read_body(parts: list[_der.Tlv]) -> SignedData:
    version, algorithms, encapsulated, *rest = parts
    _der.integer(version)
    _der.expect(algorithms, _der.SET)
    _der.expect(encapsulated, _der.SEQUENCE)
    if len({part.tag for part in rest}) != len(rest):
        raise ValueError("an element of SignedData twice")
    inner = _der.children(encapsulated.content)
    content = _der.octets(_der.children(inner[1].content)[0]) if len(inner) > 1 else None
    certificates: tuple[bytes, ...] = ()
    revocation: tuple[_der.Tlv, ...] = ()
    signers: tuple[CmsSigner, ...] = ()
    for part in rest:
        match part.tag:
            case 0xA0:
                certificates = tuple(one.whole for one in _der.children(part.content))
            case 0xA1:
                revocation = tuple(_der.children(part.content))
            case _der.SET:
                signers = tuple(_signer(one) for one in _der.children(part.content))
            case _:
                raise ValueError("an element of SignedData out of place")
    ocsps: list[bytes] = []
    crls: list[bytes] = []
    for one in revocation:
        _sort_revocation(one, ocsps, crls)
    return SignedData(
        content_type=_der.oid(inner[0]),
        content=content,
        certificates=readable_certificates(certificates),
        ocsps=tuple(ocsps),
        crls=tuple(crls),
        signers=signers,
        content_type_der=inner[0].whole,
        certificate_ders=certificates,
        revocation_ders=tuple(one.whole for one in revocation),
    )


def _sort_revocation(element: _der.Tlv, ocsps: list[bytes], crls: list[bytes]) -> None:
    if element.tag == _der.SEQUENCE:
        crls.append(element.whole)
    elif element.tag == _TAG_1:  # OtherRevocationInfoFormat (RFC 5940)
        kind, value = _der.children(element.content)[:2]
        if _der.oid(kind) == _OCSP_RESPONSE:
            ocsps.append(value.whole)
        elif _der.oid(kind) == _OCSP_BASIC:
            ocsps.append(ocsp_response_around(value.whole))


def ocsp_response_around(basic: bytes) -> bytes:
    """Put the OCSPResponse envelope (RFC 6960 §4.2.1) around a BasicOCSPResponse."""
    body = wrap(_der.OID, bytes.fromhex("2b0601050507300101")) + wrap(_der.OCTETS, basic)
    return wrap(_der.SEQUENCE, b"\x0a\x01\x00" + wrap(_TAG_0, wrap(_der.SEQUENCE, body)))


def _signer(element: _der.Tlv) -> CmsSigner:
    parts = _der.children(_der.expect(element, _der.SEQUENCE).content)
    version, identifier, digest_algorithm, *rest = parts
    _der.integer(version)
    issuer_der, serial, key_identifier = None, None, None
    if identifier.tag == _KEY_IDENTIFIER:
        key_identifier = identifier.content
    else:
        issuer, number = _der.children(_der.expect(identifier, _der.SEQUENCE).content)
        issuer_der, serial = issuer.whole, _der.integer(number)
    signed = rest.pop(0) if rest[0].tag == _TAG_0 else None
    algorithm, signature, *last = rest
    digest_name = DIGEST_OIDS.get(_der.algorithm(digest_algorithm)[0], "")
    attributes, twice = _attributes(signed)
    unsigned, _ = _attributes(last[0] if last else None)
    return CmsSigner(
        issuer_der=issuer_der,
        serial=serial,
        key_identifier=key_identifier,
        digest_name=digest_name,
        scheme=_scheme(algorithm, digest_name),
        signature=_der.octets(signature),
        # What is signed is the SET OF, not the [0] it stands under (RFC 5652 §5.4).
        signed_attributes=wrap(_der.SET, signed.content) if signed is not None else None,
        attributes=attributes,
        unsigned=unsigned,
        contradicts_itself=twice,
        fields=b"".join(part.whole for part in parts[: len(parts) - len(last)]),
        unsigned_raw=_raw_values(last[0]) if last else (),
    )


def _raw_values(element: _der.Tlv) -> tuple[tuple[bytes, bytes], ...]:
    """Return every value of every attribute with its type, as they stand."""
    found = []
    for attribute in _der.children(element.content):
        kind, values = _der.children(attribute.content)
        found += [(kind.whole, value.whole) for value in _der.children(values.content)]
    return tuple(found)


def _attributes(element: _der.Tlv | None) -> tuple[dict[str, tuple[_der.Tlv, ...]], bool]:
    found: dict[str, tuple[_der.Tlv, ...]] = {}
    twice = False
    for attribute in _der.children(element.content) if element is not None else ():
        kind, values = _der.children(attribute.content)
        name = _der.oid(kind)
        found[name] = (*found.get(name, ()), *_der.children(values.content))
        twice = twice or (name in _ONCE and len(found[name]) > 1)
    return found, twice


def _scheme(element: _der.Tlv, digest_name: str) -> Scheme | None:
    name, parameters = _der.algorithm(element)
    if name == _PSS:
        return pss_scheme(parameters)
    if _EDDSA_DIGESTS.get(name, digest_name) != digest_name:
        return None
    hash_name = _SIGNATURE_HASHES.get(name, digest_name)
    try:
        return scheme_of_signature_oid(name, hash_name)
    except UnknownScheme:
        return Scheme(_KEY_ALONE[name], hash_name) if name in _KEY_ALONE else None


def pss_scheme(parameters: _der.Tlv | None) -> Scheme | None:
    """Read RSASSA-PSS-params (RFC 4055 §3.1): what is not said is SHA-1 and 20; None for what is no such scheme."""
    hash_name, mask_name, salt = "sha1", "sha1", 20
    for part in _der.children(parameters.content) if parameters is not None else ():
        value = _der.children(part.content)[0]
        match part.tag:
            case 0xA0:
                hash_name = DIGEST_OIDS.get(_der.algorithm(value)[0], "")
            case 0xA1:
                function, inner = _der.algorithm(value)
                mask_name = DIGEST_OIDS.get(_der.algorithm(inner)[0], "") if inner is not None else "sha1"
                if function != _MGF1:
                    return None
            case 0xA2:
                salt = _der.integer(value)
            case 0xA3 if _der.integer(value) == 1:
                continue
            case _:
                return None
    return Scheme(SchemeKind.RSA_PSS, hash_name, mask_name, salt) if hash_name and mask_name else None


def _binding(entry: _der.Tlv, default: str) -> CertificateBinding:
    parts = _der.children(entry.content)
    name = default
    if parts[0].tag == _der.SEQUENCE:
        name = DIGEST_OIDS.get(_der.algorithm(parts.pop(0))[0], "")
    return CertificateBinding(name, _der.octets(parts[0]))
