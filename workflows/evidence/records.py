"""What is kept of a verdict, and how is it read again?

A verdict is a row with all it was made from; the answers of revocation servers are stored once by their digest, for
one CRL serves thousands of verdicts.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.metadata import version
from typing import assert_never

from sqlalchemy import Text, bindparam, delete, exists, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from signing import ExpectedContent, Report
from signing.judging.algorithms import TS_119_312, AlgorithmTable
from signing.trust import TrustStore
from workflows.evidence.documents import one_line
from workflows.evidence.guard.comparison import Comparison
from workflows.evidence.judging import CouldNotBeJudged, Judgement, Unreadable
from workflows.evidence.models import (
    DocumentComparison,
    RevocationAnswer,
    Verification,
    VerificationOutcome,
    VerificationRevocation,
)

__all__ = ["Case", "Judged", "comparison", "delete_unused_answers", "keep_comparison", "record", "reports"]

# Deleting an answer while a verification begins to name it would fail one: a day lies between.
_ANSWER_RESTS = timedelta(days=1)
_STORED_ANEW_AFTER = timedelta(hours=12)
# Built once: a verdict waits for it.
_FRESH = select(RevocationAnswer.sha256).where(
    RevocationAnswer.sha256 == func.any(bindparam("digests", type_=ARRAY(Text))),
    RevocationAnswer.stored_at > bindparam("since", type_=RevocationAnswer.stored_at.type),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything a verdict depends on, read from the database."""

    sha256: str
    document: bytes
    name: str
    trust: TrustStore
    at: datetime
    expected: tuple[ExpectedContent, ...]
    algorithms: AlgorithmTable = TS_119_312


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A verdict that is not yet kept; `revocation` are the answers that were fetched for it."""

    case: Case
    judgement: Judgement
    revocation: tuple[bytes, ...]
    duration_ms: int


def record(session: Session, judged: Judged) -> Verification:
    """Keep the verdict (3)."""
    case = judged.case
    verification = Verification(
        sha256=case.sha256,
        name=one_line(case.name),
        judged_at=case.at,
        duration_ms=judged.duration_ms,
        expected=[asdict(one) for one in case.expected],
        trust_state=case.trust.state(case.at).value,
        trust_digests=list(case.trust.digests),
        version=_version(),
    )
    match judged.judgement:
        case Report() as report:
            verification.outcome = VerificationOutcome.REPORT
            verification.report_json = report.to_json()
        case Unreadable(code, params):
            verification.outcome = VerificationOutcome.UNREADABLE
            verification.code, verification.params = code, dict(params)
        case CouldNotBeJudged(reason, detail):
            verification.outcome = VerificationOutcome.COULD_NOT_BE_JUDGED
            verification.code, verification.params = reason, {"detail": detail}
        case _:
            assert_never(judged.judgement)
    session.add(verification)
    session.flush()
    digests = _store_answers(session, judged.revocation, at=case.at)
    session.add_all(
        VerificationRevocation(verification_id=verification.id, number=number, sha256=sha256)
        for number, sha256 in enumerate(digests)
    )
    session.flush()
    return verification


def delete_unused_answers(session: Session, *, at: datetime) -> int:
    """Delete the answers that no verification names any more; return how many.

    One that was stored within `_ANSWER_RESTS` stays: a verification that names it may not be committed yet.
    """
    named = exists().where(VerificationRevocation.sha256 == RevocationAnswer.sha256)
    gone = session.execute(
        delete(RevocationAnswer)
        .where(RevocationAnswer.stored_at < at - _ANSWER_RESTS, ~named)
        .returning(RevocationAnswer.sha256)
    )
    return len(gone.all())


def keep_comparison(session: Session, found: Comparison, *, at: datetime) -> None:
    """Keep what comparing a document with a form of ours found, once."""
    row = insert(DocumentComparison).values(
        sha256=found.file,
        form_sha256=found.form,
        digest=found.digest,
        compared_at=at,
        result=found.to_json(),
        version=_version(),
    )
    session.execute(row.on_conflict_do_nothing())


def comparison(session: Session, sha256: str, digest: str) -> Comparison | None:
    """Read what comparing this document found, by its digest; None when nothing like it was found."""
    wanted = select(DocumentComparison).where(DocumentComparison.sha256 == sha256, DocumentComparison.digest == digest)
    row = session.scalar(wanted)
    return None if row is None else row.comparison


def reports(session: Session, verifications: Iterable[int | None]) -> dict[int | None, Report]:
    """Read the reports of these verifications; one that has none, and None itself, is left out."""
    wanted = set(verifications) - {None}
    found = session.scalars(select(Verification).where(Verification.id.in_(wanted))) if wanted else ()
    return {one.id: report for one in found if (report := one.report) is not None}


def _store_answers(session: Session, answers: Sequence[bytes], *, at: datetime) -> list[str]:
    """Store the answers that are not there; return the digests of all, in their order."""
    digests = [hashlib.sha256(content).hexdigest() for content in answers]
    if not digests:
        return []
    by_digest = dict(zip(digests, answers, strict=True))
    fresh = session.scalars(_FRESH, {"digests": list(by_digest), "since": at - _STORED_ANEW_AFTER})
    missing = by_digest.keys() - set(fresh)
    # In one order in every transaction: two that store the same answers wait for one another, not in a circle.
    for sha256 in sorted(missing):
        row = insert(RevocationAnswer).values(sha256=sha256, content=by_digest[sha256], stored_at=at)
        session.execute(
            row.on_conflict_do_update(index_elements=["sha256"], set_={"stored_at": row.excluded.stored_at})
        )
    return digests


@cache
def _version() -> str:
    return version("viis-iam")
