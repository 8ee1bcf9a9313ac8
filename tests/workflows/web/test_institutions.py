"""The page of an institution: what it is, who may sign for it, and its line of descent as a picture and a table."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office
from iam.audit import Actor, ActorKind, Door, Origin
from iam.institutions.models import Institution
from iam.orders import service as orders
from iam.orders.models import ChangeKind
from iam.orders.said import Change, OrderSaid, PartySaid
from iam.orders.states import OrderState
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import text_of
from workflows.staff import Role

NUMBER, OTHER = "9013900107", "9013900114"
BY = Origin(Actor(ActorKind.SYSTEM, "test"), Door.CLI)


@pytest.fixture
def merged(office: Office, sessions: sessionmaker[Session]) -> date:
    """An approved order that merges two schools into a new one in ten days; the day."""
    day = office.today + timedelta(days=10)
    into = PartySaid(reg_no="9013900999", founded_as="Ezerpils <jaunā> vidusskola")
    change = Change(
        kind=ChangeKind.MERGED, sources=(PartySaid(reg_no=NUMBER), PartySaid(reg_no=OTHER)), targets=(into,)
    )
    said = OrderSaid(reference="1-3/7", legal_basis="Domes lēmums", effective=day, changes=(change,))
    with sessions.begin() as session:
        (order,) = orders.draft(session, [said], origin=BY, at=office.now)
        orders.move(session, order, OrderState.APPROVED, origin=BY, at=office.now)
    return day


def test_an_institution_is_found_and_says_what_it_is(office: Office, sign_in: SignIn) -> None:
    del office
    reviewer = sign_in()
    assert f'href="/institutions/{NUMBER}"' in reviewer.get("/institutions", params={"q": "ezerpils 1."}).text
    page = text_of(reviewer.get(f"/institutions/{NUMBER}").text)
    assert "Ezerpils 1. vidusskola" in page
    assert NUMBER in page
    assert "Par to nav neviena rīkojuma." in page
    assert "„nav tādas skolas”" in text_of(reviewer.get("/institutions", params={"q": "nav tādas skolas"}).text)


def test_a_municipality_has_a_page_with_its_code(office: Office, sign_in: SignIn) -> None:
    del office
    reviewer = sign_in()
    found = re.search(r'href="(/institutions/m-\d+)"', reviewer.get("/institutions", params={"q": "ezerpils"}).text)
    assert found
    assert "ATVK kods" in text_of(reviewer.get(found[1]).text)


@pytest.mark.parametrize("number", ["0000000000", "m-999999", "s", "x", "9013900107x", "۹۰۱۳۹۰۰۱۰۷"])
def test_what_is_no_institution_is_not_found(sign_in: SignIn, number: str) -> None:
    assert sign_in().get(f"/institutions/{number}").status_code == 404


@pytest.mark.parametrize("typed", [f"I-{NUMBER}", f"i-{NUMBER}", f"{NUMBER}%20", f"%20{NUMBER}", f"%20i-{NUMBER}%20"])
def test_case_and_spaces_of_what_is_typed_do_not_matter(office: Office, sign_in: SignIn, typed: str) -> None:
    del office
    page = sign_in().get(f"/institutions/{typed}")
    assert page.status_code == 200
    assert "Ezerpils 1. vidusskola" in text_of(page.text)
    assert f'href="/grants?scope=i-{NUMBER}"' in page.text


@pytest.mark.parametrize("state", [OrderState.APPLYING, OrderState.APPLIED, OrderState.UNDOING])
def test_an_order_being_carried_out_or_undone_stands_in_the_line(
    office: Office, merged: date, sign_in: SignIn, sessions: sessionmaker[Session], state: OrderState
) -> None:
    del merged
    with sessions.begin() as session:
        (order,) = orders.in_force(session)
        for one in (OrderState.APPLYING, OrderState.APPLIED, OrderState.UNDOING):
            orders.move(session, order, one, origin=BY, at=office.now)
            if one is state:
                break
    page = sign_in().get(f"/institutions/{NUMBER}").text
    assert "<svg" in page
    assert "1-3/7" in text_of(page)


def test_a_line_of_descent_is_a_picture_and_the_same_as_a_table(merged: date, sign_in: SignIn) -> None:
    reviewer = sign_in()
    page = reviewer.get(f"/institutions/{NUMBER}").text
    (drawing,) = re.findall(r"<svg[^>]*role=.img.*?</svg>", page, re.DOTALL)
    assert "Ezerpils &lt;jaunā&gt; vidusskola" in drawing
    (table,) = re.findall(r"<table.*?</table>", page, re.DOTALL)
    told = text_of(table)
    for said in (f"{merged:%d.%m.%Y}.", "vēl nav piemērots", "1-3/7", "Domes lēmums", "Ezerpils <jaunā> vidusskola"):
        assert said in told
    assert f'href="/institutions/{OTHER}"' in table
    assert 'href="/institutions/9013900999"' not in page, "it has no page before there is one"
    assert "Line of descent" in reviewer.get(f"/institutions/{NUMBER}?lang=en").text


def test_consultants_and_administrators_do_not_open_it(sign_in: SignIn) -> None:
    assert sign_in("liene", "Liene Padomniece", Role.CONSULTANT).get(f"/institutions/{NUMBER}").status_code == 403


@pytest.mark.parametrize(("after", "said"), [(-400, "Pastāvēja"), (-1, "Pastāvēja"), (0, "Pastāv"), (30, "Pastāv")])
def test_what_has_ended_is_said_in_the_past(
    office: Office, sign_in: SignIn, sessions: sessionmaker[Session], after: int, said: str
) -> None:
    last = office.today + timedelta(days=after)
    with sessions.begin() as session:
        school = session.scalars(select(Institution).where(Institution.reg_no == NUMBER)).one()
        school.period = Range(None, last + timedelta(days=1), bounds="()")
    page = text_of(sign_in().get(f"/institutions/{NUMBER}").text)
    assert f"{said} līdz {last:%d.%m.%Y}." in page
