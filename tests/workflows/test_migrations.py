"""The migrations lead where the models are, there and back, and two nodes may start at once."""

import threading
from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

import workflows
from iam.base import Base
from workflows import database

_ROOT = Path(workflows.__file__).parents[1]
_BESIDE = ("workflows.evidence.trust", "workflows.staff", "iam.audit")  # tables that stand beside what they are for


@pytest.fixture(scope="module", autouse=True)
def _models() -> None:
    files = [file for package in ("iam", "workflows") for file in (_ROOT / package).rglob("models.py")]
    for module in (*(".".join(file.relative_to(_ROOT).with_suffix("").parts) for file in files), *_BESIDE):
        import_module(module)


def test_tables_columns_and_keys_are_those_of_the_models(database_url: str) -> None:
    engine = database.engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, _parents: (
                    kind != "table" or not (name or "").startswith(("procrastinate_", "alembic_"))
                ),
            },
        )
        differences = compare_metadata(context, Base.metadata)
    engine.dispose()
    assert [one for one in differences if not _stands_in_migrations_alone(one)] == []


def _stands_in_migrations_alone(difference: object) -> bool:
    """Indexes serve queries, not models; and iam's models cannot name the tables of workflows their keys lead to."""
    return isinstance(difference, tuple) and str(difference[0]) in {"remove_index", "add_index", "remove_fk"}


def test_two_nodes_that_start_at_once_migrate_one_after_the_other(empty_database_url: str) -> None:
    faults: list[Exception] = []

    def migrate() -> None:
        try:
            database.migrate(empty_database_url)
        except Exception as fault:  # noqa: BLE001 - shown by the assertion below
            faults.append(fault)

    nodes = [threading.Thread(target=migrate) for _ in range(2)]
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
        database.migrate(empty_database_url)
    with database.transaction(database.session_factory(engine)) as session:
        assert database.revision(session) is None
        assert session.scalar(text("SELECT to_regclass('people')")) is None
    engine.dispose()
