"""A judge, a database and trusted lists for the stories about evidence."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
from sqlalchemy.orm import Session, sessionmaker

from demo.pki import Server
from signing import TrustState
from signing.online.client import Client
from signing.pki.certificates import Certificate
from signing.trust import TrustStore
from workflows import database
from workflows.clock import now
from workflows.evidence.judging import Judge
from workflows.evidence.refresh import load_pinned, refresh
from workflows.evidence.trust import TrustPlace, current_trust, places


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    """The real judge, kept warm for the session as a worker keeps it."""
    with Judge(seconds=20, memory_mb=192) as made:
        yield made


@pytest.fixture
def sessions(database_url: str) -> Iterator[sessionmaker[Session]]:
    """Sessions on the test's own database."""
    engine = database.engine(database_url)
    yield database.session_factory(engine)
    engine.dispose()


@dataclass(frozen=True)
class Lists:
    """The demo's trusted lists, served over HTTP, and a moment at which they are fresh."""

    sessions: sessionmaker[Session]
    url: str
    signers: tuple[Certificate, ...]
    at: datetime

    def refresh(self, *, at: datetime | None = None) -> TrustStore:
        """Do what the periodic job does."""
        fetch = Client(private_allowed=("127.0.0.1",)).get
        return refresh(self.sessions, url=self.url, signers=self.signers, fetch=fetch, at=at or self.at)

    def state(self, *, at: datetime | None = None) -> TrustState:
        """How the trust in force stands."""
        with self.sessions() as session:
            return current_trust(session).state(at or self.at)

    def places(self) -> tuple[TrustPlace, ...]:
        """How each list stands."""
        with self.sessions() as session:
            return places(session)


@pytest.fixture
def lists(sessions: sessionmaker[Session], pki_server: Server) -> Lists:
    """Lists not yet fetched."""
    pinned = load_pinned(pki_server.built.folder / "lotl-signers.pem")
    return Lists(sessions, pki_server.lotl_url, pinned, now())
