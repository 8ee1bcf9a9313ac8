"""Proposing and deciding by two people.

(1) `prepare` says what would change, with the digest of exactly that and of what it rests on.
(2) `propose` keeps it; `seen` must be the digest that `prepare` gives now. A kind whose page shows the facts before
    they are proposed sends back that page's digest; one whose first person decides on another page, such as a case in
    the version that they saw, passes that of what it has just prepared.
(3) `confirm`, in one transaction: the second person is an approver, has just signed in, is neither whoever proposed it
    nor a party, saw the same digest and typed the same count; nothing it rests on has changed, whoever proposed it may
    propose it still, and the same facts would be shown today (`changes_since`); one guarded statement
    spends the proposal, so that of many who confirm at once one carries it out; the kind carries it out.
(4) `refuse`, `withdraw`, `expire` and `outdate` end it without anything being done.

Rows are held in one order, those of the subject before that of the proposal, so that nobody waits in a circle. A crash
leaves the proposal open and nothing done, or carried out and all of it done.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from iam import audit, letters
from iam.audit import Actor, ActorKind, Door, Origin
from iam.visibility import Visibility
from workflows import policy
from workflows.proposals import repository
from workflows.proposals.content import Json, ProposalContent, digest
from workflows.proposals.errors import (
    AlreadyProposed,
    IsParty,
    Miscounted,
    NoSuchProposal,
    NotApprover,
    NotOpen,
    NotTheProposer,
    ReasonMissing,
    RestsOnChanged,
    SamePerson,
    SeenOtherwise,
    SignInAgain,
)
from workflows.proposals.kinds import PROPOSER, SHOWN, kind_called
from workflows.proposals.models import Proposal
from workflows.proposals.states import ProposalEvent, State, after
from workflows.proposals.tags import ProposalTag
from workflows.staff import Role, staff_roles

__all__ = [
    "Prepared",
    "SecondPerson",
    "changes_since",
    "confirm",
    "expire",
    "outdate",
    "prepare",
    "proposal_numbered",
    "propose",
    "refuse",
    "waits",
    "withdraw",
]

_ONE_WAITS = "uq_proposals_one_waits"
_CLOCK = Origin(Actor(ActorKind.SYSTEM, "clock"), Door.JOB)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What would be proposed, before anybody has proposed it: for a page that shows it first."""

    kind: str
    subject: str
    payload: Json
    content: ProposalContent
    digest: str
    rests_on: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SecondPerson:
    """Who decides: staff username, and when they last proved to Keycloak who they are (`auth_time`), if it said so."""

    username: str
    authenticated_at: datetime | None = None

    @property
    def origin(self) -> Origin:
        """Where their acts come from: decisions of a second person are made on pages alone."""
        return _on_pages(self.username)


def prepare(session: Session, kind: str, *, subject: str, payload: Json, at: datetime) -> Prepared:
    """Say what would change (1); holds what it rests on until the transaction ends."""
    known = kind_called(kind)
    known.hold(session, subject)
    content = known.present(session, subject, payload, at=at)
    rests_on = known.rests_on(session, subject, payload)
    return Prepared(kind, subject, payload, content, digest(kind, subject, payload, content), rests_on)


def propose(
    session: Session, prepared: Prepared, *, seen: str, by: str, origin: Origin, at: datetime, reason: str = ""
) -> Proposal:
    """Keep a proposal (2). `seen` is the digest of what the first person decided on, `by` a staff username.

    One that waits about the same thing and can no longer be confirmed gives way: as expired when its time is over, else
    as outdated. Raises SeenOtherwise, AlreadyProposed, IsParty.
    """
    if seen != prepared.digest:
        raise SeenOtherwise("what was on the page is not what would be proposed now")
    kind = kind_called(prepared.kind)
    parties = sorted(set(kind.parties(session, prepared.subject, prepared.payload)))
    if by in parties:
        raise IsParty("nobody proposes what is about themselves")
    for found in repository.open_about(session, prepared.subject, kind=prepared.kind):
        other = _locked(session, found.id)  # the clock or its proposer may have ended it since it was listed
        if _expire(session, other, at=at) or other.state is not State.PROPOSED:
            continue
        if not changes_since(session, other, at=at):
            raise AlreadyProposed(other.id)
        _end(session, other, ProposalEvent.OUTDATED, by=by, origin=origin, at=at)
    proposal = Proposal(
        kind=prepared.kind,
        subject=prepared.subject,
        scope_id=kind.scope(session, prepared.subject),
        payload=dict(prepared.payload),
        shown=prepared.content.to_json(),
        count=prepared.content.count,
        seen_digest=prepared.digest,
        rests_on=dict(prepared.rests_on),
        parties=parties,
        state=State.PROPOSED,
        reason=reason.strip(),
        proposed_by=by,
        proposed_at=at,
        expires_at=at + policy.on(session, at).proposal_kept,
        end_reason="",
    )
    _keep(session, proposal)
    _note(session, ProposalTag.MADE, proposal, origin, at)
    return proposal


