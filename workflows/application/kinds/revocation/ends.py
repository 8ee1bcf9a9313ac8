"""Which rights an application for revocation ends, and with which day: asked whenever a page shows it, and to do it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from iam.grants import service as grants
from iam.institutions import service as institutions
from iam.periods import riga_day

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from iam.grants.models import Account
    from iam.grants.rules import HeldGrant
    from workflows.application.kinds.revocation.stated import Stated

__all__ = ["Ends", "what_ends"]

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ends:
    """Rights that end with `last_day`, still included; None ends them at once, as the day stated is over."""

    rights: tuple[HeldGrant, ...]
    last_day: date | None

    def takes_back(self, right: HeldGrant, *, at: datetime) -> bool:
        """Say whether the right would begin only after the last day: it is taken back, and never begins."""
        return right.since is not None and right.since > _until(self.last_day, at)


def what_ends(session: Session, stated: Stated, account: Account, *, at: datetime) -> Ends:
    """Find what the account holds or will hold of what is stated, and what does not end by then anyway."""
    last_day = stated.last_day if stated.last_day >= riga_day(at) else None
    until = _until(last_day, at)
    places = {institutions.scope_by_code(session, one.scope_code).id for one in stated.scope}
    sections = {one.code for one in stated.sections}
    return Ends(
        tuple(
            held
            for held in grants.history(session, account.id)
            if held.scope_id in places
            and (not sections or held.section in sections)
            and held.since is not None
            and (held.until is None or held.until > until)
        ),
        last_day,
    )


def _until(last_day: date | None, at: datetime) -> date:
    return last_day or riga_day(at) - _DAY
