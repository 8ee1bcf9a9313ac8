"""What may happen between a plan on a page and the day it is carried out on."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from builders.iam.register import BY_REVIEWER
from iam.audit import Door
from iam.grants import service as grants
from iam.grants.models import Account, EndCause, Grant
from iam.ids import OrderId
from iam.orders import service as orders
from iam.orders.states import OrderState
from iam.periods import midnight_in_riga
from tests.workflows.reorganisation.office import DAY, JOINED, SYSTEM, Office
from workflows import database, staff
from workflows.proposals.errors import NotApprover, NotOpen, RestsOnChanged, SamePerson, SeenOtherwise
from workflows.reorganisation import approving
from workflows.staff import Role

A, C = "i-4113900001", "i-4213900003"


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    engine = database.engine(database_url)
    made = Office(database.session_factory(engine))
    made.open(tmp_path)
    made.give(made.account("Anna Bērziņa"), A)
    yield made
    engine.dispose()


def digest_on_page(office: Office, ids: list[OrderId]) -> str:
    with office.sessions() as session:
        return approving.foreseen_for(session, [orders.order_with(session, one) for one in ids]).digest


def propose_as_seen(office: Office, ids: list[OrderId], seen: str) -> int:
    with office.sessions.begin() as session:
        return approving.propose(
            session, ids, by="inese.kalna", origin=BY_REVIEWER, at=office.now, reason="rīkojums", seen=seen
        ).id


def end_right_of(office: Office, username: str, last_day: date) -> None:
    with office.sessions.begin() as session:
        held = select(Grant).join(Account, Account.id == Grant.account_id).where(Account.username == username)
        grants.end(
            session,
            session.scalars(held).one(),
            last_day=last_day,
            cause=EndCause.HEAD,
            origin=BY_REVIEWER,
            at=office.now,
        )


def set_roles(office: Office, username: str, *roles: Role) -> None:
    with office.sessions.begin() as session:
        staff.add(session, username, name=username, roles=roles, by=SYSTEM, door=Door.CLI, at=office.now)


def test_a_plan_whose_page_was_open_for_a_day_is_proposed_if_nothing_changed(office: Office) -> None:
    ids = office.record(JOINED)
    seen = digest_on_page(office, ids)
    office.pass_days(1)
    office.confirm(propose_as_seen(office, ids, seen))
    assert office.states() == {"1-3/7": OrderState.APPROVED}


def test_a_plan_whose_page_was_open_while_rights_changed_is_not_proposed(office: Office) -> None:
    ids = office.record(JOINED)
    seen = digest_on_page(office, ids)
    office.pass_days(1)
    office.give(office.account("Zane Kalna"), A)
    with pytest.raises(SeenOtherwise):
        propose_as_seen(office, ids, seen)


def test_a_proposal_nobody_decided_on_in_time_is_over(office: Office) -> None:
    proposal = office.propose(office.record(JOINED.replace("2026-09-01", "2027-09-01")))
    office.pass_days(200)
    with pytest.raises(NotOpen):
        office.confirm(proposal)
    assert office.states() == {"1-3/7": OrderState.DRAFTED}


def test_a_right_that_ended_a_second_before_the_confirmation_is_named(office: Office) -> None:
    proposal = office.propose(office.record(JOINED))
    office.now += timedelta(seconds=1)
    end_right_of(office, "anna.berzina", date(2026, 8, 25))
    with pytest.raises(RestsOnChanged) as changed:
        office.confirm(proposal)
    assert changed.value.names == ("rights",)


def test_a_right_that_somebody_ended_a_second_before_it_is_carried_out_is_left_alone(office: Office) -> None:
    office.give(office.account("Zane Kalna"), A)
    _, proposal = office.approved(JOINED)
    office.now = midnight_in_riga(DAY) - timedelta(seconds=1)
    end_right_of(office, "anna.berzina", date(2026, 8, 30))
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    assert office.states() == {"1-3/7": OrderState.APPLIED}
    with office.sessions() as session:
        held = {
            account.username: grants.history(session, account.id)[0].end_cause
            for account in session.scalars(select(Account))
        }
    assert held == {"anna.berzina": EndCause.HEAD, "zane.kalna": EndCause.REORGANISATION}
    assert office.mails("rights_ended") == ["zane@skola.example"]


def test_somebody_with_rights_on_both_sides_keeps_those_of_the_place_that_goes_on(office: Office) -> None:
    both = office.account("Zane Kalna")
    office.give(both, A, "learners", "staff")
    office.give(both, C, "learners")
    before = office.held()
    ids, proposal = office.approved(JOINED)
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    assert office.held() == {("zane.kalna", C, "learners", "edit")}
    office.pass_days(1)
    back = office.propose_undo(ids)
    office.confirm(back)
    office.undo(back)
    assert office.held() == before


def test_the_second_person_is_another_one_and_an_approver_at_that_moment(office: Office) -> None:
    set_roles(office, "inese.kalna", Role.REVIEWER, Role.APPROVER)
    proposal = office.propose(office.record(JOINED))
    with pytest.raises(SamePerson):
        office.confirm(proposal, "inese.kalna")
    set_roles(office, "valdis.upe", Role.AUDITOR)
    with pytest.raises(NotApprover):
        office.confirm(proposal, "valdis.upe")
    assert office.states() == {"1-3/7": OrderState.DRAFTED}
    set_roles(office, "valdis.upe", Role.APPROVER)
    office.confirm(proposal, "valdis.upe")


def test_what_somebody_proposed_who_may_not_any_more_is_not_confirmed(office: Office) -> None:
    proposal = office.propose(office.record(JOINED))
    set_roles(office, "inese.kalna", Role.AUDITOR)
    with pytest.raises(RestsOnChanged) as changed:
        office.confirm(proposal)
    assert changed.value.names == ("proposer",)
