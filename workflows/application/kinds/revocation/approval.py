"""What approving an application for revocation does: rights end on what the head has signed.

(1) the user's account is held, so that what ends is what was found;
(2) every right that is stated and would go on ends, on the signed application as evidence; no others (`ends`);
(3) the user is told by mail; the head reads of it in the decision, and in no other mail.

Where nothing would end there is nothing to approve: the application is refused with the reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iam.grants import accounts
from iam.grants.evidence import SignedApplication, fingerprint
from iam.grants.kept_evidence import kept
from iam.grants.models import EndCause
from workflows.application.errors import ChangedMeanwhile, NothingEnds
from workflows.application.kinds.judged import judged
from workflows.application.kinds.kind import ApprovalResult
from workflows.application.kinds.revocation.documents import Part
from workflows.application.kinds.revocation.ends import what_ends
from workflows.application.kinds.revocation.forms import REASONS
from workflows.application.kinds.revocation.stated import Reason
from workflows.application.states import Party
from workflows.rights import ending
from workflows.rights.ending import RightEnding

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workflows.application.kinds.kind import Approval
    from workflows.application.kinds.revocation.stated import Stated
    from workflows.application.models import Application

__all__ = ["approve"]

_CAUSES = {Reason.EMPLOYMENT_ENDED: EndCause.EMPLOYMENT_ENDED}


def approve(session: Session, application: Application, stated: Stated, approval: Approval) -> ApprovalResult:
    """End what was applied for (the procedure above). Raises NothingEnds, NotNow, and iam's DocumentUsed.

    Raises ChangedMeanwhile when it would end something else than was presented.
    """
    document = application.document(Part.REVOCATION)
    signed = SignedApplication(application.id, judged(document))
    found = accounts.account_of(session, approval.people[Party.USER])
    if found is None:
        raise NothingEnds("the user has no account")
    account = accounts.locked(session, found.id)  # (1)
    ends = what_ends(session, stated, account, signed_at=document.signed_at, at=approval.at)
    if approval.presented not in {None, ends.digest}:
        raise ChangedMeanwhile(seen=application.version, now=application.version)
    if not ends.rights:
        raise NothingEnds("the user holds nothing there that would go on")
    ending.end(  # (2) (3)
        session,
        [RightEnding(right.id, ends.last_day) for right in ends.rights],
        cause=_CAUSES.get(stated.reason, EndCause.APPLICATION),
        reason=": ".join(filter(None, (REASONS[stated.reason], stated.reason_detail))),
        origin=approval.origin,
        base_url=approval.base_url,
        at=approval.at,
        because=signed,
        told=[stated.head.email],
    )
    return ApprovalResult(
        evidence_id=kept(session, signed, approval.at).id,
        fingerprint=fingerprint(signed),
        account=account,
        until=ends.last_day,
        stays=bool(ends.given_since),
    )
