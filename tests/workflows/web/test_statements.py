"""What pages ask of the database: what two parts of a page say is read once."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event

from builders.workflows.office import Office, Submitted
from tests.workflows.web.acting import act
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.site import Site
from tests.workflows.web.test_apply import begin
from tests.workflows.web.test_people import SIGNATORY


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect what is asked in the block, by whichever engine of this process."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def naming(sent: list[str], *tables: str) -> dict[str, int]:
    """Count for each table the statements that read it, alone or beside another."""
    words = [set(one.replace("(", " ").split()) for one in sent]
    return {table: sum(table in one for one in words) for table in tables}


@pytest.fixture
def case(office: Office) -> Submitted:
    submitted = office.submit()
    office.prove(submitted)
    return submitted


@pytest.mark.parametrize("page", ["/review", "/people", "/grants", "/institutions", "/proposals", "/reorganise"])
def test_a_session_is_read_together_with_whose_it_is(sign_in: SignIn, page: str) -> None:
    reviewer = sign_in()
    assert reviewer.get(page).status_code == 200  # the numbers of the policy are read and kept
    with statements() as sent:
        assert reviewer.get(page).status_code == 200
    assert naming(sent, "web_sessions", "staff") == {"web_sessions": 1, "staff": 1}


def test_a_draft_is_opened_by_one_statement(site: Site) -> None:
    with site.visitor() as visitor:
        address = begin(visitor)
        for page in (address, *(f"{address}/{step}" for step in ("institution", "head", "user", "scope", "dates"))):
            with statements() as sent:
                assert visitor.get(page).status_code == 200
            once = naming(sent, "signed_form_links", "prefilled_drafts", "applications")
            assert once == dict.fromkeys(once, 1), page
            assert naming(sent, "application_events")["application_events"] <= 1, page
            # A place that exists for longer than a day is one that came.
            assert not naming(sent, "orders")["orders"], page


def test_a_case_is_read_once_whoever_shows_a_part_of_it(sign_in: SignIn, case: Submitted) -> None:
    reviewer = sign_in()
    once = (
        "person_codes",
        "application_events",
        "signatories",
        "document_pages",
        "verifications",
        "required_documents",
    )
    for decided in (False, True):
        if decided:
            act(reviewer, case, "decide", decision="approve", reason="", **SIGNATORY)
        with statements() as sent:
            assert reviewer.get(f"/review/{case.reference}").status_code == 200
        assert naming(sent, *once) == dict.fromkeys(once, 1), decided


def test_a_right_costs_no_statement_of_its_own(sign_in: SignIn, case: Submitted) -> None:
    reviewer = sign_in()
    act(reviewer, case, "decide", decision="approve", reason="", **SIGNATORY)
    with statements() as sent:
        page = reviewer.get("/people/janis.meginatajs")
    assert page.text.count("<tr") > 1
    again = {one: times for one, times in Counter(sent).items() if times > 1}
    assert again == {}
