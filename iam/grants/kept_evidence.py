"""Write evidence down, once: the same evidence is the same row, and a document supports one decision."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import assert_never

from sqlalchemy import ARRAY, Text, bindparam, func, select
from sqlalchemy.orm import Session

from iam.bulk import insert_all, insert_loaded
from iam.errors import DocumentUsed
from iam.grants import repository
from iam.grants.evidence import (
    AnyEvidence,
    ByOrder,
    OrderUndone,
    PaperSeenByTwo,
    Restoration,
    SignedApplication,
    SignedPair,
    TakenOver,
    documents_of,
    fingerprint,
    kind_of,
)
from iam.grants.models import DocumentRole, Evidence, EvidenceDocument

__all__ = ["kept", "kept_all"]


def kept(session: Session, evidence: AnyEvidence, at: datetime) -> Evidence:
    """Return the row of this evidence, written now if it is new. Raises DocumentUsed."""
    return kept_all(session, (evidence,), at)[evidence]


def kept_all(session: Session, all_of_it: Collection[AnyEvidence], at: datetime) -> Mapping[AnyEvidence, Evidence]:
    """Return the row of each, written now where it is new. Raises DocumentUsed.

    Two who bring the same evidence at once wait for one another: locks are taken in one order.
    """
    digests = {evidence: fingerprint(evidence) for evidence in all_of_it}
    _hold(session, digests.values())
    known = repository.evidence_with(session, digests.values())
    new = {evidence: digest for evidence, digest in digests.items() if digest not in known}
    documents = {evidence: documents_of(evidence) for evidence in new}
    used = repository.documents_used(session, [sha256 for of in documents.values() for sha256, _ in of.values()])
    for evidence in new:
        for role, (sha256, _) in documents[evidence].items():
            if sha256 in used:
                raise DocumentUsed(f"another decision rests on the {role}")
        used |= {sha256 for sha256, _ in documents[evidence].values()}
    if new:
        known |= _written(session, new, documents, at)
    return {evidence: known[digest] for evidence, digest in digests.items()}


def _written(
    session: Session,
    new: Mapping[AnyEvidence, str],
    documents: Mapping[AnyEvidence, Mapping[DocumentRole, tuple[str, int | None]]],
    at: datetime,
) -> dict[str, Evidence]:
    rows = [{"fingerprint": digest, "recorded_at": at, **_said(one)} for one, digest in new.items()]
    written = {row.fingerprint: row for row in insert_loaded(session, Evidence, rows)}
    papers = [
        {"evidence_id": written[digest].id, "role": role, "sha256": sha256, "verification_id": verification_id}
        for one, digest in new.items()
        for role, (sha256, verification_id) in documents[one].items()
    ]
    if papers:
        insert_all(session, EvidenceDocument, papers)
    return written


def _hold(session: Session, digests: Collection[str]) -> None:
    names = sorted(f"evidence:{digest}" for digest in digests)
    each = func.unnest(bindparam(None, names, ARRAY(Text))).column_valued("name")
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(each, 0))))


def _said(evidence: AnyEvidence) -> dict[str, object]:
    said: dict[str, object] = dict.fromkeys(
        ("application_id", "seen_by", "confirmed_by", "seen_on", "restores_period_id", "taken_over_from", "order_id")
    )
    match evidence:
        case SignedPair() | SignedApplication():
            said |= {"application_id": evidence.application_id}
        case PaperSeenByTwo():
            said |= {
                "application_id": evidence.application_id,
                "seen_by": str(evidence.seen_by),
                "confirmed_by": str(evidence.confirmed_by),
                "seen_on": evidence.seen_on,
            }
        case Restoration():
            said |= {"restores_period_id": evidence.period_id}
        case TakenOver():
            said |= {"taken_over_from": f"{evidence.source} sha256:{evidence.sha256}"}
        case ByOrder() | OrderUndone():
            said |= {"order_id": evidence.order_id}
        case _:
            assert_never(evidence)
    return {"kind": kind_of(evidence), **said}