def confirm(
    session: Session,
    proposal_id: int,
    *,
    seen: str,
    by: SecondPerson,
    base_url: str,
    at: datetime,
    count: int | None = None,
) -> Proposal:
    """Confirm a proposal and carry it out (3). `seen` is the digest on the page, `count` what was typed there.

    Raises NoSuchProposal, NotOpen, MayNotDecide, SignInAgain, SeenOtherwise, Miscounted, RestsOnChanged, and whatever
    the kind raises; then nothing is to be committed.
    """
    proposal = session.get(Proposal, proposal_id)
    if proposal is None:
        raise NoSuchProposal
    kind = kind_called(proposal.kind)
    kind.hold(session, proposal.subject)
    session.refresh(proposal)
    after(proposal.state, ProposalEvent.CONFIRMED)
    _may_decide(session, proposal, by.username)
    if by.authenticated_at is None or at - by.authenticated_at > policy.on(session, at).fresh_sign_in:
        raise SignInAgain("whoever confirms has just signed in")
    if seen != proposal.seen_digest:
        raise SeenOtherwise("what was on the page is not what is proposed")
    if kind.counted and count != proposal.count:
        raise Miscounted(f"there are {proposal.count} changes")
    if changed := changes_since(session, proposal, at=at):
        raise RestsOnChanged(changed)
    spent = session.execute(
        update(Proposal)
        .where(Proposal.id == proposal_id, Proposal.state == State.PROPOSED, Proposal.expires_at > at)
        .values(state=State.CARRIED_OUT, confirmed_by=by.username, ended_by=by.username, ended_at=at)
        .returning(Proposal.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    session.refresh(proposal)
    if spent is None:
        raise NotOpen(f"the proposal is {proposal.state}, or its time is over")
    _note(session, ProposalTag.CONFIRMED, proposal, by.origin, at)
    kind.carry_out(session, proposal, origin=by.origin, base_url=base_url, at=at)
    return proposal


def refuse(session: Session, proposal_id: int, *, reason: str, by: SecondPerson, at: datetime) -> Proposal:
    """Refuse a proposal, by a second person. Raises NoSuchProposal, NotOpen, MayNotDecide, ReasonMissing."""
    proposal = _held(session, proposal_id, ProposalEvent.REFUSED)
    _may_decide(session, proposal, by.username)
    _end(session, proposal, ProposalEvent.REFUSED, by=by.username, origin=by.origin, at=at, reason=_said(reason))
    return proposal


def withdraw(session: Session, proposal_id: int, *, reason: str, by: str, at: datetime) -> Proposal:
    """Withdraw a proposal, by whoever made it. Raises NoSuchProposal, NotOpen, NotTheProposer, ReasonMissing."""
    proposal = _held(session, proposal_id, ProposalEvent.WITHDRAWN)
    if proposal.proposed_by != by:
        raise NotTheProposer("somebody else proposed it")
    _end(session, proposal, ProposalEvent.WITHDRAWN, by=by, origin=_on_pages(by), at=at, reason=_said(reason))
    return proposal


def expire(session: Session, proposal_id: int, *, at: datetime) -> bool:
    """End a proposal that nobody decided on in time; False when it has ended or has time yet."""
    return _expire(session, _locked(session, proposal_id), at=at)


def outdate(session: Session, subject: str, *, by: str | None, origin: Origin, at: datetime) -> None:
    """End what waits about something that was decided otherwise; called by the process that decided."""
    for proposal in repository.open_about(session, subject):
        _locked(session, proposal.id)
        if not _expire(session, proposal, at=at) and proposal.state is State.PROPOSED:
            _end(session, proposal, ProposalEvent.OUTDATED, by=by, origin=origin, at=at)


def proposal_numbered(session: Session, proposal_id: int, *, sees: Visibility, on: date) -> Proposal:
    """Find a proposal among those that may be seen. Raises NoSuchProposal."""
    proposal = repository.numbered(session, proposal_id, sees=sees, on=on)
    if proposal is None:
        raise NoSuchProposal
    return proposal


def waits(session: Session, subject: str, *, at: datetime) -> bool:
    """Say whether a proposal about it waits that can be confirmed still: until it ends, none is made anew."""
    open_ones = repository.open_about(session, subject)
    return any(one.expires_at > at and not changes_since(session, one, at=at) for one in open_ones)


def changes_since(session: Session, proposal: Proposal, *, at: datetime) -> tuple[str, ...]:
    """Name what has changed since it was made, for `kinds.changed_sentence`: then it cannot be confirmed.

    That is each name of the kind's `rests_on` that differs, PROPOSER when whoever proposed it may not any more, and
    SHOWN when it would do something else today than both people read.
    """
    kind = kind_called(proposal.kind)
    now = kind.rests_on(session, proposal.subject, proposal.payload)
    changed = {name for name in {*now, *proposal.rests_on} if now.get(name) != proposal.rests_on.get(name)}
    if not staff_roles(session, proposal.proposed_by) & frozenset(kind.proposers):
        changed.add(PROPOSER)
    if not changed:
        content = kind.present(session, proposal.subject, proposal.payload, at=at)
        if digest(proposal.kind, proposal.subject, proposal.payload, content) != proposal.seen_digest:
            changed.add(SHOWN)
    return tuple(sorted(changed))


def _may_decide(session: Session, proposal: Proposal, username: str) -> None:
    """Refuse whoever proposed it, is a party by now or was when it was made, or has no such role (any more)."""
    if username == proposal.proposed_by:
        raise SamePerson("whoever proposed it does not decide on it")
    if Role.APPROVER not in staff_roles(session, username):
        raise NotApprover("only an approver decides on proposals")
    now = kind_called(proposal.kind).parties(session, proposal.subject, proposal.payload)
    if username in {*proposal.parties, *now}:
        raise IsParty("nobody decides what is about themselves")


def _keep(session: Session, proposal: Proposal) -> None:
    """Insert it; of two about the same thing at once the later one raises AlreadyProposed."""
    try:
        with session.begin_nested():
            session.add(proposal)
            session.flush()
    except IntegrityError as refused:
        if _ONE_WAITS not in str(refused.orig):
            raise
        (other,) = repository.open_about(session, proposal.subject, kind=proposal.kind)
        raise AlreadyProposed(other.id) from None


def _expire(session: Session, proposal: Proposal, *, at: datetime) -> bool:
    """End a proposal, whose row is held, when its time is over."""
    if proposal.state is not State.PROPOSED or proposal.expires_at > at:
        return False
    _end(session, proposal, ProposalEvent.EXPIRED, by=None, origin=_CLOCK, at=at)
    return True


def _locked(session: Session, proposal_id: int) -> Proposal:
    proposal = session.get(Proposal, proposal_id, with_for_update=True, populate_existing=True)
    if proposal is None:
        raise NoSuchProposal
    return proposal


def _held(session: Session, proposal_id: int, event: ProposalEvent) -> Proposal:
    proposal = _locked(session, proposal_id)
    after(proposal.state, event)
    return proposal


_TAGS = {
    ProposalEvent.REFUSED: ProposalTag.REFUSED,
    ProposalEvent.WITHDRAWN: ProposalTag.WITHDRAWN,
    ProposalEvent.EXPIRED: ProposalTag.EXPIRED,
    ProposalEvent.OUTDATED: ProposalTag.OUTDATED,
}


def _end(
    session: Session,
    proposal: Proposal,
    event: ProposalEvent,
    *,
    by: str | None,
    origin: Origin,
    at: datetime,
    reason: str = "",
) -> None:
    proposal.state = after(proposal.state, event)
    proposal.ended_by, proposal.ended_at, proposal.end_reason = by, at, reason
    session.flush()
    _note(session, _TAGS[event], proposal, origin, at)


def _said(reason: str) -> str:
    if not letters.seen(reason):
        raise ReasonMissing("a refusal or withdrawal says why")
    return reason.strip()


def _on_pages(username: str) -> Origin:
    return Origin(Actor(ActorKind.STAFF, username), Door.REVIEW)


def _note(session: Session, tag: ProposalTag, proposal: Proposal, origin: Origin, at: datetime) -> None:
    audit.record(
        session,
        tag,
        origin=origin,
        subject=proposal.audit_subject,
        at=at,
        evidence=proposal.seen_digest,
        details={
            "kind": proposal.kind,
            "about": proposal.subject,
            "proposed_by": proposal.proposed_by,
            "count": proposal.count,
            "reason": proposal.end_reason or proposal.reason,
        },
    )
