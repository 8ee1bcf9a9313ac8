"""The numbers of before are carried over, and back again."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from workflows import database
from workflows.database import MIGRATIONS
from workflows.migrating import migrate


def test_what_somebody_set_is_carried_over_and_back(empty_database_url: str) -> None:
    migrate(empty_database_url, to="0012")
    engine = create_engine(database.sqlalchemy_url(empty_database_url), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO reset_policies SELECT '2026-09-01', 3, 500, 3000, 300, 30, 10, 3 FROM reset_policies")
        )
        connection.execute(text("UPDATE upload_policies SET kept = 40000"))
    migrate(empty_database_url, to="0013")
    with engine.begin() as connection:
        assert _values(connection, "reset_requests_per_network") == [60, 500]
        assert _values(connection, "reset_link_valid") == [60, 30]
        assert _values(connection, "evidence_most") == [100_000, 40_000]
        assert _values(connection, "junk_kept") == [30]
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, "0012")
        said = connection.execute(
            text("SELECT since, requests_per_network, link_minutes FROM reset_policies ORDER BY since DESC LIMIT 1")
        ).one()
        assert [str(said[0]), *said[1:]] == ["2026-09-01", 500, 30]
        assert connection.scalar(text("SELECT kept FROM upload_policies ORDER BY since DESC LIMIT 1")) == 40_000
        command.upgrade(config, "0013")
        assert _values(connection, "reset_link_valid")[-1] == 30
        assert _values(connection, "evidence_most")[-1] == 40_000
    engine.dispose()


def _values(connection: Connection, name: str) -> list[int]:
    rows = connection.execute(text("SELECT value FROM policy_numbers WHERE name = :name ORDER BY id"), {"name": name})
    return [row.value for row in rows]
