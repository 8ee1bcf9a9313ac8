"""Whoever was told of an order that is repealed or undone is told again; drafts and applications follow orders."""

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select, text

from builders.iam.codes import invented_code
from builders.iam.register import BY_REVIEWER, person
from builders.workflows import filed
from demo.pki import Person
from iam.audit import Door
from iam.ids import OrderId
from iam.institutions import service as institutions
from iam.institutions.entitlements import record_signatory
from iam.institutions.models import Capacity, Institution
from iam.orders import service as orders
from iam.orders.states import OrderState
from iam.periods import midnight_in_riga
from tests.workflows.reorganisation.office import AT, DAY, JOINED, URL, Office
from tests.workflows.reorganisation.test_killed import stumble
from workflows.application import drafts, places_ended
from workflows.application.kinds.registry import for_rights
from workflows.application.models import Application, PrefilledDraft
from workflows.application.states import State
from workflows.i18n import translator
from workflows.jobs import defer, drain
from workflows.mail import Mail
from workflows.reorganisation import taking_back
from workflows.rights.projection import PROJECT_ALL
from workflows.settings import Settings

A, B, C = "i-4113900001", "i-4101900002", "i-4213900003"
FOUNDED = "1-3/8,Domes lēmums,2026-09-01,transformed,4113900001,4113900009=Aldas ģimnāzija,,\n"
CLOSED = "1-3/9,Domes lēmums,2026-09-01,closed,4113900001,,,\n"


def repeal(office: Office, ids: list[OrderId]) -> None:
    with office.sessions.begin() as session:
        rows = [orders.order_with(session, one) for one in ids]
        taking_back.repeal(session, rows, origin=BY_REVIEWER, at=office.now, reason="Satversmes tiesa")


def draft(office: Office, place: str, *, kind: str = for_rights().name) -> str:
    with office.sessions.begin() as session:
        made = drafts.start_draft(session, kind=kind, language="lv", door=Door.WEB, at=AT).application
        assert drafts.save_group(session, made, "institution", {"place": place}, at=AT)
        return made.reference


def submitted(office: Office, place: str) -> str:
    def someone(name: str) -> Person:
        given, surname = name.split()
        return Person(
            key=given.lower(), given_name=given, surname=surname, code=invented_code(name).written, purpose=""
        )

    with office.sessions.begin() as session:
        head, user = someone("Ilze Kalna"), someone("Anna Liepa")
        return filed.submit(session, head, user, base_url=URL, at=AT, place=place).reference


def standing(office: Office, reference: str) -> tuple[State, object, str]:
    """How an application stands, the institution it names, and what its pages say of orders."""
    with office.sessions() as session:
        one = session.scalars(select(Application).where(Application.reference == reference)).one()
        said = places_ended.said_of(session, one).in_words(translator("en"))
        return one.state, one.answers.get("institution", {}).get("place"), said


def test_an_order_repealed_before_its_day_is_told_to_everybody_who_was_told_of_it(office: Office) -> None:
    anna = office.account("Anna Bērziņa")
    office.give(anna, A, "learners", "staff")
    with office.sessions.begin() as session:
        record_signatory(
            session,
            scope_id=institutions.scope_by_code(session, A).id,
            person_id=person(session, "Ilze Kalna").id,
            capacity=Capacity.HEAD,
            since=None,
            until=None,
            source="reģistrs",
            email="ilze@skola.example",
            origin=BY_REVIEWER,
            at=AT,
        )
    before = office.held(DAY)
    ids, proposal = office.approved(FOUNDED)
    office.tell(proposal)
    assert office.mails("order_ahead") == ["anna@skola.example", "ilze@skola.example"]
    repeal(office, ids)
    assert office.take_back(ids) > 0
    assert office.mails("order_taken_back") == ["anna@skola.example", "ilze@skola.example"]
    assert office.take_back(ids) == 0, "once"
    office.now = midnight_in_riga(DAY)
    assert office.carry_out(proposal) == 0
    assert office.held() == before
    with office.sessions() as session:
        (filled,) = session.scalars(select(PrefilledDraft))
        assert (filled.application.state, filled.application.answers) == (State.WITHDRAWN, {})
        assert session.scalar(select(Institution.id).where(Institution.reg_no == "4113900009")) is None
        (said,) = session.scalars(select(Mail.text_body).where(Mail.template == "order_taken_back").limit(1))
        assert "sagatavojuši" in (said or "")
    # Decided anew, it is told anew.
    _, again = office.approved(FOUNDED.replace("2026-09-01", "2026-10-01"))
    office.tell(again)
    assert len(office.mails("order_ahead")) == 4


def test_an_order_undone_later_is_told_once_to_each_whether_rights_had_ended_or_not(office: Office) -> None:
    anna, zane = office.account("Anna Bērziņa"), office.account("Zane Kalna")
    office.give(anna, A)
    office.give(zane, A, until=DAY + timedelta(days=2))
    ids, proposal = office.approved(JOINED)
    office.tell(proposal)
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    office.pass_days(7)
    back = office.propose_undo(ids)
    office.confirm(back)
    office.undo(back)
    office.take_back(ids)
    assert office.mails("rights_again") == ["anna@skola.example"]
    assert office.mails("order_taken_back") == ["zane@skola.example"], "hers would be over by now"
    with office.sessions() as session:
        states = {one.application.state for one in session.scalars(select(PrefilledDraft))}
        assert states == {State.WITHDRAWN}


