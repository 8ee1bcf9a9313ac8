"""What does the realm ask of names and addresses, as this process last heard?"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from iam.errors import KeycloakTrouble
from iam.keycloak.profile import DEFAULT, UserProfile
from workflows.web.http.upstream import UpstreamUnavailableError

__all__ = ["KnownProfile"]

_KEPT = timedelta(minutes=1)

log = logging.getLogger(__name__)


class KnownProfile:
    """The realm's user profile, asked for anew once a minute.

    Nobody's form waits for a Keycloak that is away: what was heard last holds, and before that a new realm's profile.
    """

    def __init__(self, ask: Callable[[], UserProfile]) -> None:
        self._ask = ask
        # One value, so that threads need no lock: at worst two of them ask.
        self._known: tuple[datetime, UserProfile] | None = None

    def at(self, at: datetime) -> UserProfile:
        """Return the profile; never raises for a Keycloak that does not answer."""
        known = self._known
        if known is not None and known[0] <= at < known[0] + _KEPT:
            return known[1]
        heard = DEFAULT if known is None else known[1]
        try:
            heard = self._ask()
        except (KeycloakTrouble, UpstreamUnavailableError, ValueError) as away:
            log.warning("the user profile was not read: %s", away)
        self._known = (at, heard)
        return heard
