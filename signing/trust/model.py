"""A trusted list as facts: who provides which service, under which certificates, with which status from when to when.

Source: ETSI TS 119 612 v2.3.1, clauses 5.3 (scheme), 5.5 (services) and 5.6 (history).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from signing.trust.criteria import Criteria
    from signing.trust.identifiers import CertificateType, ListKind, QualifierWord, ServiceKind, Status

__all__ = ["Pointer", "QualifierRule", "Service", "TrustedList", "Window"]


@dataclass(frozen=True, slots=True)
class QualifierRule:
    """Certificates that meet `criteria` carry these `words`, whatever they say of themselves (§5.5.9.2)."""

    words: frozenset[QualifierWord]
    criteria: Criteria


@dataclass(frozen=True, slots=True)
class Window:
    """One status of a service, from `since` up to but not including `until` (None: still so when it was issued).

    `certificates` (DER) are the service's own of that time: national lists do not repeat them in the history (in
    Latvia nobody does), and an entry without any has those of the service as it stands today (§5.6.3).
    `uses` are the certificate types AdditionalServiceInformation names; empty when it names none.
    `obscure` is set when an extension marked critical is none we know: such a window vouches for nothing.
    """

    kind: ServiceKind
    status: Status
    since: datetime
    until: datetime | None
    certificates: tuple[bytes, ...] = ()
    uses: frozenset[CertificateType] = frozenset()
    qualifiers: tuple[QualifierRule, ...] = ()
    obscure: bool = False

    def covers(self, moment: datetime) -> bool:
        """Whether the status held at that moment."""
        return self.since <= moment and (self.until is None or moment < self.until)


@dataclass(frozen=True, slots=True)
class Service:
    """One trust service; `windows` are its statuses, newest first."""

    name: str
    provider: str
    territory: str
    windows: tuple[Window, ...]

    def window_at(self, moment: datetime) -> Window | None:
        """Give the status the list says the service had at that moment, or None before its first."""
        return next((window for window in self.windows if window.covers(moment)), None)


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where another list is, and the certificates (DER) one of which must have signed it."""

    location: str
    territory: str
    kind: ListKind
    media_type: str
    signers: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class TrustedList:
    """One trusted list or list of lists; `next_update` None means the list is closed and will not be renewed.

    `sha256` (hex) is of the file as it was received. `remarks` say what in the list could not be understood.
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
