"""What tests of pages lean on: the site itself on real parts, and somebody of staff who is signed in."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy.orm import Session, sessionmaker

from demo.parts import GreenMail
from iam.audit import Actor, ActorKind, Door
from tests.workflows.application.conftest import judge, office, register, sessions
from tests.workflows.web.site import SECRET, Site, running
from workflows import clock, staff
from workflows.settings import Settings
from workflows.staff import Role
from workflows.web import _sessions
from workflows.web._oidc import IdToken

__all__ = ["judge", "office", "register", "sessions"]

SignIn = Callable[..., httpx.Client]


@pytest.fixture
def settings(database_url: str, mail_server: GreenMail) -> Settings:
    """The demonstration's settings, on the test's own database."""
    return Settings.model_validate(
        {
            "database_url": database_url,
            "web_port": 0,
            "secret_key": SECRET,
            "demo": True,
            "smtp_host": "127.0.0.1",
            "smtp_port": mail_server.smtp_port,
            "private_addresses_allowed": ("127.0.0.1",),
            "keycloak_url": "http://127.0.0.1:9",  # nobody answers there: stories that need Keycloak say so
        }
    )


@pytest.fixture
def site(settings: Settings) -> Iterator[Site]:
    """The web process, running."""
    with running(settings) as up:
        yield up


@pytest.fixture
def sign_in(site: Site, sessions: sessionmaker[Session]) -> Iterator[SignIn]:
    """Make a browser in which a member of staff is signed in, without Keycloak: `sign_in("inese.kalna")`."""
    opened: list[httpx.Client] = []

    def signed_in(username: str = "inese.kalna", name: str = "Inese Kalna", *roles: Role) -> httpx.Client:
        token = session_of(sessions, username, name, *roles)
        visitor = site.visitor()
        visitor.cookies.set("viis-session", token)
        opened.append(visitor)
        return visitor

    yield signed_in
    for visitor in opened:
        visitor.close()


def session_of(sessions: sessionmaker[Session], username: str, name: str, *roles: Role) -> str:
    """Open a session for a member of staff and return its token."""
    at = datetime.now(UTC)
    with sessions.begin() as session:
        staff.add(
            session,
            username,
            name=name,
            roles=roles or (Role.REVIEWER,),
            by=Actor(ActorKind.SYSTEM, "test"),
            door=Door.CLI,
            at=at,
        )
        identity = IdToken(f"subject of {username}", f"session of {username}", username, "refresh")
        return _sessions.open_session(session, identity, at=clock.now())
