"""Which rights an application for revocation ends, and with which day: asked whenever a page shows it, and to do it.

The head's last word holds: what was given on a newer signature than that of the application stays. So does what is in a
place that is the applicant's no more.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from iam.grants import service as grants
from iam.grants.models import DocumentRole, Evidence, EvidenceKind, Grant, GrantPeriod
from iam.institutions import service as institutions
from iam.periods import midnight_in_riga, riga_day
from workflows.application.kinds.named_places import applies_for
from workflows.application.models import Application

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from iam.grants.models import Account
    from iam.grants.rules import HeldGrant
    from workflows.application.facts import Place
    from workflows.application.kinds.revocation.stated import Stated

__all__ = ["Ends", "what_ends"]

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ends:
    """Rights that end with `last_day`, still included; None ends them at once, as the day stated is over.

    `given_since` are those that stay as they were given on a newer signature, `not_theirs` the places that were stated
    and are not the applicant's on the day.
    """

    rights: tuple[HeldGrant, ...]
    last_day: date | None
    given_since: tuple[HeldGrant, ...] = ()
    not_theirs: tuple[Place, ...] = ()

    @property
    def digest(self) -> str:
        """Fingerprint what is presented, so that nothing else is decided than what somebody has read."""
        rights = [[(one.period_id, one.until) for one in some] for some in (self.rights, self.given_since)]
        said = [rights, self.last_day, [one.scope_code for one in self.not_theirs]]
        return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()

    def takes_back(self, right: HeldGrant, *, at: datetime) -> bool:
        """Say whether the right would begin only after the last day: it is taken back, and never begins."""
        return right.since is not None and right.since > _until(self.last_day, at)


def what_ends(session: Session, stated: Stated, account: Account, *, signed_at: datetime | None, at: datetime) -> Ends:
    """Find what the account holds or will hold of what is stated, and what does not end by then anyway.

    `signed_at` is when the application was signed; None while it is not.
    """
    day = riga_day(at)
    last_day = stated.last_day if stated.last_day >= day else None
    until = _until(last_day, at)
    theirs = [one for one in stated.scope if applies_for(session, stated.applicant, (one,), on=day)]
    places = {institutions.scope_by_code(session, one.scope_code).id for one in theirs}
    sections = {one.code for one in stated.sections}
    found = [
        held
        for held in grants.history(session, account.id)
        if held.scope_id in places
        and (not sections or held.section in sections)
        and held.since is not None
        and (held.until is None or held.until > until)
    ]
    newer = {held.id for held in found if signed_at is not None and _is_newer(session, held, signed_at)}
    return Ends(
        rights=tuple(held for held in found if held.id not in newer),
        last_day=last_day,
        given_since=tuple(held for held in found if held.id in newer),
        not_theirs=tuple(one for one in stated.scope if one not in theirs),
    )


def _is_newer(session: Session, held: HeldGrant, signed_at: datetime) -> bool:
    """Say whether the right was given on something newer than the signature.

    What came again when an order was undone is as old as what it gave back; what was taken over is older than any.
    """
    grant = session.get_one(Grant, held.id)
    while grant.reinstates_period_id is not None:
        grant = session.get_one(GrantPeriod, grant.reinstates_period_id).grant
    evidence = session.get_one(Evidence, grant.evidence_id)
    if evidence.kind is EvidenceKind.TAKEN_OVER:
        return False
    return _moment_of(session, evidence) > signed_at


def _moment_of(session: Session, evidence: Evidence) -> datetime:
    """Give the time of the head's signature, of a paper the day it was seen, of anything else when it was recorded."""
    if evidence.seen_on is not None:
        return midnight_in_riga(evidence.seen_on)
    if evidence.application_id is not None:
        for one in session.get_one(Application, evidence.application_id).documents:
            if one.part == DocumentRole.APPLICATION and one.signed_at is not None:
                return one.signed_at
    return evidence.recorded_at


def _until(last_day: date | None, at: datetime) -> date:
    return last_day or riga_day(at) - _DAY
