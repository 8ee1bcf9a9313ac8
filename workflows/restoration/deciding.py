"""Deciding on a confirmed request: restored by one person or by two as the policy of the day says, or refused.

A reviewer decides on what the page showed (`seen`, a digest of the request in its version and of every right that would
come back); anything else raises ShownOtherwise and nothing happens. Rights at municipality level need two people: the
click is then a proposal, confirmed like every other.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Session

from iam import audit, letters
from iam.audit import Origin
from iam.grants import service as grants
from iam.ids import ScopeId
from iam.people.rules import NameMatch, compare_names
from iam.periods import riga_day
from workflows import policy, staff
from workflows.application.decisions import Reviewer
from workflows.i18n import later
from workflows.proposals import service as proposals
from workflows.proposals.content import Json, ProposalContent, digest
from workflows.proposals.kinds import ProposalKind, register
from workflows.proposals.models import Proposal
from workflows.restoration import notices, presenting, repository
from workflows.restoration.answering import move
from workflows.restoration.errors import NothingToRestore, NotWaiting, OwnRequest, ReasonMissing, ShownOtherwise
from workflows.restoration.models import RestorationRequest
from workflows.restoration.reading import facts_of, verdict_on
from workflows.restoration.restoring import account_behind, restore
from workflows.restoration.states import RestorationEvent, State
from workflows.restoration.tags import RestorationTag

__all__ = ["RESTORE", "is_party", "proposed_by", "refuse", "restore_or_propose", "seen_now"]

RESTORE = "restoration.restore"


def seen_now(session: Session, request: RestorationRequest, *, at: datetime) -> str:
    """Digest what a page shows of a request now; it holds nothing."""
    payload = _payload(request)
    content = _KIND.present(session, request.subject, payload, at=at)
    return digest(RESTORE, request.subject, payload, content)


def restore_or_propose(
    session: Session, request_id: int, *, seen: str, by: Reviewer, base_url: str, at: datetime
) -> Proposal | None:
    """Restore, or propose it where the policy asks for two; then the proposal is returned.

    Raises NotWaiting, OwnRequest, ShownOtherwise, NothingToRestore, AlreadyProposed.
    """
    request = _open(session, request_id, seen=seen, by=by, at=at)
    if not verdict_on(session, account_behind(request).id, on=riga_day(at)):
        raise NothingToRestore("there is nothing that could be given back")
    if not policy.on(session, at).four_eyes_wide_scope:
        restore(
            session, request, decided_by=by.username, second_person=None, origin=by.origin, base_url=base_url, at=at
        )
        return None
    prepared = proposals.prepare(session, RESTORE, subject=request.subject, payload=_payload(request), at=at)
    proposal = proposals.propose(session, prepared, seen=seen, by=by.username, origin=by.origin, at=at)
    _note(session, RestorationTag.PROPOSED, request, by, at, proposal=proposal.id)
    return proposal


def refuse(
    session: Session, request_id: int, *, seen: str, reason: str, by: Reviewer, base_url: str, at: datetime
) -> None:
    """Refuse a request with its reason, which its holder is mailed; what waits for a second person about it ends.

    Raises NotWaiting, OwnRequest, ShownOtherwise, ReasonMissing.
    """
    request = _open(session, request_id, seen=seen, by=by, at=at)
    if not letters.seen(reason):
        raise ReasonMissing("a refusal says why")
    proposals.outdate(session, request.subject, by=by.username, origin=by.origin, at=at)
    move(request, RestorationEvent.REFUSED)
    request.decided_by, request.decided_at, request.reason = by.username, at, reason.strip()
    notices.refused(session, account_behind(request), reason=request.reason, base_url=base_url, at=at)
    _note(session, RestorationTag.REFUSED, request, by, at, reason=request.reason)


def proposed_by(session: Session, proposal_id: int) -> str:
    """Name who made a proposal, by staff username."""
    return session.get_one(Proposal, proposal_id).proposed_by


def is_party(session: Session, request: RestorationRequest, by: Reviewer) -> bool:
    """Say whether the reviewer is who asked, or whose rights they are: by account, and to be safe by name."""
    account = account_behind(request)
    if account.username == by.username:
        return True
    own = grants.account_called(session, by.username)
    names = (account.person.full_name, request.typed_name)
    same_person = own is not None and own.person_id == account.person_id
    return same_person or any(compare_names(by.name, name) is not NameMatch.DIFFERENT for name in names)


def _open(session: Session, request_id: int, *, seen: str, by: Reviewer, at: datetime) -> RestorationRequest:
    """Hold the request, and see that it waits, as it was shown, for somebody who is no party."""
    request = repository.locked(session, request_id)
    if request.state is not State.IN_REVIEW:
        raise NotWaiting(f"the request is {request.state}")
    if is_party(session, request, by):
        raise OwnRequest("nobody decides on what is about themselves")
    if seen != seen_now(session, request, at=at):
        raise ShownOtherwise("what was on the page is not what would be decided now")
    return request


class _Restoration(ProposalKind):
    """The restoration of rights by a second person."""

    name = RESTORE
    title = later("Restore rights after the reform")
    changed: ClassVar[Mapping[str, str]] = {
        "request": later("The request was decided on."),
        "rights": later("The rights of the user have changed."),
        "account": later("The account of the user has changed."),
        "municipality": later("The municipality has changed."),
    }

    def scope(self, session: Session, subject: str) -> ScopeId | None:
        return presenting.scope_of(session, _request(session, subject))

    def hold(self, session: Session, subject: str) -> None:
        repository.locked(session, _id_in(subject))

    def present(self, session: Session, subject: str, payload: Json, *, at: datetime) -> ProposalContent:
        del payload
        return presenting.presented(session, _request(session, subject), at=at)

    def rests_on(self, session: Session, subject: str, payload: Json) -> Mapping[str, str]:
        del payload
        request = _request(session, subject)
        account = account_behind(request)
        facts = facts_of(session, account.id, on=riga_day(request.asked_at))
        return {
            "request": _digest([request.state, request.version]),
            "rights": _digest(sorted(str((one.period_id, one.since, one.until)) for one in facts.held)),
            "account": _digest([account.status, account.email]),
            "municipality": _digest(sorted(str(one) for one in facts.towns.items())),
        }

    def parties(self, session: Session, subject: str, payload: Json) -> tuple[str, ...]:
        del payload
        request = _request(session, subject)
        return tuple(
            member.username
            for member in staff.everybody(session)
            if is_party(session, request, Reviewer(member.username, member.name))
        )

    def carry_out(self, session: Session, proposal: Proposal, *, origin: Origin, base_url: str, at: datetime) -> None:
        restore(
            session,
            _request(session, proposal.subject),
            decided_by=proposal.proposed_by,
            second_person=origin.actor.id,
            origin=origin,
            base_url=base_url,
            at=at,
        )

    def address(self, session: Session, subject: str) -> str:
        del session
        return f"/restorations/{_id_in(subject)}"


_KIND = register(_Restoration())


def _payload(request: RestorationRequest) -> dict[str, int]:
    return {"version": request.version}


def _request(session: Session, subject: str) -> RestorationRequest:
    return session.get_one(RestorationRequest, _id_in(subject))


def _id_in(subject: str) -> int:
    return int(subject.partition(":")[2])


def _digest(said: object) -> str:
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, default=str).encode()).hexdigest()


def _note(
    session: Session, tag: RestorationTag, request: RestorationRequest, by: Reviewer, at: datetime, **details: object
) -> None:
    session.flush()
    what = {"account": request.account_id, **details}
    audit.record(session, tag, origin=by.origin, subject=request.subject, at=at, details=what)
