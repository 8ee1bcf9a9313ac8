"""What pages show of an application: facts ready to be rendered, personal codes masked.

Here stand the applicants' page and what a reviewer's page (`cases`) shows likewise. A page never sees a model. Reasons
are `Message`s: `messages.say(reason, language)` puts them into words.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from iam.grants import service as grants
from iam.grants.tags import GrantTag
from iam.people.rules import mask, parse_personal_code
from iam.people.service import find_by_code
from signing.model import Message
from workflows.application import events
from workflows.application.errors import NoSuchApplication
from workflows.application.stated import Stated, StatedPerson
from workflows.application.states import Part, Party, State
from workflows.application.tags import ApplicationTag
from workflows.evidence.models import Held
from workflows.signed_forms.states import Standing

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from iam.grants.models import Account
    from iam.ids import ApplicationId
    from signing.model import Report
    from workflows.application.models import Application
    from workflows.application.states import DecisionKind
    from workflows.signed_forms.models import RequiredDocument, Upload
    from workflows.signed_forms.states import UploadState

__all__ = [
    "DecisionView",
    "Event",
    "FindingView",
    "PartView",
    "TrackingView",
    "UploadView",
    "account_named",
    "decisions_of",
    "events_of",
    "masked",
    "offered",
    "part_view",
    "tracking_view",
    "upload_view",
]

_TOLD_TO_APPLICANTS = frozenset(
    {
        ApplicationTag.SUBMITTED,
        ApplicationTag.UPLOADED,
        ApplicationTag.PART_PROVEN,
        ApplicationTag.SENT_TO_REVIEW,
        ApplicationTag.MORE_REQUESTED,
        ApplicationTag.ANSWERED,
        ApplicationTag.APPROVED,
        ApplicationTag.REFUSED,
        ApplicationTag.WITHDRAWN,
        ApplicationTag.EXPIRED,
        GrantTag.ENDED,
    }
)


@dataclass(frozen=True, slots=True)
class PartView:
    """One of the two documents: who signs it, how far it is, by what."""

    part: str
    signer: str
    signer_stated: str
    standing: Standing
    signer_name: str | None
    signed_at: datetime | None
    notes: tuple[Message, ...]
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class FindingView:
    """What was found about an upload; `part` None speaks of the file as a whole."""

    part: str | None
    standing: Standing
    reasons: tuple[Message, ...]
    comparison: str = ""  # the digest of the one with our form that a person has to look at


@dataclass(frozen=True, slots=True)
class UploadView:
    """One uploaded file and what came of it. `report` only on a reviewer's page."""

    id: int
    name: str
    size: int
    media_type: str
    party: str
    received_at: datetime
    state: UploadState
    next_attempt_at: datetime | None
    judged_at: datetime | None
    findings: tuple[FindingView, ...]
    sha256: str
    verification_id: int | None
    kept: bool  # whether its bytes are still there
    report: Report | None = None

    def for_a_person(self, part: str) -> bool:
        """Say whether a person has to settle whether it proves the part."""
        return any(one.standing is Standing.NEEDS_PERSON and one.part in {part, None} for one in self.findings)

    def to_compare(self, part: str) -> str:
        """Give the digest of the comparison it is confirmed on; "" where it is confirmed without one."""
        return next((one.comparison for one in self.findings if one.part == part), "")


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history: of the application, or of a right given on it."""

    at: datetime
    tag: ApplicationTag | GrantTag
    actor: str
    details: dict[str, object]


@dataclass(frozen=True, slots=True)
class DecisionView:
    """What was decided, why and when; `decided_by` and `confirmed_by` are for reviewers' pages only."""

    kind: DecisionKind
    reason: str
    decided_at: datetime
    decided_by: str
    confirmed_by: str | None


@dataclass(frozen=True, slots=True)
class TrackingView:
    """An application in one party's eyes. `stated` has its codes masked."""

    id: ApplicationId
    version: int
    reference: str
    state: State
    party: Party
    language: str
    stated: Stated
    parts: tuple[PartView, ...]
    mine: tuple[Part, ...]
    offered: tuple[Part, ...]
    uploads: tuple[UploadView, ...]
    timeline: tuple[Event, ...]
    decisions: tuple[DecisionView, ...]
    submitted_at: datetime
    expires_at: datetime | None
    accepts_files: bool
    account_pending: bool


