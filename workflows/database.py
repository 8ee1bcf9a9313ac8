"""How do we reach PostgreSQL, and how does its schema follow the code?"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Engine, create_engine, make_url, text
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import NullPool

__all__ = ["engine", "libpq_url", "migrate", "revision", "session_factory", "transaction"]

_MIGRATIONS = Path(__file__).parent / "migrations"

# Any number nobody else uses: two nodes that start at once migrate one after the other.
_MIGRATION_LOCK = 7_418_529_630_117


def engine(url: str, *, pool_size: int = 5, application: str = "viis") -> Engine:
    """Return the engine of one process for the PostgreSQL at `url`.

    Connections are tried before use, so that a restarted server costs nobody an error, and speak UTC.
    """
    return create_engine(
        _sqlalchemy_url(url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        connect_args={"options": "-c timezone=UTC", "application_name": application, "connect_timeout": 5},
    )


def session_factory(to: Engine) -> sessionmaker[Session]:
    """Return the maker of sessions; objects stay readable after their transaction."""
    return sessionmaker(to, expire_on_commit=False)


@contextmanager
def transaction(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """Open one transaction: committed when the block ends, rolled back when it raises.

    Doors call this; services only flush.
    """
    with sessions.begin() as session:
        yield session


def migrate(url: str, *, to: str = "head") -> None:
    """Bring the schema at `url` to the revision `to`, in one transaction, one migrator at a time."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    once = create_engine(_sqlalchemy_url(url), poolclass=NullPool)
    try:
        with once.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, to)
    finally:
        once.dispose()


def revision(session: Session) -> str | None:
    """Return the revision the schema is at, None for an empty database."""
    if session.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return None
    number = session.scalar(text("SELECT version_num FROM alembic_version"))
    return None if number is None else str(number)


def libpq_url(url: str) -> str:
    """Return `url` as libpq understands it, for what does not go through SQLAlchemy.

    >>> libpq_url("postgresql+psycopg://viis:secret@/viis?host=%2Frun%2Fpostgresql")
    'postgresql://viis:secret@/viis?host=%2Frun%2Fpostgresql'
    """
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _sqlalchemy_url(url: str) -> URL:
    return make_url(url).set(drivername="postgresql+psycopg")
