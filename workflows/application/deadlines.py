"""By when is an application decided, as mails and pages say it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows import policy

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from workflows.i18n import Words

__all__ = ["decided_within"]


def decided_within(session: Session, words: Words, *, at: datetime) -> str:
    """Say within how many working days, by the policy in force, a decision is due after everything is there."""
    return words.plural("within %(n)s working day", "within %(n)s working days", policy.on(session, at).decision_due)
