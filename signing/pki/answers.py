"""What an OCSP response (RFC 6960 §4.2) or a CRL (RFC 5280 §5) says, as it stands: nothing is believed yet.

`signing.pki.revocation_reading` fills these; `signing.pki.revocation` asks who made them and whether they may answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from cryptography import x509

    from signing.pki.certificates import Certificate
    from signing.pki.keys import Scheme
    from signing.reading.facts import RevocationStatus

__all__ = ["Crl", "CrlEntry", "CrlScope", "OcspAnswer", "OcspSingle"]


@dataclass(frozen=True, slots=True)
class OcspSingle:
    """One SingleResponse. `hash_name` is "" for a hash nobody here knows: then it is about nobody here."""

    serial: int
    hash_name: str
    issuer_name_hash: bytes
    issuer_key_hash: bytes
    status: RevocationStatus
    this_update: datetime
    next_update: datetime | None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OcspAnswer:
    """One successful OCSP response; of `responder_name` and `responder_key_hash` one is None.

    `signed` are the octets its signature is over. `covers_expired`: it has an archive cutoff (RFC 6960 §4.4.4).
    """

    sha256: str
    scheme: Scheme
    signature: bytes = field(repr=False)
    signed: bytes = field(repr=False)
    certificates: tuple[Certificate, ...]
    responder_name: x509.Name | None
    responder_key_hash: bytes | None
    produced_at: datetime
    singles: tuple[OcspSingle, ...]
    covers_expired: bool = False


@dataclass(frozen=True, slots=True)
class CrlScope:
    """An IssuingDistributionPoint (RFC 5280 §5.2.5). `partial` when it is indirect, for some reasons or unreadable."""

    names: tuple[x509.GeneralName, ...] = ()
    user_only: bool = False
    ca_only: bool = False
    partial: bool = False


@dataclass(frozen=True, slots=True)
class CrlEntry:
    """One revoked certificate."""

    status: RevocationStatus
    revoked_at: datetime


@dataclass(frozen=True, slots=True)
class Crl:
    """One revocation list.

    `entry` finds a certificate by its number. `whole` is False for a delta and for a list with a critical extension
    nobody here processes: then silence in it means nothing. `covers_expired`: ISO 9594-8 expiredCertsOnCRL.
    """

    sha256: str
    scheme: Scheme
    signature: bytes = field(repr=False)
    signed: bytes = field(repr=False)
    issuer: x509.Name
    this_update: datetime
    next_update: datetime | None
    entry: Callable[[int], CrlEntry | None] = field(repr=False, compare=False)
    whole: bool = True
    scope: CrlScope = CrlScope()
    covers_expired: bool = False
