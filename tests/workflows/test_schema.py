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
    # These serve one query each and hold no rule.
    ("remove_index", "ix_documents_held"),
    ("remove_index", "ix_mails_unsettled"),
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
