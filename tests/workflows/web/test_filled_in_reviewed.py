"""Whoever decides on an application reads that it was filled in because of an order, and which one."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office
from iam.grants.models import Account
from iam.orders.models import Order
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import text_of
from tests.workflows.web.test_reorganise import OTHER, SCHOOL, holder, record
from workflows.application.models import PrefilledDraft
from workflows.staff import Role

__all__ = ["holder"]  # a fixture of the story of orders


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.APPROVER, Role.AUDITOR])
@pytest.mark.parametrize("filled_in", [True, False])
def test_the_case_names_the_order_and_leads_to_its_page(
    office: Office, holder: Account, sign_in: SignIn, sessions: sessionmaker[Session], role: Role, *, filled_in: bool
) -> None:
    day = office.today + timedelta(days=10)
    recorded = record(sign_in(), f"1-3/7,Domes lēmums Nr. 5,{day},pievienošana,{SCHOOL},{OTHER},,")
    case = office.submit(place=OTHER)
    office.prove(case)
    with sessions.begin() as session:
        order = session.scalars(select(Order)).one()
        if filled_in:
            session.add(
                PrefilledDraft(application_id=case.id, account_id=holder.id, order_id=order.id, place=f"i-{OTHER}")
            )
    reader = sign_in("karlis.eglitis", "Kārlis Eglītis", role)
    page = reader.get(f"/review/{case.reference}").text
    said = f"1-3/7, Domes lēmums Nr. 5, no {day:%d.%m.%Y}"
    assert (said in text_of(page)) is filled_in
    assert ("Sagatavots" in text_of(page)) is filled_in
    assert (f'href="{recorded.headers["location"]}"' in page) is filled_in
    if filled_in:
        assert "1-3/7" in text_of(reader.get(recorded.headers["location"]).text)
        english = text_of(reader.get(f"/review/{case.reference}", params={"lang": "en"}).text)
        assert "Filled in because of an order" in english


def test_an_order_taken_back_since_is_named_all_the_same(
    office: Office, holder: Account, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    reviewer = sign_in()
    record(reviewer, f"1-3/7,Domes lēmums,{office.today + timedelta(days=10)},likvidācija,{SCHOOL},,,")
    case = office.submit(place=OTHER)
    office.prove(case)
    with sessions.begin() as session:
        order = session.scalars(select(Order)).one()
        session.add(PrefilledDraft(application_id=case.id, account_id=holder.id, order_id=order.id, place=f"i-{OTHER}"))
        session.execute(text("UPDATE orders SET state = 'repealed'"))
    assert "1-3/7, Domes lēmums" in text_of(reviewer.get(f"/review/{case.reference}").text)
