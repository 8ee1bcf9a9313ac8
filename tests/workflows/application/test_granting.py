"""Who is registered by an approval, and in which order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from builders.workflows.office import INESE, REGISTER, SCHOOL, Office
from builders.workflows.policy_numbers import set_numbers
from iam.audit import Origin
from iam.institutions.models import Municipality
from iam.institutions.service import municipalities
from iam.people import service as people
from iam.people.models import Person
from iam.people.rules import PersonalCode
from workflows.application import parties
from workflows.application.errors import NotNow
from workflows.application.kinds.grant.stated import Stated
from workflows.application.models import Application

AT = datetime(2026, 11, 28, 12, tzinfo=UTC)


def test_of_two_approvals_that_cross_neither_waits_for_the_other(
    office: Office, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.sessions() as reading:
        stated = Stated.from_json(reading.get_one(Application, office.submit().id).stated or {})
    crossed = replace(stated, head=stated.user, user=stated.head)
    held: list[str] = []
    registered = people.register

    def register(
        session: Session, *, code: PersonalCode, given_name: str, surname: str, origin: Origin, at: datetime
    ) -> Person:
        held.append(code.digits)
        return registered(session, code=code, given_name=given_name, surname=surname, origin=origin, at=at)

    monkeypatch.setattr(people, "register", register)
    known = parties.registered(session, stated, origin=INESE.origin, at=AT)
    assert parties.registered(session, crossed, origin=INESE.origin, at=AT) == {
        "head": known["user"],
        "user": known["head"],
    }
    assert known["head"] != known["user"]
    assert held[:2] == held[2:], "the code both take first is the same, whoever is head"


def test_who_is_head_and_user_is_one_person(office: Office, session: Session) -> None:
    with office.sessions() as reading:
        stated = Stated.from_json(reading.get_one(Application, office.submit("head-user", "head-user").id).stated or {})
    head, user = parties.registered(session, stated, origin=INESE.origin, at=AT).values()
    assert head is user


def test_a_place_named_twice_by_its_number_and_its_code_is_given_once(office: Office) -> None:
    submitted = office.submit(scope={"places": f"{SCHOOL}\ni-{SCHOOL}"})
    office.prove(submitted)
    account = office.approve(submitted)
    assert {one.scope for one in office.rights(account)} == {f"i-{SCHOOL}"}
    assert len(office.rights(account)) == 2


def test_no_right_begins_in_a_municipality_that_has_ended(office: Office) -> None:
    with office.sessions.begin() as session:
        set_numbers(session, four_eyes_wide_scope=0)
        town = session.get_one(Municipality, municipalities(session)[0].id)
    submitted = office.submit(place=f"m-{town.id}", scope={"level": "municipality"})
    office.prove(submitted)
    with office.sessions.begin() as session:
        session.get_one(Municipality, town.id).period = Range(None, office.today + timedelta(days=1))
    with pytest.raises(NotNow):
        office.approve(submitted, signatory=replace(REGISTER, until=office.today))
    with office.sessions.begin() as session:
        session.get_one(Municipality, town.id).period = Range(None, office.today + timedelta(days=2))
    last = office.today + timedelta(days=1)
    approved = office.approve(submitted, signatory=replace(REGISTER, until=last))
    assert {one.scope for one in office.rights(approved)} == {f"m-{town.id}"}
