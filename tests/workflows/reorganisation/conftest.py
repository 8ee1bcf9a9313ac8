"""What stories of reorganisations begin with: an office, or the real register with ten thousand people, read only."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from builders.iam.populations import populate
from builders.iam.register import BY_REVIEWER
from builders.shared import SHARED
from demo.servers import Postgres
from iam.institutions.register import import_institutions
from tests.workflows.reorganisation.office import Office
from workflows import database

AT = datetime(2021, 5, 1, 8, tzinfo=UTC)


@pytest.fixture(scope="session")
def populated_template(postgres: Postgres, migrated_template: str) -> str:
    """The name of a database with the real register and 10,000 people with 15,000 rights; tests get copies of it."""
    url = postgres.create("reform", template=migrated_template)
    engine = create_engine(url, poolclass=NullPool)
    with Session(engine) as session, session.begin():
        import_institutions(session, SHARED / "data" / "institutions2020.csv", origin=BY_REVIEWER, at=AT)
        populate(session)
    engine.dispose()
    return "reform"


@pytest.fixture
def reform_url(postgres: Postgres, populated_template: str) -> Iterator[str]:
    """A copy of that database, of this test's own."""
    yield postgres.create("reform_copy", template=populated_template)
    postgres.drop("reform_copy")


@pytest.fixture
def reform(reform_url: str) -> Iterator[Session]:
    engine = create_engine(reform_url, poolclass=NullPool)
    with Session(engine) as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """Three invented schools, and the staff who plan, approve and carry out orders about them."""
    engine = database.engine(database_url)
    made = Office(database.session_factory(engine))
    made.open(tmp_path)
    yield made
    engine.dispose()
