"""How does the schema follow the code? Through `viis migrate`, and through tests; apart, for its weight."""

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from workflows.database import MIGRATIONS, sqlalchemy_url

__all__ = ["migrate"]

# Any number nobody else uses: two nodes that start at once migrate one after the other.
_MIGRATION_LOCK = 7_418_529_630_117


def migrate(url: str, *, to: str = "head") -> None:
    """Bring the schema at `url` to the revision `to`, in one transaction, one migrator at a time."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    once = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    try:
        with once.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, to)
    finally:
        once.dispose()
