"""Who may open which page, by which method? The checks of the routes read this table, and a test walks it.

The first door only: what somebody reads behind it is narrowed by their `Principal.sees`, and what they may do to a
thing is asked of the process that does it.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from workflows.principal import Principal
from workflows.staff import Role

__all__ = [
    "ACCOUNT_HOLDER",
    "AS_THEY_CAME",
    "TABLE",
    "WithoutRole",
    "allowed",
    "callers",
    "home_of",
    "may_open_a_page",
    "sees_files",
]

ACCOUNT_HOLDER: Final = "account_holder"
"""Stands beside the roles of staff: whoever holds an account with rights."""


class WithoutRole(Enum):
    """Who may open a route that asks for no role."""

    ANYBODY = "anybody"
    LINK = "whoever holds the secret of a link"  # in the address or a cookie; the page checks it
    BEARER = "another system, by its access token"  # checked by the route
    SIGNATURE = "Keycloak, by its signature"


_STAFF: Final[frozenset[str]] = frozenset(Role)
_ANY_ROLE: Final[frozenset[str]] = _STAFF | {ACCOUNT_HOLDER}
_HOLDER: Final[frozenset[str]] = frozenset({ACCOUNT_HOLDER})
_READERS: Final[frozenset[str]] = frozenset({Role.REVIEWER, Role.APPROVER, Role.AUDITOR})
_REVIEWER: Final[frozenset[str]] = frozenset({Role.REVIEWER})
_APPROVER: Final[frozenset[str]] = frozenset({Role.APPROVER})
_HELPERS: Final[frozenset[str]] = frozenset({Role.REVIEWER, Role.APPROVER})

TABLE: Final[Mapping[tuple[str, str], WithoutRole | frozenset[str]]] = {
    # The service itself
    ("GET", "/"): WithoutRole.ANYBODY,
    ("GET", "/help"): WithoutRole.ANYBODY,
    ("GET", "/support"): WithoutRole.ANYBODY,
    ("GET", "/accessibility"): WithoutRole.ANYBODY,
    ("GET", "/privacy"): WithoutRole.ANYBODY,
    ("GET", "/cookies"): WithoutRole.ANYBODY,
    ("GET", "/forms/{name}.pdf"): WithoutRole.ANYBODY,
    ("GET", "/robots.txt"): WithoutRole.ANYBODY,
    ("GET", "/favicon.ico"): WithoutRole.ANYBODY,
    ("GET", "/.well-known/security.txt"): WithoutRole.ANYBODY,
    ("GET", "/health/live"): WithoutRole.ANYBODY,
    ("GET", "/health/ready"): WithoutRole.ANYBODY,
    ("GET", "/metrics"): WithoutRole.BEARER,
    # Applying, following, checking a file
    ("POST", "/language"): WithoutRole.ANYBODY,
    ("GET", "/apply"): WithoutRole.ANYBODY,
    ("POST", "/apply"): WithoutRole.ANYBODY,
    ("GET", "/apply/{token}"): WithoutRole.LINK,
    ("POST", "/apply/{token}"): WithoutRole.LINK,
    ("GET", "/apply/{token}/check"): WithoutRole.LINK,
    ("GET", "/apply/{token}/done"): WithoutRole.LINK,
    ("GET", "/apply/{token}/mailbox"): WithoutRole.LINK,
    ("POST", "/apply/{token}/mailbox"): WithoutRole.LINK,
    ("GET", "/apply/{token}/{step}"): WithoutRole.LINK,
    ("POST", "/apply/{token}/{step}"): WithoutRole.LINK,
    ("GET", "/track"): WithoutRole.ANYBODY,
    ("POST", "/track"): WithoutRole.ANYBODY,
    ("GET", "/track/{reference}"): WithoutRole.LINK,
    ("POST", "/track/{reference}/link"): WithoutRole.ANYBODY,
    ("GET", "/track/{reference}/{part}.pdf"): WithoutRole.LINK,
    ("POST", "/track/{reference}/upload"): WithoutRole.LINK,
    ("POST", "/track/{reference}/answer"): WithoutRole.LINK,
    ("GET", "/verify"): WithoutRole.ANYBODY,
    ("POST", "/verify"): WithoutRole.ANYBODY,
    ("GET", "/verify/{token}/report.json"): WithoutRole.LINK,
    ("GET", "/verify/{token}/report.pdf"): WithoutRole.LINK,
    ("GET", "/verify/{token}"): WithoutRole.LINK,
    # Signing in and out
    ("GET", "/login"): WithoutRole.ANYBODY,
    ("GET", "/login/again"): WithoutRole.ANYBODY,
    ("GET", "/login/return"): WithoutRole.ANYBODY,
    ("POST", "/logout"): WithoutRole.ANYBODY,
    ("POST", "/logout/backchannel"): WithoutRole.SIGNATURE,
    ("POST", "/session/extend"): _ANY_ROLE,
    ("GET", "/home"): _STAFF,
    # One's own rights
    ("GET", "/my"): _HOLDER,
    # A lost password
    ("GET", "/reset"): WithoutRole.ANYBODY,
    ("POST", "/reset"): WithoutRole.ANYBODY,
    ("GET", "/reset/sent"): WithoutRole.ANYBODY,
    ("GET", "/reset/code/{token}.png"): WithoutRole.LINK,
    ("GET", "/reset/code/{token}.wav"): WithoutRole.LINK,
    ("GET", "/reset/work"): WithoutRole.ANYBODY,
    ("GET", "/reset/new"): WithoutRole.ANYBODY,
    ("POST", "/reset/again"): WithoutRole.LINK,
    ("POST", "/reset/new"): WithoutRole.LINK,
    ("GET", "/reset/new/password"): WithoutRole.LINK,
    ("POST", "/reset/new/password"): WithoutRole.LINK,
    ("GET", "/reset/done"): WithoutRole.ANYBODY,
    ("GET", "/people/{username}/password"): _HELPERS,
    ("POST", "/people/{username}/password"): _HELPERS,
    # Rights that a reform took
    ("GET", "/restore"): WithoutRole.ANYBODY,
    ("POST", "/restore"): WithoutRole.ANYBODY,
    ("GET", "/restore/sent"): WithoutRole.ANYBODY,
    ("GET", "/restore/confirm"): WithoutRole.LINK,
    ("POST", "/restore/confirm"): WithoutRole.LINK,
    ("GET", "/restore/confirmed"): WithoutRole.ANYBODY,
    ("GET", "/restorations"): _READERS,
    ("GET", "/restorations/{number}"): _READERS,
    ("POST", "/restorations/{number}/decide"): _REVIEWER,
    # Deciding
    ("GET", "/review"): _READERS,
    ("GET", "/review.csv"): _READERS,
    ("GET", "/review.xlsx"): _READERS,
    ("POST", "/review/next"): _REVIEWER,
    ("GET", "/review/{reference}"): _READERS,
    ("POST", "/review/{reference}/claim"): _REVIEWER,
    ("POST", "/review/{reference}/release"): _REVIEWER,
    ("POST", "/review/{reference}/hand-over"): _REVIEWER,
    ("POST", "/review/{reference}/note"): _HELPERS,
    ("POST", "/review/{reference}/reveal"): _REVIEWER,
    ("POST", "/review/{reference}/confirm"): _REVIEWER,
    ("POST", "/review/{reference}/decide"): _REVIEWER,
    ("GET", "/review/{reference}/pages/{sha256}/{number}.png"): _READERS,
    ("GET", "/review/{reference}/pages/{sha256}/{number}"): _READERS,
    ("GET", "/review/{reference}/files/{number}"): _HELPERS,
    ("GET", "/review/{reference}/files/{number}/report.json"): _READERS,
    ("GET", "/review/{reference}/files/{number}/report.pdf"): _READERS,
    ("GET", "/review/{reference}/compare/{number}"): _READERS,
    ("POST", "/review/{reference}/compare/{number}/confirm"): _REVIEWER,
    # Deciding by two people
    ("GET", "/proposals"): _READERS,
    ("GET", "/proposals/{number}"): _READERS,
    ("POST", "/proposals/{number}/decide"): _APPROVER,
    ("POST", "/proposals/{number}/withdraw"): _HELPERS,
    # Who holds what
    ("GET", "/people"): _READERS,
    ("POST", "/people"): _READERS,
    ("GET", "/people/{username}"): _READERS,
    ("GET", "/people/{username}/name"): _REVIEWER,
    ("POST", "/people/{username}/name"): _REVIEWER,
    ("GET", "/people/{username}/end"): _REVIEWER,
    ("GET", "/people/{username}/end/{grant}"): _REVIEWER,
    ("POST", "/people/{username}/end/{grant}"): _REVIEWER,
    ("GET", "/grants"): _READERS,
    # Orders about institutions
    ("GET", "/reorganise"): _READERS,
    ("POST", "/reorganise"): _REVIEWER,
    ("GET", "/reorganise/new"): _REVIEWER,
    ("POST", "/reorganise/new"): _REVIEWER,
    ("GET", "/reorganise/{ids}.csv"): _READERS,
    ("GET", "/reorganise/{ids}.xlsx"): _READERS,
    ("GET", "/reorganise/{ids}"): _READERS,
    ("GET", "/reorganise/{ids}/undo.csv"): _READERS,
    ("GET", "/reorganise/{ids}/undo.xlsx"): _READERS,
    ("GET", "/reorganise/{ids}/undo"): _READERS,
    ("POST", "/reorganise/{ids}/{act}"): _REVIEWER,
    ("GET", "/institutions"): _READERS,
    ("GET", "/institutions/{number}"): _READERS,
    # Other systems
    ("POST", "/validate"): WithoutRole.BEARER,
    ("POST", "/getDataFiles"): WithoutRole.BEARER,
    ("POST", "/validateHashcode"): WithoutRole.ANYBODY,
    ("OPTIONS", "/validate"): WithoutRole.ANYBODY,
    ("OPTIONS", "/getDataFiles"): WithoutRole.ANYBODY,
    ("OPTIONS", "/validateHashcode"): WithoutRole.ANYBODY,
    ("GET", "/monitoring/health"): WithoutRole.ANYBODY,
    ("GET", "/monitoring/health/readiness"): WithoutRole.ANYBODY,
    ("GET", "/monitoring/health/liveness"): WithoutRole.ANYBODY,
    ("GET", "/monitoring/heartbeat"): WithoutRole.ANYBODY,
    ("GET", "/monitoring/version"): WithoutRole.ANYBODY,
}


AS_THEY_CAME: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("GET", "/review/{reference}/pages/{sha256}/{number}.png"): _HELPERS,
    ("GET", "/review/{reference}/pages/{sha256}/{number}"): _HELPERS,
    ("GET", "/review/{reference}/files/{number}"): _HELPERS,
}
"""Who is shown by these routes a file as it came, which may show codes in full: who decides, alone or as the second.

