"""A name that Keycloak refuses, or that was typed wrongly, is a task for staff and is corrected on a page."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office, Submitted
from iam import audit
from iam.grants.models import Account
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import text_of, token_in
from workflows.staff import Role

REASON = "Pases kopija, 2026. gada 1. decembra vēstule Nr. 7"


@pytest.fixture
def case(office: Office) -> Submitted:
    submitted = office.submit()
    office.prove(submitted)
    return submitted


@pytest.fixture
def refused(case: Submitted, office: Office, sessions: sessionmaker[Session]) -> Account:
    """An account that was granted rights and that Keycloak refuses; its next attempt is in ten minutes."""
    account = office.approve(case)
    office.work()
    with sessions.begin() as session:
        session.get_one(Account, account.id).projection_outcome = "refused"
        session.execute(
            text("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '10 minutes' WHERE lock = :lock"),
            {"lock": f"account:{account.id}"},
        )
    return account


def waiting_until(sessions: sessionmaker[Session], account: Account) -> list[bool]:
    """Return for each unfinished projection of the account whether it is due now."""
    with sessions() as session:
        return list(
            session.scalars(
                text(
                    "SELECT scheduled_at IS NULL OR scheduled_at <= now() FROM procrastinate_jobs"
                    " WHERE lock = :lock AND status = 'todo'"
                ),
                {"lock": f"account:{account.id}"},
            )
        )


def test_an_account_that_keycloak_refuses_is_a_task_with_a_way_to_mend_it(
    refused: Account, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    reviewer = sign_in()
    tasks = reviewer.get("/people").text
    assert "Konti, kam jāpievērš uzmanība" in text_of(tasks)
    assert f'href="/people/{refused.username}"' in tasks
    person = reviewer.get(f"/people/{refused.username}").text
    assert "Keycloak nepieņem vārdu vai adresi" in text_of(person)
    assert f'href="/people/{refused.username}/name"' in person

    path = f"/people/{refused.username}/name"
    page = reviewer.get(path).text
    said = {"csrf": token_in(page), "given_name": " Anna  Marija ", "surname": "Kalniņa-Ozola", "reason": REASON}
    assert waiting_until(sessions, refused) == [False], "it waits to be tried again"
    answer = reviewer.post(path, data=said)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/people/{refused.username}")
    with sessions() as session:
        account = session.get_one(Account, refused.id)
        assert account.person.full_name == "Anna Marija Kalniņa-Ozola"
        assert account.username == refused.username
        (entry,) = [one for one in audit.newest(session, limit=20) if one.tag == "person:renamed"]
        assert entry.details["reason"] == REASON
        assert entry.actor_id == "inese.kalna"
    assert all(waiting_until(sessions, refused)), "tried again at once"


def test_a_corrected_name_is_checked_as_the_form_checks_it_and_says_why(
    refused: Account, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    reviewer = sign_in()
    path = f"/people/{refused.username}/name"
    said = {"csrf": token_in(reviewer.get(path).text), "given_name": "Anna (Berta)", "surname": "", "reason": ""}
    answer = reviewer.post(path, data=said)
    assert answer.status_code == 422
    for field in ("given_name", "surname", "reason"):
        assert f'id="{field}-error"' in answer.text
    assert 'value="Anna (Berta)"' in answer.text
    with sessions() as session:
        assert session.scalars(select(Account)).one().person.full_name == refused.person.full_name


def test_who_does_not_decide_sees_the_task_and_changes_no_name(refused: Account, sign_in: SignIn) -> None:
    auditor = sign_in("liga.auditore", "Līga Auditore", Role.AUDITOR)
    assert refused.username in auditor.get("/people").text
    assert "/name" not in auditor.get(f"/people/{refused.username}").text
    assert auditor.get(f"/people/{refused.username}/name").status_code == 403
