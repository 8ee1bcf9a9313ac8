"""What the database's errors say, and what they must not."""

import traceback

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from demo.servers import Postgres
from workflows import database
from workflows.settings import Settings


def test_an_error_of_a_statement_does_not_repeat_the_values_it_was_given(postgres: Postgres) -> None:
    engine = database.engine(postgres.url("postgres"))
    try:
        with sessionmaker(engine, class_=Session)() as session, pytest.raises(SQLAlchemyError) as failed:
            session.execute(text("SELECT no_such_thing(:mail)"), {"mail": "/reset/new#a-secret"})
    finally:
        engine.dispose()
    assert "no_such_thing" in str(failed.value)
    assert "a-secret" not in str(failed.value)


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("INSERT INTO known VALUES ('anna@alda.example', 2)", "known_mail_key"),  # the key that is there already
        ("INSERT INTO known VALUES (E'anna@alda.example\\nDETAIL: 320000-00202', 0)", "known_n_check"),  # the whole row
        ("UPDATE known SET n = CAST(mail AS int)", "InvalidTextRepresentation"),  # what it stumbled over
        ("UPDATE known SET n = NULL", "not-null"),
    ],
)
def test_what_the_database_refuses_is_said_without_the_row(postgres: Postgres, statement: str, names: str) -> None:
    """Such errors go to the log and to the table of jobs' errors: the row holds e-mail addresses, codes, letters."""
    engine = database.engine(postgres.url("postgres"))
    try:
        with sessionmaker(engine, class_=Session)() as session:
            session.execute(text("CREATE TEMPORARY TABLE known (mail text UNIQUE, n int NOT NULL CHECK (n > 0))"))
            session.execute(text("INSERT INTO known VALUES ('anna@alda.example', 1)"))
            with pytest.raises(SQLAlchemyError) as failed:
                session.execute(text(statement))
    finally:
        engine.dispose()
    said = "".join(traceback.format_exception(failed.value))
    assert names in said
    told = said.replace(statement, "")  # our own words, not the row's
    assert "anna" not in told
    assert "00202" not in told


def test_neither_settings_nor_an_error_about_them_show_a_password() -> None:
    said = {"database_url": "postgresql://viis:s3cret@db/viis", "secret_key": "k3y" * 11}
    assert "s3cret" not in repr(Settings.model_validate(said))
    with pytest.raises(ValueError, match="VIIS_VALIDATE_OPEN") as refused:
        Settings.model_validate({**said, "validate_open": True, "web_host": "0.0.0.0"})  # noqa: S104 - refused
    assert "s3cret" not in str(refused.value)
    assert "k3y" not in str(refused.value)