On our own forms codes are covered: `TABLE` says who reads those.
"""


def callers(principal: Principal) -> frozenset[str]:
    """Return the words of the table that fit somebody who has signed in."""
    holder = frozenset() if principal.account_id is None else frozenset({ACCOUNT_HOLDER})
    return holder | frozenset(principal.roles)


def allowed(principal: Principal, method: str, path: str) -> bool:
    """Say whether the route, by its pattern, is one for them. Raises LookupError for one that no role opens."""
    who = TABLE[method, path]
    if not isinstance(who, WithoutRole):
        return bool(who & callers(principal))
    raise LookupError(f"{method} {path} asks for no role")


def sees_files(principal: Principal) -> bool:
    """Say whether they are shown files as they came (`AS_THEY_CAME`), unless the case is their own."""
    return any(who & callers(principal) for who in AS_THEY_CAME.values())


def home_of(principal: Principal) -> str:
    """Return the address where somebody begins who asked for no page: the queue, what their role may do, their rights.

    >>> from iam.visibility import NOTHING
    >>> home_of(Principal(username="a", name="A", roles=frozenset({Role.ADMINISTRATOR}), sees=NOTHING))
    '/home'
    """
    return next((page for page in ("/review", "/home", "/my") if allowed(principal, "GET", page)), "/")


def may_open_a_page(principal: Principal) -> bool:
    """Say whether any page asks for what they are: nobody else is given a session."""
    known = callers(principal)
    return any(who & known for who in TABLE.values() if not isinstance(who, WithoutRole))
