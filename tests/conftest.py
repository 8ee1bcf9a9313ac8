"""Which servers do tests run on? Real ones, started once a session; every test gets its own database."""

import imaplib
import os
import shutil
import smtplib
import socket
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from demo.servers import GreenMail, Keycloak, KeycloakAdmin, Postgres, free_port
from workflows.migrating import migrate

pytest_plugins = [
    "tests.collector",
    "tests.fixtures_browser",
    "tests.fixtures_office",
    "tests.fixtures_pki",
    "tests.not_run",
    "tests.statements",
]

_TEMPLATE = "migrated"
_MEMORY = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a folder of our own in it
_PREFIX = "viis-session-"
_PLENTY = 4 * 1024**3
_numbers = count(1)

# Each httpx client reads all certificate authorities of the system, which takes 20 ms of the processor. Tests speak
# plain HTTP to this machine alone, so an empty folder of authorities is enough, whatever the machine names.
os.environ.pop("SSL_CERT_FILE", None)
os.environ["SSL_CERT_DIR"] = str(Path(__file__).parent)


@pytest.fixture(scope="session")
def servers_folder() -> Iterator[Path]:
    """Where this session's servers write: in memory where there is plenty, with a short path for the sockets."""
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _PLENTY
    where = _MEMORY if roomy else Path(tempfile.gettempdir())
    for left in where.glob(f"{_PREFIX}*"):  # left by a session that was killed
        if not psutil.pid_exists(int(left.name.removeprefix(_PREFIX).partition("-")[0])):
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=where))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(servers_folder: Path) -> Iterator[Postgres]:
    """One real PostgreSQL for the whole session, which writes nothing durably, for speed."""
    with Postgres(servers_folder / "postgres", durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def web_port() -> int:
    """The port a test that starts the web door should use: the realm's login leads back to it."""
    return free_port()


@pytest.fixture(scope="session")
def base_url(web_port: int) -> str:
    """The address of our pages, as the realm knows it."""
    return f"http://127.0.0.1:{web_port}"


@pytest.fixture(scope="session")
def keycloak(servers_folder: Path, base_url: str) -> Iterator[Keycloak]:
    """One real Keycloak with our realm for the whole session; users are the test's own to name and make."""
    with Keycloak(servers_folder, base_url=base_url) as server:
        yield server


@pytest.fixture
def keycloak_admin(keycloak: Keycloak) -> Iterator[KeycloakAdmin]:
    """The realm's administrator, for arranging what a test needs."""
    with KeycloakAdmin(keycloak) as admin:
        yield admin


@pytest.fixture(scope="session")
def mail_server(servers_folder: Path) -> Iterator[GreenMail]:
    """One real mail server for the whole session; tests ask for `greenmail`, which is empty at their start."""
    with GreenMail(servers_folder) as server, pytest.MonkeyPatch.context() as patched:
        for client in (smtplib.SMTP, imaplib.IMAP4):
            patched.setattr(client, "send", _acknowledging(client.send))
        yield server


def _acknowledging(send: Callable[..., None]) -> Callable[..., None]:
    """Have what the server answers acknowledged at once.

    GreenMail sends an answer line by line and waits for each acknowledgement, which Linux puts off for 40 ms.
    """

    def sent(client: smtplib.SMTP | imaplib.IMAP4, data: object) -> None:
        send(client, data)
        if client.sock is not None:
            client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    return sent


@pytest.fixture
def greenmail(mail_server: GreenMail) -> GreenMail:
    """The mail server with empty mailboxes."""
    mail_server.purge()
    return mail_server


@pytest.fixture(scope="session")
def migrated_template(postgres: Postgres) -> str:
    """The name of a database that went through every migration once; tests get copies of it."""
    url = postgres.create(_TEMPLATE)
    migrate(url)
    return _TEMPLATE


@pytest.fixture
def database_url(postgres: Postgres, migrated_template: str) -> Iterator[str]:
    """A fresh migrated database of this test's own (`postgresql+psycopg://…`)."""
    name = f"test_{next(_numbers)}"
    yield postgres.create(name, template=migrated_template)
    postgres.drop(name)


@pytest.fixture
def empty_database_url(postgres: Postgres) -> Iterator[str]:
    """A fresh database without any table, for tests of the migrations themselves."""
    name = f"empty_{next(_numbers)}"
    yield postgres.create(name)
    postgres.drop(name)


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """A SQLAlchemy session on `database_url`; what the test does not commit is rolled back."""
    engine = create_engine(database_url, poolclass=NullPool)
    with Session(engine) as opened:
        yield opened
    engine.dispose()
