"""What signing in needs of one web process: settings, database, cookies, tokens of forms, and Keycloak's endpoints."""

from dataclasses import dataclass
from functools import cached_property
from typing import cast

from sqlalchemy.orm import Session, sessionmaker
from starlette.requests import Request

from workflows.settings import Settings
from workflows.web.http.cookies import Cookies
from workflows.web.http.csrf import Csrf
from workflows.web.http.upstream import Upstream
from workflows.web.identity.bearer import Bearer
from workflows.web.identity.oidc import Realm
from workflows.web.identity.session_checks import SessionChecks

__all__ = ["IdentityServices", "services_of"]


@dataclass(frozen=True)
class IdentityServices:
    """Made once a process, each part at its first use; `workflows.web.site.Site` adds what pages need."""

    settings: Settings
    sessions: sessionmaker[Session]

    @cached_property
    def cookies(self) -> Cookies:
        """The names and flags of cookies here."""
        return Cookies(https=self.settings.base_url.startswith("https://"))

    @cached_property
    def csrf(self) -> Csrf:
        """The makers and checkers of forms' tokens."""
        return Csrf(self.settings.secret_key.get_secret_value().encode(), self.cookies)

    @cached_property
    def upstream(self) -> Upstream:
        """The bound on how much of this process waits for Keycloak."""
        return Upstream()

    @cached_property
    def realm(self) -> Realm:
        """The Keycloak realm people sign in at."""
        return Realm(self.settings, upstream=self.upstream)

    @cached_property
    def bearer(self) -> Bearer:
        """The checker of other systems' tokens."""
        return Bearer(self.settings)

    @cached_property
    def session_checks(self) -> SessionChecks:
        """The state of sessions at Keycloak, as far as this process knows it."""
        return SessionChecks()

    def close(self) -> None:
        """Close connections and threads, of the parts that were used."""
        for name in ("upstream", "session_checks", "realm"):
            if name in self.__dict__:
                self.__dict__[name].close()


def services_of(request: Request) -> IdentityServices:
    """Return the services of the process that answers the request."""
    return cast("IdentityServices", request.app.state.site)