def tracking_view(session: Session, application: Application, party: Party) -> TrackingView:
    """Show a submitted application to one party. Raises NoSuchApplication for a draft."""
    if application.stated is None or application.submitted_at is None:
        raise NoSuchApplication
    stated = Stated.from_json(application.stated)
    return TrackingView(
        id=application.id,
        version=application.version,
        reference=application.reference,
        state=application.state,
        party=party,
        language=application.language,
        stated=masked(stated),
        parts=tuple(part_view(document, stated) for document in application.documents),
        mine=_mine(application, party),
        offered=offered(application, party),
        uploads=tuple(upload_view(upload) for upload in application.uploads),
        timeline=tuple(event for event in events_of(session, application) if event.tag in _TOLD_TO_APPLICANTS),
        decisions=decisions_of(application),
        submitted_at=application.submitted_at,
        expires_at=application.expires_at,
        accepts_files=application.state in {State.AWAITING_SIGNATURES, State.MORE_REQUESTED},
        account_pending=application.state is State.APPROVED and _pending(account_named(session, stated)),
    )


def _pending(account: Account | None) -> bool:
    return account is not None and account.projection_pending


def masked(stated: Stated) -> Stated:
    """Hide the codes."""
    return replace(stated, head=_masked(stated.head), user=_masked(stated.user))


def _masked(person: StatedPerson) -> StatedPerson:
    return replace(person, personal_code=mask(person.personal_code))


def part_view(document: RequiredDocument, stated: Stated) -> PartView:
    """Show one of the documents to be signed."""
    return PartView(
        part=document.part,
        signer=document.signer,
        signer_stated=(stated.head if document.signer == Party.HEAD else stated.user).name,
        standing=document.standing,
        signer_name=document.signer_name,
        signed_at=document.signed_at,
        notes=_messages(document.notes),
        sha256=document.sha256,
        size=document.size,
    )


def _mine(application: Application, party: Party) -> tuple[Part, ...]:
    if application.head_is_user or party is Party.APPLICANT:
        return (Part.APPLICATION, Part.LETTER)
    return (Part.APPLICATION,) if party is Party.HEAD else (Part.LETTER,)


def offered(application: Application, party: Party) -> tuple[Part, ...]:
    """Say which documents a party may have whole: those that hold no code of another person they have not signed for.

    The application holds the head's code and the letter only the user's, which the head states: so a user gets the
    letter, and a head, who may sign both in one container, gets both (decision 76).
    """
    if party is Party.USER and not application.head_is_user:
        return (Part.LETTER,)
    return (Part.APPLICATION, Part.LETTER)


def upload_view(upload: Upload, report: Report | None = None) -> UploadView:
    """Show an uploaded file; with the full report on a reviewer's page only."""
    return UploadView(
        id=upload.id,
        name=upload.name,
        size=upload.document.size,
        media_type=upload.document.media_type,
        party=upload.party,
        received_at=upload.received_at,
        state=upload.state,
        next_attempt_at=upload.next_attempt_at,
        judged_at=upload.judged_at,
        findings=tuple(
            FindingView(
                part=finding["part"],
                standing=Standing(finding["standing"]),
                reasons=_messages(finding["reasons"]),
                comparison=finding.get("comparison", ""),
            )
            for finding in upload.findings
        ),
        sha256=upload.sha256,
        verification_id=upload.verification_id,
        kept=upload.document.held is Held.KEPT,
        report=report,
    )


def _messages(kept: list[dict[str, Any]]) -> tuple[Message, ...]:
    return tuple(Message(one["code"], one["params"]) for one in kept)


def events_of(session: Session, application: Application) -> tuple[Event, ...]:
    """Say what happened to an application, oldest first."""
    done = [
        Event(entry.at, ApplicationTag(entry.tag), entry.actor, dict(entry.details))
        for entry in events.history(session, application)
    ]
    return tuple(sorted([*done, *_ends(session, application)], key=lambda event: event.at))


def _ends(session: Session, application: Application) -> list[Event]:
    """Say how the rights given on the application ended later, each time an end was recorded."""
    given_on = [decision.evidence_id for decision in application.decisions if decision.evidence_id is not None]
    return [
        Event(
            end.at,
            GrantTag.ENDED,
            end.by,
            {"section": end.section, "scope": end.scope, "last_day": end.last_day, "cause": end.cause},
        )
        for evidence_id in given_on
        for end in grants.ends_of_given_on(session, evidence_id)
    ]


def decisions_of(application: Application) -> tuple[DecisionView, ...]:
    """Say what was decided about it."""
    return tuple(
        DecisionView(one.kind, one.reason, one.decided_at, one.decided_by, one.confirmed_by)
        for one in application.decisions
    )


def account_named(session: Session, stated: Stated) -> Account | None:
    """Find the account of the user it names, None before there is one."""
    person = find_by_code(session, parse_personal_code(stated.user.personal_code))
    return None if person is None else grants.account_of(session, person)
