"""Who may open which page, by which method? The checks of the routes read this table, and a test walks it.

The first door only: what somebody reads behind it is narrowed by their `Principal.sees`, and what they may do to a
thing is asked of the process that does it.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from workflows.principal import Principal
from workflows.staff import Role

__all__ = ["ACCOUNT_HOLDER", "TABLE", "Open", "allowed", "callers", "may_open_a_page"]

ACCOUNT_HOLDER: Final = "account_holder"
"""Stands beside the roles of staff: whoever holds an account with rights."""


class Open(Enum):
    """What opens a route that no role opens."""

    TO_ANYBODY = "anybody"
    BY_LINK = "whoever holds the secret of a link"  # in the address or a cookie; the page checks it
    BY_BEARER = "another system, by its access token"  # checked by the route
    BY_SIGNATURE = "Keycloak, by its signature"


_STAFF: Final[frozenset[str]] = frozenset(Role)
_READERS: Final[frozenset[str]] = frozenset({Role.REVIEWER, Role.APPROVER, Role.AUDITOR})
_REVIEWER: Final[frozenset[str]] = frozenset({Role.REVIEWER})
_HELPERS: Final[frozenset[str]] = frozenset({Role.REVIEWER, Role.APPROVER})

TABLE: Final[Mapping[tuple[str, str], Open | frozenset[str]]] = {
    # The service itself
    ("GET", "/"): Open.TO_ANYBODY,
    ("GET", "/help"): Open.TO_ANYBODY,
    ("GET", "/support"): Open.TO_ANYBODY,
    ("GET", "/accessibility"): Open.TO_ANYBODY,
    ("GET", "/privacy"): Open.TO_ANYBODY,
    ("GET", "/cookies"): Open.TO_ANYBODY,
    ("GET", "/forms/{kind}.pdf"): Open.TO_ANYBODY,
    ("GET", "/health/live"): Open.TO_ANYBODY,
    ("GET", "/health/ready"): Open.TO_ANYBODY,
    ("GET", "/metrics"): Open.BY_BEARER,
    # Applying, following, checking a file
    ("GET", "/apply"): Open.TO_ANYBODY,
    ("POST", "/apply"): Open.TO_ANYBODY,
    ("GET", "/apply/{token}"): Open.BY_LINK,
    ("POST", "/apply/{token}"): Open.BY_LINK,
    ("GET", "/apply/{token}/check"): Open.BY_LINK,
    ("GET", "/apply/{token}/done"): Open.BY_LINK,
    ("GET", "/apply/{token}/institution"): Open.BY_LINK,
    ("GET", "/apply/{token}/{group}"): Open.BY_LINK,
    ("POST", "/apply/{token}/{group}"): Open.BY_LINK,
    ("GET", "/track"): Open.TO_ANYBODY,
    ("POST", "/track"): Open.TO_ANYBODY,
    ("GET", "/track/{reference}"): Open.BY_LINK,
    ("POST", "/track/{reference}/link"): Open.TO_ANYBODY,
    ("GET", "/track/{reference}/{part}.pdf"): Open.BY_LINK,
    ("POST", "/track/{reference}/upload"): Open.BY_LINK,
    ("GET", "/verify"): Open.TO_ANYBODY,
    ("POST", "/verify"): Open.TO_ANYBODY,
    ("GET", "/verify/{token}"): Open.BY_LINK,
    # Signing in and out
    ("GET", "/login"): Open.TO_ANYBODY,
    ("GET", "/login/again"): Open.TO_ANYBODY,
    ("GET", "/login/return"): Open.TO_ANYBODY,
    ("POST", "/logout"): Open.TO_ANYBODY,
    ("POST", "/logout/backchannel"): Open.BY_SIGNATURE,
    ("POST", "/session/extend"): _STAFF,
    # A lost password
    ("GET", "/reset"): Open.TO_ANYBODY,
    ("POST", "/reset"): Open.TO_ANYBODY,
    ("GET", "/reset/sent"): Open.TO_ANYBODY,
    ("GET", "/reset/code/{token}.png"): Open.BY_LINK,
    ("GET", "/reset/code/{token}.wav"): Open.BY_LINK,
    ("GET", "/reset/work"): Open.TO_ANYBODY,
    ("GET", "/reset/new"): Open.TO_ANYBODY,
    ("POST", "/reset/new"): Open.BY_LINK,
    ("GET", "/reset/new/password"): Open.BY_LINK,
    ("POST", "/reset/new/password"): Open.BY_LINK,
    ("GET", "/reset/done"): Open.TO_ANYBODY,
    ("GET", "/people/{username}/password"): _HELPERS,
    ("POST", "/people/{username}/password"): _HELPERS,
    # Deciding
    ("GET", "/review"): _READERS,
    ("GET", "/review.csv"): _READERS,
    ("POST", "/review/next"): _REVIEWER,
    ("GET", "/review/{reference}"): _READERS,
    ("POST", "/review/{reference}/claim"): _REVIEWER,
    ("POST", "/review/{reference}/release"): _REVIEWER,
    ("POST", "/review/{reference}/reveal"): _REVIEWER,
    ("POST", "/review/{reference}/confirm"): _REVIEWER,
    ("POST", "/review/{reference}/decide"): _REVIEWER,
    ("GET", "/review/{reference}/pages/{sha256}/{number}.png"): _READERS,
    ("GET", "/review/{reference}/files/{number}"): _READERS,
    ("GET", "/review/{reference}/compare/{number}"): _READERS,
    ("POST", "/review/{reference}/compare/{number}/confirm"): _REVIEWER,
    # Who holds what
    ("GET", "/people"): _READERS,
    ("POST", "/people"): _READERS,
    ("GET", "/people/{username}"): _READERS,
    ("GET", "/people/{username}/end/{grant}"): _REVIEWER,
    ("POST", "/people/{username}/end/{grant}"): _REVIEWER,
    ("GET", "/grants"): _READERS,
    # Other systems
    ("POST", "/validate"): Open.BY_BEARER,
    ("POST", "/getDataFiles"): Open.BY_BEARER,
    ("POST", "/validateHashcode"): Open.TO_ANYBODY,
    ("OPTIONS", "/validate"): Open.TO_ANYBODY,
    ("OPTIONS", "/getDataFiles"): Open.TO_ANYBODY,
    ("OPTIONS", "/validateHashcode"): Open.TO_ANYBODY,
    ("GET", "/monitoring/health"): Open.TO_ANYBODY,
    ("GET", "/monitoring/health/readiness"): Open.TO_ANYBODY,
    ("GET", "/monitoring/health/liveness"): Open.TO_ANYBODY,
    ("GET", "/monitoring/heartbeat"): Open.TO_ANYBODY,
    ("GET", "/monitoring/version"): Open.TO_ANYBODY,
}


def callers(principal: Principal) -> frozenset[str]:
    """Return the words of the table that fit somebody who has signed in."""
    holder = frozenset() if principal.account_id is None else frozenset({ACCOUNT_HOLDER})
    return holder | frozenset(principal.roles)


def allowed(principal: Principal, method: str, path: str) -> bool:
    """Say whether the route, by its pattern, is one for them. Raises LookupError for one that no role opens."""
    who = TABLE[method, path]
    if not isinstance(who, Open):
        return bool(who & callers(principal))
    raise LookupError(f"{method} {path} asks for no role")


def may_open_a_page(principal: Principal) -> bool:
    """Say whether any page asks for what they are: nobody else is given a session."""
    known = callers(principal)
    return any(who & known for who in TABLE.values() if not isinstance(who, Open))
