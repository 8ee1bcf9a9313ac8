"""Who answers the judge's questions: paths, revocation and standing in law, from what is at hand.

The judge sees `Witness` alone. The real one gathers every certificate and answer of a document, and those handed in
beside it, and asks `signing.pki.chain`, `signing.pki.revocation` and the trust; it weighs nothing and fetches nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from signing.judging.algorithms import TS_119_312
from signing.model import Qualification
from signing.pki import revocation
from signing.pki.chain import Pool, find_path
from signing.pki.trust_protocol import SignatureStanding

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from signing.judging.algorithms import AlgorithmTable
    from signing.model import Indication
    from signing.pki.certificates import Certificate
    from signing.pki.trust_protocol import Purpose, TrustSource
    from signing.reading.facts import Path, RevocationFacts, SignatureFacts, StampFacts

__all__ = ["TrustedWitness", "Witness", "gather"]


# No honest file brings more; those handed in stand first.
_MOST_BLOBS = 512


class Witness(Protocol):
    """What the judge may ask. Hand-made witnesses let it be tested without any cryptography."""

    @property
    def algorithms(self) -> AlgorithmTable:
        """By which table algorithms are judged."""
        ...

    def path(self, certificate: Certificate, *, purpose: Purpose, at: datetime) -> Path:
        """From the certificate to an anchor trusted for that purpose at that moment."""
        ...

    def answers(self, certificate: Certificate, issuer: Certificate) -> tuple[RevocationFacts, ...]:
        """Every believable answer about the certificate."""
        ...

    def stamp_unit_qualified(self, path: Path, *, at: datetime) -> bool | None:
        """Was the time-stamping unit a qualified one? None when that cannot be told now."""
        ...

    def standing(
        self, certificate: Certificate, path: Path, indication: Indication, signed_at: datetime
    ) -> SignatureStanding:
        """What the signature is in law."""
        ...


class TrustedWitness:
    """Answers from one document's certificates and revocation blobs, those handed in beside it, and the trust."""

    def __init__(
        self,
        trust: TrustSource,
        certificates: Iterable[Certificate],
        *,
        ocsps: Sequence[bytes],
        crls: Sequence[bytes],
        judged_at: datetime,
        algorithms: AlgorithmTable = TS_119_312,
    ) -> None:
        self.algorithms = algorithms
        self._trust = trust
        self._judged_at = judged_at
        self._pool = Pool(certificates)
        self._ocsps = tuple(dict.fromkeys(ocsps))[:_MOST_BLOBS]
        self._crls = tuple(dict.fromkeys(crls))[:_MOST_BLOBS]
        self._paths: dict[tuple[str, Purpose, datetime], Path] = {}
        for blob in self._ocsps:
            answer = revocation.read_ocsp(blob)
            self._pool.add(answer.certificates if answer is not None else ())

    def path(self, certificate: Certificate, *, purpose: Purpose, at: datetime) -> Path:
        """Find a path, or the one found before for the same question."""
        key = certificate.sha256, purpose, at
        if key not in self._paths:
            self._paths[key] = find_path(certificate, pool=self._pool, trust=self._trust, purpose=purpose, at=at)
        return self._paths[key]

    def answers(self, certificate: Certificate, issuer: Certificate) -> tuple[RevocationFacts, ...]:
        """Collect what the blobs at hand say of the certificate."""
        return revocation.answers(
            certificate, issuer, ocsps=self._ocsps, crls=self._crls, pool=self._pool, trust=self._trust
        )

    def stamp_unit_qualified(self, path: Path, *, at: datetime) -> bool | None:
        """Ask the lists."""
        return self._trust.stamp_unit_qualified(
            path.certificates[0], path.certificates, at=at, judged_at=self._judged_at
        )

    def standing(
        self, certificate: Certificate, path: Path, indication: Indication, signed_at: datetime
    ) -> SignatureStanding:
        """Ask the lists; without an anchored path there is nothing to ask about."""
        if not path.anchored:
            return SignatureStanding(Qualification.NOT_ADES)
        return self._trust.standing(
            certificate, path.certificates, indication=indication, signed_at=signed_at, judged_at=self._judged_at
        )


def gather(
    signatures: Iterable[SignatureFacts],
    stamps: Iterable[StampFacts],
    trust: TrustSource,
    *,
    handed_in: Sequence[bytes],
    judged_at: datetime,
    algorithms: AlgorithmTable = TS_119_312,
) -> TrustedWitness:
    """Build the witness for one document; `handed_in` are OCSP responses and CRLs fetched by someone else."""
    certificates: list[Certificate] = []
    ocsps: list[bytes] = []
    crls: list[bytes] = []
    for blob in handed_in:
        (ocsps if revocation.read_ocsp(blob) is not None else crls).append(blob)
    loose = list(stamps)
    for signature in signatures:
        certificates += signature.certificates
        ocsps += signature.ocsps
        crls += signature.crls
        loose += signature.stamps
    for stamp in loose:
        certificates += stamp.certificates
        ocsps += stamp.ocsps
        crls += stamp.crls
    return TrustedWitness(trust, certificates, ocsps=ocsps, crls=crls, judged_at=judged_at, algorithms=algorithms)
