"""Which states has a request for a new password, and which its link? What moves a link from one to the next?

A request (a row the page writes, the same for everybody) is settled once, by a job, with an `RequestOutcome`.

A link:

    sending ──sent──▶ live ──spent──▶ spending ──accepted──▶ redeemed
       │  │            │ ▲               │ │ │
       │  └───spent────┼─┼───────────────┘ │ │   (the mail was read before its job could say that it left)
       │               │ └────given_back───┘ │   Keycloak refused the password or did not get it
    unsent             │                 overtaken   the same, and a newer link is live
  (the mail was        │                     ▼
   not taken)          ├──replaced──▶ replaced   a newer link has been sent
                       └──cancelled─▶ cancelled  address changed, account shut, password changed elsewhere

A link that is still being sent can be replaced and cancelled like a live one. Statements take the states they start
from and the state they lead to from `TRANSITIONS` (`states_before`, `state_after`); nothing else writes a state.

Time is no state: a link that is live after `expires_at` is too late. Between `spent` and its end a link belongs
to one attempt; when that dies or its answer is lost, a job asks Keycloak what became of the password and finishes it
either way, three quarters of a minute after it was spent.
"""

from enum import StrEnum

__all__ = [
    "ENDS",
    "FIRST",
    "TRANSITIONS",
    "LinkAct",
    "LinkState",
    "RequestOutcome",
    "state_after",
    "states_before",
]


class LinkState(StrEnum):
    """Where a link stands."""

    SENDING = "sending"
    LIVE = "live"
    SPENDING = "spending"
    REDEEMED = "redeemed"
    REPLACED = "replaced"
    CANCELLED = "cancelled"
    UNSENT = "unsent"


class LinkAct(StrEnum):
    """What moves it."""

    SENT = "sent"
    NOT_SENT = "not_sent"
    SPENT = "spent"
    ACCEPTED = "accepted"
    GIVEN_BACK = "given_back"
    OVERTAKEN = "overtaken"
    REPLACED = "replaced"
    CANCELLED = "cancelled"


class RequestOutcome(StrEnum):
    """What a request came to. Strangers never learn it."""

    LINK_SENT = "link_sent"
    USERNAME_SENT = "username_sent"
    UNKNOWN = "unknown"  # nobody is called so
    SHUT = "shut"  # the account is disabled or ended, here or in Keycloak
    NOT_READY = "not_ready"  # Keycloak does not have the account yet
    NO_ADDRESS = "no_address"  # none we could write to
    LIMITED = "limited"  # enough mails within the hour
    NOT_TAKEN = "not_taken"  # the mail server refused, or patience ran out


TRANSITIONS: dict[tuple[LinkState, LinkAct], LinkState] = {
    (LinkState.SENDING, LinkAct.SENT): LinkState.LIVE,
    (LinkState.SENDING, LinkAct.NOT_SENT): LinkState.UNSENT,
    (LinkState.SENDING, LinkAct.SPENT): LinkState.SPENDING,
    (LinkState.SENDING, LinkAct.REPLACED): LinkState.REPLACED,
    (LinkState.SENDING, LinkAct.CANCELLED): LinkState.CANCELLED,
    (LinkState.LIVE, LinkAct.SPENT): LinkState.SPENDING,
    (LinkState.LIVE, LinkAct.REPLACED): LinkState.REPLACED,
    (LinkState.LIVE, LinkAct.CANCELLED): LinkState.CANCELLED,
    (LinkState.SPENDING, LinkAct.ACCEPTED): LinkState.REDEEMED,
    (LinkState.SPENDING, LinkAct.GIVEN_BACK): LinkState.LIVE,
    (LinkState.SPENDING, LinkAct.OVERTAKEN): LinkState.REPLACED,
}
"""Everything not listed cannot happen."""

FIRST = LinkState.SENDING
"""Where a link begins."""

ENDS = frozenset(LinkState) - {state for state, _ in TRANSITIONS}
"""States no act leads out of."""


def states_before(act: LinkAct) -> tuple[LinkState, ...]:
    """Return the states in which an act can happen.

    >>> states_before(LinkAct.SPENT)
    (<LinkState.SENDING: 'sending'>, <LinkState.LIVE: 'live'>)
    """
    return tuple(state for state, one in TRANSITIONS if one is act)


def state_after(act: LinkAct) -> LinkState:
    """Return the one state an act leads to, from wherever it can happen.

    >>> state_after(LinkAct.GIVEN_BACK)
    <LinkState.LIVE: 'live'>
    """
    (state,) = {to for (_, one), to in TRANSITIONS.items() if one is act}
    return state
