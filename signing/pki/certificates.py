"""A certificate parsed once: what every other module asks of it (about revocation: `signing.pki.revocation_places`).

`cryptography`'s Rust parser reads them (0.05 ms each, against 0.6 ms elsewhere). Where it refuses the whole, the key or
the extensions, `signing.pki.tolerant` reads that part of the same octets; what neither reads is
`UnreadableCertificate`, or an extension named in `unreadable_extensions`.
"""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING, Any, TypeVar

from cryptography import x509 as pyca
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import NameOID

from signing.model import Signer
from signing.pki.keys import KeyFacts, Scheme, UnknownScheme, key_facts, scheme_of_parsed, verify
from signing.pki.names import NameKey, attribute_of, identity_of, name_key
from signing.pki.schemes import scheme_of_certificate
from signing.pki.tolerant.certificate import read_parts
from signing.pki.tolerant.extensions import ReadExtensions, read_extensions
from signing.pki.tolerant.keys import read_public_key

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

    from signing.pki.tolerant.certificate import CertificateParts

__all__ = ["Certificate", "UnreadableCertificate"]

# Parsed certificates are remembered between documents; one larger than any honest one is not.
_KEPT = 16 * 1024
# Our own reader makes an object of every element: a file of many small ones would cost too much.
_LARGEST_ODD = 128 * 1024
# Two names, two times, a key and a signature do not fit into fewer octets.
_SMALLEST = 64
_E = TypeVar("_E", bound=pyca.ExtensionType)


class UnreadableCertificate(ValueError):
    """These bytes are no X.509 certificate that can be used for anything."""


