"""Where an application may stand, and what moves it.

    draft ──submitted──▶ awaiting_signatures ──proven──▶ in_review ──approved──▶ approved
      │                    ▲   │      │                   │   │  └────refused──▶ refused
      │                    │   │      └──read by a person─┘   │
      │                    │   │                              ▼
      │                    │   │                        more_requested
      │                    │   │                          │   │
      └──expired──▶ expired ◀──┴────────expired───────────┘   └──answered──▶ in_review
                           withdrawn ◀── withdrawn: from anywhere that is not an end

The signatures move an application to review by themselves; only a person takes it further. Each required document has
a standing of its own (`signed_forms.states.Standing`): they are signed by several people at several times, and may
arrive in one file or in many.
"""

from enum import StrEnum

from workflows.application.errors import NotNow

__all__ = [
    "ALL_SIGNED",
    "OPEN",
    "OWNER",
    "SIGNATORY_NOTES",
    "TRANSITIONS",
    "ApplicationEvent",
    "DecisionKind",
    "Party",
    "Signed",
    "State",
    "after",
]


OWNER = "application"
"""The name under which applications own their signing requests."""
SIGNATORY_NOTES = frozenset({"form.signatory-unconfirmed", "application.signatory-unconfirmed"})
"""The note of a proven document whose signer's right to sign is still to be recorded, and its code of before.

It ends with the decision.
"""


class State(StrEnum):
    """Where an application stands."""

    DRAFT = "draft"
    AWAITING_SIGNATURES = "awaiting_signatures"
    IN_REVIEW = "in_review"
    MORE_REQUESTED = "more_requested"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class ApplicationEvent(StrEnum):
    """What moves it."""

    SUBMITTED = "submitted"
    PROVEN = "proven"
    SENT_TO_A_PERSON = "sent_to_a_person"
    MORE_REQUESTED = "more_requested"
    ANSWERED = "answered"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Party(StrEnum):
    """Whose link it is: the head's, the user's, or that of whoever filled the form in."""

    HEAD = "head"
    USER = "user"
    APPLICANT = "applicant"


class DecisionKind(StrEnum):
    """What a reviewer may decide."""

    APPROVED = "approved"
    REFUSED = "refused"
    MORE_REQUESTED = "more_requested"


class Signed(StrEnum):
    """How much the machine could settle about an application's signatures."""

    CLEAN = "clean"  # every check passed and nothing is noted
    NOTED = "noted"  # both proven, something to look at
    SIGNATORY = "signatory"  # the right to sign is to be confirmed
    PERSON = "person"  # a part waits for a person
    AWAITED = "awaited"  # for a part nothing has come that a person could look at


TRANSITIONS: dict[tuple[State, ApplicationEvent], State] = {
    (State.DRAFT, ApplicationEvent.SUBMITTED): State.AWAITING_SIGNATURES,
    (State.DRAFT, ApplicationEvent.EXPIRED): State.EXPIRED,
    (State.DRAFT, ApplicationEvent.WITHDRAWN): State.WITHDRAWN,
    (State.AWAITING_SIGNATURES, ApplicationEvent.PROVEN): State.IN_REVIEW,
    (State.AWAITING_SIGNATURES, ApplicationEvent.SENT_TO_A_PERSON): State.IN_REVIEW,
    (State.AWAITING_SIGNATURES, ApplicationEvent.EXPIRED): State.EXPIRED,
    (State.AWAITING_SIGNATURES, ApplicationEvent.WITHDRAWN): State.WITHDRAWN,
    (State.IN_REVIEW, ApplicationEvent.APPROVED): State.APPROVED,
    (State.IN_REVIEW, ApplicationEvent.REFUSED): State.REFUSED,
    (State.IN_REVIEW, ApplicationEvent.MORE_REQUESTED): State.MORE_REQUESTED,
    (State.IN_REVIEW, ApplicationEvent.WITHDRAWN): State.WITHDRAWN,
    (State.MORE_REQUESTED, ApplicationEvent.ANSWERED): State.IN_REVIEW,
    (State.MORE_REQUESTED, ApplicationEvent.REFUSED): State.REFUSED,
    (State.MORE_REQUESTED, ApplicationEvent.WITHDRAWN): State.WITHDRAWN,
    (State.MORE_REQUESTED, ApplicationEvent.EXPIRED): State.EXPIRED,
}
"""Everything not listed cannot happen."""

OPEN = frozenset(state for state, _ in TRANSITIONS)
"""States that are not an end."""

ALL_SIGNED = frozenset({State.IN_REVIEW, State.MORE_REQUESTED})
"""Open states in which everybody has signed: before that anybody may have filled it in."""


def after(state: State, event: ApplicationEvent) -> State:
    """Say where an application stands after the event; raises NotNow when it cannot happen in that state.

    >>> after(State.IN_REVIEW, ApplicationEvent.APPROVED)
    <State.APPROVED: 'approved'>
    >>> after(State.REFUSED, ApplicationEvent.APPROVED)
    Traceback (most recent call last):
    ...
    workflows.application.errors.NotNow: an application that is refused cannot be approved
    """
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise NotNow(f"an application that is {state} cannot be {event}") from None
