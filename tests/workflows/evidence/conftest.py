"""A judge and a database for the stories about evidence."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session, sessionmaker

from workflows import database
from workflows.evidence.judging import Judge


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
