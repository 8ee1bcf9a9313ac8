"""What tests of pages lean on: the site itself on real parts, and somebody of staff who is signed in."""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import httpx
import pytest
import structlog
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from demo.servers import GreenMail, Keycloak, KeycloakAdmin, Postgres
from iam.audit import Actor, ActorKind, Door
from iam.institutions.service import municipalities
from tests.workflows.web.site import METRICS_TOKEN, SECRET, Site, running
from workflows import clock, staff
from workflows.settings import Settings
from workflows.staff import Role
from workflows.web.identity import sessions as _sessions
from workflows.web.identity.models import WebSession
from workflows.web.identity.oidc import IdToken

SignIn = Callable[..., httpx.Client]


_numbers = count(1)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Requests are not worth a line each here; what goes wrong still is."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    yield
    structlog.configure(**before)


@pytest.fixture
def database_url(postgres: Postgres, furnished: str) -> Iterator[str]:
    """A database of this test's own with the invented register and the trusted lists."""
    name = f"web_{next(_numbers)}"
    yield postgres.create(name, template=furnished)
    postgres.drop(name)


@pytest.fixture
def settings(database_url: str, mail_server: GreenMail) -> Settings:
    """The demonstration's settings, on the test's own database."""
    return Settings.model_validate(
        {
            "database_url": database_url,
            "web_port": 0,
            "secret_key": SECRET,
            "metrics_token": METRICS_TOKEN,
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
def real_site(
    settings: Settings, keycloak: Keycloak, keycloak_admin: KeycloakAdmin, web_port: int, base_url: str
) -> Iterator[Site]:
    """The site with the real Keycloak behind it."""
    keycloak_admin.move_pages(base_url)
    real = {
        **settings.model_dump(),
        "keycloak_url": keycloak.url,
        "oidc_client_secret": keycloak.secrets.staff_secret,
        "base_url": base_url,
        "web_port": web_port,
        "secret_key": SECRET,
    }
    with running(Settings.model_validate(real)) as up:
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


@pytest.fixture
def expire(sessions: sessionmaker[Session]) -> Callable[[], None]:
    """Let everybody have been idle for longer than a session lasts."""

    def idle() -> None:
        ago = datetime.now(UTC) - timedelta(minutes=31)
        with sessions.begin() as session:
            session.execute(update(WebSession).values(created_at=ago, seen_at=ago))

    return idle


def session_of(sessions: sessionmaker[Session], username: str, name: str, *roles: Role) -> str:
    """Open a session for a member of staff and return its token."""
    at = datetime.now(UTC)
    with sessions.begin() as session:
        town = municipalities(session)[0].id if Role.CONSULTANT in roles else None
        staff.add(
            session,
            username,
            name=name,
            roles=roles or (Role.REVIEWER,),
            municipality_id=town,
            by=Actor(ActorKind.SYSTEM, "test"),
            door=Door.CLI,
            at=at,
        )
        identity = IdToken(f"subject of {username}", f"session of {username}", username, "refresh")
        return _sessions.open_session(session, identity, at=clock.now())
