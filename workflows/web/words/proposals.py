"""Proposals as rows and cards of pages, in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from iam.visibility import Visibility
from workflows.i18n import Words
from workflows.i18n import later as _
from workflows.proposals import repository
from workflows.proposals.content import ProposalContent
from workflows.proposals.kinds import kind_called
from workflows.proposals.models import Proposal
from workflows.proposals.states import State
from workflows.web.words.vocabulary import Tone

__all__ = ["ProposalRow", "proposals_about", "row_of"]

_STATES: Mapping[State, tuple[str, str]] = {
    State.PROPOSED: (_("Waits for a second person"), Tone.WAIT),
    State.CARRIED_OUT: (_("Confirmed and carried out"), Tone.OK),
    State.REFUSED: (_("Refused by the second person"), Tone.BAD),
    State.WITHDRAWN: (_("Withdrawn"), Tone.PLAIN),
    State.EXPIRED: (_("Expired"), Tone.PLAIN),
    State.OUTDATED: (_("Decided otherwise, or proposed anew"), Tone.PLAIN),
}


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A proposal in words. What has not happened yet is empty."""

    number: int
    title: str
    what: str
    state: str
    tone: str
    proposed_by: str
    proposed_at: str
    expires_at: str
    reason: str
    ended_by: str
    ended_at: str
    end_reason: str
    waits: bool


def proposals_about(session: Session, words: Words, subject: str, *, sees: Visibility, on: date) -> list[ProposalRow]:
    """List the proposals about something that may be seen, the latest first, as cards for its own page."""
    return [row_of(words, one) for one in reversed(repository.about(session, subject, sees=sees, on=on))]


def row_of(words: Words, one: Proposal) -> ProposalRow:
    """Say one proposal: what, by whom, since when, and how it stands."""
    word, tone = _STATES[one.state]
    facts = ProposalContent.from_json(one.shown).facts
    return ProposalRow(
        number=one.id,
        title=words(kind_called(one.kind).title),
        what=", ".join(fact.will.in_words(words) for fact in facts[:3]),
        state=words(word),
        tone=tone,
        proposed_by=one.proposed_by,
        proposed_at=words.moment(one.proposed_at),
        expires_at=words.moment(one.expires_at),
        reason=one.reason,
        ended_by=one.ended_by or "",
        ended_at=words.moment(one.ended_at) if one.ended_at else "",
        end_reason=one.end_reason,
        waits=one.state is State.PROPOSED,
    )
