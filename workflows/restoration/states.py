"""Where a request to restore rights may stand, and what moves it.

    asked ──mailed──▶ mailed ──confirmed──▶ in_review ──restored──▶ restored
      │ │                │                      └────────refused───▶ refused
      │ │                └───lapsed──▶ lapsed      the link was not used in time, or a newer one was sent
      │ └──answered──▶ answered    nothing can be given back: the account's mailbox is told why and what to do
      └────dropped───▶ dropped     no such account, or it is shut: nobody is told

Whoever asks is answered the same in every case. A job settles what is asked; only a person restores or refuses.
"""

from enum import StrEnum

from workflows.restoration.errors import NotWaiting

__all__ = ["FORGOTTEN", "SHOWN", "TRANSITIONS", "RestorationEvent", "State", "after"]


class State(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    MAILED = "mailed"
    IN_REVIEW = "in_review"
    RESTORED = "restored"
    REFUSED = "refused"
    ANSWERED = "answered"
    LAPSED = "lapsed"
    DROPPED = "dropped"


class RestorationEvent(StrEnum):
    """What moves it."""

    MAILED = "mailed"
    ANSWERED = "answered"
    DROPPED = "dropped"
    CONFIRMED = "confirmed"
    LAPSED = "lapsed"
    RESTORED = "restored"
    REFUSED = "refused"


TRANSITIONS: dict[tuple[State, RestorationEvent], State] = {
    (State.ASKED, RestorationEvent.MAILED): State.MAILED,
    (State.ASKED, RestorationEvent.ANSWERED): State.ANSWERED,
    (State.ASKED, RestorationEvent.DROPPED): State.DROPPED,
    (State.MAILED, RestorationEvent.CONFIRMED): State.IN_REVIEW,
    (State.MAILED, RestorationEvent.LAPSED): State.LAPSED,
    (State.IN_REVIEW, RestorationEvent.RESTORED): State.RESTORED,
    (State.IN_REVIEW, RestorationEvent.REFUSED): State.REFUSED,
}
"""Everything not listed cannot happen."""

SHOWN = (State.IN_REVIEW, State.RESTORED, State.REFUSED)
"""States in which staff see a request: its holder has confirmed it."""

FORGOTTEN = (State.DROPPED, State.ANSWERED, State.LAPSED)
"""States in which what was typed is forgotten at once, and the request after a while."""


def after(state: State, event: RestorationEvent) -> State:
    """Say where a request stands after the event; raises NotWaiting when it cannot happen in that state.

    >>> after(State.IN_REVIEW, RestorationEvent.RESTORED)
    <State.RESTORED: 'restored'>
    >>> after(State.LAPSED, RestorationEvent.CONFIRMED)
    Traceback (most recent call last):
    ...
    workflows.restoration.errors.NotWaiting: a request that is lapsed cannot be confirmed
    """
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise NotWaiting(f"a request that is {state} cannot be {event}") from None
