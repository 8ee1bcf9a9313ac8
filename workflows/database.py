"""How do we reach PostgreSQL, and which schema does this program work with?"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import URL, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

__all__ = [
    "MIGRATIONS",
    "disk_is_full",
    "engine",
    "head",
    "libpq_url",
    "revision",
    "session_factory",
    "snapshot",
    "sqlalchemy_url",
    "transaction",
]

MIGRATIONS = Path(__file__).parent / "migrations"

_QUOTED = re.compile(r'".*"', re.DOTALL)  # to the last one: a value may hold one


def engine(url: str, *, pool_size: int = 5, application: str = "viis") -> Engine:
    """Return the engine of one process for the PostgreSQL at `url`.

    Connections are tried before use, so that a restarted server costs nobody an error, and speak UTC. Twice `pool_size`
    may be open at once. The one given back last is taken first, and none is closed for being one too many: a connection
    knows its statements and tables only after a while, and a new one costs the server more than a page.
    """
    made = create_engine(
        sqlalchemy_url(url),
        pool_size=2 * pool_size,
        max_overflow=0,
        pool_use_lifo=True,
        pool_pre_ping=True,
        # An error of a statement would name its values: names, addresses, the text of a mail that holds a link.
        hide_parameters=True,
        connect_args={"options": "-c timezone=UTC", "application_name": application, "connect_timeout": 5},
    )
    event.listen(made, "handle_error", _without_the_row)
    return made


def _without_the_row(context: ExceptionContext) -> None:
    """Leave of an error what is wrong and the constraint's name, before anybody logs or keeps it.

    PostgreSQL's DETAIL repeats the key that is there already, or the whole row; of a value it cannot read (class 22)
    its first line does.
    """
    fault = context.original_exception
    if not isinstance(fault, psycopg.Error) or not fault.diag.message_primary:
        return  # not the server's word: a connection that failed
    whole, brief = str(fault), fault.diag.message_primary
    if isinstance(fault, psycopg.DataError):
        brief = _QUOTED.sub('"…"', brief)
    for error in (fault, context.sqlalchemy_exception):
        if error is not None:
            error.args = tuple(str(said).replace(whole, brief) for said in error.args)


def disk_is_full(error: OperationalError) -> bool:
    """Whether it is the server's disk that has no space (SQLSTATE 53100): reading still works then."""
    return isinstance(error.orig, psycopg.errors.DiskFull)


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


@contextmanager
def snapshot(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """Open one transaction that sees a single moment and writes nothing: what a page shows belongs together.

    Under READ COMMITTED every statement sees a moment of its own: a page could show a file as judged beside the state
    of the application from before (and stop asking for news). REPEATABLE READ, read only, is never refused.
    """
    with sessions.begin() as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})
        yield session


def revision(session: Session) -> str | None:
    """Return the revision the schema is at, None for an empty database."""
    if session.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return None
    number = session.scalar(text("SELECT version_num FROM alembic_version"))
    return None if number is None else str(number)


def head() -> str:
    """Return the revision this program works with; revisions are numbered, one chain."""
    return max(file.name[:4] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def libpq_url(url: str) -> str:
    """Return `url` as libpq understands it, for what does not go through SQLAlchemy.

    >>> libpq_url("postgresql+psycopg://viis:secret@/viis?host=%2Frun%2Fpostgresql")
    'postgresql://viis:secret@/viis?host=%2Frun%2Fpostgresql'
    """
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def sqlalchemy_url(url: str) -> URL:
    """Return `url` as SQLAlchemy takes it, with psycopg 3."""
    return make_url(url).set(drivername="postgresql+psycopg")
