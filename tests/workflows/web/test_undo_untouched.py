"""What the register said without an order is no row of what undoing the order leaves."""

import re

import httpx
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office
from builders.workflows.policy_numbers import set_numbers
from demo.before_reform import MAPPING, seed_before_reform
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import text_of, token_in
from tests.workflows.web.test_reorganise import act, confirm, rows_in
from tests.workflows.web.test_reorganise import approver as approver  # noqa: PLC0414 - a fixture


def test_what_the_register_said_without_the_order_is_one_line_of_what_undoing_leaves(
    office: Office, sign_in: SignIn, approver: httpx.Client, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        seed_before_reform(session, at=office.now)
        set_numbers(session, plan_cap_accounts=100)
    reviewer = sign_in()
    page = reviewer.get("/reorganise").text
    said = {"csrf": token_in(page), "lines": MAPPING.read_text(encoding="utf-8")}
    address = reviewer.post("/reorganise", data=said).headers["location"]
    assert confirm(approver, act(reviewer, address, "propose").headers["location"], sessions).status_code == 303
    office.work()
    shown = reviewer.get(f"{address}/undo").text
    assert "119 iestāžu vai pašvaldību paliek, kādas tās ir" in text_of(shown)
    assert shown.count("Reģistrā tā bija arī bez rīkojuma") == 0, "none of them is a row"
    assert shown.count('<tr class="govuk-table__row"><th scope="row"') == 39, "every right is one"
    every = reviewer.get(f"{address}/undo?fate=place_stays").text
    assert "119 izmaiņu" in text_of(every)
    assert len(re.findall(r'<a class="govuk-link" href="/institutions/m-\d+">', every)) == 50, "a page of them"
    assert "paliek, kādas tās ir" not in text_of(every)
    assert len(rows_in(reviewer.get(f"{address}/undo.csv"))) == 1 + 39, "what the page lists"
    assert len(rows_in(reviewer.get(f"{address}/undo.csv?fate=place_stays"))) == 1 + 119
