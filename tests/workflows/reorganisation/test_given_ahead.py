"""What was given on an order's applications, or in a place it founds, when the order is repealed or undone."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from builders.iam.register import BY_REVIEWER, person
from iam.audit import Actor, ActorKind, AuditEntry
from iam.grants import service as grants
from iam.grants.evidence import PaperSeenByTwo
from iam.grants.models import Account, GrantPeriod, Level
from iam.ids import OrderId
from iam.institutions import service as institutions
from iam.institutions.entitlements import record_signatory
from iam.institutions.models import Capacity
from iam.orders import service as orders
from iam.orders.states import OrderState
from iam.orders.unfounded import unfounded
from tests.workflows.reorganisation.office import AT, DAY, JOINED, Office
from tests.workflows.reorganisation.test_told_ahead import A, C, mail_to
from workflows.application.models import PrefilledDraft
from workflows.reorganisation.taking_back import repeal
from workflows.reorganisation.undo_changes import UndoFate
from workflows.reorganisation.undo_foreseen import foresee_undo

NEW = "i-4113900077"
TRANSFORMED = "1-3/7,Domes lēmums,2026-09-01,transformed,4113900001,4113900077=Jaunā skola,,\n"
LATER = DAY + timedelta(days=60)


def told(office: Office, lines: str, *names: str) -> tuple[list[Account], list[OrderId], int]:
    """Give each a right at the school that ends, and have everybody told."""
    people = [office.account(name) for name in names or ("Anna Bērziņa",)]
    for one in people:
        office.give(one, A)
    ids, proposal = office.approved(lines)
    office.tell(proposal)
    return people, ids, proposal


def give_on_application(office: Office, account: Account, place: str, *, since: date = DAY) -> None:
    """Give a right on the application that was filled in for the holder."""
    with office.sessions.begin() as session:
        draft = session.scalars(select(PrefilledDraft).where(PrefilledDraft.account_id == account.id)).one()
        one, two = Actor(ActorKind.STAFF, "inese.kalna"), Actor(ActorKind.STAFF, "valdis.upe")
        grants.give(
            session,
            "learners",
            Level.EDIT,
            to=session.get_one(Account, account.id),
            at_scope=institutions.scope_by_code(session, place).id,
            since=since,
            until=None,
            because=PaperSeenByTwo(draft.application_id, one, two, AT.date()),
            origin=BY_REVIEWER,
            at=office.now,
        )


def repealed(office: Office, ids: list[OrderId]) -> None:
    with office.sessions.begin() as session:
        rows = [orders.order_with(session, one) for one in ids]
        repeal(session, rows, origin=BY_REVIEWER, at=office.now, reason="tiesa")
    office.take_back(ids)


def undone(office: Office, ids: list[OrderId], proposal: int, *, after: int = 7) -> None:
    office.now = office.now.replace(month=9, day=1)
    office.carry_out(proposal)
    office.pass_days(after)
    back = office.propose_undo(ids)
    office.confirm(back)
    office.undo(back)
    office.take_back(ids)
    assert set(office.states().values()) == {OrderState.UNDONE}


def places(office: Office, day: date) -> set[tuple[str, str]]:
    return {(name, place) for name, place, *_ in office.held(day)}


def gone(office: Office) -> bool:
    with office.sessions() as session:
        return NEW in unfounded(session)


@pytest.mark.parametrize("by_hand", [True, False], ids=["given by hand", "on the application"])
def test_a_repeal_ends_every_right_in_the_place_that_does_not_come(office: Office, *, by_hand: bool) -> None:
    (anna,), ids, _ = told(office, TRANSFORMED)
    if by_hand:
        office.give(anna, NEW, "learners", "staff", since=DAY)
    else:
        give_on_application(office, anna, NEW)
    repealed(office, ids)
    assert places(office, LATER) == {(anna.username, A)}
    assert gone(office)
    assert office.mails("order_taken_back") == ["anna@skola.example"], "one mail"
    assert office.mails("rights_ended") == []
    said = mail_to(office, "anna@skola.example", "order_taken_back")
    ended = said.partition("tāpēc šīs jūsu tiesības")[2].partition("Jūsu tiesības:")[0]
    assert "Jaunā skola" in ended
    assert "Aldas" in said.partition("tāpēc šīs jūsu tiesības")[0], "those of before do not end"
    with office.sessions() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.tag == "grant:ended")).all()
    assert entries
    assert all("tiesa" in str(one.details) and "1-3/7" in str(one.details) for one in entries)
    office.approved(TRANSFORMED.replace("1-3/7", "1-3/8"))


def test_a_repeal_tells_whoever_got_a_right_there_and_was_told_of_nothing_else(office: Office) -> None:
    _, ids, _ = told(office, TRANSFORMED)
    zane = office.account("Zane Kalna")
    office.give(zane, NEW, since=DAY)
    repealed(office, ids)
    assert places(office, LATER) == {("anna.berzina", A)}
    said = mail_to(office, "zane@skola.example", "order_taken_back")
    assert "Jaunā skola" in said
    assert "neizbeidz" not in said, "nothing else of hers was to end"
    assert "Šobrīd jums nav" in said


def test_a_repeal_leaves_what_was_given_in_a_place_that_exists(office: Office) -> None:
    (anna,), ids, _ = told(office, JOINED)
    give_on_application(office, anna, C)
    repealed(office, ids)
    assert places(office, LATER) == {(anna.username, A), (anna.username, C)}
    held = mail_to(office, "anna@skola.example", "order_taken_back").partition("Jūsu tiesības:")[2]
    assert "Cīruļu" in held or "no 01.09.2026" in held, "she reads that she holds both"


def test_a_repeal_ends_rights_though_somebody_is_entitled_to_sign_there(office: Office) -> None:
    (anna,), ids, _ = told(office, TRANSFORMED)
    may_sign(office)
    give_on_application(office, anna, NEW)
    repealed(office, ids)
    assert places(office, LATER) == {(anna.username, A)}
    assert gone(office)


def may_sign(office: Office) -> None:
    with office.sessions.begin() as session:
        record_signatory(
            session,
            scope_id=institutions.scope_by_code(session, NEW).id,
            person_id=person(session, "Ilze Kalna").id,
            capacity=Capacity.HEAD,
            since=DAY,
            until=None,
            source="rīkojums",
            origin=BY_REVIEWER,
            at=office.now,
        )


def test_undoing_ends_what_was_given_on_its_applications_in_the_one_mail(office: Office) -> None:
    people, ids, proposal = told(office, TRANSFORMED, "Anna Bērziņa", "Zane Kalna")
    for one in people:
        give_on_application(office, one, NEW)
    undone(office, ids, proposal)
    assert places(office, LATER) == {(one.username, A) for one in people}
    assert gone(office)
    assert office.mails("rights_again") == ["anna@skola.example", "zane@skola.example"]
    assert office.mails("order_taken_back") == []
    said = mail_to(office, "anna@skola.example", "rights_again")
    assert "Jaunā skola" in said.partition("tāpēc šīs jūsu tiesības")[2]
    with office.sessions() as session:
        week = session.scalars(select(GrantPeriod.valid).where(func.upper_inf(GrantPeriod.recorded))).all()
    assert [one for one in week if (one.lower, one.upper) == (DAY, DAY + timedelta(days=7))], "the week is on record"
    office.approved(TRANSFORMED.replace("1-3/7", "1-3/8").replace("2026-09-01", "2026-10-01"))


def test_undoing_tells_whose_right_ends_though_nothing_comes_again(office: Office) -> None:
    (anna,), ids, proposal = told(office, TRANSFORMED)
    give_on_application(office, anna, NEW)
    office.now = office.now.replace(month=9, day=1)
    office.carry_out(proposal)
    office.pass_days(3)
    office.give(anna, A, since=DAY + timedelta(days=2))  # so the right of before does not come again
    back = office.propose_undo(ids)
    office.confirm(back)
    office.undo(back)
    assert places(office, LATER) == {(anna.username, A)}
    assert office.mails("rights_again") == []
    assert "Rīkojuma 1-3/7, Domes lēmums izpilde ir atsaukta" in mail_to(office, "anna@skola.example", "rights_ended")


def foreseen(office: Office, ids: list[OrderId]) -> set[tuple[UndoFate, str, str]]:
    with office.sessions() as session:
        rows = [orders.order_with(session, one) for one in ids]
        made = foresee_undo(session, rows, today=office.now.date())
        return {(one.fate, one.why, one.scope) for one in made.changes}


@pytest.mark.parametrize("keeps", ["nothing", "another right", "a head"])
def test_undoing_lists_what_ends_and_what_stays_beforehand(office: Office, keeps: str) -> None:
    (anna,), ids, proposal = told(office, TRANSFORMED)
    give_on_application(office, anna, NEW)
    if keeps == "another right":
        office.give(office.account("Zane Kalna"), NEW, since=DAY)
    if keeps == "a head":
        may_sign(office)
    office.now = office.now.replace(month=9, day=1)
    office.carry_out(proposal)
    office.pass_days(7)
    said = foreseen(office, ids)
    goes = keeps == "nothing"
    assert ((UndoFate.RIGHT_ENDS, "place_goes", NEW) in said) == goes
    assert ((UndoFate.RIGHT_STAYS, "given_since", NEW) in said) != goes
    assert ((UndoFate.PLACE_STAYS, "in_use" if goes else "goes_on", NEW)) in said
    back = office.propose_undo(ids)
    office.confirm(back)
    office.undo(back)
    assert ((anna.username, NEW) in places(office, LATER)) != goes
    assert gone(office) == goes


def test_undoing_lists_and_leaves_what_was_given_at_a_school_that_was_there(office: Office) -> None:
    (anna,), ids, proposal = told(office, JOINED)
    give_on_application(office, anna, C)
    office.give(office.account("Zane Kalna"), C, since=DAY)
    office.now = office.now.replace(month=9, day=1)
    office.carry_out(proposal)
    office.pass_days(7)
    said = [one for one in foreseen(office, ids) if one[0] in {UndoFate.RIGHT_STAYS, UndoFate.RIGHT_ENDS}]
    assert said == [(UndoFate.RIGHT_STAYS, "given_ahead", C)], "Zane's rests on no application of the order"
    back = office.propose_undo(ids)
    office.confirm(back)
    office.undo(back)
    assert places(office, LATER) >= {(anna.username, A), (anna.username, C)}
