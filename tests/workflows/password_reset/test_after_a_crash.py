"""PostgreSQL is killed: what was used once is not good a second time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy.orm import sessionmaker

from demo.servers import Postgres
from workflows import database
from workflows.migrating import migrate
from workflows.password_reset.codes import Answered, Seals, answer, spend_once

_numbers = count(1)


@pytest.fixture
def server(servers_folder: Path) -> Iterator[Postgres]:
    """A PostgreSQL of this test's own, durable as in earnest."""
    with Postgres(servers_folder / f"crashed-{next(_numbers)}") as up:
        yield up


def test_a_code_and_a_calculation_that_were_used_stay_used_when_the_database_is_killed(server: Postgres) -> None:
    url = server.create("viis")
    migrate(url)
    at = datetime.now(UTC)
    until = at + timedelta(minutes=10)
    seals = Seals(b"a test's own key")
    used, missed = (seals.open(seals.seal("ABCDEH", "visit", until=until), "visit") for _ in range(2))
    engine = database.engine(url)
    with sessionmaker(engine).begin() as session:
        assert answer(session, used, "ABCDEH", tries=3, at=at) is Answered.RIGHT
        assert spend_once(session, "a calculation", until=until)
        for _ in range(3):
            answer(session, missed, "XXXXXX", tries=3, at=at)
    engine.dispose()
    server.kill()
    server.start()
    engine = database.engine(url)
    with sessionmaker(engine).begin() as session:
        assert answer(session, used, "ABCDEH", tries=3, at=at) is Answered.OVER
        assert answer(session, missed, "ABCDEH", tries=3, at=at) is Answered.OVER, "its tries are used up"
        assert not spend_once(session, "a calculation", until=until)
    engine.dispose()
