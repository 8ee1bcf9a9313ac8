"""Trust anchors: a name and a key, with everything lists or the caller state about them.

RFC 5280 §6.1.1(d): an anchor is a name and a key, not a certificate; authorities renew their certificates and keep
both. So listings are gathered by subject and public key, whichever certificate a list or a file contains.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from signing.pki.certificates import Certificate
from signing.trust.identifiers import anchors_for

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from signing.pki.names import NameKey
    from signing.pki.trust_protocol import Purpose
    from signing.trust.model import StatusPeriod, TrustedList

__all__ = ["Anchor", "Listing", "gather", "key_digest"]


@dataclass(frozen=True, slots=True)
class Listing:
    """One status period of a service, and the list it is from."""

    period: StatusPeriod
    service: str
    territory: str
    list_sha256: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """One name and key; `given` by the caller, it serves every purpose at every moment."""

    subject: NameKey
    key_sha256: bytes
    certificates: tuple[bytes, ...]
    listings: tuple[Listing, ...] = ()
    given: bool = False

    def trusted_for(self, purpose: Purpose, at: datetime) -> bool:
        """Whether a list vouches for it at that moment for that purpose, or the caller gave it."""
        return self.given or any(
            listing.period.covers(at)
            and listing.period.status.vouched_for
            and not listing.period.not_understood
            and purpose in anchors_for(listing.period.kind)
            for listing in self.listings
        )

    def ever_trusted_for(self, purpose: Purpose) -> bool:
        """Whether there is any moment at which it may be trusted for the purpose."""
        return self.given or any(purpose in anchors_for(listing.period.kind) for listing in self.listings)


@dataclass(slots=True)
class _Gathering:
    subject: NameKey
    certificates: dict[bytes, None] = field(default_factory=dict)
    listings: list[Listing] = field(default_factory=list)
    given: bool = False


def key_digest(certificate: Certificate) -> bytes:
    """SHA-256 of the public key as the certificate states it."""
    return hashlib.sha256(certificate.spki).digest()


def gather(given: Iterable[Certificate], lists: Iterable[TrustedList]) -> dict[NameKey, tuple[Anchor, ...]]:
    """Gather the anchors of certificates and lists, by subject name."""
    found: dict[tuple[NameKey, bytes], _Gathering] = {}

    def of(certificate: Certificate) -> _Gathering:
        key = (certificate.subject_key, key_digest(certificate))
        gathering = found.setdefault(key, _Gathering(certificate.subject_key))
        gathering.certificates[certificate.der] = None
        return gathering

    for certificate in given:
        of(certificate).given = True
    for trusted_list in lists:
        for service in trusted_list.services:
            for period in service.periods:
                listing = Listing(period, service.name, trusted_list.territory, trusted_list.sha256)
                for der in period.certificates:
                    of(Certificate.from_der(der)).listings.append(listing)
    by_name: dict[NameKey, list[Anchor]] = {}
    for (subject, digest), gathering in found.items():
        anchor = Anchor(subject, digest, tuple(gathering.certificates), tuple(gathering.listings), gathering.given)
        by_name.setdefault(subject, []).append(anchor)
    return {subject: tuple(anchors) for subject, anchors in by_name.items()}