def test_killed_at_random_points_everybody_is_told_again_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking_back, "_CHUNK", 1)
    names = ("Anna Bērziņa", "Zane Kalna", "Valdis Ozols", "Ilze Liepa", "Inta Upe", "Juris Egle")
    for name in names:
        office.give(office.account(name), A, "learners", "staff")
    ids, proposal = office.approved(JOINED)
    office.tell(proposal)
    repeal(office, ids)
    random = Random(2)  # noqa: S311 - the same deaths each time
    assert stumble(office, ids[0], random, taking_back.step) > 3
    told = office.mails("order_taken_back")
    assert len(told) == len(set(told)) == len(names)


def test_a_draft_goes_on_for_the_one_successor_from_the_day_on_and_comes_back(office: Office) -> None:
    mine = draft(office, "4113900001")
    ids, proposal = office.approved(JOINED)
    office.tell(proposal)
    state, place, said = standing(office, mine)
    assert (state, place) == (State.DRAFT, "4113900001"), "until the day the place exists"
    assert "goes on for another institution" in said
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    state, place, said = standing(office, mine)
    assert (state, place) == (State.DRAFT, C)
    assert "check what you typed" in said
    office.pass_days(1)
    back = office.propose_undo(ids)
    office.confirm(back)
    office.undo(back)
    office.take_back(ids)
    state, place, said = standing(office, mine)
    assert (state, place) == (State.DRAFT, A)
    assert "again" in said


def test_a_draft_that_asks_for_the_end_of_rights_is_withdrawn_with_its_place_and_ends_none_at_the_successor(
    office: Office,
) -> None:
    mine, other = draft(office, "4113900001", kind="revocation"), draft(office, "4113900001")
    ids, proposal = office.approved(JOINED)
    office.tell(proposal)
    state, place, said = standing(office, mine)
    assert (state, place) == (State.DRAFT, "4113900001")
    assert "The rights there end with it" in said
    assert "goes on for another institution" not in said
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    state, place, said = standing(office, mine)
    assert (state, place) == (State.WITHDRAWN, None)
    assert "the rights there with it, so the application was withdrawn" in said
    assert standing(office, other)[:2] == (State.DRAFT, C), "one that asks for rights goes on"
    office.pass_days(1)
    back = office.propose_undo(ids)
    office.confirm(back)
    office.undo(back)
    office.take_back(ids)
    state, place, said = standing(office, mine)
    assert (state, place) == (State.WITHDRAWN, None)
    assert "may be held again" in said


def test_a_school_is_closed_with_an_open_application_and_a_draft(office: Office) -> None:
    signed, mine, elsewhere = submitted(office, "4113900001"), draft(office, "4113900001"), draft(office, "4101900002")
    ids, proposal = office.approved(CLOSED)
    assert office.tell(proposal) == 1
    assert len(office.mails("application_order")) == 2, "head and user, each once"
    state, _, said = standing(office, signed)
    assert state is State.AWAITING_SIGNATURES
    assert "its last day is 31.08.2026" in said
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    assert office.states() == {"1-3/9": OrderState.APPLIED}
    state, _, said = standing(office, signed)
    assert state is State.WITHDRAWN
    assert "was withdrawn" in said
    assert len(office.mails("application_order")) == 4
    assert standing(office, mine)[:2] == (State.WITHDRAWN, None)
    assert standing(office, elsewhere) == (State.DRAFT, "4101900002", "")
    office.pass_days(1)
    back = office.propose_undo(ids)
    office.confirm(back)
    office.undo(back)
    office.take_back(ids)
    assert len(office.mails("application_order")) == 6
    state, _, said = standing(office, signed)
    assert state is State.WITHDRAWN
    assert "stays so" in said
    office.take_back(ids)
    assert len(office.mails("application_order")) == 6


def test_an_application_told_of_an_order_goes_on_when_it_is_repealed(office: Office) -> None:
    signed = submitted(office, "4113900001")
    ids, proposal = office.approved(CLOSED)
    office.tell(proposal)
    repeal(office, ids)
    office.take_back(ids)
    assert standing(office, signed) == (State.AWAITING_SIGNATURES, "4113900001", "")
    assert len(office.mails("application_order")) == 4


def test_the_telling_waits_while_rights_of_many_are_on_their_way(office: Office, database_url: str) -> None:
    anna = office.account("Anna Bērziņa")
    office.give(anna, A)
    ids, proposal = office.approved(FOUNDED)
    office.tell(proposal)
    repeal(office, ids)
    settings = Settings.model_validate({"database_url": database_url, "base_url": URL})
    with office.sessions.begin() as session:
        session.execute(text("DELETE FROM procrastinate_jobs WHERE queue_name <> 'default'"))
        elsewhere = defer(session, PROJECT_ALL, account_ids=[])
        session.execute(
            text("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = :another_workers"),
            {"another_workers": elsewhere},
        )
    drain(settings)
    assert office.mails("order_taken_back") == []
    with office.sessions.begin() as session:
        session.execute(text("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE status = 'doing'"))
        session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'"))
    drain(settings)
    assert office.mails("order_taken_back") == ["anna@skola.example"]
