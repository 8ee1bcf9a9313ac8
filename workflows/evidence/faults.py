"""How many documents could not be judged lately, and why? None of it is a fault of theirs."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.evidence.models import Verification, VerificationOutcome

__all__ = ["REASONS", "count_since"]

REASONS = ("timed-out", "out-of-memory", "crashed", "failed", "no-trust")
"""The reasons of `judging.CouldNotBeJudged`."""


def count_since(session: Session, *, since: datetime) -> Mapping[str, int]:
    """Count the verifications without a verdict by reason; 0 for a reason that did not occur."""
    found = session.execute(
        select(Verification.code, func.count())
        .where(Verification.outcome == VerificationOutcome.COULD_NOT_BE_JUDGED, Verification.judged_at >= since)
        .group_by(Verification.code)
    )
    return dict.fromkeys(REASONS, 0) | {str(code): number for code, number in found}