class Certificate:
    """One X.509 certificate; equal by its bytes. Build it with `Certificate.from_der`."""

    __slots__ = ("__dict__", "_parts", "_strict", "der", "sha256")

    def __init__(self, der: bytes, parts: CertificateParts, strict: pyca.Certificate | None) -> None:
        self.der = der
        self.sha256 = hashlib.sha256(der).hexdigest()
        self._parts = parts
        self._strict = strict

    @staticmethod
    def from_der(der: bytes) -> Certificate:
        """Parse, or take the same bytes' earlier parse; raises `UnreadableCertificate`."""
        if len(der) < _SMALLEST:
            raise UnreadableCertificate("smaller than any certificate")
        return _parse(bytes(der)) if len(der) <= _KEPT else _parse.__wrapped__(bytes(der))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Certificate) and self.der == other.der

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __repr__(self) -> str:
        return f"<Certificate {self.common_name!r} {self.sha256[:12]}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return (Certificate.from_der, (self.der,))

    @property
    def x509(self) -> pyca.Certificate:
        """The library's own object, for another library; raises `UnreadableCertificate` where only we can read it."""
        if self._strict is None:
            raise UnreadableCertificate("not in strict DER")
        return self._strict

    @property
    def serial(self) -> int:
        """The certificate's number (RFC 5280 §4.1.2.2), also one that is negative or longer than it need be."""
        return self._parts.serial

    @property
    def version(self) -> int:
        """1, 2 or 3."""
        return self._parts.version

    @functools.cached_property
    def _names(self) -> tuple[pyca.Name, pyca.Name]:
        if self._strict is None:
            return self._parts.names()
        return self._strict.issuer, self._strict.subject

    @property
    def issuer(self) -> pyca.Name:
        """The issuer's name."""
        return self._names[0]

    @property
    def subject(self) -> pyca.Name:
        """The subject's name."""
        return self._names[1]

    @functools.cached_property
    def _times(self) -> tuple[datetime, datetime]:
        if self._strict is None:
            return self._parts.times()
        return self._strict.not_valid_before_utc, self._strict.not_valid_after_utc

    @functools.cached_property
    def subject_key(self) -> NameKey:
        """The subject, to compare."""
        return name_key(self.subject)

    @functools.cached_property
    def issuer_key(self) -> NameKey:
        """The issuer, to compare."""
        return name_key(self.issuer)

    @functools.cached_property
    def common_name(self) -> str:
        """The subject's common name, or organisation, or the whole name: something to show to a person."""
        return attribute_of(self.subject, NameOID.COMMON_NAME) or self.subject_text

    @functools.cached_property
    def subject_text(self) -> str:
        """The whole subject as RFC 4514 text."""
        return self.subject.rfc4514_string()

    @functools.cached_property
    def issuer_common_name(self) -> str:
        """The issuer's common name, or the whole name."""
        return attribute_of(self.issuer, NameOID.COMMON_NAME) or self.issuer.rfc4514_string()

    @property
    def is_self_issued(self) -> bool:
        """Subject and issuer are one name."""
        return self.subject_key == self.issuer_key

    @property
    def not_before(self) -> datetime:
        """First moment of validity (UTC)."""
        return self._times[0]

    @property
    def not_after(self) -> datetime:
        """Last moment of validity (UTC)."""
        return self._times[1]

    def valid_at(self, moment: datetime) -> bool:
        """Is the moment inside the validity period, both ends included (RFC 5280 §4.1.2.5)?"""
        return self.not_before <= moment <= self.not_after

    @functools.cached_property
    def public_key(self) -> CertificatePublicKeyTypes | None:
        """The key, or None for a kind of key nothing here can check."""
        try:
            if self._strict is not None:
                return self._strict.public_key()
        except (ValueError, TypeError, UserWarning, UnsupportedAlgorithm):
            pass
        return read_public_key(self.spki)

    @functools.cached_property
    def key(self) -> KeyFacts:
        """Kind and size of the key."""
        return key_facts(self.public_key)

    @property
    def issuer_der(self) -> bytes:
        """The issuer's name exactly as it stands, DER."""
        return self._parts.issuer.whole

    @property
    def subject_der(self) -> bytes:
        """The subject's name exactly as it stands, DER: what OCSP hashes."""
        return self._parts.subject.whole

    @property
    def spki(self) -> bytes:
        """The subjectPublicKeyInfo exactly as it stands, DER: what two certificates of one key share."""
        return self._parts.spki

    @functools.cached_property
    def key_bits(self) -> bytes:
        """The content of the subjectPublicKey bit string: what OCSP's key hashes are over."""
        return self._parts.key_bits()

    @functools.cached_property
    def _extensions(self) -> ReadExtensions | None:
        try:
            if self._strict is not None:
                return ReadExtensions(self._strict.extensions)
        except (ValueError, TypeError, UserWarning, pyca.DuplicateExtension, pyca.UnsupportedGeneralNameType):
            pass
        if len(self.der) > _LARGEST_ODD:
            return None
        try:
            return read_extensions(self._parts.extensions)
        except (ValueError, IndexError):
            return None

    @property
    def extensions(self) -> pyca.Extensions | None:
        """All extensions, or None when they cannot be read: then nothing may be built on this certificate."""
        return self._extensions.found if self._extensions is not None else None

    @property
    def unreadable_extensions(self) -> frozenset[str]:
        """Those of a known kind whose value, or a part of it, cannot be read; RFC 5280 §4.2 lets uncritical ones be."""
        return self._extensions.unreadable if self._extensions is not None else frozenset()

    def extension(self, kind: type[_E]) -> _E | None:
        """One extension's value, or None when it is not there."""
        if self.extensions is None:
            return None
        try:
            return self.extensions.get_extension_for_class(kind).value
        except pyca.ExtensionNotFound:
            return None

    @functools.cached_property
    def key_usage(self) -> pyca.KeyUsage | None:
        """KeyUsage, if said."""
        return self.extension(pyca.KeyUsage)

    @functools.cached_property
    def extended_key_usage(self) -> frozenset[str]:
        """ExtendedKeyUsage as dotted identifiers; empty when not said."""
        usage = self.extension(pyca.ExtendedKeyUsage)
        return frozenset(one.dotted_string for one in usage) if usage is not None else frozenset()

    @functools.cached_property
    def basic_constraints(self) -> pyca.BasicConstraints | None:
        """BasicConstraints, if said."""
        return self.extension(pyca.BasicConstraints)

    @property
    def is_ca(self) -> bool:
        """May it sign certificates, by its BasicConstraints and KeyUsage?"""
        constraints, usage = self.basic_constraints, self.key_usage
        return constraints is not None and constraints.ca and (usage is None or usage.key_cert_sign)

    @functools.cached_property
    def subject_key_identifier(self) -> bytes | None:
        """SubjectKeyIdentifier, if said."""
        value = self.extension(pyca.SubjectKeyIdentifier)
        return value.digest if value else None

    @functools.cached_property
    def scheme(self) -> Scheme:
        """How the signature on it was made; raises `UnknownScheme`.

        Also where its two identifiers of that disagree: RFC 5280 §4.1.1.2 has them equal, and one of them is signed.
        """
        outer = self._parts.scheme() if self._strict is None else scheme_of_parsed(self._strict)
        same = self._parts.algorithm.whole == self._parts.inner_algorithm.whole
        if not same and scheme_of_certificate(self._parts.inner_algorithm) != outer:
            raise UnknownScheme("two signature algorithms for one signature")
        return outer

    def signed_by(self, issuer: Certificate) -> bool:
        """Is the signature on this certificate made with the issuer's key? Names are not looked at."""
        small = len(self.der) <= _KEPT and len(issuer.der) <= _KEPT
        return _signed_by(self, issuer) if small else _signed_by.__wrapped__(self, issuer)

    @property
    def serial_number_text(self) -> str:
        """The subject's serialNumber as it is written: whose certificate it is, not the certificate's own number."""
        return attribute_of(self.subject, NameOID.SERIAL_NUMBER)

    def signer(self) -> Signer:
        """Who it names, for the report."""
        subject = self.subject
        return Signer(
            common_name=self.common_name,
            given_name=attribute_of(subject, NameOID.GIVEN_NAME),
            surname=attribute_of(subject, NameOID.SURNAME),
            identity=identity_of(subject),
            organisation=attribute_of(subject, NameOID.ORGANIZATION_NAME),
            country=attribute_of(subject, NameOID.COUNTRY_NAME).upper(),
            certificate_sha256=self.sha256,
            not_before=self.not_before,
            not_after=self.not_after,
            serial_hex=f"{self.serial:x}",
            issuer_name=self.issuer_common_name,
            distinguished_name=self.subject_text,
        )


