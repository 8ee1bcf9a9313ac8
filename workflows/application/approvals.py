"""Approving by one person, or by two where the policy asks for it: then the reviewer's approval is a proposal.

A proposal is made only of what could be carried out now: it is tried in a savepoint and undone, so that the reviewer
learns what is missing and not the second person. When it is confirmed the approval is made by the second person's act,
on the reviewer's decision; both names are kept.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from iam.grants import service as grants
from iam.ids import ApplicationId
from iam.institutions.models import Capacity, SourceKind
from iam.institutions.signatories import entitlements_for
from iam.periods import riga_day
from workflows import staff
from workflows.application import decisions, repository
from workflows.application.decisions import NewSignatory, Reviewer
from workflows.application.errors import SecondPersonNeeded
from workflows.application.kinds.registry import facts_of, kind_of, required_of
from workflows.application.models import Application
from workflows.application.parties import representing, signed_at
from workflows.application.second_person import FourEyesReason
from workflows.application.tags import ApplicationTag
from workflows.application.views import account_named
from workflows.i18n import later
from workflows.proposals import service as proposals
from workflows.proposals.content import Fact, ProposalContent, data, on_day, say
from workflows.proposals.kinds import ProposalKind, register

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from iam.audit import Origin
    from iam.grants.models import Account
    from iam.ids import ScopeId
    from workflows.proposals.content import Json
    from workflows.proposals.models import Proposal

__all__ = ["APPROVE", "approve_or_propose"]

APPROVE = "application.approve"

_CAPACITIES = {
    Capacity.HEAD: later("Head"),
    Capacity.ACTING_HEAD: later("Acting head"),
    Capacity.POWER_OF_ATTORNEY: later("By power of attorney"),
}
_OTHER_NAME = later("Why it is the same person though the name is another")
_WHY = {
    FourEyesReason.WIDE_SCOPE: later(
        "The rights reach beyond one institution: a municipality, a subordinate body or the state"
    ),
    FourEyesReason.UNREGISTERED_SIGNATORY: later("The right to sign is recorded from another source than a register"),
}


def approve_or_propose(  # noqa: PLR0913 - what a reviewer decides is said by name
    session: Session,
    application_id: ApplicationId,
    *,
    seen: int,
    by: Reviewer,
    base_url: str,
    at: datetime,
    signatory: NewSignatory | None = None,
    reason: str = "",
    keep_address: str = "",
    other_name: str = "",
    presented: str | None = None,
) -> Account | Proposal | None:
    """Approve, or propose it to a second person where one is needed; raises what `decisions.approve` raises.

    Raises AlreadyProposed where an approval of this application waits.
    """
    application = repository.locked(session, application_id)  # held through the savepoint, and after it is undone
    try:
        with session.begin_nested():
            return decisions.approve(
                session,
                application_id,
                seen=seen,
                by=by,
                base_url=base_url,
                at=at,
                signatory=signatory,
                reason=reason,
                keep_address=keep_address,
                other_name=other_name,
                presented=presented,
            )
    except SecondPersonNeeded as needed:
        payload = {
            "signatory": None if signatory is None else _kept(signatory),
            "reason": reason.strip(),
            "keep_address": keep_address.strip(),
            "other_name": other_name.strip(),
            "why": [why.value for why in needed.why],
        }
    # The reviewer decided on the case in the version `seen`, whose row is held: the digest binds the second person.
    prepared = proposals.prepare(session, APPROVE, subject=application.subject, payload=payload, at=at)
    proposal = proposals.propose(
        session, prepared, seen=prepared.digest, by=by.username, origin=by.origin, at=at, reason=reason
    )
    decisions.note(
        session, application, ApplicationTag.APPROVAL_PROPOSED, by, at, proposal=proposal.id, reason=reason.strip()
    )
    return proposal


class _Approval(ProposalKind):
    """The approval of an application by a second person."""

    name = APPROVE
    title = later("Approve an application")
    changed: ClassVar[Mapping[str, str]] = {
        "application": later("The application or its documents have changed, or it was decided on."),
        "signatories": later("Who may sign for the institution has changed."),
        "rights": later("The rights of the user have changed."),
        "account": later("The account of the user has changed."),
    }

    def scope(self, session: Session, subject: str) -> ScopeId | None:
        return session.get_one(Application, _id_in(subject)).scope_id

    def hold(self, session: Session, subject: str) -> None:
        repository.locked(session, _id_in(subject))

    def present(self, session: Session, subject: str, payload: Json, *, at: datetime) -> ProposalContent:
        application = session.get_one(Application, _id_in(subject))
        stated = facts_of(application)
        shown = kind_of(application).presented(
            session,
            stated,
            account_named(session, application),
            signed_at=signed_at(application),
            keep_address=payload["keep_address"],
            at=at,
        )
        facts = [
            Fact(say(later("Application number")), data(application.reference)),
            *shown.facts,
            *_signed_facts(application),
        ]
        if payload["signatory"] is not None:
            facts.append(_signatory_fact(application, _read(payload["signatory"])))
        if payload.get("other_name"):
            facts.append(Fact(say(_OTHER_NAME), data(payload["other_name"])))
        facts += [Fact(say(later("Why two people decide")), say(_WHY[FourEyesReason(why)])) for why in payload["why"]]
        return ProposalContent(tuple(facts), count=shown.count)

    def rests_on(self, session: Session, subject: str, payload: Json) -> Mapping[str, str]:
        del payload
        application = session.get_one(Application, _id_in(subject))
        stated = facts_of(application)
        account = account_named(session, application)
        entitled = () if application.scope_id is None else entitlements_for(session, application.scope_id)
        held = [] if account is None else grants.history(session, account.id)
        return {
            "application": _digest([application.state, stated.to_json(), _proofs(application)]),
            "signatories": _digest(sorted(str(asdict(one)) for one in entitled)),
            "rights": _digest(sorted(str((one.period_id, one.since, one.until)) for one in held)),
            "account": _digest(None if account is None else [account.id, account.status, account.email]),
        }

    def parties(self, session: Session, subject: str, payload: Json) -> tuple[str, ...]:
        del payload
        application = session.get_one(Application, _id_in(subject))
        return tuple(
            member.username
            for member in staff.everybody(session)
            if decisions.is_party(session, application, Reviewer(member.username, member.name))
        )

    def carry_out(self, session: Session, proposal: Proposal, *, origin: Origin, base_url: str, at: datetime) -> None:
        names = {member.username: member.name for member in staff.everybody(session)}
        application = session.get_one(Application, _id_in(proposal.subject))
        kept, payload = proposal.payload["signatory"], proposal.payload
        decisions.approve(
            session,
            application.id,
            seen=application.version,
            by=Reviewer(proposal.proposed_by, names[proposal.proposed_by]),
            approver=Reviewer(origin.actor.id, names[origin.actor.id]),
            base_url=base_url,
            at=at,
            signatory=None if kept is None else _read(kept),
            reason=payload["reason"],
            keep_address=payload["keep_address"],
            other_name=payload.get("other_name", ""),
        )

    def address(self, session: Session, subject: str) -> str:
        return f"/review/{session.get_one(Application, _id_in(subject)).reference}"


register(_Approval())


def _id_in(subject: str) -> ApplicationId:
    return ApplicationId(int(subject.partition(":")[2]))


def _proofs(application: Application) -> list[list[object]]:
    """Name what each document is proven by."""
    return [[one.part, one.proven_by, one.verification_id] for one in application.documents]


def _signed_facts(application: Application) -> list[Fact]:
    """Say who signed which document, and when: what the second person confirms rests on it."""
    return [
        Fact(
            say(required.title),
            say(
                later("signed by %(name)s, %(day)s"),
                name=document.signer_name or facts_of(application).people[required.person].name,
                day=on_day(riga_day(document.signed_at)),
            ),
        )
        for required in required_of(application)
        if (document := application.document(required.part)).signed_at is not None
    ]


def _signatory_fact(application: Application, signatory: NewSignatory) -> Fact:
    signed = representing(application)
    name = (signed and signed[0].signer_name) or application.head_name
    return Fact(
        say(later("Right to sign, recorded now")),
        say(
            later("%(name)s (%(capacity)s); %(source)s"),
            name=name,
            capacity=say(_CAPACITIES[signatory.capacity]),
            source=signatory.source,
        ),
    )


def _kept(signatory: NewSignatory) -> dict[str, str | None]:
    return {
        "capacity": signatory.capacity.value,
        "since": signatory.since.isoformat() if signatory.since else None,
        "until": signatory.until.isoformat() if signatory.until else None,
        "source": signatory.source,
        "source_kind": signatory.source_kind.value,
    }


def _read(kept: Mapping[str, str]) -> NewSignatory:
    return NewSignatory(
        capacity=Capacity(kept["capacity"]),
        since=date.fromisoformat(kept["since"]) if kept["since"] else None,
        until=date.fromisoformat(kept["until"]) if kept["until"] else None,
        source=kept["source"],
        source_kind=SourceKind(kept["source_kind"]),
    )


def _digest(said: object) -> str:
    plain = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(plain.encode()).hexdigest()
