"""CMS written element by element (RFC 5652): every freedom of BER (X.690) can be taken, and every rule broken."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from benchmarks._variants.environment import AT
from demo.der import octets, oid, sequence, tlv

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography import x509

    from benchmarks._variants.environment import Environment

__all__ = [
    "CONTENT_TYPE",
    "Cms",
    "algorithm",
    "attribute",
    "content_stamp",
    "indefinite",
    "long_form",
    "ordered",
    "split",
    "standard_attributes",
    "utc_time",
]

DATA, SIGNED_DATA = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
CONTENT_STAMP, SIGNATURE_STAMP = "1.2.840.113549.1.9.16.2.20", "1.2.840.113549.1.9.16.2.14"
_OCSP_RESPONSE = "1.3.6.1.5.5.7.16.2"
DIGESTS = {
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
}
ECDSA = {"sha256": "1.2.840.10045.4.3.2", "sha384": "1.2.840.10045.4.3.3", "sha512": "1.2.840.10045.4.3.4"}
RSA = {"sha256": "1.2.840.113549.1.1.11", "sha384": "1.2.840.113549.1.1.12", "sha512": "1.2.840.113549.1.1.13"}
_CONSTRUCTED = 0x20


def indefinite(tag: int, content: bytes) -> bytes:
    """A constructed element whose end is marked."""
    return bytes((tag, 0x80)) + content + b"\0\0"


def long_form(tag: int, content: bytes) -> bytes:
    """An element whose length takes four octets, needed or not."""
    return bytes((tag, 0x84)) + len(content).to_bytes(4, "big") + content


def split(tag: int, content: bytes, *, at: int = 7) -> bytes:
    """A string in pieces, its end marked."""
    pieces = [content[start : start + at] for start in range(0, len(content), at)] or [b""]
    return indefinite(tag | _CONSTRUCTED, b"".join(tlv(tag, one) for one in pieces))


def ordered(parts: list[bytes]) -> bytes:
    """A SET OF in DER's order."""
    return tlv(0x31, b"".join(sorted(parts)))


def integer(value: int) -> bytes:
    """An INTEGER that is not negative."""
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def utc_time(text: str) -> bytes:
    """A UTCTime, as written."""
    return tlv(0x17, text.encode("ascii"))


def algorithm(dotted: str, parameters: bytes = b"") -> bytes:
    """An AlgorithmIdentifier."""
    return sequence(oid(dotted), parameters)


def attribute(kind: str, *values: bytes) -> bytes:
    """An Attribute."""
    return sequence(oid(kind), ordered(list(values)))


def standard_attributes(certificate: x509.Certificate, content: bytes, digest: str = "sha256") -> list[bytes]:
    """What every CAdES signature signs: type, digest and the signer's certificate."""
    der = certificate.public_bytes(Encoding.DER)
    bound = sequence(sequence(sequence(octets(hashlib.sha256(der).digest()))))
    return [
        attribute(CONTENT_TYPE, oid(DATA)),
        attribute(MESSAGE_DIGEST, octets(hashlib.new(digest, content).digest())),
        attribute(SIGNING_CERTIFICATE_V2, bound),
    ]


def content_stamp(environment: Environment, content: bytes, unit: str = "tsa") -> bytes:
    """A content-time-stamp's value."""
    return environment.pki.stamp(hashlib.sha256(content).digest(), at=AT, unit=unit)


@dataclass(frozen=True, slots=True)
class Cms:
    """One signature to be written; what is not said is as DER and the standards have it.

    `signs` makes what is signed from the attributes, `stores` what stands under [0], `encloses` the eContent's element;
    None for detached. `attributes` are None where the content itself is signed.
    """

    environment: Environment
    content: bytes
    who: str = "head"
    certificate: x509.Certificate | None = None
    digest: str = "sha256"
    attributes: list[bytes] | None = None
    plain: bool = False
    signs: Callable[[list[bytes]], bytes] = ordered
    stores: Callable[[list[bytes]], bytes] = lambda parts: tlv(0xA0, b"".join(sorted(parts)))
    encloses: Callable[[bytes], bytes] | None = octets
    digest_algorithm: bytes = b""
    signature_algorithm: bytes = b""
    wraps: Callable[[int, bytes], bytes] = tlv
    stamps: bool = True
    answers: bool = True
    more: tuple[bytes, ...] = ()
    certificates: tuple[bytes, ...] = ()

    def but(self, **changes: object) -> Cms:
        """The same with changes."""
        return replace(self, **changes)  # type: ignore[arg-type] # the fields' own types

    def signer_certificate(self) -> x509.Certificate:
        """The signer's certificate."""
        return self.certificate or self.environment.pki.certificate(self.who)

    def parts(self) -> list[bytes]:
        """The signed attributes."""
        if self.attributes is not None:
            return self.attributes
        return standard_attributes(self.signer_certificate(), self.content, self.digest)

    def write(self) -> bytes:
        """The whole ContentInfo, with a signature time stamp, the responder's answer and the certificate."""
        pki, certificate = self.environment.pki, self.signer_certificate()
        parts = self.parts()
        value = pki.sign(self.who, self.content if self.plain else self.signs(parts), digest=self.digest)
        named = ECDSA if isinstance(pki.key(self.who), ec.EllipticCurvePrivateKey) else RSA
        digest = self.digest_algorithm or algorithm(DIGESTS[self.digest])
        signer = sequence(
            integer(1),
            sequence(certificate.issuer.public_bytes(), integer(certificate.serial_number)),
            digest,
            b"" if self.plain else self.stores(parts),
            self.signature_algorithm or algorithm(named[self.digest]),
            octets(value),
            self._unsigned(value),
        )
        enclosed = b"" if self.encloses is None else self.wraps(0xA0, self.encloses(self.content))
        answers = tlv(0xA1, tlv(0xA1, oid(_OCSP_RESPONSE) + pki.ocsp(certificate, at=AT))) if self.answers else b""
        body = self.wraps(
            0x30,
            integer(1)
            + ordered([digest])
            + self.wraps(0x30, oid(DATA) + enclosed)
            + tlv(0xA0, b"".join((*self.certificates, certificate.public_bytes(Encoding.DER))))
            + answers
            + ordered([signer]),
        )
        return self.wraps(0x30, oid(SIGNED_DATA) + self.wraps(0xA0, body))

    def _unsigned(self, value: bytes) -> bytes:
        stamp = self.environment.pki.stamp(hashlib.sha256(value).digest(), at=AT)
        unsigned = [attribute(SIGNATURE_STAMP, stamp)] if self.stamps else []
        unsigned += self.more
        return tlv(0xA1, b"".join(sorted(unsigned))) if unsigned else b""
