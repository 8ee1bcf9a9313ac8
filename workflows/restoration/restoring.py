"""Giving back what a reform took: exactly what the verdict of the moment says, all or nothing, in one transaction.

(1) The rights are given, each because of the reduction it undoes; a lower level that is held there ends the day before.
(2) The request is decided, its holder is told, and Keycloak follows.

The days between stay a gap in history.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from iam import audit
from iam.audit import Origin
from iam.errors import Unknown
from iam.grants import accounts
from iam.grants import service as grants
from iam.grants.evidence import Restoration
from iam.grants.models import Account, Grant
from iam.periods import riga_day
from workflows.restoration import notices
from workflows.restoration.answering import move
from workflows.restoration.errors import NothingToRestore
from workflows.restoration.models import RestorationRequest
from workflows.restoration.reading import verdict_on
from workflows.restoration.states import RestorationEvent, after
from workflows.restoration.tags import RestorationTag
from workflows.rights.giving import Gift, give
from workflows.rights.projection import follow

__all__ = ["account_behind", "restore"]


def restore(
    session: Session,
    request: RestorationRequest,
    *,
    decided_by: str,
    second_person: str | None,
    origin: Origin,
    base_url: str,
    at: datetime,
) -> list[Grant]:
    """Give back what can be given back; the caller holds the request's row.

    `origin` is whoever acts: the second person, where two decide. Raises NotWaiting, NothingToRestore, and what
    `iam.grants.giving.give_all` raises.
    """
    account = accounts.locked(session, account_behind(request).id)
    after(request.state, RestorationEvent.RESTORED)
    verdict = verdict_on(session, account.id, on=riga_day(at))
    if not verdict:
        raise NothingToRestore(f"nothing can be given back to {account.username}")
    gifts = [
        Gift(
            section=one.taken.section,
            level=one.taken.level,
            to=account.id,
            at_scope=one.taken.scope_id,
            since=one.since,
            until=one.until,
            because=Restoration(one.taken.period),
        )
        for one in verdict.restorable
    ]
    made = give(session, gifts, origin=origin, at=at)  # (1)
    move(request, RestorationEvent.RESTORED)  # (2)
    request.decided_by, request.second_person, request.decided_at = decided_by, second_person, at
    session.flush()
    audit.record(
        session,
        RestorationTag.RESTORED,
        origin=origin,
        subject=request.subject,
        at=at,
        details={"account": account.id, "grants": [grant.id for grant in made], "decided_by": decided_by},
    )
    given = {grant.id for grant in made}
    again = [held for held in grants.history(session, account.id) if held.id in given]
    notices.restored(session, account, again, base_url=base_url, at=at)
    follow(session, account.id)
    return made


def account_behind(request: RestorationRequest) -> Account:
    """Return the account the request is about. Raises Unknown."""
    if request.account is None:
        raise Unknown(f"request {request.id} is about no account")
    return request.account
