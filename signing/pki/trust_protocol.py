"""What judging asks of trust, and nothing else: a handful of questions, each at a moment.

`signing.trust.TrustStore` answers them from trusted lists and bare certificates; tests answer them with a few
lines. The answers never fetch anything and never read a clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from signing.model import Indication, Message, Qualification, TrustState
    from signing.pki.certificates import Certificate
    from signing.pki.names import NameKey

__all__ = ["Purpose", "SignatureStanding", "TrustSource"]


class Purpose(StrEnum):
    """What a certificate is trusted for: a list names its services by kind; a bare anchor serves all three."""

    SIGNER = "signer"
    STAMP = "stamp"
    OCSP = "ocsp"


@dataclass(frozen=True, slots=True)
class SignatureStanding:
    """What a signature is in law, and what stands in the way of more."""

    qualification: Qualification
    reasons: tuple[Message, ...] = ()


class TrustSource(Protocol):
    """Anchors and qualification, by moment."""

    @property
    def digests(self) -> tuple[str, ...]:
        """SHA-256 (hex) of every list or certificate this trust was built from."""
        ...

    def state(self, at: datetime) -> TrustState:
        """Fresh, stale, missing, or given by hand. Never an exception."""
        ...

    def is_anchor(self, certificate: Certificate, *, purpose: Purpose, at: datetime) -> bool:
        """Is this very certificate (or its key and name) trusted for that purpose at that moment?"""
        ...

    def anchors_named(self, subject: NameKey, *, purpose: Purpose, at: datetime) -> Sequence[Certificate]:
        """Anchors with that subject, trusted for that purpose at that moment; issuers are looked for here."""
        ...

    def ocsp_anchors(self, *, at: datetime) -> Sequence[Certificate]:
        """All responders the lists name; a response that names its responder by key is looked up among them."""
        ...

    def stamp_unit_qualified(
        self, certificate: Certificate, path: Sequence[Certificate], *, at: datetime, judged_at: datetime | None = None
    ) -> bool | None:
        """Was the time-stamping unit a qualified service at that moment? None when lists cannot tell now.

        `path` runs from the unit's certificate to the anchor, both included; `judged_at` tells which lists are stale.
        """
        ...

    def standing(
        self,
        certificate: Certificate,
        path: Sequence[Certificate],
        *,
        indication: Indication,
        signed_at: datetime,
        judged_at: datetime | None = None,
    ) -> SignatureStanding:
        """Qualify a signature at issuance (`certificate.not_before`) and at `signed_at`, by the matrix.

        `path` runs from the signing certificate to the anchor; empty when no path was found.
        """
        ...
