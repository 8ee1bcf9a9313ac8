"""People are known by their codes, all of them, and stay known when code or name changes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from builders.iam.codes import invented_code
from builders.iam.register import BY_REVIEWER
from iam.people import service
from iam.people.models import Person
from iam.people.rules import parse_personal_code

AT = datetime(2026, 9, 1, 8, tzinfo=UTC)
LATER = AT + timedelta(days=30)


def anna(session: Session) -> Person:
    return service.register(
        session, code=invented_code("anna"), given_name="Anna", surname="Bērziņa", origin=BY_REVIEWER, at=AT
    )


def test_a_person_is_registered_once_and_found_by_the_code(session: Session) -> None:
    person = anna(session)
    again = service.register(
        session, code=invented_code("anna"), given_name="Anna", surname="Ozola", origin=BY_REVIEWER, at=LATER
    )
    assert again is person
    assert person.full_name == "Anna Bērziņa", "a name given in passing does not rename anybody"
    assert service.find_by_code(session, invented_code("anna")) is person
    assert service.find_by_code(session, invented_code("nobody")) is None


def test_a_person_whose_code_changed_is_found_by_both(session: Session) -> None:
    person = anna(session)
    service.change_code(session, person, invented_code("anna, new"), origin=BY_REVIEWER, at=LATER)
    session.expire_all()
    assert service.find_by_code(session, invented_code("anna")) is person
    assert service.find_by_code(session, invented_code("anna, new")) is person
    assert service.codes_of(session, person.id) == (invented_code("anna, new"), invented_code("anna"))


def test_a_foreign_code_stands_beside_the_latvian_one(session: Session) -> None:
    person = anna(session)
    estonian = parse_personal_code("PNOEE-38001085718")
    service.change_code(session, person, estonian, origin=BY_REVIEWER, at=LATER)
    assert set(service.codes_of(session, person.id)) == {invented_code("anna"), estonian}
    assert [row.replaced_at for row in person.codes] == [None, None]


def test_a_code_of_somebody_else_is_refused_and_names_the_holder(session: Session) -> None:
    person = anna(session)
    other = service.register(
        session, code=invented_code("jānis"), given_name="Jānis", surname="Ozols", origin=BY_REVIEWER, at=AT
    )
    with pytest.raises(service.CodeOfAnotherPerson) as caught:
        service.change_code(session, person, invented_code("jānis"), origin=BY_REVIEWER, at=LATER)
    assert caught.value.holder == other.id


def test_a_renamed_person_is_found_under_either_name(session: Session) -> None:
    person = anna(session)
    service.rename(session, person, given_name="Anna", surname=" Ozola ", origin=BY_REVIEWER, at=LATER)
    assert person.full_name == "Anna Ozola"
    assert [(former.surname, former.until) for former in person.former_names] == [("Bērziņa", LATER)]
    assert service.search(session, "berzina anna") == [person]
    assert service.search(session, "OZOLA") == [person]
    assert service.search(session, "%'_") == [], "no word is asked for, so nobody is found"
    assert service.search(session, invented_code("anna").written) == [person]
    service.rename(session, person, given_name="Anna", surname="Ozola", origin=BY_REVIEWER, at=LATER)
    assert len(person.former_names) == 1


def test_people_are_listed_in_latvian_order(session: Session) -> None:
    for surname in ("Čakste", "Cukurs", "Āboliņa", "Abols", "Zālīte", "Ķēniņš", "Kļava"):
        service.register(
            session, code=invented_code(surname), given_name="Kim", surname=surname, origin=BY_REVIEWER, at=AT
        )
    assert [person.surname for person in service.search(session, "kim")] == [
        "Āboliņa",
        "Abols",
        "Cukurs",
        "Čakste",
        "Kļava",
        "Ķēniņš",
        "Zālīte",
    ]


def test_sixteen_who_register_the_same_person_at_once_make_one(database_url: str) -> None:
    engine = create_engine(database_url, pool_size=16)

    def go(_: int) -> int:
        with Session(engine) as session, session.begin():
            return anna(session).id

    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(go, range(16)))) == 1
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 1
    engine.dispose()


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE person_codes SET digits = '3200001234'", "ck_person_codes_latvian_eleven_digits"),
        ("UPDATE person_codes SET digits = '320000-1234'", "ck_person_codes_digits_normal"),
        ("UPDATE person_codes SET country = ''", "ck_person_codes_country_said"),
        ("UPDATE person_codes SET kind = 'XXX'", "ck_person_codes_kind_known"),
        ("UPDATE people SET surname = ' '", "ck_people_named"),
    ],
)
def test_the_database_refuses_what_the_rules_refuse(session: Session, statement: str, constraint: str) -> None:
    anna(session)
    with pytest.raises(IntegrityError, match=constraint):
        session.execute(text(statement))
