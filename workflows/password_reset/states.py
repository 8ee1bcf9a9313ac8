"""Where a request for a new password and its link may stand, and what moves them.

A request (a row the page writes, the same for everybody) is settled once, by a job, with an `Outcome`.

A link:

    sending ──sent──▶ live ──spent──▶ spending ──accepted──▶ redeemed
       │  │            │ ▲               │ │
       │  └───spent────┼─┼───────────────┘ │   (the mail was read before its job could say that it left)
       │               │ └────given_back───┘   Keycloak refused the password or did not get it
    unsent             ├──replaced──▶ replaced   a newer link has been sent
  (the mail was        └──cancelled─▶ cancelled  address changed, account shut, password changed elsewhere
   not taken)

Time is no state: a link that is live after `expires_at` is simply too late. Between `spent` and its end a link belongs
to one attempt; when that dies or its answer is lost, a job asks Keycloak what became of the password and finishes it
either way, three quarters of a minute after it was spent.
"""

from enum import StrEnum

__all__ = ["TRANSITIONS", "USABLE", "LinkAct", "LinkState", "Outcome", "after"]


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
    REPLACED = "replaced"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
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
    (LinkState.SPENDING, LinkAct.REPLACED): LinkState.REPLACED,
}
"""Everything not listed cannot happen."""

USABLE = (LinkState.SENDING, LinkState.LIVE)
"""Where a link can be spent."""


def after(state: LinkState, act: LinkAct) -> LinkState:
    """Say where a link stands after the act; raises ValueError when it cannot happen there.

    >>> after(LinkState.LIVE, LinkAct.SPENT)
    <LinkState.SPENDING: 'spending'>
    >>> after(LinkState.REDEEMED, LinkAct.SPENT)
    Traceback (most recent call last):
    ...
    ValueError: a link that is redeemed cannot be spent
    """
    try:
        return TRANSITIONS[state, act]
    except KeyError:
        raise ValueError(f"a link that is {state} cannot be {act}") from None
