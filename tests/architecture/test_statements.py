"""What one engine of the tests compiled, the next one takes; everything else of theirs stays their own."""

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.exc import IntegrityError

from iam.institutions.models import Institution
from workflows import database


def compiled(engine: Engine) -> object:
    with engine.connect() as connection:
        context = connection.execute(select(Institution.reg_no)).context
        assert isinstance(context, DefaultExecutionContext)
        return context.compiled


def test_two_engines_compile_a_statement_once(database_url: str) -> None:
    one, other = create_engine(database_url), database.engine(database_url)
    assert compiled(one) is compiled(other)
    one.dispose()
    other.dispose()


def test_what_one_engine_hides_of_an_error_another_shows(database_url: str) -> None:
    shown = []
    for engine in (database.engine(database_url), create_engine(database_url)):
        with engine.connect() as connection, pytest.raises(IntegrityError) as refused:
            connection.execute(text("INSERT INTO alembic_version SELECT version_num FROM alembic_version"))
        assert isinstance(refused.value.orig, psycopg.Error)
        shown.append("DETAIL" in str(refused.value))
        engine.dispose()
    assert shown == [False, True]
