"""The schema in the database and the models say the same, and the database itself refuses contradictions."""

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

import workflows
from iam.models import Base
from workflows.database import migrate

IAM_TABLES = {
    "people",
    "person_codes",
    "person_former_names",
    "municipalities",
    "municipality_names",
    "municipality_codes",
    "institutions",
    "institution_names",
    "institution_municipalities",
    "successions",
    "scopes",
    "signatories",
    "sections",
    "accounts",
    "evidence",
    "evidence_documents",
    "grants",
    "grant_periods",
    "audit_entries",
}


def test_migrations_and_models_describe_the_same_tables(session: Session) -> None:
    context = MigrationContext.configure(
        session.connection(),
        opts={
            "compare_type": True,
            "include_name": lambda name, kind, _parents: kind != "table" or name in IAM_TABLES,
            "include_object": lambda _item, name, kind, _reflected, _other: kind != "table" or name in IAM_TABLES,
        },
    )
    # Machinery adds keys from evidence to its own tables; iam itself does not know those.
    differences = [
        difference
        for difference in compare_metadata(context, Base.metadata)
        if not (
            difference[0] == "remove_fk" and difference[1].elements[0].target_fullname.split(".")[0] not in IAM_TABLES
        )
    ]
    assert differences == []


def test_every_check_of_the_models_stands_in_the_database_under_its_name(session: Session) -> None:
    there = set(session.scalars(text("SELECT conname FROM pg_constraint WHERE contype IN ('c', 'x', 'u', 'f')")))
    preparer = session.connection().dialect.identifier_preparer
    said = {
        preparer.format_constraint(constraint)
        for table in Base.metadata.tables.values()
        if table.name in IAM_TABLES
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint) or constraint.name is not None
    }
    assert {name for name in said if name is not None and not name.startswith("pk_")} <= there


def test_the_catalogue_holds_the_ten_sections_in_both_languages(session: Session) -> None:
    sections = session.execute(text("SELECT code, name_lv, name_en FROM sections ORDER BY position")).all()
    assert len(sections) == 10
    assert sections[0] == ("learners", "Izglītojamie un piederība", "Learners and enrolment")
    assert all(name_lv and name_en for _, name_lv, name_en in sections)


@pytest.mark.parametrize("statement", ["SELECT count(*) FROM signatories", "SELECT count(*) FROM accounts"])
def test_day_one_knows_no_signatory_and_no_account(session: Session, statement: str) -> None:
    assert session.scalar(text(statement)) == 0


def test_the_first_migration_can_be_taken_back(empty_database_url: str) -> None:
    migrate(empty_database_url, to="0001")
    engine = create_engine(empty_database_url, poolclass=NullPool)
    config = Config()
    config.set_main_option("script_location", str(Path(workflows.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        left = connection.scalars(
            text(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
                " UNION SELECT proname FROM pg_proc"
                " WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'viis%'"
            )
        ).all()
    engine.dispose()
    assert left == ["alembic_version"]
