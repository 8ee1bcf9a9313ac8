"""The application that is filled in names the head of the new place where one is recorded; no code of theirs."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from builders.iam.register import BY_REVIEWER, person
from iam.institutions import service as institutions
from iam.institutions.entitlements import record_signatory
from iam.institutions.models import Capacity
from tests.workflows.reorganisation.office import DAY, JOINED, Office
from workflows.application import prefilled
from workflows.application.models import PrefilledDraft

A, C = "i-4113900001", "i-4213900003"
EVE = DAY - timedelta(days=1)
Entry = tuple[str, str, Capacity, date | None, date | None]
ILZE: Entry = ("Ilze Kalna", C, Capacity.HEAD, None, None)
BLANK = {"personal_code": "", "position": "", "email": ""}


def recorded(office: Office, *entries: Entry) -> None:
    with office.sessions.begin() as session:
        for name, place, capacity, since, until in entries:
            record_signatory(
                session,
                scope_id=institutions.scope_by_code(session, place).id,
                person_id=person(session, name).id,
                capacity=capacity,
                since=since,
                until=until,
                source="reģistrs",
                email="skola@skola.example",
                origin=BY_REVIEWER,
                at=office.now,
            )


def head(office: Office) -> dict[str, object] | None:
    with office.sessions() as session:
        return session.scalars(select(PrefilledDraft)).one().application.answers.get("head")


@pytest.mark.parametrize(
    ("entries", "known"),
    [
        ([ILZE], True),
        ([(*ILZE[:3], DAY, None)], True),
        ([(*ILZE[:3], None, DAY)], True),
        ([(ILZE[0], C, Capacity.ACTING_HEAD, DAY, None)], True),
        ([ILZE, ("Juris Egle", C, Capacity.HEAD, None, EVE)], True),
        ([ILZE, ("Juris Egle", A, Capacity.HEAD, None, None)], True),
        ([], False),
        ([(ILZE[0], A, Capacity.HEAD, None, None)], False),
        ([(*ILZE[:3], None, EVE)], False),
        ([(*ILZE[:3], DAY + timedelta(days=1), None)], False),
        ([(ILZE[0], C, Capacity.POWER_OF_ATTORNEY, None, None)], False),
        ([ILZE, ("Juris Egle", C, Capacity.ACTING_HEAD, None, None)], False),
    ],
)
def test_the_head_recorded_for_the_first_day_is_named(office: Office, entries: list[Entry], *, known: bool) -> None:
    office.give(office.account("Anna Bērziņa"), A)
    recorded(office, *entries)
    _, proposal = office.approved(JOINED)
    office.tell(proposal)
    assert head(office) == ({"given_name": "Ilze", "surname": "Kalna", **BLANK} if known else None)


@pytest.mark.parametrize("typed", [{}, {"given_name": "Uldis", "surname": "Ozols", **BLANK}])
def test_a_later_link_names_who_was_recorded_meanwhile_and_leaves_what_was_typed(
    office: Office, typed: dict[str, str]
) -> None:
    anna = office.account("Anna Bērziņa")
    office.give(anna, A)
    _, proposal = office.approved(JOINED)
    office.tell(proposal)
    assert head(office) is None
    recorded(office, ILZE)
    with office.sessions.begin() as session:
        draft = session.scalars(select(PrefilledDraft)).one()
        if typed:
            draft.application.answers = {**draft.application.answers, "head": typed}
        account = session.merge(anna)
        assert prefilled.link_to(session, draft, account, base_url="https://viis.test", at=office.now)
    assert head(office) == (typed or {"given_name": "Ilze", "surname": "Kalna", **BLANK})
