"""The tables of lost passwords and their models say the same."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, text
from sqlalchemy.orm import Session

from iam.base import Base
from workflows.password_reset.models import ResetLink

TABLES = {"reset_requests", "reset_links", "reset_codes", "reset_rates"}


def test_migration_and_models_describe_the_same_tables(session: Session) -> None:
    context = MigrationContext.configure(
        session.connection(),
        opts={
            "compare_type": True,
            "include_object": lambda _item, name, kind, _reflected, _other: kind != "table" or name in TABLES,
        },
    )
    assert ResetLink.metadata is Base.metadata
    assert compare_metadata(context, Base.metadata) == []


def test_every_rule_of_the_models_stands_in_the_database_under_its_name(session: Session) -> None:
    there = set(session.scalars(text("SELECT conname FROM pg_constraint WHERE contype IN ('c', 'u', 'f')")))
    preparer = session.connection().dialect.identifier_preparer
    said = {
        preparer.format_constraint(constraint)
        for table in Base.metadata.tables.values()
        if table.name in TABLES
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint) or constraint.name is not None
    }
    assert {name for name in said if name is not None and not name.startswith("pk_")} - there == set()
