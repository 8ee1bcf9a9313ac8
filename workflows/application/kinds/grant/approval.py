"""What approving an application for a grant does: an account, and rights that rest on what two people have signed.

(1) the account exists; one that was there takes over the signed e-mail, unless a reason speaks against it;
(2) the rights are given, on the signed pair as evidence; a different level held before is ended as replaced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iam import letters
from iam.grants import accounts
from iam.grants import service as grants
from iam.grants.evidence import SignedPair, fingerprint
from iam.institutions import service as institutions
from iam.orders.unfounded import never_came
from iam.periods import riga_day
from workflows import staff
from workflows.application import events
from workflows.application.errors import NotNow
from workflows.application.kinds.grant.documents import Part
from workflows.application.kinds.judged import judged
from workflows.application.kinds.kind import ApprovalResult
from workflows.application.states import Party
from workflows.application.tags import ApplicationTag
from workflows.rights import giving
from workflows.rights.giving import Gift
from workflows.rights.notices import address_changed

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from iam.audit import Origin
    from iam.grants.models import Account
    from iam.ids import EvidenceId
    from workflows.application.kinds.grant.stated import Stated
    from workflows.application.kinds.kind import Approval
    from workflows.application.models import Application

__all__ = ["approve", "give", "pair_of"]


def approve(session: Session, application: Application, stated: Stated, approval: Approval) -> ApprovalResult:
    """Give what was asked for (the procedure above). Raises NotNow, and iam's AccountShut and DocumentUsed."""
    pair = pair_of(application)
    account = grants.open_account(  # (1)
        session,
        person=approval.people[Party.USER],
        email=stated.user.email,
        phone=stated.user.phone,
        language=application.language,
        because=pair,
        origin=approval.origin,
        at=approval.at,
        # Whoever signs in under a name of the staff is staff, so no account gets such a name. That holds when Keycloak
        # has no such user yet, or no longer.
        reserved={member.username for member in staff.everybody(session)},
    )
    _take_over_address(session, application, account, stated, pair, approval)
    evidence_id = give(session, stated, to=account, because=pair, origin=approval.origin, at=approval.at)  # (2)
    return ApprovalResult(
        evidence_id=evidence_id,
        fingerprint=fingerprint(pair),
        account=account,
        welcome=True,
        since=_first_day(stated, approval.at),
    )


def pair_of(application: Application) -> SignedPair:
    """Give the two judged documents as evidence. Raises NotNow when a part has none."""
    return SignedPair(
        application.id, judged(application.document(Part.APPLICATION)), judged(application.document(Part.LETTER))
    )


def give(
    session: Session, stated: Stated, *, to: Account, because: SignedPair, origin: Origin, at: datetime
) -> EvidenceId:
    """Give every right asked for and return the evidence they all rest on.

    What was held of the same section in the same place, at whatever level, ends as replaced on the day before. Raises
    NotNow when the days asked for are over, a place had closed by the first of them or never came, or nothing was asked
    for.
    """
    since = _first_day(stated, at)
    if stated.until is not None and stated.until < since:
        raise NotNow("the last day asked for is over")
    gifts = []
    for place in stated.scope:
        scope = institutions.scope_by_code(session, place.scope_code)
        last = institutions.last_day_of(scope)
        if last is not None and last < since:
            raise NotNow(f"{place.name} ended on {last}")
        if never_came(session, scope):
            raise NotNow(f"the order that founded {place.name} does not hold")
        gifts += [
            Gift(
                section=wish.code,
                level=wish.level,
                to=to.id,
                at_scope=scope.id,
                since=since,
                until=stated.until,
                because=because,
            )
            for wish in stated.sections
        ]
    if not gifts:
        raise NotNow("the application asks for nothing")
    return giving.give(session, gifts, origin=origin, at=at)[0].evidence_id


def _first_day(stated: Stated, at: datetime) -> date:
    return max(stated.since, riga_day(at))  # what is past was not held, whatever the form asked for


def _take_over_address(
    session: Session, application: Application, account: Account, stated: Stated, pair: SignedPair, approval: Approval
) -> None:
    """Let the account be reached where the user signed to be reached.

    Links for a password go to the account's address: whoever runs the mail of an earlier workplace must not get them,
    and live ones end with the address they were sent to (`password_reset.service.standing`).
    """
    before, signed, keep = account.email, stated.user.email.strip(), approval.keep_address
    if before.casefold() == signed.casefold():
        return
    if letters.seen(keep):
        events.note(
            session,
            application,
            ApplicationTag.ADDRESS_KEPT,
            origin=approval.origin,
            at=approval.at,
            details={"account": account.id, "reason": keep.strip()},
        )
        return
    accounts.change_contact(
        session,
        account,
        email=signed,
        phone=stated.user.phone,
        language=account.language,
        because=pair,
        origin=approval.origin,
        at=approval.at,
    )
    address_changed(session, account, before=before, base_url=approval.base_url, at=approval.at)