@functools.lru_cache(maxsize=2048)
def _parse(der: bytes) -> Certificate:
    try:
        strict = _strictly(der)
        certificate = Certificate(der, read_parts(der, most=_LARGEST_ODD if strict is None else None), strict)
        # What is read later must not fail then: names and times are touched now.
        certificate.subject_key, certificate.issuer_key, certificate.not_before, certificate.key_bits  # noqa: B018
    except (ValueError, TypeError, IndexError) as error:
        raise UnreadableCertificate(str(error)) from error
    return certificate


def _strictly(der: bytes) -> pyca.Certificate | None:
    """Have `cryptography` read it; None where it refuses the whole, a name or a time, at once or when asked."""
    try:
        parsed = pyca.load_der_x509_certificate(der)
        parsed.subject, parsed.issuer, parsed.not_valid_before_utc, parsed.not_valid_after_utc  # noqa: B018
    except (ValueError, TypeError, UserWarning, UnsupportedAlgorithm, pyca.InvalidVersion):
        # TypeError: what it says to a name that is a bit string. UserWarning: where warnings are errors.
        return None
    return parsed


@functools.lru_cache(maxsize=4096)
def _signed_by(child: Certificate, issuer: Certificate) -> bool:
    try:
        return verify(issuer.public_key, child._parts.signature, child._parts.signed, child.scheme)  # noqa: SLF001 - its own
    except UnknownScheme:
        return False
