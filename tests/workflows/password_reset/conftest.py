"""People who lost their password, with a real Keycloak, a real mail server and a real database behind them."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from builders.iam.register import BY_REVIEWER, person
from demo.servers import GreenMail, Keycloak, KeycloakAdmin
from demo.servers.greenmail import Letter
from iam.grants import service as grants
from iam.grants.models import Account
from iam.keycloak.client import KeycloakClient
from iam.keycloak.projection import project
from tests.workflows.web.site import Site, running
from workflows import database
from workflows.jobs import Drained, Tools, drain
from workflows.keycloak import open_door
from workflows.password_reset.service import ask
from workflows.settings import Settings

SECRET = "a secret of tests, long enough to sign forms with"
PASSWORD = "viens garš teikums 77"
NEW_PASSWORD = "pavisam cits teikums 78"

_SURNAMES = (f"Egle{'abcdefghij'[number // 10 % 10]}{'abcdefghij'[number % 10]}" for number in count())


@dataclass(frozen=True)
class Office:
    """The service as a person who lost a password meets it, without its pages."""

    settings: Settings
    sessions: sessionmaker[Session]
    door: KeycloakClient
    admin: KeycloakAdmin
    post: GreenMail

    def told(self, **otherwise: object) -> "Office":
        """The same office with other settings."""
        return replace(self, settings=self.settings.model_copy(update=otherwise))

    def ask(self, typed: str, *, network: str = "192.0.2.0/24", at: datetime | None = None) -> None:
        at = at or datetime.now(UTC)
        with self.sessions.begin() as session:
            ask(session, typed=typed, network=network, language="lv", at=at)

    def work(self, *, door: KeycloakClient | None = None) -> Drained:
        with Tools(self.settings) as tools:
            tools.put(open_door, door or self.door)
            # In a thread of its own: a browser of the session keeps an event loop running in this one.
            with ThreadPoolExecutor(1) as thread:
                return thread.submit(drain, self.settings, tools=tools).result()

    def at_once(self) -> None:
        """Let what waits for its next attempt be due now: nobody sits through the pause."""
        with self.sessions.begin() as session:
            session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'"))

    def link_mails(self, account: Account) -> tuple[Letter, ...]:
        return tuple(one for one in self.post.letters(account.email) if "#" in one.text)

    def link(self, account: Account) -> str:
        """Ask for a link, and give the secret of the newest mail."""
        self.ask(account.username)
        self.work()
        return secret_of(self.link_mails(account)[-1])


def secret_of(letter: Letter) -> str:
    return letter.text.partition("#")[2].split()[0]


def code_of(letter: Letter) -> str:
    return letter.text.split("Kods: ", 1)[1].split()[0]


@pytest.fixture
def settings(database_url: str, keycloak: Keycloak, greenmail: GreenMail, base_url: str) -> Settings:
    return Settings.model_validate(
        {
            "database_url": database_url,
            "base_url": base_url,
            "secret_key": SECRET,
            "keycloak_url": keycloak.url,
            "keycloak_client_secret": keycloak.secrets.service_secret,
            "smtp_host": greenmail.host,
            "smtp_port": greenmail.smtp_port,
            "mail_from": "viis@izm.example",
        }
    )


@pytest.fixture
def sessions(database_url: str) -> Iterator[sessionmaker[Session]]:
    engine = database.engine(database_url, pool_size=20)
    yield database.session_factory(engine)
    engine.dispose()


@pytest.fixture
def office(
    settings: Settings, sessions: sessionmaker[Session], keycloak_admin: KeycloakAdmin, greenmail: GreenMail
) -> Iterator[Office]:
    with open_door(settings) as door:
        yield Office(settings, sessions, door, keycloak_admin, greenmail)


@pytest.fixture
def hire(office: Office) -> Callable[..., Account]:
    """Open accounts that Keycloak knows, with names nobody else has: the server is shared by the tests."""

    def hired(*, password: str | None = None, language: str = "lv") -> Account:
        surname = next(_SURNAMES)
        at = datetime.now(UTC) - timedelta(days=1)
        with office.sessions.begin() as session:
            account = grants.open_account(
                session,
                person=person(session, f"Anna {surname}"),
                email=f"anna.{surname.lower()}@skola.example",
                phone="",
                language=language,
                because=None,
                origin=BY_REVIEWER,
                at=at,
            )
            project(session, office.door, account.id, at)
        if password is not None:
            office.admin.set_password(account.username, password)
        return account

    return hired


@pytest.fixture
def anna(hire: Callable[..., Account]) -> Account:
    """Somebody with a password."""
    return hire(password=PASSWORD)


@pytest.fixture
def site(office: Office) -> Iterator[Site]:
    with running(office.settings.model_copy(update={"web_port": 0})) as up:
        yield up


@pytest.fixture
def visitor(site: Site) -> Iterator[httpx.Client]:
    with site.visitor() as browser:
        yield browser
