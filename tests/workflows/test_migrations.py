"""Two nodes may start at once, and a migration that fails leaves nothing behind."""

import threading

import pytest
from sqlalchemy import text

from workflows import database
from workflows.migrating import migrate


def test_two_nodes_that_start_at_once_migrate_one_after_the_other(empty_database_url: str) -> None:
    faults: list[Exception] = []

    def start() -> None:
        try:
            migrate(empty_database_url)
        except Exception as fault:  # noqa: BLE001 - shown by the assertion below
            faults.append(fault)

    nodes = [threading.Thread(target=start) for _ in range(2)]
    for node in nodes:
        node.start()
    for node in nodes:
        node.join()
    assert faults == []
    engine = database.engine(empty_database_url)
    with database.transaction(database.session_factory(engine)) as session:
        assert database.revision(session) == database.head()
    engine.dispose()


def test_a_migration_that_fails_half_way_leaves_nothing(empty_database_url: str) -> None:
    engine = database.engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE mails (in_the_way int)"))  # 0002 will stumble over it
    with pytest.raises(Exception, match="already exists"):
        migrate(empty_database_url)
    with database.transaction(database.session_factory(engine)) as session:
        assert database.revision(session) is None
        assert session.scalar(text("SELECT to_regclass('people')")) is None
    engine.dispose()
