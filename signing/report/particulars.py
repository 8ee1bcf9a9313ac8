"""What a signature says beside its verdict, for readers of reports: how it was made, with which certificates, as what.

Nothing here weighs in a verdict. Roles, places and reasons are the signer's own words; certificates are those the
judge found, not all that the file holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["NO_CLAIMS", "CertificateUse", "Claims", "Particulars", "StampParticulars", "UsedCertificate"]


class CertificateUse(StrEnum):
    """What a certificate was used for."""

    SIGNING = "signing"
    REVOCATION = "revocation"
    SIGNATURE_STAMP = "signature-stamp"
    ARCHIVE_STAMP = "archive-stamp"
    CONTENT_STAMP = "content-stamp"


@dataclass(frozen=True, slots=True)
class UsedCertificate:
    """One certificate; `issuer_name` and `issuer_der` are empty when no issuer was found."""

    use: CertificateUse
    common_name: str
    der: bytes
    issuer_name: str = ""
    issuer_der: bytes = b""


@dataclass(frozen=True, slots=True)
class Claims:
    """What the signer says of themselves and of the act (EN 319 132-1 §5.2.5, 5.2.6; ISO 32000-2 §12.8.1)."""

    roles: tuple[str, ...] = ()
    country: str = ""
    region: str = ""
    city: str = ""
    postal_code: str = ""
    reason: str = ""


NO_CLAIMS = Claims()


@dataclass(frozen=True, slots=True)
class StampParticulars:
    """The particulars of a stamp that is not over one signature's value alone.

    `covers` names the container's files under it, its manifest first where it has one. `token` is the DER of a stamp
    that keeps an archive; `certificates` are those in it, the unit's own first.
    """

    country: str = ""
    covers: tuple[str, ...] = ()
    certificates: tuple[UsedCertificate, ...] = ()
    token: bytes = b""


@dataclass(frozen=True, slots=True)
class Particulars:
    """The particulars of one signature.

    `method` is the algorithm's identifier as XML signatures write it (RFC 9231), also where the signature is CMS;
    "" for one nobody here can name. `imprint` is the DER MessageImprint (RFC 3161 §2.4.1) of the first passed
    signature stamp. `serial_number` is the subject's serialNumber as the certificate writes it. `non_repudiation`
    is False for a certificate whose key is not for what its holder will be held to (`signing.judging.commitment`).
    `names` are the document's files that its references name, changed or not. `byte_range` is a PDF signature's, empty
    where it is not as it should be; `to_the_end` tells that it ends where the file ends. `key_kind` and `key_bits` are
    the signer's key, `digest` the hash of the scheme; `value_holds` tells whether the signature value fits, None where
    it could not be computed.
    """

    method: str = ""
    serial_number: str = ""
    claims: Claims = NO_CLAIMS
    certificates: tuple[UsedCertificate, ...] = ()
    imprint: bytes = b""
    non_repudiation: bool = True
    names: tuple[str, ...] = ()
    byte_range: tuple[int, ...] = ()
    to_the_end: bool = False
    key_kind: str = ""
    key_bits: int = 0
    digest: str = ""
    value_holds: bool | None = None
