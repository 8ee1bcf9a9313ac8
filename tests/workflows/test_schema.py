"""The schema that the migrations make is the one that the models describe, rule by rule."""

from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, text
from sqlalchemy.orm import Session

import workflows
from iam.base import Base

_ROOT = Path(workflows.__file__).parents[1]
_MACHINERY = ("procrastinate_", "alembic_")
IN_MIGRATIONS_ALONE = {
    # Models of iam cannot name the tables of workflows.
    ("remove_fk", "fk_evidence_application_id"),
    ("remove_fk", "fk_evidence_documents_verification_id"),
}


@pytest.fixture(scope="module", autouse=True)
def _models() -> None:
    """Import every module that declares a table."""
    for package in ("iam", "workflows"):
        for file in sorted((_ROOT / package).rglob("*.py")):
            if "__tablename__" in file.read_text("utf-8"):
                import_module(".".join(file.relative_to(_ROOT).with_suffix("").parts))


def test_tables_columns_and_keys_are_those_of_the_models(session: Session) -> None:
    context = MigrationContext.configure(
        session.connection(),
        opts={
            "compare_type": True,
            "include_name": lambda name, kind, _parents: kind != "table" or not (name or "").startswith(_MACHINERY),
        },
    )
    differences = compare_metadata(context, Base.metadata)
    assert [one for one in differences if _named(one) not in IN_MIGRATIONS_ALONE] == []


def _named(difference: tuple[object, ...]) -> tuple[str, str]:
    """Name a difference: what autogenerate would do, and with what."""
    return str(difference[0]), str(getattr(difference[1], "name", ""))


def test_every_rule_of_the_models_stands_in_the_database_under_its_name(session: Session) -> None:
    there = set(session.scalars(text("SELECT conname FROM pg_constraint WHERE contype IN ('c', 'x', 'u', 'f')")))
    preparer = session.connection().dialect.identifier_preparer
    said = {
        preparer.format_constraint(constraint)
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint) or constraint.name is not None
    }
    assert {name for name in said if name is not None and not name.startswith("pk_")} - there == set()


def test_every_rule_of_the_database_stands_in_the_models(session: Session) -> None:
    preparer = session.connection().dialect.identifier_preparer
    said = {
        str(preparer.format_constraint(constraint))
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint) or constraint.name is not None
    }
    there = session.scalars(
        text(
            "SELECT conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid"
            " WHERE contype IN ('c', 'x', 'u') AND connamespace = 'public'::regnamespace"
            " AND relname NOT LIKE 'procrastinate%' AND relname NOT LIKE 'alembic%'"
        )
    )
    assert set(there) - said == set()


def test_every_trigger_of_the_database_is_named_beside_its_model(session: Session) -> None:
    there = session.scalars(
        text(
            "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            " WHERE NOT tgisinternal AND relname NOT LIKE 'procrastinate%'"
        )
    )
    texts = [
        file.read_text("utf-8")
        for package in ("iam", "workflows")
        for file in (_ROOT / package).rglob("*.py")
        if "__tablename__" in file.read_text("utf-8")
    ]
    assert [name for name in there if not any(name in one for one in texts)] == []
