"""Proposing and deciding by two people.

(1) `prepare` says what would change, with the digest of exactly that and of what it rests on.
(2) `propose` keeps it; the page's digest must be the one that `prepare` gives now.
(3) `confirm`, in one transaction: the second person is an approver, has just signed in, is neither whoever proposed it
    nor a party, saw the same digest and typed the same count; nothing it rests on has changed; one guarded statement
    spends the proposal, so that of many who confirm at once one carries it out; the kind carries it out.
(4) `refuse`, `withdraw`, `expire` and `outdate` end it without anything being done.

Rows are held in one order, those of the subject before that of the proposal, so that nobody waits in a circle. A crash
leaves the proposal open and nothing done, or carried out and all of it done.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from iam import audit, letters
from iam.audit import Actor, ActorKind, Door, Origin
from workflows import policy
from workflows.proposals import repository
from workflows.proposals.content import Content, Json, digest
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
from workflows.proposals.kinds import kind_called
from workflows.proposals.models import Proposal
from workflows.proposals.states import Act, State, after
from workflows.proposals.tags import ProposalTag
from workflows.staff import Role, staff_roles

__all__ = [
    "FRESH_SIGN_IN",
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
    "withdraw",
]

FRESH_SIGN_IN = timedelta(minutes=5)
"""How long ago a second person may have typed their password when they confirm."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What would be proposed, before anybody has proposed it: for a page that shows it first."""

    kind: str
    subject: str
    payload: Json
    content: Content
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
    """Keep a proposal (2). `seen` is the digest that was on the page, `by` a staff username.

    One that waits about the same thing and can no longer be confirmed gives way. Raises SeenOtherwise, AlreadyProposed,
    IsParty.
    """
    if seen != prepared.digest:
        raise SeenOtherwise("what was on the page is not what would be proposed now")
    kind = kind_called(prepared.kind)
    parties = sorted(set(kind.parties(session, prepared.subject, prepared.payload)))
    if by in parties:
        raise IsParty("nobody proposes what is about themselves")
    for other in repository.open_about(session, prepared.subject, kind=prepared.kind):
        if not changes_since(session, other) and other.expires_at > at:
            raise AlreadyProposed(other.id)
        _end(session, other, Act.OUTDATED, by=by, origin=origin, at=at)
    proposal = Proposal(
        kind=prepared.kind,
        subject=prepared.subject,
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
    session.add(proposal)
    session.flush()
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
    proposal = proposal_numbered(session, proposal_id)
    kind = kind_called(proposal.kind)
    kind.hold(session, proposal.subject)
    session.refresh(proposal)
    after(proposal.state, Act.CONFIRMED)
    _may_decide(session, proposal, by.username)
    if by.authenticated_at is None or at - by.authenticated_at > FRESH_SIGN_IN:
        raise SignInAgain("whoever confirms has just signed in")
    if seen != proposal.seen_digest:
        raise SeenOtherwise("what was on the page is not what is proposed")
    if kind.counted and count != proposal.count:
        raise Miscounted(f"there are {proposal.count} changes")
    if changed := changes_since(session, proposal):
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
    proposal = _held(session, proposal_id, Act.REFUSED)
    _may_decide(session, proposal, by.username)
    _end(session, proposal, Act.REFUSED, by=by.username, origin=by.origin, at=at, reason=_said(reason))
    return proposal


def withdraw(session: Session, proposal_id: int, *, reason: str, by: str, at: datetime) -> Proposal:
    """Withdraw a proposal, by whoever made it. Raises NoSuchProposal, NotOpen, NotTheProposer, ReasonMissing."""
    proposal = _held(session, proposal_id, Act.WITHDRAWN)
    if proposal.proposed_by != by:
        raise NotTheProposer("somebody else proposed it")
    _end(session, proposal, Act.WITHDRAWN, by=by, origin=_on_pages(by), at=at, reason=_said(reason))
    return proposal


def expire(session: Session, proposal_id: int, *, at: datetime) -> bool:
    """End a proposal that nobody decided on in time; False when it has ended or has time yet."""
    proposal = _locked(session, proposal_id)
    if proposal.state is not State.PROPOSED or proposal.expires_at > at:
        return False
    origin = Origin(Actor(ActorKind.SYSTEM, "clock"), Door.JOB)
    _end(session, proposal, Act.EXPIRED, by=None, origin=origin, at=at)
    return True


def outdate(session: Session, subject: str, *, by: str | None, origin: Origin, at: datetime) -> None:
    """End what waits about something that was decided otherwise; called by the process that decided."""
    for proposal in repository.open_about(session, subject):
        if _locked(session, proposal.id).state is State.PROPOSED:
            _end(session, proposal, Act.OUTDATED, by=by, origin=origin, at=at)


def proposal_numbered(session: Session, proposal_id: int) -> Proposal:
    """Find a proposal. Raises NoSuchProposal."""
    proposal = session.get(Proposal, proposal_id)
    if proposal is None:
        raise NoSuchProposal
    return proposal


def changes_since(session: Session, proposal: Proposal) -> tuple[str, ...]:
    """Name what the proposal rests on and has changed since it was made; the kind has a sentence for each."""
    now = kind_called(proposal.kind).rests_on(session, proposal.subject, proposal.payload)
    return tuple(sorted(name for name in {*now, *proposal.rests_on} if now.get(name) != proposal.rests_on.get(name)))


def _may_decide(session: Session, proposal: Proposal, username: str) -> None:
    """Refuse whoever proposed it, is a party by now or was when it was made, or has no such role (any more)."""
    if username == proposal.proposed_by:
        raise SamePerson("whoever proposed it does not decide on it")
    if Role.APPROVER not in staff_roles(session, username):
        raise NotApprover("only an approver decides on proposals")
    now = kind_called(proposal.kind).parties(session, proposal.subject, proposal.payload)
    if username in {*proposal.parties, *now}:
        raise IsParty("nobody decides what is about themselves")


def _locked(session: Session, proposal_id: int) -> Proposal:
    proposal = session.get(Proposal, proposal_id, with_for_update=True, populate_existing=True)
    if proposal is None:
        raise NoSuchProposal
    return proposal


def _held(session: Session, proposal_id: int, act: Act) -> Proposal:
    proposal = _locked(session, proposal_id)
    after(proposal.state, act)
    return proposal


_TAGS = {
    Act.REFUSED: ProposalTag.REFUSED,
    Act.WITHDRAWN: ProposalTag.WITHDRAWN,
    Act.EXPIRED: ProposalTag.EXPIRED,
    Act.OUTDATED: ProposalTag.OUTDATED,
}


def _end(
    session: Session, proposal: Proposal, act: Act, *, by: str | None, origin: Origin, at: datetime, reason: str = ""
) -> None:
    proposal.state = after(proposal.state, act)
    proposal.ended_by, proposal.ended_at, proposal.end_reason = by, at, reason
    session.flush()
    _note(session, _TAGS[act], proposal, origin, at)


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
