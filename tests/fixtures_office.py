"""The office for tests of applications and of their pages: a furnished database, a warm judge, real signatures.

A folder whose stories need the register and the trusted lists makes its `database_url` a copy of `furnished`.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from urllib.request import urlopen

import pytest
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office
from demo.pki import Server
from demo.servers import Postgres
from iam.audit import Actor, ActorKind, Door, Origin
from iam.institutions.register import import_institutions
from signing import TrustState
from workflows import database
from workflows.evidence.judging import Judge, open_judge
from workflows.evidence.refresh import load_pinned, refresh
from workflows.jobs import Tools
from workflows.settings import Settings


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    """The real judge, kept warm for the session as a worker keeps it."""
    with Judge(seconds=20, memory_mb=192, size=2) as made:
        yield made


@pytest.fixture
def sessions(database_url: str) -> Iterator[sessionmaker[Session]]:
    """Sessions on the test's own database."""
    engine = database.engine(database_url)
    yield database.session_factory(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def furnished(postgres: Postgres, migrated_template: str, running_pki_server: Server) -> str:
    """The name of a database with the invented register imported and the demo's trusted lists in force."""
    name = "furnished"
    furnish(postgres.create(name, template=migrated_template), running_pki_server)
    return name


def furnish(url: str, server: Server) -> None:
    """Import the invented register into the migrated database at `url`, and put the demo's trusted lists in force."""
    now = datetime.now(UTC)
    engine = database.engine(url)
    sessions = database.session_factory(engine)
    with sessions.begin() as session:
        register = Path(str(files("demo") / "data" / "institutions.csv"))
        origin = Origin(Actor(ActorKind.SYSTEM, "test"), Door.CLI)
        import_institutions(session, register, origin=origin, at=now)
    signers = load_pinned(server.built.folder / "lotl-signers.pem")
    store = refresh(sessions, url=server.lotl_url, signers=signers, fetch=_get, at=now)
    assert store.state(now) is TrustState.FRESH
    engine.dispose()


@pytest.fixture
def office(settings: Settings, sessions: sessionmaker[Session], judge: Judge, pki_server: Server) -> Iterator[Office]:
    """The service on real parts: a register, trusted lists, a judge; Keycloak out of reach."""
    with Tools(settings) as tools:
        tools.put(open_judge, judge)
        yield Office(settings, sessions, tools, pki_server.built, datetime.now(UTC))


def _get(url: str) -> bytes:
    with urlopen(url, timeout=10) as answer:  # noqa: S310 - the demo's own server
        return bytes(answer.read())
