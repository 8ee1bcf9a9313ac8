"""An application that rights end, when an order ends the place it names: what its people read asks nothing contrary."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import select

from builders.workflows import filed
from demo.pki import Person
from iam.grants.models import Account
from iam.people.service import codes_of
from iam.periods import midnight_in_riga
from tests.workflows.reorganisation.office import AT, DAY, JOINED, URL, Office
from workflows.application import places_ended
from workflows.application.models import Application
from workflows.application.states import State
from workflows.i18n import translator
from workflows.mail import Mail

A = "4113900001"
LATER = date(2026, 9, 20)


@pytest.fixture
def account(office: Office) -> Account:
    """A user with a right in the place that ends."""
    found = office.account("Anna Bērziņa")
    office.give(found, f"i-{A}")
    return found


def applied_for(office: Office, account: Account, *, signed: bool, last_day: date = LATER) -> int:
    with office.sessions.begin() as session:
        code = codes_of(session, account.person_id)[0].written
        head = Person(key="ilze", given_name="Ilze", surname="Kalna", code="320000-00101", purpose="")
        user = Person(key="anna", given_name="Anna", surname="Bērziņa", code=code, purpose="")
        made = filed.submit_to_end(session, head, user, base_url=URL, at=AT, last_day=last_day, place=A)
        if signed:
            filed.prove(session, made, base_url=URL, at=AT)
        return made.id


def said(office: Office, number: int, language: str = "en") -> tuple[State, str]:
    with office.sessions() as session:
        one = session.get_one(Application, number)
        return one.state, places_ended.said_of(session, one).in_words(translator(language))


def mailed(office: Office) -> Iterator[str]:
    with office.sessions() as session:
        found = session.scalars(select(Mail).where(Mail.template == "application_order").order_by(Mail.id))
        yield from [one.text_body or "" for one in found]


@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
@pytest.mark.parametrize("last_day", [date(2026, 8, 31), DAY, LATER, date(2027, 6, 30)])
def test_the_head_reads_that_the_rights_end_with_the_order_and_applies_for_nothing(
    office: Office, account: Account, last_day: date, *, signed: bool
) -> None:
    number = applied_for(office, account, signed=signed, last_day=last_day)
    ids, proposal = office.approved(JOINED)
    office.tell(proposal)
    state, ahead = said(office, number)
    assert state is (State.IN_REVIEW if signed else State.AWAITING_SIGNATURES)
    assert "The rights there end with it" in ahead
    assert "goes on working" not in ahead
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    state, ended = said(office, number)
    assert state is State.WITHDRAWN
    assert "Nothing more is needed for these rights" in ended
    assert "the rights are needed" not in ended
    office.pass_days(7)
    back = office.propose_undo(ids)
    office.confirm(back)
    office.undo(back)
    office.take_back(ids)
    state, undone = said(office, number)
    assert state is State.WITHDRAWN
    assert "if they are still to end" in undone
    assert "rights are still needed" not in undone
    latvian = list(mailed(office))
    assert latvian
    assert not [one for one in latvian if "tiesības vajadzīgas" in one or "tiesības joprojām vajadzīgas" in one]
    assert any("tiesībām joprojām jābeidzas" in one for one in latvian)
