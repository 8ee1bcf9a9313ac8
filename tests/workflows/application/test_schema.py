"""The applications' tables and their models say the same, and the database itself refuses contradictions."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from iam.base import Base
from workflows.application.models import Application
from workflows.application.states import TRANSITIONS, Act, State

TABLES = {
    "applications",
    "application_forms",
    "application_links",
    "application_uploads",
    "application_decisions",
}


def test_migration_and_models_describe_the_same_tables(session: Session) -> None:
    context = MigrationContext.configure(
        session.connection(),
        opts={
            "compare_type": True,
            "include_object": lambda _item, name, kind, _reflected, _other: kind != "table" or name in TABLES,
        },
    )
    assert Application.metadata is Base.metadata
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


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("SET kind = 'wish'", "ck_applications_kind_known"),
        ("SET state = 'in_review'", "ck_applications_only_drafts_unsubmitted"),
        ("SET decided_at = now()", "ck_applications_decided_when_decided"),
        ("SET claimed_by = 'inese'", "ck_applications_claimed_by_somebody_at_some_time"),
        ("SET submitted_at = now()", "ck_applications_submitted_with_what_it_states"),
    ],
)
def test_the_database_refuses_contradictions(session: Session, statement: str, rule: str) -> None:
    session.execute(
        text(
            "INSERT INTO applications (reference, kind, state, language, version, answers, created_at, changed_at,"
            " head_is_user, signatory_open, applicant_name, applicant_code, municipality, head_name, user_name,"
            " search_key) VALUES ('3333-3333-3333', 'grant', 'draft', 'lv', 1, '{}', now(), now(), false, false,"
            " '', '', '', '', '', '')"
        )
    )
    with pytest.raises(IntegrityError, match=rule):
        session.execute(text(f"UPDATE applications {statement}"))


def test_every_state_can_be_reached_and_every_end_is_one() -> None:
    reached = {State.DRAFT} | set(TRANSITIONS.values())
    assert reached == set(State)
    ends = set(State) - {state for state, _ in TRANSITIONS}
    assert ends == {State.APPROVED, State.REFUSED, State.WITHDRAWN, State.EXPIRED}
    assert {act for _, act in TRANSITIONS} == set(Act)
