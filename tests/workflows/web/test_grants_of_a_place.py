"""Who can see a school on a day: those with rights in it, and those whose rights reach it from above."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office
from iam.audit import Actor, ActorKind, Door, Origin
from iam.grants import service as grants
from iam.grants.evidence import TakenOver
from iam.grants.models import Account, Level
from iam.institutions import service as institutions
from iam.institutions.models import Institution
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import text_of
from tests.workflows.web.test_statements import statements

SCHOOL = "i-9013900107"


@pytest.fixture
def holder(office: Office, sessions: sessionmaker[Session]) -> Account:
    """Somebody with rights in the school, in its municipality and in the whole state."""
    submitted = office.submit()
    office.prove(submitted)
    account = office.approve(submitted)
    with sessions.begin() as session:
        (town,) = (one for one in institutions.municipalities(session) if one.name == "Ezerpils")
        for scope in (institutions.scope_of_municipality(session, town.id), institutions.state_scope(session)):
            grants.give(
                session,
                "reports",
                Level.VIEW,
                to=session.scalars(select(Account)).one(),
                at_scope=scope.id,
                since=office.today,
                until=None,
                because=TakenOver("adopt.csv line 2", "0" * 64),
                origin=Origin(Actor(ActorKind.SYSTEM, "test"), Door.CLI),
                at=datetime(2026, 11, 24, tzinfo=UTC),
            )
    return account


def test_a_school_shows_whose_rights_reach_it_from_the_municipality_and_the_state(
    holder: Account, sign_in: SignIn
) -> None:
    del holder
    page = text_of(sign_in().get("/grants", params={"scope": SCHOOL}).text)
    assert "skatīt Ezerpils piešķirtas augstākā līmenī, ir spēkā arī šeit" in page
    assert "skatīt Visa valsts piešķirtas augstākā līmenī, ir spēkā arī šeit" in page
    english = text_of(sign_in().get("/grants", params={"scope": SCHOOL, "lang": "en"}).text)
    assert "The whole state given at a higher level, holds here too" in english


def test_a_municipality_and_the_state_are_found_and_shown(holder: Account, sign_in: SignIn) -> None:
    reviewer = sign_in()
    found = reviewer.get("/grants", params={"q": "ezerpils"})
    address = found.text.partition('href="/grants?scope=m-')[2].partition('"')[0].replace("&amp;", "&")
    assert "pašvaldība" in text_of(found.text)
    town = text_of(reviewer.get(f"/grants?scope=m-{address}").text)
    assert holder.person.full_name in town
    state = text_of(reviewer.get("/grants", params={"scope": "s"}).text)
    assert "Visa valsts, " in state
    assert holder.person.full_name in state


def test_a_place_where_no_right_was_ever_given_answers(holder: Account, sign_in: SignIn) -> None:
    """It has no scope yet, and reading makes none."""
    page = sign_in().get("/grants", params={"scope": "i-9012900128"})
    assert page.status_code == 200
    assert holder.person.full_name in text_of(page.text), "by the rights from above"
    assert sign_in().get("/grants", params={"scope": "m-999999"}).status_code == 404


@pytest.mark.parametrize("typed", ["0001-01-01", "01.01.0001.", "9999-12-31", "31.12.9999.", "01.12.26", "29.02.2027."])
def test_a_day_that_cannot_be_meant_is_told_at_its_field(sign_in: SignIn, typed: str) -> None:
    page = sign_in().get("/grants", params={"scope": SCHOOL, "at": typed})
    assert page.status_code == 422
    assert 'href="#at"' in page.text


def test_a_place_costs_a_page_of_rights_no_statement_of_its_own(
    holder: Account, sign_in: SignIn, sessions: sessionmaker[Session], office: Office
) -> None:
    with sessions.begin() as session:
        places = session.scalars(
            select(Institution.reg_no).where(Institution.reg_no != SCHOOL.removeprefix("i-"))
        ).all()
        for reg_no in places[:8]:
            grants.give(
                session,
                "reports",
                Level.VIEW,
                to=session.scalars(select(Account)).one(),
                at_scope=institutions.scope_of_institution(session, reg_no).id,
                since=office.today,
                until=None,
                because=TakenOver("adopt.csv line 2", "0" * 64),
                origin=Origin(Actor(ActorKind.SYSTEM, "test"), Door.CLI),
                at=datetime(2026, 11, 24, tzinfo=UTC),
            )
        names = [institutions.search(session, reg_no)[0].name for reg_no in places[:8]]
    reviewer = sign_in()
    with statements() as sent:
        page = text_of(reviewer.get(f"/people/{holder.username}").text)
    assert len(names) > 1
    assert [name for name in names if name not in page] == []
    assert {one: times for one, times in Counter(sent).items() if times > 1} == {}
