"""What pages show of an application: facts ready to be rendered, personal codes masked.

Here stand the applicants' page and what a reviewer's page (`cases`) shows likewise. A page never sees a model. Reasons
are `Message`s: `messages.say(reason, language)` puts them into words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from iam.grants import service as grants
from iam.grants.models import Welcome
from iam.grants.tags import GrantTag
from iam.periods import riga_day
from signing.model import Message
from workflows.application import events, places_ended
from workflows.application.duplicates import duplicates_of
from workflows.application.errors import NoSuchApplication
from workflows.application.kinds.registry import facts_of, kind_of, required_of
from workflows.application.parties import known
from workflows.application.signing import answering
from workflows.application.states import State
from workflows.application.tags import ApplicationTag
from workflows.evidence.models import Held
from workflows.rights.today import RightsToday, rights_today
from workflows.signed_forms.sentences import current
from workflows.signed_forms.states import Found, Standing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from iam.grants.models import Account
    from iam.grants.rules import HeldGrant
    from iam.ids import ApplicationId
    from signing.model import Report
    from workflows.application.facts import StatedFacts
    from workflows.application.models import Application, ApplicationEvent
    from workflows.application.states import DecisionKind
    from workflows.proposals.content import FactText
    from workflows.signed_forms.models import Upload
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
    "given_on",
    "offered",
    "part_views",
    "progress_of",
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
        ApplicationTag.PLACE_ENDS,
        ApplicationTag.ORDER_TAKEN_BACK,
        GrantTag.ENDED,
    }
)


@dataclass(frozen=True, slots=True)
class PartView:
    """A document to be signed: who signs it, how far it is, by what."""

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
    standing: Found
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
        return any(one.standing is Found.NEEDS_PERSON and one.part in {part, None} for one in self.findings)

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
    progress: str
    reference: str
    state: State
    party: str
    language: str
    stated: StatedFacts
    parts: tuple[PartView, ...]
    mine: tuple[str, ...]
    signs: bool  # somebody who filled in the form may be who signs all of it
    offered: tuple[str, ...]
    uploads: tuple[UploadView, ...]
    timeline: tuple[Event, ...]
    decisions: tuple[DecisionView, ...]
    submitted_at: datetime
    expires_at: datetime | None
    accepts_files: bool
    account_pending: bool
    rights: RightsToday  # those given on it
    answering: tuple[int, ...]  # the files that came since something was asked for last
    answer_draft: str  # words written so far in answer to what was asked
    answer_sent: bool  # that is all; files of it are still being checked
    user_told: bool  # the user has been mailed the username
    duplicates: tuple[str, ...]  # numbers of other open ones for the same, of which the party's mailbox was told
    order_said: FactText  # what an order about institutions means for it


def tracking_view(session: Session, application: Application, party: str, *, at: datetime) -> TrackingView:
    """Show a submitted application to one party, as things stand at the moment.

    Raises NoSuchApplication for a draft.
    """
    if application.stated is None or application.submitted_at is None:
        raise NoSuchApplication
    stated = facts_of(application)
    # Rights are given by a decision alone, and nobody is told of an account before.
    given = any(one.evidence_id is not None for one in application.decisions)
    account = account_named(session, application) if given else None
    history = events.history(session, application)
    return TrackingView(
        id=application.id,
        version=application.version,
        progress=progress_of(application),
        reference=application.reference,
        state=application.state,
        party=party,
        language=application.language,
        stated=stated.masked(),
        parts=part_views(application),
        mine=tuple(one.part for one in application.signing.signed_by(party)),
        signs=_signs(application, party),
        offered=offered(application, party),
        uploads=tuple(upload_view(upload) for upload in application.uploads),
        timeline=tuple(event for event in events_of(session, application, history) if event.tag in _TOLD_TO_APPLICANTS),
        decisions=decisions_of(application),
        submitted_at=application.submitted_at,
        expires_at=application.expires_at,
        accepts_files=application.state in {State.AWAITING_SIGNATURES, State.MORE_REQUESTED},
        account_pending=application.state is State.APPROVED and _pending(account),
        rights=rights_today(given_on(session, application, account), on=riga_day(at)),
        answering=tuple(one.id for one in answering(application)),
        answer_draft=application.answer_draft,
        answer_sent=application.answer_sent_at is not None,
        user_told=account is not None and account.welcome is Welcome.SENT,
        duplicates=duplicates_of(session, application, party),
        order_said=places_ended.said_of(session, application, history),
    )


def _signs(application: Application, party: str) -> bool:
    """Say whether this party signs; who filled in the form is taken for who signs all of it and is whom it is about."""
    required = required_of(application)
    parties = {one.party for one in required}
    about = kind_of(application).about
    return party in parties or (len(parties) == 1 and any(one.person == about for one in required))


def _pending(account: Account | None) -> bool:
    return account is not None and account.projection_pending


def progress_of(application: Application) -> str:
    """Name what a page shows of an application: every act gives another name, and so does every attempt at judging.

    An attempt that finds the same as the one before makes no new version, and says when the next one is.
    """
    return f"{application.version}.{sum(upload.attempts for upload in application.uploads)}"


def part_views(application: Application) -> tuple[PartView, ...]:
    """Show the documents to be signed, in the order in which they were made."""
    people = facts_of(application).people
    persons = {one.part: people[one.person].name for one in required_of(application)}
    return tuple(
        PartView(
            part=one.part,
            signer=one.signer,
            signer_stated=persons[one.part],
            standing=one.standing,
            signer_name=one.signer_name,
            signed_at=one.signed_at,
            notes=_messages(one.notes),
            sha256=one.sha256,
            size=one.size,
        )
        for one in application.documents
    )


def offered(application: Application, party: str) -> tuple[str, ...]:
    """Say which documents a party may have whole (`kinds.kind.Required.readers`)."""
    return tuple(one.part for one in required_of(application) if party in one.readers)


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
                standing=Found(finding["standing"]),
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
    return tuple(Message(current(one["code"]), one["params"]) for one in kept)


def events_of(
    session: Session, application: Application, history: Sequence[ApplicationEvent] | None = None
) -> tuple[Event, ...]:
    """Say what happened to an application, oldest first; `history` as for `places_ended.said_of`."""
    done = [
        Event(entry.at, ApplicationTag(entry.tag), entry.actor, dict(entry.details))
        for entry in (events.history(session, application) if history is None else history)
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


def given_on(session: Session, application: Application, account: Account | None) -> list[HeldGrant]:
    """List the rights that the account was given on the application, as they are known now."""
    evidence = {decision.evidence_id for decision in application.decisions} - {None}
    if account is None or not evidence:
        return []
    return [one for one in grants.history(session, account.id) if one.evidence_id in evidence]


def account_named(session: Session, application: Application) -> Account | None:
    """Find the account of the person a submitted application is about, None before there is one."""
    person = known(session, facts_of(application), kind_of(application).about)
    return None if person is None else grants.account_of(session, person)
