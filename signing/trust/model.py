"""A trusted list as facts: who provides which service, under which certificates, with which status from when to when.

Source: ETSI TS 119 612 v2.3.1, clauses 5.3 (scheme), 5.5 (services) and 5.6 (history).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from signing.trust.criteria import Criteria
    from signing.trust.identifiers import CertificateType, ListKind, Qualifier, ServiceKind, Status

__all__ = ["Pointer", "QualifierRule", "Service", "StatusPeriod", "TrustedList"]


@dataclass(frozen=True, slots=True)
class QualifierRule:
    """Certificates that meet `criteria` have these qualifiers, whatever they state themselves (§5.5.9.2)."""

    words: frozenset[Qualifier]
    criteria: Criteria


@dataclass(frozen=True, slots=True)
class StatusPeriod:
    """One entry of a service or its history: its status from `since` until before `until` (None: until the issue).

    `certificates` (DER) are those of that time. National lists need not repeat them in the history (Latvia's does not);
    an entry without any has those of the current entry (§5.6.3). `uses` are the certificate types named in
    AdditionalServiceInformation, if any. `not_understood`: a critical extension is unknown, so nothing is vouched for.
    """

    kind: ServiceKind
    status: Status
    since: datetime
    until: datetime | None
    certificates: tuple[bytes, ...] = ()
    uses: frozenset[CertificateType] = frozenset()
    qualifiers: tuple[QualifierRule, ...] = ()
    not_understood: bool = False

    def covers(self, moment: datetime) -> bool:
        """Whether the status held at that moment."""
        return self.since <= moment and (self.until is None or moment < self.until)


@dataclass(frozen=True, slots=True)
class Service:
    """One trust service; `periods` are its current entry and its history, newest first."""

    name: str
    provider: str
    territory: str
    periods: tuple[StatusPeriod, ...]


@dataclass(frozen=True, slots=True)
class Pointer:
    """The location of another list, and the certificates (DER), one of which must have signed it."""

    location: str
    territory: str
    kind: ListKind
    media_type: str
    signers: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class TrustedList:
    """One trusted list or list of lists. A `next_update` of None means that the list is closed (§5.3.15).

    `sha256` (hex) is that of the file as received. `remarks` name what in the list was not understood.
    """

    territory: str
    kind: ListKind
    version: int
    sequence: int
    issued: datetime
    next_update: datetime | None
    services: tuple[Service, ...]
    pointers: tuple[Pointer, ...]
    information_uris: tuple[str, ...]
    sha256: str
    remarks: tuple[str, ...] = ()
