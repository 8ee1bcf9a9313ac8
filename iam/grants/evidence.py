"""On what a decision rests, as types: nobody gives a right without one of these, and only `workflows` builds them.

`GivingEvidence` can give a right. A signed application alone, without a commitment letter, and an order can only end
one. An order that was undone reinstates what that order ended.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import assert_never

from iam.audit import Actor
from iam.grants.models import DocumentRole, EvidenceKind
from iam.ids import ApplicationId, OrderId

__all__ = [
    "AnyEvidence",
    "ByOrder",
    "EndingEvidence",
    "GivingEvidence",
    "JudgedDocument",
    "OrderUndone",
    "PaperSeenByTwo",
    "Restoration",
    "SignedApplication",
    "SignedPair",
    "TakenOver",
    "documents_of",
    "fingerprint",
    "kind_of",
]


@dataclass(frozen=True, slots=True)
class JudgedDocument:
    """A document that was handed in, by its SHA-256 (hex), and the verification that says what it proves."""

    sha256: str
    verification_id: int


@dataclass(frozen=True, slots=True)
class SignedPair:
    """The application signed by who may sign, and the commitment letter signed by the user; maybe one container."""

    application_id: ApplicationId
    application: JudgedDocument
    letter: JudgedDocument


@dataclass(frozen=True, slots=True)
class SignedApplication:
    """A signed application without a letter: for revocation."""

    application_id: ApplicationId
    application: JudgedDocument


@dataclass(frozen=True, slots=True)
class PaperSeenByTwo:
    """Paper originals seen by one person of staff and confirmed by another; the scans claim no electronic verdict."""

    application_id: ApplicationId
    seen_by: Actor
    confirmed_by: Actor
    seen_on: date
    application_scan: str | None = None
    letter_scan: str | None = None

    def __post_init__(self) -> None:
        if self.seen_by == self.confirmed_by:
            raise ValueError("paper is seen by two different people")


@dataclass(frozen=True, slots=True)
class Restoration:
    """A right given back because the reform took it: `period_id` is the period that was cut short."""

    period_id: int


@dataclass(frozen=True, slots=True)
class TakenOver:
    """A right that existed before this service; its history before that day is not evidenced."""

    source: str  # which file, which line
    sha256: str  # of that file

    def __post_init__(self) -> None:
        if not self.source.strip():
            raise ValueError("taken over from somewhere")


@dataclass(frozen=True, slots=True)
class ByOrder:
    """An order about institutions (`iam.orders`): it ends rights and gives none. `digest` is over what it says."""

    order_id: OrderId
    digest: str


@dataclass(frozen=True, slots=True)
class OrderUndone:
    """An order that was undone: what it ended is reinstated."""

    order_id: OrderId
    digest: str


GivingEvidence = SignedPair | PaperSeenByTwo | Restoration | TakenOver
EndingEvidence = GivingEvidence | SignedApplication | ByOrder
AnyEvidence = EndingEvidence | OrderUndone
_KINDS: Mapping[type[AnyEvidence], EvidenceKind] = {
    SignedPair: EvidenceKind.SIGNED_PAIR,
    SignedApplication: EvidenceKind.SIGNED_APPLICATION,
    PaperSeenByTwo: EvidenceKind.PAPER_SEEN_BY_TWO,
    Restoration: EvidenceKind.RESTORATION,
    TakenOver: EvidenceKind.TAKEN_OVER,
    ByOrder: EvidenceKind.ORDER,
    OrderUndone: EvidenceKind.ORDER_UNDONE,
}


def kind_of(evidence: AnyEvidence) -> EvidenceKind:
    """Return the kind as the database does."""
    return _KINDS[type(evidence)]


def documents_of(evidence: AnyEvidence) -> Mapping[DocumentRole, tuple[str, int | None]]:
    """List the documents in it: SHA-256 and verification by role."""
    match evidence:
        case SignedPair(application=application, letter=letter):
            return {
                DocumentRole.APPLICATION: (application.sha256, application.verification_id),
                DocumentRole.LETTER: (letter.sha256, letter.verification_id),
            }
        case SignedApplication(application=application):
            return {DocumentRole.APPLICATION: (application.sha256, application.verification_id)}
        case PaperSeenByTwo(application_scan=application_scan, letter_scan=letter_scan):
            scans = {DocumentRole.APPLICATION: application_scan, DocumentRole.LETTER: letter_scan}
            return {role: (scan, None) for role, scan in scans.items() if scan is not None}
        case Restoration() | TakenOver() | ByOrder() | OrderUndone():
            return {}
        case _:
            assert_never(evidence)


def fingerprint(evidence: AnyEvidence) -> str:
    """Digest what the evidence says (SHA-256, hex): the same evidence is kept once and named so in the audit.

    Written by hand, not by a codec: stored digests must come out the same for ever.
    """
    said = {field.name: getattr(evidence, field.name) for field in fields(evidence)}
    plain = json.dumps([kind_of(evidence), said], sort_keys=True, default=_plain, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def _plain(value: object) -> object:
    match value:
        case JudgedDocument(sha256=sha256, verification_id=verification_id):
            return [sha256, verification_id]
        case Actor() | date():
            return str(value)
        case _:
            raise TypeError(f"evidence says {value!r}")
