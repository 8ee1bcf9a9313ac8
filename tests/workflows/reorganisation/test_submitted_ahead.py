"""An application filled in because of an order and submitted, when that order is repealed or undone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from builders.iam.register import BY_REVIEWER
from iam.audit import Actor, ActorKind, Door
from iam.grants.evidence import PaperSeenByTwo
from iam.grants.models import Account
from iam.ids import ApplicationId, OrderId
from iam.institutions import service as institutions
from iam.orders import service as orders
from iam.orders.states import OrderState
from iam.periods import midnight_in_riga
from tests.workflows.reorganisation.office import AT, DAY, JOINED, SYSTEM, URL, Office
from tests.workflows.reorganisation.test_told_ahead import A, complete
from workflows.application import places_ended
from workflows.application.drafts import save_group, start_draft
from workflows.application.errors import NotNow
from workflows.application.kinds.grant.approval import give
from workflows.application.kinds.named_places import known_in
from workflows.application.kinds.registry import facts_of
from workflows.application.models import Application, PrefilledDraft
from workflows.application.states import State
from workflows.application.submission import submit
from workflows.mail import Mail
from workflows.reorganisation.taking_back import repeal

NEW = "4113900077"
SCHOOL = f"1-3/7,Domes lēmums,2026-09-01,transformed,4113900001,{NEW}=Jaunā skola,,\n"
NOVADS = "1-3/7,Likums,2026-09-01,merged,0099000|0099100,0099200=Jaunais novads,,\n"
TakeBack = Callable[[Office, list[OrderId], int], None]


def by_repeal(office: Office, ids: list[OrderId], proposal: int) -> None:
    del proposal
    with office.sessions.begin() as session:
        rows = [orders.order_with(session, one) for one in ids]
        repeal(session, rows, origin=BY_REVIEWER, at=office.now, reason="tiesa")
    office.take_back(ids)


def by_undoing(office: Office, ids: list[OrderId], proposal: int) -> None:
    office.now = office.now.replace(month=9, day=1)
    office.carry_out(proposal)
    office.pass_days(7)
    back = office.propose_undo(ids)
    office.confirm(back)
    office.undo(back)
    assert set(office.states().values()) == {OrderState.UNDONE}
    office.take_back(ids)


WAYS = pytest.mark.parametrize("take_back", [by_repeal, by_undoing], ids=["repealed", "undone"])


def told(office: Office, lines: str, place: str = A) -> tuple[list[OrderId], int]:
    office.give(office.account("Anna Bērziņa"), place)
    ids, proposal = office.approved(lines)
    office.tell(proposal)
    return ids, proposal


def submitted(office: Office) -> int:
    with office.sessions.begin() as session:
        application = session.scalars(select(PrefilledDraft)).one().application
        for step, given in complete(session, application.answers).items():
            assert save_group(session, application, step, given, at=AT)
        submit(session, application, base_url=URL, door=Door.WEB, at=AT)
        return application.id


def state_of(office: Office, number: int) -> State:
    with office.sessions() as session:
        return session.scalars(select(Application.state).where(Application.id == number)).one()


def mails(office: Office) -> list[tuple[str, str]]:
    with office.sessions() as session:
        found = session.scalars(select(Mail).where(Mail.template == "application_order").order_by(Mail.to_address))
        return [(one.to_address, one.text_body or "") for one in found]


def said_of(office: Office, number: int) -> str:
    with office.sessions() as session:
        return str(places_ended.said_of(session, session.get_one(Application, number)))


def town(office: Office, name: str = "Cīruļu novads") -> str:
    with office.sessions() as session:
        return f"m-{next(one.id for one in institutions.municipalities(session, on=AT.date()) if one.name == name)}"


@WAYS
@pytest.mark.parametrize("lines", [SCHOOL, NOVADS], ids=["school", "novads"])
def test_it_is_withdrawn_with_the_reason_where_its_place_goes(office: Office, lines: str, take_back: TakeBack) -> None:
    ids, proposal = told(office, lines, A if lines is SCHOOL else town(office))
    number = submitted(office)
    take_back(office, ids, proposal)
    assert state_of(office, number) is State.WITHDRAWN
    assert [to for to, _ in mails(office)] == ["anna@skola.example", "ilze@skola.example"], "the head reads it too"
    for _, text in mails(office):
        assert "1-3/7" in text
        assert ("Jaunā skola" if lines is SCHOOL else "Jaunais novads") in text
    assert "does not exist" in said_of(office, number)
    office.take_back(ids)
    assert len(mails(office)) == 2, "once"


@WAYS
def test_it_goes_on_where_its_place_is_there_and_its_people_read_that_the_order_does_not_hold(
    office: Office, take_back: TakeBack
) -> None:
    ids, proposal = told(office, JOINED)
    number = submitted(office)
    take_back(office, ids, proposal)
    assert state_of(office, number) is State.AWAITING_SIGNATURES
    assert [to for to, _ in mails(office)] == ["anna@skola.example", "ilze@skola.example"]
    assert all("1-3/7" in text for _, text in mails(office))
    assert "because of which this application was filled in" in said_of(office, number), "the reviewer reads it"
    office.take_back(ids)
    assert len(mails(office)) == 2, "once"


@WAYS
def test_a_place_that_something_keeps_keeps_the_application_too(office: Office, take_back: TakeBack) -> None:
    ids, proposal = told(office, SCHOOL)
    number = submitted(office)
    office.give(office.account("Zane Kalna"), f"i-{NEW}", since=DAY)
    take_back(office, ids, proposal)
    kept = take_back is by_undoing
    assert state_of(office, number) is (State.AWAITING_SIGNATURES if kept else State.WITHDRAWN)


@WAYS
def test_the_corrected_order_is_recorded_and_told_anew(office: Office, take_back: TakeBack) -> None:
    ids, proposal = told(office, SCHOOL)
    submitted(office)
    take_back(office, ids, proposal)
    again = SCHOOL.replace("1-3/7", "1-3/8").replace("2026-09-01", "2026-10-01")
    _, proposal = office.approved(again)
    office.tell(proposal)
    with office.sessions() as session:
        places = session.scalars(select(PrefilledDraft.place)).all()
        states = session.scalars(select(Application.state).order_by(Application.id)).all()
    assert places == [f"i-{NEW}"] * 2
    assert states == [State.WITHDRAWN, State.DRAFT]


@WAYS
def test_a_draft_that_somebody_else_began_for_the_place_is_withdrawn_without_a_mail(
    office: Office, take_back: TakeBack
) -> None:
    ids, proposal = told(office, SCHOOL)
    submitted(office)  # so that the place is not forgotten
    with office.sessions.begin() as session:
        kind = session.scalars(select(Application.kind)).first() or ""
        began = start_draft(session, kind=kind, language="lv", door=Door.WEB, at=AT).application
        began.answers = {"institution": {"place": NEW}}
        number = began.id
    take_back(office, ids, proposal)
    assert state_of(office, number) is State.WITHDRAWN
    assert len(mails(office)) == 2
    assert "does not exist" in said_of(office, number)


@WAYS
def test_what_never_came_is_no_place_to_apply_for_and_nothing_is_approved_there(
    office: Office, take_back: TakeBack
) -> None:
    ids, proposal = told(office, SCHOOL)
    number = submitted(office)
    take_back(office, ids, proposal)
    with office.sessions() as session:
        for day in (AT.date(), DAY, DAY + timedelta(days=1)):
            assert not known_in(session, {"place": NEW, "places": []}, on=day)
        stated: Any = facts_of(session.get_one(Application, number))
        anna = session.scalars(select(Account)).one()
        seen = PaperSeenByTwo(ApplicationId(number), SYSTEM, Actor(ActorKind.STAFF, "inese.kalna"), AT.date())
        for at in (AT, midnight_in_riga(DAY)):
            with pytest.raises(NotNow, match="does not hold"):
                give(session, stated, to=anna, because=seen, origin=BY_REVIEWER, at=at)  # type: ignore[arg-type]
