"""The database itself refuses an application that contradicts itself, and every state can be reached."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflows.application.states import TRANSITIONS, ApplicationEvent, State


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("SET state = 'in_review'", "ck_applications_only_drafts_unsubmitted"),
        ("SET decided_at = now()", "ck_applications_decided_when_decided"),
        ("SET claimed_by = 'inese'", "ck_applications_claimed_by_somebody_at_some_time"),
        ("SET answer_draft = 'Pielikumā'", "ck_applications_answered_while_asked"),
        ("SET submitted_at = now()", "ck_applications_submitted_with_what_it_states"),
    ],
)
def test_the_database_refuses_contradictions(session: Session, statement: str, rule: str) -> None:
    session.execute(
        text(
            "WITH request AS (INSERT INTO signing_requests (owner, reference, language, opened_at, kept)"
            " VALUES ('application', '3333-3333-3333', 'lv', now(), false) RETURNING id)"
            " INSERT INTO applications (request_id, reference, kind, state, language, version, answers,"
            " created_at, changed_at, signatory_open,"
            " applicant_name, applicant_code, municipality, head_name, user_name,"
            " search_key, answer_draft)"
            " SELECT id, '3333-3333-3333', 'grant', 'draft', 'lv', 1, '{}', now(), now(), false,"
            " '', '', '', '', '', '', '' FROM request"
        )
    )
    with pytest.raises(IntegrityError, match=rule):
        session.execute(text(f"UPDATE applications {statement}"))


def test_every_state_can_be_reached_and_every_end_is_one() -> None:
    reached = {State.DRAFT} | set(TRANSITIONS.values())
    assert reached == set(State)
    ends = set(State) - {state for state, _ in TRANSITIONS}
    assert ends == {State.APPROVED, State.REFUSED, State.WITHDRAWN, State.EXPIRED}
    assert {act for _, act in TRANSITIONS} == set(ApplicationEvent)
