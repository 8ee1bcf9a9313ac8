"""What do the tests lean on? Real servers, started once a session; every test gets its own database."""

import shutil
import tempfile
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from demo.parts.postgres import Postgres

_TEMPLATE = "migrated"
_numbers = count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One real PostgreSQL for the whole session, forgetful for speed."""
    folder = Path(tempfile.mkdtemp(prefix="viis-tests-"))
    try:
        with Postgres(folder, durable=False) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_template(postgres: Postgres) -> str:
    """The name of a database that went through every migration once; tests get copies of it."""
    url = postgres.create(_TEMPLATE)
    if find_spec("workflows.database") is not None:
        import_module("workflows.database").migrate(url)
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
