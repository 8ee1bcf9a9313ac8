"""The embedded PostgreSQL, as the demo and every test use it."""

from sqlalchemy import text
from sqlalchemy.orm import Session


def test_a_test_gets_a_database_of_its_own(session: Session) -> None:
    assert session.scalar(text("SELECT current_database()")).startswith("test_")
    assert session.scalar(text("SHOW server_version")).startswith("18")
