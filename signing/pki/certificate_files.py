"""Which certificates can be read of many, from a file or a signature?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509 as pyca
from cryptography.hazmat.primitives.serialization import Encoding

from signing.pki.certificates import Certificate, UnreadableCertificate

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["load_certificates", "readable_certificates", "unreadable_certificates"]


def readable_certificates(ders: Iterable[bytes]) -> tuple[Certificate, ...]:
    """Read those that can be read; one that cannot is left out."""
    found = []
    for der in ders:
        try:
            found.append(Certificate.from_der(der))
        except UnreadableCertificate:
            continue
    return tuple(found)


def unreadable_certificates(ders: Iterable[bytes]) -> tuple[bytes, ...]:
    """Return those that nobody here can read, so that another one is not taken in the place of one of them."""
    found = []
    for der in ders:
        try:
            Certificate.from_der(der)
        except UnreadableCertificate:
            found.append(der)
    return tuple(found)


def load_certificates(data: bytes) -> tuple[Certificate, ...]:
    """Read a file of certificates: one DER, or any number of PEM; raises `UnreadableCertificate`."""
    try:
        if b"-----BEGIN" in data:
            found = pyca.load_pem_x509_certificates(data)
            return tuple(Certificate.from_der(one.public_bytes(Encoding.DER)) for one in found)
    except ValueError as error:
        raise UnreadableCertificate(str(error)) from error
    return (Certificate.from_der(data),)
