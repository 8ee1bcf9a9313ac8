"""A desk that is asked to restore rights: the demo's two users, a real database and mail server, no Keycloak."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.restoring import Desk, opened
from demo.servers import GreenMail
from workflows import database
from workflows.settings import Settings


@pytest.fixture
def sessions(database_url: str) -> Iterator[sessionmaker[Session]]:
    engine = database.engine(database_url, pool_size=20)
    yield database.session_factory(engine)
    engine.dispose()


@pytest.fixture
def desk(database_url: str, sessions: sessionmaker[Session], greenmail: GreenMail) -> Desk:
    settings = Settings.model_validate(
        {
            "database_url": database_url,
            "base_url": "https://viis.test",
            "secret_key": "a secret of tests, long enough to sign forms with",
            "smtp_host": greenmail.host,
            "smtp_port": greenmail.smtp_port,
            "keycloak_url": "http://127.0.0.1:9",  # nobody answers there: the projection waits
        }
    )
    return opened(settings, sessions, greenmail)
