"""Where a proposal may stand, and what moves it.

    proposed ──confirmed──▶ carried_out    by another person; carried out in the same transaction
       │ │ │ └─refused────▶ refused        by another person, with a reason
       │ │ └───withdrawn──▶ withdrawn      by whoever proposed it, with a reason
       │ └─────expired────▶ expired        nobody decided in time
       └───────outdated───▶ outdated       what it rests on was decided otherwise, or it is proposed anew

Everything but `proposed` is an end. Where something it rests on has changed, a proposal cannot be confirmed: it stays
until somebody refuses or withdraws it, or it is proposed anew.
"""

from enum import StrEnum

from workflows.proposals.errors import NotOpen

__all__ = ["TRANSITIONS", "ProposalEvent", "State", "after"]


class State(StrEnum):
    """Where a proposal stands."""

    PROPOSED = "proposed"
    CARRIED_OUT = "carried_out"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    OUTDATED = "outdated"


class ProposalEvent(StrEnum):
    """What moves it."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    OUTDATED = "outdated"


TRANSITIONS: dict[tuple[State, ProposalEvent], State] = {
    (State.PROPOSED, ProposalEvent.CONFIRMED): State.CARRIED_OUT,
    (State.PROPOSED, ProposalEvent.REFUSED): State.REFUSED,
    (State.PROPOSED, ProposalEvent.WITHDRAWN): State.WITHDRAWN,
    (State.PROPOSED, ProposalEvent.EXPIRED): State.EXPIRED,
    (State.PROPOSED, ProposalEvent.OUTDATED): State.OUTDATED,
}
"""Everything not listed cannot happen."""


def after(state: State, event: ProposalEvent) -> State:
    """Say where a proposal stands after the event; raises NotOpen when it cannot happen in that state.

    >>> after(State.PROPOSED, ProposalEvent.CONFIRMED)
    <State.CARRIED_OUT: 'carried_out'>
    >>> after(State.REFUSED, ProposalEvent.CONFIRMED)
    Traceback (most recent call last):
    ...
    workflows.proposals.errors.NotOpen: a proposal that is refused cannot be confirmed
    """
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise NotOpen(f"a proposal that is {state} cannot be {event}") from None
