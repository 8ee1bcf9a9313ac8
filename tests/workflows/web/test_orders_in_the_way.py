"""What stands in the way of orders is said on their pages: others that rest on them, the register, a job that fails."""

import re
from datetime import timedelta

import httpx
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office
from iam.grants.models import Account
from iam.orders.models import Order
from iam.orders.states import OrderState
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import text_of
from tests.workflows.web.site import Site
from tests.workflows.web.test_guards import MAY_COUNT
from tests.workflows.web.test_reorganise import OTHER, SCHOOL, act, approver, confirm, holder, record, state_of

__all__ = ["approver", "holder"]  # fixtures of the story of orders

ANOTHER, THIRD = "9019900121", "9012900128"


def test_an_order_that_others_rest_on_is_repealed_with_them_on_the_page_it_names(
    office: Office, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    reviewer = sign_in()
    later, latest = office.today + timedelta(days=30), office.today + timedelta(days=60)
    founds = f"1,Domes lēmums,{later},pārveidošana,{SCHOOL},9013900299=Jaunā skola,,"
    address = record(reviewer, founds, f"2,Domes lēmums,{latest},likvidācija,9013900299,,,").headers["location"]
    first = address.rpartition("/")[2].split("-")[0]
    refused = act(reviewer, f"/reorganise/{first}", "repeal", repeal_reason="Tiesa atcēla")
    assert refused.status_code == 422
    assert "Uz to balstās citi rīkojumi; vispirms atceliet vai atsauciet tos: 2, no " in text_of(refused.text)
    assert "Tiesa atcēla" in refused.text, "nothing typed is lost"
    assert address in text_of(refused.text), "the page on which both are repealed"
    assert act(reviewer, address, "repeal", repeal_reason="Tiesa atcēla").status_code == 303
    with sessions() as session:
        assert set(session.scalars(select(Order.state))) == {OrderState.REPEALED}


def test_an_order_that_the_register_contradicts_by_now_says_so_on_every_page(
    office: Office, holder: Account, sign_in: SignIn, approver: httpx.Client, sessions: sessionmaker[Session]
) -> None:
    reviewer = sign_in()
    address = record(reviewer, f"1,Domes lēmums,{office.today},pievienošana,{SCHOOL},{OTHER},,").headers["location"]
    assert "nevar izpildīt" not in text_of(reviewer.get(address).text)
    proposed = act(reviewer, address, "propose").headers["location"]
    with sessions.begin() as session:
        session.execute(
            text("UPDATE institutions SET period = daterange(lower(period), '2026-01-01') WHERE reg_no = :number"),
            {"number": OTHER},
        )
    confirmed = confirm(approver, proposed, sessions)
    assert "nevar izpildīt" in text_of(confirmed.text)
    assert f"numurs {OTHER}" in text_of(confirmed.text)
    shown = text_of(reviewer.get(address).text)
    assert "Pēc tā, kas tagad ierakstīts reģistrā un citos rīkojumos, to nevar izpildīt." in shown
    assert "Rīkojums 1, 1. izmaiņa:" in shown
    assert state_of(sessions) is OrderState.DRAFTED
    assert office.held(holder, office.today)


def test_a_job_that_fails_is_told_without_its_error_and_what_is_held_back_says_why(
    office: Office, holder: Account, sign_in: SignIn, approver: httpx.Client, sessions: sessionmaker[Session]
) -> None:
    reviewer = sign_in()
    address = record(reviewer, f"1,Domes lēmums,{office.today},pievienošana,{SCHOOL},{OTHER},,").headers["location"]
    confirm(approver, act(reviewer, address, "propose").headers["location"], sessions)
    with sessions.begin() as session:
        session.execute(
            text(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE EXCEPTION 'a line of the program'; END $$"
            )
        )
        session.execute(text("CREATE TRIGGER refuse BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION refuse()"))
        session.execute(
            text("UPDATE institutions SET period = daterange(lower(period), NULL) WHERE reg_no = :number"),
            {"number": OTHER},
        )
    office.work()
    shown = text_of(reviewer.get(address).text)
    assert "Izpilde nav izdevusies 1 reizi, pēdējoreiz" in shown
    assert "Pastāstiet to sistēmas uzturētājam." in shown
    assert "a line of the program" not in shown
    with sessions.begin() as session:
        session.execute(text("DROP TRIGGER refuse ON orders"))
        session.execute(
            text("UPDATE institutions SET period = daterange(lower(period), '2026-01-01') WHERE reg_no = :number"),
            {"number": OTHER},
        )
        session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'"))
    office.work()
    shown = text_of(reviewer.get(address).text)
    assert "Izpilde aizturēta" in shown
    assert "Izpilde nav izdevusies" not in shown
    assert office.held(holder, office.today), "no right has ended"


def test_the_figure_of_orders_held_back_follows_the_register(
    office: Office, sign_in: SignIn, approver: httpx.Client, site: Site, sessions: sessionmaker[Session]
) -> None:
    reviewer = sign_in()

    def figure() -> float:
        with site.visitor() as visitor:
            shown = visitor.get("/metrics", headers=MAY_COUNT).text
        (said,) = re.findall(r"^viis_orders_held_back (\S+)$", shown, re.MULTILINE)
        return float(said)

    def ended(on: str | None) -> None:
        with sessions.begin() as session:
            period = "UPDATE institutions SET period = daterange(lower(period), :day) WHERE reg_no = :number"
            session.execute(text(period), {"day": on, "number": OTHER})

    assert figure() == 0
    for number, (school, days) in enumerate(((SCHOOL, 0), (ANOTHER, 0), (THIRD, 30))):
        line = f"{number},Domes lēmums,{office.today + timedelta(days=days)},pievienošana,{school},{OTHER},,"
        address = record(reviewer, line).headers["location"]
        confirm(approver, act(reviewer, address, "propose").headers["location"], sessions)
    assert figure() == 0, "nothing contradicts them"
    ended("2026-01-01")
    assert figure() == 2, "the day of the third has not come"
    ended(None)
    assert figure() == 0
    ended("2026-01-01")
    with sessions() as session:
        first = session.scalars(select(Order.id).where(Order.reference == "0")).one()
    assert act(reviewer, f"/reorganise/{first}", "repeal", repeal_reason="Tiesa atcēla").status_code == 303
    assert figure() == 1
